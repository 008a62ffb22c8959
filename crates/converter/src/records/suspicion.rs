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
    /// The compressed stream is damaged; its complete records were kept because of `salvage`.
    Salvaged,
    /// Records are of days far from that of the delivery in the log file's name: more than
    /// [`DAYS_BEFORE`](Self::DAYS_BEFORE) before it, or [`DAYS_AFTER`](Self::DAYS_AFTER) after it.
    DistantDays,
    /// Text in UTF-16 is damaged; U+FFFD stands for what cannot be read.
    InvalidUtf16,
}

impl Suspicion {
    /// Days that an event may be older than the delivery of its log file. CloudTrail delivers within
    /// minutes, and after a failure within days.
    pub const DAYS_BEFORE: i32 = 30;
    /// Days that it may be later: clocks differ, but not that much.
    pub const DAYS_AFTER: i32 = 2;

    /// Returns whether an event is of a day far from that of the delivery, both in days since
    /// 1970-01-01.
    pub(crate) fn is_distant(day: i32, delivery_day: i32) -> bool {
        !(delivery_day - Self::DAYS_BEFORE..=delivery_day + Self::DAYS_AFTER).contains(&day)
    }

    /// Returns whether part of the file was not read.
    pub fn is_loss(self) -> bool {
        matches!(self, Self::TrailingBytes | Self::Salvaged)
    }
}

impl fmt::Display for Suspicion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (Self::DAYS_BEFORE, Self::DAYS_AFTER);
        formatter.write_str(match self {
            Self::DistantDays => {
                return write!(
                    formatter,
                    "records of days far from the one in its name: more than {before} before it, or \
                     {after} after it"
                );
            }
            Self::SeveralMembers => {
                "several gzip members where CloudTrail writes one: records may have been added"
            }
            Self::SeveralArchives => {
                "several concatenated zip archives: records may have been added"
            }
            Self::TrailingZeros => "zeros after the compressed content",
            Self::TrailingBytes => "bytes after the gzip stream, which were not read",
            Self::Salvaged => "damaged: only its complete records were converted",
            Self::InvalidUtf16 => "damaged UTF-16: unreadable characters were replaced with U+FFFD",
        })
    }
}
