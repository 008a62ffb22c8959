//! Finds CloudTrail log files, reads their records and flattens the events of Amazon ECS (Elastic
//! Container Service) into Arrow record batches, one partition (`date`, `region`) at a time.
//!
//! The road: [`discover()`] lists [`LogFile`]s, a [`Converter`] turns their bytes into *selected
//! records* (the record's text with what is needed to order and place it), and a [`Flattener`]
//! turns selected records, in the order given, into rows of the column table [`COLUMNS`]. The way
//! back from a row to its record is a [`Rebuilder`]'s.
//!
//! Nothing here knows Parquet, SQL, a clock or a terminal.

mod columns;
mod convert;
mod decode;
mod error;
mod limits;
mod records;
mod rows;
#[cfg(test)]
mod testing;
mod trail;

pub use columns::{
    COLUMNS, Column, Group, Kind, PartitionKey, Rule, SCHEMA_VERSION, arrow_schema, column_index,
};
pub use convert::{Converter, EventSourceCounts, FileTally, Sink};
pub use error::{Error, Result, Unlisted, UnlistedReason};
pub use limits::Limits;
pub use records::{
    LookAlike, MICROS_PER_MILLI, Reject, RejectReason, RowKey, SelectedBatch, SelectedBuilder,
    SelectedRow, Suspicion, parse_event_time,
};
pub use rows::{Flattener, Provenance, Rebuilder, rebuild_columns};
pub use trail::{
    DiscoverOptions, Discovered, Discovery, EventSources, FolderStore, KeyName, LogBytes, LogFile,
    ObjectKind, OpenStream, ParseSelectionError, Pattern, ReadSeek, Selection, Survey,
    UNKNOWN_ACCOUNT, UNKNOWN_REGION, WholeListing, account_of, discover, instant_of,
    is_in_calendar, survey,
};
