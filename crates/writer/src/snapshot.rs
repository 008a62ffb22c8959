//! What a dataset holds at one moment, read from its log: what queries see.

use bytes::Bytes;
use ecstrail_converter::Selection;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use serde::{Deserialize, Serialize};

use crate::{DataFile, Error, Result, entry::FORMAT_VERSION, layout, log::Log, repeat::repeated};

/// Bytes of the largest file that is read whole: no entry of a log, checkpoint or segment is nearly
/// as large, and one that would be is not written.
pub(crate) const MOST_BYTES: u64 = 256 << 20;

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
        let (description, version, files, summary) = log.into_published();
        let files = files.into_values().collect();
        Ok(Self { description, version, files, selections: summary.selections })
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
    let at = below(home, path);
    let fetch = || async {
        let found = store.get(&at).await?;
        if found.meta.size > MOST_BYTES { Ok(None) } else { found.bytes().await.map(Some) }
    };
    match repeated(fetch).await {
        Ok(Some(found)) => Ok(Some(found)),
        Ok(None) => {
            let reason =
                format!("it has more than {MOST_BYTES} bytes, which no file of its kind has");
            Err(Error::Damaged { path: path.to_owned(), reason })
        }
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        // There is something that is not a file.
        Err(object_store::Error::NotSupported { source }) => {
            Err(Error::Damaged { path: path.to_owned(), reason: source.to_string() })
        }
        Err(source) => Err(error(source)),
    }
}

/// Lists the versions of the objects in a folder, ascending; those after `after` only, an object
/// of the folder that need not be there.
pub(crate) async fn versions(
    store: &dyn ObjectStore,
    home: &Path,
    folder: &str,
    after: Option<&str>,
) -> Result<Vec<u64>> {
    let paths = paths(store, home, folder, after).await?;
    let mut versions: Vec<u64> = paths.iter().filter_map(|path| layout::version_of(path)).collect();
    versions.sort_unstable();
    Ok(versions)
}

/// Lists the paths, below the home, of the objects in a folder and below it, or of those after one.
pub(crate) async fn paths(
    store: &dyn ObjectStore,
    home: &Path,
    folder: &str,
    after: Option<&str>,
) -> Result<Vec<String>> {
    let prefix = below(home, folder);
    let paths = repeated(|| {
        let objects = match after {
            None => store.list(Some(&prefix)),
            Some(after) => store.list_with_offset(Some(&prefix), &below(home, after)),
        };
        objects.map_ok(|meta| path_below(home, &meta.location)).try_collect()
    });
    paths.await.map_err(|source| Error::Store { action: "list", path: folder.to_owned(), source })
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
