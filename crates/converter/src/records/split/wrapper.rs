//! Wrappers of an array of records: where the array begins, and what stands behind it.

use super::{Scan, Splitter, end_of, end_of_key, key_at};
use crate::records::{
    envelope,
    json::{End, Key, skip_white_space, value_end},
};

impl Splitter {
    /// Finds the end of a member (key, colon, value) of a wrapper, or the array that it wraps as well.
    pub(super) fn member(&mut self, piece: &[u8], at: usize) -> Scan {
        let Some(key) = key_at(piece, at) else { return Scan::Unfinished(end_of_key(piece, at)) };
        let at = skip_white_space(piece, key.token.end);
        if piece.get(at) != Some(&b':') {
            return Scan::Unfinished(end_of(piece, at));
        }
        let at = skip_white_space(piece, at + 1);
        if let Some(scan) = self.wrapper(piece, &key, at) {
            return scan;
        }
        match value_end(piece, at, &mut self.brackets) {
            End::At(end) => Scan::Record(end),
            end => Scan::Unfinished(end),
        }
    }

    /// Returns what the value at `at` is if it is the array of a wrapper, or an object with one:
    /// where the array's elements begin, or that the piece ends before that is known.
    pub(super) fn wrapper(&mut self, piece: &[u8], key: &Key, at: usize) -> Option<Scan> {
        match piece.get(at)? {
            b'[' if envelope::is_wrapper(&key.name(piece)) => Some(Scan::Wrapper(at + 1, false)),
            b'{' if envelope::is_outer_wrapper(&key.name(piece)) => self.outer_wrapper(piece, at),
            _ => None,
        }
    }

    fn outer_wrapper(&mut self, piece: &[u8], at: usize) -> Option<Scan> {
        let mut at = skip_white_space(piece, at + 1);
        loop {
            let Some(key) = key_at(piece, at) else {
                return unless_broken(end_of_key(piece, at));
            };
            at = skip_white_space(piece, key.token.end);
            if piece.get(at) != Some(&b':') {
                return unless_broken(end_of(piece, at));
            }
            at = skip_white_space(piece, at + 1);
            if piece.get(at) == Some(&b'[') && envelope::is_wrapper(&key.name(piece)) {
                return Some(Scan::Wrapper(at + 1, true));
            }
            match value_end(piece, at, &mut self.brackets) {
                End::At(end) => at = skip_white_space(piece, end),
                end => return unless_broken(end),
            }
            match piece.get(at) {
                Some(b',') => at = skip_white_space(piece, at + 1),
                _ => return unless_broken(end_of(piece, at)),
            }
        }
    }
}

/// What is no wrapper may be a record, or broken: that is for others to say.
fn unless_broken(end: End) -> Option<Scan> {
    (end == End::Missing).then_some(Scan::Unfinished(End::Missing))
}
