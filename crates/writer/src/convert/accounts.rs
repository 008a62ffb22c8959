//! The outcome of each log file of a batch: its line in the ledger, its lines in the quarantine,
//! and the sums of all.

use std::collections::BTreeMap;

use ecstrail_converter::{FileTally, LogFile, LookAlike, Reject, RejectReason, Suspicion};

use super::{ConvertOptions, ConvertOutcome};
use crate::{
    convert::{
        read::{FileOutcome, Input},
        write::RowCounts,
    },
    error::{Error, Result},
    log::{
        Totals,
        entry::SideFile,
        ledger::{JsonLines, Key, LedgerInput, input_key},
        quarantine::QuarantineLine,
    },
    storage::{Staging, digest::hex, layout::Transaction},
};

/// Rejects that an outcome describes; the dataset's quarantine lists many more.
pub(super) const DESCRIBED_REJECTS: usize = 20;
/// Log files that could not be read, or are suspicious, that an outcome names.
const DESCRIBED_FILES: usize = 1000;

/// The outcome of the log files of a batch.
#[derive(Debug)]
pub(super) struct Accounts {
    pub(super) totals: Totals,
    pub(super) rejects_by_reason: BTreeMap<RejectReason, u64>,
    rejects: Vec<Reject>,
    damaged_files: u64,
    damaged: Vec<ecstrail_converter::Error>,
    excluded: u64,
    look_alikes: BTreeMap<LookAlike, u64>,
    look_alike_files: BTreeMap<LookAlike, u64>,
    suspicions: BTreeMap<Suspicion, u64>,
    suspicious: Vec<(String, Suspicion)>,
    retried: Vec<Key>,
    decompressed_bytes: u64,
    ledger: JsonLines,
    quarantine: JsonLines,
}

impl Accounts {
    pub(super) fn new(transaction: &Transaction) -> Self {
        Self {
            totals: Totals::default(),
            rejects_by_reason: BTreeMap::new(),
            rejects: Vec::new(),
            damaged_files: 0,
            damaged: Vec::new(),
            excluded: 0,
            look_alikes: BTreeMap::new(),
            look_alike_files: BTreeMap::new(),
            suspicions: BTreeMap::new(),
            suspicious: Vec::new(),
            retried: Vec::new(),
            decompressed_bytes: 0,
            ledger: JsonLines::new(transaction.ledger()),
            quarantine: JsonLines::new(transaction.quarantine()),
        }
    }

    /// Enters a log file, and checks that each of its records is accounted for.
    pub(super) fn enter(
        &mut self,
        file: &LogFile,
        outcome: FileOutcome,
        counts: &RowCounts,
        selection: &str,
        options: &ConvertOptions,
    ) -> Result<()> {
        let mut input = LedgerInput {
            url: file.url(),
            bytes: file.bytes,
            version: file.version(),
            ..LedgerInput::default()
        };
        match outcome {
            Ok(tally) => {
                input.sha256 = hex(&tally.sha256);
                input.totals = account(file, &tally, counts)?;
                input.look_alike = tally.is_look_alike();
                input.suspicions = tally.suspicions.iter().copied().collect();
                self.add(file, tally, &input)?;
            }
            Err(error) => {
                self.damaged_files += 1;
                let is_passing = error.is_passing();
                let damage = error.to_string();
                if self.damaged.len() < DESCRIBED_FILES {
                    self.damaged.push(error);
                }
                if is_passing {
                    return Ok(());
                }
                if options.rereads() {
                    self.retried.push(input_key(file, selection));
                }
                self.quarantine.push(&QuarantineLine::of_file(file, &damage))?;
                input.damage = Some(damage);
            }
        }
        self.ledger.push(&input)
    }

    fn add(&mut self, file: &LogFile, tally: FileTally, input: &LedgerInput) -> Result<()> {
        self.totals += input.totals;
        self.decompressed_bytes += tally.decompressed_bytes;
        self.excluded += tally.excluded;
        for reject in &tally.rejects {
            self.quarantine.push(&QuarantineLine::of_record(file, reject))?;
        }
        let room = DESCRIBED_REJECTS.saturating_sub(self.rejects.len());
        let described = tally.rejects.into_iter().take(room);
        self.rejects.extend(described.map(|reject| Reject { record: None, ..reject }));
        add_up(&mut self.rejects_by_reason, tally.rejected_by_reason);
        match input.look_alike {
            Some(look_alike) => *self.look_alike_files.entry(look_alike).or_default() += 1,
            None => add_up(&mut self.look_alikes, tally.look_alikes),
        }
        for suspicion in tally.suspicions {
            *self.suspicions.entry(suspicion).or_default() += 1;
            if self.suspicious.len() < DESCRIBED_FILES {
                self.suspicious.push((file.source_file.clone(), suspicion));
            }
        }
        Ok(())
    }

    /// Writes ledger and quarantine, where there is something to write.
    pub(super) async fn write(&mut self, staging: &dyn Staging) -> Result<[Option<SideFile>; 2]> {
        let mut written = [None, None];
        for (lines, written) in
            [&mut self.ledger, &mut self.quarantine].into_iter().zip(&mut written)
        {
            if let Some((file, bytes)) = lines.take() {
                staging.write(&file.path, bytes).await?;
                *written = Some(file);
            }
        }
        Ok(written)
    }

    /// Checks that not too large a share of the records was refused, with those of earlier batches.
    pub(super) fn check_share(&self, earlier: Totals, most: Option<f64>) -> Result<()> {
        let mut totals = earlier;
        totals += self.totals;
        let Some(most) = most else { return Ok(()) };
        #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
        let share = totals.rejects as f64 / totals.records.max(1) as f64;
        if share <= most {
            return Ok(());
        }
        Err(Error::TooManyRejects {
            rejects: totals.rejects,
            records: totals.records,
            first: self.rejects.first().map(ToString::to_string).unwrap_or_default(),
        })
    }

    /// Adds the outcome of the batch to that of the conversion.
    pub(super) fn report(self, inputs: &[Input], outcome: &mut ConvertOutcome) -> Vec<Key> {
        outcome.totals += self.totals;
        outcome.files += inputs.len() as u64;
        outcome.stored_bytes += inputs.iter().map(|input| input.file.bytes).sum::<u64>();
        outcome.decompressed_bytes += self.decompressed_bytes;
        outcome.damaged_files += self.damaged_files;
        outcome.excluded += self.excluded;
        add_up(&mut outcome.rejects_by_reason, self.rejects_by_reason);
        add_up(&mut outcome.suspicions, self.suspicions);
        add_up(&mut outcome.look_alikes, self.look_alikes);
        add_up(&mut outcome.look_alike_files, self.look_alike_files);
        fill(&mut outcome.damaged, self.damaged, DESCRIBED_FILES);
        fill(&mut outcome.suspicious, self.suspicious, DESCRIBED_FILES);
        fill(&mut outcome.rejects, self.rejects, DESCRIBED_REJECTS);
        self.retried
    }
}

fn add_up<K: Ord>(sums: &mut BTreeMap<K, u64>, further: BTreeMap<K, u64>) {
    for (key, number) in further {
        *sums.entry(key).or_default() += number;
    }
}

fn fill<T>(described: &mut Vec<T>, further: Vec<T>, most: usize) {
    let room = most.saturating_sub(described.len());
    described.extend(further.into_iter().take(room));
}

/// Adds up the outcome of one log file's records.
fn account(file: &LogFile, tally: &FileTally, counts: &RowCounts) -> Result<Totals> {
    let totals = Totals {
        records: tally.records,
        rows: counts.rows(),
        filtered: tally.filtered,
        duplicates: counts.duplicates(),
        rejects: tally.rejected,
    };
    if totals.is_conserved() {
        return Ok(totals);
    }
    let accounted = totals.rows + totals.filtered + totals.duplicates + totals.rejects;
    Err(Error::NotConserved { what: file.source_file.clone(), records: totals.records, accounted })
}
