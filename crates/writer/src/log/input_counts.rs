//! How many log files a dataset has read, each counted once, and how many of them a repair has made
//! unknown since.

use std::collections::HashSet;

use crate::{
    error::{Error, Result},
    log::{
        commit_log::Log,
        entry::LogEntry,
        ledger::{
            Key, for_each_input, for_each_key, forgotten_keys,
            run::{Run, count_distinct},
        },
    },
    storage::{Objects, layout},
};

/// The log files of a dataset, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InputCounts {
    /// Log files that were read, each version of one counted once, however often and with whatever
    /// selections.
    pub distinct: u64,
    /// Rows that repairs have taken out of the dataset, brought back or not.
    pub rows_taken_out: u64,
    /// Log files that these repairs have made unknown, and that were not read again since with the same
    /// selection: the next such conversion reads them, if they are still in the trail.
    pub to_read_again: u64,
}

impl InputCounts {
    /// Counts the log files of the dataset at `home`, up to the last commit whose files are published.
    ///
    /// Holds the keys of what was read since the last checkpoint; without one that counts inputs, of all.
    ///
    /// # Errors
    /// [`Error::Damaged`] if a list of inputs is lost or damaged.
    pub async fn read(objects: &Objects) -> Result<Self> {
        let mut log = Log::read(objects).await?;
        let distinct = loop {
            match distinct(objects, &log).await {
                Err(Error::Damaged { path, .. })
                    if layout::segment_version(&path).is_some()
                        && log.distrust(objects).await? => {}
                counted => break counted?,
            }
        };
        let rows_taken_out = log.rows_taken_out();
        let to_read_again = match rows_taken_out {
            0 => 0,
            _ => to_read_again(objects, Log::read_whole(objects).await?.published()).await?,
        };
        Ok(Self { distinct, rows_taken_out, to_read_again })
    }
}

async fn distinct(objects: &Objects, log: &Log) -> Result<u64> {
    match log.manifest().map(|manifest| &manifest.ledger.inputs) {
        None => count(objects, &[], log.published()).await,
        Some(Some(runs)) => count(objects, runs, log.published()).await,
        Some(None) => count(objects, &[], Log::read_whole(objects).await?.published()).await,
    }
}

/// Counts the inputs of runs and of entries.
async fn count(objects: &Objects, runs: &[Run], entries: &[LogEntry]) -> Result<u64> {
    let mut keys: HashSet<Key> = HashSet::new();
    for entry in entries {
        let Some(ledger) = &entry.ledger else { continue };
        for_each_input(objects, ledger, &entry.selection, |_, line| {
            keys.insert(line.input_key());
        })
        .await?;
    }
    let mut keys: Vec<Key> = keys.into_iter().collect();
    keys.sort_unstable();
    count_distinct(objects, runs, &keys).await
}

/// Counts what was forgotten and not read again, by all entries.
async fn to_read_again(objects: &Objects, entries: &[LogEntry]) -> Result<u64> {
    let mut forgotten: HashSet<Key> = HashSet::new();
    for entry in entries {
        forgotten.extend(forgotten_keys(objects, entry).await?);
        if let Some(ledger) = entry.ledger.as_ref().filter(|_| !forgotten.is_empty()) {
            for_each_key(objects, ledger, &entry.selection, |key, _| {
                forgotten.remove(&key);
            })
            .await?;
        }
    }
    Ok(forgotten.len() as u64)
}

#[cfg(test)]
mod tests {
    use ecstrail_converter::Selection;

    use super::*;
    use crate::{
        convert::ConvertOptions,
        log::checkpoint::Manifest,
        testing::{TestHome, commit, source, trail},
    };

    const SELECTIONS: [&str; 3] =
        ["event-source=all", "event-source=all region=a", "event-source=ecs.amazonaws.com"];

    #[tokio::test]
    async fn a_log_file_counts_once_however_often_it_was_read() {
        for every in [1, 2, 3, 100] {
            for home in TestHome::all() {
                let home = home.checkpointed_after(every);
                let dataset = home.open().await.unwrap();
                let mut read = HashSet::new();
                for (first, selection) in
                    [0, 0, 5, 3, 9, 2].into_iter().zip(SELECTIONS.iter().cycle())
                {
                    let inputs: Vec<_> =
                        (first..first + 7).map(|number| (number, number == 4)).collect();
                    read.extend(first..first + 7);
                    commit(&dataset, selection, &inputs).await;
                    let (mut log, _) = dataset.settled_log().await.unwrap();
                    dataset.checkpoint_if_due(&mut log).await.unwrap();
                    let counts = InputCounts::read(&home.objects).await.unwrap();
                    assert_eq!(counts.distinct, read.len() as u64);
                }
            }
        }
    }

    #[tokio::test]
    async fn a_checkpoint_of_an_older_program_does_not_count_inputs() {
        let home = TestHome::memory().checkpointed_after(2);
        let dataset = home.open().await.unwrap();
        for round in 0..5 {
            let inputs: Vec<_> = (round..round + 4).map(|number| (number, false)).collect();
            commit(&dataset, SELECTIONS[0], &inputs).await;
            let (mut log, _) = dataset.settled_log().await.unwrap();
            dataset.checkpoint_if_due(&mut log).await.unwrap();
            let version = log.checkpoint_version();
            if let Some(version) = version.filter(|_| round == 1) {
                let path = layout::checkpoint(version);
                let bytes = home.read(&path).await;
                let mut manifest = Manifest::parse(version, &bytes).unwrap();
                manifest.ledger.inputs = None;
                let staging = home.staging().unwrap();
                staging.remove(std::slice::from_ref(&path)).await.unwrap();
                staging.create(&path, manifest.to_bytes().unwrap()).await.unwrap();
            }
            let counts = InputCounts::read(&home.objects).await.unwrap();
            assert_eq!(counts.distinct, round + 4);
        }
        let manifest = dataset.log().await.unwrap().manifest().unwrap().clone();
        assert!(manifest.version > 2 && manifest.ledger.inputs.is_some());
    }

    #[tokio::test]
    async fn what_a_repair_takes_out_and_what_comes_back() {
        for every in [1, 100] {
            let home = TestHome::memory().checkpointed_after(every);
            let from = source(trail("a", 400, 10).await, "a");
            home.convert(&from, &home.options()).await.unwrap();
            let before = InputCounts::read(&home.objects).await.unwrap();
            assert_eq!((before.rows_taken_out, before.to_read_again), (0, 0));
            let lost = home.snapshot().await.files.remove(0);
            let paths = [lost.path.clone()];
            home.staging().unwrap().remove(&paths).await.unwrap();
            home.open().await.unwrap().repair(&paths.into()).await.unwrap();
            let after = InputCounts::read(&home.objects).await.unwrap();
            assert_eq!((after.rows_taken_out, after.to_read_again), (lost.rows, before.distinct));
            // With other days, not all of it comes back.
            let selection = Selection { from: "2026-04-02".parse().ok(), ..Selection::default() };
            let options = ConvertOptions { selection, ..home.options() };
            home.convert(&from, &options).await.unwrap();
            let partly = InputCounts::read(&home.objects).await.unwrap();
            assert_eq!(partly.to_read_again, before.distinct);
            home.convert(&from, &home.options()).await.unwrap();
            let back = InputCounts::read(&home.objects).await.unwrap();
            let expected = InputCounts { rows_taken_out: lost.rows, ..before };
            assert_eq!(back, expected);
        }
    }
}
