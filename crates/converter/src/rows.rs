//! Rows of the column table: flattened from records, and the way back to them.

pub(crate) mod flatten;
mod rebuild;

pub use flatten::{Flattener, Provenance};
pub use rebuild::{Rebuilder, rebuild_columns};
