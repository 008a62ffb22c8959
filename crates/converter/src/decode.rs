//! From stored bytes to text. Containers are recognized by their first bytes, never by a name: gzip
//! (also twice), Zstandard, a zip archive, UTF-16. A compressed stream is verified to its end
//! before any of its records counts.

use std::{
    io::{self, BufReader, Cursor, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    limits::Limits,
};

pub(crate) mod archive;
mod checked;
mod content;
mod gzip;
mod inflate;
pub(crate) mod table;
mod utf16;

use checked::{Checked, Counted, Excess};
pub(crate) use content::Content;
use gzip::GzipMembers;
pub(crate) use inflate::Inflater;
use utf16::Utf16Reader;

/// Files that expand to no more than this are held in memory; larger ones are read in two passes.
pub(crate) const WHOLE_BYTES: usize = 64 << 20;

/// The first bytes, by which content is recognized.
pub(crate) const START_BYTES: usize = 4096;

/// Compressed in a compressed file: somebody compressed again what was compressed already.
const MOST_LAYERS: usize = 4;

const BUFFER_BYTES: usize = 64 << 10;
/// What may be lost of a damaged stream that is salvaged.
const CHECKED_BYTES: usize = 8 << 10;

/// What was noticed while a text was decoded.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    further_members: AtomicU64,
    is_padded: AtomicBool,
    has_trailing_bytes: AtomicBool,
    is_invalid_utf16: AtomicBool,
}

impl Observed {
    fn further_member(&self) {
        self.further_members.fetch_add(1, Ordering::Relaxed);
    }

    fn trailing(&self, is_zero: bool) {
        let seen = if is_zero { &self.is_padded } else { &self.has_trailing_bytes };
        seen.store(true, Ordering::Relaxed);
    }

    fn invalid_utf16(&self) {
        self.is_invalid_utf16.store(true, Ordering::Relaxed);
    }

    /// Returns whether a gzip member followed the first one.
    pub(crate) fn has_further_members(&self) -> bool {
        self.further_members.load(Ordering::Relaxed) > 0
    }

    /// Returns whether zeros stood behind the last gzip member.
    pub(crate) fn is_padded(&self) -> bool {
        self.is_padded.load(Ordering::Relaxed)
    }

    /// Returns whether something else stood there.
    pub(crate) fn has_trailing_bytes(&self) -> bool {
        self.has_trailing_bytes.load(Ordering::Relaxed)
    }

    /// Returns whether a unit of UTF-16 had to be replaced.
    pub(crate) fn has_invalid_utf16(&self) -> bool {
        self.is_invalid_utf16.load(Ordering::Relaxed)
    }
}

/// A text as it is stored: a log file, or one file of an archive.
pub(crate) struct Stored<'a> {
    /// Names the log file in errors.
    pub(crate) log_file: &'a str,
    /// Opens it from its beginning.
    pub(crate) open: &'a dyn Fn() -> io::Result<Box<dyn Read + Send>>,
    /// What its stored bytes were taken out of, if they were compressed there.
    pub(crate) archive: Option<&'static str>,
    pub(crate) limits: &'a Limits,
    /// Bytes that may come out.
    pub(crate) limit_bytes: u64,
}

/// A text that is being read.
pub(crate) struct Text {
    /// What was read to tell the content.
    start: Cursor<Vec<u8>>,
    reader: Encoding,
    /// What it is, by its first bytes.
    pub(crate) content: Content,
    /// The compressed container that it came out of.
    pub(crate) container: Option<&'static str>,
}

enum Encoding {
    Utf8(Checked),
    Utf16(Utf16Reader<Checked>),
}

impl Stored<'_> {
    /// Opens the text, which ends after `end` decompressed bytes at the latest.
    pub(crate) fn text(&self, end: u64, observed: &Arc<Observed>) -> Result<Text> {
        let stored = Arc::new(AtomicU64::new(0));
        let opened = (self.open)().map_err(|error| self.error(error, self.archive))?;
        let mut reader: Box<dyn Read + Send> =
            Box::new(Counted { inner: opened, bytes: Arc::clone(&stored) });
        let mut container = self.archive;
        for _ in 0..=MOST_LAYERS {
            let start = Start::read(reader);
            let content = Content::of(&start.bytes);
            let buffered = |start: Start| BufReader::with_capacity(BUFFER_BYTES, start.whole());
            match content {
                Content::Gzip => {
                    container = Some("gzip");
                    reader = Box::new(GzipMembers::new(buffered(start), Arc::clone(observed)));
                }
                Content::Zstandard => {
                    container = Some("Zstandard");
                    let decoder = zstd::stream::read::Decoder::with_buffer(buffered(start));
                    reader = Box::new(decoder.map_err(|error| self.error(error, container))?);
                }
                content => {
                    let checked = Checked {
                        inner: BufReader::with_capacity(CHECKED_BYTES, Box::new(start.whole())),
                        stored: container.is_some().then_some(stored),
                        limit_bytes: self.limit_bytes,
                        ratio: self.limits.ratio,
                        end,
                        hash: Sha256::new(),
                        bytes: 0,
                    };
                    let Content::Utf16(endian) = content else {
                        let reader = Encoding::Utf8(checked);
                        return Ok(Text { start: Cursor::default(), reader, content, container });
                    };
                    let mut reader = Utf16Reader::new(checked, endian, Arc::clone(observed));
                    let mut start = Vec::new();
                    let read = (&mut reader).take(START_BYTES as u64).read_to_end(&mut start);
                    read.map_err(|error| self.error(error, container))?;
                    let (content, start) = (Content::of(&start), Cursor::new(start));
                    let reader = Encoding::Utf16(reader);
                    return Ok(Text { start, reader, content, container });
                }
            }
        }
        let found = "too many layers of compression";
        Err(Error::NotJson { log_file: self.log_file.to_owned(), found })
    }

    /// Names the log file in the error of a read: damage, a limit, or a store that failed.
    pub(crate) fn error(&self, error: io::Error, container: Option<&'static str>) -> Error {
        let log_file = self.log_file.to_owned();
        let excess = error.get_ref().and_then(|cause| cause.downcast_ref::<Excess>()).copied();
        match (excess, container) {
            (Some(Excess::Bytes(limit_bytes)), _) => Error::TooLarge { log_file, limit_bytes },
            (Some(Excess::Ratio(ratio)), _) => Error::TooDense { log_file, ratio },
            (None, Some(container)) => damaged(error, container, self.log_file),
            (None, None) => read_error(error, self.log_file),
        }
    }
}

impl Text {
    /// Returns number and SHA-256 of the decompressed bytes that were read.
    pub(crate) fn finish(self) -> (u64, [u8; 32]) {
        match self.reader {
            Encoding::Utf8(checked) => checked.finish(),
            Encoding::Utf16(reader) => reader.into_units().finish(),
        }
    }

    /// Reads to the end and forgets what is read.
    pub(crate) fn skip(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match self.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.start.read(buffer)?;
        match &mut self.reader {
            _ if read > 0 => Ok(read),
            Encoding::Utf8(checked) => checked.read(buffer),
            Encoding::Utf16(reader) => reader.read(buffer),
        }
    }
}

/// The first bytes of a stream, and what follows: a failure, or the rest.
struct Start {
    bytes: Vec<u8>,
    failure: Option<io::Error>,
    rest: Box<dyn Read + Send>,
}

impl Start {
    fn read(mut rest: Box<dyn Read + Send>) -> Self {
        let mut bytes = Vec::new();
        let failure = (&mut rest).take(START_BYTES as u64).read_to_end(&mut bytes).err();
        Self { bytes, failure, rest }
    }

    fn whole(self) -> impl Read + Send {
        let failure = FailOnce(self.failure);
        Cursor::new(self.bytes).chain(failure).chain(self.rest)
    }
}

struct FailOnce(Option<io::Error>);

impl Read for FailOnce {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Tells damage in a compressed stream from a read that failed underneath it.
pub(crate) fn damaged(error: io::Error, container: &'static str, log_file: &str) -> Error {
    if matches!(error.get_ref(), Some(cause) if cause.is::<object_store::Error>()) {
        return read_error(error, log_file);
    }
    Error::Damaged { log_file: log_file.to_owned(), container, reason: error.to_string() }
}

/// Names the log file in the error of a read.
pub(crate) fn read_error(error: io::Error, log_file: &str) -> Error {
    match error.downcast::<object_store::Error>() {
        Ok(source) => Error::read(source, log_file),
        Err(error) => {
            let source = object_store::Error::Generic { store: "log file", source: error.into() };
            Error::read(source, log_file)
        }
    }
}

#[cfg(test)]
mod tests;
