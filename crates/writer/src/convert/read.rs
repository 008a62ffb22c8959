//! Reads log files in parallel: fetched by the runtime, decoded on worker threads, with bounded
//! memory between the two.

use std::{
    ops::ControlFlow,
    path::Path as DiskPath,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use ecstrail_converter::{
    Converter, EventSourceCounts, FileTally, Limits, LogBytes, LogFile, Selection,
};
use futures::{StreamExt, stream};
use object_store::GetOptions;
use rayon::ThreadPool;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
};

use crate::{
    convert::TrailStore,
    error::{Error, Result},
    progress::Progress,
    sort::{RunCollector, SortLimits, SortedRuns},
    storage::remote::RemoteFile,
    workers::joined,
};

/// Log files that are fetched at once; on S3 latency, not bandwidth, is what many small files wait
/// for.
const CONCURRENT_FETCHES: usize = 32;
/// Small log files that a worker takes at once.
const FILES_PER_PARCEL: usize = 16;
/// Stored bytes of a parcel.
const PARCEL_BYTES: u64 = 4 << 20;
/// Rejects of one commit that its quarantine lists; further ones are only counted.
pub(crate) const LISTED_REJECTS: usize = 100_000;
/// The unit in which fetched bytes are counted.
const PERMIT_BYTES: u64 = 1024;

/// A log file to read, and the store that has it.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) store: TrailStore,
    pub(crate) file: Arc<LogFile>,
    /// Number of the file in the order of names.
    pub(crate) number: u32,
}

/// How much memory reading may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadLimits {
    /// Fetched bytes that wait for a worker or are with one.
    pub(crate) fetched_bytes: usize,
    /// Copies of what was rejected.
    pub(crate) rejected_bytes: usize,
    pub(crate) file: Limits,
    pub(crate) sort: SortLimits,
}

/// Returns how much of the memory is for log files that wait for a worker or are with one.
pub(crate) fn fetched_bytes(memory_bytes: usize) -> usize {
    memory_bytes / 8
}

/// Returns how large a log file may be to be fetched as a whole, of the bytes for fetched ones.
pub(crate) fn whole_bytes(fetched_bytes: usize) -> u64 {
    fetched_bytes as u64 / 4
}

/// The outcome of a log file as a whole.
pub(crate) type FileOutcome = Result<FileTally, ecstrail_converter::Error>;

/// What reading gave: the outcome of each input, and the selected records.
#[derive(Debug, Default)]
pub(crate) struct ReadOutput {
    /// By number of the log file.
    pub(crate) outcomes: Vec<(u32, FileOutcome)>,
    /// Records of event sources that the selection does not keep, of all inputs: one sum instead of
    /// one for each.
    pub(crate) other_event_sources: EventSourceCounts,
    pub(crate) sorted: SortedRuns,
}

/// A log file for a worker; its share of the memory is freed with it.
struct Fetched {
    input: Input,
    /// `None` if the worker reads it from the local disk.
    bytes: Option<object_store::Result<LogBytes>>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Reads all inputs. Spilled runs go to `scratch`.
pub(crate) async fn read(
    inputs: Vec<Input>,
    selection: Arc<Selection>,
    limits: ReadLimits,
    pool: Arc<ThreadPool>,
    scratch: &DiskPath,
    progress: Arc<Progress>,
) -> Result<ReadOutput> {
    let workers = pool.current_num_threads();
    let (sender, receiver) = mpsc::channel::<Vec<Fetched>>(workers * 2);
    let (scratch, runtime) = (scratch.to_owned(), Handle::current());
    let decoding = {
        let progress = Arc::clone(&progress);
        tokio::task::spawn_blocking(move || {
            let receiver = Mutex::new(receiver);
            pool.broadcast(|context| {
                let collector = RunCollector::new(&scratch, context.index(), limits.sort);
                let converter = Converter::new(Arc::clone(&selection), limits.file);
                let room = RejectRoom::new(workers, limits.rejected_bytes);
                decode(&receiver, converter, collector, room, &runtime, &progress)
            })
        })
    };
    fetch(inputs, limits.fetched_bytes, sender, &progress).await;
    let decoded = joined(decoding.await)?;
    let mut output = ReadOutput::default();
    for worker in decoded {
        let ReadOutput { outcomes, other_event_sources, sorted } = worker?;
        output.outcomes.extend(outcomes);
        output.other_event_sources += other_event_sources;
        output.sorted.join(sorted);
    }
    output.outcomes.sort_by_key(|(number, _)| *number);
    if progress.is_cancelled() { Err(Error::Interrupted) } else { Ok(output) }
}

/// Fetches inputs in their order and hands them to the workers in parcels.
async fn fetch(
    inputs: Vec<Input>,
    budget_bytes: usize,
    sender: mpsc::Sender<Vec<Fetched>>,
    progress: &Progress,
) {
    let permits = u32::try_from(budget_bytes as u64 / PERMIT_BYTES).unwrap_or(u32::MAX);
    let whole_bytes = whole_bytes(budget_bytes);
    let budget = Arc::new(Semaphore::new(permits as usize));
    let fetches = inputs.into_iter().map(|input| {
        let budget = Arc::clone(&budget);
        async move {
            let bytes = input.file.bytes;
            if bytes > whole_bytes {
                let remote = RemoteFile {
                    store: input.store.objects(),
                    path: input.file.path.clone(),
                    bytes,
                    etag: input.file.etag.clone(),
                    runtime: Handle::current(),
                };
                let open = Box::new(move || Box::new(remote.read_from(0)) as Box<_>);
                return Fetched { input, bytes: Some(Ok(LogBytes::Stream(open))), _permit: None };
            }
            let share = u32::try_from(bytes / PERMIT_BYTES + 1).unwrap_or(permits).min(permits);
            let permit = budget.acquire_many_owned(share).await.ok();
            let bytes = match input.store {
                TrailStore::Folder(_) => None,
                TrailStore::Objects(_) => Some(fetch_whole(&input).await.map(LogBytes::Whole)),
            };
            Fetched { input, bytes, _permit: permit }
        }
    });
    let mut parcels =
        stream::iter(fetches).buffered(CONCURRENT_FETCHES).ready_chunks(FILES_PER_PARCEL);
    while let Some(fetched) = parcels.next().await {
        for parcel in parcels_of(fetched) {
            if progress.is_cancelled() || sender.send(parcel).await.is_err() {
                return;
            }
        }
    }
}

/// Puts small log files together; a large one is a parcel of its own, so that workers share them.
fn parcels_of(fetched: Vec<Fetched>) -> Vec<Vec<Fetched>> {
    let mut parcels: Vec<Vec<Fetched>> = Vec::new();
    let mut bytes = PARCEL_BYTES;
    for file in fetched {
        if bytes >= PARCEL_BYTES {
            parcels.push(Vec::new());
            bytes = 0;
        }
        bytes += file.input.file.bytes;
        if let Some(parcel) = parcels.last_mut() {
            parcel.push(file);
        }
    }
    parcels
}

async fn fetch_whole(input: &Input) -> object_store::Result<Bytes> {
    let options = GetOptions { if_match: input.file.etag.clone(), ..GetOptions::default() };
    input.store.objects().get_opts(&input.file.path, options).await?.bytes().await
}

/// Reads a log file of the local disk on this thread. What is not as it was listed is left to its
/// store, which knows what to say of it.
fn read_local(input: &Input, runtime: &Handle) -> object_store::Result<LogBytes> {
    let Input { store, file, .. } = input;
    let bytes = match (store, &file.etag) {
        (TrailStore::Folder(folder), Some(etag)) => {
            folder.read_listed(&file.path, etag, file.bytes)
        }
        _ => None,
    };
    bytes.map_or_else(|| runtime.block_on(fetch_whole(input)), Ok).map(LogBytes::Whole)
}

/// How many rejects, and how many bytes of them, a worker may still describe.
struct RejectRoom {
    rejects: usize,
    bytes: usize,
}

impl RejectRoom {
    fn new(workers: usize, bytes: usize) -> Self {
        Self { rejects: LISTED_REJECTS / workers, bytes: bytes / workers }
    }

    /// Drops what there is no room for: further rejects are only counted, further bytes are to be
    /// found in the log file alone.
    fn keep(&mut self, tally: &mut FileTally) {
        tally.rejects.truncate(self.rejects);
        self.rejects -= tally.rejects.len();
        for reject in &mut tally.rejects {
            let bytes = reject.record.as_ref().map_or(0, Vec::len);
            match self.bytes.checked_sub(bytes) {
                Some(left) => self.bytes = left,
                None => reject.record = None,
            }
        }
    }
}

/// One worker: takes parcels until there are no more.
fn decode(
    receiver: &Mutex<mpsc::Receiver<Vec<Fetched>>>,
    mut converter: Converter,
    mut collector: RunCollector,
    mut room: RejectRoom,
    runtime: &Handle,
    progress: &Progress,
) -> Result<ReadOutput> {
    let mut outcomes = Vec::new();
    let mut other_event_sources = EventSourceCounts::default();
    loop {
        let parcel = receiver.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(parcel) = parcel else { break };
        for Fetched { input, bytes, _permit } in parcel {
            let mut collected = Ok(());
            let mut collect = |batch| {
                collected = collector.push(batch);
                if collected.is_err() || progress.is_cancelled() {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            };
            let name = &input.file.source_file;
            let bytes = bytes.unwrap_or_else(|| read_local(&input, runtime));
            let mut outcome =
                bytes.map_err(|source| ecstrail_converter::Error::read(source, name)).and_then(
                    |bytes| converter.convert(&input.file, input.number, &bytes, &mut collect),
                );
            collected?;
            let (mut records, mut selected) = (0, 0);
            if let Ok(tally) = &mut outcome {
                (records, selected) = (tally.records, tally.selected);
                room.keep(tally);
                other_event_sources += std::mem::take(&mut tally.other_event_sources);
            }
            progress.read(input.file.bytes, records, selected);
            if let Err(ecstrail_converter::Error::Stopped { .. }) = outcome {
                return Err(Error::Interrupted);
            }
            outcomes.push((input.number, outcome));
        }
    }
    let rest = converter.take();
    if rest.rows() > 0 {
        collector.push(rest)?;
    }
    Ok(ReadOutput { outcomes, other_event_sources, sorted: collector.finish()? })
}

#[cfg(test)]
mod tests;
