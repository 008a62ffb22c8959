//! An object store in memory that fails, or lets others go first, at a call of choice.

use std::{
    collections::BTreeMap,
    fmt,
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartId, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    memory::InMemory,
    multipart::{MultipartStore, PartId},
    path::Path,
};

/// How a call fails.
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

/// What happens at a call of choice, once.
enum Event {
    Fault(Fault),
    /// Something else is done first.
    Before(Other),
    /// This call and all later ones fail; what it writes is written after this many further calls of
    /// other stores that are the same: the request of a process that was killed.
    Death(usize),
}

type Other = Mutex<Option<BoxFuture<'static, ()>>>;

/// An object store in memory that counts calls, with an event at one of them.
#[derive(Default)]
pub(crate) struct FaultyStore {
    inner: Arc<InMemory>,
    calls: AtomicUsize,
    event: Option<(usize, Event)>,
    /// The kind of the call at which the event was.
    struck: Mutex<Option<&'static str>>,
    pub(crate) conditions: Conditions,
    uploads: Arc<Mutex<BTreeMap<MultipartId, String>>>,
    /// Sizes of the parts sent.
    parts: Mutex<Vec<usize>>,
    /// What was read of which object.
    reads: Mutex<Vec<(String, Range<u64>)>>,
    is_dead: AtomicBool,
    dies_at: Option<&'static str>,
    late: Arc<Mutex<Vec<Late>>>,
}

/// A request that is still on its way.
struct Late {
    calls: usize,
    request: BoxFuture<'static, ()>,
}

impl FaultyStore {
    /// Returns the same store without an event, the calls counted from 0.
    pub(crate) fn steady(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            uploads: Arc::clone(&self.uploads),
            late: Arc::clone(&self.late),
            ..Self::default()
        }
    }

    /// Returns another store that holds the same at this moment, without an event.
    pub(crate) fn fork(&self) -> Self {
        assert!(self.uploads.lock().unwrap().is_empty() && self.late.lock().unwrap().is_empty());
        Self { inner: Arc::new(self.inner.fork()), ..Self::default() }
    }

    /// Returns the same store with a fault at a call.
    pub(crate) fn with_fault(&self, call: usize, fault: Fault) -> Self {
        Self { event: Some((call, Event::Fault(fault))), ..self.steady() }
    }

    /// Returns the same store, which lets something else be done before a call.
    pub(crate) fn letting_first(&self, call: usize, action: BoxFuture<'static, ()>) -> Self {
        Self { event: Some((call, Event::Before(Mutex::new(Some(action))))), ..self.steady() }
    }

    /// Returns the same store as a process sees it that is killed at a call; what the call writes
    /// is written after this many calls of others.
    pub(crate) fn with_death(&self, call: usize, calls: usize) -> Self {
        Self { event: Some((call, Event::Death(calls))), ..self.steady() }
    }

    /// Returns the same store as a process sees it that is killed at its first call of a kind.
    pub(crate) fn with_death_at(&self, kind: &'static str) -> Self {
        Self { dies_at: Some(kind), ..self.steady() }
    }

    /// Returns the same store with another answer to conditional creates.
    pub(crate) fn with_conditions(&self, conditions: Conditions) -> Self {
        Self { conditions, ..self.steady() }
    }

    /// Returns the kind of the call at which the event was.
    pub(crate) fn struck(&self) -> Option<&'static str> {
        *self.struck.lock().unwrap()
    }

    /// Returns the sizes of the parts sent.
    pub(crate) fn parts(&self) -> Vec<usize> {
        self.parts.lock().unwrap().clone()
    }

    /// Takes what was read of objects since the last time, by path.
    pub(crate) fn take_reads(&self) -> Vec<(String, Range<u64>)> {
        std::mem::take(&mut self.reads.lock().unwrap())
    }

    /// Returns the paths of uploads that are neither completed nor aborted.
    pub(crate) fn open_uploads(&self) -> Vec<String> {
        self.uploads.lock().unwrap().values().cloned().collect()
    }

    /// Counts a call; returns the event at it.
    fn count(&self, kind: &'static str) -> Option<&Event> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        self.deliver();
        if self.dies_at == Some(kind) {
            self.is_dead.store(true, Ordering::SeqCst);
        }
        let (_, event) = self.event.as_ref().filter(|(at, _)| *at == call)?;
        *self.struck.lock().unwrap() = Some(kind);
        Some(event)
    }

    /// Counts the calls that late requests wait for; does what is due.
    fn deliver(&self) {
        let mut late = self.late.lock().unwrap();
        late.iter_mut().for_each(|late| late.calls = late.calls.saturating_sub(1));
        for due in late.extract_if(.., |late| late.calls == 0) {
            due.request.now_or_never().unwrap();
        }
    }

    /// Does what the call writes late, if it is the one at which the process is killed.
    fn delay(&self, request: impl Future<Output = ()> + Send + 'static) {
        let call = self.calls.load(Ordering::SeqCst);
        if let Some((at, Event::Death(calls))) = self.event
            && at == call
        {
            let request = request.boxed();
            self.late.lock().unwrap().push(Late { calls: calls + 1, request });
        }
    }

    /// As [`delay`](Self::delay), for a deletion.
    fn delay_deletion(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let is_last = matches!(self.event, Some((at, Event::Death(_))) if at == self.calls.load(Ordering::SeqCst));
        if !is_last {
            return paths;
        }
        let inner = Arc::clone(&self.inner);
        self.delay(async move {
            inner.delete_stream(paths).for_each(|_| async {}).await;
        });
        failed()
    }

    async fn call<T>(
        &self,
        kind: &'static str,
        action: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let event = self.count(kind);
        if self.is_dead.load(Ordering::SeqCst) {
            return Err(failure());
        }
        let fails = match event {
            Some(Event::Death(_)) => {
                self.is_dead.store(true, Ordering::SeqCst);
                return Err(failure());
            }
            Some(Event::Fault(Fault::Before)) => return Err(failure()),
            Some(Event::Fault(Fault::After)) => true,
            Some(Event::Before(other)) => {
                let other = other.lock().unwrap().take();
                other.unwrap().await;
                false
            }
            None => false,
        };
        let done = action.await?;
        if fails { Err(failure()) } else { Ok(done) }
    }
}

fn failed<T: Send + 'static>() -> BoxStream<'static, Result<T>> {
    stream::once(async { Err(failure()) }).boxed()
}

/// Does the other thing, then streams.
fn after<T: Send + 'static>(
    other: &Other,
    stream: impl FnOnce() -> BoxStream<'static, Result<T>> + Send + 'static,
) -> BoxStream<'static, Result<T>> {
    let other = other.lock().unwrap().take().unwrap();
    let stream = async move {
        other.await;
        stream()
    };
    stream::once(stream).flatten().boxed()
}

fn failure() -> object_store::Error {
    object_store::Error::Generic { store: "FaultyStore", source: "the fault of choice".into() }
}

/// The store in memory has no kind of error of its own for an upload that is gone, its only failure
/// of this kind; a bucket says that there is none.
fn as_of_a_bucket(error: object_store::Error) -> object_store::Error {
    match error {
        object_store::Error::Generic { source, .. } => {
            object_store::Error::NotFound { path: String::new(), source }
        }
        error => error,
    }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
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
        let inner = Arc::clone(&self.inner);
        let request = (path.clone(), payload.clone(), options.clone());
        self.delay(async move {
            drop(inner.put_opts(&request.0, request.1, request.2).await);
        });
        self.call("put", self.inner.put_opts(path, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let read = self.call("get", self.inner.get_opts(path, options)).await?;
        self.reads.lock().unwrap().push((path.to_string(), read.range.clone()));
        Ok(read)
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let inner = Arc::clone(&self.inner);
        let paths = self.delay_deletion(paths);
        let event = self.count("delete");
        if self.is_dead.load(Ordering::SeqCst) {
            return failed();
        }
        match event {
            Some(Event::Death(_)) => {
                self.is_dead.store(true, Ordering::SeqCst);
                failed()
            }
            Some(Event::Fault(Fault::Before)) => failed(),
            Some(Event::Fault(Fault::After)) => {
                inner.delete_stream(paths).map(|path| path.and(Err(failure()))).boxed()
            }
            Some(Event::Before(other)) => after(other, move || inner.delete_stream(paths)),
            None => inner.delete_stream(paths),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (inner, prefix) = (Arc::clone(&self.inner), prefix.cloned());
        let event = self.count("list");
        if self.is_dead.load(Ordering::SeqCst) {
            return failed();
        }
        match event {
            Some(Event::Death(_)) => {
                self.is_dead.store(true, Ordering::SeqCst);
                failed()
            }
            Some(Event::Fault(_)) => failed(),
            Some(Event::Before(other)) => after(other, move || inner.list(prefix.as_ref())),
            None => inner.list(prefix.as_ref()),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.call("list folders", self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.call("copy", self.inner.copy_opts(from, to, options)).await
    }
}

#[async_trait]
impl MultipartStore for FaultyStore {
    async fn create_multipart(&self, path: &Path) -> Result<MultipartId> {
        self.call("begin an upload", async {
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
        self.parts.lock().unwrap().push(part.content_length());
        let sent = self.call("put a part", self.inner.put_part(path, id, number, part)).await?;
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
        let (inner, uploads) = (Arc::clone(&self.inner), Arc::clone(&self.uploads));
        let request = (path.clone(), id.clone(), parts.clone());
        self.delay(async move {
            uploads.lock().unwrap().remove(&request.1);
            drop(inner.complete_multipart(&request.0, &request.1, request.2).await);
        });
        self.call("complete", async {
            if let Some(begun_at) = self.uploads.lock().unwrap().remove(id) {
                assert_eq!(begun_at, path.as_ref());
            }
            self.inner.complete_multipart(path, id, parts).await.map_err(as_of_a_bucket)
        })
        .await
    }

    async fn abort_multipart(&self, path: &Path, id: &MultipartId) -> Result<()> {
        self.call("abort", async {
            self.uploads.lock().unwrap().remove(id);
            self.inner.abort_multipart(path, id).await.map_err(as_of_a_bucket)
        })
        .await
    }
}
