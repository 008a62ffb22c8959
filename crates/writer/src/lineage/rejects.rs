//! Rejected records in which a text stands: what became of an event that is not a row.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use ecstrail_converter::RejectReason;
use serde::{Deserialize, de::IntoDeserializer};

use super::CommitFacts;
use crate::{
    error::{Error, Result},
    log::{commit_log::Log, entry::LogEntry, lines::for_each_line},
    storage::Objects,
};

/// A rejected record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedRecord {
    /// The commit that rejected it.
    pub commit: CommitFacts,
    /// URL of its log file.
    pub url: String,
    /// Its 0-based position among the file's records.
    pub index: u64,
    /// Its offset in the decompressed file.
    pub byte_offset: u64,
    /// Why it was rejected.
    pub reason: RejectReason,
    /// What there is to say beside the reason.
    pub detail: Option<String>,
}

/// A line of a quarantine file. Files as a whole have no index.
#[derive(Deserialize)]
struct Line<'a> {
    url: String,
    index: Option<u64>,
    byte_offset: u64,
    #[serde(borrow)]
    reason: Cow<'a, str>,
    detail: Option<String>,
    #[serde(borrow)]
    record: Option<Cow<'a, str>>,
    #[serde(borrow)]
    record_base64: Option<Cow<'a, str>>,
}

/// Finds rejected records of the dataset at `home` in which a text stands, up to `most` of them, in the
/// order of their commits. Those of quarantine files that are lost or damaged are not found, nor those that
/// were too large or too many to be kept.
///
/// # Errors
/// [`Error::NotADataset`] if there is no dataset, and errors of the store.
pub async fn find_quarantined(
    objects: &Objects,
    text: &str,
    most: usize,
) -> Result<Vec<QuarantinedRecord>> {
    let log = Log::read_whole(objects).await?;
    let mut found = Vec::new();
    for entry in log.published() {
        let Some(quarantine) = &entry.quarantine else { continue };
        let before = found.len();
        let read = for_each_line(objects, quarantine, |line| {
            if found.len() < most {
                let line: Line<'_> = serde_json::from_slice(line)?;
                found.extend(line.contains(text).then(|| line.into_record(entry)).flatten());
            }
            Ok(())
        });
        match read.await {
            Ok(()) => {}
            Err(Error::Damaged { .. }) => found.truncate(before),
            Err(error) => return Err(error),
        }
        if found.len() >= most {
            break;
        }
    }
    Ok(found)
}

impl Line<'_> {
    fn contains(&self, text: &str) -> bool {
        let bytes = || STANDARD.decode(self.record_base64.as_deref()?.as_bytes()).ok();
        self.record.as_deref().is_some_and(|record| record.contains(text))
            || bytes().is_some_and(|bytes| String::from_utf8_lossy(&bytes).contains(text))
    }

    /// Returns what it says; `None` for a reason that this program does not know.
    fn into_record(self, entry: &LogEntry) -> Option<QuarantinedRecord> {
        let reason = RejectReason::deserialize(self.reason.as_ref().into_deserializer());
        Some(QuarantinedRecord {
            commit: CommitFacts::of(entry),
            url: self.url,
            index: self.index?,
            byte_offset: self.byte_offset,
            reason: reason.map_err(|_: serde_json::Error| ()).ok()?,
            detail: self.detail,
        })
    }
}
