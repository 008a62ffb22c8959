//! Rows as text: a table for people, CSV for spreadsheets, JSON for programs. Each format writes
//! batch by batch and never holds the whole answer.

use std::{fmt, io, str::FromStr};

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};
use datafusion::error::DataFusionError;
use futures::StreamExt;

use crate::{Error, Result, Rows};

mod cell;
mod csv;
mod json;
mod table;
mod terminal;
#[cfg(test)]
mod tests;

pub use terminal::{TerminalJson, printable};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns, long values cut, control characters shown as `\u{…}`.
    Table,
    /// RFC 4180, with a `'` before texts that a spreadsheet would take for a formula.
    Csv,
    /// One array of objects.
    Json,
    /// One object a line.
    JsonLines,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Table, Self::Csv, Self::Json, Self::JsonLines];

    /// The name, as people give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The text names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no format: use table, csv, json or jsonl")]
pub struct ParseFormatError(String);

impl FromStr for Format {
    type Err = ParseFormatError;

    fn from_str(text: &str) -> Result<Self, ParseFormatError> {
        let named = Self::ALL.into_iter().find(|format| format.name() == text);
        named.ok_or_else(|| ParseFormatError(text.to_owned()))
    }
}

/// Turns batches into text, appended to a buffer.
trait Encoder {
    fn encode(&mut self, batch: &RecordBatch, text: &mut Vec<u8>) -> Result<(), ArrowError>;

    /// Ends the text; called once, also when there were no rows.
    fn finish(&mut self, text: &mut Vec<u8>) -> Result<(), ArrowError>;
}

/// Writes all rows and returns how many there were.
///
/// # Errors
/// [`Error::Write`] if `out` fails, [`Error::Query`] if the rows do.
pub async fn write_rows(mut rows: Rows, format: Format, out: &mut dyn io::Write) -> Result<u64> {
    let mut encoder = encoder(format, &rows.schema());
    let mut text = Vec::new();
    let mut count = 0;
    while let Some(batch) = rows.next().await {
        let batch = batch.map_err(|error| Error::query(&error))?;
        count += batch.num_rows() as u64;
        encoder.encode(&batch, &mut text).map_err(unwritable)?;
        flush(&mut text, out)?;
    }
    encoder.finish(&mut text).map_err(unwritable)?;
    flush(&mut text, out)?;
    out.flush().map_err(|source| Error::Write { source })?;
    Ok(count)
}

fn encoder(format: Format, schema: &SchemaRef) -> Box<dyn Encoder> {
    match format {
        Format::Table => Box::new(table::TableEncoder::new(schema)),
        Format::Csv => Box::new(csv::CsvEncoder::new(schema)),
        Format::Json => Box::new(json::ArrayEncoder::default()),
        Format::JsonLines => Box::new(json::LinesEncoder),
    }
}

fn flush(text: &mut Vec<u8>, out: &mut dyn io::Write) -> Result<()> {
    out.write_all(text).map_err(|source| Error::Write { source })?;
    text.clear();
    Ok(())
}

fn unwritable(error: ArrowError) -> Error {
    Error::query(&DataFusionError::from(error))
}
