//! The members of an object, as they stand in the text.

use std::{borrow::Cow, ops::Range};

use crate::records::json::{Brackets, End, Key, skip_white_space, unescape, value_end};

/// A member: where its key and its value are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) key: Key,
    pub(crate) value: Range<usize>,
}

/// An object whose members were found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object<'a> {
    piece: &'a [u8],
    members: &'a [Member],
}

impl<'a> Object<'a> {
    pub(crate) fn new(piece: &'a [u8], members: &'a [Member]) -> Self {
        Self { piece, members }
    }

    /// Returns the value of a member, the last one if it stands twice.
    pub(crate) fn get(self, name: &str) -> Option<&'a [u8]> {
        let mut members = self.members.iter().rev();
        let found = members.find(|member| member.key.is(name, self.piece));
        found.map(|member| &self.piece[member.value.clone()])
    }

    /// Returns the value of a member of a member, and so on.
    pub(crate) fn at(self, path: &[&str]) -> Option<&'a [u8]> {
        let (first, further) = path.split_first()?;
        further.iter().try_fold(self.get(first)?, |value, name| member_of(value, name))
    }

    /// Returns the values of all members.
    pub(crate) fn values(self) -> impl Iterator<Item = &'a [u8]> {
        self.members.iter().map(move |member| &self.piece[member.value.clone()])
    }

    /// Returns whether this is a cell of a query's answer: a name with a text and nothing else, or
    /// the two as `field` and `value`.
    pub(crate) fn is_cell(self) -> bool {
        match self.members {
            [only] => self.piece[only.value.clone()].starts_with(b"\""),
            [_, _] => self.has("field") && self.has("value"),
            _ => false,
        }
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.members.iter().any(|member| member.key.is(name, self.piece))
    }

    /// Returns the text of a member that is a string of valid UTF-8.
    pub(crate) fn text(self, name: &str) -> Option<Cow<'a, str>> {
        text(self.get(name)?)
    }

    /// Returns the text of a member of a member that is a string of valid UTF-8.
    pub(crate) fn text_at(self, path: &[&str]) -> Option<Cow<'a, str>> {
        text(self.at(path)?)
    }
}

/// Returns the text of a string of valid UTF-8.
fn text(value: &[u8]) -> Option<Cow<'_, str>> {
    let token = std::str::from_utf8(value).ok()?;
    token.starts_with('"').then(|| unescape(token).0)
}

/// Returns the value of a member of an object.
fn member_of<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut brackets = Brackets::default();
    let mut at = skip_white_space(object, object.starts_with(b"{").then_some(1)?);
    while object.get(at) == Some(&b'"') {
        let key = Key::at(object, at)?;
        let colon = skip_white_space(object, key.token.end);
        let start = skip_white_space(object, colon + 1);
        let End::At(end) = value_end(object, start, &mut brackets) else { return None };
        if key.is(name, object) {
            return Some(&object[start..end]);
        }
        at = skip_white_space(object, end);
        if object.get(at) == Some(&b',') {
            at = skip_white_space(object, at + 1);
        }
    }
    None
}
