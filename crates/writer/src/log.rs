//! The commit log: which data files a dataset has, which log files it has read, and how it came
//! about.

pub(crate) mod checkpoint;
pub(crate) mod commit_log;
pub(crate) mod delta;
pub(crate) mod description;
pub(crate) mod entry;
mod history;
mod input_counts;
pub(crate) mod ledger;
pub(crate) mod lines;
pub(crate) mod quarantine;
pub(crate) mod segment;
mod snapshot;
pub(crate) mod summary;

pub use description::DatasetDescription;
pub use entry::{CheckedRange, DataFile, Totals};
pub use history::History;
pub use input_counts::InputCounts;
pub use ledger::LedgerInput;
pub use snapshot::Snapshot;
