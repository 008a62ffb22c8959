//! Values between tabs, one row a line whatever is in them: `\t`, `\n`, `\r` and `\\` stand for
//! what would end a value. Safe to open in a spreadsheet unless values are to be raw.

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};

use super::{encoder::Encoder, inert};

#[derive(Debug)]
pub(super) struct TsvEncoder {
    header: Option<Vec<String>>,
    raw: bool,
}

impl TsvEncoder {
    pub(super) fn new(schema: &SchemaRef, raw: bool) -> Self {
        Self { header: Some(inert::header(schema, raw)), raw }
    }

    fn write_header(&mut self, bytes: &mut Vec<u8>) {
        if let Some(header) = self.header.take() {
            self.write(header.iter(), bytes);
        }
    }

    fn write<'a>(&self, cells: impl Iterator<Item = &'a String>, bytes: &mut Vec<u8>) {
        for (number, cell) in cells.enumerate() {
            if number > 0 {
                bytes.push(b'\t');
            }
            // A spreadsheet would take all up to the next quote for one cell, rows and all.
            if !self.raw && cell.starts_with('"') {
                bytes.push(b'\'');
            }
            for byte in cell.bytes() {
                match byte {
                    b'\t' => bytes.extend_from_slice(b"\\t"),
                    b'\n' => bytes.extend_from_slice(b"\\n"),
                    b'\r' => bytes.extend_from_slice(b"\\r"),
                    b'\\' => bytes.extend_from_slice(b"\\\\"),
                    byte => bytes.push(byte),
                }
            }
        }
        bytes.push(b'\n');
    }
}

impl Encoder for TsvEncoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.write_header(bytes);
        let columns = inert::cells(batch, self.raw)?;
        for row in 0..batch.num_rows() {
            self.write(columns.iter().map(|cells| &cells[row]), bytes);
        }
        Ok(())
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.write_header(bytes);
        Ok(())
    }
}
