//! Which log files a conversion reads, in which commits: those that the ledger does not know.

use std::{collections::HashSet, sync::Arc};

use ecstrail_converter::LogFile;

use super::{Conversion, ConvertOutcome, Source};
use crate::{
    Result,
    dataset::Dataset,
    ledger::{Known, Ledger, input_key},
    read::Input,
    snapshot::Log,
};

/// What is to be converted.
pub(super) struct Plan {
    /// Each becomes a commit.
    pub(super) batches: Vec<Vec<Input>>,
    /// The next version of the log from which it is known that the inputs are new.
    pub(super) version: u64,
}

impl Conversion<'_> {
    /// Takes the inputs that are not known, in the order given, cut into commits.
    pub(super) async fn plan(
        &self,
        sources: &[Source],
        outcome: &mut ConvertOutcome,
    ) -> Result<Plan> {
        let log = self.dataset.log().await?;
        let ledger = self.ledger(&log).await?;
        let mut batches = vec![Vec::new()];
        let mut batch_bytes = 0;
        let mut taken = HashSet::new();
        for source in sources {
            for file in &source.log_files {
                // Sources may overlap.
                if !taken.insert(input_key(file)) {
                    continue;
                }
                if !self.is_wanted(&ledger, file, outcome) {
                    continue;
                }
                if batch_bytes > self.options.commit_bytes {
                    batches.push(Vec::new());
                    batch_bytes = 0;
                }
                batch_bytes += file.bytes;
                self.progress.plan(file.bytes);
                let (store, file) = (Arc::clone(&source.store), Arc::clone(file));
                if let Some(batch) = batches.last_mut() {
                    batch.push(Input { store, file, number: 0 });
                }
            }
        }
        batches.retain(|batch| !batch.is_empty());
        for batch in &mut batches {
            number_by_name(batch);
        }
        Ok(Plan { batches, version: log.next_version() })
    }

    pub(super) async fn ledger(&self, log: &Log) -> Result<Ledger> {
        let Dataset { store, home, .. } = self.dataset;
        Ledger::read(&**store, home, log, &self.options.selection.to_string()).await
    }

    /// Returns whether a log file is to be read; one that is not is counted.
    pub(super) fn is_wanted(
        &self,
        ledger: &Ledger,
        file: &LogFile,
        outcome: &mut ConvertOutcome,
    ) -> bool {
        match ledger.knows(file) {
            Known::Converted => outcome.known_files += 1,
            Known::Damaged if !self.options.retry => outcome.known_damaged_files += 1,
            Known::New | Known::Damaged => return true,
        }
        false
    }
}

/// Numbers the inputs in the order of their names, which decides between duplicates.
pub(super) fn number_by_name(inputs: &mut [Input]) {
    let mut order: Vec<usize> = (0..inputs.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&inputs[*a].file, &inputs[*b].file);
        a.source_file.cmp(&b.source_file).then_with(|| a.url().cmp(&b.url()))
    });
    for (number, place) in (0..).zip(order) {
        inputs[place].number = number;
    }
}
