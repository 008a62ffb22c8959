#![doc = include_str!("../README.md")]

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
    COLUMNS, Column, Group, Kind, PARTITION_COLUMNS, PartitionColumn, PartitionKey, Rule,
    SCHEMA_VERSION, arrow_schema, column_index,
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
    ChainName, Digest, DigestName, DigestVerdict, DiscoverOptions, Discovered, Discovery,
    EventSources, FolderStore, KeyName, LogBytes, LogFile, NamedLogFile, NamedLogFiles, ObjectKind,
    OpenStream, ParseSelectionError, ParseShardError, Pattern, Place, PlaceForm, PreviousDigest,
    PublicKeys, ReadSeek, Selection, SelectionFacts, Shard, Survey, UNKNOWN_ACCOUNT,
    UNKNOWN_REGION, Wanted, WholeListing, account_folder, account_of, delivery_time, discover,
    instant_of, is_in_calendar, survey,
};
