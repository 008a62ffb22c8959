//! Which of the log files that a repair forgets a trail still has: rows of the others do not come back.

use std::{collections::HashSet, sync::Arc};

use ecstrail_converter::Selection;

use crate::{
    convert::{LastDays, Source},
    error::{Error, Result},
    log::{commit_log::Log, ledger::for_each_ledger_input},
    progress::{Progress, Stage},
    proof::converted::{Key, key},
    storage::Objects,
};

/// Log files that are gone and are named.
const NAMED: usize = 100;

/// What a trail still has of log files that were converted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returning {
    /// Log files with rows that the trail still has.
    pub there: u64,
    /// Log files with rows that it has not any more.
    pub gone: u64,
    /// The first 100 of them.
    pub first_gone: Vec<String>,
    /// The rows that were made of them. Not all of these were in the data files that are lost.
    pub rows_of_gone: u64,
    /// Log files with rows that are not of this trail.
    pub elsewhere: u64,
}

/// Looks whether a trail still has the log files of some commits.
///
/// # Errors
/// Errors of the dataset's log, and of the trail if part of it cannot be listed.
pub async fn look_for_inputs(
    source: &Source,
    objects: &Objects,
    versions: &[u64],
    progress: &Arc<Progress>,
) -> Result<Returning> {
    progress.enter(Stage::Listing);
    let mut listed: HashSet<Key> = HashSet::new();
    let mut discovery = source.discover(&Selection::default(), 0, &LastDays::default()).await;
    while let Some(file) = discovery.next().await {
        if progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        progress.list();
        listed.insert(key(&file.url()));
    }
    if let Some(failure) = discovery.into_failures().into_iter().next() {
        return Err(Error::Trail(failure));
    }
    let source_url = format!("{}/", source.base_url.trim_end_matches('/'));
    let log = Log::read_whole(objects).await?;
    let mut returning = Returning::default();
    for entry in log.entries.iter().filter(|entry| versions.contains(&entry.version)) {
        let Some(file) = &entry.ledger else { continue };
        for_each_ledger_input(objects, file, |input| {
            if input.totals.rows == 0 {
                return;
            }
            if !input.url.starts_with(&source_url) {
                returning.elsewhere += 1;
            } else if listed.contains(&key(&input.url)) {
                returning.there += 1;
            } else {
                returning.gone += 1;
                returning.rows_of_gone += input.totals.rows;
                if returning.first_gone.len() < NAMED {
                    returning.first_gone.push(input.url);
                }
            }
        })
        .await?;
    }
    Ok(returning)
}
