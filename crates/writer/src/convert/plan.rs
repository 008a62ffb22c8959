//! Which log files of a window a conversion reads, in which commits: those that the ledger does not
//! know.

use super::{Conversion, Course};
use crate::{
    convert::{
        lookup::{Candidates, Known, Standing},
        read::Input,
    },
    error::Result,
    log::ledger::input_key,
    workers::joined,
};

impl Conversion<'_> {
    /// Takes the inputs of a window that are not known, cut into commits.
    pub(super) async fn plan(
        &self,
        window: Vec<Input>,
        course: &mut Course,
    ) -> Result<Vec<Vec<Input>>> {
        let wanted = self.wanted(window, course).await?;
        let mut batches = Vec::new();
        let mut batch = Vec::new();
        let mut batch_bytes = 0;
        for input in in_plan_order(wanted) {
            if batch_bytes > self.options.commit_bytes {
                batches.push(std::mem::take(&mut batch));
                batch_bytes = 0;
            }
            batch_bytes += input.file.bytes;
            self.progress.plan(input.file.bytes);
            batch.push(input);
        }
        if !batch.is_empty() {
            batches.push(batch);
        }
        for batch in &mut batches {
            number_by_name(batch);
        }
        Ok(batches)
    }

    /// Leaves out the inputs that are known, counting them.
    pub(super) async fn wanted(
        &self,
        inputs: Vec<Input>,
        course: &mut Course,
    ) -> Result<Vec<Input>> {
        let selection = self.selection.clone();
        let prepared = tokio::task::spawn_blocking(move || {
            let candidates = Candidates::new(inputs.iter().map(|input| &*input.file), &selection);
            Ok((inputs, candidates))
        });
        let (inputs, mut candidates) = joined(prepared.await)??;
        self.dataset.look_up(&mut candidates, &mut course.log, &self.selection).await?;
        course.version = course.log.next_version();
        let standings = candidates.standings();
        let with_standing = inputs.into_iter().zip(standings);
        let wanted =
            with_standing.filter(|(input, standing)| self.is_wanted(input, *standing, course));
        Ok(wanted.map(|(input, _)| input).collect())
    }

    /// Returns whether a log file is to be read; one that is not is counted.
    fn is_wanted(&self, input: &Input, standing: Standing, course: &mut Course) -> bool {
        let was_retried = || course.retried.contains(&input_key(&input.file, &self.selection));
        match standing.known {
            Known::Converted if !self.options.reread => course.outcome.counts.known_files += 1,
            Known::Damaged if !self.options.rereads() || was_retried() => {
                course.outcome.counts.known_damaged_files += 1;
            }
            // Sources may overlap.
            _ if standing.is_repeated => course.outcome.counts.known_files += 1,
            _ => return true,
        }
        false
    }
}

/// Sorts inputs by delivery day, region, account and name; those that are equal stay in order.
fn in_plan_order(inputs: Vec<Input>) -> Vec<Input> {
    let mut order: Vec<_> =
        (0_usize..).zip(&inputs).map(|(place, input)| (input.file.plan_key(), place)).collect();
    order.sort_unstable();
    let order: Vec<usize> = order.into_iter().map(|(_, place)| place).collect();
    let mut inputs: Vec<_> = inputs.into_iter().map(Some).collect();
    order.into_iter().filter_map(|place| inputs[place].take()).collect()
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
