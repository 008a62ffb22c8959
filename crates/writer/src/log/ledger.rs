//! The inputs that were converted: what a later run need not read again.
//!
//! An input is known by its URL, size, version (ETag or modification time) and the selection it was
//! read with, without its days, Regions and accounts if these left out none of its records; a wider
//! selection reads it again. Rows are kept apart by the merge, so that this is
//! only about time.
//!
//! Each commit has a ledger file that says all about its inputs. Checkpoints hold their keys only,
//! in sorted runs. Inputs are looked up many at once, by going through the runs from beginning to
//! end, so that the memory does not depend on how many are known.

use std::borrow::Cow;

use ecstrail_converter::{LogFile, LookAlike, Selection, Suspicion};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use sha2::{Digest, Sha256};

use crate::{
    error::Result,
    log::{Totals, entry::SideFile, lines::for_each_line},
    storage::Objects,
};

pub(crate) mod run;
mod tiers;

pub(crate) use tiers::{Tiers, forgotten_keys};

/// What tells an input from any other: the first half of a SHA-256.
pub(crate) type Key = [u8; 16];

/// A log file that a commit has read: a line of its ledger file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerInput {
    /// Canonical URL.
    pub url: String,
    /// Bytes as stored.
    pub bytes: u64,
    /// ETag or modification time.
    pub version: String,
    /// SHA-256 of the decompressed bytes, in hexadecimal: what CloudTrail's digests hold.
    pub sha256: String,
    /// The outcome of its records.
    pub totals: Totals,
    /// Why the file as a whole could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
    /// Whether the selection has days, Regions or accounts, and these left out no record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// What the file is, if it holds nothing but what looks like records and is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_alike: Option<LookAlike>,
    /// URL of the digest file that proves what was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven_by: Option<String>,
    /// What is odd about the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspicions: Vec<Suspicion>,
}

/// What makes the keys of a line of a ledger file.
#[derive(Deserialize)]
pub(crate) struct KeyLine<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
    bytes: u64,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(default)]
    damage: Option<IgnoredAny>,
    #[serde(default)]
    whole: bool,
}

/// Returns the keys by which a log file is known that would be read with a selection.
pub(crate) fn known_keys<'a>(
    file: &LogFile,
    selections: &'a [String],
) -> impl Iterator<Item = Key> + 'a {
    let (url, bytes, version) = (file.url(), file.bytes, file.version());
    selections.iter().map(move |selection| key(&url, bytes, &version, selection))
}

/// Returns the selections under which what a selection reads is known: itself, and what it is without
/// days, Regions and accounts.
pub(crate) fn known_selections(selection: &str) -> Vec<String> {
    let mut selections = vec![selection.to_owned(), Selection::text_without_bounds(selection)];
    selections.dedup();
    selections
}

/// Returns the key of a log file that is read with a selection.
pub(crate) fn input_key(file: &LogFile, selection: &str) -> Key {
    key(&file.url(), file.bytes, &file.version(), selection)
}

fn key(url: &str, bytes: u64, version: &str, selection: &str) -> Key {
    let digest = Sha256::digest(format!("{url}\0{bytes}\0{version}\0{selection}"));
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

impl KeyLine<'_> {
    /// The key by which the input is known, whatever selections it was read with.
    pub(crate) fn input_key(&self) -> Key {
        self.key("")
    }

    pub(crate) fn is_damaged(&self) -> bool {
        self.damage.is_some()
    }

    fn key(&self, selection: &str) -> Key {
        key(&self.url, self.bytes, &self.version, selection)
    }
}

/// Reads a ledger file line by line; `take` is given each line, and the key of its input. What it was
/// given counts only if this succeeds.
pub(crate) async fn for_each_input(
    objects: &Objects,
    file: &SideFile,
    selection: &str,
    mut take: impl FnMut(Key, &KeyLine<'_>),
) -> Result<()> {
    let unbounded = Selection::text_without_bounds(selection);
    for_each_line(objects, file, |line| {
        let line: KeyLine<'_> = serde_json::from_slice(line)?;
        take(line.key(if line.whole { &unbounded } else { selection }), &line);
        Ok(())
    })
    .await
}

/// As [`for_each_input`]; `take` is given the key, and whether the input was damaged.
pub(crate) async fn for_each_key(
    objects: &Objects,
    file: &SideFile,
    selection: &str,
    mut take: impl FnMut(Key, bool),
) -> Result<()> {
    for_each_input(objects, file, selection, |key, line| take(key, line.is_damaged())).await
}

/// Reads a ledger file input by input. What `take` was given counts only if this succeeds.
pub(crate) async fn for_each_ledger_input(
    objects: &Objects,
    file: &SideFile,
    mut take: impl FnMut(LedgerInput),
) -> Result<()> {
    for_each_line(objects, file, |line| {
        take(serde_json::from_slice(line)?);
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests;
