//! Compaction: small data files of a partition become few large ones, and those that an older
//! column table made are flattened anew. The rows stay what they are.

use std::{collections::BTreeSet, sync::Arc};

use rayon::ThreadPool;

use crate::{
    dataset::{Dataset, MAX_RACES},
    error::{Error, Result},
    log::{commit_log::Log, entry::LogEntry},
    progress::{Progress, Stage},
    storage::{Creation, layout::Transaction},
    workers::thread_pool,
};

mod merge;
mod options;
mod outcome;
mod plan;
pub(crate) mod read;
mod rewrite;
mod rows;
mod upgrade;

pub use options::CompactOptions;
pub use outcome::CompactionOutcome;
pub use plan::{CompactionPlan, PlannedMerge, plan_compaction};

impl Dataset {
    /// Plans a compaction of what is committed now.
    pub async fn compact_plan(&self, options: &CompactOptions) -> Result<CompactionPlan> {
        plan_compaction(self.log().await?.files().values(), options)
    }

    /// Compacts, commit after commit, until there is nothing more to do.
    ///
    /// A file that cannot be rewritten stays as it is and ends nothing; it is in the outcome. A run
    /// that loses the race for a version begins that commit anew, from the log as it is then.
    pub async fn compact(
        &self,
        options: &CompactOptions,
        progress: &Arc<Progress>,
    ) -> Result<CompactionOutcome> {
        let mut compaction = Compaction {
            dataset: self,
            options,
            progress,
            pool: thread_pool(options.threads, "compact")?,
            log: self.settled_log().await?.0,
            given_up: BTreeSet::new(),
            outcome: CompactionOutcome::default(),
        };
        progress.enter(Stage::Reading);
        let mut races = 0;
        while races < MAX_RACES {
            match compaction.commit_next().await? {
                Step::Committed => races = 0,
                Step::GaveUpFile => {}
                Step::Outrun => races += 1,
                Step::NothingLeft => return Ok(compaction.outcome),
            }
        }
        Err(Error::Outrun { races })
    }
}

struct Compaction<'a> {
    dataset: &'a Dataset,
    options: &'a CompactOptions,
    progress: &'a Arc<Progress>,
    pool: Arc<ThreadPool>,
    log: Log,
    /// Paths of files that cannot be rewritten.
    given_up: BTreeSet<String>,
    outcome: CompactionOutcome,
}

/// The outcome of an attempt to commit.
enum Step {
    Committed,
    GaveUpFile,
    Outrun,
    NothingLeft,
}

impl Compaction<'_> {
    /// Makes the first commit of a plan for the log as it is now.
    async fn commit_next(&mut self) -> Result<Step> {
        // All files that the log names can be read then.
        self.dataset.catch_up(&mut self.log).await?;
        let files = self.log.files();
        let candidates = files.values().filter(|file| !self.given_up.contains(&file.path));
        let plan = plan_compaction(candidates, self.options)?;
        self.progress.plan_rest(plan.files(), plan.bytes());
        let Some(merges) = plan.commits.into_iter().next() else { return Ok(Step::NothingLeft) };
        let transaction = Transaction::new(self.log.next_version());
        let staging = &self.dataset.staging;
        let entry = match self.prepare(merges.clone(), &transaction).await {
            Ok(entry) => entry,
            Err(error) => {
                // What stays is dropped by the next recovery; the first error is the one to tell.
                drop(staging.discard(&transaction.name()).await);
                return self.forgive(error, &transaction).await;
            }
        };
        let (created, exchange) = self.dataset.commit_and_time(&entry).await?;
        if created == Creation::Lost {
            staging.discard(&transaction.name()).await?;
            return Ok(Step::Outrun);
        }
        self.log.push_settled(&entry)?;
        self.outcome.note(entry.version, &merges, &entry.adds, exchange);
        Ok(Step::Committed)
    }

    /// Tells an error that ends the run from one that costs an attempt.
    async fn forgive(&mut self, error: Error, transaction: &Transaction) -> Result<Step> {
        if let Error::NotRewritten { path, .. } = &error {
            self.given_up.insert(path.clone());
            self.outcome.not_rewritten.push(error);
            return Ok(Step::GaveUpFile);
        }
        let is_outrun = self.dataset.is_outrun(transaction.version, &error).await;
        if is_outrun { Ok(Step::Outrun) } else { Err(error) }
    }

    /// Merges files into prepared ones, and describes the commit; nothing is visible yet.
    async fn prepare(
        &self,
        merges: Vec<PlannedMerge>,
        transaction: &Transaction,
    ) -> Result<LogEntry> {
        let upgrades = merges.iter().any(|merge| merge.upgraded_files > 0);
        let (rows, removes) = {
            let files = merges.iter().flat_map(|merge| &merge.files);
            let mut removes: Vec<String> = files.map(|file| file.path.clone()).collect();
            removes.sort();
            (merges.iter().map(PlannedMerge::rows).sum(), removes)
        };
        let adds = self.rewrite(merges, transaction.clone()).await?;
        let added: u64 = adds.iter().map(|file| file.rows).sum();
        if added != rows {
            let what = format!("transaction {}", transaction.name());
            return Err(Error::NotConserved { what, records: rows, accounted: added });
        }
        let mut entry = LogEntry { adds, removes, ..self.log.empty_entry(transaction) };
        if let Some(delta) = &mut entry.delta {
            delta.changes_values = upgrades;
        }
        Ok(entry)
    }
}

#[cfg(test)]
mod tests;
