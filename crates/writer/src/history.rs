//! What was converted into a dataset, and what an interrupted run left: all from its log.

use std::collections::{BTreeMap, BTreeSet};

use ecstrail_converter::{Reject, RejectReason};
use object_store::{ObjectStore, path::Path};

use crate::{
    Error, Result, Totals,
    layout::{self, TMP},
    snapshot::{Log, below, read},
};

/// The commits of a dataset, summed up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Commits whose files are published, and deleted as far as they are replaced.
    pub commits: u64,
    /// Commits that are not: the next writing command sees to it.
    pub unpublished: u64,
    /// Log files read, each once for every selection.
    pub log_files: u64,
    /// What became of their records.
    pub totals: Totals,
    /// Rejects by reason, as far as they are listed in the quarantine.
    pub rejects: BTreeMap<RejectReason, u64>,
    /// What was prepared by runs that were interrupted or are still going: their transactions.
    pub unfinished: BTreeSet<String>,
}

impl History {
    /// Reads the log of the dataset at `home`.
    ///
    /// # Errors
    /// [`Error::NotADataset`] if there is no dataset.
    pub async fn read(store: &dyn ObjectStore, home: &Path) -> Result<Self> {
        let log = Log::read(store, home).await?;
        let mut history = Self::default();
        for entry in &log.entries {
            if !log.is_settled(entry) {
                history.unpublished += 1;
                continue;
            }
            history.commits += 1;
            history.totals += entry.totals;
            history.log_files += entry.ledger.as_ref().map_or(0, |ledger| ledger.lines);
            if let Some(quarantine) = &entry.quarantine {
                history.count_rejects(store, home, &quarantine.path).await?;
            }
        }
        let prepared = store.list_with_delimiter(Some(&below(home, TMP))).await;
        let prepared = prepared.map_err(|source| Error::Store {
            action: "list",
            path: TMP.to_owned(),
            source,
        })?;
        let names = prepared.common_prefixes.iter().filter_map(|folder| folder.filename());
        history.unfinished = names
            .filter(|name| layout::Transaction::parse(name).is_some())
            .map(str::to_owned)
            .collect();
        Ok(history)
    }

    async fn count_rejects(
        &mut self,
        store: &dyn ObjectStore,
        home: &Path,
        path: &str,
    ) -> Result<()> {
        let gone = || Error::Damaged { path: path.to_owned(), reason: "gone".to_owned() };
        let bytes = read(store, home, path).await?.ok_or_else(gone)?;
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let reject: Reject = serde_json::from_slice(line).map_err(|error| Error::Damaged {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
            *self.rejects.entry(reject.reason).or_default() += 1;
        }
        Ok(())
    }
}
