//! The SQL that people may type: the engine's, with the JSON operators of Postgres. The parser's generic
//! dialect lets these bind looser than a comparison, so that `a ->> 'b' = 'c'` would look for the
//! member that `'b' = 'c'` names.

use std::any::TypeId;

use datafusion::sql::sqlparser::{
    dialect::{Dialect, GenericDialect, Precedence},
    parser::{Parser, ParserError},
    tokenizer::{Token, TokenWithSpan, Tokenizer, TokenizerError},
};

/// The parser's generic dialect, but for the precedence of JSON operators.
#[derive(Debug, Default)]
pub(crate) struct JsonDialect;

/// What the generic dialect decides by itself.
macro_rules! generic {
    ($($name:ident)*) => { $(fn $name(&self) -> bool { GenericDialect.$name() })* };
}

impl Dialect for JsonDialect {
    fn dialect(&self) -> TypeId {
        GenericDialect.dialect()
    }

    fn get_next_precedence(&self, parser: &Parser<'_>) -> Option<Result<u8, ParserError>> {
        let binds = matches!(
            parser.peek_token_ref().token,
            Token::Arrow
                | Token::LongArrow
                | Token::HashArrow
                | Token::HashLongArrow
                | Token::Question
        );
        // Tighter than arithmetic and concatenation, looser than a cast.
        binds.then(|| Ok(self.prec_value(Precedence::AtTz) + 1))
    }

    fn is_delimited_identifier_start(&self, character: char) -> bool {
        GenericDialect.is_delimited_identifier_start(character)
    }

    fn is_identifier_start(&self, character: char) -> bool {
        GenericDialect.is_identifier_start(character)
    }

    fn is_identifier_part(&self, character: char) -> bool {
        GenericDialect.is_identifier_part(character)
    }

    generic! {
        supports_unicode_string_literal supports_partition_by_after_order_by
        supports_array_join_syntax supports_group_by_expr supports_group_by_with_modifier
        supports_left_associative_joins_without_parens supports_connect_by
        supports_match_recognize supports_pipe_operator supports_start_transaction_modifier
        supports_window_function_null_treatment_arg supports_dictionary_syntax
        supports_window_clause_named_window_reference supports_parenthesized_set_variables
        supports_select_wildcard_except support_map_literal_syntax allow_extract_custom
        allow_extract_single_quotes supports_extract_comma_syntax
        supports_create_view_comment_syntax supports_parens_around_table_factor
        supports_values_as_table_factor supports_create_index_with_clause
        supports_explain_with_utility_options supports_limit_comma supports_update_order_by
        supports_from_first_select supports_projection_trailing_commas
        supports_asc_desc_in_column_definition supports_try_convert
        supports_bitwise_shift_operators supports_comment_on supports_load_extension
        supports_named_fn_args_with_assignment_operator supports_struct_literal
        supports_empty_projections supports_nested_comments supports_multiline_comment_hints
        supports_user_host_grantee supports_string_escape_constant
        supports_array_typedef_with_brackets supports_match_against supports_set_names
        supports_comma_separated_set_assignments supports_filter_during_aggregation
        supports_select_wildcard_exclude supports_data_type_signed_suffix
        supports_interval_options supports_quote_delimited_string supports_select_wildcard_replace
        supports_select_wildcard_ilike supports_select_wildcard_rename supports_optimize_table
        supports_install supports_detach supports_prewhere supports_with_fill supports_limit_by
        supports_interpolate supports_settings supports_select_format
        supports_comment_optimizer_hint supports_constraint_keyword_without_name
        supports_key_column_option supports_comma_separated_trim supports_cte_without_as
        supports_select_item_multi_column_alias supports_xml_expressions
    }
}

/// Splits a text into tokens. A question mark between two values is the operator of JSON, and not a
/// parameter without a name.
pub(super) fn tokens(sql: &str) -> Result<Vec<TokenWithSpan>, TokenizerError> {
    let mut tokens = Tokenizer::new(&JsonDialect, sql).tokenize_with_location()?;
    let spoken: Vec<_> = (0..tokens.len())
        .filter(|number| !matches!(tokens[*number].token, Token::Whitespace(_)))
        .collect();
    for window in spoken.windows(3) {
        let [before, mark, after] = window else { continue };
        let is_mark = matches!(&tokens[*mark].token, Token::Placeholder(text) if text == "?");
        let follows_value = matches!(
            tokens[*before].token,
            Token::Word(_) | Token::RParen | Token::RBracket | Token::SingleQuotedString(_)
        );
        if is_mark && follows_value && matches!(tokens[*after].token, Token::SingleQuotedString(_))
        {
            tokens[*mark].token = Token::Question;
        }
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::ast::Expr;

    use super::*;

    #[test]
    fn json_operators_bind_tighter_than_comparisons() {
        for (sql, expected) in [
            ("a ->> 'b' = 'c'", "(a ->> 'b') = 'c'"),
            ("x = a -> 'b' ->> 'c'", "x = ((a -> 'b') ->> 'c')"),
            ("a ->> 'b' IS NULL", "(a ->> 'b') IS NULL"),
            ("a ->> 'b' LIKE '%x%'", "(a ->> 'b') LIKE '%x%'"),
            ("a ->> 'b' IN ('c')", "(a ->> 'b') IN ('c')"),
            ("NOT a ? 'b' AND c", "NOT (a ? 'b') AND c"),
            ("'x' || a ->> 'b' || 'y'", "'x' || (a ->> 'b') || 'y'"),
            ("(a ->> 'b')::int + 1", "(a ->> 'b')::INT + 1"),
        ] {
            assert_eq!(bracketed(sql), bracketed(expected), "{sql}");
        }
    }

    /// An expression with the brackets that its tree needs, and no others.
    fn bracketed(sql: &str) -> String {
        let tokens = tokens(sql).unwrap();
        let mut parser = Parser::new(&JsonDialect).with_tokens_with_locations(tokens);
        written(&parser.parse_expr().unwrap())
    }

    fn written(expression: &Expr) -> String {
        match expression {
            Expr::Nested(inner) => written(inner),
            Expr::BinaryOp { left, op, right } => {
                format!("({} {op} {})", written(left), written(right))
            }
            Expr::UnaryOp { op, expr } => format!("({op} {})", written(expr)),
            Expr::IsNull(inner) => format!("({} IS NULL)", written(inner)),
            Expr::Like { expr, pattern, .. } => format!("({} LIKE {pattern})", written(expr)),
            Expr::InList { expr, list, .. } => {
                let list: Vec<_> = list.iter().map(written).collect();
                format!("({} IN ({}))", written(expr), list.join(", "))
            }
            Expr::Cast { expr, data_type, .. } => format!("({}::{data_type})", written(expr)),
            other => other.to_string(),
        }
    }

    #[test]
    fn everything_else_is_the_generic_dialect() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../queries");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "sql") {
                continue;
            }
            let sql = std::fs::read_to_string(&path).unwrap();
            let generic = Parser::parse_sql(&GenericDialect, &sql).unwrap();
            assert_eq!(Parser::parse_sql(&JsonDialect, &sql).unwrap(), generic, "{path:?}");
        }
    }
}
