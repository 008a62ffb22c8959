//! The store as staging uses it: paths below the dataset's home, errors that name them.

use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt, stream};
use object_store::{
    MultipartId, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload,
    multipart::{MultipartStore, PartId},
    path::Path,
};

use crate::{
    error::{Error, Result},
    storage::{Objects, repeat::repeated},
};

/// An object store, twice: for objects and for uploads.
pub(super) struct Bucket {
    pub(super) objects: Objects,
    pub(super) uploads: Arc<dyn MultipartStore>,
}

impl Bucket {
    fn at(&self, path: &str) -> Path {
        self.objects.at(path)
    }

    pub(super) async fn read(&self, path: &str) -> Result<Option<Bytes>> {
        self.objects.read(path).await
    }

    /// Returns the size of an object, `None` if there is none.
    pub(super) async fn size(&self, path: &str) -> Result<Option<u64>> {
        match repeated(|| async { self.objects.store.head(&self.at(path)).await }).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(failed("look for", path, source)),
        }
    }

    pub(super) async fn write(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        let put = self.objects.store.put(&self.at(path), bytes.into()).await;
        put.map(drop).map_err(|source| failed("write", path, source))
    }

    /// Asks the store once to write an object as the mode says.
    pub(super) async fn put(
        &self,
        path: &str,
        bytes: Bytes,
        mode: PutMode,
    ) -> object_store::Result<()> {
        let options = PutOptions { mode, ..PutOptions::default() };
        self.objects.store.put_opts(&self.at(path), bytes.into(), options).await.map(drop)
    }

    /// Lists the objects in a folder and below it.
    pub(super) async fn list(&self, folder: &str) -> Result<Vec<String>> {
        self.objects.paths(folder, None).await
    }

    /// Lists the folders in a folder.
    pub(super) async fn folders(&self, folder: &str) -> Result<Vec<String>> {
        let prefix = self.at(folder);
        let found = repeated(|| self.objects.store.list_with_delimiter(Some(&prefix))).await;
        let found = found.map_err(|source| failed("list", folder, source))?;
        let names = found.common_prefixes.iter().filter_map(Path::filename);
        Ok(names.map(ToOwned::to_owned).collect())
    }

    pub(super) async fn delete(&self, paths: Vec<String>) -> Result<()> {
        let Some(first) = paths.first().cloned() else { return Ok(()) };
        let deleted = repeated(|| async {
            let paths: Vec<_> = paths.iter().map(|path| Ok(self.at(path))).collect();
            let mut deleted = self.objects.store.delete_stream(stream::iter(paths).boxed());
            while let Some(deleted) = deleted.next().await {
                match deleted {
                    Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        deleted.await.map_err(|source| failed("delete", &first, source))
    }

    /// Begins an upload. If an answer is lost, an upload without parts stays that nobody knows.
    pub(super) async fn begin(&self, path: &str) -> Result<MultipartId> {
        let at = self.at(path);
        let begun = repeated(|| self.uploads.create_multipart(&at)).await;
        begun.map_err(|source| failed("start the upload of", path, source))
    }

    pub(super) async fn put_part(
        &self,
        path: &str,
        upload: &MultipartId,
        number: usize,
        bytes: Bytes,
    ) -> Result<PartId> {
        let payload = PutPayload::from_bytes(bytes);
        let part = self.uploads.put_part(&self.at(path), upload, number, payload).await;
        part.map_err(|source| failed("upload a part of", path, source))
    }

    /// Asks the store once to make an upload an object.
    pub(super) async fn complete(
        &self,
        path: &str,
        upload: &MultipartId,
        parts: Vec<PartId>,
    ) -> object_store::Result<()> {
        self.uploads.complete_multipart(&self.at(path), upload, parts).await.map(drop)
    }

    /// Aborts an upload, if there is one.
    pub(super) async fn abort(&self, path: &str, upload: &MultipartId) -> Result<()> {
        let at = self.at(path);
        match repeated(|| self.uploads.abort_multipart(&at, upload)).await {
            Err(source) if !is_gone(&source) => Err(failed("abort the upload of", path, source)),
            _ => Ok(()),
        }
    }
}

/// Returns whether an error says that there is no such upload.
pub(super) fn is_gone(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. })
}

pub(super) fn failed(action: &'static str, path: &str, source: object_store::Error) -> Error {
    Error::Store { action, path: path.to_owned(), source }
}
