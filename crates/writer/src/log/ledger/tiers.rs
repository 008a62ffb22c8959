//! The keys of all inputs up to a checkpoint, in sorted runs of growing size.
//!
//! The keys of new commits become a run; it swallows the runs before it that are not much larger.
//! So of `n` keys there are O(log n) runs, and each key is written again O(log n) times.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    Key, KeyLine, for_each_input, for_each_key,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tiers {
    pub(crate) converted: Vec<Run>,
    pub(crate) damaged: Vec<Run>,
    /// All inputs ever read, whatever the selection, so that each is counted once. `None` after a
    /// checkpoint of a program that did not write them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inputs: Option<Vec<Run>>,
}

impl Default for Tiers {
    fn default() -> Self {
        Self { converted: Vec::new(), damaged: Vec::new(), inputs: Some(Vec::new()) }
    }
}

impl Tiers {
    pub(crate) fn segments(&self) -> impl Iterator<Item = &SideFile> {
        let inputs = self.inputs.iter().flatten();
        self.converted.iter().chain(&self.damaged).chain(inputs).flat_map(|run| &run.0)
    }

    /// Begins to count inputs: `entries` are all that the runs are of. If a list of inputs is lost, they
    /// are not counted.
    pub(crate) async fn begin_inputs(
        &mut self,
        objects: &Objects,
        entries: &[LogEntry],
        writer: &mut SegmentWriter<'_>,
        segment_keys: usize,
    ) -> Result<()> {
        let (mut runs, mut keys) = (Vec::new(), Vec::new());
        for (number, entry) in entries.iter().enumerate() {
            if let Some(file) = &entry.ledger {
                let take = |_, line: &KeyLine<'_>| keys.push(line.input_key());
                match for_each_input(objects, file, &entry.selection, take).await {
                    Err(Error::Damaged { .. }) => return Ok(()),
                    read => read?,
                }
            }
            if is_run(keys.len(), number + 1 == entries.len(), segment_keys) {
                let keys = std::mem::take(&mut keys);
                add_run(objects, &mut runs, keys, writer, segment_keys).await?;
            }
        }
        self.inputs = Some(runs);
        Ok(())
    }

    /// Adds the inputs of commits.
    pub(crate) async fn add(
        &mut self,
        objects: &Objects,
        entries: &[LogEntry],
        writer: &mut SegmentWriter<'_>,
        segment_keys: usize,
    ) -> Result<()> {
        let (mut converted, mut damaged, mut inputs) = (Vec::new(), Vec::new(), Vec::new());
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
                for_each_input(objects, file, &entry.selection, |key, line| {
                    if line.is_damaged() { &mut damaged } else { &mut converted }.push(key);
                    inputs.push(line.input_key());
                })
                .await?;
            }
            let is_last = number + 1 == entries.len();
            let tiers = [(&mut self.converted, &mut converted), (&mut self.damaged, &mut damaged)];
            for (runs, keys) in tiers.into_iter().chain(self.inputs.iter_mut().zip([&mut inputs])) {
                if is_run(keys.len(), is_last, segment_keys) {
                    let keys = std::mem::take(keys);
                    add_run(objects, runs, keys, writer, segment_keys).await?;
                }
            }
        }
        Ok(())
    }
}

/// Returns whether so many keys become a run now: no more are held, or these are the last.
fn is_run(keys: usize, is_last: bool, segment_keys: usize) -> bool {
    keys >= HELD_SEGMENTS * segment_keys || (is_last && keys > 0)
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
