//! One data file on its way: an upload of parts that is not completed here.

use std::{
    io::{self, Write},
    sync::Arc,
};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::MultipartId;
use serde::{Deserialize, Serialize};
use tokio::{runtime::Handle, sync::mpsc, task::JoinSet};

use super::bucket::{Bucket, failed};
use crate::{
    error::{Error, Result},
    storage::{StagedFile, layout::parsed},
    workers::joined,
};

/// Bytes of a part; S3 wants at least 5 MiB of all but the last.
const PART_BYTES: usize = 8 << 20;
/// Parts after which they grow by [`PART_BYTES`], so that [`MAX_PARTS`] are 440 GiB.
const PARTS_OF_A_SIZE: usize = 1000;
/// What S3 allows.
pub(super) const MAX_PARTS: usize = 10_000;
/// Parts of one file that are sent at once. One more waits and one is being filled, so that an open
/// file takes up to four parts of memory.
const PARTS_IN_FLIGHT: usize = 2;

pub(super) fn part_bytes(number: usize) -> usize {
    PART_BYTES * (1 + number / PARTS_OF_A_SIZE)
}

/// How an upload is completed, as the log entry holds it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Prepared {
    pub(super) upload: MultipartId,
    pub(super) parts: Vec<String>,
}

/// An upload that was begun.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Note {
    #[serde(deserialize_with = "parsed::data_file")]
    pub(super) path: String,
    pub(super) upload: MultipartId,
}

impl Prepared {
    pub(super) fn parse(path: &str, text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| damaged(path, &error))
    }
}

impl Note {
    pub(super) fn parse(path: &str, bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| damaged(path, &error))
    }
}

fn damaged(path: &str, error: &serde_json::Error) -> Error {
    Error::Damaged { path: path.to_owned(), reason: error.to_string() }
}

/// A data file whose parts are sent while it is written. Must not be used on a thread of the
/// runtime.
pub(super) struct StoreStagedFile {
    bucket: Arc<Bucket>,
    runtime: Handle,
    /// Where the note of the upload goes.
    note: String,
    path: String,
    part: Vec<u8>,
    parts: usize,
    upload: Option<Upload>,
}

/// An upload that was begun. Dropped, it sends nothing more.
struct Upload {
    id: MultipartId,
    sender: mpsc::Sender<Bytes>,
    /// One task, which returns the parts' ids.
    task: JoinSet<Result<Vec<String>>>,
}

impl StoreStagedFile {
    pub(super) fn new(bucket: Arc<Bucket>, runtime: Handle, note: String, path: String) -> Self {
        Self { bucket, runtime, note, path, part: Vec::new(), parts: 0, upload: None }
    }

    /// Sends the bytes collected so far as a part.
    fn send(&mut self) -> Result<()> {
        let part = Bytes::from(std::mem::take(&mut self.part));
        if self.parts == MAX_PARTS {
            let source = format!("it has more than {MAX_PARTS} parts").into();
            let source = object_store::Error::Generic { store: "upload", source };
            return Err(failed("upload", &self.path, source));
        }
        self.parts += 1;
        let runtime = self.runtime.clone();
        runtime.block_on(async {
            let upload = match self.upload.take() {
                Some(upload) => upload,
                None => self.begin().await?,
            };
            if upload.sender.send(part).await.is_err() {
                // The task has ended, which it does on an error only.
                return Err(upload.finish().await.err().unwrap_or(Error::Interrupted));
            }
            self.upload = Some(upload);
            Ok(())
        })
    }

    /// Begins the upload and notes it, before any part is sent.
    async fn begin(&self) -> Result<Upload> {
        let id = self.bucket.begin(&self.path).await?;
        let note = Note { path: self.path.clone(), upload: id.clone() };
        let note = serde_json::to_vec(&note).map_err(|error| damaged(&self.note, &error))?;
        if let Err(error) = self.bucket.write(&self.note, note).await {
            // Nobody may ever know of it; the first error is the one to tell.
            drop(self.bucket.abort(&self.path, &id).await);
            return Err(error);
        }
        let (sender, receiver) = mpsc::channel(1);
        let mut task = JoinSet::new();
        let (bucket, path) = (Arc::clone(&self.bucket), self.path.clone());
        task.spawn_on(send_parts(bucket, path, id.clone(), receiver), &self.runtime);
        Ok(Upload { id, sender, task })
    }
}

impl Upload {
    /// Waits for all parts to arrive; returns how to complete the upload.
    async fn finish(self) -> Result<Prepared> {
        let Self { id, sender, mut task } = self;
        drop(sender);
        let parts = task.join_next().await.map_or(Err(Error::Interrupted), joined)??;
        Ok(Prepared { upload: id, parts })
    }
}

/// Sends parts as they come, several at once; each is begun after the one before it.
async fn send_parts(
    bucket: Arc<Bucket>,
    path: String,
    upload: MultipartId,
    receiver: mpsc::Receiver<Bytes>,
) -> Result<Vec<String>> {
    let parts = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|part| (part, receiver))
    });
    let sent = parts.enumerate().map(|(number, part)| {
        let (bucket, path, upload) = (&bucket, &path, &upload);
        async move { bucket.put_part(path, upload, number, part).await }
    });
    sent.buffered(PARTS_IN_FLIGHT).map_ok(|part| part.content_id).try_collect().await
}

impl Write for StoreStagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = part_bytes(self.parts) - self.part.len();
        let taken = bytes.len().min(room);
        self.part.extend_from_slice(&bytes[..taken]);
        if taken == room {
            self.send().map_err(io::Error::other)?;
        }
        Ok(taken)
    }

    /// Does nothing: parts must be large, and nothing is to be seen yet.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl StagedFile for StoreStagedFile {
    fn prepare(mut self: Box<Self>) -> Result<String> {
        if !self.part.is_empty() || self.upload.is_none() {
            self.send()?;
        }
        let Some(upload) = self.upload.take() else { return Err(Error::Interrupted) };
        let prepared = self.runtime.block_on(upload.finish())?;
        serde_json::to_string(&prepared).map_err(|error| damaged(&self.path, &error))
    }
}
