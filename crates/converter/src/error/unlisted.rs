//! What a listing meets and cannot hand on: told one by one, instead of ending the listing.

use std::{fmt, io};

/// An entry that a listing cannot hand on as an object. It comes as the source of an
/// [`object_store::Error::Generic`], and the listing continues after it.
#[derive(Debug, thiserror::Error)]
#[error("cannot list {path}: {reason}")]
pub struct Unlisted {
    /// The path or key, quoted and escaped: it may hold anything.
    pub path: String,
    /// Why.
    pub reason: UnlistedReason,
}

/// Why an entry is not listed.
#[derive(Debug)]
#[non_exhaustive]
pub enum UnlistedReason {
    /// A symbolic link, where links are not followed.
    SymbolicLink,
    /// A link to a folder that contains it.
    Loop,
    /// A FIFO, a socket or a device: reading it might never end.
    SpecialFile,
    /// A name that cannot be requested: not UTF-8, a control character, an empty or relative
    /// segment. A line separator may have been read as a control character.
    NoPath,
    /// A folder with more entries than are read at once.
    TooMany,
    /// A key outside of the requested prefix.
    NotBelow,
    /// The server does not list keys in the order of their bytes, by which days are looked for.
    OutOfOrder,
    /// The server answers with what it listed before, or with nothing, again and again.
    Repeated,
    /// The system's answer: it is not allowed, or it is gone meanwhile.
    Unreadable(io::Error),
}

impl Unlisted {
    /// Describes an entry; `path` is quoted and escaped.
    pub(crate) fn new(path: impl fmt::Debug, reason: UnlistedReason) -> Self {
        Self { path: format!("{path:?}"), reason }
    }

    /// Takes what a listing could not hand on out of a store's answer.
    pub(crate) fn of(error: object_store::Error) -> Result<Self, object_store::Error> {
        match error {
            object_store::Error::Generic { store, source } => match source.downcast() {
                Ok(unlisted) => Ok(*unlisted),
                Err(source) => Err(object_store::Error::Generic { store, source }),
            },
            error => Err(error),
        }
    }
}

impl From<Unlisted> for object_store::Error {
    fn from(unlisted: Unlisted) -> Self {
        Self::Generic { store: "listing", source: Box::new(unlisted) }
    }
}

impl fmt::Display for UnlistedReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SymbolicLink => formatter.write_str("symbolic links are not followed"),
            Self::Loop => formatter.write_str("the link points to a folder that contains it"),
            Self::SpecialFile => formatter.write_str("it is not a regular file"),
            Self::NoPath => formatter.write_str(
                "no request can carry its name (not UTF-8, a control character, an empty or \
                 relative segment): rename it",
            ),
            Self::NotBelow => formatter.write_str(
                "the server listed a key outside of the \
                                                   requested prefix",
            ),
            Self::OutOfOrder => formatter.write_str(
                "the server does not list keys in order: where days are limited, log files may be \
                 missed",
            ),
            Self::Repeated => formatter
                .write_str("the server repeats what it listed before: the rest cannot be listed"),
            Self::TooMany => formatter.write_str("the folder has too many entries"),
            Self::Unreadable(error) => error.fmt(formatter),
        }
    }
}
