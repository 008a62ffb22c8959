//! The headers of an archive as they stand: names and offsets that a reader of files does not tell.

use std::{io, ops::Range};

use super::Archive;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
/// The end of a directory without its comment (4.3.16), and the longest comment.
const END_BYTES: usize = 22;
const MOST_COMMENT_BYTES: usize = u16::MAX as usize;
const LOCATOR_64_BYTES: u64 = 20;

/// A header in front of a file or in the directory.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) name: Vec<u8>,
    /// Where what follows it begins.
    pub(super) end: u64,
}

impl Header {
    /// Reads the header in front of a file (4.3.7), if there is one.
    pub(super) fn local(archive: &Archive, at: u64) -> io::Result<Option<Self>> {
        Self::read(archive, at, LOCAL, 30, &[26, 28])
    }

    /// Reads the header of a file in the directory (4.3.12), if there is one.
    pub(super) fn central(archive: &Archive, at: u64) -> io::Result<Option<Self>> {
        Self::read(archive, at, CENTRAL, 46, &[28, 30, 32])
    }

    /// Reads a header that has a fixed part, which gives lengths, that of the name first.
    fn read(
        archive: &Archive,
        at: u64,
        magic: &[u8],
        fixed_bytes: u64,
        lengths: &[usize],
    ) -> io::Result<Option<Self>> {
        let fixed = archive.bytes(at, fixed_bytes)?;
        if !fixed.starts_with(magic) || (fixed.len() as u64) < fixed_bytes {
            return Ok(None);
        }
        let lengths: Vec<u64> = lengths.iter().map(|offset| number(&fixed[*offset..], 2)).collect();
        let name = archive.bytes(at + fixed_bytes, lengths[0])?;
        Ok(Some(Self { name, end: at + fixed_bytes + lengths.iter().sum::<u64>() }))
    }
}

/// Returns how long the descriptor is that stands behind a file's bytes (4.3.9), with a signature or
/// without, with sizes of 32 or 64 bits; 0 if there is none that says the same as the directory.
pub(super) fn descriptor_bytes(
    archive: &Archive,
    at: u64,
    checksum: u32,
    stored_bytes: u64,
    bytes: u64,
) -> io::Result<u64> {
    let start = archive.bytes(at, 24)?;
    for signature in [DESCRIPTOR, b""] {
        for size in [4, 8] {
            let Some(fields) = start.strip_prefix(signature) else { continue };
            if fields.len() < 4 + 2 * size {
                continue;
            }
            let found = [(0, 4), (4, size), (4 + size, size)];
            let found = found.map(|(offset, size)| number(&fields[offset..], size));
            if found == [u64::from(checksum), stored_bytes, bytes] {
                return Ok((signature.len() + 4 + 2 * size) as u64);
            }
        }
    }
    Ok(0)
}

/// Returns where the end of a directory stands that is over at `from`, as ranges: the records that
/// are there (4.3.14 to 4.3.16). A comment in which a file seems to begin is none.
pub(super) fn end(archive: &Archive, from: u64) -> io::Result<Vec<Range<u64>>> {
    let bytes = archive.section.end - archive.section.start;
    let tail_start = bytes.saturating_sub((END_BYTES + MOST_COMMENT_BYTES) as u64).max(from);
    let tail = archive.bytes(tail_start, bytes - tail_start)?;
    let is_end = |at: &usize| {
        let record = &tail[*at..];
        record.len() >= END_BYTES && record.len() >= END_BYTES + comment_bytes(record)
    };
    let Some(offset) = memchr::memmem::rfind_iter(&tail, END).find(is_end) else {
        return Ok(Vec::new());
    };
    let record = &tail[offset..];
    let comment = &record[END_BYTES..END_BYTES + comment_bytes(record)];
    let has_file = memchr::memmem::find(comment, LOCAL).is_some();
    let at = tail_start + offset as u64;
    let length = if has_file { END_BYTES } else { END_BYTES + comment.len() };
    let mut ranges = Vec::new();
    ranges.push(at..at + length as u64);
    let Some(locator) = at.checked_sub(LOCATOR_64_BYTES).filter(|locator| *locator >= from) else {
        return Ok(ranges);
    };
    if archive.bytes(locator, 4)? == LOCATOR_64 {
        ranges.push(locator..at);
        let end_64 = archive.bytes(from, 12)?;
        if end_64.starts_with(END_64) && end_64.len() == 12 {
            let end = from.saturating_add(12).saturating_add(number(&end_64[4..], 8));
            ranges.push(from..end.min(locator));
        }
    }
    Ok(ranges)
}

/// Returns the end of a directory that consists of one header of this many bytes, at the beginning.
pub(super) fn end_of_one(header_bytes: usize) -> Vec<u8> {
    let header_bytes = u32::try_from(header_bytes).unwrap_or(u32::MAX).to_le_bytes();
    [END, &[0, 0, 0, 0, 1, 0, 1, 0], &header_bytes, &[0, 0, 0, 0], &[0, 0]].concat()
}

fn comment_bytes(record: &[u8]) -> usize {
    usize::try_from(number(&record[20..], 2)).unwrap_or(usize::MAX)
}

/// Reads a number, the lowest byte first.
fn number(bytes: &[u8], size: usize) -> u64 {
    bytes[..size].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
