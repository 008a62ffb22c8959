//! Blocking reads of an object's ranges, for the threads that decode.

use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    sync::Arc,
};

use bytes::Bytes;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt, path::Path};
use tokio::runtime::Handle;

/// How much a sequential read asks for at once.
pub(crate) const READ_BYTES: u64 = 4 << 20;

/// An object, read by ranges. Must not be used on a thread of the runtime.
#[derive(Debug, Clone)]
pub(crate) struct RemoteFile {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) path: Path,
    pub(crate) bytes: u64,
    /// The version that is wanted; another one is an error.
    pub(crate) etag: Option<String>,
    pub(crate) runtime: Handle,
}

impl RemoteFile {
    /// Asks the store for the object's size in bytes.
    pub(crate) fn size(&self) -> object_store::Result<u64> {
        self.runtime.block_on(async { Ok(self.store.head(&self.path).await?.size) })
    }

    /// Reads the bytes from `start` up to `end`.
    pub(crate) fn range(&self, start: u64, end: u64) -> object_store::Result<Bytes> {
        let options = GetOptions {
            range: Some((start..end).into()),
            if_match: self.etag.clone(),
            ..GetOptions::default()
        };
        self.runtime
            .block_on(async { self.store.get_opts(&self.path, options).await?.bytes().await })
    }

    /// Reads several ranges at once, whatever the version.
    pub(crate) fn ranges(&self, ranges: &[Range<u64>]) -> object_store::Result<Vec<Bytes>> {
        self.runtime.block_on(self.store.get_ranges(&self.path, ranges))
    }

    /// Reads the object from `start` to its end.
    pub(crate) fn read_from(&self, start: u64) -> RemoteReader {
        RemoteReader { file: self.clone(), start, window: Bytes::new(), at: 0 }
    }
}

/// A read of an object from place to place, with a window on what was fetched last.
#[derive(Debug)]
pub(crate) struct RemoteReader {
    file: RemoteFile,
    /// Where the window begins.
    start: u64,
    window: Bytes,
    /// The place in the window.
    at: usize,
}

impl Read for RemoteReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let end = self.start + self.window.len() as u64;
        if self.at == self.window.len() && end < self.file.bytes {
            let next = (end + READ_BYTES).min(self.file.bytes);
            self.window = self.file.range(end, next).map_err(io::Error::other)?;
            (self.start, self.at) = (end, 0);
        }
        let mut available = &self.window[self.at..];
        let read = available.read(out)?;
        self.at += read;
        Ok(read)
    }
}

impl Seek for RemoteReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(target) => Some(target),
            SeekFrom::End(distance) => self.file.bytes.checked_add_signed(distance),
            SeekFrom::Current(distance) => {
                (self.start + self.at as u64).checked_add_signed(distance)
            }
        };
        let target = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        match target.checked_sub(self.start).and_then(|ahead| usize::try_from(ahead).ok()) {
            Some(ahead) if ahead <= self.window.len() => self.at = ahead,
            _ => (self.start, self.window, self.at) = (target, Bytes::new(), 0),
        }
        Ok(target)
    }
}
