//! Which log files a conversion reads, and in which commits. A dry run shows the same plan.

use std::{collections::HashSet, sync::Arc};

use super::{ConvertOptions, PreviewedFiles, window::ListedFile};
use crate::{
    convert::{
        lookup::{Candidates, InputStatus, LedgerStatus, look_up},
        read::Input,
    },
    error::Result,
    log::{
        commit_log::Log,
        ledger::{Key, input_key},
    },
    storage::Objects,
    workers::joined,
};

/// What a conversion does with the log files of a window.
#[derive(Debug, Default)]
pub(super) struct ConversionPlan {
    /// Those that are read, in the order in which they were listed.
    pub(super) to_read: Vec<ListedFile>,
    /// Those that are converted already, or read through another source.
    pub(super) known: PreviewedFiles,
    /// Those that were damaged when they were read last.
    pub(super) known_damaged: PreviewedFiles,
}

/// Decides what a conversion reads.
#[derive(Debug)]
pub(super) struct Planner<'a> {
    options: &'a ConvertOptions,
    /// The selection's text.
    pub(super) selection: String,
}

/// What is done with a log file.
enum Verdict {
    Read,
    Known,
    KnownDamaged,
}

impl<'a> Planner<'a> {
    pub(super) fn new(options: &'a ConvertOptions) -> Self {
        Self { options, selection: options.selection.to_string() }
    }

    /// Plans a window; without a ledger nothing is converted yet. `already_read` holds the keys of
    /// earlier log files of this conversion of which the ledger does not say that they were read:
    /// those that are damaged still, and in a dry run those that would have been read.
    pub(super) async fn plan(
        &self,
        window: Vec<ListedFile>,
        ledger: Option<(&Objects, &mut Log)>,
        already_read: &HashSet<Key>,
    ) -> Result<ConversionPlan> {
        let selection = self.selection.clone();
        let prepared = tokio::task::spawn_blocking(move || {
            let candidates = Candidates::new(window.iter().map(|listed| &*listed.file), &selection);
            Ok((window, candidates))
        });
        let (window, mut candidates) = joined(prepared.await)??;
        if let Some((objects, log)) = ledger {
            look_up(objects, &mut candidates, log, &self.selection).await?;
        }
        let mut plan = ConversionPlan::default();
        for (listed, status) in window.into_iter().zip(candidates.statuses()) {
            let is_already_read =
                !already_read.is_empty() && already_read.contains(&self.key(&listed));
            match self.verdict(status, is_already_read) {
                Verdict::Read => plan.to_read.push(listed),
                Verdict::Known => plan.known.add(&listed.file),
                Verdict::KnownDamaged => plan.known_damaged.add(&listed.file),
            }
        }
        Ok(plan)
    }

    /// Returns the key of a log file in the ledger.
    pub(super) fn key(&self, listed: &ListedFile) -> Key {
        input_key(&listed.file, &self.selection)
    }

    fn verdict(&self, status: InputStatus, is_already_read: bool) -> Verdict {
        let reread = self.options.reread;
        match status.ledger {
            LedgerStatus::Converted if !reread => Verdict::Known,
            LedgerStatus::Damaged if !self.options.rereads() || is_already_read => {
                Verdict::KnownDamaged
            }
            // Sources may overlap.
            _ if status.is_repeated || (is_already_read && !reread) => Verdict::Known,
            _ => Verdict::Read,
        }
    }
}

/// Cuts log files into commits, ordered by delivery day, region, account and name; those that are
/// equal stay in order.
pub(super) fn batches(files: Vec<ListedFile>, commit_bytes: u64) -> Vec<Vec<ListedFile>> {
    let mut order: Vec<_> =
        (0_usize..).zip(&files).map(|(index, listed)| (listed.file.plan_key(), index)).collect();
    order.sort_unstable();
    let order: Vec<usize> = order.into_iter().map(|(_, index)| index).collect();
    let mut files: Vec<_> = files.into_iter().map(Some).collect();
    let mut batches: Vec<Vec<ListedFile>> = Vec::new();
    let mut batch_bytes = 0;
    for listed in order.into_iter().filter_map(|index| files[index].take()) {
        match batches.last_mut() {
            Some(batch) if batch_bytes <= commit_bytes => {
                batch_bytes += listed.file.bytes;
                batch.push(listed);
            }
            _ => {
                batch_bytes = listed.file.bytes;
                batches.push(vec![listed]);
            }
        }
    }
    batches
}

/// Numbers log files in the order of their names, which decides between duplicates. They stay in
/// the order given.
pub(super) fn numbered_by_name(files: &[ListedFile]) -> Vec<Input> {
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&files[*a].file, &files[*b].file);
        a.source_file.cmp(&b.source_file).then_with(|| a.url().cmp(&b.url()))
    });
    let mut numbers = vec![0; files.len()];
    for (number, index) in (0..).zip(order) {
        numbers[index] = number;
    }
    let inputs = files.iter().zip(numbers).map(|(listed, number)| Input {
        store: listed.store.clone(),
        file: Arc::clone(&listed.file),
        number,
    });
    inputs.collect()
}
