//! The k-way merge of data files: their rows in one order, none left out, none looked into.

use std::sync::Arc;

use arrow::{
    array::{AsArray, RecordBatch},
    compute::interleave_record_batch,
    datatypes::DataType,
};

use super::{
    read::{RowReader, broken},
    rows::Rows,
    upgrade::Upgrade,
};
use crate::{
    data_file::{
        encode::{BATCH_BYTES, BATCH_ROWS},
        merge::{BatchRow, Head, HeapMerge, SortedBatch, SortedInput, following},
    },
    error::{Error, Result},
    log::DataFile,
};

/// One data file of a merge.
pub(super) struct Input {
    pub(super) file: DataFile,
    pub(super) reader: RowReader,
    pub(super) upgrade: Option<Upgrade>,
    /// Rows read so far.
    rows: u64,
    /// The sum of their hashes.
    hash_sum: i64,
    /// The row that was handed on last.
    last: Option<BatchRow<Rows>>,
}

impl Input {
    pub(super) fn new(file: DataFile, reader: RowReader, upgrade: Option<Upgrade>) -> Self {
        Self { file, reader, upgrade, rows: 0, hash_sum: 0, last: None }
    }

    /// Returns the next rows, or `None` at the end of a file that was read whole.
    fn next_rows(&mut self) -> Result<Option<Arc<Rows>>> {
        let not_rows = |error| broken(&self.file.path, error);
        if let Some(batch) = self.reader.next_batch()? {
            let mut rows = Rows::new(batch).map_err(not_rows)?;
            self.rows += rows.rows() as u64;
            self.hash_sum = self.hash_sum.wrapping_add(rows.hash_sum());
            if let Some(upgrade) = &mut self.upgrade {
                rows = Rows::new(upgrade.rows(&rows)?).map_err(not_rows)?;
            }
            return Ok(Some(Arc::new(rows)));
        }
        if self.rows != self.file.rows {
            let (what, records) = (self.file.path.clone(), self.file.rows);
            return Err(Error::NotConserved { what, records, accounted: self.rows });
        }
        Ok(None)
    }
}

impl SortedInput for Input {
    type Batch = Rows;

    fn next(&mut self) -> Result<Option<BatchRow<Rows>>> {
        let last = self.last.take();
        let next = following(last.as_ref(), || self.next_rows())?;
        if let (Some((batch, row)), Some((next_batch, next_row))) = (&last, &next)
            && batch.key(*row) > next_batch.key(*next_row)
        {
            return Err(broken(&self.file.path, "its rows are not in order"));
        }
        self.last.clone_from(&next);
        Ok(next)
    }
}

/// The rows of several data files in one order.
pub(super) struct Merge {
    rows: HeapMerge<Input>,
    /// What the next batch is made of.
    open: OpenBatch,
}

/// Indices of rows in batches that are held until enough have come together.
#[derive(Default)]
struct OpenBatch {
    held: Vec<Arc<Rows>>,
    indices: Vec<(usize, usize)>,
    bytes: usize,
    /// By input, the index of its latest batch among those held.
    latest: Vec<Option<usize>>,
}

/// Rows of a merge.
pub(super) struct MergedBatch {
    pub(super) batch: RecordBatch,
    /// Bytes of its texts.
    pub(super) text_bytes: usize,
}

impl Merge {
    pub(super) fn new(inputs: Vec<Input>) -> Result<Self> {
        let open = OpenBatch { latest: vec![None; inputs.len()], ..OpenBatch::default() };
        Ok(Self { rows: HeapMerge::new(inputs)?, open })
    }

    /// Returns the next rows, or `None` at the end of all files.
    pub(super) fn next_batch(&mut self) -> Result<Option<MergedBatch>> {
        while let Some(head) = self.rows.next()? {
            self.open.push(head);
            if self.open.indices.len() >= BATCH_ROWS || self.open.bytes >= BATCH_BYTES {
                return self.open.take().map(Some);
            }
        }
        if self.open.indices.is_empty() { Ok(None) } else { self.open.take().map(Some) }
    }

    /// The sum of the hashes of all rows read.
    pub(super) fn hash_sum(&self) -> i64 {
        self.rows.inputs.iter().fold(0, |sum, input| sum.wrapping_add(input.hash_sum))
    }
}

impl OpenBatch {
    fn push(&mut self, head: Head<Rows>) {
        let Head { batch, row, input } = head;
        self.bytes += batch.row_bytes;
        let is_held = |index: &usize| Arc::ptr_eq(&self.held[*index], &batch);
        let index = self.latest[input].filter(is_held).unwrap_or(self.held.len());
        if index == self.held.len() {
            self.held.push(batch);
            self.latest[input] = Some(index);
        }
        self.indices.push((index, row));
    }

    fn take(&mut self) -> Result<MergedBatch> {
        let batches: Vec<&RecordBatch> = self.held.iter().map(|rows| &rows.batch).collect();
        let batch = interleave_record_batch(&batches, &self.indices)
            .map_err(|source| Error::Arrow { what: "merged rows".to_owned(), source })?;
        self.held.clear();
        self.indices.clear();
        self.bytes = 0;
        self.latest.fill(None);
        let texts = batch.columns().iter().filter(|column| *column.data_type() == DataType::Utf8);
        let text_bytes = texts.map(|column| column.as_string::<i32>().values().len()).sum();
        Ok(MergedBatch { batch, text_bytes })
    }
}
