//! What no column holds of a record, so that the record can be rebuilt from its row: unknown
//! members, members in an unusual spelling, and which always-present members are absent.
//!
//! A record that a JSON object over the columns cannot carry (a member that stands twice, hundreds
//! of unknown ones) is kept whole, as the text of the one member `~record`.

use std::collections::HashSet;

use super::slots::Token;
use crate::{
    columns::{COLUMNS, Rule},
    records::json::write_string,
};

/// A record with more unknown members than this is kept whole; real ones have a handful.
const MAX_MEMBERS: usize = 1000;

/// Members of a record that no column holds.
#[derive(Debug)]
pub(super) struct Unmapped {
    members: Vec<Token>,
    /// By column, whether its member stands in the record.
    known: Vec<bool>,
    unknown: HashSet<Vec<u8>>,
    is_irregular: bool,
}

impl Unmapped {
    pub(super) fn new() -> Self {
        Self {
            members: Vec::new(),
            known: vec![false; COLUMNS.len()],
            unknown: HashSet::new(),
            is_irregular: false,
        }
    }

    pub(super) fn clear(&mut self) {
        self.members.clear();
        self.known.fill(false);
        self.unknown.clear();
        self.is_irregular = false;
    }

    /// Notes that the top-level member of a column stands in the record.
    pub(super) fn note_known(&mut self, column: usize) {
        self.is_irregular |= std::mem::replace(&mut self.known[column], true);
    }

    /// Notes that a member's name is spelled with escapes, which no column and no overlay keeps.
    pub(super) fn note_escaped(&mut self) {
        self.is_irregular = true;
    }

    /// Adds a known member whose column does not say everything about it.
    pub(super) fn add(&mut self, member: Token) {
        self.members.push(member);
    }

    /// Adds a member that has no column.
    pub(super) fn add_unknown(&mut self, name: &[u8], member: Token) {
        if self.members.len() >= MAX_MEMBERS {
            self.is_irregular = true;
            return;
        }
        self.is_irregular |= name.starts_with(b"~") || !self.unknown.insert(name.to_owned());
        self.members.push(member);
    }

    /// Returns the value of the column, or `None` if the other columns say everything.
    pub(super) fn finish(&self, text: &str) -> Option<String> {
        let mut out = Vec::new();
        if self.is_irregular {
            out.extend_from_slice(b"{\"~record\":");
            write_string(text, &mut out);
        } else {
            for member in &self.members {
                out.push(if out.is_empty() { b'{' } else { b',' });
                out.extend_from_slice(&text.as_bytes()[member.clone()]);
            }
            self.write_absent(&mut out);
        }
        if out.is_empty() {
            return None;
        }
        out.push(b'}');
        String::from_utf8(out).ok()
    }

    fn write_absent(&self, out: &mut Vec<u8>) {
        let absent = COLUMNS
            .iter()
            .enumerate()
            .filter(|(number, column)| column.rule == Rule::JsonOrNull && !self.known[*number]);
        for (index, (_, column)) in absent.enumerate() {
            let opening: &[u8] = match (index, out.is_empty()) {
                (0, true) => b"{\"~absent\":[",
                (0, false) => b",\"~absent\":[",
                _ => b",",
            };
            if index > 0 {
                out.pop();
            }
            out.extend_from_slice(opening);
            write_string(column.sources[0], out);
            out.push(b']');
        }
    }
}
