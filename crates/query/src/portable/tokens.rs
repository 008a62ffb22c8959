//! SQL text in pieces, also while it is being typed: what an editor splits, colors and completes by.

use std::ops::Range;

use datafusion::sql::sqlparser::{
    dialect::GenericDialect,
    tokenizer::{Token, TokenWithSpan, Tokenizer, Whitespace},
};

/// A piece of SQL text. White space is between pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlToken {
    /// What it is.
    pub kind: SqlTokenKind,
    /// Where it is, in bytes.
    pub range: Range<usize>,
    /// Whether its end is missing: a text, a quoted name or a comment that was not closed.
    pub is_open: bool,
}

/// What a piece of SQL text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlTokenKind {
    /// One of [`SQL_KEYWORDS`].
    Keyword,
    /// The name of a column, a table, a function …
    Name,
    /// A name in quotes.
    QuotedName,
    /// A text in quotes.
    Text,
    /// A number.
    Number,
    /// A `$parameter`.
    Parameter,
    /// A comment.
    Comment,
    /// The end of a statement.
    Semicolon,
    /// Any other sign.
    Sign,
}

/// The words of queries that cannot be the name of a column here, sorted.
pub const SQL_KEYWORDS: [&str; 74] = [
    "ALL",
    "AND",
    "ANTI",
    "ANY",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "CROSS",
    "CURRENT",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "ELSE",
    "END",
    "EXCEPT",
    "EXCLUDE",
    "EXISTS",
    "EXPLAIN",
    "EXTRACT",
    "FALSE",
    "FETCH",
    "FILTER",
    "FIRST",
    "FOLLOWING",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "ILIKE",
    "IN",
    "INNER",
    "INTERSECT",
    "INTERVAL",
    "IS",
    "JOIN",
    "LAST",
    "LATERAL",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NATURAL",
    "NOT",
    "NULL",
    "NULLS",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARTITION",
    "PRECEDING",
    "QUALIFY",
    "RANGE",
    "RECURSIVE",
    "RIGHT",
    "ROWS",
    "SELECT",
    "SEMI",
    "SHOW",
    "THEN",
    "TRUE",
    "TRY_CAST",
    "UNBOUNDED",
    "UNION",
    "UNNEST",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
];

/// Splits SQL text into pieces, as the engine reads it. Text that it cannot read is a piece as well.
pub fn sql_tokens(sql: &str) -> Vec<SqlToken> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while start < sql.len() {
        let rest = &sql[start..];
        let mut read = Vec::new();
        let outcome = Tokenizer::new(&GenericDialect {}, rest)
            .with_unescape(false)
            .tokenize_with_location_into_buf(&mut read);
        let mut positions = Positions::new(rest);
        let mut end = start;
        for TokenWithSpan { token, span } in read {
            let until = start + positions.byte(span.end.line, span.end.column);
            let range = end..until;
            end = until;
            if let Some(kind) = kind(&token, &sql[range.clone()]) {
                tokens.push(SqlToken { kind, range, is_open: false });
            }
        }
        if outcome.is_ok() {
            break;
        }
        let (kind, length) = unread(&sql[end..]);
        let range = end..end + length;
        start = range.end;
        let is_open = kind != SqlTokenKind::Sign;
        tokens.push(SqlToken { kind, range, is_open });
    }
    tokens
}

/// What a token is; nothing for white space.
fn kind(token: &Token, text: &str) -> Option<SqlTokenKind> {
    Some(match token {
        Token::Whitespace(
            Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_),
        ) => SqlTokenKind::Comment,
        Token::Whitespace(_) | Token::EOF => return None,
        Token::Word(word) if word.quote_style.is_some() => SqlTokenKind::QuotedName,
        Token::Word(_) if is_keyword(text) => SqlTokenKind::Keyword,
        Token::Word(_) => SqlTokenKind::Name,
        Token::Number(..) => SqlTokenKind::Number,
        Token::Placeholder(_) => SqlTokenKind::Parameter,
        Token::SemiColon => SqlTokenKind::Semicolon,
        _ if text.ends_with(['\'', '"']) || text.starts_with('$') => SqlTokenKind::Text,
        _ => SqlTokenKind::Sign,
    })
}

fn is_keyword(word: &str) -> bool {
    SQL_KEYWORDS.binary_search(&word.to_ascii_uppercase().as_str()).is_ok()
}

/// What stands where the engine could not go on, and its bytes: all of the rest that is open, or one
/// character.
fn unread(rest: &str) -> (SqlTokenKind, usize) {
    let kind = match rest.as_bytes() {
        [b'"' | b'`', ..] => SqlTokenKind::QuotedName,
        [b'/', b'*', ..] => SqlTokenKind::Comment,
        [b'\'', ..] | [b'$', b'$', ..] => SqlTokenKind::Text,
        // With a letter before it: E'…', X'…'.
        [letter, b'\'', ..] if letter.is_ascii_alphabetic() => SqlTokenKind::Text,
        _ => {
            return (SqlTokenKind::Sign, rest.chars().next().map_or(0, char::len_utf8));
        }
    };
    (kind, rest.len())
}

/// Finds bytes by line and column, both from 1, going forward.
struct Positions<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
    column: u64,
}

impl<'a> Positions<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, byte: 0, line: 1, column: 1 }
    }

    fn byte(&mut self, line: u64, column: u64) -> usize {
        while (self.line, self.column) < (line, column) {
            let Some(character) = self.text[self.byte..].chars().next() else { break };
            self.byte += character.len_utf8();
            if character == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
        self.byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sql: &str) -> Vec<String> {
        let shown = |token: SqlToken| {
            let open = if token.is_open { " open" } else { "" };
            format!("{:?}{open} {}", token.kind, &sql[token.range])
        };
        sql_tokens(sql).into_iter().map(shown).collect()
    }

    #[test]
    fn text_in_pieces() {
        let cases: [(&str, &[&str]); 14] = [
            ("", &[]),
            (" \n\t", &[]),
            (
                "select actor, \"É\" FROM events;",
                &[
                    "Keyword select",
                    "Name actor",
                    "Sign ,",
                    "QuotedName \"É\"",
                    "Keyword FROM",
                    "Name events",
                    "Semicolon ;",
                ],
            ),
            ("x = 'it''s; 日本'", &["Name x", "Sign =", "Text 'it''s; 日本'"]),
            ("E'a\\'b' ; X'00'", &["Text E'a\\'b'", "Semicolon ;", "Text X'00'"]),
            ("$from >= 1.5e3", &["Parameter $from", "Sign >=", "Number 1.5e3"]),
            ("1 -- ; no\n;", &["Number 1", "Comment -- ; no\n", "Semicolon ;"]),
            ("/* ; /* ; */ ; */;", &["Comment /* ; /* ; */ ; */", "Semicolon ;"]),
            ("a ->> 'b'", &["Name a", "Sign ->>", "Text 'b'"]),
            ("SELECT 'a;\nb", &["Keyword SELECT", "Text open 'a;\nb"]),
            ("SELECT \"a;\nb", &["Keyword SELECT", "QuotedName open \"a;\nb"]),
            ("SELECT /* a;\nb", &["Keyword SELECT", "Comment open /* a;\nb"]),
            ("SELECT $$a;\nb", &["Keyword SELECT", "Text open $$a;\nb"]),
            ("$$a;b$$;", &["Text $$a;b$$", "Semicolon ;"]),
        ];
        for (sql, expected) in cases {
            assert_eq!(shown(sql), expected, "{sql:?}");
        }
    }

    #[test]
    fn every_text_has_pieces_in_order() {
        for sql in
            ["\u{0}\u{1b}[31m", "日本 'x", "X'zz' ; 1", "U&'\\zz' ; 1", "a\u{a0}b;", "é`", "'''"]
        {
            let mut last = 0;
            for token in sql_tokens(sql) {
                assert!(
                    token.range.start >= last && token.range.start < token.range.end,
                    "{sql:?}"
                );
                assert!(sql.get(token.range.clone()).is_some(), "{sql:?}");
                last = token.range.end;
            }
        }
    }

    #[test]
    fn keywords_are_sorted_and_no_columns() {
        assert!(SQL_KEYWORDS.is_sorted());
        for column in ecstrail_converter::COLUMNS {
            assert!(!is_keyword(column.name), "{}", column.name);
        }
    }
}
