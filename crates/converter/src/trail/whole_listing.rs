//! Listings of a bucket that tell every key, even those that `object_store` cannot parse and whose
//! whole page it refuses.

use std::{fmt, ops::Range, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartId, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
    list::PaginatedListStore,
    multipart::{MultipartStore, PartId},
    path::Path,
};

mod pages;
mod passing;
mod progress;

use pages::Pages;

/// A bucket whose listings tell every key.
///
/// A key with an empty or relative segment, or with a control character, is an error among the
/// objects with an [`Unlisted`](crate::error::Unlisted) as its source, and the listing goes on after it; a
/// folder of such a name is reported once for all that is in it. Everything but listings is the inner
/// store's own.
#[derive(Debug)]
pub struct WholeListing<S>(Arc<S>);

impl<S: ObjectStore + PaginatedListStore> WholeListing<S> {
    /// Lists a bucket through another store.
    pub fn new(inner: S) -> Self {
        Self(Arc::new(inner))
    }

    /// Returns the inner store.
    pub fn inner(&self) -> &S {
        &self.0
    }
}

impl<S: fmt::Display> fmt::Display for WholeListing<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[async_trait]
impl<S: ObjectStore + PaginatedListStore> ObjectStore for WholeListing<S> {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.0.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.0.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.0.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.0.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.0.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        Pages::new(Arc::clone(&self.0), prefix, None).stream().boxed()
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        Pages::new(Arc::clone(&self.0), prefix, Some(offset)).stream().boxed()
    }

    /// Fails if a name of the level cannot be parsed, or if there are more than 10,000: the result
    /// has no room for these.
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        pages::level(&*self.0, prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.0.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.0.rename_opts(from, to, options).await
    }
}

#[async_trait]
impl<S: MultipartStore> MultipartStore for WholeListing<S> {
    async fn create_multipart(&self, location: &Path) -> Result<MultipartId> {
        self.0.create_multipart(location).await
    }

    async fn put_part(
        &self,
        location: &Path,
        upload: &MultipartId,
        number: usize,
        payload: PutPayload,
    ) -> Result<PartId> {
        self.0.put_part(location, upload, number, payload).await
    }

    async fn complete_multipart(
        &self,
        location: &Path,
        upload: &MultipartId,
        parts: Vec<PartId>,
    ) -> Result<PutResult> {
        self.0.complete_multipart(location, upload, parts).await
    }

    async fn abort_multipart(&self, location: &Path, upload: &MultipartId) -> Result<()> {
        self.0.abort_multipart(location, upload).await
    }
}

#[cfg(test)]
mod tests;
