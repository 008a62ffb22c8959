//! The Arrow IPC file. Small batches become larger ones: each costs a kilobyte beside its rows.

use arrow::{
    array::RecordBatch, compute::BatchCoalescer, datatypes::SchemaRef, error::ArrowError,
    ipc::writer::FileWriter,
};

use super::encoder::Encoder;

/// Rows of a batch in the file.
pub(super) const BATCH_ROWS: usize = 8192;

pub(super) struct ArrowEncoder {
    writer: FileWriter<Vec<u8>>,
    waiting: BatchCoalescer,
}

impl ArrowEncoder {
    pub(super) fn try_new(schema: SchemaRef) -> Result<Self, ArrowError> {
        let writer = FileWriter::try_new(Vec::new(), &schema)?;
        Ok(Self { writer, waiting: BatchCoalescer::new(schema, BATCH_ROWS) })
    }

    fn write_completed(&mut self) -> Result<(), ArrowError> {
        while let Some(batch) = self.waiting.next_completed_batch() {
            self.writer.write(&batch)?;
        }
        Ok(())
    }
}

impl Encoder for ArrowEncoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.waiting.push_batch(batch.clone())?;
        self.write_completed()?;
        bytes.append(self.writer.get_mut());
        Ok(())
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.waiting.finish_buffered_batch()?;
        self.write_completed()?;
        self.writer.finish()?;
        bytes.append(self.writer.get_mut());
        Ok(())
    }
}
