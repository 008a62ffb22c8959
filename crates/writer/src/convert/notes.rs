//! Commits without rows, at the end of a conversion: what it has made known of the trail.

use ecstrail_converter::Selection;

use super::{Conversion, ConversionState, LastDays};
use crate::{
    dataset::MAX_RACES,
    error::{Error, Result},
    log::entry::LogEntry,
    storage::{Creation, layout::Transaction},
};

impl Conversion<'_> {
    /// Commits the selection alone, if all of its log files were known by what narrower ones have
    /// read: from the selections in the log follows what the dataset can answer.
    pub(super) async fn note_selection(&self, state: &mut ConversionState) -> Result<()> {
        let counts = &state.outcome.counts;
        if counts.known_files == 0 || !counts.commits.is_empty() {
            return Ok(());
        }
        let selection = self.options.selection.to_string();
        let wider = Selection::text_without_bounds(&selection);
        for _ in 0..MAX_RACES {
            self.dataset.catch_up(&mut state.log).await?;
            let noted = state.log.summary().selections;
            if noted.iter().any(|noted| *noted == selection || *noted == wider) {
                return Ok(());
            }
            let transaction = Transaction::new(state.log.next_version());
            let selection = selection.clone();
            let entry = LogEntry { selection, ..state.log.empty_entry(&transaction) };
            if self.dataset.commit(&entry).await? == Creation::Created {
                return state.log.push_settled(&entry);
            }
        }
        Err(Error::Outrun { races: MAX_RACES })
    }

    /// Commits up to which days folders were listed, as far as no commit says so yet: the log files of
    /// these days were known.
    pub(super) async fn note_last_days(&self, state: &mut ConversionState) -> Result<()> {
        let selection = self.planner.selection.clone();
        for _ in 0..MAX_RACES {
            self.dataset.catch_up(&mut state.log).await?;
            let known = LastDays::of_log(&state.log, &selection);
            let listed = state.believed(state.listed.clone(), &selection);
            let listed = listed.after(&known, self.options.selection.from).to_text();
            if listed.is_empty() {
                return Ok(());
            }
            let transaction = Transaction::new(state.log.next_version());
            let selection = selection.clone();
            let entry = LogEntry { selection, listed, ..state.log.empty_entry(&transaction) };
            if self.dataset.commit(&entry).await? == Creation::Created {
                return state.log.push_settled(&entry);
            }
        }
        Err(Error::Outrun { races: MAX_RACES })
    }
}
