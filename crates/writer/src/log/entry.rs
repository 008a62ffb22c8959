//! Version 1 of a log entry: what one commit added, removed and consumed.
//!
//! The files of the dataset, which every query reads, are in the entry. The inputs, which only
//! conversions read, are in a ledger file beside it that the entry names with its hash.

use std::{collections::BTreeMap, ops::Range};

use chrono::SecondsFormat;
use ecstrail_converter::{PartitionKey, RejectReason, SCHEMA_VERSION, instant_of};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    log::{
        delta::{DeltaCommit, DeltaLog},
        description::{FORMAT_VERSION, tool},
    },
    storage::{
        PreparedFile,
        layout::{self, Transaction, parsed},
    },
};

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogEntry {
    pub(crate) format_version: u32,
    pub(crate) version: u64,
    /// Tells this entry from any other that wanted the same version.
    #[serde(deserialize_with = "parsed::nonce")]
    pub(crate) nonce: String,
    /// The version that its files are named after, if it is another one: they were prepared for any
    /// version up to that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prepared_for: Option<u64>,
    /// SHA-256 of the previous entry's bytes, in hexadecimal; empty in the first.
    pub(crate) previous_sha256: String,
    /// SHA-256 of `dataset.json`, in hexadecimal; `None` in entries of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description_sha256: Option<String>,
    pub(crate) tool: String,
    pub(crate) schema_version: u32,
    pub(crate) selection: String,
    /// Which part of the trail the conversion read, such as `3/8`, if several runs share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shard: Option<String>,
    pub(crate) totals: Totals,
    /// The rejects of `totals` by reason; empty in entries of older programs.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "parsed::counts"
    )]
    pub(crate) rejects: BTreeMap<RejectReason, u64>,
    /// When the entry was made, in UTC, such as `2026-11-22T23:04:05.678Z`, by the clock of the
    /// machine that made it; only for people. Entries of older programs do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) committed_at: Option<String>,
    pub(crate) adds: Vec<DataFile>,
    #[serde(deserialize_with = "parsed::data_files")]
    pub(crate) removes: Vec<String>,
    pub(crate) ledger: Option<SideFile>,
    pub(crate) quarantine: Option<SideFile>,
    /// Versions of entries whose inputs are not known any more, since rows of them are lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) forgets: Vec<u64>,
    /// The last days of delivery, such as `2026-04-27`, up to which folders of regions were read, by
    /// their URLs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) listed: BTreeMap<String, String>,
    /// How it appears in the dataset's Delta log; `None` if there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delta: Option<DeltaCommit>,
}

/// A file that an entry names beside the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SideFile {
    #[serde(deserialize_with = "parsed::side_file")]
    pub(crate) path: String,
    #[serde(deserialize_with = "parsed::count")]
    pub(crate) lines: u64,
    pub(crate) sha256: String,
}

/// The outcome of records: `records = rows + filtered + duplicates + rejects`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Records read.
    #[serde(deserialize_with = "parsed::count")]
    pub records: u64,
    /// Records that are rows now.
    #[serde(deserialize_with = "parsed::count")]
    pub rows: u64,
    /// Records that the selection does not keep.
    #[serde(deserialize_with = "parsed::count")]
    pub filtered: u64,
    /// Records that are in the dataset already, or stood twice in the log files.
    #[serde(deserialize_with = "parsed::count")]
    pub duplicates: u64,
    /// Records that could not become a row.
    #[serde(deserialize_with = "parsed::count")]
    pub rejects: u64,
}

impl Totals {
    /// Returns whether every record is accounted for.
    pub fn is_conserved(&self) -> bool {
        self.records == self.rows + self.filtered + self.duplicates + self.rejects
    }
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.rows += other.rows;
        self.filtered += other.filtered;
        self.duplicates += other.duplicates;
        self.rejects += other.rejects;
    }
}

/// One Parquet file of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Path below the dataset's home, such as
    /// `events/date=2026-04-27/region=us-east-1/part-….parquet`.
    #[serde(deserialize_with = "parsed::data_file")]
    pub path: String,
    /// Version of the column table that its rows were flattened with.
    pub schema_version: u32,
    /// Bytes of the file.
    #[serde(deserialize_with = "parsed::count")]
    pub bytes: u64,
    /// Rows of the file.
    #[serde(deserialize_with = "parsed::count")]
    pub rows: u64,
    /// Rows without an `event_time`.
    #[serde(deserialize_with = "parsed::count")]
    pub rows_without_time: u64,
    /// Smallest and largest `event_time`, in milliseconds since 1970-01-01T00:00:00Z.
    pub event_time: Option<(i64, i64)>,
    /// Smallest and largest `event_name`, exact.
    pub event_name: Option<(String, String)>,
    /// Smallest and largest `cluster_name`, exact.
    pub cluster_name: Option<(String, String)>,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Checksums of what has none in Parquet: bloom filters, page indexes and, last, the footer. Files
    /// of older programs have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checked: Vec<CheckedRange>,
    /// As in [`PreparedFile::prepared`](crate::PreparedFile::prepared).
    pub prepared: String,
}

/// A range of a file with its checksum: where it begins, how many bytes it has, and their CRC-32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedRange(pub u64, pub u64, pub u32);

impl CheckedRange {
    /// Returns where the range begins and ends, in bytes; `None` if no file is as large.
    pub fn range(&self) -> Option<Range<u64>> {
        Some(self.0..self.0.checked_add(self.1)?)
    }

    /// Returns whether bytes are those of the range, as they were written.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == self.1 && crc32fast::hash(bytes) == self.2
    }
}

impl DataFile {
    /// Returns what makes the file appear once it is committed.
    pub(crate) fn prepared_file(&self) -> PreparedFile {
        let Self { path, bytes, prepared, .. } = self.clone();
        PreparedFile { path, bytes, prepared }
    }

    /// Returns the partition that the path names.
    pub fn key(&self) -> Result<PartitionKey> {
        layout::partition_of(&self.path).ok_or_else(|| Error::Damaged {
            path: self.path.clone(),
            reason: "not the path of a data file".to_owned(),
        })
    }
}

/// Returns the present time, as log entries have it.
pub(crate) fn now() -> String {
    instant_of(std::time::SystemTime::now()).to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl LogEntry {
    /// Makes the data files, by path, those that are left after this commit too.
    pub(crate) fn apply(&self, files: &mut BTreeMap<String, DataFile>) {
        files.extend(self.adds.iter().map(|file| (file.path.clone(), file.clone())));
        for path in &self.removes {
            files.remove(path);
        }
    }

    /// Returns the transaction that its files are named after.
    pub(crate) fn transaction(&self) -> Transaction {
        let version = self.prepared_for.unwrap_or(self.version);
        Transaction { version, nonce: self.nonce.clone() }
    }

    /// Returns whether it consumes, changes and notes nothing: it only takes its version.
    pub(crate) fn is_fence(&self) -> bool {
        let changes = !self.adds.is_empty() || !self.removes.is_empty() || !self.forgets.is_empty();
        let notes = !self.listed.is_empty() || !self.selection.is_empty();
        !changes && !notes && self.ledger.is_none()
    }

    /// Makes the entry follow what `empty` follows.
    pub(crate) fn follow(&mut self, empty: Self) {
        self.version = empty.version;
        self.prepared_for = empty.prepared_for;
        self.previous_sha256 = empty.previous_sha256;
        self.committed_at = empty.committed_at;
        self.delta = empty.delta;
    }

    /// The paths of the files of a partition that the commit removes: if it adds some there, it has
    /// merged them.
    pub(crate) fn removed_from(&self, partition: &PartitionKey) -> impl Iterator<Item = &str> {
        let is_there = |path: &&str| layout::partition_of(path).as_ref() == Some(partition);
        self.removes.iter().map(String::as_str).filter(is_there)
    }

    /// Returns the Delta log after this commit.
    pub(crate) fn delta_after(&self, before: Option<DeltaLog>) -> Option<DeltaLog> {
        let (version, schema_version) = (self.version, self.schema_version);
        match &self.delta {
            Some(DeltaCommit { begins: true, .. }) => {
                Some(DeltaLog { since: version, schema_version })
            }
            Some(DeltaCommit { metadata: Some(_), .. }) => {
                before.map(|before| DeltaLog { schema_version, ..before })
            }
            _ => before,
        }
    }

    /// Returns an entry that consumes, adds and removes nothing.
    pub(crate) fn empty(
        transaction: &Transaction,
        previous_sha256: String,
        description_sha256: String,
    ) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            version: transaction.version,
            nonce: transaction.nonce.clone(),
            prepared_for: None,
            previous_sha256,
            description_sha256: Some(description_sha256),
            tool: tool(),
            schema_version: SCHEMA_VERSION,
            selection: String::new(),
            shard: None,
            totals: Totals::default(),
            rejects: BTreeMap::new(),
            committed_at: Some(now()),
            adds: Vec::new(),
            removes: Vec::new(),
            ledger: None,
            quarantine: None,
            forgets: Vec::new(),
            listed: BTreeMap::new(),
            delta: None,
        }
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(self).map_err(|error| Error::Damaged {
            path: layout::log_entry(self.version),
            reason: error.to_string(),
        })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    pub(crate) fn parse(path: &str, bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            format_version: u32,
        }
        let damaged = |error: serde_json::Error| Error::Damaged {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let Version { format_version } = serde_json::from_slice(bytes).map_err(damaged)?;
        if format_version > FORMAT_VERSION {
            let (found, known) = (format_version, FORMAT_VERSION);
            return Err(Error::TooNew { path: path.to_owned(), found, known });
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }
}
