//! CSV in which a column holds records as text: what CloudTrail Lake writes for a query that selects
//! `eventJson`, Logs Insights for one of `@message`, and exports of Splunk, Kibana and Steampipe.
//!
//! - <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-results.html>
//! - <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData_ViewQuery.html>

use std::{
    cell::Cell,
    io::{self, Read},
    rc::Rc,
};

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::records::{RejectReason, envelope::log_time};

/// Columns that hold whole records, in any case.
const COLUMNS: [&str; 7] = [
    "eventJson",
    "eventData",
    "CloudTrailEvent",
    "@message",
    "cloudtrail_event",
    "_raw",
    "event.original",
];
/// The column with the instant that CloudWatch Logs gives a record.
const TIME: &str = "@timestamp";
/// The reader keeps a place for each field, so that a row of nothing but commas takes many times its
/// size.
const MOST_ROW_BYTES: usize = 4 << 20;
/// What the CSV reader takes from the text at once.
const BUFFER_BYTES: usize = 64 << 10;

/// Returns whether the header of a table names such a column.
pub(super) fn has_records(header: &[u8]) -> bool {
    header.split(|byte| *byte == b',').any(|name| is_column(name.trim_ascii()))
}

/// Returns whether the header is that of events without their records.
pub(super) fn is_without_records(header: &[u8]) -> bool {
    let mut names = header.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    header.contains(&b',') && names.any(|name| is_named(name, &["eventName", "eventTime", TIME]))
}

fn is_column(name: &[u8]) -> bool {
    is_named(name, &COLUMNS)
}

fn is_named(name: &[u8], names: &[&str]) -> bool {
    let name = name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name);
    let bare = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name);
    names.iter().any(|column| bare.eq_ignore_ascii_case(column.as_bytes()))
}

/// A row of a table.
pub(crate) struct Row<'a> {
    /// Offset of the row in the text.
    pub(crate) offset: u64,
    /// The text in the column of records, or why there is none.
    pub(crate) cell: Result<&'a [u8], RejectReason>,
    /// When the row's record happened, in milliseconds since 1970-01-01, where the table says it.
    pub(crate) time: Option<i64>,
}

/// A table that is being read.
pub(crate) struct Table<R> {
    reader: Reader<Metered<R>>,
    row: ByteRecord,
    column: Option<usize>,
    time: Option<usize>,
    /// Bytes that may be read for the next row.
    left: Rc<Cell<usize>>,
    row_bytes: usize,
    is_ended: bool,
}

impl<R: Read> Table<R> {
    /// Begins to read a table whose rows have at most this many bytes.
    pub(crate) fn new(text: R, row_bytes: usize) -> Self {
        let row_bytes = row_bytes.min(MOST_ROW_BYTES) + 2 * BUFFER_BYTES;
        let left = Rc::new(Cell::new(row_bytes));
        let metered = Metered { inner: text, left: Rc::clone(&left) };
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).buffer_capacity(BUFFER_BYTES);
        let reader = builder.from_reader(metered);
        let (column, time, is_ended) = (None, None, false);
        Self { reader, row: ByteRecord::new(), column, time, left, row_bytes, is_ended }
    }

    /// Returns the next row after the header; `None` after the last. A row that is too large, because
    /// a quote is missing perhaps, is the last one.
    pub(crate) fn next_row(&mut self) -> io::Result<Option<Row<'_>>> {
        if self.column.is_none() {
            if !self.read()? {
                return Ok(None);
            }
            self.column = self.row.iter().position(is_column);
            self.time = self.row.iter().position(|name| is_named(name, &[TIME]));
        }
        let offset = self.reader.position().byte();
        if self.is_ended || !self.read()? {
            return Ok(None);
        }
        let cell = match self.column.and_then(|column| self.row.get(column)) {
            _ if self.is_ended => Err(RejectReason::TooLarge),
            Some(cell) => Ok(cell),
            None => Err(RejectReason::NotAnObject),
        };
        let time = self.time.and_then(|time| std::str::from_utf8(self.row.get(time)?).ok());
        Ok(Some(Row { offset, cell, time: time.and_then(log_time) }))
    }

    fn read(&mut self) -> io::Result<bool> {
        self.left.set(self.row_bytes);
        match self.reader.read_byte_record(&mut self.row) {
            Ok(is_read) => Ok(is_read),
            Err(_) if self.left.get() == 0 => {
                self.is_ended = true;
                Ok(true)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Gives no more than the next row may have.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.left.get());
        if most == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.set(self.left.get() - read);
        Ok(read)
    }
}
