//! What a file is, by its first bytes.

use super::{table, utf16::Endian};

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Gzip,
    Zstandard,
    Zip,
    Utf16(Endian),
    /// Text in which records may be.
    Json,
    /// CSV with records in one of its columns: results of a CloudTrail Lake query.
    Table,
    /// The event history of the console, downloaded as CSV: a few columns, no records.
    EventHistory,
    /// Nothing, or white space.
    Blank,
    /// Something else.
    Foreign(&'static str),
}

impl Content {
    /// Tells what a file is.
    pub(crate) fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // The other is a frame to be skipped, as programs write one in front that compress in
            // parallel. <https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2>
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstandard,
            // The last two could have been split and were not.
            [b'P', b'K', 3, 4, ..]
            | [b'P', b'K', 5, 6, ..]
            | [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..]
            | [b'P', b'K', b'0', b'0', b'P', b'K', 3, 4, ..] => Self::Zip,
            [b'P', b'A', b'R', b'1', ..] => Self::Foreign("Parquet"),
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', ..] => {
                Self::Foreign("bzip2 (unpack it)")
            }
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Foreign("xz (unpack it)"),
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Self::Foreign("a 7z archive (unpack it)"),
            [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Self::Foreign("a RAR archive (unpack it)"),
            _ if is_tar(start) => Self::Foreign("a tar archive (unpack it)"),
            [0xff, 0xfe, ..] => Self::Utf16(Endian::Little),
            [0xfe, 0xff, ..] => Self::Utf16(Endian::Big),
            [0xef, 0xbb, 0xbf, rest @ ..] => Self::of_text(rest),
            _ => Self::of_text(start),
        }
    }

    fn of_text(start: &[u8]) -> Self {
        match start.trim_ascii_start().first() {
            None if start.len() < super::START_BYTES => Self::Blank,
            None | Some(b'{' | b'[') => Self::Json,
            _ if is_event_history(start) => Self::EventHistory,
            _ if table::has_records(header(start)) => Self::Table,
            _ if table::is_without_records(header(start)) => Self::Foreign(
                "CSV without whole records (select eventJson in CloudTrail Lake, or @message in \
                     Logs Insights)",
            ),
            // The file may start with the end of a truncated record.
            _ if is_text(start) && start.contains(&b'{') => Self::Json,
            _ if is_text(start) => Self::Foreign("other text"),
            _ => Self::Foreign("binary data"),
        }
    }
}

/// Returns whether bytes begin with the header of a file in a tar archive: the sum of its bytes
/// stands in it, in octal, and counts as spaces itself.
/// <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html>
fn is_tar(start: &[u8]) -> bool {
    const SUM: std::ops::Range<usize> = 148..156;
    let Some(header) = start.first_chunk::<512>() else { return false };
    let digits = std::str::from_utf8(&header[SUM]).unwrap_or_default();
    let digits = digits.trim_matches([' ', '\0']);
    let bytes = header
        .iter()
        .enumerate()
        .map(|(at, byte)| u32::from(if SUM.contains(&at) { b' ' } else { *byte }));
    header[0] != 0 && u32::from_str_radix(digits, 8).is_ok_and(|sum| sum == bytes.sum::<u32>())
}

/// Returns whether bytes begin with the header of the console's CSV download,
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-console.html>.
fn is_event_history(start: &[u8]) -> bool {
    let header = header(start);
    let has = |name: &[u8]| memchr::memmem::find(header, name).is_some();
    header.contains(&b',') && has(b"Event time") && has(b"Event name")
}

/// Returns the first line.
fn header(start: &[u8]) -> &[u8] {
    start.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end()
}

/// Returns whether bytes are UTF-8, the last character of which may be cut off.
fn is_text(start: &[u8]) -> bool {
    // The first character may be cut off as well.
    let continued = start.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
    let start = &start[continued..];
    std::str::from_utf8(start).err().is_none_or(|error| error.error_len().is_none())
}
