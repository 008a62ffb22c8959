//! The outcome of each log file of a batch: its line in the ledger, its lines in the quarantine,
//! and the sums of all.

use std::collections::BTreeSet;

use ecstrail_converter::{DigestVerdict, FileTally, LogFile, Suspicion};

use super::{
    ConvertCounts, ConvertOptions, Findings, LastDays, counts::add_up, last_days::folder_of,
};
use crate::{
    convert::{read::FileOutcome, write::RowCounts},
    error::{Error, Result},
    log::{
        Totals,
        entry::SideFile,
        ledger::{Key, LedgerInput, input_key},
        lines::JsonLines,
        quarantine::QuarantineLine,
    },
    storage::{Staging, digest::hex, layout::Transaction},
};

/// The outcome of the log files of a batch.
#[derive(Debug)]
pub(super) struct Accounts {
    pub(super) counts: ConvertCounts,
    pub(super) findings: Findings,
    /// Keys of inputs that were damaged before and were read again in vain.
    pub(super) retried: Vec<Key>,
    /// Up to which days folders were read.
    pub(super) listed: LastDays,
    /// Folders with log files that could not be read and may be readable next time.
    pub(super) unread: BTreeSet<String>,
    ledger: JsonLines,
    quarantine: JsonLines,
}

impl Accounts {
    pub(super) fn new(transaction: &Transaction) -> Self {
        Self {
            counts: ConvertCounts::default(),
            findings: Findings::default(),
            retried: Vec::new(),
            listed: LastDays::default(),
            unread: BTreeSet::new(),
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
        self.listed.note(file, &options.selection);
        self.counts.files += 1;
        self.counts.stored_bytes += file.bytes;
        match outcome {
            Ok(tally) => {
                input.sha256 = hex(&tally.sha256);
                input.whole = options.selection.has_bounds() && tally.out_of_bounds == 0;
                input.totals = account(file, &tally, counts)?;
                input.look_alike = tally.is_look_alike();
                input.suspicions = tally.suspicions.iter().copied().collect();
                input.proven_by = self.prove(file, &tally, options);
                self.add(file, tally, &input)?;
            }
            Err(error) => {
                self.counts.damaged_files += 1;
                let is_passing = error.is_passing();
                let damage = error.to_string();
                self.findings.describe_damaged(error);
                if is_passing {
                    self.unread.extend(folder_of(file));
                    return Ok(());
                }
                if options.rereads() {
                    self.retried.push(input_key(file, selection));
                }
                self.quarantine.push(&QuarantineLine::of_file(file, &damage))?;
                // Nothing of it was kept, whatever the selection.
                input.whole = options.selection.has_bounds();
                input.damage = Some(damage);
            }
        }
        self.ledger.push(&input)
    }

    /// Returns the digest that proves a log file.
    fn prove(
        &mut self,
        file: &LogFile,
        tally: &FileTally,
        options: &ConvertOptions,
    ) -> Option<String> {
        const APPENDED: [Suspicion; 3] =
            [Suspicion::SeveralMembers, Suspicion::TrailingZeros, Suspicion::TrailingBytes];
        let is_one_member = !APPENDED.iter().any(|kind| tally.suspicions.contains(kind));
        match options.named.as_ref()?.verdict(file, tally.sha256, is_one_member) {
            DigestVerdict::Proved(digest) => {
                self.counts.proved_files += 1;
                Some(digest.to_string())
            }
            DigestVerdict::Changed(digest) => {
                self.counts.disproved_files += 1;
                self.findings.describe_disproved(file.url(), digest.to_string());
                None
            }
            DigestVerdict::Unnamed | DigestVerdict::Unproven => None,
        }
    }

    fn add(&mut self, file: &LogFile, tally: FileTally, input: &LedgerInput) -> Result<()> {
        let counts = &mut self.counts;
        counts.totals += input.totals;
        counts.decompressed_bytes += tally.decompressed_bytes;
        counts.excluded += tally.excluded;
        add_up(&mut counts.rejects_by_reason, tally.rejected_by_reason);
        if let Some(look_alike) = input.look_alike {
            add_up(&mut counts.look_alike_files, [(look_alike, 1)]);
        } else {
            counts.converted_files += 1;
            add_up(&mut counts.look_alikes, tally.look_alikes);
        }
        for suspicion in tally.suspicions {
            add_up(&mut counts.suspicions, [(suspicion, 1)]);
            self.findings.describe_suspicious(&file.source_file, suspicion);
        }
        for reject in &tally.rejects {
            self.quarantine.push(&QuarantineLine::of_record(file, reject))?;
        }
        self.findings.describe_rejects(tally.rejects);
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

    /// Checks the share of rejected records, those of earlier batches included.
    pub(super) fn check_share(&self, earlier: Totals, most: Option<f64>) -> Result<()> {
        let mut totals = earlier;
        totals += self.counts.totals;
        let Some(most) = most else { return Ok(()) };
        #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
        let share = totals.rejects as f64 / totals.records.max(1) as f64;
        if share <= most {
            return Ok(());
        }
        Err(Error::TooManyRejects {
            rejects: totals.rejects,
            records: totals.records,
            first: self.findings.rejects.first().map(ToString::to_string).unwrap_or_default(),
        })
    }
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
