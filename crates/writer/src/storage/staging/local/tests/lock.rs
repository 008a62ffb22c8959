//! A lock that is taken away: nobody else comes in, and the run that had it moves and deletes nothing more.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use ecstrail_converter::instant_of;
use futures::{FutureExt, future::BoxFuture};

use super::*;
use crate::{
    compact::CompactOptions,
    testing::{Mortal, assert_tried, stride, three_partitions},
};

#[tokio::test]
async fn a_lock_that_was_pulled_away_is_no_lock() {
    let place = Place::disk();
    let home = place.path();
    let staging = LocalStaging::open(home).unwrap();
    assert!(staging.is_exclusive());
    fs::remove_file(home.join(layout::LOCK)).unwrap();
    assert!(!staging.is_exclusive());
    // The folder is locked as well.
    assert!(matches!(LocalStaging::open(home), Err(Error::Busy { .. })));
    drop(staging);
    let other = LocalStaging::open(home).unwrap();
    assert!(other.is_exclusive());
    drop(other);
    // What is not a file is not waited for.
    fs::remove_file(home.join(layout::LOCK)).unwrap();
    fs::create_dir(home.join(layout::LOCK)).unwrap();
    assert!(matches!(LocalStaging::open(home), Err(Error::NotOurs { .. })));
}

/// Every file below a folder, with its bytes; of the lock, nothing.
fn files(home: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with(layout::LOCK) {
                let bytes = fs::read(&path).unwrap();
                found.insert(path.strip_prefix(home).unwrap().to_owned(), bytes);
            }
        }
    }
    found
}

/// The files that stood in one state and do not in another.
fn gone<'a>(
    before: &'a BTreeMap<PathBuf, Vec<u8>>,
    after: &BTreeMap<PathBuf, Vec<u8>>,
) -> Vec<&'a PathBuf> {
    before.keys().filter(|path| !after.contains_key(*path)).collect()
}

type Run = for<'a> fn(&'a Place, Arc<dyn Staging>) -> BoxFuture<'a, Result<()>>;

fn convert(place: &Place, staging: Arc<dyn Staging>) -> BoxFuture<'_, Result<()>> {
    async {
        let (source, options) = three_partitions().await;
        let (dataset, _) = place.open_with(staging).await?;
        let progress = Arc::new(Progress::default());
        dataset.convert(&[source], &options(place), &progress).await.map(drop)
    }
    .boxed()
}

fn compact(place: &Place, staging: Arc<dyn Staging>) -> BoxFuture<'_, Result<()>> {
    async {
        let options =
            CompactOptions { threads: 1, row_group_rows: 1000, ..CompactOptions::default() };
        let (dataset, _) = place.open_with(staging).await?;
        dataset.compact(&options, &Arc::new(Progress::default())).await.map(drop)
    }
    .boxed()
}

fn vacuum(place: &Place, staging: Arc<dyn Staging>) -> BoxFuture<'_, Result<()>> {
    async {
        let (dataset, _) = place.open_with(staging).await?;
        let later = instant_of(std::time::SystemTime::now()) + TimeDelta::days(2);
        let plan = dataset.vacuum_plan(&VacuumOptions::default(), later).await?;
        dataset.vacuum(&plan).await.map(drop)
    }
    .boxed()
}

/// Leaves a committed entry unsettled, and what other runs have prepared.
fn interrupt(place: &Place) {
    let home = place.path();
    for version in [0, 1] {
        let name = Transaction::new(version).name();
        fs::create_dir_all(home.join(TMP).join(&name)).unwrap();
        fs::write(home.join(TMP).join(&name).join("0.parquet"), "x").unwrap();
    }
}

#[tokio::test]
async fn a_run_that_lost_the_lock_destroys_nothing() {
    let (source, options) = three_partitions().await;
    let empty = Place::disk().checkpointed_after(2);
    let filled = Place::disk().checkpointed_after(2);
    filled.convert(&source, &options(&filled)).await.unwrap();
    interrupt(&filled);
    let mut lost = 0;
    for (base, run) in [(&empty, convert as Run), (&filled, compact), (&filled, vacuum)] {
        let undisturbed = base.fork();
        run(&undisturbed, undisturbed.staging().unwrap()).await.unwrap();
        let expected = undisturbed.event_ids().await;
        for step in (0..).step_by(stride()) {
            let place = base.fork();
            let lock = place.path().join(layout::LOCK);
            let staging = place.staging().unwrap();
            let staging = Arc::new(Mortal::losing_lock(staging, step, lock, step % 2 == 0));
            let states = Arc::clone(&staging);
            let outcome = run(&place, staging).await;
            if !states.has_struck() {
                break;
            }
            drop(states);
            // What follows the last step that moves or deletes is done without a lock.
            match outcome {
                Err(Error::LockLost { .. }) => lost += 1,
                outcome => outcome.unwrap(),
            }
            // The next run finds what it needs, and ends where an undisturbed one does.
            run(&place, place.staging().unwrap()).await.unwrap();
            assert_eq!(place.event_ids().await, expected, "step {step}");
        }
    }
    assert_tried(lost, 20);
}

#[tokio::test]
async fn without_the_lock_no_file_goes() {
    let (source, options) = three_partitions().await;
    let place = Place::disk().checkpointed_after(2);
    place.convert(&source, &options(&place)).await.unwrap();
    interrupt(&place);
    let staging = place.staging().unwrap();
    let transactions = staging.transactions().await.unwrap();
    assert_eq!(transactions.len(), 2);
    let live = place.snapshot().await.files;
    fs::remove_file(place.path().join(layout::LOCK)).unwrap();
    let before = files(place.path());
    let paths: Vec<_> = live.iter().map(|file| file.path.clone()).collect();
    let prepared = format!("{}/0.parquet", layout::temporary(&transactions[0]));
    let published = vec![PreparedFile { prepared, ..live[0].prepared_file() }];
    for outcome in [
        staging.discard(&transactions[0]).await,
        staging.forget(&transactions[1]).await,
        staging.remove(&paths).await,
        staging.publish(&published).await,
        staging.create(&layout::log_entry(99), b"x".to_vec()).await.map(drop),
    ] {
        assert!(matches!(outcome, Err(Error::LockLost { .. })), "{outcome:?}");
    }
    let after = files(place.path());
    assert_eq!(gone(&before, &after), Vec::<&PathBuf>::new());
    assert_eq!(after, before);
}
