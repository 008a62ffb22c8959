//! From stored bytes to JSON text: gzip is told by its magic number, never by the file's name, and
//! is verified to its end before any of its records counts.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use libdeflater::{DecompressionError, Decompressor};

use crate::{Error, Result};

/// Files that expand to no more than this are held in memory; larger ones are read in two passes.
pub(crate) const WHOLE_BYTES: usize = 64 << 20;

/// JSON shrinks by 8 to 20 times; a stream that expands further than this is made to do harm.
const MAX_RATIO: u64 = 200;

const GZIP_MAGIC: &[u8] = b"\x1f\x8b\x08";
/// A gzip member's header and trailer without content.
const SMALLEST_MEMBER_BYTES: usize = 18;

/// What the first bytes of a file say about its container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Gzip,
    Json,
}

impl Container {
    /// Tells the container from a file's first bytes.
    pub(crate) fn of(start: &[u8], log_file: &str) -> Result<Self> {
        let found = match start {
            [] => return Err(Error::Empty { log_file: log_file.to_owned() }),
            [0x1f, 0x8b, ..] => return Ok(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => "Zstandard",
            [b'P', b'K', ..] => "a zip archive",
            [b'P', b'A', b'R', b'1', ..] => "Parquet",
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16 text",
            [0xef, 0xbb, 0xbf, ..] => return Ok(Self::Json),
            _ => match start.trim_ascii_start().first() {
                Some(b'{' | b'[') => return Ok(Self::Json),
                None if start.len() < 4096 => {
                    return Err(Error::Empty { log_file: log_file.to_owned() });
                }
                // What comes first may be the tail of a record that was cut off.
                _ if is_text(start) && start.contains(&b'{') => return Ok(Self::Json),
                _ if is_text(start) => "other text",
                _ => "binary data",
            },
        };
        Err(Error::NotJson { log_file: log_file.to_owned(), found })
    }
}

/// Returns whether bytes are UTF-8, the last character of which may be cut off.
fn is_text(start: &[u8]) -> bool {
    std::str::from_utf8(start).err().is_none_or(|error| error.error_len().is_none())
}

/// The most bytes a gzip stream of this size may expand to.
pub(crate) fn limit_bytes(stored_bytes: u64) -> u64 {
    stored_bytes.saturating_mul(MAX_RATIO).max(WHOLE_BYTES as u64)
}

/// Decompresses small gzip files into one buffer that lives on.
pub(crate) struct Inflater {
    decompressor: Decompressor,
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Inflater")
    }
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self { decompressor: Decompressor::new() }
    }

    /// Decompresses all members of `stored` into `out`. Returns false, with `out` empty, if that
    /// is more than [`WHOLE_BYTES`].
    pub(crate) fn inflate(
        &mut self,
        stored: &[u8],
        out: &mut Vec<u8>,
        log_file: &str,
    ) -> Result<bool> {
        if self.inflate_one_member(stored, out) {
            return Ok(true);
        }
        out.clear();
        MultiGzDecoder::new(stored)
            .take(WHOLE_BYTES as u64 + 1)
            .read_to_end(out)
            .map_err(|error| gzip_error(error, log_file))?;
        if out.len() > WHOLE_BYTES {
            out.clear();
            return Ok(false);
        }
        Ok(true)
    }

    /// The fast way, for what CloudTrail delivers: one member and nothing behind it. The decoder
    /// does not say where the member ended, so the stream's own last 8 bytes must be the checksum
    /// and the size of what came out, and no second member may begin anywhere. All else, damage
    /// included, is left to the thorough decoder.
    fn inflate_one_member(&mut self, stored: &[u8], out: &mut Vec<u8>) -> bool {
        let Some((body, trailer)) = stored.split_last_chunk::<8>() else { return false };
        let [c0, c1, c2, c3, s0, s1, s2, s3] = *trailer;
        let checksum = u32::from_le_bytes([c0, c1, c2, c3]);
        let size = u32::from_le_bytes([s0, s1, s2, s3]) as usize;
        let second = stored.get(SMALLEST_MEMBER_BYTES..).unwrap_or_default();
        if size > WHOLE_BYTES
            || body.is_empty()
            || memchr::memmem::find(second, GZIP_MAGIC).is_some()
        {
            return false;
        }
        out.resize(size, 0);
        let inflated: Result<usize, DecompressionError> =
            self.decompressor.gzip_decompress(stored, out);
        inflated == Ok(size) && libdeflater::crc32(out) == checksum
    }
}

/// Tells damage in a gzip stream from a read that failed underneath it.
pub(crate) fn gzip_error(error: io::Error, log_file: &str) -> Error {
    if matches!(error.get_ref(), Some(cause) if cause.is::<object_store::Error>()) {
        return read_error(error, log_file);
    }
    Error::Gzip { log_file: log_file.to_owned(), reason: error.to_string() }
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
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn inflate(stored: &[u8]) -> Result<Vec<u8>> {
        let mut out = b"left over".to_vec();
        let whole = Inflater::new().inflate(stored, &mut out, "a.json.gz")?;
        assert!(whole);
        Ok(out)
    }

    #[test]
    fn every_member_counts_and_every_damage_is_an_error() {
        let one = gzip(b"{\"Records\":[]}");
        assert_eq!(inflate(&one).unwrap(), b"{\"Records\":[]}");
        assert_eq!(inflate(&gzip(b"")).unwrap(), b"");
        let twice = [one.clone(), one.clone()].concat();
        assert_eq!(inflate(&twice).unwrap(), b"{\"Records\":[]}{\"Records\":[]}");
        for damaged in
            [&one[..one.len() - 1], &one[..one.len() / 2], &[&one[..], b"garbage"].concat()]
        {
            assert!(inflate(damaged).is_err());
        }
        // Nothing is lost where the trailer stands twice.
        let repeated = [&one[..], &one[one.len() - 8..]].concat();
        assert_eq!(inflate(&repeated).unwrap(), b"{\"Records\":[]}");
        let mut flipped = one;
        flipped[12] ^= 4;
        assert!(inflate(&flipped).is_err());
    }

    #[test]
    fn a_read_that_fails_below_gzip_is_no_damage() {
        let failed = |source| gzip_error(io::Error::other(source), "a.json.gz");
        let lost = object_store::Error::Generic { store: "disk", source: "lost".into() };
        assert!(matches!(failed(lost), Error::Read { .. }));
        let path = "a.json.gz".to_owned();
        let other = object_store::Error::Precondition { path, source: "other".into() };
        assert!(matches!(failed(other), Error::Changed { .. }));
        assert!(matches!(gzip_error(io::Error::other("bad"), "a.json.gz"), Error::Gzip { .. }));
    }

    #[test]
    fn what_expands_far_is_not_held() {
        let bomb = gzip(&vec![b' '; WHOLE_BYTES + 1]);
        assert!(!Inflater::new().inflate(&bomb, &mut Vec::new(), "bomb.gz").unwrap());
    }

    #[test]
    fn containers_by_their_first_bytes() {
        assert_eq!(Container::of(b"\x1f\x8b\x08", "a").unwrap(), Container::Gzip);
        for json in [&b" \n{\"Records\""[..], b"[{", b"\xef\xbb\xbf{", b"ken\"}},{\"eventVersion\""]
        {
            assert_eq!(Container::of(json, "a").unwrap(), Container::Json);
        }
        for (start, message) in [
            (&b""[..], "a.json is empty"),
            (b" \n", "a.json is empty"),
            (b"PK\x03\x04", "a zip archive"),
            (b"\xff\xfe{\0", "UTF-16"),
            (b"\x28\xb5\x2f\xfd", "Zstandard"),
            (b"\x00\x01\xfe", "binary data"),
            (b"hello", "other text"),
        ] {
            let error = Container::of(start, "a.json").unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
