//! What a conversion tells when it is done.

use std::collections::BTreeMap;

use ecstrail_converter::{
    Discovered, Discovery, EventSourceCounts, LookAlike, Reject, RejectReason, Suspicion,
};

use crate::{
    error::{Error, Result},
    log::Totals,
};

/// What a conversion did. Every log file that was listed was read or is known: the log files of all
/// `sources` are `files + known_files + known_damaged_files`.
#[derive(Debug, Default)]
pub struct ConvertOutcome {
    /// What was found in each source, in the order given.
    pub sources: Vec<SourceOutcome>,
    /// The outcome of the records; the numbers add up.
    pub totals: Totals,
    /// Log files read.
    pub files: u64,
    /// Log files that were converted before with the same selection: by an earlier run, or by this
    /// one through another source.
    pub known_files: u64,
    /// Log files that were found damaged before; they have not changed.
    pub known_damaged_files: u64,
    /// Log files that were read in vain.
    pub damaged_files: u64,
    /// Why, each naming its file: the first 1,000 of them.
    pub damaged: Vec<ecstrail_converter::Error>,
    /// The rejects by reason.
    pub rejects_by_reason: BTreeMap<RejectReason, u64>,
    /// Records of kept event sources that the rest of the selection excludes; counted as filtered.
    pub excluded: u64,
    /// Records of event sources that the selection does not keep; counted as filtered.
    pub other_event_sources: EventSourceCounts,
    /// What looks like records and is not, among records, by what it is; counted as filtered.
    pub look_alikes: BTreeMap<LookAlike, u64>,
    /// Log files read that hold nothing else, by what it is.
    pub look_alike_files: BTreeMap<LookAlike, u64>,
    /// Log files about which something is odd, by what it is.
    pub suspicions: BTreeMap<Suspicion, u64>,
    /// The first 1,000 of them, by their paths below their sources.
    pub suspicious: Vec<(String, Suspicion)>,
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
    /// Why a checkpoint could not be written, or old ones not be removed. That costs nothing but
    /// time: the commits stand, and the next one tries again.
    pub checkpoint_failure: Option<Error>,
}

impl ConvertOutcome {
    /// Checks that every log file that was listed was read or is known.
    pub(super) fn check(&self) -> Result<()> {
        let listed = self.sources.iter().map(|source| source.found.log_files).sum();
        let accounted = self.files + self.known_files + self.known_damaged_files;
        if listed == accounted {
            Ok(())
        } else {
            Err(Error::FilesNotConserved { listed, accounted })
        }
    }
}

/// The outcome of listing one source.
#[derive(Debug, Default)]
pub struct SourceOutcome {
    /// What it holds, as far as it was listed.
    pub found: Discovered,
    /// Keys, folders or parts of it that could not be listed. The rest was converted.
    pub failed: u64,
    /// Why, each naming its place: the first 100 of them.
    pub failures: Vec<ecstrail_converter::Error>,
}

impl From<Discovery> for SourceOutcome {
    fn from(discovery: Discovery) -> Self {
        let (found, failed) = (discovery.found(), discovery.failed());
        Self { found, failed, failures: discovery.into_failures() }
    }
}
