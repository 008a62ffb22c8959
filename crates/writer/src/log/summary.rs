//! The commits of a dataset, summed up as the log is read.

use std::collections::BTreeMap;

use ecstrail_converter::{RejectReason, Selection};
use serde::{Deserialize, Serialize};

use crate::{
    log::{Totals, delta::DeltaLog, entry::LogEntry},
    storage::layout::parsed,
};

/// What a checkpoint keeps of the commits that it covers, beside files and inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogSummary {
    #[serde(deserialize_with = "parsed::count")]
    pub(crate) commits: u64,
    pub(crate) first_commit_at: Option<String>,
    pub(crate) last_commit_at: Option<String>,
    #[serde(deserialize_with = "parsed::count")]
    pub(crate) log_files: u64,
    pub(crate) totals: Totals,
    #[serde(deserialize_with = "parsed::counts")]
    pub(crate) rejects: BTreeMap<RejectReason, u64>,
    /// In the order of their first commit.
    pub(crate) selections: Vec<String>,
    /// As in log entries, by the selection without its days.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) listed: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delta: Option<DeltaLog>,
}

impl LogSummary {
    /// Adds the next commit.
    pub(crate) fn add(&mut self, entry: &LogEntry) {
        if self.commits == 0 {
            self.first_commit_at.clone_from(&entry.committed_at);
        }
        self.commits += 1;
        self.last_commit_at.clone_from(&entry.committed_at);
        self.log_files += entry.ledger.as_ref().map_or(0, |ledger| ledger.lines);
        self.totals += entry.totals;
        self.delta = entry.delta_after(self.delta);
        for (reason, rejects) in &entry.rejects {
            *self.rejects.entry(*reason).or_default() += rejects;
        }
        if !entry.selection.is_empty() && !self.selections.contains(&entry.selection) {
            self.selections.push(entry.selection.clone());
        }
        self.list(entry);
    }

    fn list(&mut self, entry: &LogEntry) {
        if !entry.forgets.is_empty() {
            self.listed.clear();
        }
        if entry.listed.is_empty() {
            return;
        }
        let from = Selection::first_day_in_text(&entry.selection);
        let selection = Selection::text_without_days(&entry.selection);
        let listed = self.listed.entry(selection).or_default();
        for (folder, day) in &entry.listed {
            match listed.get_mut(folder) {
                // The days between were not read.
                Some(known) if from.is_some_and(|from| from > known.as_str()) => {}
                Some(known) if day > known => known.clone_from(day),
                Some(_) => {}
                None => drop(listed.insert(folder.clone(), day.clone())),
            }
        }
    }
}
