//! The outcome of a conversion.

use ecstrail_converter::{Discovered, Discovery};

use super::{ConvertCounts, Findings};
use crate::error::{Error, Result};

/// What a conversion did. Every log file that was listed was read, is known or belongs to another shard:
/// the log files of all `sources` are `files + known_files + known_damaged_files + other_shard_files` of
/// the counts.
#[derive(Debug, Default)]
pub struct ConvertOutcome {
    /// What was found in each source, in the order given.
    pub sources: Vec<SourceOutcome>,
    /// Numbers of log files and records.
    pub counts: ConvertCounts,
    /// What was damaged, suspicious or rejected, by name.
    pub findings: Findings,
    /// URLs of the folders of regions that were listed from their beginning, where others were not.
    pub new_folders: Vec<String>,
    /// Why a checkpoint could not be written, or old ones not be removed. That costs nothing but
    /// time: the commits stand, and the next one tries again.
    pub checkpoint_failure: Option<Error>,
}

impl ConvertOutcome {
    /// Checks that every log file that was listed was read, is known or belongs to another shard.
    pub(super) fn check(&self) -> Result<()> {
        let listed = self.sources.iter().map(|source| source.found.log_files).sum();
        let ConvertCounts { files, known_files, known_damaged_files, other_shard_files, .. } =
            &self.counts;
        let accounted = files + known_files + known_damaged_files + other_shard_files;
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
