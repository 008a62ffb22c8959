//! A folder of the local disk as a store to read from, whose listing tells everything that it
//! meets: links, special files, names that cannot be expressed and folders that cannot be read.

use std::{
    fmt,
    fs::{self, File},
    io::Read,
    ops::Range,
    path::{Path as DiskPath, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    local::LocalFileSystem, path::Path,
};

mod walk;

use walk::Walk;

use crate::trail::is_in_calendar;

/// A folder of the local disk, for reading.
///
/// Listings come in the order in which an object store lists: that of whole paths, byte by byte.
/// What cannot be handed on is an error among the objects, with an
/// [`Unlisted`](crate::error::Unlisted) as its source, and the listing continues. The names of one
/// folder are in memory while it is listed.
#[derive(Debug, Clone)]
pub struct FolderStore {
    root: Arc<PathBuf>,
    inner: Arc<LocalFileSystem>,
    follows_links: bool,
}

impl FolderStore {
    /// Opens a folder, following no symbolic links below it.
    pub fn open(root: impl AsRef<DiskPath>) -> Result<Self> {
        let inner = LocalFileSystem::new_with_prefix(root.as_ref())?;
        // As the store itself spells it, links resolved.
        let child = inner.path_to_filesystem(&Path::from("x"))?;
        let root = child.parent().map(ToOwned::to_owned).unwrap_or_default();
        Ok(Self { root: Arc::new(root), inner: Arc::new(inner), follows_links: false })
    }

    /// Follows symbolic links. A link to a folder that contains it is reported.
    #[must_use]
    pub fn following_links(self) -> Self {
        Self { follows_links: true, ..self }
    }

    fn walk(&self, prefix: Option<&Path>, after: Option<&Path>) -> Walk {
        let (root, inner) = (Arc::clone(&self.root), Arc::clone(&self.inner));
        Walk::new(root, inner, prefix, after.cloned(), self.follows_links)
    }

    /// Reads a file of up to `most` bytes on this thread, if it still has the `ETag` with which it was
    /// listed. `None` says that [`get_opts`](ObjectStore::get_opts) knows better what is the matter.
    pub fn read_listed(&self, location: &Path, etag: &str, most: u64) -> Option<Bytes> {
        let path = self.root.join(location.as_ref());
        // Opening a FIFO would wait for its writer.
        fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        let file = File::open(&path).ok()?;
        let metadata = file.metadata().ok()?;
        let size = usize::try_from(metadata.len()).ok()?;
        if metadata.len() > most || walk::etag(&metadata, metadata.modified().ok()?) != etag {
            return None;
        }
        // One byte more, so that the end is met without growing, and a file that grows is noticed.
        let mut bytes = Vec::with_capacity(size + 1);
        file.take(metadata.len() + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() == size).then(|| bytes.into())
    }

    /// Fails unless a path is that of a regular file: opening a FIFO waits for its writer.
    async fn regular_file(&self, location: &Path) -> Result<()> {
        let path = self.inner.path_to_filesystem(location)?;
        match tokio::fs::metadata(path).await {
            Ok(metadata) if !metadata.is_file() => Err(Error::NotFound {
                path: location.to_string(),
                source: "it is not a regular file".into(),
            }),
            // The store makes a date of it, and panics where there is none.
            Ok(metadata) if metadata.modified().is_ok_and(|time| !is_in_calendar(time)) => {
                Err(Error::NotSupported { source: "its modification time is impossible".into() })
            }
            // The store has better words for what cannot be opened.
            _ => Ok(()),
        }
    }
}

impl fmt::Display for FolderStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FolderStore({})", self.root.display())
    }
}

fn read_only<T>(operation: &str) -> Result<T> {
    Err(Error::NotImplemented {
        operation: operation.to_owned(),
        implementer: "FolderStore".to_owned(),
    })
}

#[async_trait]
impl ObjectStore for FolderStore {
    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        read_only("put_opts")
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        read_only("put_multipart_opts")
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.regular_file(location).await?;
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.regular_file(location).await?;
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        locations.map(|_| read_only("delete_stream")).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.walk(prefix, None).stream()
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.walk(prefix, Some(offset)).stream()
    }

    /// Fails with the first entry that cannot be handed on: the result has no room for it.
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let walk = self.walk(prefix, None);
        tokio::task::spawn_blocking(move || walk.level()).await?
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        read_only("copy_opts")
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
