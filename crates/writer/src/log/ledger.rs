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
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    log::{Totals, entry::SideFile},
    storage::{
        Objects,
        digest::{hex, sha256_hex},
    },
};

pub(crate) mod run;
mod tiers;

pub(crate) use tiers::{Tiers, forgotten_keys};

/// What tells an input from any other: the first half of a SHA-256.
pub(crate) type Key = [u8; 16];

/// One input of a commit, a line of its ledger file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether the selection has days, Regions or accounts, and these left out no record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) whole: bool,
    /// What the file is, if it holds nothing but what looks like records and is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) look_alike: Option<LookAlike>,
    /// What is odd about the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) suspicions: Vec<Suspicion>,
}

/// Bytes of a line that is read; one has a URL, and perhaps what is wrong with the file.
const LONGEST_LINE: usize = 16 << 20;

/// What makes the key of a line of a ledger file.
#[derive(Deserialize)]
struct KeyLine<'a> {
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

/// Reads a ledger file line by line; `take` is given the key of each input, and whether it was
/// damaged. What it was given counts only if this succeeds.
pub(crate) async fn for_each_key(
    objects: &Objects,
    file: &SideFile,
    selection: &str,
    mut take: impl FnMut(Key, bool),
) -> Result<()> {
    let unbounded = Selection::text_without_bounds(selection);
    for_each_line(objects, file, |line| {
        let line: KeyLine<'_> = serde_json::from_slice(line)?;
        let selection = if line.whole { &unbounded } else { selection };
        take(key(&line.url, line.bytes, &line.version, selection), line.damage.is_some());
        Ok(())
    })
    .await
}

/// Reads a ledger file input by input. What `take` was given counts only if this succeeds.
pub(crate) async fn for_each_input(
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

async fn for_each_line(
    objects: &Objects,
    file: &SideFile,
    mut take: impl FnMut(&[u8]) -> Result<(), serde_json::Error>,
) -> Result<()> {
    let path = &file.path;
    let damaged = |reason: String| Error::Damaged { path: path.clone(), reason };
    let failed = |source| Error::Store { action: "read", path: path.clone(), source };
    let mut take_line = |line: &[u8]| {
        if line.is_empty() {
            return Ok(());
        }
        take(line).map_err(|error| damaged(error.to_string()))
    };
    let mut pieces = match objects.store.get(&objects.at(path)).await {
        Ok(found) => found.into_stream(),
        Err(object_store::Error::NotFound { .. }) => {
            return Err(damaged("it is missing".to_owned()));
        }
        Err(error) => return Err(failed(error)),
    };
    let mut hash = Sha256::new();
    let mut rest: Vec<u8> = Vec::new();
    while let Some(piece) = pieces.try_next().await.map_err(failed)? {
        hash.update(&piece);
        let Some(end) = piece.iter().rposition(|byte| *byte == b'\n') else {
            rest.extend_from_slice(&piece);
            if rest.len() > LONGEST_LINE {
                return Err(damaged(format!("a line has more than {LONGEST_LINE} bytes")));
            }
            continue;
        };
        let mut lines = piece[..end].split(|byte| *byte == b'\n');
        rest.extend_from_slice(lines.next().unwrap_or_default());
        take_line(&rest)?;
        lines.try_for_each(&mut take_line)?;
        rest.clear();
        rest.extend_from_slice(&piece[end + 1..]);
    }
    take_line(&rest)?;
    if hex(&hash.finalize()) != file.sha256 {
        return Err(damaged("its hash does not match the log".to_owned()));
    }
    Ok(())
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

    pub(crate) fn push<T: Serialize>(&mut self, line: &T) -> Result<()> {
        serde_json::to_writer(&mut self.bytes, line).map_err(|error| Error::Damaged {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        self.bytes.push(b'\n');
        self.lines += 1;
        Ok(())
    }

    /// Takes the file's bytes, and what a log entry says of them; `None` if there are no lines.
    pub(crate) fn take(&mut self) -> Option<(SideFile, Vec<u8>)> {
        let bytes = std::mem::take(&mut self.bytes);
        let lines = std::mem::take(&mut self.lines);
        let sha256 = sha256_hex(&bytes);
        (lines > 0).then(|| (SideFile { lines, sha256, path: self.path.clone() }, bytes))
    }
}

#[cfg(test)]
mod tests;
