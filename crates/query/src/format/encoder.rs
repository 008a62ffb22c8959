//! The encoder of batches that every format implements, and the options that formats share.

use arrow::{array::RecordBatch, error::ArrowError};

/// Options for writing rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct WriteOptions {
    /// Terminal width in columns that a table must fit into; `None` for no limit.
    pub width: Option<usize>,
    /// Whether a table's header is formatted with terminal escapes for bold and dim.
    pub colour: bool,
    /// Whether CSV and TSV contain raw values, including those that a spreadsheet would run.
    pub raw: bool,
    /// Maximum number of rows to write; `None` for all.
    pub limit: Option<u64>,
    /// Minimum number of rows to count, if there are that many: a limit alone ends the count early.
    pub count_to: u64,
}

/// Turns batches into bytes, appended to a buffer.
pub(super) trait Encoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError>;

    /// Ends the bytes; called once, also when there were no rows.
    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError>;
}
