//! How far a conversion or compaction is, for those who watch it, and how to end it early.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// What a conversion is doing. A compaction is always reading: it writes as it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Listing log files.
    Listing = 0,
    /// Reading log files.
    Reading = 1,
    /// Sorting, encoding and committing rows.
    Writing = 2,
}

/// Shared between a conversion or compaction and the caller that shows its progress.
#[derive(Debug, Default)]
pub struct Progress {
    listed: AtomicU64,
    planned_files: AtomicU64,
    planned_bytes: AtomicU64,
    files: AtomicU64,
    bytes: AtomicU64,
    records: AtomicU64,
    selected: AtomicU64,
    rows: AtomicU64,
    stage: AtomicU8,
    is_cancelled: AtomicBool,
}

/// Counts so far. What a compaction reads is data files, and their rows are its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Log files listed.
    pub listed_files: u64,
    /// Log files (or data files) to read.
    pub planned_files: u64,
    /// Bytes of them, as stored.
    pub planned_bytes: u64,
    /// Log files (or data files) read.
    pub files: u64,
    /// Bytes of them, as stored.
    pub bytes: u64,
    /// Records found in them.
    pub records: u64,
    /// Records that the selection keeps.
    pub selected: u64,
    /// Rows encoded.
    pub rows: u64,
}

impl Progress {
    /// Returns the counts so far.
    pub fn counts(&self) -> Counts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            listed_files: of(&self.listed),
            planned_files: of(&self.planned_files),
            planned_bytes: of(&self.planned_bytes),
            files: of(&self.files),
            bytes: of(&self.bytes),
            records: of(&self.records),
            selected: of(&self.selected),
            rows: of(&self.rows),
        }
    }

    /// Returns what the run is doing.
    pub fn stage(&self) -> Stage {
        match self.stage.load(Ordering::Relaxed) {
            0 => Stage::Listing,
            1 => Stage::Reading,
            _ => Stage::Writing,
        }
    }

    /// Ends the run as soon as it can, dropping what is not committed.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether the run is to end.
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    pub(crate) fn list(&self) {
        self.listed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn plan(&self, bytes: u64) {
        self.planned_files.fetch_add(1, Ordering::Relaxed);
        self.planned_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn enter(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
    }

    pub(crate) fn read(&self, bytes: u64, records: u64, selected: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.records.fetch_add(records, Ordering::Relaxed);
        self.selected.fetch_add(selected, Ordering::Relaxed);
    }

    pub(crate) fn wrote_row(&self) {
        self.wrote_rows(1);
    }

    pub(crate) fn wrote_rows(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }

    /// Says how much there is to read from now on.
    pub(crate) fn plan_rest(&self, files: u64, bytes: u64) {
        let Counts { files: read_files, bytes: read_bytes, .. } = self.counts();
        self.planned_files.store(read_files + files, Ordering::Relaxed);
        self.planned_bytes.store(read_bytes + bytes, Ordering::Relaxed);
    }
}
