//! The objects of a dataset: read, listed, and named by their path below the dataset's home.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};

use crate::{
    error::{Error, Result},
    storage::{layout, repeat::repeated},
};

/// Bytes of the largest file that is read whole: no entry of a log, checkpoint or segment is nearly
/// as large, and one that would be is not written.
pub(crate) const MOST_BYTES: u64 = 256 << 20;

/// The objects of a dataset.
#[derive(Debug, Clone)]
pub struct Objects {
    /// The store that they are in.
    pub store: Arc<dyn ObjectStore>,
    /// The dataset's home in it.
    pub home: Path,
}

impl Objects {
    /// Names the dataset at `home`, be there one or not.
    pub fn new(store: Arc<dyn ObjectStore>, home: Path) -> Self {
        Self { store, home }
    }

    /// Returns the location of an object by its path below the home.
    pub fn at(&self, path: &str) -> Path {
        below(&self.home, path)
    }

    /// Returns the path below the home of an object by its location.
    pub(crate) fn path_of(&self, location: &Path) -> String {
        let parts = location.prefix_match(&self.home).into_iter().flatten();
        parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/")
    }

    /// Reads an object as a whole, `None` if there is none.
    pub(crate) async fn read(&self, path: &str) -> Result<Option<Bytes>> {
        let location = self.at(path);
        let fetch = || async {
            let found = self.store.get(&location).await?;
            if found.meta.size > MOST_BYTES { Ok(None) } else { found.bytes().await.map(Some) }
        };
        match repeated(fetch).await {
            Ok(Some(found)) => Ok(Some(found)),
            Ok(None) => {
                let reason =
                    format!("it has more than {MOST_BYTES} bytes, too many for a metadata file");
                Err(Error::Damaged { path: path.to_owned(), reason })
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            // There is something that is not a file.
            Err(object_store::Error::NotSupported { source }) => {
                Err(Error::Damaged { path: path.to_owned(), reason: source.to_string() })
            }
            Err(source) => Err(Error::Store { action: "read", path: path.to_owned(), source }),
        }
    }

    /// Lists the versions of the objects in a folder, ascending; those after `after` only, an object
    /// of the folder that need not be there.
    pub(crate) async fn versions(&self, folder: &str, after: Option<&str>) -> Result<Vec<u64>> {
        let paths = self.paths(folder, after).await?;
        let mut versions: Vec<u64> =
            paths.iter().filter_map(|path| layout::version_of(path)).collect();
        versions.sort_unstable();
        Ok(versions)
    }

    /// Lists the paths of the objects in a folder and below it, or of those after one.
    pub(crate) async fn paths(&self, folder: &str, after: Option<&str>) -> Result<Vec<String>> {
        let prefix = self.at(folder);
        let paths = repeated(|| {
            let objects = match after {
                None => self.store.list(Some(&prefix)),
                Some(after) => self.store.list_with_offset(Some(&prefix), &self.at(after)),
            };
            objects.map_ok(|meta| self.path_of(&meta.location)).try_collect()
        });
        paths.await.map_err(|source| Error::Store {
            action: "list",
            path: folder.to_owned(),
            source,
        })
    }
}

/// Returns the location of an object of the dataset at `home` by its path below it.
pub fn below(home: &Path, path: &str) -> Path {
    path.split('/').fold(home.clone(), Path::join)
}
