//! What a conversion tells when it is done.

use ecstrail_converter::Reject;

use crate::Totals;

/// What a conversion did.
#[derive(Debug, Default)]
pub struct ConvertOutcome {
    /// What became of the records; they add up.
    pub totals: Totals,
    /// Log files read.
    pub files: u64,
    /// Log files that an earlier run converted with the same selection.
    pub known_files: u64,
    /// Log files that an earlier run found damaged; they have not changed.
    pub known_damaged_files: u64,
    /// Why log files could not be read, each naming its file.
    pub damaged: Vec<ecstrail_converter::Error>,
    /// The first rejects; the quarantine lists the first 1,000 of each log file.
    pub rejects: Vec<Reject>,
    /// Where the rejects of each commit are, below the dataset's home.
    pub quarantine: Vec<String>,
    /// Versions of the commits made.
    pub commits: Vec<u64>,
    /// Data files written.
    pub data_files: u64,
    /// Bytes of them.
    pub data_bytes: u64,
    /// Bytes of the log files read, as stored.
    pub stored_bytes: u64,
    /// Bytes of the log files read, decompressed.
    pub decompressed_bytes: u64,
}
