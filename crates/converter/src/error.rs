//! Errors that concern a whole log file, a listing, or rebuilding a record from its row. A single
//! bad record is not an error but a [`crate::records::Reject`].

mod unlisted;

pub use unlisted::{Unlisted, UnlistedReason};

/// A failure that concerns one log file, the listing of a source, or rows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The objects below a source could not be listed.
    #[error("cannot list {location}")]
    List {
        /// The source as the user gave it.
        location: String,
        /// The store's answer.
        source: object_store::Error,
    },
    /// An entry of a source cannot be listed as an object.
    #[error(transparent)]
    Unlisted(Unlisted),
    /// The part of a source after its root is not a valid glob.
    #[error("invalid glob pattern")]
    Pattern {
        /// Where and why.
        source: globset::Error,
    },
    /// A log file could not be fetched.
    #[error("cannot read {log_file}")]
    Read {
        /// Path of the log file below its source.
        log_file: String,
        /// The store's answer.
        source: object_store::Error,
    },
    /// A log file has zero bytes.
    #[error("{log_file} is empty, and CloudTrail never delivers an empty file: download it again")]
    Empty {
        /// Path of the log file below its source.
        log_file: String,
    },
    /// A compressed log file is truncated or damaged. It is rejected as a whole.
    #[error("{log_file} is a damaged {container} file ({reason}): download it again")]
    Damaged {
        /// Path of the log file below its source.
        log_file: String,
        /// What it is: gzip, Zstandard, zip.
        container: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// A log file contains nothing that could hold records.
    #[error("{log_file} is not a CloudTrail log file: it contains {found}, not JSON")]
    NotJson {
        /// Path of the log file below its source.
        log_file: String,
        /// What the first bytes look like.
        found: &'static str,
    },
    /// A log file is the result of a query that did not select whole records.
    #[error(
        "{log_file} contains rows of a query without whole records: select eventJson in CloudTrail \
         Lake, or @message in Logs Insights"
    )]
    NoWholeRecords {
        /// Path of the log file below its source.
        log_file: String,
    },
    /// A log file expands beyond [`Limits::file_bytes`](crate::limits::Limits::file_bytes).
    #[error(
        "{log_file} is larger than {limit_bytes} bytes when decompressed: raise the limit if \
             you trust the file"
    )]
    TooLarge {
        /// Path of the log file below its source.
        log_file: String,
        /// The limit, in decompressed bytes.
        limit_bytes: u64,
    },
    /// A log file expands beyond [`Limits::ratio`](crate::limits::Limits::ratio).
    #[error(
        "{log_file} expands to more than {ratio} times its size, which CloudTrail files never do: \
         raise the limit if you trust the file"
    )]
    TooDense {
        /// Path of the log file below its source.
        log_file: String,
        /// The limit.
        ratio: u64,
    },
    /// A log file changed while the run was reading it.
    #[error("{log_file} changed while it was read: rerun the command")]
    Changed {
        /// Path of the log file below its source.
        log_file: String,
    },
    /// The caller stopped the reading.
    #[error("stopped reading {log_file}")]
    Stopped {
        /// Path of the log file below its source.
        log_file: String,
    },
    /// A record cannot be rebuilt from its row: the dataset was altered.
    #[error(
        "cannot rebuild record {record_index} of {log_file}: {reason}; convert the log file \
             again"
    )]
    Rebuild {
        /// Path of the log file below its source.
        log_file: String,
        /// The record's 0-based position among the file's records.
        record_index: i64,
        /// What does not match.
        reason: &'static str,
    },
    /// Rows lack a column of the column table, or the column has another type.
    #[error("the rows lack the column {column}, or it has another type: give rows of a dataset")]
    NotRows {
        /// The column.
        column: &'static str,
    },
}

impl Error {
    /// Adds the log file's name to a store's error.
    pub fn read(source: object_store::Error, log_file: &str) -> Self {
        let log_file = log_file.to_owned();
        match source {
            object_store::Error::Precondition { .. } => Self::Changed { log_file },
            source => Self::Read { log_file, source },
        }
    }

    /// Returns why a file in an archive cannot be read; `None` if the error concerns the whole
    /// archive.
    pub(crate) fn of_member(&self) -> Option<String> {
        match self {
            Self::Empty { .. } => Some("it is empty".to_owned()),
            Self::Damaged { container, reason, .. } => {
                Some(format!("damaged {container}: {reason}"))
            }
            Self::NotJson { found, .. } => Some(format!("it contains {found}, not JSON")),
            Self::NoWholeRecords { .. } => {
                Some("it contains rows of a query without whole records".to_owned())
            }
            Self::TooLarge { limit_bytes, .. } => {
                Some(format!("with it, the archive is larger than {limit_bytes} bytes"))
            }
            Self::TooDense { ratio, .. } => {
                Some(format!("it expands to more than {ratio} times its size"))
            }
            _ => None,
        }
    }

    /// Returns whether reading the same log file again may succeed.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Read { .. } | Self::Changed { .. } | Self::Stopped { .. })
    }
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
