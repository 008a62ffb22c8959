//! What a compaction is given: which data files to merge, and how.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use ecstrail_converter::{PartitionKey, SCHEMA_VERSION};

use crate::log::DataFile;

/// How to compact.
#[derive(Debug, Clone)]
pub struct CompactOptions {
    /// First UTC day of the partitions that are compacted.
    pub from: Option<NaiveDate>,
    /// Last UTC day of the partitions that are compacted.
    pub until: Option<NaiveDate>,
    /// Regions of the partitions that are compacted; none means all.
    pub regions: BTreeSet<String>,
    /// Size at which a data file ends, in bytes. Files of less than half of it are merged.
    pub target_file_bytes: u64,
    /// Encoded bytes at which a row group ends.
    pub row_group_bytes: usize,
    /// Bytes of records, as text, at which a row group ends.
    pub row_group_record_bytes: usize,
    /// Rows at which a row group ends.
    pub row_group_rows: usize,
    /// Memory for data files that are read and written, in bytes. Two files are merged in any case.
    pub memory_bytes: usize,
    /// Worker threads; 0 takes one a core.
    pub threads: usize,
    /// Bytes of data files read after which a commit is made.
    pub commit_bytes: u64,
    /// Most files that are merged at once; of more, the results are merged again.
    pub max_merged_files: usize,
    /// Whether files that an earlier version of the column table made are rewritten with the
    /// current one, whatever their size.
    pub upgrade: bool,
}

impl Default for CompactOptions {
    fn default() -> Self {
        Self {
            from: None,
            until: None,
            regions: BTreeSet::new(),
            target_file_bytes: 256 << 20,
            row_group_bytes: 64 << 20,
            row_group_record_bytes: 512 << 20,
            row_group_rows: 128 << 10,
            memory_bytes: 1 << 30,
            threads: 0,
            commit_bytes: 1 << 30,
            max_merged_files: 128,
            upgrade: false,
        }
    }
}

impl CompactOptions {
    pub(super) fn keeps(&self, key: &PartitionKey) -> bool {
        self.from.is_none_or(|from| key.date >= from)
            && self.until.is_none_or(|until| key.date <= until)
            && (self.regions.is_empty() || self.regions.contains(&key.region))
    }

    /// Returns whether a file's rows are flattened anew.
    pub(super) fn upgrades(&self, file: &DataFile) -> bool {
        self.upgrade && file.schema_version < SCHEMA_VERSION
    }

    /// Encoded bytes of a row group that is being written.
    pub(super) fn row_group_bytes(&self) -> usize {
        self.row_group_bytes.min(self.memory_bytes / 16)
    }
}
