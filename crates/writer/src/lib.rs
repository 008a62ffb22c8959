//! Writes events into a dataset: Parquet files partitioned by `date` and `region`, and a commit log
//! that says which of them count.

mod entry;
mod error;
mod layout;
mod snapshot;

pub use entry::{DataFile, Totals};
pub use error::{Error, Result};
pub use layout::EVENTS;
pub use snapshot::{DatasetDescription, Snapshot};
