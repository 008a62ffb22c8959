//! The tables that a statement reads, and those that it defines itself, by its words: Athena's SQL has
//! more than our parser reads. A name too many does no harm, since nothing reads it.

use super::Words;

/// Words behind which no table stands until the next FROM or JOIN.
const NO_TABLES_BEHIND: [&str; 15] = [
    "EXCEPT",
    "FETCH",
    "GROUP",
    "HAVING",
    "INTERSECT",
    "LIMIT",
    "OFFSET",
    "ORDER",
    "SELECT",
    "SET",
    "UNION",
    "VALUES",
    "WHERE",
    "WINDOW",
    "WITH",
];

/// Returns the names of tables without a database.
pub(super) fn read(words: &Words<'_>) -> Vec<String> {
    let mut names = Vec::new();
    // For every open parenthesis, whether what a comma divides are tables.
    let mut lists = vec![false];
    let mut is_expected = false;
    for index in 0..words.tokens.len() {
        let word = words.upper(index).unwrap_or_default();
        match word.as_str() {
            "(" => lists.push(is_expected),
            ")" => {
                if lists.len() > 1 {
                    lists.pop();
                }
                is_expected = false;
            }
            "," => is_expected = lists.last().copied().unwrap_or_default(),
            "FROM" | "JOIN" => {
                if let Some(list) = lists.last_mut() {
                    *list = true;
                }
                is_expected = true;
            }
            "TABLE" => is_expected = true,
            "LATERAL" => {}
            other if NO_TABLES_BEHIND.contains(&other) => {
                if let Some(list) = lists.last_mut() {
                    *list = false;
                }
                is_expected = false;
            }
            _ => {
                let is_whole = !words.is(index + 1, ".") && !words.is(index + 1, "(");
                if is_expected && is_whole {
                    names.extend(words.name(index));
                }
                is_expected = false;
            }
        }
    }
    names
}

/// Returns the names that the statement's own WITH defines.
pub(super) fn defined(words: &Words<'_>, begin: usize) -> Vec<String> {
    let mut names = Vec::new();
    let Some(mut index) = words.first_defined(begin) else { return names };
    while let Some(name) = words.name(index) {
        names.push(name);
        index += 1;
        if words.is(index, "(") {
            index = words.behind_group(index);
        }
        if !words.is(index, "AS") || !words.is(index + 1, "(") {
            break;
        }
        index = words.behind_group(index + 1);
        if !words.is(index, ",") {
            break;
        }
        index += 1;
    }
    names
}
