//! A dataset's files: their names, how they are read, and how they are made to appear.

mod answer;
pub(crate) mod digest;
mod disk_store;
pub(crate) mod layout;
pub(crate) mod objects;
mod regular_file;
pub(crate) mod remote;
mod repeat;
pub(crate) mod staging;

pub use answer::without_answer;
pub use disk_store::DiskStore;
pub use layout::{EVENTS, TMP, is_temporary};
pub use objects::{Objects, below};
pub use regular_file::{read_regular_file, read_up_to};
pub use staging::{
    Creation, LocalStaging, PreparedFile, StagedFile, Staging, StoreOptions, StoreStaging,
};
