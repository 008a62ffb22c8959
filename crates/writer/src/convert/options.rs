//! What a conversion is given: its sources and how to convert them.

use std::{path::PathBuf, sync::Arc};

use ecstrail_converter::{
    DiscoverOptions, Discovery, FolderStore, Limits, NamedLogFiles, Pattern, Selection, Shard,
    Wanted, discover,
};
use object_store::{ObjectStore, path::Path};

use crate::convert::LastDays;

/// Commits that each of the other shards can make while one prepares its own. With more, it begins
/// anew, and what a killed one has prepared is dropped.
const REACH_PER_SHARD: u64 = 32;

/// How to convert.
#[derive(Debug, Clone)]
pub struct ConvertOptions {
    /// Which records become rows.
    pub selection: Selection,
    /// Which part of the log files is converted, if other runs convert the rest at the same time. It is
    /// not part of what the ledger remembers. Nothing is noted for the next conversion of what comes
    /// after: no run has seen all log files.
    pub shard: Option<Shard>,
    /// How many days after the selection's last day log files are delivered that are read still;
    /// 1 by default. It is not part of what the ledger remembers: with more of them, only the
    /// further files are read.
    pub late_days: u32,
    /// Whether the next such conversion shall list only what comes after this one.
    pub since_last: bool,
    /// The log files that digests name, to mark those that they prove.
    pub named: Option<Arc<NamedLogFiles>>,
    /// Worker threads; 0 takes one a core.
    pub threads: usize,
    /// Memory for log files and records, in bytes; what does not fit is sorted on disk.
    pub memory_bytes: usize,
    /// Log files that are listed before they are planned and converted; further ones wait. 0 takes
    /// what fits into an eighth of the memory.
    pub(crate) window_files: usize,
    /// Stored bytes of log files after which a commit is made.
    pub commit_bytes: u64,
    /// Size at which a data file ends.
    pub target_file_bytes: u64,
    /// Encoded bytes at which a row group ends.
    pub row_group_bytes: usize,
    /// Bytes of records, as text, at which a row group ends: readers take thousands of rows at
    /// once, and offsets into text have 32 bits.
    pub row_group_record_bytes: usize,
    /// Rows at which a row group ends.
    pub row_group_rows: usize,
    /// Whether log files that were damaged when they were last read are read again.
    pub retry: bool,
    /// Whether all log files are read again, also those that are converted already. Their rows are
    /// not added again.
    pub reread: bool,
    /// What a log file and a record may be at most.
    pub limits: Limits,
    /// Partitions (day and region) that a commit may have; records of further ones, those with the
    /// fewest records, are rejects. `None` takes what the names and sizes of the log files let
    /// expect, and some thousands more.
    pub most_partitions: Option<usize>,
    /// Share of the records, 0 to 1, that may be rejected before the run stops; `None` never stops
    /// it.
    pub most_rejects: Option<f64>,
    /// Folder for sorted runs; inside the dataset's own temporary folder if it is local.
    pub scratch: PathBuf,
}

impl ConvertOptions {
    /// Returns whether log files that were damaged are read again: salvaging is a reason to.
    pub(crate) fn rereads(&self) -> bool {
        self.retry || self.reread || self.limits.salvage
    }

    /// Returns up to how many versions later than wanted a commit can be made with what was prepared.
    pub(super) fn reach(&self) -> u64 {
        self.shard.map_or(0, |shard| u64::from(shard.count()) * REACH_PER_SHARD)
    }

    /// Returns the defaults, with a folder for sorted runs.
    pub fn new(scratch: PathBuf) -> Self {
        Self {
            selection: Selection::default(),
            shard: None,
            late_days: DiscoverOptions::default().late_days,
            since_last: false,
            named: None,
            threads: 0,
            memory_bytes: 1 << 30,
            window_files: 0,
            commit_bytes: 1 << 30,
            target_file_bytes: 256 << 20,
            row_group_bytes: 64 << 20,
            row_group_record_bytes: 512 << 20,
            row_group_rows: 128 << 10,
            retry: false,
            reread: false,
            limits: Limits::default(),
            most_partitions: None,
            most_rejects: None,
            scratch,
        }
    }
}

/// Where log files are.
#[derive(Debug, Clone)]
pub enum TrailStore {
    /// A folder of the local disk: workers read its files themselves.
    Folder(Arc<FolderStore>),
    /// Any other store: many files are fetched at once, ahead of the workers.
    Objects(Arc<dyn ObjectStore>),
}

impl TrailStore {
    /// Returns the store, whatever it is.
    pub fn objects(&self) -> Arc<dyn ObjectStore> {
        match self {
            Self::Folder(folder) => Arc::<FolderStore>::clone(folder),
            Self::Objects(store) => Arc::clone(store),
        }
    }
}

/// Log files to convert.
#[derive(Debug, Clone)]
pub struct Source {
    /// Reads the log files.
    pub store: TrailStore,
    /// The folder that holds them, or one of them.
    pub path: Path,
    /// Canonical URL of the folder, that of the parent for one log file: the ledger names the log
    /// files below it.
    pub base_url: String,
    /// The log files that are meant, by their paths below the folder; all without.
    pub pattern: Option<Pattern>,
}

impl Source {
    /// Begins to list its log files.
    pub(crate) async fn discover(
        &self,
        selection: &Selection,
        late_days: u32,
        last_days: &LastDays,
    ) -> Discovery {
        let (selection, pattern) = (selection.clone(), self.pattern.clone());
        let first_days = last_days.first_days(&self.base_url, late_days);
        let options =
            DiscoverOptions { selection, late_days, pattern, first_days, wanted: Wanted::LogFiles };
        discover(&self.store.objects(), &self.path, &self.base_url, &options).await
    }

    /// Begins to list its digest files, and log files if they are wanted too.
    pub(crate) async fn discover_digests(
        &self,
        selection: &Selection,
        late_days: u32,
        last_days: &LastDays,
        wanted: Wanted,
    ) -> Discovery {
        let (selection, pattern) = (selection.clone(), self.pattern.clone());
        let first_days = last_days.first_days(&self.base_url, late_days).into_iter();
        // The folders of digests stand beside those of log files.
        let first_days = first_days.map(|(folder, day)| {
            let digests = folder.rsplit_once("CloudTrail/").map_or_else(
                || folder.clone(),
                |(above, region)| format!("{above}CloudTrail-Digest/{region}"),
            );
            (digests, day)
        });
        let first_days = first_days.collect();
        let options = DiscoverOptions { selection, late_days, pattern, first_days, wanted };
        discover(&self.store.objects(), &self.path, &self.base_url, &options).await
    }
}
