//! A record that could not become a row, and why. Rejects are counted and located, never silent.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a record could not become a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RejectReason {
    /// The bytes between two records, or to the end of the file, are not JSON.
    BrokenJson,
    /// The file ends inside a record or inside `Records`.
    CutOff,
    /// The record is not valid UTF-8.
    InvalidUtf8,
    /// An element of `Records` is no JSON object.
    NotAnObject,
    /// An object that CloudTrail did not write: an S3 notification, a digest, an ECS state change.
    NotCloudTrail,
    /// No `eventTime` that can be read, and no delivery day in the log file's key.
    NoDate,
    /// One record is larger than 64 MiB; CloudTrail's own limit is 256 KB.
    TooLarge,
}

impl fmt::Display for RejectReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::BrokenJson => "broken JSON",
            Self::CutOff => "the file ends in the middle of a record",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::NotAnObject => "not a JSON object",
            Self::NotCloudTrail => "not a CloudTrail record",
            Self::NoDate => "no readable eventTime, and no delivery day in the file's key",
            Self::TooLarge => "larger than 64 MiB",
        })
    }
}

/// A record that could not become a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// Path of the log file below its source.
    pub source_file: String,
    /// 0-based position among the file's records.
    pub index: u64,
    /// Offset of its first byte in the decompressed file.
    pub byte_offset: u64,
    /// Why it was refused.
    pub reason: RejectReason,
}

impl fmt::Display for Reject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: record {} at byte {}: {}",
            self.source_file, self.index, self.byte_offset, self.reason
        )
    }
}
