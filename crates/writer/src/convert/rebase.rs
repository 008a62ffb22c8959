//! What a shard does that has lost the race for a version: it goes on to the next one with what it has
//! prepared, if what was committed meanwhile leaves that as it is.
//!
//! That is so if a commit has consumed none of its log files, added none of its records, and removed
//! nothing from its partitions. A duplicate has the same `record_hash`; so it is compared with those of
//! the files that were added to its partitions meanwhile. Shards meet there, since the first log files
//! of a day have the last records of the day before.
//!
//! Its files were prepared for any version up to that of its transaction, so that nobody drops them
//! before. `tests/durability/commit_model.py` tries all orders in which two writers and a vacuum can
//! meet by this rule.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ecstrail_converter::PartitionKey;
use tokio::runtime::Handle;

use super::{Conversion, ConversionState, state::Batch, window::ListedFile};
use crate::{
    convert::{lookup::Candidates, write::WrittenRecords},
    data_file::existing::{ExistingRows, NewRows},
    error::Result,
    log::{DataFile, entry::LogEntry},
    sort::SortedRuns,
    storage::{Creation, layout},
    workers::joined,
};

/// The part of the memory, one of so many, that the hashes of a batch's records may take. Without them it
/// is made anew if another commit has rows of the same partition and time.
const REMEMBERED: u64 = 16;
/// The longest pause after the first lost race; it doubles with each further one, to 32 times as much.
const FIRST_PAUSE: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 20 });
const MOST_DOUBLINGS: u32 = 5;

impl Conversion<'_> {
    /// Commits a batch as the next version that it can have. [`Creation::Lost`] says that it has to
    /// be made anew.
    pub(super) async fn commit(
        &self,
        batch: &mut Batch,
        files: &[ListedFile],
        state: &mut ConversionState,
    ) -> Result<Creation> {
        let mut lost = 0;
        while self.dataset.commit(&batch.entry).await? == Creation::Lost {
            if self.options.reach() == 0 {
                return Ok(Creation::Lost);
            }
            lost += 1;
            tokio::time::sleep(pause(&batch.entry.nonce, lost)).await;
            if !self.rebase(batch, files, state).await? {
                return Ok(Creation::Lost);
            }
        }
        Ok(Creation::Created)
    }

    /// Makes a batch follow what others have committed; returns false if that does not leave it as it
    /// is.
    async fn rebase(
        &self,
        batch: &mut Batch,
        files: &[ListedFile],
        state: &mut ConversionState,
    ) -> Result<bool> {
        self.dataset.catch_up(&mut state.log).await?;
        let transaction = batch.entry.transaction();
        let (from, next) = (batch.entry.version, state.log.next_version());
        let others: Vec<_> =
            state.log.entries.iter().filter(|entry| entry.version >= from).collect();
        if next > transaction.version || others.len() as u64 != next - from {
            return Ok(false);
        }
        if !others.iter().all(|entry| is_passed(entry, &batch.records)) {
            return Ok(false);
        }
        let files = files.iter().map(|listed| &*listed.file);
        let candidates = Candidates::new(files, &self.planner.selection);
        for entry in &others {
            if candidates.are_met_by(&self.dataset.objects, entry).await? {
                return Ok(false);
            }
        }
        let added = others.iter().flat_map(|entry| &entry.adds);
        for file in added {
            let Some(records) = batch.records.get(&file.key()?) else { continue };
            if self.has_one_of(file, records).await? {
                return Ok(false);
            }
        }
        batch.entry.follow(state.log.empty_entry(&transaction));
        Ok(true)
    }

    /// Returns whether a data file that another run has committed may have one of the records.
    async fn has_one_of(&self, file: &DataFile, records: &WrittenRecords) -> Result<bool> {
        let new = NewRows::Many(records.event_time);
        if !new.may_be_in(file) {
            return Ok(false);
        }
        let Some(hashes) = records.hashes.clone() else { return Ok(true) };
        let remote = self.dataset.remote_file(file, &Handle::current());
        let (file, checked) = (file.clone(), Arc::clone(&self.dataset.checked));
        let search = tokio::task::spawn_blocking(move || {
            let Some(mut rows) = ExistingRows::open(&file, remote, &new, &checked)? else {
                return Ok(false);
            };
            while let Some(batch) = rows.next_batch()? {
                let is_one = |row| hashes.binary_search(&batch.key(row).record_hash).is_ok();
                if (0..batch.rows()).any(is_one) {
                    return Ok(true);
                }
            }
            Ok(false)
        });
        joined(search.await)?
    }

    /// Returns whether it is remembered which records a batch has: of a shard, if there is room.
    pub(super) fn remembers(&self, sorted: &SortedRuns) -> bool {
        let rows: u64 = sorted.partitions.values().map(|summary| summary.rows).sum();
        let bytes = rows.saturating_mul(size_of::<i64>() as u64);
        self.options.shard.is_some() && bytes <= self.options.memory_bytes as u64 / REMEMBERED
    }
}

/// Returns whether a commit may be passed if it added none of these records: it has taken nothing out of
/// their partitions, and is not there to keep others from committing.
fn is_passed(entry: &LogEntry, records: &BTreeMap<PartitionKey, WrittenRecords>) -> bool {
    let mut removed = entry.removes.iter();
    let is_of_ours =
        |path: &String| layout::partition_of(path).is_none_or(|key| records.contains_key(&key));
    !entry.is_fence() && entry.forgets.is_empty() && !removed.any(is_of_ours)
}

/// Returns a pause that no other run makes: by chance, as the nonce is.
fn pause(nonce: &str, lost: u32) -> Duration {
    let longest = FIRST_PAUSE * 2_u32.pow((lost - 1).min(MOST_DOUBLINGS));
    // Each race has two other digits.
    let at = 2 * (lost as usize % (nonce.len() / 2).max(1));
    let share = nonce.get(at..at + 2).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    longest * share.unwrap_or(128) / 256
}

#[cfg(test)]
mod tests;
