//! The inputs that were converted: what a later run need not read again.
//!
//! An input is known by its URL, size, version (ETag or modification time) and the selection it was
//! read with; a wider selection reads it again. Rows are kept apart by the merge, so that this is only about time.

use std::collections::HashSet;

use bytes::Bytes;
use ecstrail_converter::LogFile;
use object_store::{ObjectStore, path::Path};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Error, Result, Totals,
    entry::{SideFile, sha256_hex},
    snapshot::{Log, read},
};

/// One input of a commit, a line of its ledger file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LedgerInput {
    pub(crate) url: String,
    pub(crate) bytes: u64,
    /// ETag or modification time.
    pub(crate) version: String,
    /// SHA-256 of the decompressed bytes, in hexadecimal: what CloudTrail's digests hold.
    pub(crate) sha256: String,
    pub(crate) totals: Totals,
    /// Why the file as a whole could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) damage: Option<String>,
}

/// The inputs that are known under one selection.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    converted: HashSet<[u8; 16]>,
    damaged: HashSet<[u8; 16]>,
}

/// What the ledger says of a log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    New,
    Converted,
    Damaged,
}

impl Ledger {
    /// Reads the ledger files of all commits with the selection.
    pub(crate) async fn read(
        store: &dyn ObjectStore,
        home: &Path,
        log: &Log,
        selection: &str,
    ) -> Result<Self> {
        let mut ledger = Self::default();
        for entry in log.entries.iter().filter(|entry| entry.selection == selection) {
            let Some(file) = &entry.ledger else { continue };
            let damaged = |reason: String| Error::Damaged { path: file.path.clone(), reason };
            let bytes = read(store, home, &file.path).await?;
            let bytes: Bytes = bytes.ok_or_else(|| damaged("it is missing".to_owned()))?;
            if sha256_hex(&bytes) != file.sha256 {
                return Err(damaged("its hash is not the one in the log".to_owned()));
            }
            for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let input: LedgerInput =
                    serde_json::from_slice(line).map_err(|error| damaged(error.to_string()))?;
                let key = key(&input.url, input.bytes, &input.version);
                if input.damage.is_some() {
                    ledger.damaged.insert(key);
                } else {
                    ledger.damaged.remove(&key);
                    ledger.converted.insert(key);
                }
            }
        }
        Ok(ledger)
    }

    pub(crate) fn knows(&self, file: &LogFile) -> Known {
        let key = input_key(file);
        if self.converted.contains(&key) {
            Known::Converted
        } else if self.damaged.contains(&key) {
            Known::Damaged
        } else {
            Known::New
        }
    }
}

/// What tells a log file from any other: a hash of its URL, size and version.
pub(crate) fn input_key(file: &LogFile) -> [u8; 16] {
    key(&file.url(), file.bytes, &file.version())
}

fn key(url: &str, bytes: u64, version: &str) -> [u8; 16] {
    let digest = Sha256::digest(format!("{url}\0{bytes}\0{version}"));
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// Lines of JSON that become a file beside a log entry.
#[derive(Debug)]
pub(crate) struct JsonLines {
    path: String,
    bytes: Vec<u8>,
    lines: u64,
}

impl JsonLines {
    pub(crate) fn new(path: String) -> Self {
        Self { path, bytes: Vec::new(), lines: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines == 0
    }

    pub(crate) fn push<T: Serialize>(&mut self, line: &T) -> Result<()> {
        serde_json::to_writer(&mut self.bytes, line).map_err(|error| Error::Damaged {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        self.bytes.push(b'\n');
        self.lines += 1;
        Ok(())
    }

    /// Returns the file's bytes, and what a log entry says of them.
    pub(crate) fn finish(self) -> (SideFile, Vec<u8>) {
        let sha256 = sha256_hex(&self.bytes);
        (SideFile { lines: self.lines, sha256, path: self.path }, self.bytes)
    }
}
