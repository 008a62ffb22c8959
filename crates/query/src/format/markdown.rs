//! A table of [GitHub's Markdown](https://github.github.com/gfm/#tables-extension-) in which the
//! text of a cell is text: it neither ends the cell nor is a link, an image, HTML, emphasis, code,
//! a mention or a reference.
//!
//! A backslash does for what Markdown itself reads. GitHub finds addresses, mentions and references
//! after that, in the text as it is shown; an empty comment within keeps it from them, and is not
//! copied along. What GitHub finds without any mark, such as the hash of a commit in the same
//! repository, it finds here.

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};

use super::{cell, encoder::Encoder, terminal};

/// Shown as nothing, and parts what it stands between.
const APART: &str = "<!-- -->";

#[derive(Debug)]
pub(super) struct MarkdownEncoder {
    header: Option<String>,
}

impl MarkdownEncoder {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let fields = schema.fields();
        let mut header = line(fields.iter().map(|field| escaped(field.name())));
        header += &line(fields.iter().map(|field| {
            if field.data_type().is_numeric() { "---:".to_owned() } else { "---".to_owned() }
        }));
        Self { header: Some(header) }
    }

    fn write_header(&mut self, bytes: &mut Vec<u8>) {
        bytes.extend(self.header.take().unwrap_or_default().into_bytes());
    }
}

impl Encoder for MarkdownEncoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.write_header(bytes);
        let columns = batch.columns().iter().map(|column| cell::readable(column.as_ref()));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            bytes.extend(line(columns.iter().map(|cells| escaped(&cells[row]))).into_bytes());
        }
        Ok(())
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.write_header(bytes);
        Ok(())
    }
}

/// Returns rows as a table.
pub(crate) fn table(rows: &RecordBatch) -> Result<String, ArrowError> {
    let mut encoder = MarkdownEncoder::new(rows.schema_ref());
    let mut bytes = Vec::new();
    encoder.encode(rows, &mut bytes)?;
    encoder.finish(&mut bytes)?;
    String::from_utf8(bytes).map_err(|error| ArrowError::ExternalError(Box::new(error)))
}

fn line(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// Returns a text as text in Markdown; lines become lines of a cell or a paragraph.
pub(crate) fn escaped(text: &str) -> String {
    let lines = text.replace("\r\n", "\n");
    let lines = lines.split(['\n', '\r']).map(|line| escaped_line(&terminal::visible(line)));
    lines.collect::<Vec<_>>().join("<br>")
}

fn escaped_line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let after = rest.as_str();
        let is_special = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '~' | '|' | '$' => true,
            // Within a word it means nothing.
            '_' => {
                let beside = [before, after.chars().next()];
                !beside.iter().all(|beside| beside.is_some_and(char::is_alphanumeric))
            }
            _ => false,
        };
        if is_special {
            safe.push('\\');
        }
        safe.push(character);
        let is_parted = match character {
            '@' | '#' => true,
            ':' => after.starts_with("//"),
            'w' | 'W' => after.starts_with('.') && is_www(&safe),
            _ => false,
        };
        if is_parted {
            safe.push_str(APART);
        }
        before = Some(character);
    }
    safe
}

fn is_www(text: &str) -> bool {
    let last = text.len().checked_sub(3).and_then(|start| text.get(start..));
    last.is_some_and(|last| last.eq_ignore_ascii_case("www"))
}
