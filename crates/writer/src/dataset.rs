//! A dataset that is written to: opening it, recovering what an interrupted run left, committing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

mod checkpoint;
mod delta;
pub(crate) mod old_checkpoints;

pub use delta::DeltaAdded;

use crate::{
    data_file::existing::CheckedFiles,
    error::{Error, Result},
    log::{
        DataFile, DatasetDescription, History, Snapshot,
        checkpoint::CheckpointRule,
        commit_log::Log,
        delta::DeltaCommit,
        description::{FORMAT_VERSION, tool},
        entry::LogEntry,
    },
    storage::{
        Creation, Objects, Staging,
        digest::sha256_hex,
        layout::{self, Transaction},
        objects::MOST_BYTES,
        remote::RemoteFile,
    },
};

/// How often a run that loses the race for a version begins anew.
pub(crate) const MAX_RACES: usize = 20;

/// A dataset that is open for writing.
#[derive(Debug, Clone)]
pub struct Dataset {
    pub(crate) objects: Objects,
    pub(crate) staging: Arc<dyn Staging>,
    pub(crate) checkpoints: CheckpointRule,
    pub(crate) checked: Arc<CheckedFiles>,
}

/// What recovery found and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Commits whose files were published, or deleted, now.
    pub published: u64,
    /// Transactions that were never committed and whose prepared files were dropped.
    pub dropped: u64,
    /// Commits that were missing in the Delta log and were written now.
    pub delta_commits: u64,
}

impl Dataset {
    /// Opens the dataset, making it if there is none, and recovers it. `staging` writes it.
    pub async fn open(objects: Objects, staging: Arc<dyn Staging>) -> Result<(Self, Recovery)> {
        let (checkpoints, checked) = (CheckpointRule::default(), Arc::default());
        let dataset = Self { objects, staging, checkpoints, checked };
        if dataset.objects.read(layout::DATASET).await?.is_none() {
            let description = DatasetDescription {
                format_version: FORMAT_VERSION,
                id: uuid::Uuid::new_v4().to_string(),
                tool: tool(),
            };
            let bytes = serde_json::to_vec_pretty(&description).map_err(|error| {
                Error::Damaged { path: layout::DATASET.to_owned(), reason: error.to_string() }
            })?;
            // Another run created the same dataset first.
            dataset.staging.create(layout::DATASET, bytes).await?;
        }
        let recovery = dataset.recover().await?;
        Ok((dataset, recovery))
    }

    /// Finishes or undoes what an interrupted run left. Doing it again changes nothing.
    pub async fn recover(&self) -> Result<Recovery> {
        let (log, published) = self.settled_log().await?;
        let delta_commits = self.complete_delta_log(&log, log.next_version()).await?;
        let mut recovery = Recovery { published, dropped: 0, delta_commits };
        for name in self.staging.transactions().await? {
            // A version that is taken was taken by another entry, or by one that is published. As
            // long as it is not, a run that is alive or a late request of a dead one may take it, or
            // one before it if the run is a shard.
            let is_decided = Transaction::parse(&name)
                .is_some_and(|transaction| transaction.version < log.next_version());
            if is_decided || self.staging.is_exclusive() {
                self.staging.discard(&name).await?;
                recovery.dropped += 1;
            }
        }
        Ok(recovery)
    }

    /// Reads the log and settles what is committed: publishes what is added, deletes what is
    /// removed, whichever run committed it. Returns the number of these commits too.
    ///
    /// Every run does so before it prepares anything. So a run that finds version `v` in the log can
    /// be sure that all versions before `v` are settled.
    pub(crate) async fn settled_log(&self) -> Result<(Log, u64)> {
        let mut log = self.log().await?;
        let settled = self.settle_all(&mut log).await?;
        Ok((log, settled))
    }

    /// Reads what was committed since the log was read, and settles it.
    pub(crate) async fn catch_up(&self, log: &mut Log) -> Result<()> {
        log.advance(&self.objects).await?;
        self.settle_all(log).await.map(drop)
    }

    async fn settle_all(&self, log: &mut Log) -> Result<u64> {
        let mut settled = Vec::new();
        for entry in log.unsettled() {
            let digest = log.sha256_of(entry);
            self.settle(entry, digest, log.delta_commit_of(entry).as_ref()).await?;
            settled.push(entry.version);
        }
        for version in &settled {
            log.mark_settled(*version);
        }
        Ok(settled.len() as u64)
    }

    /// Reads what queries see.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        Snapshot::open(&self.objects).await
    }

    /// Reads what was converted, and what an interrupted run left.
    pub async fn history(&self) -> Result<History> {
        History::read(&self.objects).await
    }

    pub(crate) async fn log(&self) -> Result<Log> {
        Log::read(&self.objects).await
    }

    /// Commits an entry and settles it. [`Creation::Lost`] says that another run took the version:
    /// everything prepared for it is void.
    pub(crate) async fn commit(&self, entry: &LogEntry) -> Result<Creation> {
        Ok(self.commit_and_time(entry).await?.0)
    }

    /// As [`commit`](Self::commit); returns how long the files that the entry adds and those that
    /// it removes were both to be seen, or neither. `None` if both still are.
    pub(crate) async fn commit_and_time(
        &self,
        entry: &LogEntry,
    ) -> Result<(Creation, Option<Duration>)> {
        let (path, bytes) = (layout::log_entry(entry.version), entry.to_bytes()?);
        if bytes.len() as u64 > MOST_BYTES {
            return Err(Error::TooLarge { path, most: MOST_BYTES });
        }
        let digest = sha256_hex(&bytes);
        let created = self.staging.create(&path, bytes).await?;
        let exchange = match created {
            Creation::Created => self.settle(entry, &digest, entry.delta.as_ref()).await?,
            Creation::Lost => None,
        };
        Ok((created, exchange))
    }

    /// Publishes what an entry adds and deletes what it removes, once or again. Readers of the log
    /// see the entry as soon as its done marker is there, and before that the files that it removes:
    /// these go last. With a Delta log they stay until a vacuum, since its readers may have an older
    /// snapshot.
    ///
    /// Another process may be doing the same, or have done it long ago and gone on. Nothing here
    /// harms what came after: a path is never used twice, so deleting it late deletes nothing else,
    /// and a prepared file can be renamed, or its upload completed, only once, so publishing late
    /// does not bring back what was removed. (A store that did so would have it swept by a vacuum.)
    async fn settle(
        &self,
        entry: &LogEntry,
        digest: &str,
        delta: Option<&DeltaCommit>,
    ) -> Result<Option<Duration>> {
        let start = Instant::now();
        let adds: Vec<_> = entry.adds.iter().map(DataFile::prepared_file).collect();
        if let Err(error) = self.staging.publish(&adds).await {
            // Once others have published the entry, a later one may have removed its files.
            if !self.is_done(entry).await {
                return Err(error);
            }
        }
        if let Some(delta) = delta {
            self.write_delta(entry, delta).await?;
        }
        // Of the bytes as they are: a newer program may have written what this one does not know.
        let digest = digest.as_bytes();
        self.staging.create(&layout::done_marker(entry.version), digest.to_vec()).await?;
        let removes = !entry.removes.is_empty() && delta.is_none();
        if removes {
            self.staging.remove(&entry.removes).await?;
        }
        let exchange = start.elapsed();
        if removes {
            self.staging.create(&layout::removed_marker(entry.version), digest.to_vec()).await?;
        }
        // The commit stands; what stays is dropped by the next recovery.
        drop(self.staging.forget(&entry.transaction().name()).await);
        Ok(delta.is_none().then_some(exchange))
    }

    /// Returns whether another run has taken the version that was to be next. It may have dropped what
    /// was prepared, or removed what was being read, and that be the error.
    pub(crate) async fn is_outrun(&self, version: u64, error: &Error) -> bool {
        let ends_run = matches!(error, Error::Interrupted | Error::LockLost { .. });
        if ends_run || self.staging.is_exclusive() {
            return false;
        }
        let entry = layout::log_entry(version);
        let taken = self.objects.read(&entry).await;
        taken.is_ok_and(|entry| entry.is_some())
    }

    /// Returns a data file as it is read by threads that may block.
    pub(crate) fn remote_file(&self, file: &DataFile, runtime: &Handle) -> RemoteFile {
        RemoteFile {
            store: Arc::clone(&self.objects.store),
            path: self.objects.at(&file.path),
            bytes: file.bytes,
            etag: None,
            runtime: runtime.clone(),
        }
    }

    async fn is_done(&self, entry: &LogEntry) -> bool {
        let marker = self.objects.read(&layout::done_marker(entry.version)).await;
        marker.is_ok_and(|marker| marker.is_some())
    }
}

#[cfg(test)]
mod tests;
