//! The canonical text of a record, and the hash that tells exact duplicates from records that
//! merely share an `eventID`.
//!
//! Two records are the same if their tokens are: members may stand in any order, white space and
//! the spelling of escapes do not count, the spelling of numbers does. This text decides what is
//! a duplicate in datasets that exist, so it must never change.

use std::{borrow::Cow, ops::Range};

use sha2::{Digest, Sha256};

use crate::records::json::{Key, skip_value, unescape, write_string};

/// Nesting beyond this is copied as it stands; CloudTrail's deepest known record has 12 levels.
const MAX_DEPTH: usize = 64;

/// Entries, and bytes of strings, that room is kept for from one record to the next.
const MOST_ROOM: usize = 1 << 16;

/// Computes [`record_hash`](Canonical::record_hash) with buffers that live on.
#[derive(Debug, Default)]
pub(crate) struct Canonical {
    text: Vec<u8>,
    index: Index,
}

impl Canonical {
    /// Returns the first 8 bytes of the SHA-256 of the record's canonical text, as a big-endian
    /// integer. `record` is checked JSON without white space.
    pub(crate) fn record_hash(&mut self, record: &str) -> i64 {
        self.text.clear();
        self.index.clear();
        let (value, _) = self.index.read(record, 0, 0);
        self.index.write(&value, record, &mut self.text);
        let digest = Sha256::digest(&self.text);
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        i64::from_be_bytes(first)
    }
}

/// What stands where in a record, in canonical order, so that each byte is copied once.
#[derive(Debug, Default)]
struct Index {
    /// Members and elements; those of one object or array follow one another.
    entries: Vec<Entry>,
    /// Those of objects and arrays that are being read.
    open: Vec<Entry>,
    /// Strings whose escapes are spelled otherwise in the record.
    spelled: Vec<u8>,
}

/// A member, or some elements, whose key is empty.
#[derive(Debug)]
struct Entry {
    key: Token,
    value: Value,
}

impl Entry {
    /// Returns whether key and value stand in the record as in the canonical text.
    fn is_verbatim(&self) -> bool {
        !self.key.is_spelled && matches!(&self.value, Value::Token(token) if !token.is_spelled)
    }
}

#[derive(Debug)]
enum Value {
    Token(Token),
    /// With these entries.
    Object(Range<u32>),
    Array(Range<u32>),
}

/// From one byte up to another, of the record or of what is spelled otherwise.
#[derive(Debug, Clone, Copy, Default)]
struct Token {
    start: u32,
    end: u32,
    is_spelled: bool,
}

impl Token {
    fn of_record(start: usize, end: usize) -> Self {
        Self { start: position(start), end: position(end), is_spelled: false }
    }

    fn bytes<'a>(&self, record: &'a str, spelled: &'a [u8]) -> &'a [u8] {
        let text = if self.is_spelled { spelled } else { record.as_bytes() };
        &text[self.start as usize..self.end as usize]
    }
}

/// Returns a position in a record, or in what is spelled otherwise: that is at most three times as long.
fn position(at: usize) -> u32 {
    u32::try_from(at).expect("no record is longer than Limits::LARGEST_RECORD")
}

impl Index {
    fn clear(&mut self) {
        let rooms = [self.entries.capacity(), self.open.capacity(), self.spelled.capacity()];
        if rooms.into_iter().any(|room| room > MOST_ROOM) {
            *self = Self::default();
        }
        self.entries.clear();
        self.open.clear();
        self.spelled.clear();
    }

    /// Reads the value at `at`; returns where it ends as well.
    fn read(&mut self, record: &str, at: usize, depth: usize) -> (Value, usize) {
        let bytes = record.as_bytes();
        match bytes.get(at) {
            Some(b'{' | b'[') if depth < MAX_DEPTH => self.read_container(record, at, depth),
            Some(b'"') => {
                let (token, end) = self.read_string(record, at);
                (Value::Token(token), end)
            }
            _ => {
                let end = skip_value(bytes, at);
                (Value::Token(Token::of_record(at, end)), end)
            }
        }
    }

    /// What stands in canonical order already is one token, however many values it has.
    fn read_container(&mut self, record: &str, start: usize, depth: usize) -> (Value, usize) {
        let bytes = record.as_bytes();
        let is_object = bytes[start] == b'{';
        let first = self.open.len();
        let mut at = start + 1;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'}' | b']' => break,
                b',' => at += 1,
                _ => {
                    let mut key = Token::default();
                    if is_object {
                        (key, at) = self.read_string(record, at);
                        at += 1;
                    }
                    let (value, end) = self.read(record, at, depth + 1);
                    let entry = Entry { key, value };
                    match self.open[first..].last_mut() {
                        Some(Entry { value: Value::Token(last), .. })
                            if !is_object && !last.is_spelled && entry.is_verbatim() =>
                        {
                            last.end = position(end);
                        }
                        _ => self.open.push(entry),
                    }
                    at = end;
                }
            }
        }
        let end = at + 1;
        let entries = &mut self.open[first..];
        let key = |entry: &Entry| entry.key.bytes(record, &self.spelled);
        let is_in_order = !is_object || entries.is_sorted_by(|a, b| key(a) <= key(b));
        if is_in_order && entries.iter().all(Entry::is_verbatim) {
            self.open.truncate(first);
            return (Value::Token(Token::of_record(start, end)), end);
        }
        if !is_in_order {
            entries.sort_by(|a, b| key(a).cmp(key(b)));
        }
        let from = self.entries.len();
        self.entries.extend(self.open.drain(first..));
        let entries = position(from)..position(self.entries.len());
        (if is_object { Value::Object(entries) } else { Value::Array(entries) }, end)
    }

    fn read_string(&mut self, record: &str, start: usize) -> (Token, usize) {
        let Some(Key { token, is_escaped }) = Key::at(record.as_bytes(), start) else {
            return (Token::of_record(start, record.len()), record.len());
        };
        let end = token.end;
        if is_escaped && let (Cow::Owned(text), true) = unescape(&record[token]) {
            let from = self.spelled.len();
            write_string(&text, &mut self.spelled);
            let (start, end_spelled) = (position(from), position(self.spelled.len()));
            return (Token { start, end: end_spelled, is_spelled: true }, end);
        }
        (Token::of_record(start, end), end)
    }

    /// Appends the canonical text of a value.
    fn write(&self, value: &Value, record: &str, text: &mut Vec<u8>) {
        let (open, entries, close) = match value {
            Value::Token(token) => {
                return text.extend_from_slice(token.bytes(record, &self.spelled));
            }
            Value::Object(entries) => (b'{', entries, b'}'),
            Value::Array(entries) => (b'[', entries, b']'),
        };
        text.push(open);
        let entries = &self.entries[entries.start as usize..entries.end as usize];
        for (number, Entry { key, value }) in entries.iter().enumerate() {
            if number > 0 {
                text.push(b',');
            }
            if open == b'{' {
                text.extend_from_slice(key.bytes(record, &self.spelled));
                text.push(b':');
            }
            self.write(value, record, text);
        }
        text.push(close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(record: &str) -> i64 {
        Canonical::default().record_hash(record)
    }

    #[test]
    fn the_hash_of_a_dataset_never_changes() {
        assert_eq!(hash("{}"), 0x4413_6fa3_55b3_678a);
        let mut canonical = Canonical::default();
        canonical.record_hash(r#"{"b":[1.0,{"z":null,"a":"\u0041\n"}],"a":{}}"#);
        assert_eq!(
            std::str::from_utf8(&canonical.text).unwrap(),
            r#"{"a":{},"b":[1.0,{"a":"A\u000a","z":null}]}"#
        );
    }

    #[test]
    fn what_counts_and_what_does_not() {
        let record = r#"{"a":1,"b":{"c":"x/y","d":[1,2]}}"#;
        for same in [
            r#"{"b":{"d":[1,2],"c":"x/y"},"a":1}"#,
            r#"{"a":1,"b":{"c":"x\/y","d":[1,2]}}"#,
            r#"{"\u0061":1,"b":{"c":"\u0078/y","d":[1,2]}}"#,
        ] {
            assert_eq!(hash(record), hash(same), "{same}");
        }
        for other in [
            r#"{"a":1.0,"b":{"c":"x/y","d":[1,2]}}"#,
            r#"{"a":1,"b":{"c":"x/y","d":[2,1]}}"#,
            r#"{"a":"1","b":{"c":"x/y","d":[1,2]}}"#,
            r#"{"a":1,"a":1,"b":{"c":"x/y","d":[1,2]}}"#,
            r#"{"a":1,"b":{"c":"x/y","d":[1,2],"e":null}}"#,
        ] {
            assert_ne!(hash(record), hash(other), "{other}");
        }
        assert_ne!(hash(r#"{"a":"\ud800"}"#), hash(r#"{"a":"\ufffd"}"#));
    }

    #[test]
    fn canonical_texts() {
        for (record, expected) in [
            (r#"{"a":1,"b":[],"c":{}}"#, r#"{"a":1,"b":[],"c":{}}"#),
            (
                r#"{"b":[1,2,"x",{"d":1,"c":2},3,4],"a":0}"#,
                r#"{"a":0,"b":[1,2,"x",{"c":2,"d":1},3,4]}"#,
            ),
            (r#"[1,"\u0041",2,3,"\u0042"]"#, r#"[1,"A",2,3,"B"]"#),
            (r#"[[1,[2]],["\/"],{"b":1,"b":0,"a":[]}]"#, r#"[[1,[2]],["/"],{"a":[],"b":1,"b":0}]"#),
            (r#"{"\u0062":1,"a":2}"#, r#"{"a":2,"b":1}"#),
            (r#"{"a":1,"\u0062":2}"#, r#"{"a":1,"b":2}"#),
            (r#"{"b":"\ud800","a":[{"a":null}]}"#, r#"{"a":[{"a":null}],"b":"\ud800"}"#),
        ] {
            let mut canonical = Canonical::default();
            canonical.record_hash(record);
            assert_eq!(std::str::from_utf8(&canonical.text).unwrap(), expected);
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_ne!(hash(&deep), hash("{}"));
    }
}
