//! The k-way merge of data files: their rows in one order, none left out, none looked into.

use std::{cmp::Ordering, collections::BinaryHeap, sync::Arc};

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
    data_file::encode::{BATCH_BYTES, BATCH_ROWS},
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
}

impl Input {
    pub(super) fn new(file: DataFile, reader: RowReader, upgrade: Option<Upgrade>) -> Self {
        Self { file, reader, upgrade, rows: 0, hash_sum: 0 }
    }

    /// Returns the next rows, or `None` at the end of a file that was read whole.
    fn next_rows(&mut self) -> Result<Option<Rows>> {
        let not_rows = |error| broken(&self.file.path, error);
        while let Some(batch) = self.reader.next_batch()? {
            let mut rows = Rows::new(batch).map_err(not_rows)?;
            self.rows += rows.batch.num_rows() as u64;
            self.hash_sum = self.hash_sum.wrapping_add(rows.hash_sum());
            if let Some(upgrade) = &mut self.upgrade {
                rows = Rows::new(upgrade.rows(&rows)?).map_err(not_rows)?;
            }
            if rows.batch.num_rows() > 0 {
                return Ok(Some(rows));
            }
        }
        if self.rows != self.file.rows {
            let (what, records) = (self.file.path.clone(), self.file.rows);
            return Err(Error::NotConserved { what, records, accounted: self.rows });
        }
        Ok(None)
    }
}

/// A row of the merge.
#[derive(Clone)]
struct Head {
    rows: Arc<Rows>,
    row: usize,
    input: usize,
}

impl Ord for Head {
    /// Reversed: the heap's greatest is the merge's next.
    fn cmp(&self, other: &Self) -> Ordering {
        let (this, that) = (self.rows.order(self.row), other.rows.order(other.row));
        that.cmp(&this).then_with(|| other.input.cmp(&self.input))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head {}

/// The rows of several data files in one order.
pub(super) struct Merge {
    inputs: Vec<Input>,
    heap: BinaryHeap<Head>,
    /// What the next batch is made of.
    open: OpenBatch,
}

/// Places of rows in batches that are held until enough have come together.
#[derive(Default)]
struct OpenBatch {
    held: Vec<Arc<Rows>>,
    places: Vec<(usize, usize)>,
    bytes: usize,
    /// By input, the place of its batch among those held.
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
        let mut merge = Self { inputs, heap: BinaryHeap::new(), open };
        for input in 0..merge.inputs.len() {
            merge.open_next(input)?;
        }
        Ok(merge)
    }

    /// Returns the next rows, or `None` at the end of all files.
    pub(super) fn next_batch(&mut self) -> Result<Option<MergedBatch>> {
        while let Some(head) = self.heap.pop() {
            self.open.push(&head);
            self.advance(&head)?;
            if self.open.places.len() >= BATCH_ROWS || self.open.bytes >= BATCH_BYTES {
                return self.open.take().map(Some);
            }
        }
        if self.open.places.is_empty() { Ok(None) } else { self.open.take().map(Some) }
    }

    /// The sum of the hashes of all rows read.
    pub(super) fn hash_sum(&self) -> i64 {
        self.inputs.iter().fold(0, |sum, input| sum.wrapping_add(input.hash_sum))
    }

    fn advance(&mut self, head: &Head) -> Result<()> {
        let input = head.input;
        if head.row + 1 < head.rows.batch.num_rows() {
            let next = Head { row: head.row + 1, ..head.clone() };
            self.check_order(head, &next)?;
            self.heap.push(next);
        } else if let Some(next) = self.open_next(input)? {
            self.check_order(head, &next)?;
        }
        Ok(())
    }

    /// Puts the first of an input's next rows on the heap.
    fn open_next(&mut self, input: usize) -> Result<Option<Head>> {
        self.open.latest[input] = None;
        let rows = self.inputs[input].next_rows()?;
        let head = rows.map(|rows| Head { rows: Arc::new(rows), row: 0, input });
        self.heap.extend(head.clone());
        Ok(head)
    }

    fn check_order(&self, head: &Head, next: &Head) -> Result<()> {
        if head.rows.order(head.row) <= next.rows.order(next.row) {
            return Ok(());
        }
        Err(broken(&self.inputs[head.input].file.path, "its rows are not in order"))
    }
}

impl OpenBatch {
    fn push(&mut self, head: &Head) {
        let place = *self.latest[head.input].get_or_insert_with(|| {
            self.held.push(Arc::clone(&head.rows));
            self.held.len() - 1
        });
        self.places.push((place, head.row));
        self.bytes += head.rows.row_bytes;
    }

    fn take(&mut self) -> Result<MergedBatch> {
        let batches: Vec<&RecordBatch> = self.held.iter().map(|rows| &rows.batch).collect();
        let batch = interleave_record_batch(&batches, &self.places)
            .map_err(|source| Error::Arrow { what: "merged rows".to_owned(), source })?;
        self.held.clear();
        self.places.clear();
        self.bytes = 0;
        self.latest.fill(None);
        let texts = batch.columns().iter().filter(|column| *column.data_type() == DataType::Utf8);
        let text_bytes = texts.map(|column| column.as_string::<i32>().values().len()).sum();
        Ok(MergedBatch { batch, text_bytes })
    }
}
