//! A conversion: log files in, one or several commits out.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use ecstrail_converter::{LogFile, PartitionKey, SCHEMA_VERSION};
use rayon::ThreadPool;
use tokio::runtime::Handle;

use crate::{
    convert::{
        read::{FileOutcome, Input, ReadLimits, ReadOutput, fetched_bytes, read},
        write::{PartitionWriter, Written},
    },
    data_file::{encode::Sizes, properties::writer_properties},
    dataset::{Dataset, MAX_RACES},
    error::{Error, Result},
    log::{DataFile, Totals, commit_log::Log, entry::LogEntry},
    progress::{Progress, Stage},
    sort::{SortLimits, SortedRuns},
    storage::{Creation, layout::Transaction},
    workers::{joined, thread_pool},
};

mod accounts;
mod counts;
mod findings;
mod last_days;
pub(crate) mod lookup;
mod notes;
mod options;
mod outcome;
mod partitions;
mod plan;
mod preview;
mod previewed_files;
mod read;
mod rebase;
mod state;
mod window;
mod write;

use accounts::Accounts;
pub use counts::ConvertCounts;
pub use findings::Findings;
pub use last_days::LastDays;
pub use options::{ConvertOptions, Source, TrailStore};
pub use outcome::{ConvertOutcome, SourceOutcome};
use plan::{Planner, batches, numbered_by_name};
pub use preview::{Estimate, Preview, PreviewedGroup, preview};
pub use previewed_files::PreviewedFiles;
use state::{Batch, ConversionState};
pub use window::Listing;
use window::{ListedFile, window_files};

/// Encoded bytes of a row group that an encoder should have room for: with less memory than all
/// threads need, fewer of them encode.
const MIN_ROW_GROUP_BYTES: usize = 16 << 20;

impl Dataset {
    /// Converts what is not converted yet of the sources. As [`convert_listing`](Self::convert_listing),
    /// without having looked at them before.
    pub async fn convert(
        &self,
        sources: &[Source],
        options: &ConvertOptions,
        progress: &Arc<Progress>,
    ) -> Result<ConvertOutcome> {
        let listing = Listing::new(sources.to_vec(), options.selection.clone(), options.late_days);
        self.convert_listing(listing, options, progress).await
    }

    /// Converts what is not converted yet of the sources of a listing.
    ///
    /// Everything that a run of the same command would read again after an interruption is what
    /// was not committed. A damaged log file never ends the run; it is in the outcome.
    pub async fn convert_listing(
        &self,
        listing: Listing,
        options: &ConvertOptions,
        progress: &Arc<Progress>,
    ) -> Result<ConvertOutcome> {
        let mut listing = listing.of_shard(options.shard);
        let conversion = Conversion {
            dataset: self,
            options,
            planner: Planner::new(options),
            pool: thread_pool(options.threads, "convert")?,
            progress,
        };
        let (log, _) = self.settled_log().await?;
        let mut state = ConversionState::new(log);
        state.before = listing.last_days().clone();
        conversion.checkpoint(&mut state).await;
        loop {
            let window = listing.next_window(window_files(options), progress).await?;
            if window.is_empty() {
                state.is_partly_listed |= listing.is_partly_listed();
                break;
            }
            state.is_partly_listed |= listing.is_partly_listed();
            if options.since_last && options.shard.is_none() {
                for listed in &window {
                    state.listed.note(&listed.file, &options.selection);
                }
            }
            let to_read = conversion.to_read(window, &mut state).await?;
            for listed in &to_read {
                progress.plan(listed.file.bytes);
            }
            for batch in batches(to_read, options.commit_bytes) {
                conversion.convert_batch(batch, &mut state).await?;
            }
        }
        conversion.note_selection(&mut state).await?;
        conversion.note_last_days(&mut state).await?;
        let mut outcome = state.outcome;
        outcome.counts.other_shard_files = listing.of_other_shards().files;
        outcome.new_folders = listing.new_folders(&state.listed);
        outcome.sources = listing.finish();
        outcome.check()?;
        Ok(outcome)
    }
}

struct Conversion<'a> {
    dataset: &'a Dataset,
    options: &'a ConvertOptions,
    planner: Planner<'a>,
    pool: Arc<ThreadPool>,
    progress: &'a Arc<Progress>,
}

impl Conversion<'_> {
    /// Returns the log files that are to be read, and counts the others.
    async fn to_read(
        &self,
        files: Vec<ListedFile>,
        state: &mut ConversionState,
    ) -> Result<Vec<ListedFile>> {
        let ledger = Some((&self.dataset.objects, &mut state.log));
        let plan = self.planner.plan(files, ledger, &state.retried).await?;
        state.version = state.log.next_version();
        state.outcome.counts.known_files += plan.known.files;
        state.outcome.counts.known_damaged_files += plan.known_damaged.files;
        Ok(plan.to_read)
    }

    /// Converts one batch of log files into one commit.
    ///
    /// A run that loses the race for the log's next version begins anew from the log as it is then; a
    /// shard does so only if it cannot go on with what it has prepared.
    async fn convert_batch(
        &self,
        mut files: Vec<ListedFile>,
        state: &mut ConversionState,
    ) -> Result<()> {
        let Dataset { staging, .. } = self.dataset;
        for _ in 0..MAX_RACES {
            // All files that the log names can be read then.
            self.dataset.catch_up(&mut state.log).await?;
            while state.log.next_version() != state.version {
                // Others have committed, these log files perhaps.
                files = self.to_read(files, state).await?;
                self.dataset.catch_up(&mut state.log).await?;
            }
            if files.is_empty() {
                return Ok(());
            }
            let inputs = numbered_by_name(&files);
            let transaction = Transaction::new(state.version + self.options.reach());
            let scratch = self.options.scratch.join(transaction.name());
            let earlier = state.outcome.counts.totals;
            let batch = self.prepare(&inputs, state, &transaction, &scratch, earlier).await;
            // Only if it is empty: on the local disk prepared files stand beside the sorted runs.
            drop(std::fs::remove_dir(&scratch));
            let mut batch = match batch {
                Ok(batch) => batch,
                Err(error) => {
                    // What stays is dropped by the next recovery; the first error is the one to tell.
                    drop(staging.discard(&transaction.name()).await);
                    if self.dataset.is_outrun(state.version, &error).await {
                        continue;
                    }
                    return Err(error);
                }
            };
            if batch.entry.ledger.is_none() {
                staging.discard(&transaction.name()).await?;
            } else if self.commit(&mut batch, &files, state).await? == Creation::Lost {
                staging.discard(&transaction.name()).await?;
                continue;
            } else {
                state.log.push_settled(&batch.entry)?;
                state.version = state.log.next_version();
                batch.counts.commits.push(batch.entry.version);
                self.checkpoint(state).await;
            }
            state.add(batch);
            return Ok(());
        }
        Err(Error::Outrun { races: MAX_RACES })
    }

    /// Writes a checkpoint if one is due. The commits stand without.
    async fn checkpoint(&self, state: &mut ConversionState) {
        if let Err(error) = self.dataset.checkpoint_if_due(&mut state.log).await {
            state.outcome.checkpoint_failure = Some(error);
        }
    }

    /// Reads, sorts and encodes a batch; nothing of it is visible yet.
    async fn prepare(
        &self,
        inputs: &[Input],
        state: &ConversionState,
        transaction: &Transaction,
        scratch: &Path,
        earlier: Totals,
    ) -> Result<Batch> {
        let log = &state.log;
        let limits = ReadLimits {
            fetched_bytes: fetched_bytes(self.options.memory_bytes),
            rejected_bytes: self.options.memory_bytes / 32,
            file: self.options.limits,
            sort: self.sort_limits(),
        };
        self.progress.enter(Stage::Reading);
        let ReadOutput { mut outcomes, other_event_sources, sorted } = read(
            inputs.to_vec(),
            Arc::new(self.options.selection.clone()),
            limits,
            Arc::clone(&self.pool),
            scratch,
            Arc::clone(self.progress),
        )
        .await?;
        self.progress.enter(Stage::Writing);
        let failed = outcomes.iter().filter(|(_, outcome)| outcome.is_err());
        let withdrawn = failed.map(|(number, _)| *number).collect();
        let (sorted, withdrawn) =
            self.limit_partitions(inputs, sorted, withdrawn, &mut outcomes, limits).await?;
        let written =
            self.write(inputs, log, transaction.clone(), scratch, sorted, withdrawn).await?;
        let mut batch = self.entry(inputs, state, transaction, outcomes, written, earlier).await?;
        batch.counts.other_event_sources = other_event_sources;
        Ok(batch)
    }

    fn sort_limits(&self) -> SortLimits {
        SortLimits::new(self.options.memory_bytes, self.pool.current_num_threads())
    }

    async fn write(
        &self,
        inputs: &[Input],
        log: &Log,
        transaction: Transaction,
        scratch: &Path,
        sorted: SortedRuns,
        withdrawn: BTreeSet<u32>,
    ) -> Result<Written> {
        let dataset = self.dataset.clone();
        let remembers = self.remembers(&sorted);
        let existing = existing_files(log)?;
        // With all that an encoder needs beside what is encoded, half of the memory.
        let row_groups_bytes = self.options.memory_bytes / 8;
        let encoders =
            (row_groups_bytes / MIN_ROW_GROUP_BYTES).clamp(1, self.pool.current_num_threads());
        let sizes = Sizes {
            target_file_bytes: self.options.target_file_bytes,
            row_group_bytes: self.options.row_group_bytes.min(row_groups_bytes / encoders),
            row_group_text: self.options.row_group_record_bytes,
        };
        let properties = writer_properties(self.options.row_group_rows, SCHEMA_VERSION)
            .map_err(|source| Error::Parquet { path: "the data files".to_owned(), source })?;
        let mut source_files: Vec<Arc<str>> = vec![Arc::from(""); inputs.len()];
        for input in inputs {
            source_files[input.number as usize] = Arc::from(input.file.source_file.as_str());
        }
        let (pool, progress) = (Arc::clone(&self.pool), Arc::clone(self.progress));
        let (runtime, limits, scratch) =
            (Handle::current(), self.sort_limits(), scratch.to_owned());
        let writing = tokio::task::spawn_blocking(move || {
            let writer = PartitionWriter {
                dataset: &dataset,
                transaction: &transaction,
                properties: &properties,
                sizes: &sizes,
                source_files: &source_files,
                withdrawn: &withdrawn,
                existing: &existing,
                runtime,
                progress: &progress,
                scratch: &scratch,
                limits,
                encoders,
                remembers,
            };
            pool.install(|| writer.write(sorted))
        });
        joined(writing.await)?
    }

    /// Checks that every record is accounted for, and describes the commit.
    async fn entry(
        &self,
        inputs: &[Input],
        state: &ConversionState,
        transaction: &Transaction,
        outcomes: Vec<(u32, FileOutcome)>,
        written: Written,
        earlier: Totals,
    ) -> Result<Batch> {
        let mut files: Vec<&LogFile> = inputs.iter().map(|input| &*input.file).collect();
        for input in inputs {
            files[input.number as usize] = &input.file;
        }
        let mut accounts = Accounts::new(transaction);
        for (number, outcome) in outcomes {
            let (file, counts) = (files[number as usize], &written.counts[number as usize]);
            accounts.enter(file, outcome, counts, &self.planner.selection, self.options)?;
        }
        let added = written.files.iter().map(|file| file.rows).sum();
        let Totals { rows: records, .. } = accounts.counts.totals;
        if records != added {
            let what = format!("transaction {}", transaction.name());
            return Err(Error::NotConserved { what, records, accounted: added });
        }
        accounts.check_share(earlier, self.options.most_rejects)?;
        let [ledger, quarantine] = accounts.write(&*self.dataset.staging).await?;
        let Accounts { mut counts, mut findings, retried, mut listed, unread, .. } = accounts;
        listed.withhold(&unread);
        // Other shards may not have read their part of these days.
        let listed = match self.options.shard {
            Some(_) => LastDays::default(),
            None => state.believed(listed, &self.planner.selection),
        };
        counts.data_files = written.files.len() as u64;
        counts.data_bytes = written.files.iter().map(|file| file.bytes).sum();
        findings.quarantine.extend(quarantine.as_ref().map(|file| file.path.clone()));
        let entry = LogEntry {
            selection: self.planner.selection.clone(),
            shard: self.options.shard.map(|shard| shard.to_string()),
            totals: counts.totals,
            rejects: counts.rejects_by_reason.clone(),
            adds: written.files,
            ledger,
            quarantine,
            listed: listed.to_text(),
            ..state.log.empty_entry(transaction)
        };
        let records = written.records;
        Ok(Batch { entry, records, counts, findings, retried, unread })
    }
}

fn existing_files(log: &Log) -> Result<BTreeMap<PartitionKey, Vec<DataFile>>> {
    let mut by_partition: BTreeMap<PartitionKey, Vec<DataFile>> = BTreeMap::new();
    for file in log.files().values() {
        by_partition.entry(file.key()?).or_default().push(file.clone());
    }
    Ok(by_partition)
}

#[cfg(test)]
mod tests;
