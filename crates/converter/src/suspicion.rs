//! What is odd about a log file that was read all the same.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that CloudTrail does not do. Its digests tell whether a log file was altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Suspicion {
    /// The gzip stream has several members: a way to add records to a log file unseen. What
    /// Firehose writes of a subscription of CloudWatch Logs has them, and is not odd.
    SeveralMembers,
    /// Several zip archives stand one behind the other: another way to do that.
    SeveralArchives,
    /// Zeros stand behind the gzip stream or beside the archive, as tapes and block devices leave
    /// them.
    TrailingZeros,
    /// Other bytes stand behind the gzip stream; they were not read.
    TrailingBytes,
    /// The compressed stream is damaged; its whole records were kept because that was asked for.
    Salvaged,
    /// Text in UTF-16 is damaged; U+FFFD stands for what cannot be read.
    InvalidUtf16,
}

impl Suspicion {
    /// Returns whether part of the file was not read.
    pub fn is_loss(self) -> bool {
        matches!(self, Self::TrailingBytes | Self::Salvaged)
    }
}

impl fmt::Display for Suspicion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::SeveralMembers => {
                "several gzip members, where CloudTrail writes one: records may have been added"
            }
            Self::SeveralArchives => {
                "several zip archives one behind the other: records may have been added"
            }
            Self::TrailingZeros => "zeros behind the compressed content",
            Self::TrailingBytes => "bytes behind the gzip stream, which were not read",
            Self::Salvaged => "damaged; its whole records were salvaged",
            Self::InvalidUtf16 => "damaged UTF-16; U+FFFD stands for what cannot be read",
        })
    }
}
