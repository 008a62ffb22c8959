//! The records in a log file's text: where each begins and ends, what wraps them, what only looks
//! like one, and what is kept of them until they are flattened.

pub(crate) mod canonical;
pub(crate) mod envelope;
pub(crate) mod json;
pub(crate) mod look_alike;
pub(crate) mod object;
mod reject;
mod row_key;
mod selected;
pub(crate) mod split;
mod suspicion;
pub(crate) mod time;

pub use look_alike::LookAlike;
pub use reject::{Reject, RejectReason};
pub use row_key::RowKey;
pub use selected::{SelectedBatch, SelectedBuilder, SelectedRow};
pub use suspicion::Suspicion;
pub use time::{MICROS_PER_MILLI, parse_event_time};
