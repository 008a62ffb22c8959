//! A checkpoint: all that the log says up to one published commit, so that a dataset is opened
//! without reading its whole log.
//!
//! The manifest `_ecstrail/checkpoint/<version>.json` names segments: lists of the data files that
//! are left, and the tiers of the ledger. A checkpoint only says again what the log and its ledger
//! files say. So one that is damaged, or gone because a newer one replaced it, is passed over.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    error::{Error, Result},
    log::{DataFile, entry::SideFile, ledger::Tiers, summary::LogSummary},
    storage::{Objects, digest::sha256_hex, layout},
};

pub(crate) mod files;

/// The newest version of the manifest's format.
const FORMAT_VERSION: u32 = 1;

/// When a checkpoint is due, and how it is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CheckpointRule {
    /// Commits since the last one.
    pub(crate) commits: usize,
    /// Inputs since the last one.
    pub(crate) inputs: u64,
    /// Keys of a ledger segment, of 16 bytes each.
    pub(crate) segment_keys: usize,
    /// Data files of a segment, about.
    pub(crate) segment_files: usize,
}

impl Default for CheckpointRule {
    fn default() -> Self {
        Self { commits: 50, inputs: 100_000, segment_keys: 256 << 10, segment_files: 4096 }
    }
}

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The last commit that it covers.
    pub(crate) version: u64,
    /// SHA-256 of that commit's log entry, in hexadecimal.
    pub(crate) head_sha256: String,
    /// The data files that are left, by path; a line each.
    pub(crate) files: Vec<SideFile>,
    /// The inputs.
    pub(crate) ledger: Tiers,
    /// The commits summed up.
    pub(crate) summary: LogSummary,
}

/// The manifest as stored: with its hash, since nothing else has it.
#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    format_version: u32,
    sha256: String,
    #[serde(borrow)]
    checkpoint: &'a RawValue,
}

impl Manifest {
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let text = serde_json::value::to_raw_value(self);
        let bytes = text.and_then(|checkpoint| {
            serde_json::to_vec(&Envelope {
                format_version: FORMAT_VERSION,
                sha256: sha256_hex(checkpoint.get().as_bytes()),
                checkpoint: &checkpoint,
            })
        });
        bytes.map_err(|error| damaged(self.version, &error.to_string()))
    }

    pub(crate) fn parse(version: u64, bytes: &[u8]) -> Result<Self> {
        let damaged_json = |error: serde_json::Error| damaged(version, &error.to_string());
        let envelope: Envelope<'_> = serde_json::from_slice(bytes).map_err(damaged_json)?;
        if envelope.format_version > FORMAT_VERSION {
            return Err(Error::TooNew {
                path: layout::checkpoint(version),
                found: envelope.format_version,
                known: FORMAT_VERSION,
            });
        }
        let text = envelope.checkpoint.get();
        if sha256_hex(text.as_bytes()) != envelope.sha256 {
            return Err(damaged(version, "its hash does not match its content"));
        }
        let manifest: Self = serde_json::from_str(text).map_err(damaged_json)?;
        if manifest.version != version {
            return Err(damaged(version, "it belongs to another version"));
        }
        Ok(manifest)
    }

    /// Reads the manifest of a version.
    pub(crate) async fn read(objects: &Objects, version: u64) -> Result<Self> {
        let bytes = objects.read(&layout::checkpoint(version)).await?;
        Self::parse(version, &bytes.ok_or_else(|| damaged(version, "it is missing"))?)
    }

    /// Returns the paths of all segments.
    pub(crate) fn segments(&self) -> BTreeSet<&str> {
        self.files.iter().chain(self.ledger.segments()).map(|file| file.path.as_str()).collect()
    }
}

fn damaged(version: u64, reason: &str) -> Error {
    Error::Damaged { path: layout::checkpoint(version), reason: reason.to_owned() }
}

/// A checkpoint with its list of data files.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) manifest: Manifest,
    pub(crate) files: BTreeMap<String, DataFile>,
}

impl Checkpoint {
    /// Reads the checkpoint of a version.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written, or the log is another one.
    pub(crate) async fn read(objects: &Objects, version: u64) -> Result<Self> {
        let manifest = Manifest::read(objects, version).await?;
        // What was restored from a copy may have a checkpoint that is ahead of the log.
        let entry = objects.read(&layout::log_entry(version)).await?;
        if entry.is_none_or(|entry| sha256_hex(&entry) != manifest.head_sha256) {
            return Err(damaged(version, "the log has a different entry for this version"));
        }
        let files = files::read(objects, &manifest.files).await?;
        Ok(Self { manifest, files })
    }
}

#[cfg(test)]
mod tests;
