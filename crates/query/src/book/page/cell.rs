//! Columns and cells of a page's tables.

use std::fmt::Write as _;

use arrow::{
    array::{Array, RecordBatch},
    datatypes::{DataType, Field},
    error::ArrowError,
};
use serde::de::IgnoredAny;

use crate::format::{markup, readable};

/// Characters of a cell beyond which its text is folded.
const LONGEST: usize = 240;
/// Characters of JSON beyond which it is folded.
const LONGEST_JSON: usize = 60;
/// Characters that stand in for what is folded.
const BEGINNING: usize = 48;
/// Characters of a cell that are in the page.
const MOST_CHARACTERS: usize = 20_000;

/// A column, with its cells as text.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// `None` is NULL.
    pub(super) cells: Vec<Option<String>>,
}

/// How a column's values look and are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    /// A day or a time; its text sorts as it does.
    Time,
    Text,
}

impl Column {
    /// Returns the columns of rows.
    pub(super) fn of(rows: &RecordBatch) -> Result<Vec<Self>, ArrowError> {
        let column = |(field, array): (&Field, &dyn Array)| {
            let is_time = matches!(field.data_type(), DataType::Timestamp(..));
            let kind = match field.data_type() {
                kind if kind.is_numeric() => Kind::Number,
                DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => Kind::Time,
                _ => Kind::Text,
            };
            let cells = readable(array)?.into_iter().enumerate().map(|(row, text)| {
                let text = if is_time { time(&text) } else { text };
                array.is_valid(row).then_some(text)
            });
            Ok(Self { name: field.name().replace('_', " "), kind, cells: cells.collect() })
        };
        let schema = rows.schema();
        let fields = schema.fields().iter().map(AsRef::as_ref);
        fields.zip(rows.columns().iter().map(AsRef::as_ref)).map(column).collect()
    }

    /// The class of a cell, as an attribute.
    pub(super) fn class(&self) -> &'static str {
        match self.kind {
            Kind::Number => " class=\"n\"",
            Kind::Time => " class=\"t\"",
            Kind::Text => "",
        }
    }

    /// Appends the cell of a row.
    pub(super) fn push_cell(&self, html: &mut String, row: usize) {
        match &self.cells[row] {
            None => html.push_str("<td class=\"z\">"),
            Some(text) if text.is_empty() => html.push_str("<td class=\"e\">"),
            Some(text) => {
                html.extend(["<td", self.class(), ">"]);
                push_value(html, text);
            }
        }
        html.push_str("</td>");
    }
}

/// A time without what is the same in all of them.
fn time(text: &str) -> String {
    text.replacen('T', " ", 1).trim_end_matches('Z').to_owned()
}

/// Appends a value; what is long is folded.
pub(super) fn push_value(html: &mut String, text: &str) {
    let length = text.chars().count();
    let is_json = length > LONGEST_JSON && is_json(text);
    if length <= LONGEST && !is_json {
        markup::push_text(html, text);
        return;
    }
    html.push_str("<details><summary>");
    let beginning: String = text.chars().take(BEGINNING).collect();
    markup::push_text(html, beginning.trim_end());
    html.push_str(" …</summary><div class=\"whole\">");
    let whole = if is_json { indented(text) } else { text.to_owned() };
    let shown: String = whole.chars().take(MOST_CHARACTERS).collect();
    markup::push_text(html, &shown);
    let left_out = whole.chars().count().saturating_sub(MOST_CHARACTERS);
    if left_out > 0 {
        let _ = write!(html, "<p class=\"cut\">… {left_out} more characters are not shown</p>");
    }
    html.push_str("</div></details>");
}

fn is_json(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Indents JSON. Its tokens stay as they are: names that stand twice, numbers of any length, and the
/// order of members.
fn indented(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    let mut rest = json.chars().peekable();
    let new_line = |text: &mut String, depth: usize| {
        text.push('\n');
        // Deeper ones are not indented further, so that the text stays within a multiple of the JSON's.
        text.push_str(&"  ".repeat(depth.min(16)));
    };
    while let Some(character) = rest.next() {
        if is_string {
            text.push(character);
            is_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            continue;
        }
        match character {
            '"' => {
                is_string = true;
                text.push('"');
            }
            '{' | '[' => {
                text.push(character);
                while rest.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(end);
                } else {
                    depth += 1;
                    new_line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut text, depth);
                text.push(character);
            }
            ',' => {
                text.push(',');
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_stays_the_same() {
        let json = r#"{"a":[1.50,{},[ ]],"a":"\"}{,:\\","b":{"c":null}}"#;
        let expected = "{\n  \"a\": [\n    1.50,\n    {},\n    []\n  ],\n  \"a\": \"\\\"}{,:\\\\\",\n  \"b\": {\n    \"c\": null\n  }\n}";
        assert_eq!(indented(json), expected);
    }

    #[test]
    fn what_is_long_is_folded_and_bounded() {
        let shown = |text: &str| {
            let mut html = String::new();
            push_value(&mut html, text);
            html
        };
        assert_eq!(shown("<i>"), "&lt;i&gt;");
        assert_eq!(shown("{\"a\":1}"), "{&quot;a&quot;:1}");
        let json = format!("{{\"a\":\"{}\"}}", "x".repeat(100));
        assert!(shown(&json).contains("<div class=\"whole\">{\n  &quot;a&quot;: &quot;xxx"));
        let long = shown(&"é".repeat(30_000));
        assert!(long.starts_with("<details><summary>é"));
        assert!(long.contains("… 10000 more characters are not shown"));
        assert_eq!(time("2026-04-27T02:18:03.5Z"), "2026-04-27 02:18:03.5");
    }
}
