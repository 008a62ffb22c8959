//! A limit for the partitions of one commit: each is a file of its own, many times as large as the
//! record that makes it. A small compressed file could otherwise fill a disk.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use ecstrail_converter::{LogFile, PartitionKey, Reject, RejectReason, UNKNOWN_REGION};

use super::{Conversion, Input};
use crate::{
    convert::read::{FileOutcome, LISTED_REJECTS, ReadLimits},
    error::Result,
    sort::{Partitions, RunCursor, SortedRuns},
    workers::joined,
};

/// Partitions that any commit may have beside those that its log files let expect: records of other
/// days and regions, and what is not known of names and sizes.
const FREE_PARTITIONS: usize = 4000;
/// Days whose events a log file of CloudTrail has: that of its delivery, and the one before.
const DAYS_OF_A_LOG_FILE: usize = 2;
/// Stored bytes of other log files, such as exports and results of queries, for each partition: a
/// few records, compressed.
const BYTES_OF_A_PARTITION: u64 = 512;
/// Partitions of all such files together: two years of 40 regions.
const MOST_BY_SIZE: u64 = 2 * 366 * 40;

impl Conversion<'_> {
    /// Takes out what is beyond the limit of partitions; their records become rejects.
    pub(super) async fn limit_partitions(
        &self,
        inputs: &[Input],
        mut sorted: SortedRuns,
        withdrawn: BTreeSet<u32>,
        outcomes: &mut [(u32, FileOutcome)],
        limits: ReadLimits,
    ) -> Result<(SortedRuns, BTreeSet<u32>)> {
        let found = sorted.partitions.len();
        let most = match self.options.most_partitions {
            Some(most) => most,
            // Names need not be read for what any commit may have.
            None if found <= FREE_PARTITIONS => FREE_PARTITIONS,
            None => expected_partitions(inputs.iter().map(|input| &*input.file)),
        };
        if found <= most {
            return Ok((sorted, withdrawn));
        }
        let inputs = inputs.to_vec();
        let taken = tokio::task::spawn_blocking(move || {
            let room_bytes = limits.rejected_bytes;
            let beyond = take_beyond(&mut sorted, most, &inputs, &withdrawn, room_bytes)?;
            Ok((sorted, withdrawn, beyond))
        });
        let (sorted, withdrawn, beyond) = joined(taken.await)??;
        reject_beyond(outcomes, beyond);
        Ok((sorted, withdrawn))
    }
}

/// Returns how many partitions a commit of these log files may have: those of the days and regions
/// in the names that CloudTrail gives, as many as the sizes of other files allow, and some thousands
/// more. It depends on the log files of the commit alone.
fn expected_partitions<'a>(files: impl IntoIterator<Item = &'a LogFile>) -> usize {
    let mut named = BTreeSet::new();
    let mut other_bytes = 0;
    for file in files {
        match file.key() {
            Some(name) if name.region != UNKNOWN_REGION => {
                named.insert((name.day, name.region));
            }
            _ => other_bytes += file.bytes,
        }
    }
    let by_size = (other_bytes / BYTES_OF_A_PARTITION).min(MOST_BY_SIZE);
    let by_size = usize::try_from(by_size).unwrap_or(usize::MAX);
    FREE_PARTITIONS + named.len() * DAYS_OF_A_LOG_FILE + by_size
}

/// Returns the partitions beyond the limit, in order: those with the fewest records, and of equally
/// many the later ones, so that many small partitions keep no large one out.
fn beyond(partitions: &Partitions, most: usize) -> Vec<PartitionKey> {
    let mut keys: Vec<_> =
        partitions.iter().map(|(key, summary)| (Reverse(summary.rows), key)).collect();
    if keys.len() <= most {
        return Vec::new();
    }
    keys.sort_unstable();
    let mut beyond: Vec<PartitionKey> =
        keys.into_iter().skip(most).map(|(_, key)| key.clone()).collect();
    beyond.sort_unstable();
    beyond
}

/// Records of one log file that are in partitions beyond the limit.
#[derive(Debug, Default)]
struct Beyond {
    records: u64,
    /// The first of them, by their places in the file.
    rejects: BTreeMap<u64, Reject>,
}

/// Takes the partitions beyond the limit out of the runs; returns their records by the number of
/// their log file. Copies of records take no more than `room_bytes`. Blocking.
fn take_beyond(
    sorted: &mut SortedRuns,
    most: usize,
    inputs: &[Input],
    withdrawn: &BTreeSet<u32>,
    mut room_bytes: usize,
) -> Result<BTreeMap<u32, Beyond>> {
    let keys = beyond(&sorted.partitions, most);
    let mut by_file: BTreeMap<u32, Beyond> = BTreeMap::new();
    let Some(first) = keys.first() else { return Ok(by_file) };
    let names: BTreeMap<u32, &str> =
        inputs.iter().map(|input| (input.number, input.file.source_file.as_str())).collect();
    let mut described = 0;
    for run in &sorted.runs {
        let mut cursor = RunCursor::seek(run, (first.day(), &first.region));
        for key in &keys {
            while let Some((batch, row)) = cursor.next_of((key.day(), &key.region))? {
                let row = batch.row(row);
                if withdrawn.contains(&row.source_file) {
                    continue;
                }
                let beyond = by_file.entry(row.source_file).or_default();
                beyond.records += 1;
                if described == LISTED_REJECTS && beyond.rejects.is_empty() {
                    continue;
                }
                let left = room_bytes.checked_sub(row.record.len());
                room_bytes = left.unwrap_or(room_bytes);
                let index = u64::try_from(row.index).unwrap_or_default();
                let reject = Reject {
                    source_file: names.get(&row.source_file).copied().unwrap_or("").to_owned(),
                    index,
                    byte_offset: u64::try_from(row.byte_offset).unwrap_or_default(),
                    reason: RejectReason::TooManyPartitions,
                    detail: Some(key.to_string()),
                    record: left.map(|_| row.record.as_bytes().to_owned()),
                };
                beyond.rejects.insert(index, reject);
                described += 1;
                if beyond.rejects.len() > Reject::MOST_DESCRIBED || described > LISTED_REJECTS {
                    let last = beyond.rejects.pop_last().and_then(|(_, reject)| reject.record);
                    room_bytes += last.map_or(0, |record| record.len());
                    described -= 1;
                }
            }
        }
    }
    for key in &keys {
        sorted.partitions.remove(key);
    }
    Ok(by_file)
}

/// Counts records beyond the limit as rejects of their log files.
fn reject_beyond(outcomes: &mut [(u32, FileOutcome)], mut beyond: BTreeMap<u32, Beyond>) {
    for (number, outcome) in outcomes {
        if let (Ok(tally), Some(Beyond { records, rejects })) = (outcome, beyond.remove(number)) {
            let rejects = rejects.into_values();
            tally.reject_selected(RejectReason::TooManyPartitions, records, rejects);
        }
    }
}

#[cfg(test)]
mod tests;
