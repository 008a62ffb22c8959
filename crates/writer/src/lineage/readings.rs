//! Which commits have read a log file, and whether a row can come from one of them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use ecstrail_converter::Selection;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;

use super::{CommitFacts, Reading, RowFacts};
use crate::{
    error::{Error, Result},
    log::{
        LedgerInput,
        entry::{LogEntry, SideFile},
        lines::for_each_line,
    },
    storage::Objects,
};

/// Ledger files that are read at once.
const CONCURRENT_READS: usize = 8;

/// The commits that have read some log files.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// By `source_file`, the newest last.
    by_source_file: BTreeMap<String, Vec<Reading>>,
    /// Paths of ledger files that are lost or damaged, by the version of their commit.
    pub(super) lost: BTreeMap<u64, String>,
}

/// Whether a commit can have added a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SourceKind {
    /// Perhaps: what its ledger or its selection says is not enough to know.
    Possible,
    /// It has, unless the row was there.
    Sure,
}

/// What finds the line of a log file.
#[derive(Deserialize)]
struct UrlLine<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
}

impl Readings {
    /// Looks for log files by their paths below their sources, with which their URLs end.
    pub(super) async fn find(
        objects: &Objects,
        entries: &[LogEntry],
        source_files: &BTreeSet<&str>,
    ) -> Result<Self> {
        let mut forgotten_by = BTreeMap::new();
        for entry in entries {
            for version in &entry.forgets {
                forgotten_by.entry(*version).or_insert(entry.version);
            }
        }
        let ledgers = entries.iter().filter_map(|entry| Some((entry, entry.ledger.as_ref()?)));
        let mut reads = stream::iter(ledgers)
            .map(|(entry, ledger)| async move {
                match find_inputs(objects, ledger, source_files).await {
                    Ok(inputs) => Ok((entry, Ok(inputs))),
                    Err(Error::Damaged { path, .. }) => Ok((entry, Err(path))),
                    Err(error) => Err(error),
                }
            })
            .buffered(CONCURRENT_READS);
        let mut readings = Self::default();
        while let Some((entry, inputs)) = reads.try_next().await? {
            let inputs = match inputs {
                Ok(inputs) => inputs,
                Err(path) => {
                    readings.lost.insert(entry.version, path);
                    continue;
                }
            };
            for (source_file, log_file) in inputs {
                readings.by_source_file.entry(source_file).or_default().push(Reading {
                    commit: CommitFacts::of(entry),
                    log_file,
                    forgotten_by: forgotten_by.get(&entry.version).copied(),
                });
            }
        }
        Ok(readings)
    }

    /// The commits that have read a log file, the newest last.
    pub(super) fn of(&self, source_file: &str) -> &[Reading] {
        self.by_source_file.get(source_file).map_or(&[], Vec::as_slice)
    }

    /// Returns which commits can have added a row, unless it was there.
    pub(super) fn sources(
        &self,
        entries: &[LogEntry],
        row: &RowFacts,
    ) -> BTreeMap<u64, SourceKind> {
        let readings = self.of(&row.source_file);
        let urls: BTreeSet<&str> =
            readings.iter().map(|reading| reading.log_file.url.as_str()).collect();
        let mut sources: BTreeMap<u64, SourceKind> = entries
            .iter()
            .filter(|entry| self.lost.contains_key(&entry.version))
            .map(|entry| (entry.version, SourceKind::Possible))
            .collect();
        for Reading { commit, log_file, .. } in readings {
            // A newer program may select by more.
            let keeps = commit.selection.parse().ok().map(|kept: Selection| row.is_kept_by(&kept));
            if log_file.totals.rows == 0 || keeps == Some(false) {
                continue;
            }
            let is_sure = keeps.is_some() && urls.len() == 1 && log_file.totals.rejects == 0;
            let kind = if is_sure { SourceKind::Sure } else { SourceKind::Possible };
            sources.insert(commit.version, kind);
        }
        sources
    }
}

/// Returns the log files of a ledger file that have one of these paths below their source.
async fn find_inputs(
    objects: &Objects,
    ledger: &SideFile,
    source_files: &BTreeSet<&str>,
) -> Result<Vec<(String, LedgerInput)>> {
    let mut found = Vec::new();
    for_each_line(objects, ledger, |line| {
        let UrlLine { url } = serde_json::from_slice(line)?;
        for source_file in source_files {
            if url.strip_suffix(source_file).is_some_and(|base| base.ends_with('/')) {
                found.push(((*source_file).to_owned(), serde_json::from_slice(line)?));
            }
        }
        Ok(())
    })
    .await?;
    Ok(found)
}
