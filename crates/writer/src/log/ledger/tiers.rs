//! The keys of all inputs up to a checkpoint, in sorted runs of growing size.
//!
//! The keys of new commits become a run; it swallows the runs before it that are not much larger.
//! So of `n` keys there are O(log n) runs, and each key is written again O(log n) times.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    Key, for_each_key,
    run::{Run, merge},
};
use crate::{
    error::{Error, Result},
    log::{
        entry::{LogEntry, SideFile},
        segment::SegmentWriter,
    },
    storage::{Objects, layout},
};

/// A run stays if it has more than this many times the keys of what comes after it.
const GROWTH: u64 = 2;
/// Segments' worth of keys that are held in memory before they become a run.
const HELD_SEGMENTS: usize = 4;

/// Runs, the largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tiers {
    pub(crate) converted: Vec<Run>,
    pub(crate) damaged: Vec<Run>,
}

impl Tiers {
    pub(crate) fn segments(&self) -> impl Iterator<Item = &SideFile> {
        self.converted.iter().chain(&self.damaged).flat_map(|run| &run.0)
    }

    /// Adds the inputs of commits.
    pub(crate) async fn add(
        &mut self,
        objects: &Objects,
        entries: &[LogEntry],
        writer: &mut SegmentWriter<'_>,
        segment_keys: usize,
    ) -> Result<()> {
        let (mut converted, mut damaged) = (Vec::new(), Vec::new());
        for (number, entry) in entries.iter().enumerate() {
            let forgotten = forgotten_keys(objects, entry).await?;
            if !forgotten.is_empty() {
                for keys in [&mut converted, &mut damaged] {
                    keys.retain(|key| !forgotten.contains(key));
                }
                for runs in [&mut self.converted, &mut self.damaged] {
                    let kept = merge(objects, runs, &[], &forgotten, writer, segment_keys).await?;
                    *runs = if kept.0.is_empty() { Vec::new() } else { vec![kept] };
                }
            }
            if let Some(file) = &entry.ledger {
                for_each_key(objects, file, &entry.selection, |key, is_damaged| {
                    if is_damaged { &mut damaged } else { &mut converted }.push(key);
                })
                .await?;
            }
            let is_last = number + 1 == entries.len();
            for (runs, keys) in
                [(&mut self.converted, &mut converted), (&mut self.damaged, &mut damaged)]
            {
                let is_full = keys.len() >= HELD_SEGMENTS * segment_keys;
                if is_full || (is_last && !keys.is_empty()) {
                    let keys = std::mem::take(keys);
                    add_run(objects, runs, keys, writer, segment_keys).await?;
                }
            }
        }
        Ok(())
    }
}

/// Returns the keys of the inputs that an entry forgets.
pub(crate) async fn forgotten_keys(objects: &Objects, entry: &LogEntry) -> Result<HashSet<Key>> {
    let mut forgotten = HashSet::new();
    for version in &entry.forgets {
        let path = layout::log_entry(*version);
        let gone = || Error::Damaged { path: path.clone(), reason: "it is missing".to_owned() };
        let bytes = objects.read(&path).await?.ok_or_else(gone)?;
        let other = LogEntry::parse(&path, &bytes)?;
        if let Some(file) = &other.ledger {
            let take = |key, _| {
                forgotten.insert(key);
            };
            for_each_key(objects, file, &other.selection, take).await?;
        }
    }
    Ok(forgotten)
}

async fn add_run(
    objects: &Objects,
    runs: &mut Vec<Run>,
    mut keys: Vec<Key>,
    writer: &mut SegmentWriter<'_>,
    segment_keys: usize,
) -> Result<()> {
    keys.sort_unstable();
    let sizes: Vec<u64> = runs.iter().map(Run::keys).collect();
    let kept = runs.len() - swallowed(&sizes, keys.len() as u64);
    let merged =
        merge(objects, &runs[kept..], &keys, &HashSet::new(), writer, segment_keys).await?;
    runs.truncate(kept);
    runs.push(merged);
    Ok(())
}

/// Returns how many of the last runs are merged into one with this many new keys.
pub(super) fn swallowed(runs: &[u64], new: u64) -> usize {
    let mut keys = new;
    let small = runs.iter().rev().take_while(|run| {
        let is_small = **run <= GROWTH * keys;
        keys += **run;
        is_small
    });
    small.count()
}
