//! Whether a query in an engine's own SQL, which is not parsed here, only asks.

use crate::portable::{SqlTokenKind, sql_tokens};

/// What a statement that only asks begins with.
const ASKING: [&str; 9] =
    ["SELECT", "WITH", "VALUES", "TABLE", "FROM", "SHOW", "DESCRIBE", "DESC", "EXPLAIN"];
/// What can stand behind these words all the same.
const CHANGING: [&str; 10] = [
    "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "DROP", "ALTER", "TRUNCATE", "REPLACE",
    "UNLOAD",
];

/// Returns the word of a statement that makes it one that changes something.
pub(crate) fn changing_word(sql: &str) -> Option<String> {
    let tokens = sql_tokens(sql).into_iter().filter(|token| token.kind != SqlTokenKind::Comment);
    let words: Vec<_> =
        tokens.map(|token| (token.kind, sql[token.range].to_ascii_uppercase())).collect();
    let is_word = |kind: &SqlTokenKind| matches!(kind, SqlTokenKind::Keyword | SqlTokenKind::Name);
    let mut begun = words.iter().skip_while(|(_, text)| text == "(");
    let (_, first) = begun.next()?;
    if !ASKING.contains(&first.as_str()) {
        return Some(first.clone());
    }
    if !["WITH", "FROM", "EXPLAIN"].contains(&first.as_str()) {
        return None;
    }
    let mut depth = 0_i64;
    for pair in words.windows(2) {
        let [(kind, text), (next, following)] = pair else { continue };
        depth += i64::from(text == "(") - i64::from(text == ")");
        let is_followed = is_word(next) && following != "AS" && following != "FROM"
            || *next == SqlTokenKind::QuotedName
            || (text == "DELETE" && following == "FROM");
        if depth == 0 && is_word(kind) && CHANGING.contains(&text.as_str()) && is_followed {
            return Some(text.clone());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_asks_is_let_through() {
        for sql in [
            "SELECT 1",
            "  -- INSERT INTO x\n select `update` FROM events",
            "(SELECT 1) UNION ALL (SELECT 2)",
            "WITH a AS (SELECT 1 AS n) SELECT n, update FROM a",
            "WITH a (n) AS (SELECT insert FROM (SELECT 1 AS insert)) SELECT * FROM a",
            "FROM events |> WHERE date > '2026-01-01' |> SELECT delete AS gone",
            "VALUES (1)",
            "TABLE events",
            "SHOW TABLES",
            "DESCRIBE events",
            "EXPLAIN SELECT replace(event_name, 'a', 'b') FROM events",
            "SELECT 'x'; ",
            "",
        ] {
            assert_eq!(changing_word(sql), None, "{sql}");
        }
    }

    #[test]
    fn what_changes_something_is_named() {
        for (sql, word) in [
            ("INSERT INTO events SELECT 1", "INSERT"),
            ("insert overwrite events values (1)", "INSERT"),
            ("/* x */ drop table events", "DROP"),
            ("SET spark.sql.ansi.enabled = false", "SET"),
            ("CREATE TABLE x AS SELECT 1", "CREATE"),
            ("WITH a AS (SELECT 1) INSERT INTO events SELECT * FROM a", "INSERT"),
            ("WITH a AS (SELECT 1) DELETE FROM events", "DELETE"),
            ("WITH a AS (SELECT 1) MERGE INTO events USING a ON true", "MERGE"),
            ("WITH a AS (SELECT 1) UPDATE `events` SET x = 1", "UPDATE"),
            ("FROM events INSERT OVERWRITE TABLE x SELECT *", "INSERT"),
            ("EXPLAIN ANALYZE INSERT INTO events SELECT 1", "INSERT"),
            ("UNLOAD (SELECT 1) TO 's3://x'", "UNLOAD"),
            ("BEGIN DROP TABLE events; END", "BEGIN"),
        ] {
            assert_eq!(changing_word(sql).as_deref(), Some(word), "{sql}");
        }
    }
}
