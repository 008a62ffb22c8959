#![doc = include_str!("../README.md")]

mod compact;
mod convert;
mod data_file;
mod dataset;
mod delta;
mod error;
#[cfg(test)]
mod hostile;
mod lineage;
mod log;
mod progress;
mod proof;
mod repair;
mod sort;
mod storage;
#[cfg(test)]
mod testing;
mod vacuum;
mod verify;
mod workers;

pub use compact::{
    CompactOptions, CompactionOutcome, CompactionPlan, PlannedMerge, plan_compaction,
};
pub use convert::{
    ConvertCounts, ConvertOptions, ConvertOutcome, Estimate, Findings, LastDays, Listing, Preview,
    PreviewedFiles, PreviewedGroup, Source, SourceOutcome, TrailStore, preview,
};
pub use data_file::properties::{PAGE_ROWS, writer_properties};
pub use dataset::{Dataset, DeltaAdded, Recovery};
pub use error::{Error, Result};
pub use lineage::{
    CommitFacts, Lineage, Lineages, QuarantinedRecord, Reading, RowFacts, Step, StepKind,
    find_quarantined, trace_rows,
};
pub use log::{
    CheckedRange, DataFile, DatasetDescription, History, InputCounts, LedgerInput, Snapshot, Totals,
};
pub use progress::{Counts, Progress, Stage};
pub use proof::{
    ChainProof, DigestGap, Hour, Hours, ProofOptions, Returning, TrailComparison, TrailFinding,
    TrailFindingKind, TrailProof, compare_trail, look_for_inputs, prove_digests, prove_trail,
};
pub use repair::{RepairPlan, plan_repair};
pub use storage::{
    Creation, DiskStore, EVENTS, LocalStaging, Objects, PreparedFile, StagedFile, Staging,
    StoreOptions, StoreStaging, TMP, below, is_temporary, read_regular_file, read_up_to,
    without_answer,
};
pub use vacuum::{
    ForeignFile, Leftover, VacuumCount, VacuumOptions, VacuumOutcome, VacuumPlan, VacuumReason,
    plan_vacuum,
};
pub use verify::{Finding, FindingKind, Verification, VerifyOptions, verify_dataset};
pub use workers::thread_count;
