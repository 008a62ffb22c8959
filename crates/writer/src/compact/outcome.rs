//! What a compaction tells when it is done.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ecstrail_converter::PartitionKey;

use super::PlannedMerge;
use crate::{error::Error, log::DataFile};

/// What a compaction did.
#[derive(Debug, Default)]
pub struct CompactionOutcome {
    /// Versions of the commits made.
    pub commits: Vec<u64>,
    /// Partitions of which files were merged.
    pub partitions: BTreeSet<PartitionKey>,
    /// Data files that were there before and are merged now.
    pub files_before: u64,
    /// Bytes of them.
    pub bytes_before: u64,
    /// Data files that are there in their stead.
    pub files_after: u64,
    /// Bytes of them.
    pub bytes_after: u64,
    /// Rows written; those that were merged in several passes count in each.
    pub rows: u64,
    /// Data files whose rows were flattened anew.
    pub upgraded_files: u64,
    /// Whether merged files stay where they are until a vacuum, for readers of the Delta log.
    pub keeps_replaced: bool,
    /// How long, over all commits, readers of the plain folder saw rows twice; 0 for files that stay.
    pub exchange: Duration,
    /// The longest of these times, for one commit.
    pub longest_exchange: Duration,
    /// Why data files stay as they are, each [`Error::NotRewritten`] naming its file.
    pub not_rewritten: Vec<Error>,
    /// Bytes of the files that this compaction has added and that are still there, by path.
    pub(super) added: BTreeMap<String, u64>,
}

impl CompactionOutcome {
    pub(super) fn note(
        &mut self,
        version: u64,
        merges: &[PlannedMerge],
        adds: &[DataFile],
        exchange: Option<Duration>,
    ) {
        self.commits.push(version);
        for merge in merges {
            self.partitions.insert(merge.key.clone());
            self.upgraded_files += merge.upgraded_files;
            for file in &merge.files {
                // Of several passes a file is neither what was there before nor what is after.
                if let Some(bytes) = self.added.remove(&file.path) {
                    self.files_after -= 1;
                    self.bytes_after -= bytes;
                } else {
                    self.files_before += 1;
                    self.bytes_before += file.bytes;
                }
            }
        }
        for file in adds {
            self.files_after += 1;
            self.bytes_after += file.bytes;
            self.rows += file.rows;
            self.added.insert(file.path.clone(), file.bytes);
        }
        self.keeps_replaced |= exchange.is_none();
        let exchange = exchange.unwrap_or_default();
        self.exchange += exchange;
        self.longest_exchange = self.longest_exchange.max(exchange);
    }
}
