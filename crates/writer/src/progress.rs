//! How far a conversion is, for those who watch it, and how to end it early.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// What a conversion is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading log files.
    Reading,
    /// Sorting, encoding and committing rows.
    Writing,
}

/// Shared between a conversion and whoever shows its progress.
#[derive(Debug, Default)]
pub struct Progress {
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

/// Counts so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Log files to read.
    pub planned_files: u64,
    /// Bytes of them, as stored.
    pub planned_bytes: u64,
    /// Log files read.
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
            planned_files: of(&self.planned_files),
            planned_bytes: of(&self.planned_bytes),
            files: of(&self.files),
            bytes: of(&self.bytes),
            records: of(&self.records),
            selected: of(&self.selected),
            rows: of(&self.rows),
        }
    }

    /// Returns what the conversion is doing.
    pub fn stage(&self) -> Stage {
        if self.stage.load(Ordering::Relaxed) == 0 { Stage::Reading } else { Stage::Writing }
    }

    /// Ends the conversion as soon as it can, dropping what is not committed.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    pub(crate) fn plan(&self, bytes: u64) {
        self.planned_files.fetch_add(1, Ordering::Relaxed);
        self.planned_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn enter(&self, stage: Stage) {
        self.stage.store(u8::from(stage == Stage::Writing), Ordering::Relaxed);
    }

    pub(crate) fn read(&self, bytes: u64, records: u64, selected: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.records.fetch_add(records, Ordering::Relaxed);
        self.selected.fetch_add(selected, Ordering::Relaxed);
    }

    pub(crate) fn wrote_row(&self) {
        self.rows.fetch_add(1, Ordering::Relaxed);
    }
}
