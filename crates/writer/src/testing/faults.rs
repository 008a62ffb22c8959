//! An object store in memory that can fail at a call of choice.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartId, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    memory::InMemory,
    multipart::{MultipartStore, PartId},
    path::Path,
};

/// What happens at the call of choice, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call does nothing and fails.
    Before,
    /// The call does what it shall and fails.
    After,
}

/// How a store answers conditional creates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Conditions {
    #[default]
    Kept,
    Ignored,
    Refused,
}

/// An object store in memory that counts calls and can fail at one of them.
#[derive(Debug, Default)]
pub(crate) struct FaultyStore {
    inner: Arc<InMemory>,
    calls: AtomicUsize,
    fault: Option<(usize, Fault)>,
    pub(crate) conditions: Conditions,
    uploads: Arc<Mutex<BTreeMap<MultipartId, String>>>,
}

impl FaultyStore {
    /// Returns the same store with a fault at a call, and the calls counted from 0.
    pub(crate) fn with_fault(&self, call: usize, fault: Fault) -> Self {
        Self { fault: Some((call, fault)), ..self.steady() }
    }

    /// Returns the same store without faults.
    pub(crate) fn steady(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            uploads: Arc::clone(&self.uploads),
            ..Self::default()
        }
    }

    /// Returns the number of calls so far.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Returns the paths of uploads that are neither completed nor aborted.
    pub(crate) fn open_uploads(&self) -> Vec<String> {
        self.uploads.lock().unwrap().values().cloned().collect()
    }

    /// Counts a call. Returns whether it is to fail after it is done.
    fn begin(&self) -> Result<bool> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        match self.fault {
            Some((at, Fault::Before)) if at == call => Err(failure()),
            Some((at, Fault::After)) => Ok(at == call),
            _ => Ok(false),
        }
    }

    async fn call<T>(&self, action: impl Future<Output = Result<T>>) -> Result<T> {
        let fails = self.begin()?;
        let done = action.await?;
        if fails { Err(failure()) } else { Ok(done) }
    }
}

fn failure() -> object_store::Error {
    object_store::Error::Generic { store: "FaultyStore", source: "the fault of choice".into() }
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "faulty {}", self.inner)
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        mut options: PutOptions,
    ) -> Result<PutResult> {
        if options.mode == PutMode::Create {
            match self.conditions {
                Conditions::Kept => {}
                Conditions::Ignored => options.mode = PutMode::Overwrite,
                Conditions::Refused => {
                    return Err(object_store::Error::NotImplemented {
                        operation: "create".to_owned(),
                        implementer: "FaultyStore".to_owned(),
                    });
                }
            }
        }
        self.call(self.inner.put_opts(path, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.call(self.inner.get_opts(path, options)).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let fails = match self.begin() {
            Ok(fails) => fails,
            Err(error) => return stream::once(async { Err(error) }).boxed(),
        };
        let done = self.inner.delete_stream(paths);
        if fails { done.map(|path| path.and(Err(failure()))).boxed() } else { done }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.begin() {
            Ok(false) => self.inner.list(prefix),
            _ => stream::once(async { Err(failure()) }).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.call(self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.call(self.inner.copy_opts(from, to, options)).await
    }
}

#[async_trait]
impl MultipartStore for FaultyStore {
    async fn create_multipart(&self, path: &Path) -> Result<MultipartId> {
        self.call(async {
            let id = self.inner.create_multipart(path).await?;
            self.uploads.lock().unwrap().insert(id.clone(), path.to_string());
            Ok(id)
        })
        .await
    }

    async fn put_part(
        &self,
        path: &Path,
        id: &MultipartId,
        number: usize,
        part: PutPayload,
    ) -> Result<PartId> {
        let sent = self.call(self.inner.put_part(path, id, number, part)).await?;
        // As a real store has it, where the one in memory gives none.
        Ok(PartId { content_id: format!("{}{number}", sent.content_id) })
    }

    async fn complete_multipart(
        &self,
        path: &Path,
        id: &MultipartId,
        parts: Vec<PartId>,
    ) -> Result<PutResult> {
        let numbers: Vec<String> = (0..parts.len()).map(|number| number.to_string()).collect();
        assert!(parts.iter().map(|part| &part.content_id).eq(&numbers));
        self.call(async {
            if let Some(begun_at) = self.uploads.lock().unwrap().remove(id) {
                assert_eq!(begun_at, path.as_ref());
            }
            self.inner.complete_multipart(path, id, parts).await
        })
        .await
    }

    async fn abort_multipart(&self, path: &Path, id: &MultipartId) -> Result<()> {
        self.call(async {
            self.uploads.lock().unwrap().remove(id);
            self.inner.abort_multipart(path, id).await
        })
        .await
    }
}
