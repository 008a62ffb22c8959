//! Rows that earlier runs of a report have shown, so that the next shows only the others. A row is known
//! by a hash of all its values.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    array::RecordBatch, array::UInt64Array, compute::take_record_batch, error::ArrowError,
};
use datafusion::{error::DataFusionError, physical_plan::stream::RecordBatchStreamAdapter};
use futures::StreamExt;
use sha2::{Digest, Sha256};

use crate::{format::json_lines, session::Rows};

/// What a file of such rows begins with.
const MARK: &[u8] = b"ecstrail shown rows 1\n";
/// Bytes of a row in a file: its hash, and how often it was shown.
const ROW_BYTES: usize = HASH_BYTES + 4;
const HASH_BYTES: usize = 16;

/// The most rows that are remembered; they take about 20 MB in a file.
pub const MOST_SHOWN_ROWS: usize = 1_000_000;

type RowHash = [u8; HASH_BYTES];

/// Rows that were shown, and how often each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownRows(HashMap<RowHash, u32>);

impl ShownRows {
    /// Reads what [`to_bytes`](Self::to_bytes) wrote; `None` if it is something else.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let rows = bytes.strip_prefix(MARK)?;
        if rows.len() % ROW_BYTES != 0 || rows.len() / ROW_BYTES > MOST_SHOWN_ROWS {
            return None;
        }
        let rows = rows.chunks_exact(ROW_BYTES).map(|row| {
            let (hash, times) = row.split_first_chunk::<HASH_BYTES>()?;
            Some((*hash, u32::from_le_bytes(times.try_into().ok()?)))
        });
        rows.collect::<Option<_>>().map(Self)
    }

    /// Writes the rows, in the order of their hashes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut rows: Vec<_> = self.0.iter().collect();
        rows.sort_unstable();
        let mut bytes = Vec::with_capacity(MARK.len() + rows.len() * ROW_BYTES);
        bytes.extend_from_slice(MARK);
        for (hash, times) in rows {
            bytes.extend_from_slice(hash);
            bytes.extend_from_slice(&times.to_le_bytes());
        }
        bytes
    }

    /// How many rows there are, each counted once.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What became of the rows of a result.
#[derive(Debug, Clone)]
pub struct Sifting(Arc<Mutex<Sifted>>);

#[derive(Debug)]
struct Sifted {
    before: ShownRows,
    /// Of the rows before, those that the result has again; and those that it shows now.
    found: ShownRows,
    known: u64,
    /// New rows that may still be shown.
    room: u64,
    is_whole: bool,
    is_too_much: bool,
}

/// What to remember of a result that has been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The rows; `None` if there are more than [`MOST_SHOWN_ROWS`].
    pub rows: Option<ShownRows>,
    /// Rows of the result that were left out, since they had been shown before.
    pub known: u64,
}

/// Leaves out rows that were shown before. Of the others up to `limit` are shown by whoever writes them;
/// those beyond are passed on and not remembered.
pub fn sift(rows: Rows, before: ShownRows, limit: Option<u64>) -> (Rows, Sifting) {
    let sifting = Sifting(Arc::new(Mutex::new(Sifted {
        before,
        found: ShownRows::default(),
        known: 0,
        room: limit.unwrap_or(u64::MAX),
        is_whole: false,
        is_too_much: false,
    })));
    let schema = rows.schema();
    let (passing, ending) = (sifting.clone(), sifting.clone());
    let sifted = rows.map(move |batch| {
        let batch: RecordBatch = batch?;
        let mut sifted = passing.0.lock().unwrap_or_else(PoisonError::into_inner);
        sifted.new_rows(&batch).map_err(DataFusionError::from)
    });
    let end = futures::stream::poll_fn(move |_| {
        ending.0.lock().unwrap_or_else(PoisonError::into_inner).is_whole = true;
        std::task::Poll::Ready(None)
    });
    (Box::pin(RecordBatchStreamAdapter::new(schema, sifted.chain(end))), sifting)
}

impl Sifted {
    fn new_rows(&mut self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let lines = json_lines(batch)?;
        let mut kept = Vec::new();
        for (row, line) in (0_u64..).zip(lines.lines()) {
            let hash = hash_of(line);
            let times = self.found.0.get(&hash).copied().unwrap_or_default();
            let is_known = self.before.0.get(&hash).is_some_and(|before| times < *before);
            if is_known {
                self.known += 1;
            } else {
                kept.push(row);
                if self.room == 0 {
                    continue;
                }
                self.room -= 1;
            }
            if times == 0 && self.found.0.len() == MOST_SHOWN_ROWS {
                self.is_too_much = true;
            } else {
                *self.found.0.entry(hash).or_default() += 1;
            }
        }
        take_record_batch(batch, &UInt64Array::from(kept))
    }
}

impl Sifting {
    /// Returns what to remember, once the rows have been written.
    pub fn remembered(self) -> Remembered {
        let mut sifted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows = mem::take(&mut sifted.found);
        if !sifted.is_whole {
            // The rest of the result was not looked at.
            for (hash, times) in mem::take(&mut sifted.before).0 {
                let found = rows.0.entry(hash).or_default();
                *found = (*found).max(times);
            }
        }
        let is_too_much = sifted.is_too_much || rows.len() > MOST_SHOWN_ROWS;
        Remembered { rows: (!is_too_much).then_some(rows), known: sifted.known }
    }
}

fn hash_of(line: &str) -> RowHash {
    let hash = Sha256::digest(line);
    let mut start = RowHash::default();
    start.copy_from_slice(&hash[..HASH_BYTES]);
    start
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::{AsArray, Int64Array, StringArray},
        datatypes::{DataType, Field, Int64Type, Schema},
    };
    use futures::TryStreamExt;

    use super::*;

    fn rows(values: &[i64]) -> Rows {
        let schema = Arc::new(Schema::new(vec![
            Field::new("number", DataType::Int64, false),
            Field::new("text", DataType::Utf8, true),
        ]));
        let batches: Vec<_> = values
            .chunks(2)
            .map(|values| {
                let texts = values.iter().map(|value| (value % 2 == 0).then_some("line\nbreak"));
                Ok(RecordBatch::try_new(
                    Arc::clone(&schema),
                    vec![
                        Arc::new(Int64Array::from(values.to_vec())),
                        Arc::new(texts.collect::<StringArray>()),
                    ],
                )
                .unwrap())
            })
            .collect();
        Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(batches)))
    }

    fn numbers(batches: &[RecordBatch]) -> Vec<i64> {
        let column =
            |batch: &RecordBatch| batch.column(0).as_primitive::<Int64Type>().values().to_vec();
        batches.iter().flat_map(column).collect()
    }

    #[tokio::test]
    async fn only_rows_that_were_not_shown_are_passed_on() {
        let mut shown = ShownRows::default();
        for (result, limit, new, known) in [
            (&[1, 2, 3, 3][..], None, &[1, 2, 3, 3][..], 0),
            // As often as before, and once more.
            (&[3, 1, 3, 4, 3, 2], None, &[4, 3], 4),
            (&[5, 6, 1], Some(1), &[5, 6], 1),
            // 6 was beyond the limit; what the last result lacked is new again.
            (&[6, 5, 2, 1], None, &[6, 2], 2),
            (&[], None, &[], 0),
            (&[1], None, &[1], 0),
        ] {
            let (sifted, sifting) = sift(rows(result), shown, limit);
            let batches: Vec<_> = sifted.try_collect().await.unwrap();
            assert_eq!(numbers(&batches), new, "{result:?}");
            let remembered = sifting.remembered();
            assert_eq!(remembered.known, known, "{result:?}");
            let bytes = remembered.rows.unwrap().to_bytes();
            shown = ShownRows::parse(&bytes).unwrap();
            assert_eq!(shown.to_bytes(), bytes);
        }
    }

    #[tokio::test]
    async fn what_was_not_looked_at_stays_known() {
        let (sifted, sifting) = sift(rows(&[1, 2, 3, 4]), ShownRows::default(), None);
        drop(sifted.try_collect::<Vec<_>>().await.unwrap());
        let shown = sifting.remembered().rows.unwrap();
        let (mut sifted, sifting) = sift(rows(&[9, 9, 1, 2]), shown, Some(1));
        assert_eq!(numbers(&[sifted.next().await.unwrap().unwrap()]), [9, 9]);
        drop(sifted);
        let shown = sifting.remembered().rows.unwrap();
        let (sifted, _) = sift(rows(&[1, 2, 3, 4, 9, 9]), shown, None);
        assert_eq!(numbers(&sifted.try_collect::<Vec<_>>().await.unwrap()), [9]);
    }

    #[test]
    fn files_that_are_something_else() {
        let whole = ShownRows([([7; HASH_BYTES], 2)].into()).to_bytes();
        assert!(ShownRows::parse(&whole).is_some());
        for bytes in [&b""[..], b"ecstrail", &whole[..whole.len() - 1], &whole[1..]] {
            assert_eq!(ShownRows::parse(bytes), None);
        }
    }
}
