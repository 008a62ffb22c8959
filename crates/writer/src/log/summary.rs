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
    /// By the selection without its days and the URL of the folder.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) listed: BTreeMap<String, BTreeMap<String, ListedDays>>,
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
            if let Some(known) = listed.get_mut(folder) {
                known.extend(from, day, entry.ledger.is_none());
            } else {
                let days = ListedDays { from: from.map(ToOwned::to_owned), last: day.clone() };
                listed.insert(folder.clone(), days);
            }
        }
    }
}

/// Days of delivery, such as `2026-04-27`, all of whose log files in a folder were read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedDays {
    /// The first of them; `None` if all that come before the last one were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    pub(crate) last: String,
}

impl ListedDays {
    /// Adds the days that a commit has read: log files are read in the order of their days, so that an
    /// interrupted conversion has read those up to its last day, and a finished one, which commits
    /// days alone, this one as well.
    fn extend(&mut self, from: Option<&str>, last: &str, is_finished: bool) {
        // Of the first and the last day, not all records were kept, or not all log files there yet.
        let begins_later = from
            .is_some_and(|from| from >= self.last.as_str() && self.from.as_deref() != Some(from));
        let ends_before = self.from.as_ref().is_some_and(|first| {
            let is_before = last < first.as_str() || (last == first.as_str() && !is_finished);
            is_before && from != Some(first.as_str())
        });
        if begins_later || ends_before {
            return;
        }
        if self.from.as_ref().is_some_and(|first| from.is_none_or(|from| from < first.as_str())) {
            self.from = from.map(ToOwned::to_owned);
        }
        if last > self.last.as_str() {
            last.clone_into(&mut self.last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_were_read() {
        let days = |from: &str, last: &str| ListedDays {
            from: (!from.is_empty()).then(|| from.to_owned()),
            last: last.to_owned(),
        };
        for (known, from, last, expected) in [
            (days("", "10"), None, "12", days("", "12")),
            (days("", "10"), None, "09", days("", "10")),
            (days("", "10"), Some("09"), "12", days("", "12")),
            // The days between were not read.
            (days("", "10"), Some("11"), "12", days("", "10")),
            (days("", "10"), Some("10"), "12", days("", "10")),
            (days("05", "05"), Some("05"), "06", days("05", "06")),
            (days("05", "10"), None, "05", days("05", "10")),
            (days("05", "10"), Some("06"), "12", days("05", "12")),
            (days("05", "10"), Some("02"), "12", days("02", "12")),
            (days("05", "10"), None, "12", days("", "12")),
            // It was interrupted before it reached the known days.
            (days("05", "10"), None, "03", days("05", "10")),
            (days("05", "10"), Some("02"), "04", days("05", "10")),
        ] {
            let mut extended = known.clone();
            extended.extend(from, last, false);
            assert_eq!(extended, expected, "{known:?} {from:?} {last}");
        }
        let mut finished = days("05", "05");
        finished.extend(None, "05", true);
        assert_eq!(finished, days("", "05"));
    }
}
