//! How much of the memory and of the open files the sort takes.

/// Spilled runs that a merge opens; the system allows about a thousand files in all.
const OPEN_RUNS: usize = 64;
/// A merge holds one batch of every run.
const MIN_BATCH_BYTES: usize = 64 << 10;
const MAX_BATCH_BYTES: usize = 1 << 20;

/// What one worker may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SortLimits {
    /// Bytes of selected records that are held before they are spilled.
    pub(crate) held_bytes: usize,
    /// Bytes of spilled batches that a merge holds.
    pub(crate) merge_bytes: usize,
    /// Bytes of a spilled batch.
    pub(crate) batch_bytes: usize,
    /// Spilled runs that a merge opens.
    pub(crate) open_runs: usize,
}

impl SortLimits {
    /// Divides memory among workers: an eighth of it for records that are held, and an eighth for
    /// merges.
    pub(crate) fn new(memory_bytes: usize, workers: usize) -> Self {
        let merge_bytes = memory_bytes / 8 / workers;
        Self {
            held_bytes: memory_bytes / 8 / workers,
            merge_bytes,
            batch_bytes: (merge_bytes / OPEN_RUNS).clamp(MIN_BATCH_BYTES, MAX_BATCH_BYTES),
            open_runs: OPEN_RUNS,
        }
    }
}
