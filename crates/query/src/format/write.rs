//! Rows in, bytes out: batch by batch, never the whole answer.

use std::{io, sync::Arc};

use arrow::{
    datatypes::{Schema, SchemaRef},
    error::ArrowError,
};
use datafusion::{error::DataFusionError, execution::SendableRecordBatchStream};
use futures::StreamExt;

use super::{
    Format, arrow_file, csv,
    encoder::{Encoder, WriteOptions},
    json, markdown, parquet_file, table, tsv,
};
use crate::error::{Cause, Error, Result};

/// Rows that are text at one time.
const ROWS_AT_ONCE: usize = 1024;

/// The number of rows of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowCount {
    /// Rows that were written.
    pub written: u64,
    /// Rows that were seen: all of them, or the first ones of more.
    pub found: u64,
    /// Whether `found` is all of them.
    pub is_all: bool,
}

/// Writes the rows, up to the limit, and returns their number. Rows keep the order of the result: a
/// limit does not change which rows come first.
///
/// # Errors
/// [`Error::Write`] if writing to `out` fails, [`Error::Query`] if reading the rows fails,
/// [`Error::Encode`] if the format cannot represent them.
pub async fn write_rows(
    rows: SendableRecordBatchStream,
    format: Format,
    options: &WriteOptions,
    out: &mut dyn io::Write,
) -> Result<RowCount> {
    let encoder = encoder(format, options, &rows.schema());
    let encoder = encoder.map_err(|error| unwritable(format, error))?;
    write_with(encoder, rows, format, options, out).await
}

pub(super) async fn write_with(
    mut encoder: Box<dyn Encoder>,
    mut rows: SendableRecordBatchStream,
    format: Format,
    options: &WriteOptions,
    out: &mut dyn io::Write,
) -> Result<RowCount> {
    let at_once = if format.is_binary() { usize::MAX } else { ROWS_AT_ONCE };
    let limit = options.limit.unwrap_or(u64::MAX);
    let unwritable = |error| unwritable(format, error);
    let mut bytes = Vec::new();
    let mut count = RowCount { written: 0, found: 0, is_all: true };
    while let Some(batch) = rows.next().await {
        let batch = batch.map_err(|error| Error::query(&error))?;
        count.found += batch.num_rows() as u64;
        let room = usize::try_from(limit - count.written).unwrap_or(usize::MAX);
        let taken = batch.num_rows().min(room);
        for first in (0..taken).step_by(at_once) {
            let part = batch.slice(first, at_once.min(taken - first));
            encoder.encode(&part, &mut bytes).map_err(unwritable)?;
            pass_on(&mut bytes, out)?;
        }
        count.written += taken as u64;
        if count.written < count.found && count.found >= options.count_to {
            count.is_all = rows.next().await.is_none();
            break;
        }
    }
    encoder.finish(&mut bytes).map_err(unwritable)?;
    pass_on(&mut bytes, out)?;
    out.flush().map_err(|source| Error::Write { source })?;
    Ok(count)
}

fn encoder(
    format: Format,
    options: &WriteOptions,
    schema: &SchemaRef,
) -> Result<Box<dyn Encoder>, ArrowError> {
    // What the engine notes beside the columns is nobody's business.
    let columns = || Arc::new(Schema::new(schema.fields().clone()));
    Ok(match format {
        Format::Table => Box::new(table::TableEncoder::new(schema, options)),
        Format::Csv => Box::new(csv::CsvEncoder::new(schema, options.raw)),
        Format::Tsv => Box::new(tsv::TsvEncoder::new(schema, options.raw)),
        Format::Json => Box::new(json::ArrayEncoder::default()),
        Format::JsonLines => Box::new(json::LinesEncoder),
        Format::Markdown => Box::new(markdown::MarkdownEncoder::new(schema)),
        Format::Parquet => {
            Box::new(parquet_file::ParquetEncoder::try_new(columns(), parquet_file::LIMITS)?)
        }
        Format::Arrow => Box::new(arrow_file::ArrowEncoder::try_new(columns())?),
    })
}

fn pass_on(bytes: &mut Vec<u8>, out: &mut dyn io::Write) -> Result<()> {
    out.write_all(bytes).map_err(|source| Error::Write { source })?;
    bytes.clear();
    Ok(())
}

fn unwritable(format: Format, error: ArrowError) -> Error {
    Error::Encode { format: format.name(), source: Cause::new(&DataFusionError::from(error)) }
}
