//! Texts in other languages: names of folders may have quotes.

/// Returns a text as a string of SQL.
pub(super) fn sql(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns a text as a string of Spark's and Athena's Hive statements, in which a backslash escapes.
pub(super) fn hive(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Returns a text as a string of Python.
pub(super) fn python(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
