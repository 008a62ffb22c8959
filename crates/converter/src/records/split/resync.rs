//! The way back to records after damage.

use super::{Scan, Splitter, State};
use crate::{
    columns::COLUMNS,
    records::{
        envelope,
        json::{End, Key, skip_white_space},
        object::Object,
    },
};

/// Bytes that the search for the next record after damage may look at for each byte of the piece,
/// and for each byte that it gets ahead: hostile input must not make it quadratic.
const RESYNC_BYTES_PER_BYTE: usize = 64;
/// At least, where the piece is not all there is, and at most.
const LEAST_RESYNC_BYTES: usize = 8 << 20;
const MAX_RESYNC_BYTES: usize = 64 << 20;

/// The longest beginning of a record that tells it: a bracket and a key.
const MOST_BEGINNING: usize = 64;

/// What may stand on a line before a record, in bytes: a line break and a timestamp.
pub(super) const MOST_BEFORE_RECORD: usize = 40;

/// The longest name of a log stream, and the white space behind it.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogStream.html>
const MOST_STREAM_NAME: usize = 512;
const MOST_SPACE: usize = 4;

impl Splitter {
    /// Moves to the next place where a whole record begins, or, after `[`, `,` or at the beginning of
    /// a line, something that wraps one. If there is none in the piece, the position is moved to what
    /// must be seen again with the next one.
    pub(super) fn resync(&mut self, piece: &[u8], last: bool) -> bool {
        let allowed = |bytes: usize| bytes.saturating_mul(RESYNC_BYTES_PER_BYTE);
        let is_whole = last && self.is_at_start;
        let least = if is_whole { 0 } else { LEAST_RESYNC_BYTES };
        self.resync_bytes.get_or_insert(allowed(piece.len()).clamp(least, MAX_RESYNC_BYTES));
        let start = self.position;
        let is_found = self.find_record(piece, last);
        let left = self.resync_bytes.unwrap_or_default();
        let earned = allowed(self.position.saturating_sub(start));
        self.resync_bytes = Some(left.saturating_add(earned).min(MAX_RESYNC_BYTES));
        is_found
    }

    fn find_record(&mut self, piece: &[u8], last: bool) -> bool {
        let mut at = self.position;
        while let Some(distance) = memchr::memchr(b'{', piece.get(at..).unwrap_or_default()) {
            let candidate = at + distance;
            at = candidate + 1;
            let before = piece[..candidate].trim_ascii_end();
            let in_array = matches!(before.last(), Some(b'[' | b','));
            let is_well_placed = in_array || self.begins_a_line(piece, candidate);
            if !is_well_placed {
                if !last && piece.len() - candidate < MOST_BEGINNING {
                    self.position = candidate;
                    return false;
                }
                // Objects nested in a broken record are not records.
                if !begins_like_a_record(&piece[candidate..]) {
                    continue;
                }
            }
            match self.scan(piece, candidate) {
                Scan::Record(end)
                    if end - candidate <= self.record_bytes
                        && self.is_known(piece, is_well_placed) =>
                {
                    self.position = candidate;
                    self.is_lost = false;
                    if in_array && self.states.is_empty() {
                        self.states.push(State::Array);
                    }
                    self.spend(end - candidate);
                    return true;
                }
                Scan::Unfinished(End::Missing)
                    if !last && piece.len() - candidate <= self.record_bytes =>
                {
                    self.position = candidate;
                    return false;
                }
                Scan::Unfinished(End::Missing) => self.spend(piece.len() - candidate),
                Scan::Record(end) | Scan::Wrapper(end, _) => self.spend(end - candidate),
                Scan::Unfinished(_) => {
                    let read = self.members.last().map_or(at, |member| member.value.end);
                    self.spend(self.brackets.broken_at.max(read) - candidate);
                }
            }
            if self.resync_bytes == Some(0) {
                at = piece.len();
            }
        }
        self.position = piece.len();
        false
    }

    /// Returns whether a line begins here, or behind the timestamp of an export.
    fn begins_a_line(&self, piece: &[u8], at: usize) -> bool {
        let before = &piece[at.saturating_sub(MOST_BEFORE_RECORD)..at];
        let line = match before.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => &before[end + 1..],
            None if self.is_at_start && at < MOST_BEFORE_RECORD => before,
            None => return false,
        };
        line.trim_ascii().is_empty() || timestamp_end(line) == End::At(line.len())
    }

    fn spend(&mut self, bytes: usize) {
        self.resync_bytes = self.resync_bytes.map(|left| left.saturating_sub(bytes));
    }

    /// Returns whether the object scanned last is a record, or, where one may well begin, wraps one.
    fn is_known(&self, piece: &[u8], is_well_placed: bool) -> bool {
        let object = Object::new(piece, &self.members);
        let is_record =
            object.has("eventTime") && (object.has("eventVersion") || object.has("eventSource"));
        is_record || (is_well_placed && envelope::is_known(object))
    }
}

/// Returns whether the first member of an object is one that records of CloudTrail have.
fn begins_like_a_record(object: &[u8]) -> bool {
    let object = &object[..object.len().min(MOST_BEGINNING)];
    let key = skip_white_space(object, 1);
    let Some(key) = Key::at(object, key).filter(|_| object.get(key) == Some(&b'"')) else {
        return false;
    };
    let mut members = COLUMNS.iter().filter(|column| column.rule.is_top_level());
    members.any(|column| key.is(column.sources[0], object))
}

/// Returns where the text ends that `aws logs tail` and exports of `CloudWatch` Logs write before
/// each message: a timestamp, and the name of the log stream perhaps.
/// <https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html>
pub(super) fn prefix_end(text: &[u8], last: bool) -> End {
    let End::At(start) = timestamp_end(text) else { return timestamp_end(text) };
    let rest = &text[start..];
    let is_name = |byte: &u8| !byte.is_ascii_whitespace() && !b"\"{}:*".contains(byte);
    let name = rest.iter().take(MOST_STREAM_NAME).take_while(|byte| is_name(byte)).count();
    let space = rest[name..].iter().take(MOST_SPACE).take_while(|byte| byte.is_ascii_whitespace());
    let end = name + space.count();
    match rest.get(end) {
        Some(b'{' | b'[') if name > 0 && end > name => End::At(start + end),
        None if !last && name < MOST_STREAM_NAME && end < name + MOST_SPACE => End::Missing,
        _ => End::At(start),
    }
}

/// Returns where the timestamp and the space behind it end that `CloudWatch` Logs writes before each
/// message of an export: `2026-04-27T02:18:03.000Z {"eventVersion":…`.
pub(super) fn timestamp_end(text: &[u8]) -> End {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let is_shaped = SHAPE.iter().zip(text).all(|(shape, byte)| match shape {
        b'0' => byte.is_ascii_digit(),
        shape => shape == byte,
    });
    let rest = text.get(SHAPE.len()..text.len().min(MOST_BEFORE_RECORD));
    let is_part = |byte: &u8| byte.is_ascii_digit() || b".:+-Z".contains(byte);
    match rest.map(|rest| rest.iter().position(|byte| !is_part(byte)).map(|end| (end, rest[end]))) {
        _ if !is_shaped => End::Broken,
        Some(Some((end, b' '))) => End::At(SHAPE.len() + end + 1),
        Some(Some(_)) => End::Broken,
        Some(None) if text.len() >= MOST_BEFORE_RECORD => End::Broken,
        Some(None) | None => End::Missing,
    }
}
