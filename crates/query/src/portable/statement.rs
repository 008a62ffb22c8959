//! SQL text as a syntax tree: one query and nothing else, with every `$parameter` given its type
//! before planning, so that a NULL has one too.

use std::{collections::BTreeSet, ops::ControlFlow};

use datafusion::{
    error::DataFusionError,
    sql::{
        parser::{DFParserBuilder, Statement},
        sqlparser::{
            ast::{
                self, BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, SetExpr,
                TableFactor, TimezoneInfo, Value, ValueWithSpan, Visit, Visitor, visit_expressions,
                visit_expressions_mut,
            },
            parser::{Parser, ParserError},
            tokenizer::Token,
        },
    },
};

use crate::{
    error::{Cause, Error, Result},
    parameter::{Bindings, ParameterType},
};

mod dialect;
mod listagg;
mod size;
mod typed_names;
mod unnest;

use dialect::{JsonDialect, tokens};
pub(crate) use listagg::order_within_parentheses;
pub(crate) use size::excess;
pub(crate) use typed_names::TypedNames;
pub(crate) use unnest::unnest_in_select;

/// Parses the text of one query.
pub(crate) fn parse(sql: &str) -> Result<Statement> {
    let malformed = |text: &str| Error::Query { source: Cause::from(text) };
    if let Some(excess) = excess(sql) {
        return Err(malformed(&excess));
    }
    let mut statements = tokens(sql)
        .map_err(|error| DataFusionError::from(ParserError::from(error)))
        .and_then(|tokens| DFParserBuilder::new(tokens).with_dialect(&JsonDialect).build())
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| Error::query(&error))?;
    let statement = statements.pop_front().ok_or_else(|| {
        malformed("there is no statement: write a query, such as SELECT count(*) FROM events")
    })?;
    if !statements.is_empty() {
        return Err(malformed(
            "there is more than one statement: run them one by one, without ; between them",
        ));
    }
    if let Some(statement) = forbidden(&statement) {
        return Err(Error::NotAQuery { statement });
    }
    // The engine would read the whole table, and not say so.
    if samples(&statement) {
        return Err(malformed(
            "TABLESAMPLE is not supported: use ORDER BY random() LIMIT 100 for some rows",
        ));
    }
    Ok(statement)
}

/// Whether a statement asks for a sample of a table's rows.
fn samples(statement: &Statement) -> bool {
    struct Samples;
    impl Visitor for Samples {
        type Break = ();

        fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
            match factor {
                TableFactor::Table { sample: Some(_), .. } => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    match statement {
        Statement::Explain(explain) => samples(&explain.statement),
        Statement::Statement(statement) => statement.visit(&mut Samples).is_break(),
        _ => false,
    }
}

/// Returns the first word of a statement that does more than ask.
fn forbidden(statement: &Statement) -> Option<String> {
    let asks = match statement {
        Statement::Explain(explain) => return forbidden(&explain.statement),
        Statement::Statement(statement) => matches!(
            **statement,
            ast::Statement::Query(_)
                | ast::Statement::ShowTables { .. }
                | ast::Statement::ShowColumns { .. }
                | ast::Statement::ShowFunctions { .. }
                | ast::Statement::ExplainTable { .. }
        ),
        _ => false,
    };
    (!asks).then(|| {
        let text = statement.to_string();
        let words: Vec<_> = text.split_whitespace().take(2).collect();
        // SHOW alone would name what is available.
        if words.first() == Some(&"SHOW") {
            words.join(" ")
        } else {
            words[..1.min(words.len())].concat()
        }
    })
}

/// Parses a query and narrows it by a condition, which is one expression and no more.
pub(crate) fn narrowed(sql: &str, condition: &str) -> Result<Statement> {
    let mut statement = parse(sql)?;
    let condition = Expr::Nested(Box::new(expression(condition)?));
    if let Statement::Statement(statement) = &mut statement
        && let ast::Statement::Query(query) = &mut **statement
        && let SetExpr::Select(select) = &mut *query.body
    {
        select.selection = Some(match select.selection.take() {
            None => condition,
            Some(known) => Expr::BinaryOp {
                left: Box::new(Expr::Nested(Box::new(known))),
                op: BinaryOperator::And,
                right: Box::new(condition),
            },
        });
    }
    Ok(statement)
}

fn expression(text: &str) -> Result<Expr> {
    let malformed = |problem: String| Error::NotACondition { text: text.to_owned(), problem };
    if let Some(excess) = excess(text) {
        return Err(malformed(excess));
    }
    let parsed = tokens(text).map_err(ParserError::from).and_then(|tokens| {
        let mut parser = Parser::new(&JsonDialect).with_tokens_with_locations(tokens);
        let expression = parser.parse_expr()?;
        parser.expect_token(&Token::EOF).map(|_| expression)
    });
    let expression = parsed.map_err(|error| match error {
        ParserError::ParserError(problem) | ParserError::TokenizerError(problem) => {
            malformed(problem)
        }
        ParserError::RecursionLimitExceeded => malformed("it is nested too deeply".to_owned()),
    })?;
    let outcome = visit_expressions(&expression, |inner| match placeholder(inner) {
        Some(name) => ControlFlow::Break(format!("${name} has no value here")),
        None => ControlFlow::Continue(()),
    });
    match outcome {
        ControlFlow::Continue(()) => Ok(expression),
        ControlFlow::Break(problem) => Err(malformed(problem)),
    }
}

/// Returns the query of a statement that is a plain query.
pub(crate) fn query(statement: &Statement) -> Option<&ast::Query> {
    match statement {
        Statement::Statement(statement) => match &**statement {
            ast::Statement::Query(query) => Some(query),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the names behind the `$` in a statement.
pub(crate) fn placeholders(statement: &Statement) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    match statement {
        Statement::Explain(explain) => return placeholders(&explain.statement),
        Statement::Statement(statement) => {
            let _: ControlFlow<()> = visit_expressions(&**statement, |expression| {
                names.extend(placeholder(expression).map(str::to_owned));
                ControlFlow::Continue(())
            });
        }
        _ => {}
    }
    names
}

/// Wraps each `$name` as `CAST($name AS its type)`. A name without a value is an error.
pub(crate) fn declare_types(statement: &mut Statement, bindings: &Bindings) -> Result<()> {
    let statement = match statement {
        Statement::Explain(explain) => return declare_types(&mut explain.statement, bindings),
        Statement::Statement(statement) => statement,
        _ => return Ok(()),
    };
    let outcome = visit_expressions_mut(&mut **statement, |expression| {
        let Some(name) = placeholder(expression) else { return ControlFlow::Continue(()) };
        let Some(kind) = bindings.kind(name) else { return ControlFlow::Break(name.to_owned()) };
        let inner = Box::new(expression.clone());
        *expression = Expr::Cast {
            kind: CastKind::Cast,
            expr: inner,
            data_type: sql_type(kind),
            array: false,
            format: None,
        };
        ControlFlow::Continue(())
    });
    match outcome {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(name) => Err(Error::NoValue { name }),
    }
}

/// Returns the name of an expression that is a `$name`.
pub(crate) fn placeholder(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Value(ValueWithSpan { value: Value::Placeholder(text), .. }) => {
            Some(text.strip_prefix('$').unwrap_or(text))
        }
        _ => None,
    }
}

pub(crate) fn sql_type(kind: ParameterType) -> DataType {
    match kind {
        ParameterType::Text
        | ParameterType::Cluster
        | ParameterType::Service
        | ParameterType::Task
        | ParameterType::TaskDefinition
        | ParameterType::Account
        | ParameterType::Region
        | ParameterType::Actor
        | ParameterType::EventSource
        | ParameterType::EventName
        | ParameterType::TimeZone => DataType::Varchar(None),
        ParameterType::Integer => DataType::BigInt(None),
        ParameterType::Number => DataType::Double(ExactNumberInfo::None),
        ParameterType::Boolean => DataType::Boolean,
        ParameterType::Date => DataType::Date,
        ParameterType::Timestamp => DataType::Timestamp(Some(3), TimezoneInfo::WithTimeZone),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_placeholder_is_cast_to_its_type() {
        let cases = [
            ("SELECT $day", "SELECT CAST($day AS DATE)"),
            (
                "SELECT 1 FROM events WHERE ($cluster IS NULL OR cluster_name = $cluster)",
                "SELECT 1 FROM events WHERE (CAST($cluster AS VARCHAR) IS NULL OR cluster_name = CAST($cluster AS VARCHAR))",
            ),
            ("SELECT 1 LIMIT $limit", "SELECT 1 LIMIT CAST($limit AS BIGINT)"),
            (
                "SELECT * FROM (SELECT $share AS x) AS s WHERE x IN (SELECT $since)",
                "SELECT * FROM (SELECT CAST($share AS DOUBLE) AS x) AS s WHERE x IN (SELECT CAST($since AS TIMESTAMP(3) WITH TIME ZONE))",
            ),
            ("EXPLAIN SELECT $flag", "EXPLAIN SELECT CAST($flag AS BOOLEAN)"),
        ];
        let bindings = Bindings::of(BTreeMap::from([
            ("day", ParameterType::Date),
            ("cluster", ParameterType::Text),
            ("limit", ParameterType::Integer),
            ("share", ParameterType::Number),
            ("since", ParameterType::Timestamp),
            ("flag", ParameterType::Boolean),
        ]));
        for (sql, expected) in cases {
            let mut statement = parse(sql).unwrap();
            declare_types(&mut statement, &bindings).unwrap();
            assert_eq!(statement.to_string(), expected);
        }
        let error = declare_types(&mut parse("SELECT $other").unwrap(), &bindings).unwrap_err();
        assert!(matches!(error, Error::NoValue { name } if name == "other"));
    }

    #[test]
    fn conditions_are_one_expression() {
        for text in [
            "event_name = 'RunTask'",
            "error_code IS NOT NULL AND actor LIKE '%x%' -- why",
            "event_id IN (SELECT event_id FROM events)",
        ] {
            assert!(expression(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "actor =",
            "true) OR (true",
            "true; DROP TABLE events",
            "actor = 'x' UNION SELECT 1",
            "actor = 'x",
            "actor = $actor",
        ] {
            assert!(matches!(expression(text), Err(Error::NotACondition { .. })), "{text}");
        }
    }

    #[test]
    fn a_query_is_narrowed_by_a_condition() {
        for (sql, condition, expected) in [
            ("SELECT 1 FROM events", "a OR b -- why", "SELECT 1 FROM events WHERE (a OR b)"),
            (
                "SELECT 1 FROM events WHERE c OR d",
                "a",
                "SELECT 1 FROM events WHERE (c OR d) AND (a)",
            ),
        ] {
            assert_eq!(narrowed(sql, condition).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn only_questions_are_let_through() {
        for sql in [
            "SELECT 1",
            "EXPLAIN SELECT 1",
            "EXPLAIN ANALYZE SELECT 1",
            "SHOW TABLES",
            "SHOW COLUMNS FROM events",
            "DESCRIBE events",
            "WITH a AS (SELECT 1) SELECT * FROM a;",
            "VALUES (1)",
        ] {
            assert!(parse(sql).is_ok(), "{sql}: {:?}", parse(sql));
        }
        for (sql, word) in [
            ("INSERT INTO events VALUES (1)", "INSERT"),
            ("CREATE TABLE x AS SELECT 1", "CREATE"),
            ("CREATE VIEW x AS SELECT 1", "CREATE"),
            ("CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'", "CREATE"),
            ("COPY events TO '/tmp/x.parquet'", "COPY"),
            ("COPY (SELECT 1) TO '/tmp/x.csv'", "COPY"),
            ("SET datafusion.execution.batch_size = 1", "SET"),
            ("DROP TABLE events", "DROP"),
            ("DELETE FROM events", "DELETE"),
            ("UPDATE events SET region = ''", "UPDATE"),
            ("EXPLAIN INSERT INTO events VALUES (1)", "INSERT"),
            ("PREPARE x AS SELECT 1", "PREPARE"),
        ] {
            let error = parse(sql).unwrap_err();
            assert!(
                matches!(&error, Error::NotAQuery { statement } if statement == word),
                "{sql}: {error:?}"
            );
        }
        for sql in ["", "SELECT 1; SELECT 2", "SELEC 1"] {
            assert!(matches!(parse(sql), Err(Error::Query { .. })), "{sql}");
        }
    }
}
