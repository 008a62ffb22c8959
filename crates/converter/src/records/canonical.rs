//! The canonical text of a record, and the hash that tells exact duplicates from records that
//! merely share an `eventID`.
//!
//! Two records are the same if their tokens are: members may stand in any order, white space and
//! the spelling of escapes do not count, the spelling of numbers does. This text decides what is
//! a duplicate in datasets that exist, so it must never change.

use std::{borrow::Cow, ops::Range};

use sha2::{Digest, Sha256};

use crate::records::json::{Brackets, skip_white_space, string_end, unescape, write_string};

/// Nesting beyond this is copied as it stands; CloudTrail's deepest known record has 12 levels.
const MAX_DEPTH: usize = 64;

/// Computes [`record_hash`](Canonical::record_hash) with buffers that live on.
#[derive(Debug, Default)]
pub(crate) struct Canonical {
    text: Vec<u8>,
    scratch: Vec<u8>,
    members: Vec<(Range<usize>, Range<usize>)>,
}

impl Canonical {
    /// Returns the first 8 bytes of the SHA-256 of the record's canonical text, as a big-endian
    /// integer. `record` is checked JSON without white space.
    pub(crate) fn record_hash(&mut self, record: &str) -> i64 {
        self.text.clear();
        self.members.clear();
        self.write(record, 0, 0);
        let digest = Sha256::digest(&self.text);
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        i64::from_be_bytes(first)
    }

    /// Appends the canonical text of the value at `at`; returns where the value ends.
    fn write(&mut self, record: &str, at: usize, depth: usize) -> usize {
        let bytes = record.as_bytes();
        match bytes.get(at) {
            Some(b'{') if depth < MAX_DEPTH => self.write_object(record, at + 1, depth),
            Some(b'[') if depth < MAX_DEPTH => self.write_array(record, at + 1, depth),
            Some(b'"') => self.write_string(record, at),
            _ => {
                let end = match crate::records::json::value_end(bytes, at, &mut Brackets::default())
                {
                    crate::records::json::End::At(end) => end,
                    _ => bytes.len(),
                };
                self.text.extend_from_slice(&bytes[at..end]);
                end
            }
        }
    }

    fn write_string(&mut self, record: &str, at: usize) -> usize {
        let end = string_end(record.as_bytes(), at + 1).unwrap_or(record.len());
        let token = &record[at..end];
        match unescape(token) {
            (Cow::Owned(text), true) => write_string(&text, &mut self.text),
            _ => self.text.extend_from_slice(token.as_bytes()),
        }
        end
    }

    fn write_array(&mut self, record: &str, mut at: usize, depth: usize) -> usize {
        let bytes = record.as_bytes();
        self.text.push(b'[');
        at = skip_white_space(bytes, at);
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b']' => break,
                b',' => {
                    self.text.push(b',');
                    at += 1;
                }
                _ => at = self.write(record, at, depth + 1),
            }
        }
        self.text.push(b']');
        at + 1
    }

    fn write_object(&mut self, record: &str, mut at: usize, depth: usize) -> usize {
        let bytes = record.as_bytes();
        self.text.push(b'{');
        let first_member = self.members.len();
        let start = self.text.len();
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'}' => break,
                b',' => at += 1,
                _ => {
                    let member = self.text.len();
                    at = self.write_string(record, at);
                    let key = member..self.text.len();
                    self.text.push(b':');
                    at = self.write(record, at + 1, depth + 1);
                    self.members.push((key, member..self.text.len()));
                }
            }
        }
        self.sort_members(first_member, start);
        self.text.push(b'}');
        at + 1
    }

    /// Puts the members written since `start` into the order of their keys, with commas.
    fn sort_members(&mut self, first_member: usize, start: usize) {
        let text = &self.text;
        self.members[first_member..]
            .sort_by(|(a, _), (b, _)| text[a.clone()].cmp(&text[b.clone()]));
        self.scratch.clear();
        for (number, (_, member)) in self.members[first_member..].iter().enumerate() {
            if number > 0 {
                self.scratch.push(b',');
            }
            self.scratch.extend_from_slice(&text[member.clone()]);
        }
        self.members.truncate(first_member);
        self.text.truncate(start);
        self.text.extend_from_slice(&self.scratch);
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
    fn depth_is_no_danger() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_ne!(hash(&deep), hash("{}"));
    }
}
