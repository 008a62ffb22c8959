//! The bytes of a log file, as somebody fetched them.

use std::{
    fmt,
    io::{self, Read, Seek},
};

use bytes::Bytes;

/// Reads a log file from any place: archives say at their end what they hold.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// Opens a log file from its beginning; called once to check it and once to read it.
pub type OpenStream = Box<dyn Fn() -> Box<dyn ReadSeek> + Send>;

/// The bytes of a log file as stored, compressed or plain.
pub enum LogBytes {
    /// All of them; for the small files that CloudTrail delivers.
    Whole(Bytes),
    /// A large file, read in pieces.
    Stream(OpenStream),
}

impl LogBytes {
    pub(crate) fn open(&self) -> Box<dyn ReadSeek> {
        match self {
            Self::Whole(bytes) => Box::new(io::Cursor::new(bytes.clone())),
            Self::Stream(open) => open(),
        }
    }
}

impl fmt::Debug for LogBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(formatter, "Whole({} bytes)", bytes.len()),
            Self::Stream(_) => formatter.write_str("Stream"),
        }
    }
}
