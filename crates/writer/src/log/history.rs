//! What was converted into a dataset, and what an interrupted run left: all from its log.

use std::collections::{BTreeMap, BTreeSet};

use ecstrail_converter::RejectReason;

use crate::{
    error::{Error, Result},
    log::{Totals, commit_log::Log, summary::LogSummary},
    storage::{
        Objects, TMP,
        layout::{self, TXN},
    },
};

/// The commits of a dataset, summed up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Commits whose files are published, and deleted as far as they are replaced.
    pub commits: u64,
    /// Commits that are not: the next writing command publishes them.
    pub unpublished: u64,
    /// When the first of the published commits was made, in UTC, such as
    /// `2026-11-22T23:04:05.678Z`, by its writer's clock; `None` if it does not say.
    pub first_commit_at: Option<String>,
    /// When the last of them was made.
    pub last_commit_at: Option<String>,
    /// Log files read, each once for every selection.
    pub log_files: u64,
    /// The outcome of their records.
    pub totals: Totals,
    /// Rejects by reason. Those of commits of older programs, which do not say, are missing.
    pub rejects: BTreeMap<RejectReason, u64>,
    /// The version that the Delta log begins with; `None` if there is none.
    pub delta_since: Option<u64>,
    /// What was prepared by runs that were interrupted or are still going: their transactions.
    pub unfinished: BTreeSet<String>,
}

impl History {
    /// Reads the log of the dataset at `home`.
    ///
    /// # Errors
    /// [`Error::NotADataset`] if there is no dataset.
    pub async fn read(objects: &Objects) -> Result<Self> {
        let log = Log::read(objects).await?;
        let mut unfinished = BTreeSet::new();
        for folder in [TMP, TXN] {
            let prepared = objects.store.list_with_delimiter(Some(&objects.at(folder))).await;
            let prepared = prepared.map_err(|source| Error::Store {
                action: "list",
                path: folder.to_owned(),
                source,
            })?;
            let names = prepared.common_prefixes.iter().filter_map(|folder| folder.filename());
            let names = names.filter(|name| layout::Transaction::parse(name).is_some());
            unfinished.extend(names.map(str::to_owned));
        }
        let delta_since = log.delta().map(|delta| delta.since);
        let LogSummary {
            commits, first_commit_at, last_commit_at, log_files, totals, rejects, ..
        } = log.summary();
        Ok(Self {
            commits,
            unpublished: log.unsettled().count() as u64,
            first_commit_at,
            last_commit_at,
            log_files,
            totals,
            rejects,
            delta_since,
            unfinished,
        })
    }
}
