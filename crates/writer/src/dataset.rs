//! A dataset that is written to: opening it, recovering what an interrupted run left, committing.

use std::sync::Arc;

use object_store::{ObjectStore, path::Path};

use crate::{
    Creation, DatasetDescription, Error, Result, Snapshot,
    checkpoint::CheckpointRule,
    entry::{FORMAT_VERSION, LogEntry, sha256_hex},
    layout::{self, Transaction},
    log::Log,
    properties::tool,
    snapshot::read,
    staging::Staging,
};

/// A dataset that is open for writing.
#[derive(Debug, Clone)]
pub struct Dataset {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) home: Path,
    pub(crate) staging: Arc<dyn Staging>,
    pub(crate) checkpoints: CheckpointRule,
}

/// What recovery found and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Commits whose files were published now.
    pub published: u64,
    /// Transactions that were never committed and whose prepared files were dropped.
    pub dropped: u64,
}

impl Dataset {
    /// Opens the dataset at `home`, making it if there is none, and recovers it.
    ///
    /// `store` reads it, `staging` writes it.
    pub async fn open(
        store: Arc<dyn ObjectStore>,
        home: Path,
        staging: Arc<dyn Staging>,
    ) -> Result<(Self, Recovery)> {
        let dataset = Self { store, home, staging, checkpoints: CheckpointRule::default() };
        if read(&*dataset.store, &dataset.home, layout::DATASET).await?.is_none() {
            let description = DatasetDescription {
                format_version: FORMAT_VERSION,
                id: uuid::Uuid::new_v4().to_string(),
                tool: tool(),
            };
            let bytes = serde_json::to_vec_pretty(&description).map_err(|error| {
                Error::Damaged { path: layout::DATASET.to_owned(), reason: error.to_string() }
            })?;
            // Whoever was faster made the same dataset.
            dataset.staging.create(layout::DATASET, bytes).await?;
        }
        let recovery = dataset.recover().await?;
        Ok((dataset, recovery))
    }

    /// Finishes or undoes what an interrupted run left. Doing it again changes nothing.
    pub async fn recover(&self) -> Result<Recovery> {
        let (log, published) = self.settled_log().await?;
        let mut recovery = Recovery { published, dropped: 0 };
        for name in self.staging.transactions().await? {
            // A version that is taken was taken by another entry, or by one that is published. As
            // long as it is not, a run that is alive or a late request of a dead one may take it.
            let is_decided = Transaction::parse(&name)
                .is_some_and(|transaction| transaction.version < log.next_version());
            if is_decided || self.staging.is_exclusive() {
                self.staging.discard(&name).await?;
                recovery.dropped += 1;
            }
        }
        Ok(recovery)
    }

    /// Reads the log and publishes what is committed and not published, whoever committed it.
    /// Returns the number of these commits too.
    pub(crate) async fn settled_log(&self) -> Result<(Log, u64)> {
        let mut log = self.log().await?;
        let published = self.publish_all(&mut log).await?;
        Ok((log, published))
    }

    /// Reads what was committed since the log was read, and publishes what is not.
    pub(crate) async fn settle(&self, log: &mut Log) -> Result<()> {
        log.advance(&*self.store, &self.home).await?;
        self.publish_all(log).await.map(drop)
    }

    async fn publish_all(&self, log: &mut Log) -> Result<u64> {
        let mut published = Vec::new();
        for entry in log.unpublished() {
            self.publish(entry).await?;
            published.push(entry.version);
        }
        for version in &published {
            log.mark_published(*version);
        }
        Ok(published.len() as u64)
    }

    /// Reads what queries see.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        Snapshot::open(&*self.store, &self.home).await
    }

    pub(crate) async fn log(&self) -> Result<Log> {
        Log::read(&*self.store, &self.home).await
    }

    /// Commits an entry and publishes its files. [`Creation::Lost`] says that another run took the
    /// version: everything prepared for it is void.
    pub(crate) async fn commit(&self, entry: &LogEntry) -> Result<Creation> {
        let created =
            self.staging.create(&layout::log_entry(entry.version), entry.to_bytes()?).await?;
        if created == Creation::Created {
            self.publish(entry).await?;
        }
        Ok(created)
    }

    async fn publish(&self, entry: &LogEntry) -> Result<()> {
        self.staging.publish(&entry.adds).await?;
        let digest = sha256_hex(&entry.to_bytes()?);
        self.staging.create(&layout::done_marker(entry.version), digest.into_bytes()).await?;
        let transaction = Transaction { version: entry.version, nonce: entry.nonce.clone() };
        // The commit stands; what stays is dropped by the next recovery.
        drop(self.staging.forget(&transaction.name()).await);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
