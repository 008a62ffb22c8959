//! Counts and hashes what comes out of a decoder, and stops it at the limit.

use std::{
    io::{self, BufRead, BufReader, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::{Digest, Sha256};

use crate::limits::Limits;

/// Why a decoder was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Excess {
    #[error("more than {0} bytes")]
    Bytes(u64),
    #[error("more than {0} times its size")]
    Ratio(u64),
}

/// Counts the stored bytes that were read.
pub(super) struct Counted<R> {
    pub(super) inner: R,
    pub(super) bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Passes decompressed bytes on, with their number and SHA-256.
pub(crate) struct Checked {
    /// What a decoder returns before it fails depends on the size of the request, so every request
    /// has the same size.
    pub(super) inner: BufReader<Box<dyn Read + Send>>,
    /// Stored bytes read so far, if what comes out may be larger.
    pub(super) stored: Option<Arc<AtomicU64>>,
    pub(super) limit_bytes: u64,
    pub(super) ratio: u64,
    /// Where the reading ends although more might follow.
    pub(super) end: u64,
    pub(super) hash: Sha256,
    pub(super) bytes: u64,
}

impl Checked {
    pub(crate) fn finish(self) -> (u64, [u8; 32]) {
        (self.bytes, self.hash.finalize().into())
    }

    fn excess(&self) -> Option<Excess> {
        if self.bytes > self.limit_bytes {
            return Some(Excess::Bytes(self.limit_bytes));
        }
        let stored = self.stored.as_ref()?.load(Ordering::Relaxed);
        let is_far = self.bytes > stored.saturating_mul(self.ratio).max(Limits::FREE_BYTES);
        is_far.then_some(Excess::Ratio(self.ratio))
    }
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.bytes).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        if wanted == 0 {
            return Ok(0);
        }
        let mut available = self.inner.fill_buf()?;
        let read = available.read(&mut buffer[..wanted])?;
        self.inner.consume(read);
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        match self.excess() {
            Some(excess) => Err(io::Error::other(excess)),
            None => Ok(read),
        }
    }
}
