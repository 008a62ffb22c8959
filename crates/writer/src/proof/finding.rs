//! What can be wrong with a file of a trail.

/// A file of a trail that is not what CloudTrail delivered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrailFinding {
    /// URL of the file.
    pub url: String,
    /// What is wrong.
    pub kind: TrailFindingKind,
    /// How that is known.
    pub detail: String,
}

/// What is wrong with a file of a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TrailFindingKind {
    /// A digest that the next one names is not there.
    DigestMissing,
    /// A digest is not gzip, not JSON, or not a digest.
    DigestUnreadable,
    /// A digest is not where CloudTrail put it.
    DigestMoved,
    /// A digest names a public key that was not given.
    DigestKeyUnknown,
    /// AWS did not sign a digest, or not this content.
    DigestSignature,
    /// The next digest states another hash or signature of it.
    DigestLink,
    /// The links between the digests pass a digest by.
    DigestUnlinked,
    /// Bytes stand behind the compressed digest.
    DigestTrailing,
    /// A log file that a digest names is not there.
    LogMissing,
    /// A log file is not what its digest says.
    LogChanged,
    /// A log file is not gzip, or damaged.
    LogUnreadable,
    /// Bytes stand behind the compressed log file.
    LogTrailing,
    /// The end of a log file's compressed stream is cut off, behind its content.
    LogTruncated,
    /// No digest names a log file, though digests cover the time of its delivery.
    LogUnnamed,
    /// A log file is not what was converted.
    LogReplaced,
    /// A log file that was converted is not there any more.
    LogVanished,
}

impl TrailFindingKind {
    /// The name, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::DigestMissing => "digest_missing",
            Self::DigestUnreadable => "digest_unreadable",
            Self::DigestMoved => "digest_moved",
            Self::DigestKeyUnknown => "digest_key_unknown",
            Self::DigestSignature => "digest_signature",
            Self::DigestLink => "digest_link",
            Self::DigestUnlinked => "digest_unlinked",
            Self::DigestTrailing => "digest_trailing",
            Self::LogMissing => "log_missing",
            Self::LogChanged => "log_changed",
            Self::LogUnreadable => "log_unreadable",
            Self::LogTrailing => "log_trailing",
            Self::LogTruncated => "log_truncated",
            Self::LogUnnamed => "log_unnamed",
            Self::LogReplaced => "log_replaced",
            Self::LogVanished => "log_vanished",
        }
    }
}
