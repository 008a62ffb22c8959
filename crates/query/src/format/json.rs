//! JSON: NULL is written as null, so that every object has every column.

use arrow::{
    array::RecordBatch,
    error::ArrowError,
    json::writer::{LineDelimited, WriterBuilder},
};

use super::encoder::Encoder;

/// One object per line.
#[derive(Debug)]
pub(super) struct LinesEncoder;

impl Encoder for LinesEncoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        let mut writer =
            WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(bytes);
        writer.write(batch)?;
        writer.finish()
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<(), ArrowError> {
        Ok(())
    }
}

/// Returns rows as text, an object per line.
pub(crate) fn lines(rows: &RecordBatch) -> Result<String, ArrowError> {
    let mut bytes = Vec::new();
    LinesEncoder.encode(rows, &mut bytes)?;
    String::from_utf8(bytes).map_err(|error| ArrowError::ExternalError(Box::new(error)))
}

/// One array with one object per line.
#[derive(Debug, Default)]
pub(super) struct ArrayEncoder {
    has_rows: bool,
}

impl Encoder for ArrayEncoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        let lines = lines(batch)?;
        for line in lines.lines() {
            bytes.extend_from_slice(if self.has_rows { b",\n" } else { b"[\n" });
            bytes.extend_from_slice(line.as_bytes());
            self.has_rows = true;
        }
        Ok(())
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        bytes.extend_from_slice(if self.has_rows { b"\n]\n" } else { b"[]\n" });
        Ok(())
    }
}
