//! The log files and records that a conversion names: the first of those that it only counts.

use std::ops::AddAssign;

use ecstrail_converter::{Reject, Suspicion};

/// Rejects that a conversion describes; the dataset's quarantine lists many more.
pub(super) const DESCRIBED_REJECTS: usize = 20;
/// Log files that could not be read, or are suspicious, that a conversion names.
const DESCRIBED_FILES: usize = 1000;

/// What went wrong or is odd, by name. [`ConvertCounts`](super::ConvertCounts) has the numbers.
#[derive(Debug, Default)]
pub struct Findings {
    /// Why log files could not be read, each naming its file: the first 1,000 of them.
    pub damaged: Vec<ecstrail_converter::Error>,
    /// The first 1,000 suspicious log files, by their paths below their sources.
    pub suspicious: Vec<(String, Suspicion)>,
    /// The first 1,000 log files that are not what a digest says, each with the digest's URL.
    pub disproved: Vec<(String, String)>,
    /// The first 20 rejects, without their records; the quarantine lists the first 1,000 of each
    /// log file.
    pub rejects: Vec<Reject>,
    /// Where the rejects of each commit are, below the dataset's home.
    pub quarantine: Vec<String>,
}

impl Findings {
    pub(super) fn describe_damaged(&mut self, damaged: ecstrail_converter::Error) {
        fill(&mut self.damaged, [damaged], DESCRIBED_FILES);
    }

    pub(super) fn describe_suspicious(&mut self, source_file: &str, suspicion: Suspicion) {
        fill(&mut self.suspicious, [(source_file.to_owned(), suspicion)], DESCRIBED_FILES);
    }

    pub(super) fn describe_disproved(&mut self, url: String, digest: String) {
        fill(&mut self.disproved, [(url, digest)], DESCRIBED_FILES);
    }

    pub(super) fn describe_rejects(&mut self, rejects: Vec<Reject>) {
        let rejects = rejects.into_iter().map(|reject| Reject { record: None, ..reject });
        fill(&mut self.rejects, rejects, DESCRIBED_REJECTS);
    }
}

impl AddAssign for Findings {
    fn add_assign(&mut self, other: Self) {
        let Self { damaged, suspicious, disproved, rejects, quarantine } = other;
        fill(&mut self.damaged, damaged, DESCRIBED_FILES);
        fill(&mut self.suspicious, suspicious, DESCRIBED_FILES);
        fill(&mut self.disproved, disproved, DESCRIBED_FILES);
        fill(&mut self.rejects, rejects, DESCRIBED_REJECTS);
        self.quarantine.extend(quarantine);
    }
}

fn fill<T>(described: &mut Vec<T>, further: impl IntoIterator<Item = T>, most: usize) {
    let room = most.saturating_sub(described.len());
    described.extend(further.into_iter().take(room));
}
