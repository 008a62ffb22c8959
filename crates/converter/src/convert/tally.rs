//! The outcome of one log file's records.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    convert::EventSourceCounts,
    records::{LookAlike, Reject, RejectReason, Suspicion},
};

/// The outcome of one log file's records: `records = selected + filtered + rejected`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileTally {
    /// Records found.
    pub records: u64,
    /// Records that the selection keeps.
    pub selected: u64,
    /// Records that the selection does not keep, and what looks like a record and is not.
    pub filtered: u64,
    /// Part of `filtered`: the latter by what they are.
    pub look_alikes: BTreeMap<LookAlike, u64>,
    /// Part of `filtered`: records of kept event sources that the rest of the selection excludes.
    pub excluded: u64,
    /// Part of `excluded`: those that are excluded by day, Region or account alone.
    pub out_of_bounds: u64,
    /// Part of `filtered`: records of event sources that the selection does not keep.
    pub other_event_sources: EventSourceCounts,
    /// Records that could not become a row.
    pub rejected: u64,
    /// All rejects by reason.
    pub rejected_by_reason: BTreeMap<RejectReason, u64>,
    /// The first 1,000 rejects.
    pub rejects: Vec<Reject>,
    /// What is odd about the file as a whole.
    pub suspicions: BTreeSet<Suspicion>,
    /// Bytes after decompression.
    pub decompressed_bytes: u64,
    /// SHA-256 of the decompressed bytes, as CloudTrail's digests hold it. Of an archive: of the
    /// hashes of its files.
    pub sha256: [u8; 32],
}

impl FileTally {
    /// Counts records that were selected as rejected all the same, and describes the first of them.
    pub fn reject_selected(
        &mut self,
        reason: RejectReason,
        records: u64,
        first: impl IntoIterator<Item = Reject>,
    ) {
        self.selected -= records;
        self.rejected += records;
        *self.rejected_by_reason.entry(reason).or_default() += records;
        self.rejects.extend(first);
        self.rejects.sort_by_key(|reject| reject.index);
        self.rejects.truncate(Reject::MOST_DESCRIBED);
    }

    /// Returns what the file is, if it holds nothing but what looks like records and is not.
    pub fn is_look_alike(&self) -> Option<LookAlike> {
        let all = self.look_alikes.values().sum::<u64>();
        let first = self.look_alikes.keys().next().copied();
        first.filter(|_| all == self.records)
    }
}
