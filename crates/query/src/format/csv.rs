//! CSV (RFC 4180), safe to open in a spreadsheet unless values are to be raw.

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};
use csv::{Terminator, WriterBuilder};

use super::{encoder::Encoder, inert};

#[derive(Debug)]
pub(super) struct CsvEncoder {
    header: Option<Vec<String>>,
    raw: bool,
}

impl CsvEncoder {
    pub(super) fn new(schema: &SchemaRef, raw: bool) -> Self {
        Self { header: Some(inert::header(schema, raw)), raw }
    }
}

impl Encoder for CsvEncoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        let columns = inert::cells(batch, self.raw)?;
        let rows = (0..batch.num_rows()).map(|row| columns.iter().map(move |cells| &cells[row]));
        write(self.header.take(), rows, bytes)
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        write(self.header.take(), std::iter::empty::<std::iter::Empty<&String>>(), bytes)
    }
}

fn write<'a>(
    header: Option<Vec<String>>,
    rows: impl Iterator<Item = impl Iterator<Item = &'a String>>,
    bytes: &mut Vec<u8>,
) -> Result<(), ArrowError> {
    let failed = |error: csv::Error| ArrowError::CsvError(error.to_string());
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(bytes);
    if let Some(header) = header {
        writer.write_record(header).map_err(failed)?;
    }
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    writer.flush().map_err(|error| ArrowError::CsvError(error.to_string()))
}
