//! The k-way merge of one partition: sorted runs and what the dataset holds already, in one order,
//! without duplicates.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, BinaryHeap},
    sync::Arc,
};

use ecstrail_converter::{SelectedBatch, SelectedRow};

use super::RunCursor;
use crate::{data_file::existing::ExistingRows, error::Result};

/// One sorted input of a merge.
pub(crate) enum Cursor<'c, 'r> {
    /// Rows of a run, as far as they are of one partition.
    Run { cursor: &'c mut RunCursor<'r>, place: (i32, &'c str) },
    /// Rows that are committed already; they are never written again.
    Existing { rows: ExistingRows, open: Option<(Arc<SelectedBatch>, usize)> },
}

impl Cursor<'_, '_> {
    fn next(&mut self) -> Result<Option<(Arc<SelectedBatch>, usize)>> {
        match self {
            Self::Run { cursor, place } => cursor.next_of(*place),
            Self::Existing { rows, open } => next_of(open, || rows.next_batch()),
        }
    }
}

/// Takes the next row of the open batch, opening the next batch at its end.
fn next_of(
    open: &mut Option<(Arc<SelectedBatch>, usize)>,
    mut next_batch: impl FnMut() -> Result<Option<Arc<SelectedBatch>>>,
) -> Result<Option<(Arc<SelectedBatch>, usize)>> {
    loop {
        if let Some((batch, row)) = open.as_mut()
            && *row < batch.rows()
        {
            *row += 1;
            return Ok(Some((Arc::clone(batch), *row - 1)));
        }
        match next_batch()? {
            Some(batch) => *open = Some((batch, 0)),
            None => return Ok(None),
        }
    }
}

/// A row of the merge.
#[derive(Debug, Clone)]
struct Head {
    batch: Arc<SelectedBatch>,
    row: usize,
    cursor: usize,
}

impl Head {
    fn row(&self) -> SelectedRow<'_> {
        self.batch.row(self.row)
    }

    fn is_same_event(&self, other: &Self) -> bool {
        let (this, other) = (self.row(), other.row());
        this.record_hash == other.record_hash
            && this.event_id == other.event_id
            && this.recipient_account_id == other.recipient_account_id
    }
}

impl Ord for Head {
    /// Reversed: the heap's greatest is the merge's next.
    fn cmp(&self, other: &Self) -> Ordering {
        other.row().order_in_partition(&self.row()).then_with(|| other.cursor.cmp(&self.cursor))
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

/// What a merge says of its next new row.
#[derive(Debug)]
pub(crate) enum Merged<'a> {
    /// The row is new.
    Row(SelectedRow<'a>),
    /// The row repeats an event that came before it; the number is its log file's.
    Duplicate(u32),
}

/// The rows of one partition, in order.
pub(crate) struct Merge<'c, 'r> {
    cursors: Vec<Cursor<'c, 'r>>,
    /// Numbers of log files that failed after some of their records were selected.
    withdrawn: &'c BTreeSet<u32>,
    heap: BinaryHeap<Head>,
    current: Option<Head>,
}

impl<'c, 'r> Merge<'c, 'r> {
    pub(crate) fn new(cursors: Vec<Cursor<'c, 'r>>, withdrawn: &'c BTreeSet<u32>) -> Result<Self> {
        let mut merge = Self { cursors, withdrawn, heap: BinaryHeap::new(), current: None };
        for cursor in 0..merge.cursors.len() {
            merge.advance(cursor)?;
        }
        Ok(merge)
    }

    /// Returns the next row that is not in the dataset, or `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Merged<'_>>> {
        loop {
            let Some(head) = self.heap.pop() else { return Ok(None) };
            self.advance(head.cursor)?;
            let is_existing = matches!(self.cursors[head.cursor], Cursor::Existing { .. });
            let repeats = self.current.as_ref().is_some_and(|current| current.is_same_event(&head));
            if repeats && !is_existing {
                return Ok(Some(Merged::Duplicate(head.row().source_file)));
            }
            self.current = Some(head);
            if !is_existing {
                break;
            }
        }
        Ok(self.current.as_ref().map(|current| Merged::Row(current.row())))
    }

    fn advance(&mut self, cursor: usize) -> Result<()> {
        while let Some((batch, row)) = self.cursors[cursor].next()? {
            let is_existing = matches!(self.cursors[cursor], Cursor::Existing { .. });
            if is_existing || !self.withdrawn.contains(&batch.row(row).source_file) {
                self.heap.push(Head { batch, row, cursor });
                break;
            }
        }
        Ok(())
    }
}
