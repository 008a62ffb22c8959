//! Finds the records in a log file's decompressed bytes, and the next one after damage.
//!
//! Accepted: `{"Records":[…]}` as CloudTrail delivers it and other wrappers of an array, a bare array,
//! one record, and records one after the other, on lines of their own or not. The bytes may come in
//! pieces; a piece must only be large enough for one record. A record's own members are checked here
//! token by token; what is nested in them only by strings and brackets, so that the many records that
//! are not kept cost little.

use std::ops::Range;

use crate::{
    limits::Limits,
    records::{
        RejectReason, envelope,
        json::{Brackets, End, Key, skip_white_space, value_end},
        object::{Member, Object},
    },
};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Arrays and wrappers within each other that are followed.
const MOST_NESTED: usize = 16;

/// What the splitter found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A record, in this range of the piece; its members are in [`Splitter::members`].
    Record(Range<usize>),
    /// A string, or another value that is no container, among records, in this range: a string may
    /// hold some.
    Text(Range<usize>),
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
    /// Where the search continues in the current piece.
    pub(crate) position: usize,
    /// The members of the record found last, in document order.
    pub(crate) members: Vec<Member>,
    brackets: Brackets,
    record_bytes: usize,
    /// Whether the piece begins where the file does.
    is_at_start: bool,
    /// Documents, and those of them that are data of a subscription of CloudWatch Logs.
    documents: u64,
    subscriptions: u64,
    /// Whether the wrapper found last is such data.
    is_subscription: bool,
    /// What is left of them; `None` before the first search.
    resync_bytes: Option<usize>,
}

impl Splitter {
    /// Makes a splitter that gives up on a record after this many bytes, or after
    /// [`Limits::LARGEST_RECORD`].
    pub(crate) fn new(record_bytes: usize) -> Self {
        Self {
            states: Vec::new(),
            is_lost: false,
            position: 0,
            members: Vec::new(),
            brackets: Brackets::default(),
            record_bytes: record_bytes.min(Limits::LARGEST_RECORD),
            is_at_start: true,
            documents: 0,
            subscriptions: 0,
            is_subscription: false,
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

    /// Returns whether the record found last stands in an array in an array: a row of a table.
    pub(crate) fn is_in_row(&self) -> bool {
        self.states.ends_with(&[State::Array, State::Array])
    }

    /// Returns whether all there was is data of subscriptions of CloudWatch Logs.
    pub(crate) fn is_of_subscriptions(&self) -> bool {
        self.documents > 0 && self.documents == self.subscriptions
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
                    self.documents += u64::from(self.states.is_empty());
                    self.states.push(State::Array);
                    self.position += 1;
                }
                (Some(_), Some(b',')) => self.position += 1,
                (Some(State::Array), Some(b']')) | (Some(State::Wrapper), Some(b'}')) => {
                    self.states.pop();
                    self.position += 1;
                }
                (Some(State::Wrapper), Some(_)) => match self.member(piece, self.position) {
                    Scan::Wrapper(array, is_outer) => {
                        self.position = array;
                        self.enter(is_outer);
                    }
                    Scan::Record(end) if !self.is_too_large(end) => self.position = end,
                    Scan::Record(end) => return self.unfinished(End::At(end), piece, last),
                    Scan::Unfinished(end) => return self.unfinished(end, piece, last),
                },
                (None | Some(State::Array), Some(b'{')) => {
                    if let Some(found) = self.object(piece, last) {
                        return found;
                    }
                }
                (None, Some(b'0'..=b'9')) => match prefix_end(rest, last) {
                    End::At(end) => self.position += end,
                    End::Missing if !last => return Found::NeedMore,
                    _ => return self.broken(RejectReason::BrokenJson),
                },
                (None, Some(_)) => return self.broken(RejectReason::BrokenJson),
                (Some(State::Array), Some(_)) => {
                    match value_end(piece, self.position, &mut self.brackets) {
                        End::At(end) if !self.is_too_large(end) => {
                            let start = std::mem::replace(&mut self.position, end);
                            return Found::Text(start..end);
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
            Scan::Record(end) | Scan::Wrapper(end, _) if self.is_too_large(end) => {
                Some(self.unfinished(End::At(end), piece, last))
            }
            Scan::Record(end) => {
                self.documents += u64::from(self.states.is_empty());
                self.position = end;
                Some(Found::Record(start..end))
            }
            Scan::Wrapper(array, is_outer) => {
                if self.states.len() >= MOST_NESTED {
                    return Some(self.broken(RejectReason::BrokenJson));
                }
                if self.states.is_empty() {
                    self.documents += 1;
                    self.subscriptions += u64::from(self.is_subscription);
                }
                self.position = array;
                self.states.push(State::Wrapper);
                self.enter(is_outer);
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

    /// Enters the array of a wrapper, and the object around it if there is one.
    fn enter(&mut self, is_outer: bool) {
        if is_outer {
            self.states.push(State::Wrapper);
        }
        self.states.push(State::Array);
    }

    fn broken(&mut self, reason: RejectReason) -> Found {
        let start = self.position;
        self.documents += 1;
        self.is_lost = true;
        if self.states.last() == Some(&State::Wrapper) {
            self.states.push(State::Array);
        }
        self.position += 1;
        Found::Broken(start, reason)
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
            at = skip_white_space(piece, key.token.end);
            if piece.get(at) != Some(&b':') {
                return Scan::Unfinished(end_of(piece, at));
            }
            at = skip_white_space(piece, at + 1);
            if let Some(scan) = self.wrapper(piece, &key, at)
                && !envelope::is_more_than_wrapper(Object::new(piece, &self.members))
            {
                let object = Object::new(piece, &self.members);
                self.is_subscription = object.has("messageType") && object.has("logGroup");
                return scan;
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
}

fn key_at(piece: &[u8], at: usize) -> Option<Key> {
    (piece.get(at) == Some(&b'"')).then(|| Key::at(piece, at)).flatten()
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
    /// The array of a wrapper begins here; the flag tells that an object is around it.
    Wrapper(usize, bool),
    Unfinished(End),
}

mod resync;
mod wrapper;

use resync::{MOST_BEFORE_RECORD, prefix_end};

#[cfg(test)]
mod tests;
