//! What can go wrong with a whole log file, a listing, or the way back from a row. A single bad
//! record is no error but a [`crate::records::Reject`].

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
    /// One entry below a source cannot be handed on as an object.
    #[error(transparent)]
    Unlisted(Unlisted),
    /// What follows the root of a source is not a glob.
    #[error("cannot read the pattern")]
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
    /// A log file has no bytes at all.
    #[error("{log_file} is empty: CloudTrail never delivers an empty file, fetch it again")]
    Empty {
        /// Path of the log file below its source.
        log_file: String,
    },
    /// A compressed log file is cut off or damaged; none of its records counts.
    #[error("{log_file} is a damaged {container} file ({reason}): fetch it again")]
    Damaged {
        /// Path of the log file below its source.
        log_file: String,
        /// What it is: gzip, Zstandard, zip.
        container: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// A log file holds nothing in which records could be.
    #[error("{log_file} is not a CloudTrail log file: it holds {found}, not JSON")]
    NotJson {
        /// Path of the log file below its source.
        log_file: String,
        /// What the first bytes look like.
        found: &'static str,
    },
    /// A log file is the answer to a query that did not ask for whole records.
    #[error(
        "{log_file} holds rows of a query without whole records: select eventJson in CloudTrail \
         Lake, @message in Logs Insights"
    )]
    NoWholeRecords {
        /// Path of the log file below its source.
        log_file: String,
    },
    /// A log file expands beyond [`Limits::file_bytes`](crate::limits::Limits::file_bytes).
    #[error("{log_file} holds more than {limit_bytes} bytes: raise the limit if it is sound")]
    TooLarge {
        /// Path of the log file below its source.
        log_file: String,
        /// The limit, in decompressed bytes.
        limit_bytes: u64,
    },
    /// A log file expands beyond [`Limits::ratio`](crate::limits::Limits::ratio).
    #[error(
        "{log_file} expands to more than {ratio} times its size, which no CloudTrail file does: \
         raise the limit if it is sound"
    )]
    TooDense {
        /// Path of the log file below its source.
        log_file: String,
        /// The limit.
        ratio: u64,
    },
    /// A log file changed between its check and its conversion, so the run cannot vouch for it.
    #[error("{log_file} changed while it was read: run the same command again")]
    Changed {
        /// Path of the log file below its source.
        log_file: String,
    },
    /// Whoever takes the records wanted no more of them.
    #[error("stopped reading {log_file}")]
    Stopped {
        /// Path of the log file below its source.
        log_file: String,
    },
    /// A record cannot be rebuilt from its row: the dataset was altered.
    #[error("cannot rebuild record {record_index} of {log_file}: {reason}; convert it again")]
    Rebuild {
        /// Path of the log file below its source.
        log_file: String,
        /// The record's 0-based position among the file's records.
        record_index: i64,
        /// What does not fit.
        reason: &'static str,
    },
    /// Rows lack a column of the column table, or it has another type.
    #[error("rows without the column {column} are none of a dataset")]
    NotRows {
        /// The column.
        column: &'static str,
    },
}

impl Error {
    /// Names the log file in a store's answer to a read.
    pub fn read(source: object_store::Error, log_file: &str) -> Self {
        let log_file = log_file.to_owned();
        match source {
            object_store::Error::Precondition { .. } => Self::Changed { log_file },
            source => Self::Read { log_file, source },
        }
    }

    /// Says of a file in an archive why it cannot be read; `None` if that concerns the whole
    /// archive.
    pub(crate) fn of_member(&self) -> Option<String> {
        match self {
            Self::Empty { .. } => Some("it is empty".to_owned()),
            Self::Damaged { container, reason, .. } => {
                Some(format!("damaged {container}: {reason}"))
            }
            Self::NotJson { found, .. } => Some(format!("it holds {found}, not JSON")),
            Self::NoWholeRecords { .. } => {
                Some("it holds rows of a query without whole records".to_owned())
            }
            Self::TooLarge { limit_bytes, .. } => {
                Some(format!("with it the archive holds more than {limit_bytes} bytes"))
            }
            Self::TooDense { ratio, .. } => {
                Some(format!("expands to more than {ratio} times its size"))
            }
            _ => None,
        }
    }

    /// Returns whether reading the same log file again may well succeed.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Read { .. } | Self::Changed { .. } | Self::Stopped { .. })
    }
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
