//! How the writer makes things appear: files are prepared out of sight and published later, log
//! entries are created only if nobody else has.
//!
//! A trait of our own, because prepared uploads and `fsync` are not reachable through
//! `dyn ObjectStore`, and because faults are injected by wrapping it.

use std::{fmt::Debug, io::Write};

use async_trait::async_trait;

use crate::error::Result;

mod local;
mod store;

pub use local::LocalStaging;
pub(crate) use local::disk;
pub use store::{StoreOptions, StoreStaging};

/// How the creation of an object ended that must not exist before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// The object holds exactly the bytes given: written now, or by an earlier attempt of ours.
    Created,
    /// Somebody else's bytes are there.
    Lost,
}

/// A file that is prepared, and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedFile {
    /// Path below the dataset's home at which it appears.
    pub path: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// How the prepared bytes are found until then: a path below `_ecstrail/tmp`, or the upload and
    /// its parts.
    pub prepared: String,
}

/// A file that is being prepared.
pub trait StagedFile: Write + Send {
    /// Makes the bytes durable, still out of sight. Returns how to find them again, which goes
    /// into [`PreparedFile::prepared`].
    fn prepare(self: Box<Self>) -> Result<String>;
}

/// Where a dataset's files are prepared and published. Transactions go by their names.
#[async_trait]
pub trait Staging: Debug + Send + Sync {
    /// Begins a file of a transaction that will appear at `path`; `name` is its own within the
    /// transaction. Blocking: called from the threads that encode.
    fn stage(&self, transaction: &str, name: &str, path: &str) -> Result<Box<dyn StagedFile>>;

    /// Makes prepared files appear at their paths. Doing it again changes nothing.
    async fn publish(&self, files: &[PreparedFile]) -> Result<()>;

    /// Drops everything that a transaction has prepared and not published.
    async fn discard(&self, transaction: &str) -> Result<()>;

    /// Drops what is left of a transaction whose files are all published.
    async fn forget(&self, transaction: &str) -> Result<()>;

    /// Lists the transactions that have prepared something, and what else of ours can be discarded.
    /// What has another name is not ours, and not listed.
    async fn transactions(&self) -> Result<Vec<String>>;

    /// Returns whether nobody else can be writing at this moment, and nothing that a dead process
    /// has sent can still arrive.
    fn is_exclusive(&self) -> bool;

    /// Writes an object under a name that nobody else uses, durably.
    async fn write(&self, path: &str, bytes: Vec<u8>) -> Result<()>;

    /// Writes an object, in the place of one that may be there: readers see either of them whole.
    async fn replace(&self, path: &str, bytes: Vec<u8>) -> Result<()>;

    /// Removes objects for good. One that is not there is none to remove.
    async fn remove(&self, paths: &[String]) -> Result<()>;

    /// Creates an object unless it exists. After any answer but success the object is read back
    /// and compared as a whole.
    async fn create(&self, path: &str, bytes: Vec<u8>) -> Result<Creation>;
}
