//! Segments: parts of a checkpoint, written once under a name that nobody else uses.

use bytes::Bytes;

use crate::{
    error::{Error, Result},
    log::entry::SideFile,
    storage::{Objects, Staging, digest::sha256_hex, layout::Transaction},
};

/// Writes the segments of one checkpoint.
#[derive(Debug)]
pub(crate) struct SegmentWriter<'a> {
    staging: &'a dyn Staging,
    transaction: Transaction,
    written: usize,
}

impl<'a> SegmentWriter<'a> {
    /// Begins the segments of the checkpoint of a version.
    pub(crate) fn new(staging: &'a dyn Staging, version: u64) -> Self {
        Self { staging, transaction: Transaction::new(version), written: 0 }
    }

    /// Writes a segment of this many lines or keys.
    pub(crate) async fn write(
        &mut self,
        extension: &str,
        lines: u64,
        bytes: Vec<u8>,
    ) -> Result<SideFile> {
        let path = self.transaction.segment(self.written, extension);
        self.written += 1;
        let sha256 = sha256_hex(&bytes);
        self.staging.write(&path, bytes).await?;
        Ok(SideFile { path, lines, sha256 })
    }
}

/// Reads a file that a log entry or a manifest names, which must be as it was written.
pub(crate) async fn read_whole(objects: &Objects, file: &SideFile) -> Result<Bytes> {
    let damaged =
        |reason: &str| Error::Damaged { path: file.path.clone(), reason: reason.to_owned() };
    let bytes = objects.read(&file.path).await?.ok_or_else(|| damaged("it is missing"))?;
    if sha256_hex(&bytes) == file.sha256 {
        Ok(bytes)
    } else {
        Err(damaged("its hash does not match the checkpoint"))
    }
}
