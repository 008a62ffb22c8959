//! Which data files have been compared with their hash: rows that duplicates are told by must be those
//! that were committed, and neither footers nor bloom filters have a checksum of their own.

use std::{
    collections::HashSet,
    io::Read,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    log::DataFile,
    storage::{
        digest::hex,
        remote::{READ_BYTES, RemoteFile},
    },
};

/// The data files of a dataset that have been compared, by their paths.
#[derive(Debug, Default)]
pub(crate) struct CheckedFiles(Mutex<HashSet<String>>);

impl CheckedFiles {
    /// Compares a file with its hash, unless it has been; `end` holds its last bytes, or all.
    ///
    /// # Errors
    /// [`Error::NotCommitted`] if it is not what was committed, [`Error::Store`] if it cannot be read.
    pub(super) fn check(&self, file: &DataFile, remote: &RemoteFile, end: &Bytes) -> Result<()> {
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&file.path) {
            return Ok(());
        }
        let hash = if end.len() as u64 == file.bytes {
            Sha256::digest(end)
        } else {
            hash_of(remote).map_err(|error| {
                let source =
                    object_store::Error::Generic { store: "dataset", source: error.into() };
                Error::Store { action: "read", path: file.path.clone(), source }
            })?
        };
        if hex(&hash) != file.sha256 {
            return Err(Error::NotCommitted { path: file.path.clone() });
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(file.path.clone());
        Ok(())
    }
}

fn hash_of(remote: &RemoteFile) -> std::io::Result<sha2::digest::Output<Sha256>> {
    let mut hash = Sha256::new();
    let mut reader = remote.read_from(0);
    let mut buffer = vec![0; usize::try_from(READ_BYTES.min(remote.bytes)).unwrap_or_default()];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(hash.finalize());
        }
        hash.update(&buffer[..read]);
    }
}
