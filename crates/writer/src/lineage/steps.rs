//! The way of a row through commits and data files, followed along the log.
//!
//! The log does not say which rows a file had. So the row is in one of a few files at each moment, and a
//! step is certain only if nothing else is possible, or if the file was read.

use std::collections::BTreeMap;

use ecstrail_converter::PartitionKey;

use super::{CommitFacts, candidates::Candidates, readings::SourceKind};
use crate::{
    log::{DataFile, entry::LogEntry},
    storage::layout,
};

/// A commit that a row went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The commit.
    pub commit: CommitFacts,
    /// What happened to the row.
    pub kind: StepKind,
    /// The file that has the row after the commit, or one of these; before it, if it was taken out.
    pub files: Vec<DataFile>,
    /// Whether it is certain that the row went through the commit.
    pub is_certain: bool,
    /// Whether the row was found in the file. Else the step follows from the log alone, since the file is
    /// gone.
    pub is_read: bool,
}

/// What a commit did to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// It made the row from a log file.
    Added,
    /// It merged the data file of the row with others, or wrote it anew.
    Merged,
    /// It took the data file of the row out of the dataset, since it was lost or damaged.
    TakenOut,
}

/// Follows a row of a partition along the log; `sources` are the commits that can have added it.
pub(super) fn follow(
    entries: &[LogEntry],
    partition: &PartitionKey,
    candidates: &Candidates<'_>,
    sources: &BTreeMap<u64, SourceKind>,
) -> Vec<Step> {
    let mut way = Way::default();
    for entry in entries {
        way.pass(entry, partition, candidates, sources.get(&entry.version).copied());
    }
    way.end_life();
    way.steps
}

/// A step, and whether all files that may have had the row took part in it.
struct Passed {
    step: Step,
    is_whole: bool,
}

/// The way up to an entry.
#[derive(Default)]
struct Way<'a> {
    steps: Vec<Step>,
    /// The steps since the row was not there.
    life: Vec<Passed>,
    /// Files of which one has the row, by path; none if it is not there.
    held: BTreeMap<&'a str, &'a DataFile>,
    /// Commits of this life that may have added the row.
    sources: usize,
    /// Whether the row is there for sure.
    is_sure: bool,
}

impl<'a> Way<'a> {
    fn pass(
        &mut self,
        entry: &LogEntry,
        partition: &PartitionKey,
        candidates: &Candidates<'a>,
        source: Option<SourceKind>,
    ) {
        let merges = entry.removed_from(partition).next().is_some();
        let removed: Vec<&DataFile> =
            entry.removed_from(partition).filter_map(|path| self.held.remove(path)).collect();
        let is_whole = self.held.is_empty();
        let added: Vec<_> = candidates.added_by(entry).collect();
        if let Some(found) = added.iter().find(|candidate| candidate.has_row) {
            let kind = if merges { StepKind::Merged } else { StepKind::Added };
            if removed.is_empty() {
                // What was possible so far was not so.
                self.forget_life();
            }
            self.held = BTreeMap::from([(found.file.path.as_str(), found.file)]);
            self.sources += usize::from(kind == StepKind::Added);
            self.is_sure = true;
            self.push(entry, kind, &[found.file], true, true);
            return;
        }
        let added: Vec<&'a DataFile> = added.into_iter().map(|candidate| candidate.file).collect();
        let hold = added.iter().map(|file| (file.path.as_str(), *file));
        if !removed.is_empty() {
            self.held.extend(hold);
            if !added.is_empty() {
                self.push(entry, StepKind::Merged, &added, is_whole, false);
            } else if is_merge(entry, partition) {
                // The row was in none of the files that were merged.
                if is_whole {
                    self.forget_life();
                }
            } else {
                self.push(entry, StepKind::TakenOut, &removed, is_whole, false);
                if is_whole {
                    self.end_life();
                }
            }
        } else if let Some(source) = source
            && !(self.is_sure || merges || added.is_empty())
        {
            self.held.extend(hold);
            self.sources += 1;
            self.is_sure = source == SourceKind::Sure;
            self.push(entry, StepKind::Added, &added, true, false);
        }
    }

    fn push(
        &mut self,
        entry: &LogEntry,
        kind: StepKind,
        files: &[&DataFile],
        is_whole: bool,
        is_read: bool,
    ) {
        let files = files.iter().copied().cloned().collect();
        let commit = CommitFacts::of(entry);
        let step = Step { commit, kind, files, is_certain: false, is_read };
        self.life.push(Passed { step, is_whole });
    }

    /// Judges the steps of a life by what is known at its end.
    fn end_life(&mut self) {
        let has_one_source = self.is_sure && self.sources == 1;
        self.steps.extend(self.life.drain(..).map(|Passed { step, is_whole }| Step {
            is_certain: step.is_read || (has_one_source && is_whole),
            ..step
        }));
        self.forget_life();
    }

    fn forget_life(&mut self) {
        self.life.clear();
        self.held.clear();
        self.sources = 0;
        self.is_sure = false;
    }
}

/// Returns whether a commit that removes files of a partition has written others in their place.
fn is_merge(entry: &LogEntry, partition: &PartitionKey) -> bool {
    entry.adds.iter().any(|file| layout::partition_of(&file.path).as_ref() == Some(partition))
}
