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

/// Returns a line for each row.
pub(crate) fn json_lines(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut lines = Vec::new();
    LinesEncoder.encode(batch, &mut lines)?;
    Ok(lines)
}

/// One array with one object per line.
#[derive(Debug, Default)]
pub(super) struct ArrayEncoder {
    has_rows: bool,
}

impl Encoder for ArrayEncoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        let lines = json_lines(batch)?;
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            bytes.extend_from_slice(if self.has_rows { b",\n" } else { b"[\n" });
            bytes.extend_from_slice(line);
            self.has_rows = true;
        }
        Ok(())
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        bytes.extend_from_slice(if self.has_rows { b"\n]\n" } else { b"[]\n" });
        Ok(())
    }
}
