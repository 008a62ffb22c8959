//! Staging in an object store: multipart uploads whose completion is put off until the commit.
//!
//! A data file is uploaded to its final path in parts. The upload is not completed, so that nobody
//! sees it; its id and those of its parts go into the log entry. Any run that has the entry can
//! publish: complete the uploads, from any process.
//!
//! A store does not tell which uploads are open. So a note names each of them before its first part
//! is sent, below `_ecstrail/txn/<transaction>/`. Only a process that dies between beginning an
//! upload and noting it leaves one that nobody knows. It holds no bytes, but S3 keeps it until it is
//! aborted: a lifecycle rule with `AbortIncompleteMultipartUpload` (seven days or more, and longer
//! than any run) sweeps it. Aborting an upload needs `s3:AbortMultipartUpload`; removing a note, and
//! what compaction and vacuum delete, `s3:DeleteObject`.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
};

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, multipart::MultipartStore, path::Path};
use tokio::runtime::Handle;

use self::{
    bucket::Bucket,
    upload::{Note, StoreStagedFile},
};
use crate::{
    error::Result,
    storage::{
        Creation, Objects, PreparedFile, StagedFile, Staging,
        layout::{self, Transaction},
    },
};

mod bucket;
mod create;
mod publish;
mod upload;

/// Uploads that are completed or aborted at once.
const CONCURRENT_UPLOADS: usize = 16;

/// How to write into an object store.
#[derive(Debug, Clone, Default)]
pub struct StoreOptions {
    /// Whether the user vouches that no other process writes into the dataset. A store that cannot
    /// create objects conditionally needs it; one that can is used as ever.
    ///
    /// It does not protect from a request of a killed process that arrives late: such stores can
    /// overwrite a log entry with it. Wait a minute after a kill.
    pub single_writer: bool,
}

/// A dataset's home in an object store.
pub struct StoreStaging {
    bucket: Arc<Bucket>,
    options: StoreOptions,
    runtime: Handle,
    /// Whether the store was seen to keep to the condition of a conditional create.
    is_conditional: AtomicBool,
}

impl StoreStaging {
    /// Opens the dataset at `home`. The threads that encode wait for the store on `runtime`.
    pub fn new<S>(store: Arc<S>, home: Path, options: StoreOptions, runtime: Handle) -> Self
    where
        S: ObjectStore + MultipartStore,
    {
        let objects = Objects::new(Arc::<S>::clone(&store) as Arc<dyn ObjectStore>, home);
        let bucket = Arc::new(Bucket { objects, uploads: store });
        Self { bucket, options, runtime, is_conditional: AtomicBool::new(false) }
    }
}

impl fmt::Debug for StoreStaging {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bucket { objects, .. } = &*self.bucket;
        let mut fields = formatter.debug_struct("StoreStaging");
        fields.field("objects", objects).field("options", &self.options);
        fields.finish_non_exhaustive()
    }
}

#[async_trait]
impl Staging for StoreStaging {
    fn stage(&self, transaction: &str, name: &str, path: &str) -> Result<Box<dyn StagedFile>> {
        let note = format!("{}/{name}.json", layout::notes(transaction));
        let (bucket, runtime) = (Arc::clone(&self.bucket), self.runtime.clone());
        Ok(Box::new(StoreStagedFile::new(bucket, runtime, note, path.to_owned())))
    }

    async fn publish(&self, files: &[PreparedFile]) -> Result<()> {
        let publications: Vec<_> =
            files.iter().map(|file| publish::publish(&self.bucket, file)).collect();
        stream::iter(publications).buffer_unordered(CONCURRENT_UPLOADS).try_collect().await
    }

    async fn discard(&self, transaction: &str) -> Result<()> {
        let notes = self.bucket.list(&layout::notes(transaction)).await?;
        let aborts = notes.into_iter().map(|note| async move {
            // Somebody else may be discarding the same.
            let Some(bytes) = self.bucket.read(&note).await? else { return Ok(()) };
            let upload = Note::parse(&note, &bytes)?;
            self.bucket.abort(&upload.path, &upload.upload).await?;
            self.bucket.delete(vec![note]).await
        });
        stream::iter(aborts).buffer_unordered(CONCURRENT_UPLOADS).try_collect().await
    }

    async fn forget(&self, transaction: &str) -> Result<()> {
        let notes = self.bucket.list(&layout::notes(transaction)).await?;
        self.bucket.delete(notes).await
    }

    async fn transactions(&self) -> Result<Vec<String>> {
        let mut names = self.bucket.folders(layout::TXN).await?;
        names.retain(|name| Transaction::parse(name).is_some());
        Ok(names)
    }

    /// Never, a single writer or not: what a killed process has sent can arrive seconds later. If
    /// that is the log entry of a transaction whose uploads were aborted, its rows are lost. So only
    /// the log, once it has moved on, decides that a transaction is void.
    fn is_exclusive(&self) -> bool {
        false
    }

    async fn write(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        self.bucket.write(path, bytes).await
    }

    async fn replace(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        self.bucket.write(path, bytes).await
    }

    async fn remove(&self, paths: &[String]) -> Result<()> {
        self.bucket.delete(paths.to_vec()).await
    }

    async fn create(&self, path: &str, bytes: Vec<u8>) -> Result<Creation> {
        create::create(&self.bucket, &self.options, &self.is_conditional, path, bytes.into()).await
    }
}

#[cfg(test)]
mod tests;
