//! Finds the records in a log file's decompressed bytes, and the next one after damage.
//!
//! Accepted: `{"Records":[…]}` as CloudTrail delivers it and other wrappers of an array, a bare array,
//! one record, and records one after the other, on lines of their own or not. The bytes may come in
//! pieces; a piece must only be large enough for one record. A record's own members are checked here
//! token by token; what is nested in them only by strings and brackets, so that the many records that
//! are not kept cost little.

use std::ops::Range;

use crate::{
    envelope,
    json::{Brackets, End, skip_white_space, string_end, value_end},
    object::{Member, Object},
    reject::RejectReason,
};

/// Bytes that the search for the next record after damage may look at for each byte of the piece,
/// and for each byte that it gets ahead: hostile input must not make it quadratic.
const RESYNC_BYTES_PER_BYTE: usize = 64;
/// At most.
const MAX_RESYNC_BYTES: usize = 64 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What may stand on a line before a record, in bytes: a line break and a timestamp.
const MOST_BEFORE_RECORD: usize = 40;

/// Arrays and wrappers within each other that are followed.
const MOST_NESTED: usize = 16;

/// What the splitter found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A record, in this range of the piece; its members are in [`Splitter::members`].
    Record(Range<usize>),
    /// Something that is no record, starting here.
    Broken(usize, RejectReason),
    /// The piece ends inside a record: [`drain`](Splitter::drain) it, and append more.
    NeedMore,
    /// The end of the file.
    End,
}

/// Where the splitter is; what is around that is below it on a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In an array of records.
    Array,
    /// In the object around such an array, behind it.
    Wrapper,
}

/// Finds records in the pieces of one log file.
#[derive(Debug)]
pub(crate) struct Splitter {
    /// The arrays and wrappers that are open; none between documents.
    states: Vec<State>,
    /// Looking for the next record after damage.
    is_lost: bool,
    /// Where the search goes on in the current piece.
    pub(crate) position: usize,
    /// The members of the record found last, in document order.
    pub(crate) members: Vec<Member>,
    brackets: Brackets,
    record_bytes: usize,
    /// Whether the piece begins where the file does.
    is_at_start: bool,
    /// What is left of them; `None` before the first search.
    resync_bytes: Option<usize>,
}

impl Splitter {
    /// Makes a splitter that gives up on a record after so many bytes.
    pub(crate) fn new(record_bytes: usize) -> Self {
        Self {
            states: Vec::new(),
            is_lost: false,
            position: 0,
            members: Vec::new(),
            brackets: Brackets::default(),
            record_bytes,
            is_at_start: true,
            resync_bytes: None,
        }
    }

    /// Drops what is behind, but for what tells whether a record may begin at the position: what
    /// stands before it on its line, and the last byte before white space. Returns how much it was.
    pub(crate) fn drain(&mut self, piece: &mut Vec<u8>) -> usize {
        let last_byte = piece[..self.position].trim_ascii_end().len().saturating_sub(1);
        let behind = last_byte.min(self.position.saturating_sub(MOST_BEFORE_RECORD));
        piece.drain(..behind);
        self.position -= behind;
        self.is_at_start &= behind == 0;
        behind
    }

    /// Returns how many levels the record found last has.
    pub(crate) fn depth(&self) -> usize {
        1 + self.brackets.deepest
    }

    /// Finds the next record of the piece; `last` says that no piece follows.
    pub(crate) fn next(&mut self, piece: &[u8], last: bool) -> Found {
        loop {
            if self.is_lost && !self.resync(piece, last) {
                return if last { Found::End } else { Found::NeedMore };
            }
            self.position = skip_white_space(piece, self.position);
            let rest = piece.get(self.position..).unwrap_or_default();
            let byte = rest.first().copied();
            match (self.states.last(), byte) {
                (None, None) if last => return Found::End,
                (_, None) if last => {
                    self.states.clear();
                    return Found::Broken(self.position, RejectReason::CutOff);
                }
                (_, None) => return Found::NeedMore,
                (None, Some(0xEF)) if rest.starts_with(BYTE_ORDER_MARK) => {
                    self.position += BYTE_ORDER_MARK.len();
                }
                (None, Some(0xEF)) if !last && BYTE_ORDER_MARK.starts_with(rest) => {
                    return Found::NeedMore;
                }
                (None | Some(State::Array), Some(b'[')) if self.states.len() < MOST_NESTED => {
                    self.states.push(State::Array);
                    self.position += 1;
                }
                (Some(_), Some(b',')) => self.position += 1,
                (Some(State::Array), Some(b']')) | (Some(State::Wrapper), Some(b'}')) => {
                    self.states.pop();
                    self.position += 1;
                }
                (Some(State::Wrapper), Some(_)) => match self.member_end(piece, self.position) {
                    End::At(end) if !self.is_too_large(end) => self.position = end,
                    end => return self.unfinished(end, piece, last),
                },
                (None | Some(State::Array), Some(b'{')) => {
                    if let Some(found) = self.object(piece, last) {
                        return found;
                    }
                }
                (None, Some(b'0'..=b'9')) => match timestamp_end(rest) {
                    End::At(end) => self.position += end,
                    End::Missing if !last => return Found::NeedMore,
                    _ => return self.broken(RejectReason::BrokenJson),
                },
                (None, Some(_)) => return self.broken(RejectReason::BrokenJson),
                (Some(State::Array), Some(_)) => {
                    match value_end(piece, self.position, &mut self.brackets) {
                        End::At(end) if !self.is_too_large(end) => {
                            let start = std::mem::replace(&mut self.position, end);
                            return Found::Broken(start, RejectReason::NotAnObject);
                        }
                        end => return self.unfinished(end, piece, last),
                    }
                }
            }
        }
    }

    /// Reads the object at the position: a record, or the wrapper of `Records`.
    fn object(&mut self, piece: &[u8], last: bool) -> Option<Found> {
        let start = self.position;
        match self.scan(piece, start) {
            Scan::Record(end) if self.is_too_large(end) => {
                Some(self.unfinished(End::At(end), piece, last))
            }
            Scan::Record(end) => {
                self.position = end;
                Some(Found::Record(start..end))
            }
            Scan::Wrapper(array) => {
                if self.states.len() >= MOST_NESTED {
                    return Some(self.broken(RejectReason::BrokenJson));
                }
                self.position = array;
                self.states.extend([State::Wrapper, State::Array]);
                None
            }
            Scan::Unfinished(end) => Some(self.unfinished(end, piece, last)),
        }
    }

    /// Returns whether what begins at the position and ends here is larger than a record may be.
    fn is_too_large(&self, end: usize) -> bool {
        end - self.position > self.record_bytes
    }

    /// Decides about a value at the position whose end was not found, or is too far.
    ///
    /// The search for the next record begins inside of it, however it ends: it may be large because
    /// a bracket or quote is missing, and that cannot be told from a piece.
    fn unfinished(&mut self, end: End, piece: &[u8], last: bool) -> Found {
        match end {
            End::At(_) => self.broken(RejectReason::TooLarge),
            End::Missing if self.is_too_large(piece.len()) => self.broken(RejectReason::TooLarge),
            End::Missing if last => self.broken(RejectReason::CutOff),
            End::Missing => Found::NeedMore,
            End::Broken => self.broken(RejectReason::BrokenJson),
        }
    }

    fn broken(&mut self, reason: RejectReason) -> Found {
        let start = self.position;
        self.is_lost = true;
        if self.states.last() == Some(&State::Wrapper) {
            self.states.push(State::Array);
        }
        self.position += 1;
        Found::Broken(start, reason)
    }

    /// Moves to the next place where a whole record begins, or, after `[`, `,` or at the beginning of
    /// a line, something that wraps one. If there is none in the piece, the position is moved to what
    /// must be seen again with the next one.
    fn resync(&mut self, piece: &[u8], last: bool) -> bool {
        let allowed = |bytes: usize| bytes.saturating_mul(RESYNC_BYTES_PER_BYTE);
        self.resync_bytes.get_or_insert(allowed(piece.len()).min(MAX_RESYNC_BYTES));
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
                Scan::Record(end) | Scan::Wrapper(end) => self.spend(end - candidate),
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

    /// Scans the object at `start` into `members`.
    fn scan(&mut self, piece: &[u8], start: usize) -> Scan {
        self.members.clear();
        (self.brackets.deepest, self.brackets.broken_at) = (0, start);
        let mut at = skip_white_space(piece, start + 1);
        if piece.get(at) == Some(&b'}') {
            return Scan::Record(at + 1);
        }
        loop {
            let Some(key) = key_at(piece, at) else {
                return Scan::Unfinished(end_of_key(piece, at));
            };
            at = skip_white_space(piece, key.end);
            if piece.get(at) != Some(&b':') {
                return Scan::Unfinished(end_of(piece, at));
            }
            at = skip_white_space(piece, at + 1);
            let is_array = piece.get(at) == Some(&b'[');
            if is_array && envelope::is_wrapper(&piece[key.clone()]) {
                return Scan::Wrapper(at + 1);
            }
            let end = match value_end(piece, at, &mut self.brackets) {
                End::At(end) => end,
                end => return Scan::Unfinished(end),
            };
            self.members.push(Member { key, value: at..end });
            at = skip_white_space(piece, end);
            match piece.get(at) {
                Some(b',') => at = skip_white_space(piece, at + 1),
                Some(b'}') => return Scan::Record(at + 1),
                _ => return Scan::Unfinished(end_of(piece, at)),
            }
        }
    }

    /// Finds the end of a member (key, colon, value) of the wrapper.
    fn member_end(&mut self, piece: &[u8], at: usize) -> End {
        let Some(key) = key_at(piece, at) else { return end_of_key(piece, at) };
        let at = skip_white_space(piece, key.end);
        if piece.get(at) != Some(&b':') {
            return end_of(piece, at);
        }
        value_end(piece, skip_white_space(piece, at + 1), &mut self.brackets)
    }
}

/// Returns where the timestamp and the space behind it end that `CloudWatch` Logs writes before each
/// message of an export: `2026-04-27T02:18:03.000Z {"eventVersion":…`.
fn timestamp_end(text: &[u8]) -> End {
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

fn key_at(piece: &[u8], at: usize) -> Option<Range<usize>> {
    (piece.get(at) == Some(&b'"')).then(|| string_end(piece, at + 1)).flatten().map(|end| at..end)
}

/// Says why no key was found at `at`: it is cut off, or something else stands there.
fn end_of_key(piece: &[u8], at: usize) -> End {
    if piece.get(at) == Some(&b'"') { End::Missing } else { end_of(piece, at) }
}

/// Says why a token was not found at `at`: the piece ends there, or something else stands there.
fn end_of(piece: &[u8], at: usize) -> End {
    if at < piece.len() { End::Broken } else { End::Missing }
}

enum Scan {
    Record(usize),
    Wrapper(usize),
    Unfinished(End),
}

#[cfg(test)]
mod tests;
