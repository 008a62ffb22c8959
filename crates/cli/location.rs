//! Where things are: what the user typed becomes an open store and a path in it. The one place
//! that knows which kinds of stores exist.

use std::{
    io,
    path::{Path as DiskPath, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use object_store::{ObjectStore, local::LocalFileSystem, path::Path};
use url::Url;

/// A place that things are read from.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    /// Reads it.
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Its path in the store.
    pub(crate) path: Path,
    /// The canonical URL below which the ledger names its files.
    pub(crate) base_url: String,
}

impl Location {
    /// Opens what log files are read from: a folder, or one file.
    pub(crate) fn source(text: &str) -> Result<Self> {
        let path = local_path(text)?;
        let path = path.canonicalize().with_context(|| format!("cannot find {text}"))?;
        let (folder, file) = match (path.is_dir(), path.parent(), path.file_name()) {
            (false, Some(parent), Some(name)) => {
                (parent, Some(name.to_string_lossy().into_owned()))
            }
            _ => (path.as_path(), None),
        };
        let store = LocalFileSystem::new_with_prefix(folder)
            .with_context(|| format!("cannot open {}", folder.display()))?;
        Ok(Self {
            store: Arc::new(store),
            path: file.map(Path::parse).transpose()?.unwrap_or_default(),
            base_url: folder_url(folder)?.to_string(),
        })
    }

    /// Opens a dataset's home for reading; `None` if there is nothing at all.
    pub(crate) fn dataset(text: &str) -> Result<Option<Self>> {
        match local_path(text)?.canonicalize() {
            Ok(path) => Ok(Some(Self::folder(&path)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot find {text}")),
        }
    }

    /// Opens a folder of the local disk, by its whole path.
    pub(crate) fn folder(path: &DiskPath) -> Result<Self> {
        Ok(Self {
            store: Arc::new(LocalFileSystem::new()),
            path: Path::from_absolute_path(path)?,
            base_url: "file:///".to_owned(),
        })
    }
}

/// Makes a folder, unless it is there, and returns its whole path.
pub(crate) fn new_folder(text: &str) -> Result<PathBuf> {
    let path = local_path(text)?;
    let made = std::fs::create_dir_all(&path).and_then(|()| path.canonicalize());
    made.with_context(|| format!("cannot make the folder {text}"))
}

/// Returns the path of a place on the local disk.
pub(crate) fn local_path(text: &str) -> Result<PathBuf> {
    match text.split_once("://") {
        None => Ok(PathBuf::from(text)),
        Some(("file", _)) => {
            let path = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
            path.with_context(|| format!("{text} is not the URL of a file"))
        }
        Some((scheme, _)) => bail!(
            "{scheme}:// is not supported yet: copy the trail to a folder first, for instance with `aws s3 sync`"
        ),
    }
}

fn folder_url(folder: &DiskPath) -> Result<Url> {
    Url::from_directory_path(folder)
        .map_err(|()| anyhow::anyhow!("{} is not an absolute path", folder.display()))
}
