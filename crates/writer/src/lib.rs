//! Writes events into a dataset: Parquet files partitioned by `date` and `region`, and a commit log
//! that says which of them count.
//!
//! A conversion reads log files in parallel, sorts the selected records externally, merges them
//! with what the dataset holds, and encodes the new rows into prepared files. One conditionally
//! created log entry commits them; then they are published. Whatever dies when, the next writing
//! command finishes or undoes the work.

mod answer;
mod checkpoint;
mod compact;
mod convert;
mod dataset;
mod disk_store;
mod encode;
mod entry;
mod error;
mod existing;
mod history;
#[cfg(test)]
mod hostile;
mod layout;
mod ledger;
mod log;
mod progress;
mod properties;
mod quarantine;
mod read;
mod regular_file;
mod remote;
mod repeat;
mod snapshot;
mod sort;
mod staging;
#[cfg(test)]
mod testing;
mod vacuum;
mod write;

pub use answer::without_answer;
pub use compact::{
    CompactOptions, CompactionOutcome, CompactionPlan, PlannedMerge, plan_compaction,
};
pub use convert::{
    ConvertOptions, ConvertOutcome, Estimate, Listing, Preview, PreviewedFiles, PreviewedGroup,
    Source, SourceOutcome, preview,
};
pub use dataset::{Dataset, Recovery};
pub use disk_store::DiskStore;
pub use entry::{DataFile, Totals};
pub use error::{Error, Result};
pub use history::History;
pub use layout::{EVENTS, TMP, is_temporary};
pub use progress::{Counts, Progress, Stage};
pub use regular_file::{read_regular_file, read_up_to};
pub use snapshot::{DatasetDescription, Snapshot, below};
pub use staging::{Creation, LocalStaging, StagedFile, Staging, StoreOptions, StoreStaging};
pub use vacuum::{
    ForeignFile, Leftover, VacuumCount, VacuumOptions, VacuumOutcome, VacuumPlan, VacuumReason,
    plan_vacuum,
};
