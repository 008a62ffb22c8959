//! Finds CloudTrail log files, reads their records and flattens the events of Amazon ECS (Elastic
//! Container Service) into Arrow record batches, one partition (`date`, `region`) at a time.
//!
//! The road: [`discover()`] lists [`LogFile`]s, a [`Converter`] turns their bytes into *selected
//! records* (the record's text with what is needed to order and place it), and a [`Flattener`]
//! turns selected records, in the order given, into rows of the column table [`COLUMNS`]. The way
//! back from a row to its record is a [`Rebuilder`]'s.
//!
//! Nothing here knows Parquet, SQL, a clock or a terminal.

mod account;
mod canonical;
mod convert;
mod decode;
mod discover;
mod envelope;
mod error;
mod event_source_counts;
mod flatten;
mod folder_store;
mod instant;
mod json;
mod limits;
mod log_file;
mod look_alike;
mod object;
mod partition;
mod rebuild;
mod reject;
mod schema;
mod selected;
mod selection;
mod source;
mod split;
mod suspicion;
#[cfg(test)]
mod testing;
mod time;
mod unlisted;
mod whole_listing;

pub use account::account_of;
pub use convert::{Converter, FileTally, Sink};
pub use discover::{DiscoverOptions, Discovered, Discovery, Pattern, Survey, discover, survey};
pub use error::{Error, Result};
pub use event_source_counts::EventSourceCounts;
pub use flatten::{Flattener, Provenance};
pub use folder_store::FolderStore;
pub use instant::{instant_of, is_in_calendar};
pub use limits::Limits;
pub use log_file::{KeyName, LogFile, ObjectKind, UNKNOWN_ACCOUNT};
pub use look_alike::LookAlike;
pub use partition::{PartitionKey, UNKNOWN_REGION};
pub use rebuild::{Rebuilder, rebuild_columns};
pub use reject::{Reject, RejectReason};
pub use schema::{COLUMNS, Column, Group, Kind, Rule, SCHEMA_VERSION, arrow_schema, column_index};
pub use selected::{SelectedBatch, SelectedBuilder, SelectedRow};
pub use selection::{EventSources, ParseSelectionError, Selection};
pub use source::{LogBytes, OpenStream, ReadSeek};
pub use suspicion::Suspicion;
pub use time::{MICROS_PER_MILLI, parse_event_time};
pub use unlisted::{Unlisted, UnlistedReason};
pub use whole_listing::WholeListing;
