//! A dataset on the local disk as a store: only regular files are opened, and what else stands in
//! their place is listed, so that it is an error and not overlooked.
//!
//! `object_store`'s own listing passes over pipes, devices and broken links, follows links to
//! folders wherever they lead, and its reads wait for somebody to write to a pipe.

use std::{
    fmt, fs,
    ops::Range,
    path::{Path as DiskPath, PathBuf},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    local::LocalFileSystem, path::Path,
};
use walkdir::{DirEntry, WalkDir};

use ecstrail_converter::instant_of;

use crate::storage::regular_file;

/// Entries that one trip to a blocking thread brings.
const BATCH: usize = 1024;

/// The local disk, by whole paths.
///
/// A path that is not that of a regular file, or of a link to one, cannot be read. Listings go
/// through no link to a folder; such a link and every other thing that is not a folder is listed
/// like a file.
#[derive(Debug, Default)]
pub struct DiskStore {
    inner: LocalFileSystem,
}

impl DiskStore {
    /// Opens the local disk.
    pub fn new() -> Self {
        Self { inner: LocalFileSystem::new() }
    }

    /// Fails unless a path is that of a regular file. What is not there is left to the store, which
    /// has its own words for it.
    async fn check(&self, location: &Path) -> Result<()> {
        let path = self.inner.path_to_filesystem(location)?;
        let checked = tokio::task::spawn_blocking(move || regular_file::check(&path)).await?;
        checked.map_err(|error| Error::NotSupported { source: error.into() })
    }

    fn walk(
        &self,
        prefix: Option<&Path>,
        after: Option<Path>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let root = match prefix {
            Some(prefix) => self.inner.path_to_filesystem(prefix),
            None => Ok(PathBuf::from("/")),
        };
        let root = match root {
            Ok(root) => root,
            Err(error) => return stream::iter([Err(error)]).boxed(),
        };
        let entries = WalkDir::new(root).min_depth(1).into_iter().filter_map(found);
        let entries = entries.filter(move |object| {
            let after = after.as_ref();
            object
                .as_ref()
                .map_or(true, |object| after.is_none_or(|after| object.location > *after))
        });
        stream::unfold(Some(entries), |entries| async {
            let mut entries = entries?;
            let batch = tokio::task::spawn_blocking(|| {
                let batch: Vec<_> = entries.by_ref().take(BATCH).collect();
                (batch, entries)
            });
            match batch.await {
                Ok((batch, _)) if batch.is_empty() => None,
                Ok((batch, entries)) => Some((batch, Some(entries))),
                Err(error) => Some((vec![Err(error.into())], None)),
            }
        })
        .flat_map(stream::iter)
        .boxed()
    }
}

/// Describes what a walk has met; `None` for folders and what is gone meanwhile.
fn found(entry: walkdir::Result<DirEntry>) -> Option<Result<ObjectMeta>> {
    let failed = |path: &DiskPath, error: std::io::Error| {
        let source = regular_file::Named { path: path.to_owned(), source: error };
        Some(Err(Error::Generic { store: "DiskStore", source: Box::new(source) }))
    };
    let entry = match entry {
        Ok(entry) if entry.file_type().is_dir() => return None,
        Ok(entry) => entry,
        Err(error) => {
            let path = error.path().map(ToOwned::to_owned).unwrap_or_default();
            let error: std::io::Error = error.into();
            let is_absent = error.kind() == std::io::ErrorKind::NotFound;
            return if is_absent { None } else { failed(&path, error) };
        }
    };
    // Of a link to a file, the file counts.
    let path = entry.path();
    let described = match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(found),
        _ => fs::symlink_metadata(path),
    };
    let metadata = match described {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return failed(path, error),
    };
    let location = location(path)?;
    let last_modified = metadata.modified().map(instant_of).unwrap_or_default();
    let size = if metadata.is_file() { metadata.len() } else { 0 };
    Some(Ok(ObjectMeta { location, last_modified, size, e_tag: None, version: None }))
}

/// Returns the path in the store. A name that none can express is none of ours: it stands there as far
/// as it can be spelled, to be reported.
fn location(path: &DiskPath) -> Option<Path> {
    Path::from_absolute_path(path).ok().or_else(|| {
        let name = path.file_name()?.to_string_lossy();
        Some(location(path.parent()?)?.join(name.as_ref()))
    })
}

impl fmt::Display for DiskStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DiskStore")
    }
}

#[async_trait]
impl ObjectStore for DiskStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.check(location).await?;
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.check(location).await?;
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.walk(prefix, None)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.walk(prefix, Some(offset.clone()))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.check(from).await?;
        self.inner.copy_opts(from, to, options).await
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
