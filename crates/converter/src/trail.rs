//! A trail: how its log files are found, what their names say, and which of them are wanted.

pub(crate) mod account;
pub(crate) mod calendar;
mod digest;
pub(crate) mod discover;
mod folder_store;
pub(crate) mod log_file;
pub(crate) mod region;
pub(crate) mod selection;
mod shard;
mod source;
mod whole_listing;

pub use account::account_of;
pub use calendar::{instant_of, is_in_calendar};
pub use digest::{
    ChainName, Digest, DigestName, DigestVerdict, NamedLogFile, NamedLogFiles, Place, PlaceForm,
    PreviousDigest, PublicKeys,
};
pub use discover::{
    DiscoverOptions, Discovered, Discovery, Pattern, Survey, Wanted, account_folder, discover,
    survey,
};
pub use folder_store::FolderStore;
pub use log_file::{KeyName, LogFile, ObjectKind, UNKNOWN_ACCOUNT, delivery_time};
pub use region::UNKNOWN_REGION;
pub use selection::{EventSources, ParseSelectionError, Selection, SelectionFacts};
pub use shard::{ParseShardError, Shard};
pub use source::{LogBytes, OpenStream, ReadSeek};
pub use whole_listing::WholeListing;
