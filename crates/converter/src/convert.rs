//! One log file's bytes become selected records and a tally; nothing is lost between the two.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    ops::ControlFlow,
    sync::Arc,
};

use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{
    Error, LogFile, Reject, RejectReason, Result, SelectedBatch, SelectedRow, Selection,
    canonical::Canonical,
    decompress::{Container, Inflater, gzip_error, limit_bytes, read_error},
    json::{compact, unescape},
    partition::{UNKNOWN_REGION, is_region},
    selected::SelectedBuilder,
    selection,
    source::{LogBytes, OpenStream},
    split::{Found, MAX_RECORD_BYTES, Splitter},
    time::parse_event_time,
};

/// Rejects that are described one by one, per log file; further ones are only counted, so that a
/// hostile file cannot fill the memory.
const MAX_DESCRIBED_REJECTS: usize = 1000;

/// How much of a large file is read at once.
const PIECE_BYTES: usize = 8 << 20;

/// What became of one log file's records: `records = selected + filtered + rejected`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileTally {
    /// Records found.
    pub records: u64,
    /// Records that the selection keeps.
    pub selected: u64,
    /// Records that the selection does not keep.
    pub filtered: u64,
    /// Records that could not become a row.
    pub rejected: u64,
    /// All of these by reason.
    pub rejected_by_reason: BTreeMap<RejectReason, u64>,
    /// The first 1,000 rejects.
    pub rejects: Vec<Reject>,
    /// Bytes after decompression.
    pub decompressed_bytes: u64,
    /// SHA-256 of the decompressed bytes, as CloudTrail's digests hold it.
    pub sha256: [u8; 32],
}

/// Record bytes after which a batch is handed on.
const BATCH_BYTES: usize = 2 << 20;

/// Takes batches of selected records; `Break` ends the reading.
pub type Sink<'a> = &'a mut dyn FnMut(SelectedBatch) -> ControlFlow<()>;

/// Turns log files into selected records. One converter serves one thread.
#[derive(Debug)]
pub struct Converter {
    selection: Arc<Selection>,
    inflater: Inflater,
    buffer: Vec<u8>,
    records: Records,
}

impl Converter {
    /// Makes a converter that keeps what `selection` says.
    pub fn new(selection: Arc<Selection>) -> Self {
        Self {
            selection,
            inflater: Inflater::new(),
            buffer: Vec::new(),
            records: Records::default(),
        }
    }

    /// Takes the records that were selected and not handed on.
    pub fn take(&mut self) -> SelectedBatch {
        self.records.selected.finish()
    }

    /// Reads all records of a log file. `number` is the file's place in the run's order of names.
    /// Full batches of selected records go to `sink`; what is left stays for
    /// [`take`](Self::take).
    ///
    /// After an error some records of the file may have been selected; none of them counts.
    pub fn convert(
        &mut self,
        log_file: &LogFile,
        number: u32,
        bytes: &LogBytes,
        sink: Sink<'_>,
    ) -> Result<FileTally> {
        let name = &log_file.source_file;
        let stored = match bytes {
            LogBytes::Whole(stored) => stored,
            LogBytes::Stream(open) => return self.convert_stream(log_file, number, open, sink),
        };
        let mut buffer = std::mem::take(&mut self.buffer);
        let text = match Container::of(&stored[..stored.len().min(4096)], name)? {
            Container::Json => &stored[..],
            Container::Gzip if self.inflater.inflate(stored, &mut buffer, name)? => &buffer[..],
            Container::Gzip => {
                let stored = stored.clone();
                let open: OpenStream = Box::new(move || Box::new(io::Cursor::new(stored.clone())));
                return self.convert_stream(log_file, number, &open, sink);
            }
        };
        let mut file = OpenFile::new(log_file, number, &self.selection);
        let mut splitter = Splitter::new();
        self.records.read_piece(&mut splitter, text, true, &mut file, sink)?;
        file.tally.decompressed_bytes = text.len() as u64;
        file.tally.sha256 = Sha256::digest(text).into();
        let tally = file.tally;
        if buffer.capacity() <= PIECE_BYTES {
            self.buffer = buffer;
        }
        Ok(tally)
    }

    /// Reads a large file in two passes: one verifies it to its end, one reads its records.
    fn convert_stream(
        &mut self,
        log_file: &LogFile,
        number: u32,
        open: &OpenStream,
        sink: Sink<'_>,
    ) -> Result<FileTally> {
        let name = &log_file.source_file;
        let mut start = Vec::new();
        let read_error = |error| read_error(error, name);
        open().take(4096).read_to_end(&mut start).map_err(read_error)?;
        let container = Container::of(&start, name)?;
        let decode = || -> Box<dyn Read + Send> {
            match container {
                Container::Json => open(),
                Container::Gzip => Box::new(MultiGzDecoder::new(open())),
            }
        };
        let verified = match container {
            Container::Json => None,
            Container::Gzip => {
                let limit_bytes = limit_bytes(log_file.bytes);
                let mut hash = HashingReader::new(decode());
                let copied = io::copy(&mut (&mut hash).take(limit_bytes + 1), &mut io::sink());
                if copied.map_err(|error| gzip_error(error, name))? > limit_bytes {
                    return Err(Error::TooLarge { log_file: name.clone(), limit_bytes });
                }
                Some(hash.finish())
            }
        };
        let mut file = OpenFile::new(log_file, number, &self.selection);
        let mut splitter = Splitter::new();
        let mut reader = HashingReader::new(decode());
        let mut piece = Vec::new();
        loop {
            let before = piece.len();
            (&mut reader).take(PIECE_BYTES as u64).read_to_end(&mut piece).map_err(read_error)?;
            let last = piece.len() == before;
            self.records.read_piece(&mut splitter, &piece, last, &mut file, sink)?;
            if last {
                break;
            }
            piece.drain(..splitter.position);
            file.base += splitter.position as u64;
            splitter.position = 0;
        }
        let (bytes, sha256) = reader.finish();
        if verified.is_some_and(|verified| verified != (bytes, sha256)) {
            return Err(Error::Changed { log_file: name.clone() });
        }
        file.tally.decompressed_bytes = bytes;
        file.tally.sha256 = sha256;
        Ok(file.tally)
    }
}

/// A log file whose records are being read.
struct OpenFile<'a> {
    log_file: &'a LogFile,
    number: u32,
    selection: &'a Selection,
    /// Offset of the current piece in the decompressed file.
    base: u64,
    tally: FileTally,
}

impl<'a> OpenFile<'a> {
    fn new(log_file: &'a LogFile, number: u32, selection: &'a Selection) -> Self {
        Self { log_file, number, selection, base: 0, tally: FileTally::default() }
    }

    fn reject(&mut self, at: usize, reason: RejectReason) {
        self.tally.rejected += 1;
        *self.tally.rejected_by_reason.entry(reason).or_default() += 1;
        if self.tally.rejects.len() < MAX_DESCRIBED_REJECTS {
            self.tally.rejects.push(Reject {
                source_file: self.log_file.source_file.clone(),
                index: self.tally.records,
                byte_offset: self.base + at as u64,
                reason,
            });
        }
    }
}

/// The records selected so far, and the buffers to check one.
#[derive(Debug, Default)]
struct Records {
    selected: SelectedBuilder,
    canonical: Canonical,
    compacted: Vec<u8>,
}

enum Verdict {
    Selected,
    Filtered,
    Rejected(RejectReason),
}

impl Records {
    fn read_piece(
        &mut self,
        splitter: &mut Splitter,
        piece: &[u8],
        last: bool,
        file: &mut OpenFile<'_>,
        sink: Sink<'_>,
    ) -> Result<()> {
        loop {
            let (at, verdict) = match splitter.next(piece, last) {
                Found::End | Found::NeedMore => return Ok(()),
                Found::Broken(at, reason) => (at, Verdict::Rejected(reason)),
                Found::Record(range) => {
                    let offset = file.base + range.start as u64;
                    (range.start, self.read_record(splitter, piece, &piece[range], offset, file))
                }
            };
            match verdict {
                Verdict::Selected => file.tally.selected += 1,
                Verdict::Filtered => file.tally.filtered += 1,
                Verdict::Rejected(reason) => file.reject(at, reason),
            }
            file.tally.records += 1;
            if self.selected.text_bytes() >= BATCH_BYTES && sink(self.selected.finish()).is_break()
            {
                return Err(Error::Stopped { log_file: file.log_file.source_file.clone() });
            }
        }
    }

    fn read_record(
        &mut self,
        splitter: &Splitter,
        piece: &[u8],
        record: &[u8],
        offset: u64,
        file: &OpenFile<'_>,
    ) -> Verdict {
        let member = |name: &[u8]| {
            let found = splitter.members.iter().rev().find(|member| {
                piece[member.key.clone()].get(1..).and_then(|key| key.strip_suffix(b"\""))
                    == Some(name)
            });
            found.map(|member| &piece[member.value.clone()])
        };
        let text = |name: &[u8]| {
            let token = std::str::from_utf8(member(name)?).ok()?;
            token.starts_with('"').then(|| unescape(token).0)
        };
        if record.len() > MAX_RECORD_BYTES {
            return Verdict::Rejected(RejectReason::TooLarge);
        }
        let event_source = text(b"eventSource");
        let is_unreadable = member(b"eventSource")
            .is_some_and(|token| event_source.is_none() && std::str::from_utf8(token).is_err());
        if is_unreadable {
            return Verdict::Rejected(RejectReason::InvalidUtf8);
        }
        if is_foreign(event_source.as_deref(), member(b"eventVersion").is_some()) {
            return Verdict::Rejected(RejectReason::NotCloudTrail);
        }
        let selection = file.selection;
        let reads_only = || matches!(member(b"readOnly"), Some(b"true" | b"\"true\""));
        if !selection.keeps_event_source(event_source.as_deref())
            || !selection.keeps_event_name(text(b"eventName").as_deref())
            || (selection.exclude_read_only && reads_only())
        {
            return Verdict::Filtered;
        }
        let Ok(checked) = std::str::from_utf8(record) else {
            return Verdict::Rejected(RejectReason::InvalidUtf8);
        };
        if serde_json::from_str::<&RawValue>(checked).is_err() {
            return Verdict::Rejected(RejectReason::BrokenJson);
        }
        let event_time = text(b"eventTime").and_then(|text| parse_event_time(&text));
        let delivery_day =
            event_time.is_none().then(|| file.log_file.key()).flatten().map(|key| key.day);
        let Some(day) = selection::day_of(event_time, delivery_day) else {
            return Verdict::Rejected(RejectReason::NoDate);
        };
        let region = text(b"awsRegion").unwrap_or_default();
        let account = text(b"recipientAccountId");
        if !selection.keeps_day(day)
            || !selection.keeps_region(&region)
            || !selection.keeps_account(account.as_deref())
        {
            return Verdict::Filtered;
        }
        self.compacted.clear();
        compact(record, &mut self.compacted);
        let Ok(record) = std::str::from_utf8(&self.compacted) else {
            return Verdict::Rejected(RejectReason::InvalidUtf8);
        };
        self.selected.push(&SelectedRow {
            day,
            region: if is_region(&region) { &region } else { UNKNOWN_REGION },
            event_time,
            event_id: text(b"eventID").as_deref(),
            record_hash: self.canonical.record_hash(record),
            source_file: file.number,
            index: i64::try_from(file.tally.records).unwrap_or(i64::MAX),
            byte_offset: i64::try_from(offset).unwrap_or(i64::MAX),
            recipient_account_id: account.as_deref(),
            record,
        });
        Verdict::Selected
    }
}

/// Returns whether an object is none of CloudTrail's: S3 and other notifications share the
/// `Records` wrapper but name their source `aws:…`; digests and state changes have neither an
/// `eventSource` nor an `eventVersion`. (Insights have no `eventSource`.)
fn is_foreign(event_source: Option<&str>, has_event_version: bool) -> bool {
    match event_source {
        Some(source) => source.starts_with("aws:"),
        None => !has_event_version,
    }
}

/// Passes bytes on, with their number and SHA-256.
struct HashingReader {
    inner: Box<dyn Read + Send>,
    hash: Sha256,
    bytes: u64,
}

impl HashingReader {
    fn new(inner: Box<dyn Read + Send>) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    fn finish(self) -> (u64, [u8; 32]) {
        (self.bytes, self.hash.finalize().into())
    }
}

impl Read for HashingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
