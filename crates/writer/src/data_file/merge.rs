//! The k-way merge of sorted rows, which conversions and compactions share.

use std::{cmp::Ordering, collections::BinaryHeap, sync::Arc};

use ecstrail_converter::SelectedBatch;

use crate::error::Result;

/// Rows in memory that a merge orders.
pub(crate) trait SortedBatch {
    /// What orders a row.
    type Key<'a>: Ord
    where
        Self: 'a;

    fn rows(&self) -> usize;

    fn key(&self, row: usize) -> Self::Key<'_>;
}

impl SortedBatch for SelectedBatch {
    type Key<'a> = ecstrail_converter::RowKey<'a, u32>;

    fn rows(&self) -> usize {
        self.rows()
    }

    fn key(&self, row: usize) -> Self::Key<'_> {
        self.key(row)
    }
}

/// A row, with the batch that holds it.
pub(crate) type BatchRow<B> = (Arc<B>, usize);

/// One sorted input of a merge.
pub(crate) trait SortedInput {
    type Batch: SortedBatch;

    /// Returns the next row in order, or `None` at the end.
    fn next(&mut self) -> Result<Option<BatchRow<Self::Batch>>>;
}

/// Returns the row that follows the last one: in its batch, or else in the next that has rows.
pub(crate) fn following<B: SortedBatch>(
    last: Option<&BatchRow<B>>,
    mut next_batch: impl FnMut() -> Result<Option<Arc<B>>>,
) -> Result<Option<BatchRow<B>>> {
    if let Some((batch, row)) = last
        && row + 1 < batch.rows()
    {
        return Ok(Some((Arc::clone(batch), row + 1)));
    }
    while let Some(batch) = next_batch()? {
        if batch.rows() > 0 {
            return Ok(Some((batch, 0)));
        }
    }
    Ok(None)
}

/// A row of a merge.
#[derive(Debug)]
pub(crate) struct Head<B> {
    pub(crate) batch: Arc<B>,
    pub(crate) row: usize,
    /// The input that it came from.
    pub(crate) input: usize,
}

impl<B: SortedBatch> Head<B> {
    pub(crate) fn key(&self) -> B::Key<'_> {
        self.batch.key(self.row)
    }
}

impl<B: SortedBatch> Ord for Head<B> {
    /// Reversed: the heap's greatest is the merge's next.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key()).then_with(|| other.input.cmp(&self.input))
    }
}

impl<B: SortedBatch> PartialOrd for Head<B> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<B: SortedBatch> PartialEq for Head<B> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<B: SortedBatch> Eq for Head<B> {}

/// The rows of all inputs in one order. Of rows with equal keys, that of the first input comes first.
pub(crate) struct HeapMerge<I: SortedInput> {
    pub(crate) inputs: Vec<I>,
    heap: BinaryHeap<Head<I::Batch>>,
}

impl<I: SortedInput> HeapMerge<I> {
    pub(crate) fn new(inputs: Vec<I>) -> Result<Self> {
        let mut merge = Self { inputs, heap: BinaryHeap::new() };
        for input in 0..merge.inputs.len() {
            merge.advance(input)?;
        }
        Ok(merge)
    }

    /// Returns the next row, or `None` at the end of all inputs.
    pub(crate) fn next(&mut self) -> Result<Option<Head<I::Batch>>> {
        let Some(head) = self.heap.pop() else { return Ok(None) };
        self.advance(head.input)?;
        Ok(Some(head))
    }

    fn advance(&mut self, input: usize) -> Result<()> {
        let next = self.inputs[input].next()?;
        self.heap.extend(next.map(|(batch, row)| Head { batch, row, input }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl SortedBatch for Vec<u8> {
        type Key<'a> = u8;

        fn rows(&self) -> usize {
            self.len()
        }

        fn key(&self, row: usize) -> u8 {
            self[row]
        }
    }

    struct Batches {
        batches: std::vec::IntoIter<Vec<u8>>,
        last: Option<BatchRow<Vec<u8>>>,
    }

    impl SortedInput for Batches {
        type Batch = Vec<u8>;

        fn next(&mut self) -> Result<Option<BatchRow<Vec<u8>>>> {
            self.last = following(self.last.as_ref(), || Ok(self.batches.next().map(Arc::new)))?;
            Ok(self.last.clone())
        }
    }

    #[test]
    fn rows_of_all_inputs_come_in_one_order() {
        for (inputs, expected) in [
            (vec![], vec![]),
            (vec![vec![], vec![vec![]]], vec![]),
            (vec![vec![vec![], vec![1, 3], vec![], vec![3]]], vec![(1, 0), (3, 0), (3, 0)]),
            (
                vec![vec![vec![2, 5]], vec![vec![1], vec![2, 9]], vec![], vec![vec![2]]],
                vec![(1, 1), (2, 0), (2, 1), (2, 3), (5, 0), (9, 1)],
            ),
        ] {
            let inputs = inputs.into_iter();
            let inputs = inputs
                .map(|batches: Vec<Vec<u8>>| Batches { batches: batches.into_iter(), last: None });
            let mut merge = HeapMerge::new(inputs.collect()).unwrap();
            let rows = std::iter::from_fn(|| merge.next().unwrap());
            let rows: Vec<(u8, usize)> = rows.map(|head| (head.key(), head.input)).collect();
            assert_eq!(rows, expected);
        }
    }
}
