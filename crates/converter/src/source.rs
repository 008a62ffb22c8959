//! The bytes of a log file, as somebody fetched them.

use std::{fmt, io::Read};

use bytes::Bytes;

/// Opens a log file from its beginning; called once to check it and once to read it.
pub type OpenStream = Box<dyn Fn() -> Box<dyn Read + Send> + Send>;

/// The bytes of a log file as stored, gzipped or plain.
pub enum LogBytes {
    /// All of them; for the small files that CloudTrail delivers.
    Whole(Bytes),
    /// A large file, read in pieces.
    Stream(OpenStream),
}

impl fmt::Debug for LogBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(formatter, "Whole({} bytes)", bytes.len()),
            Self::Stream(_) => formatter.write_str("Stream"),
        }
    }
}
