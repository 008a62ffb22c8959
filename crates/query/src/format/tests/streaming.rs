//! A million rows never sit in memory: what was pulled is written before much more is pulled.

use std::sync::{
    Mutex, Weak,
    atomic::{AtomicUsize, Ordering},
};

use arrow::array::Array;

use super::{
    parquet_file::{LIMITS, Limits, ParquetEncoder},
    write::write_with,
    *,
};

const BATCH_ROWS: usize = 1024;
/// What a row has in every format: eight bytes that cannot be compressed, or as many digits.
const ROW_BYTES: usize = 8;

/// Counts what is written.
#[derive(Clone, Default)]
struct Counted(Arc<AtomicUsize>);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Makes each batch when it is asked for; all before it must be gone by then, and their rows
/// written but for so many.
fn lazy(batches: usize, unwritten_rows: usize, written: &Counted) -> Rows {
    let alive: Mutex<Vec<Weak<dyn Array>>> = Mutex::default();
    let written = Arc::clone(&written.0);
    let make = move |number: usize| {
        let mut alive = alive.lock().unwrap();
        alive.retain(|array| array.strong_count() > 0);
        assert_eq!(alive.len(), 0, "batches are held");
        let expected = (number * BATCH_ROWS).saturating_sub(unwritten_rows) * ROW_BYTES;
        let written = written.load(Ordering::Relaxed);
        assert!(written >= expected, "{written} of {expected} bytes before batch {number}");
        let batch = numbers(number);
        alive.push(Arc::downgrade(batch.column(0)));
        Ok(batch)
    };
    let schema = numbers(0).schema();
    let batches = futures::stream::iter((0..batches).map(make));
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}

/// Numbers of many digits, in no order.
fn numbers(batch_number: usize) -> RecordBatch {
    let values = (0..BATCH_ROWS).map(|row| {
        let seed = (batch_number * BATCH_ROWS + row) as u64;
        let mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 27)) | 1 << 62).cast_signed()
    });
    batch(vec![("n", Arc::new(Int64Array::from_iter_values(values)))])
}

#[tokio::test]
async fn rows_are_written_as_they_come() {
    for format in Format::ALL {
        let (batches, unwritten_rows) = match format {
            // A row group, and what its pages hold back.
            Format::Parquet => (3 * LIMITS.rows / BATCH_ROWS, LIMITS.rows + BATCH_ROWS),
            Format::Table => (20, 1000),
            Format::Arrow => (20, arrow_file::BATCH_ROWS),
            _ => (20, 0),
        };
        let mut out = Counted::default();
        let rows = lazy(batches, unwritten_rows, &out);
        let count = write_rows(rows, format, &PLAIN, &mut out).await.unwrap();
        assert_eq!(count.written, (batches * BATCH_ROWS) as u64);
    }
}

#[tokio::test]
async fn wide_rows_fill_a_row_group_by_their_bytes() {
    let limits = Limits { rows: usize::MAX, bytes: 128 << 10 };
    let encoder = ParquetEncoder::try_new(numbers(0).schema(), limits).unwrap();
    let mut out = Counted::default();
    let rows = lazy(200, 2 * limits.bytes / ROW_BYTES, &out);
    write_with(Box::new(encoder), rows, Format::Parquet, &PLAIN, &mut out).await.unwrap();
    assert!(out.0.load(Ordering::Relaxed) >= 200 * BATCH_ROWS * ROW_BYTES);
}
