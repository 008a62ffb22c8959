//! Parquet, one row group after the other: what is held is the row group that is being filled.

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};

use super::encoder::Encoder;

const ZSTD_LEVEL: i32 = 3;
const CREATED_BY: &str = concat!("ecstrail ", env!("CARGO_PKG_VERSION"));

/// Where a row group ends: whichever limit is met first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) rows: usize,
    /// Encoded bytes, as the writer expects them.
    pub(super) bytes: usize,
}

pub(super) const LIMITS: Limits = Limits { rows: 128 << 10, bytes: 32 << 20 };

#[derive(Debug)]
pub(super) struct ParquetEncoder {
    writer: ArrowWriter<Vec<u8>>,
}

impl ParquetEncoder {
    pub(super) fn try_new(schema: SchemaRef, limits: Limits) -> Result<Self, ArrowError> {
        let properties = WriterProperties::builder()
            .set_created_by(CREATED_BY.to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
            .set_max_row_group_row_count(Some(limits.rows))
            .set_max_row_group_bytes(Some(limits.bytes))
            .build();
        Ok(Self { writer: ArrowWriter::try_new(Vec::new(), schema, Some(properties))? })
    }
}

impl Encoder for ParquetEncoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.writer.write(batch)?;
        bytes.append(self.writer.inner_mut());
        Ok(())
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.writer.finish()?;
        bytes.append(self.writer.inner_mut());
        Ok(())
    }
}
