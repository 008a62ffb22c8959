//! Reading and listing what is below a dataset's home.

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
