//! The k-way merge of one partition: sorted runs and what the dataset holds already, in one order,
//! without duplicates.

use std::{collections::BTreeSet, sync::Arc};

use ecstrail_converter::{SelectedBatch, SelectedRow};

use super::RunCursor;
use crate::{
    data_file::{
        existing::ExistingRows,
        merge::{BatchRow, Head, HeapMerge, SortedInput, following},
    },
    error::Result,
};

/// One sorted input of a merge.
pub(crate) enum Cursor<'c, 'r> {
    /// Rows of a run, as far as they are of one partition.
    Run { cursor: &'c mut RunCursor<'r>, partition: (i32, &'c str) },
    /// Rows that are committed already; they are never written again.
    Existing { rows: ExistingRows, last: Option<BatchRow<SelectedBatch>> },
}

/// A cursor, without the rows that do not count.
struct Counted<'c, 'r> {
    cursor: Cursor<'c, 'r>,
    /// Numbers of log files that failed after some of their records were selected.
    withdrawn: &'c BTreeSet<u32>,
}

impl Counted<'_, '_> {
    fn is_existing(&self) -> bool {
        matches!(self.cursor, Cursor::Existing { .. })
    }
}

impl SortedInput for Counted<'_, '_> {
    type Batch = SelectedBatch;

    fn next(&mut self) -> Result<Option<(Arc<SelectedBatch>, usize)>> {
        match &mut self.cursor {
            Cursor::Run { cursor, partition } => {
                while let Some((batch, row)) = cursor.next_of(*partition)? {
                    if !self.withdrawn.contains(&batch.key(row).source_file) {
                        return Ok(Some((batch, row)));
                    }
                }
                Ok(None)
            }
            Cursor::Existing { rows, last } => {
                *last = following(last.as_ref(), || rows.next_batch())?;
                Ok(last.clone())
            }
        }
    }
}

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
    rows: HeapMerge<Counted<'c, 'r>>,
    current: Option<Head<SelectedBatch>>,
}

impl<'c, 'r> Merge<'c, 'r> {
    pub(crate) fn new(cursors: Vec<Cursor<'c, 'r>>, withdrawn: &'c BTreeSet<u32>) -> Result<Self> {
        let counted = cursors.into_iter().map(|cursor| Counted { cursor, withdrawn });
        Ok(Self { rows: HeapMerge::new(counted.collect())?, current: None })
    }

    /// Returns the next row that is not in the dataset, or `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Merged<'_>>> {
        loop {
            let Some(head) = self.rows.next()? else { return Ok(None) };
            let is_existing = self.rows.inputs[head.input].is_existing();
            let current = self.current.as_ref();
            let repeats = current.is_some_and(|current| current.key().is_same_event(&head.key()));
            if repeats && !is_existing {
                return Ok(Some(Merged::Duplicate(head.key().source_file)));
            }
            self.current = Some(head);
            if !is_existing {
                break;
            }
        }
        Ok(self.current.as_ref().map(|current| Merged::Row(current.batch.row(current.row))))
    }
}
