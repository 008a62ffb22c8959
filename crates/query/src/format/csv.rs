//! CSV (RFC 4180) that is safe to open in a spreadsheet.

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};
use csv::{Terminator, WriterBuilder};

use super::{Encoder, cell};

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

#[derive(Debug)]
pub(super) struct CsvEncoder {
    header: Option<Vec<String>>,
}

impl CsvEncoder {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let names = schema.fields().iter().map(|field| inert(field.name().clone()));
        Self { header: Some(names.collect()) }
    }
}

impl Encoder for CsvEncoder {
    fn encode(&mut self, batch: &RecordBatch, text: &mut Vec<u8>) -> Result<(), ArrowError> {
        let mut columns = Vec::with_capacity(batch.num_columns());
        for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let mut cells = cell::exact(field, column.as_ref())?;
            if cell::is_text(field.data_type()) {
                cells = cells.into_iter().map(inert).collect();
            }
            columns.push(cells);
        }
        let rows = (0..batch.num_rows()).map(|row| columns.iter().map(move |cells| &cells[row]));
        write(self.header.take(), rows, text)
    }

    fn finish(&mut self, text: &mut Vec<u8>) -> Result<(), ArrowError> {
        write(self.header.take(), std::iter::empty::<std::iter::Empty<&String>>(), text)
    }
}

fn write<'a>(
    header: Option<Vec<String>>,
    rows: impl Iterator<Item = impl Iterator<Item = &'a String>>,
    text: &mut Vec<u8>,
) -> Result<(), ArrowError> {
    let failed = |error: csv::Error| ArrowError::CsvError(error.to_string());
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(text);
    if let Some(header) = header {
        writer.write_record(header).map_err(failed)?;
    }
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    writer.flush().map_err(|error| ArrowError::CsvError(error.to_string()))
}

/// Takes from a text what a spreadsheet would run, or a reader stumble over.
fn inert(text: String) -> String {
    let text = if text.contains('\0') { text.replace('\0', "\\u{0}") } else { text };
    if text.starts_with(FORMULA_STARTS) { format!("'{text}") } else { text }
}
