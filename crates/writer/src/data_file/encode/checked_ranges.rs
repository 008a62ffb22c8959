//! The parts of a file that have no checksum in Parquet: bloom filters, page indexes and the footer. The
//! log has theirs.

use std::{
    io::{self, Write},
    ops::Range,
};

use parquet::{
    errors::{ParquetError, Result},
    file::metadata::{ParquetMetaData, RowGroupMetaData},
};

use crate::log::CheckedRange;

/// Bytes at the end of every file: how long the footer is, and Parquet's mark.
const TRAILER_BYTES: usize = 8;

/// Passes bytes on, and keeps those of the end of a file.
#[derive(Debug)]
pub(super) struct KeptEnd<W> {
    /// `None` once the file has ended.
    inner: Option<W>,
    kept: Option<Vec<u8>>,
}

impl<W> KeptEnd<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner: Some(inner), kept: None }
    }

    /// Keeps what is written from now on.
    pub(super) fn begin(&mut self) {
        self.kept = Some(Vec::new());
    }

    /// Ends the file; returns what was kept of it, and the sink.
    pub(super) fn end(&mut self) -> (Vec<u8>, Option<W>) {
        (self.kept.take().unwrap_or_default(), self.inner.take())
    }
}

impl<W: Write> Write for KeptEnd<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let inner = self.inner.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let written = inner.write(bytes)?;
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(&bytes[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Returns the checksums of a file's end, which begins at `start` in the file; the footer's comes last.
pub(super) fn checked_ranges(
    metadata: &ParquetMetaData,
    start: u64,
    end: &[u8],
) -> Result<Vec<CheckedRange>> {
    let columns = || metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let range = |offset: Option<i64>, bytes: Option<i32>| {
        let offset = u64::try_from(offset?).ok()?;
        Some(offset..offset + u64::try_from(bytes?).ok()?)
    };
    let filters = columns()
        .filter_map(|column| range(column.bloom_filter_offset(), column.bloom_filter_length()));
    let indexes = columns().flat_map(|column| {
        [
            range(column.column_index_offset(), column.column_index_length()),
            range(column.offset_index_offset(), column.offset_index_length()),
        ]
    });
    // They are read at once.
    let union =
        |all: Range<u64>, next: Range<u64>| all.start.min(next.start)..all.end.max(next.end);
    let indexes = indexes.flatten().reduce(union);
    let footer_length = end.last_chunk::<TRAILER_BYTES>().and_then(|trailer| {
        let length = trailer.first_chunk::<4>().map(|length| u32::from_le_bytes(*length))?;
        end.len().checked_sub(usize::try_from(length).ok()? + TRAILER_BYTES)
    });
    let footer = footer_length.map(|offset| start + offset as u64..start + end.len() as u64);
    let ranges = filters.chain(indexes).chain(footer);
    ranges.map(|range| checked_range(&range, start, end)).collect()
}

fn checked_range(range: &Range<u64>, start: u64, end: &[u8]) -> Result<CheckedRange> {
    let place = |at: u64| usize::try_from(at.checked_sub(start)?).ok();
    let bytes = place(range.start).zip(place(range.end)).and_then(|(from, to)| end.get(from..to));
    let bytes = bytes.ok_or_else(|| {
        ParquetError::General("an index of the file does not stand at its end".to_owned())
    })?;
    Ok(CheckedRange(range.start, range.end - range.start, crc32fast::hash(bytes)))
}
