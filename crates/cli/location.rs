//! Resolves paths and URLs that the user typed to an open store and a path in it. No other module
//! knows which kinds of stores exist.

use std::{
    io,
    path::{Component, Path as DiskPath, PathBuf, Prefix},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use ecstrail_writer::{DiskStore, Objects};
use object_store::{ObjectStore, path::Path};
use url::Url;

use crate::bucket::{Access, Bucket, BucketUse, Refusal, S3};

/// What the user typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// On the local disk.
    Disk(PathBuf),
    /// In a bucket, below a prefix.
    Bucket(String, Path),
}

/// An open location that objects are read from.
#[derive(Debug, Clone)]
pub(crate) struct OpenLocation {
    /// Reads it.
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Its path in the store.
    pub(crate) path: Path,
    /// The canonical URL below which the ledger names its files.
    pub(crate) base_url: String,
    /// Who reads it, if it asks.
    pub(crate) access: Option<Access>,
}

impl Location {
    /// Reads a path, a `file://` URL or an `s3://bucket/prefix`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let location = match text.split_once("://") {
            None => Self::Disk(PathBuf::from(text)),
            Some(("file", _)) => {
                let path = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
                Self::Disk(path.with_context(|| {
                    format!(
                        "{text} is not the URL of a file: give a \
                                                         path"
                    )
                })?)
            }
            Some(("s3", rest)) => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                if bucket.is_empty() {
                    bail!("{text} has no bucket name: give s3://BUCKET/PREFIX");
                }
                let prefix = Path::parse(prefix).with_context(|| format!("cannot read {text}"))?;
                Self::Bucket(bucket.to_owned(), prefix)
            }
            Some((scheme, _)) => {
                bail!("{scheme}:// is not supported: give a path or s3://BUCKET/PREFIX")
            }
        };
        Ok(location)
    }

    /// Returns the location as any program on any machine, or at any place of this one, names it: an
    /// absolute path, or a URL without a slash at its end.
    pub(crate) fn whole(&self) -> Result<String> {
        match self {
            Self::Disk(path) => {
                let path = resolved(path)?;
                let text =
                    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?;
                Ok(text.to_owned())
            }
            Self::Bucket(bucket, prefix) => {
                Ok(bucket_url(bucket, prefix).trim_end_matches('/').to_owned())
            }
        }
    }
}

impl OpenLocation {
    /// The objects of the dataset there.
    pub(crate) fn objects(&self) -> Objects {
        Objects::new(Arc::clone(&self.store), self.path.clone())
    }

    /// Opens a dataset's home for reading; `None` if there is nothing at all.
    pub(crate) async fn dataset(text: &str, s3: &S3) -> Result<Option<Self>> {
        match Location::parse(text)? {
            Location::Disk(path) => match canonical(&path) {
                Ok(path) if path.is_file() => {
                    bail!("{text} is a file, not an ecstrail dataset: give the folder of a dataset")
                }
                Ok(path) => Ok(Some(Self::folder(&path)?)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error).with_context(|| format!("cannot access {text}")),
            },
            Location::Bucket(name, prefix) => {
                let usage = BucketUse { may_be_anonymous: true, ..BucketUse::default() };
                Ok(Some(Self::bucket(s3.open(&name, &prefix, usage).await?, &name, prefix)))
            }
        }
    }

    /// Opens a folder of the local disk, by its whole path.
    pub(crate) fn folder(path: &DiskPath) -> Result<Self> {
        if is_network_share(path) {
            bail!(
                "{} is on a network share, which has no drive letter: give it one with `net use`",
                path.display()
            )
        }
        Ok(Self {
            store: Arc::new(DiskStore::new()),
            path: Path::from_absolute_path(path)?,
            base_url: "file:///".to_owned(),
            access: None,
        })
    }

    /// Returns a prefix of an open bucket.
    pub(crate) fn bucket(bucket: Bucket, name: &str, prefix: Path) -> Self {
        let base_url = bucket_url(name, &prefix);
        Self { store: bucket.store, path: prefix, base_url, access: Some(bucket.access) }
    }

    /// Adds the identity and what it lacks to an error about access.
    pub(crate) fn explain(&self, error: impl Into<anyhow::Error>) -> anyhow::Error {
        let error = error.into();
        match &self.access {
            Some(access) if Refusal::of(&error).is_some() => access.explain(error),
            _ => error,
        }
    }
}

/// Returns the absolute path of what stands there, without symbolic links. On Windows it is one that
/// people type, and what is on a mapped drive keeps its letter: stores name files by letters.
///
/// # Errors
/// If nothing is there, or it cannot be accessed.
pub(crate) fn canonical(path: &DiskPath) -> io::Result<PathBuf> {
    let found = dunce::canonicalize(path)?;
    if is_network_share(&found) { std::path::absolute(path) } else { Ok(found) }
}

/// Returns whether a path begins with the name of a server, as only those of Windows do.
fn is_network_share(path: &DiskPath) -> bool {
    matches!(
        path.components().next(),
        Some(Component::Prefix(prefix))
            if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
    )
}

/// Returns the absolute path of something that may not exist yet. Symbolic links are resolved in
/// the part that exists.
pub(crate) fn resolved(path: &DiskPath) -> Result<PathBuf> {
    let whole = std::path::absolute(path)?;
    for standing in whole.ancestors() {
        if let Ok(mut found) = canonical(standing) {
            for part in whole.strip_prefix(standing)?.components() {
                match part {
                    Component::ParentDir => drop(found.pop()),
                    part => found.push(part),
                }
            }
            return Ok(found);
        }
    }
    Ok(whole)
}

/// Makes a folder, unless it is there, and returns its whole path.
pub(crate) fn new_folder(path: &DiskPath) -> Result<PathBuf> {
    let made = std::fs::create_dir_all(path).and_then(|()| canonical(path));
    made.with_context(|| format!("cannot create the folder {}", path.display()))
}

pub(crate) fn folder_url(folder: &DiskPath) -> Result<Url> {
    Url::from_directory_path(folder)
        .map_err(|()| anyhow::anyhow!("{} is not an absolute path", folder.display()))
}

pub(crate) fn bucket_url(bucket: &str, prefix: &Path) -> String {
    let slash = if prefix.as_ref().is_empty() { "" } else { "/" };
    format!("s3://{bucket}/{prefix}{slash}")
}
