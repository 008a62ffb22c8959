//! The Arrow IPC file: every batch is written as it comes.

use arrow::{array::RecordBatch, datatypes::Schema, error::ArrowError, ipc::writer::FileWriter};

use super::write::Encoder;

pub(super) struct ArrowEncoder {
    writer: FileWriter<Vec<u8>>,
}

impl ArrowEncoder {
    pub(super) fn try_new(schema: &Schema) -> Result<Self, ArrowError> {
        Ok(Self { writer: FileWriter::try_new(Vec::new(), schema)? })
    }
}

impl Encoder for ArrowEncoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.writer.write(batch)?;
        bytes.append(self.writer.get_mut());
        Ok(())
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.writer.finish()?;
        bytes.append(self.writer.get_mut());
        Ok(())
    }
}
