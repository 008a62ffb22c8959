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
    /// An element of `Records` is not a JSON object.
    NotAnObject,
    /// An object that CloudTrail did not write, and in which no record was found.
    NotCloudTrail,
    /// No `eventTime` that can be read, no time in what wraps the record, and no delivery day in
    /// the log file's name.
    NoDate,
    /// The record is larger than [`Limits::record_bytes`](crate::limits::Limits::record_bytes).
    TooLarge,
    /// The record has more levels than [`Limits::depth`](crate::limits::Limits::depth).
    TooDeep,
    /// Records wrapped in records, in too many layers.
    TooWrapped,
    /// A file of an archive is damaged, encrypted, or not JSON.
    DamagedMember,
    /// Bytes of an archive that are of no file in its directory, and are not part of that.
    NotInDirectory,
    /// A line of a quarantine that names a file or a record without its bytes.
    Elsewhere,
    /// What should wrap records in base64 is something else.
    NotBase64,
    /// Its day and region are beyond the limit of partitions that one commit may have.
    TooManyPartitions,
    /// An object of unknown shape has records in several members, perhaps the same ones.
    Ambiguous,
}

impl fmt::Display for RejectReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::BrokenJson => "broken JSON",
            Self::CutOff => "the file ends in the middle of a record",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::NotAnObject => "not a JSON object",
            Self::NotCloudTrail => "not a CloudTrail record",
            Self::NoDate => {
                "no readable eventTime, no time in what wraps it, and no delivery day in the file's name"
            }
            Self::TooLarge => "larger than the limit for a record",
            Self::TooDeep => "nested deeper than the limit",
            Self::TooWrapped => "wrapped in too many layers",
            Self::DamagedMember => "a file of the archive cannot be read",
            Self::NotInDirectory => {
                "a part of the archive is not a file in its directory: it was not read"
            }
            Self::Elsewhere => "its bytes are not in this file: convert the log file itself again",
            Self::NotBase64 => "its data is not base64",
            Self::TooManyPartitions => {
                "its day and Region are beyond the limit of partitions for a commit"
            }
            Self::Ambiguous => "several of its members contain records, and it is unknown which of \
                                them count",
        })
    }
}

/// A record that could not become a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Path of the log file below its source.
    pub source_file: String,
    /// 0-based position among the file's records.
    pub index: u64,
    /// Offset of its first byte in the decompressed file; of the object around it, if it is
    /// wrapped.
    pub byte_offset: u64,
    /// Why it was rejected.
    pub reason: RejectReason,
    /// What there is to say beside the reason, such as the name of a file in an archive.
    pub detail: Option<String>,
    /// Its bytes, or those up to the next record; `None` where they are too many to be copied.
    pub record: Option<Vec<u8>>,
}

impl Reject {
    /// Rejects that are described one by one, per log file; further ones are only counted, so that
    /// a hostile file cannot fill the memory.
    pub const MOST_DESCRIBED: usize = 1000;
}

impl fmt::Display for Reject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source_file, index, byte_offset, reason, detail, .. } = self;
        write!(formatter, "{source_file}: record {index} at byte {byte_offset}: {reason}")?;
        detail.as_ref().map_or(Ok(()), |detail| write!(formatter, " ({detail})"))
    }
}
