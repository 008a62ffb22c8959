//! What a dataset holds at one moment, read from its log: what queries see.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use ecstrail_converter::Selection;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use serde::{Deserialize, Serialize};

use crate::{
    DataFile, Error, Result,
    entry::{FORMAT_VERSION, LogEntry, live_files, sha256_hex},
    layout,
};

/// Log entries that are fetched at once.
const CONCURRENT_READS: usize = 16;

/// What a dataset is, from its `dataset.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetDescription {
    /// Version of the layout and the log.
    pub format_version: u32,
    /// UUID of the dataset.
    pub id: String,
    /// Version of the tool that made it.
    pub tool: String,
}

/// The published files of a dataset.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What the dataset is.
    pub description: DatasetDescription,
    /// Version of the last published commit; `None` if nothing was ever published.
    pub version: Option<u64>,
    /// The data files, in the order of their paths.
    pub files: Vec<DataFile>,
    /// The selections that were converted, in the order of their first commit.
    pub selections: Vec<String>,
}

impl Snapshot {
    /// Reads the log of the dataset at `home`, up to the last commit whose files are published.
    ///
    /// # Errors
    /// [`Error::NotADataset`] if there is no dataset.
    pub async fn open(store: &dyn ObjectStore, home: &Path) -> Result<Self> {
        let log = Log::read(store, home).await?;
        let is_published = |entry: &&LogEntry| log.done.contains(&entry.version);
        let published: Vec<&LogEntry> = log.entries.iter().take_while(is_published).collect();
        let mut selections = Vec::new();
        for entry in &published {
            if !entry.selection.is_empty() && !selections.contains(&entry.selection) {
                selections.push(entry.selection.clone());
            }
        }
        let version = published.last().map(|entry| entry.version);
        let files = live_files(published).into_values().collect();
        Ok(Self { description: log.description, version, files, selections })
    }

    /// Returns whether events of a source were converted, be there any or not.
    pub fn holds(&self, event_source: &str) -> bool {
        self.selections.iter().any(|selection| Selection::text_keeps(selection, event_source))
    }

    /// Rows of all files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

/// The whole log of a dataset.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) description: DatasetDescription,
    pub(crate) entries: Vec<LogEntry>,
    /// Versions whose files are published.
    pub(crate) done: BTreeSet<u64>,
    /// Versions whose removed files are deleted, of those that delete after publishing.
    pub(crate) removed: BTreeSet<u64>,
    /// SHA-256 of the last entry's bytes.
    pub(crate) head_sha256: String,
}

impl Log {
    pub(crate) async fn read(store: &dyn ObjectStore, home: &Path) -> Result<Self> {
        let bytes = read(store, home, layout::DATASET).await?;
        let bytes = bytes.ok_or_else(|| Error::NotADataset { home: home.to_string() })?;
        let description = parse_description(&bytes)?;
        // The done markers first: an entry that is done is then sure to be in the later listing.
        let markers = paths(store, home, layout::DONE).await?;
        let done = markers.iter().filter_map(|name| layout::version_of(name)).collect();
        let removed = markers.iter().filter_map(|name| layout::removed_version_of(name)).collect();
        let log = paths(store, home, layout::LOG).await?;
        let mut versions: Vec<u64> =
            log.iter().filter_map(|name| layout::version_of(name)).collect();
        versions.sort_unstable();
        let bodies: Vec<(u64, Bytes)> = stream::iter(versions)
            .map(|version| async move {
                let path = layout::log_entry(version);
                let bytes = read(store, home, &path).await?;
                let gone = || Error::Damaged { path, reason: "listed, but gone".to_owned() };
                Ok::<_, Error>((version, bytes.ok_or_else(gone)?))
            })
            .buffered(CONCURRENT_READS)
            .try_collect()
            .await?;
        let mut entries = Vec::new();
        let mut head_sha256 = String::new();
        for (version, bytes) in bodies {
            let path = layout::log_entry(version);
            let entry = LogEntry::parse(&path, &bytes)?;
            let broken =
                |reason: &str| Error::Damaged { path: path.clone(), reason: reason.to_owned() };
            if version != entries.len() as u64 || entry.version != version {
                return Err(broken("an entry before it is missing"));
            }
            if entry.previous_sha256 != head_sha256 {
                return Err(broken("it does not follow the entry before it"));
            }
            head_sha256 = sha256_hex(&bytes);
            entries.push(entry);
        }
        Ok(Self { description, entries, done, removed, head_sha256 })
    }

    /// The commits whose files may not all be published or deleted yet, in their order.
    pub(crate) fn unsettled(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.iter().filter(|entry| !self.is_settled(entry))
    }

    /// Returns whether a commit's files are published and deleted.
    pub(crate) fn is_settled(&self, entry: &LogEntry) -> bool {
        self.done.contains(&entry.version)
            && (!entry.removes_last() || self.removed.contains(&entry.version))
    }

    /// The data files that are left after all commits, by path.
    pub(crate) fn files(&self) -> BTreeMap<String, DataFile> {
        live_files(&self.entries)
    }

    /// The version that the next commit wants to become.
    pub(crate) fn next_version(&self) -> u64 {
        self.entries.len() as u64
    }
}

pub(crate) fn parse_description(bytes: &[u8]) -> Result<DatasetDescription> {
    let path = layout::DATASET.to_owned();
    let description: DatasetDescription = serde_json::from_slice(bytes)
        .map_err(|error| Error::Damaged { path: path.clone(), reason: error.to_string() })?;
    if description.format_version > FORMAT_VERSION {
        return Err(Error::TooNew {
            path,
            found: description.format_version,
            known: FORMAT_VERSION,
        });
    }
    Ok(description)
}

/// Reads an object of a dataset, `None` if there is none.
pub(crate) async fn read(
    store: &dyn ObjectStore,
    home: &Path,
    path: &str,
) -> Result<Option<Bytes>> {
    let error = |source| Error::Store { action: "read", path: path.to_owned(), source };
    match store.get(&below(home, path)).await {
        Ok(found) => found.bytes().await.map(Some).map_err(error),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(source) => Err(error(source)),
    }
}

/// Lists the paths, below the home, of the objects in a folder and below it.
pub(crate) async fn paths(
    store: &dyn ObjectStore,
    home: &Path,
    folder: &str,
) -> Result<Vec<String>> {
    let objects = store.list(Some(&below(home, folder)));
    let paths = objects.map_ok(|meta| path_below(home, &meta.location)).try_collect().await;
    paths.map_err(|source| Error::Store { action: "list", path: folder.to_owned(), source })
}

/// Returns the path of an object below the dataset's home.
pub(crate) fn path_below(home: &Path, location: &Path) -> String {
    let parts = location.prefix_match(home).into_iter().flatten();
    parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/")
}

/// Returns the path of an object of the dataset at `home`.
pub fn below(home: &Path, path: &str) -> Path {
    path.split('/').fold(home.clone(), Path::join)
}
