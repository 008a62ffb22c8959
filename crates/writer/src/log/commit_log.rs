//! The log of a dataset: its commits since the newest checkpoint, and what the checkpoint says of
//! those before.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use bytes::Bytes;
use ecstrail_converter::SCHEMA_VERSION;
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    error::{Error, Result},
    log::{
        DataFile, DatasetDescription,
        checkpoint::{Checkpoint, Manifest},
        delta::{DeltaCommit, DeltaLog, DeltaMetadata},
        description::parse_description,
        entry::LogEntry,
        summary::LogSummary,
    },
    storage::{
        Objects,
        digest::{is_sha256, sha256_hex},
        layout::{self, Transaction},
    },
};

/// Log entries that are fetched at once.
const CONCURRENT_READS: usize = 16;

/// The log of a dataset at one moment.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) description: DatasetDescription,
    /// SHA-256 of the description's bytes.
    description_sha256: String,
    /// What the log is read from on; `None` if from its beginning.
    manifest: Option<Manifest>,
    /// Checkpoints that are not what was written, or do not belong to this log.
    distrusted: BTreeSet<u64>,
    /// The Delta log after all entries, if the dataset has one.
    delta: Option<DeltaLog>,
    /// The entries after the checkpoint.
    pub(crate) entries: Vec<LogEntry>,
    /// Versions whose files are published.
    done: BTreeSet<u64>,
    /// Versions whose removed files are deleted, of those that delete after publishing.
    removed: BTreeSet<u64>,
    /// SHA-256 of the last entry's bytes.
    pub(crate) head_sha256: String,
    /// The data files after the first `applied` entries, which are published.
    files: BTreeMap<String, DataFile>,
    applied: usize,
}

impl Log {
    /// Reads the log of the dataset at `home`.
    pub(crate) async fn read(objects: &Objects) -> Result<Self> {
        Self::read_without(objects, BTreeSet::new()).await
    }

    /// Reads the log of the dataset at `home` from its beginning, whatever checkpoints there are.
    pub(crate) async fn read_whole(objects: &Objects) -> Result<Self> {
        let written = objects.versions(layout::CHECKPOINT, None).await?;
        Self::read_without(objects, written.into_iter().collect()).await
    }

    /// Reads the log anew, since its checkpoint has proved not to be what was written, or to be
    /// gone: from a newer one, else from one before it, else from the beginning. Returns false,
    /// and changes nothing, if the log was read from its beginning.
    pub(crate) async fn distrust(&mut self, objects: &Objects) -> Result<bool> {
        let Some(manifest) = &self.manifest else { return Ok(false) };
        let mut distrusted = self.distrusted.clone();
        distrusted.insert(manifest.version);
        *self = Self::read_without(objects, distrusted).await?;
        Ok(true)
    }

    async fn read_without(objects: &Objects, mut distrusted: BTreeSet<u64>) -> Result<Self> {
        let bytes = objects.read(layout::DATASET).await?;
        let bytes = bytes.ok_or_else(|| Error::NotADataset { home: objects.home.to_string() })?;
        let description = parse_description(&bytes)?;
        let mut log = Self {
            description,
            description_sha256: sha256_hex(&bytes),
            manifest: None,
            distrusted: BTreeSet::new(),
            delta: None,
            entries: Vec::new(),
            done: BTreeSet::new(),
            removed: BTreeSet::new(),
            head_sha256: String::new(),
            files: BTreeMap::new(),
            applied: 0,
        };
        // Listed again after each failure: a run that wrote a newer one may have removed this one.
        loop {
            let versions = objects.versions(layout::CHECKPOINT, None).await?;
            let newest = versions.into_iter().rfind(|version| !distrusted.contains(version));
            let Some(version) = newest else { break };
            match Checkpoint::read(objects, version).await {
                Ok(Checkpoint { manifest, files }) => {
                    log.head_sha256.clone_from(&manifest.head_sha256);
                    log.files = files;
                    log.delta = manifest.summary.delta;
                    log.manifest = Some(manifest);
                    break;
                }
                Err(Error::Damaged { .. }) => distrusted.insert(version),
                Err(error) => return Err(error),
            };
        }
        log.distrusted = distrusted;
        log.read_entries(objects).await?;
        Ok(log)
    }

    async fn read_entries(&mut self, objects: &Objects) -> Result<()> {
        let last = self.checkpoint_version();
        // The done markers first: an entry that is done is then sure to be in the later listing.
        let done_after = last.map(layout::done_marker);
        let markers = objects.paths(layout::DONE, done_after.as_deref()).await?;
        let entries_after = last.map(layout::log_entry);
        let versions = objects.versions(layout::LOG, entries_after.as_deref()).await?;
        let mut bodies = stream::iter(versions)
            .map(|version| async move {
                let path = layout::log_entry(version);
                let bytes = objects.read(&path).await?;
                let gone =
                    || Error::Damaged { path, reason: "it was listed, but is missing".to_owned() };
                Ok::<_, Error>((version, bytes.ok_or_else(gone)?))
            })
            .buffered(CONCURRENT_READS);
        while let Some((version, bytes)) = bodies.try_next().await? {
            self.append(version, &bytes)?;
        }
        for marker in markers {
            let removed = layout::removed_version_of(&marker);
            let Some(version) = removed.or_else(|| layout::version_of(&marker)) else { continue };
            if version >= self.next_version() {
                return Err(Error::Damaged {
                    path: layout::log_entry(version),
                    reason: format!("it is missing, but {marker} says that it was committed"),
                });
            }
            if removed.is_some() {
                self.removed.insert(version);
            } else {
                self.mark_published(version);
            }
        }
        self.check_head(objects).await
    }

    /// Compares the last entry with its marker: nothing else in the log has the hash of its bytes. Of a
    /// marker that holds no hash, only the existence counts.
    async fn check_head(&self, objects: &Objects) -> Result<()> {
        let Some(head) = self.entries.last().filter(|head| self.done.contains(&head.version))
        else {
            return Ok(());
        };
        let marker = objects.read(&layout::done_marker(head.version)).await?;
        let marker = marker.filter(|marker| is_sha256(marker));
        if marker.is_none_or(|marker| *marker == *self.head_sha256.as_bytes()) {
            return Ok(());
        }
        Err(Error::Damaged {
            path: layout::log_entry(head.version),
            reason: format!("{} has another hash for it", layout::done_marker(head.version)),
        })
    }

    /// Reads what was committed since.
    ///
    /// Asks for the next entry instead of listing them: that takes one request, however long the
    /// log is.
    pub(crate) async fn advance(&mut self, objects: &Objects) -> Result<()> {
        loop {
            let version = self.next_version();
            let bytes: Option<Bytes> = objects.read(&layout::log_entry(version)).await?;
            let Some(bytes) = bytes else { return Ok(()) };
            self.append(version, &bytes)?;
            if objects.read(&layout::done_marker(version)).await?.is_some() {
                self.mark_published(version);
                self.check_head(objects).await?;
            }
            let removes = self.entries.last().is_some_and(|entry| !entry.removes.is_empty());
            if removes && objects.read(&layout::removed_marker(version)).await?.is_some() {
                self.removed.insert(version);
            }
        }
    }

    /// Advances by one entry, which must follow the last.
    pub(crate) fn append(&mut self, version: u64, bytes: &[u8]) -> Result<()> {
        let path = layout::log_entry(version);
        let entry = LogEntry::parse(&path, bytes)?;
        let broken =
            |reason: &str| Error::Damaged { path: path.clone(), reason: reason.to_owned() };
        if version != self.next_version() || entry.version != version {
            return Err(broken("the entry before it is missing"));
        }
        if entry.previous_sha256 != self.head_sha256 {
            return Err(broken("its hash of the previous entry does not match"));
        }
        self.head_sha256 = sha256_hex(bytes);
        self.delta = entry.delta_after(self.delta);
        self.entries.push(entry);
        Ok(())
    }

    /// Advances by an entry that was committed and settled just now.
    pub(crate) fn push_settled(&mut self, entry: &LogEntry) -> Result<()> {
        self.append(entry.version, &entry.to_bytes()?)?;
        self.mark_settled(entry.version);
        Ok(())
    }

    /// Notes that the files of an entry are published, and deleted as far as it removes them.
    pub(crate) fn mark_settled(&mut self, version: u64) {
        self.mark_published(version);
        self.removed.insert(version);
    }

    /// Notes that the files of an entry are published.
    fn mark_published(&mut self, version: u64) {
        self.done.insert(version);
        while let Some(entry) = self.entries.get(self.applied)
            && self.done.contains(&entry.version)
        {
            entry.apply(&mut self.files);
            self.applied += 1;
        }
    }

    /// Replaces the entries, all of them settled, by a checkpoint of them.
    pub(crate) fn rebase(&mut self, manifest: Manifest) {
        self.manifest = Some(manifest);
        self.entries.clear();
        self.done.clear();
        self.removed.clear();
        self.applied = 0;
    }

    /// The checkpoint that the log is read from.
    pub(crate) fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    pub(crate) fn checkpoint_version(&self) -> Option<u64> {
        self.manifest.as_ref().map(|manifest| manifest.version)
    }

    /// The commits whose files may not all be published or deleted yet, in their order.
    pub(crate) fn unsettled(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.iter().filter(|entry| !self.is_settled(entry))
    }

    fn is_settled(&self, entry: &LogEntry) -> bool {
        self.done.contains(&entry.version)
            && (entry.removes.is_empty()
                || self.removed.contains(&entry.version)
                || self.delta_commit_of(entry).is_some())
    }

    /// SHA-256 of an entry's bytes, which may have members that this program does not know.
    pub(crate) fn sha256_of(&self, entry: &LogEntry) -> &str {
        let next = self.entries.iter().find(|next| next.version == entry.version + 1);
        next.map_or(&self.head_sha256, |next| &next.previous_sha256)
    }

    /// The Delta log after all entries, if the dataset has one.
    pub(crate) fn delta(&self) -> Option<DeltaLog> {
        self.delta
    }

    /// Returns how an entry appears in the Delta log. Entries of older programs do not say.
    pub(crate) fn delta_commit_of(&self, entry: &LogEntry) -> Option<DeltaCommit> {
        let is_since = self.delta.is_some_and(|delta| delta.since <= entry.version);
        entry.delta.clone().or_else(|| is_since.then(DeltaCommit::default))
    }

    /// Returns an entry that would follow the last, and consumes, adds and removes nothing; its files
    /// are prepared by the transaction.
    pub(crate) fn empty_entry(&self, transaction: &Transaction) -> LogEntry {
        let delta = self.delta.map(|delta| {
            let has_all_columns = delta.schema_version >= SCHEMA_VERSION;
            let metadata = (!has_all_columns).then(|| DeltaMetadata::of(&self.description));
            DeltaCommit { metadata, ..DeltaCommit::default() }
        });
        let (head, description) = (self.head_sha256.clone(), self.description_sha256.clone());
        let version = self.next_version();
        let prepared_for = (transaction.version != version).then_some(transaction.version);
        let empty = LogEntry::empty(transaction, head, description);
        LogEntry { version, prepared_for, delta, ..empty }
    }

    /// The data files that are left after all commits, by path.
    pub(crate) fn files(&self) -> Cow<'_, BTreeMap<String, DataFile>> {
        let mut files = Cow::Borrowed(&self.files);
        for entry in &self.entries[self.applied..] {
            entry.apply(files.to_mut());
        }
        files
    }

    /// The entries up to the last before any that is not published; all of them if the log was read
    /// as a whole.
    pub(crate) fn published(&self) -> &[LogEntry] {
        &self.entries[..self.applied]
    }

    /// What queries see: the data files up to the last commit before any that is not published,
    /// the version of that commit, and all that was published until then, summed up.
    pub(crate) fn into_published(
        self,
    ) -> (DatasetDescription, Option<u64>, BTreeMap<String, DataFile>, LogSummary) {
        let version = self.next_version() - (self.entries.len() - self.applied) as u64;
        let summary = self.summary_of(self.published().iter());
        (self.description, version.checked_sub(1), self.files, summary)
    }

    /// Rows that repairs have taken out of what queries see: conversions have added them, and nothing else
    /// removes rows.
    pub(crate) fn rows_taken_out(&self) -> u64 {
        let added = self.summary_of(self.published().iter()).totals.rows;
        let rows: u64 = self.files.values().map(|file| file.rows).sum();
        added.saturating_sub(rows)
    }

    /// All published commits, summed up.
    pub(crate) fn summary(&self) -> LogSummary {
        self.summary_of(self.entries.iter().filter(|entry| self.done.contains(&entry.version)))
    }

    fn summary_of<'a>(&self, entries: impl Iterator<Item = &'a LogEntry>) -> LogSummary {
        let before = self.manifest.as_ref().map(|manifest| manifest.summary.clone());
        let mut summary = before.unwrap_or_default();
        entries.for_each(|entry| summary.add(entry));
        summary
    }

    /// The version that the next commit wants to become.
    pub(crate) fn next_version(&self) -> u64 {
        self.checkpoint_version().map_or(0, |version| version + 1) + self.entries.len() as u64
    }
}
