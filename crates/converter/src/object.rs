//! The top-level members of an object, as they stand in the text.

use std::{borrow::Cow, ops::Range};

use crate::json::unescape;

/// A member: where its key (with quotes) and its value are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) key: Range<usize>,
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
        let is_named = |key: &[u8]| {
            key.get(1..).and_then(|key| key.strip_suffix(b"\"")) == Some(name.as_bytes())
        };
        let mut members = self.members.iter().rev();
        let found = members.find(|member| is_named(&self.piece[member.key.clone()]));
        found.map(|member| &self.piece[member.value.clone()])
    }

    /// Returns whether this is a name with a text and nothing else, as a query answers.
    pub(crate) fn is_cell(self) -> bool {
        matches!(self.members, [only] if self.piece[only.value.clone()].starts_with(b"\""))
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Returns the text of a member that is a string of valid UTF-8.
    pub(crate) fn text(self, name: &str) -> Option<Cow<'a, str>> {
        let token = std::str::from_utf8(self.get(name)?).ok()?;
        token.starts_with('"').then(|| unescape(token).0)
    }
}
