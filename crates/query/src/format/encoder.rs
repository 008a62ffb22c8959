//! What every format is: an encoder of batches, and the options that formats share.

use arrow::{array::RecordBatch, error::ArrowError};

/// What a format leaves open.
#[derive(Debug, Clone, Copy, Default)]
pub struct WriteOptions {
    /// Columns of the terminal that a table must fit into; `None` is no limit.
    pub width: Option<usize>,
    /// Whether a table's header stands out, by what a terminal takes for bold and dim.
    pub colour: bool,
    /// Whether CSV and TSV have values exactly as they are, also those that a spreadsheet runs.
    pub raw: bool,
    /// Rows to write at most, the first ones of the answer; `None` is all.
    pub limit: Option<u64>,
    /// Rows to count at least, if there are as many: a limit alone ends the count early.
    pub count_to: u64,
}

/// Turns batches into bytes, appended to a buffer.
pub(super) trait Encoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError>;

    /// Ends the bytes; called once, also when there were no rows.
    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError>;
}
