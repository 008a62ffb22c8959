//! Vacuum: deletes files that no commit refers to, long after the run that wrote them has ended.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;

use crate::{
    dataset::{Dataset, MAX_RACES, old_checkpoints},
    error::{Error, Result},
    log::commit_log::Log,
    storage::{
        Creation, Objects,
        layout::{self, Transaction},
    },
};

mod facts;
mod plan;

pub use facts::VacuumReason;
use facts::{Facts, Verdict};
pub use plan::{ForeignFile, Leftover, VacuumCount, VacuumPlan};
use plan::{Found, plan};

/// Objects that are removed with one call.
const REMOVED_AT_ONCE: usize = 1000;

/// How to vacuum.
#[derive(Debug, Clone)]
pub struct VacuumOptions {
    /// How long ago something must have been written to be deleted.
    pub older_than: Duration,
}

impl Default for VacuumOptions {
    fn default() -> Self {
        Self { older_than: Duration::from_hours(24) }
    }
}

/// What a vacuum did.
#[derive(Debug, Default)]
pub struct VacuumOutcome {
    /// What was deleted. Files of what was planned that are needed after all stay, and are not here.
    pub deletions: Vec<Leftover>,
    /// Version of the empty commit that keeps unfinished runs from ever committing, if one was made.
    pub fence: Option<u64>,
}

impl VacuumOutcome {
    /// What was deleted for a reason.
    pub fn count(&self, reason: VacuumReason) -> VacuumCount {
        VacuumCount::of(&self.deletions, reason)
    }
}

impl Dataset {
    /// Plans to delete what is left over and was written long before `now`. Lists every object of
    /// the dataset.
    pub async fn vacuum_plan(
        &self,
        options: &VacuumOptions,
        now: DateTime<Utc>,
    ) -> Result<VacuumPlan> {
        plan_vacuum(&self.objects, options, now).await
    }

    /// Deletes what is planned, as far as it is not needed after all. Doing it again changes
    /// nothing.
    ///
    /// Unfinished runs that may still be alive are kept from committing first: by an empty commit,
    /// which takes the version that they want or which they do not go past. One that is alive begins
    /// anew.
    pub async fn vacuum(&self, plan: &VacuumPlan) -> Result<VacuumOutcome> {
        let mut outcome = VacuumOutcome::default();
        if !plan.fenced.is_empty() {
            outcome.fence = self.fence(&plan.fenced).await?;
        }
        // Publishes what one of those runs has committed in the last moment, drops all others.
        self.recover().await?;
        let facts = facts(&self.objects).await?;
        let mut removed = Vec::new();
        for leftover in &plan.deletions {
            let is_void = match facts.verdict(&leftover.path) {
                Verdict::Delete(_) => true,
                Verdict::Undecided(_, transaction) => plan.fenced.contains(&transaction),
                Verdict::Keep | Verdict::Foreign => false,
            };
            if !is_void {
                continue;
            }
            match layout::transaction_folder(&leftover.path) {
                Some(transaction) => self.staging.discard(transaction).await?,
                None => removed.push(leftover.path.clone()),
            }
            outcome.deletions.push(leftover.clone());
        }
        for paths in removed.chunks(REMOVED_AT_ONCE) {
            self.staging.remove(paths).await?;
        }
        Ok(outcome)
    }

    /// Makes an empty commit if one of these transactions may still be committed. They were all
    /// prepared before it, so that none is committed after it.
    async fn fence(&self, transactions: &[String]) -> Result<Option<u64>> {
        for _ in 0..MAX_RACES {
            let (log, _) = self.settled_log().await?;
            let wanted = transactions.iter().filter_map(|name| Transaction::parse(name));
            if !wanted.into_iter().any(|wanted| wanted.version >= log.next_version()) {
                return Ok(None);
            }
            // Its own nonce tells it from what the others want to commit: entries are compared whole.
            let transaction = Transaction::new(log.next_version());
            let entry = log.empty_entry(&transaction);
            if self.commit(&entry).await? == Creation::Created {
                return Ok(Some(entry.version));
            }
        }
        Err(Error::Outrun { races: MAX_RACES })
    }
}

/// Plans to delete what is left over of the dataset at `home` and was written long before `now`.
/// Reads alone: what an interrupted run left is not finished first.
pub async fn plan_vacuum(
    objects: &Objects,
    options: &VacuumOptions,
    now: DateTime<Utc>,
) -> Result<VacuumPlan> {
    let facts = facts(objects).await?;
    let failed = |source| Error::Store { action: "list", path: objects.home.to_string(), source };
    let mut listed = objects.store.list(Some(&objects.home));
    let (mut found, mut published) = (Vec::new(), BTreeMap::new());
    while let Some(object) = listed.try_next().await.map_err(failed)? {
        let path = objects.path_of(&object.location);
        if let Some(version) = layout::done_version_of(&path) {
            published.insert(version, object.last_modified);
        }
        let verdict = facts.verdict(&path);
        if verdict != Verdict::Keep {
            found.push(Found { path, bytes: object.size, written: object.last_modified, verdict });
        }
    }
    // Such a file is as old as the commit that replaced it, by the store's own clock.
    for found in &mut found {
        let replaced = facts.replaced_by(&found.path).and_then(|version| published.get(&version));
        found.written = replaced.copied().map_or(found.written, |at| at.max(found.written));
    }
    Ok(plan(found, options, now))
}

async fn facts(objects: &Objects) -> Result<Facts> {
    // A checkpoint does not say whose the files beside the data are.
    let log = Log::read_whole(objects).await?;
    Ok(Facts::of(&log, old_checkpoints::old(objects).await?))
}

#[cfg(test)]
mod tests;
