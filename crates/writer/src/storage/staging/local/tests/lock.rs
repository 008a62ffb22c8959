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
    let home = TestHome::disk();
    let path = home.path();
    let staging = LocalStaging::open(path).unwrap();
    assert!(staging.is_exclusive());
    fs::remove_file(path.join(layout::LOCK)).unwrap();
    assert!(!staging.is_exclusive());
    // The folder is locked as well.
    assert!(matches!(LocalStaging::open(path), Err(Error::Busy { .. })));
    drop(staging);
    let other = LocalStaging::open(path).unwrap();
    assert!(other.is_exclusive());
    drop(other);
    // What is not a file is not waited for.
    fs::remove_file(path.join(layout::LOCK)).unwrap();
    fs::create_dir(path.join(layout::LOCK)).unwrap();
    assert!(matches!(LocalStaging::open(path), Err(Error::NotOurs { .. })));
}

#[tokio::test]
async fn a_copy_of_the_open_file_holds_no_lock() {
    let home = TestHome::disk();
    let staging = LocalStaging::open(home.path()).unwrap();
    // What a process that is being started has.
    let copy = staging.lock.as_ref().unwrap().file.0.try_clone().unwrap();
    drop(staging);
    LocalStaging::open(home.path()).unwrap();
    drop(copy);
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

type Run = for<'a> fn(&'a TestHome, Arc<dyn Staging>) -> BoxFuture<'a, Result<()>>;

fn convert(home: &TestHome, staging: Arc<dyn Staging>) -> BoxFuture<'_, Result<()>> {
    async {
        let (source, options) = three_partitions().await;
        let (dataset, _) = home.open_with(staging).await?;
        let progress = Arc::new(Progress::default());
        dataset.convert(&[source], &options(home), &progress).await.map(drop)
    }
    .boxed()
}

fn compact(home: &TestHome, staging: Arc<dyn Staging>) -> BoxFuture<'_, Result<()>> {
    async {
        let options =
            CompactOptions { threads: 1, row_group_rows: 1000, ..CompactOptions::default() };
        let (dataset, _) = home.open_with(staging).await?;
        dataset.compact(&options, &Arc::new(Progress::default())).await.map(drop)
    }
    .boxed()
}

fn vacuum(home: &TestHome, staging: Arc<dyn Staging>) -> BoxFuture<'_, Result<()>> {
    async {
        let (dataset, _) = home.open_with(staging).await?;
        let later = instant_of(std::time::SystemTime::now()) + TimeDelta::days(2);
        let plan = dataset.vacuum_plan(&VacuumOptions::default(), later).await?;
        dataset.vacuum(&plan).await.map(drop)
    }
    .boxed()
}

/// Leaves a committed entry unsettled, and what other runs have prepared.
fn interrupt(home: &TestHome) {
    let path = home.path();
    for version in [0, 1] {
        let name = Transaction::new(version).name();
        fs::create_dir_all(path.join(TMP).join(&name)).unwrap();
        fs::write(path.join(TMP).join(&name).join("0.parquet"), "x").unwrap();
    }
}

#[tokio::test]
async fn a_run_that_lost_the_lock_destroys_nothing() {
    let (source, options) = three_partitions().await;
    let empty = TestHome::disk().checkpointed_after(2);
    let filled = TestHome::disk().checkpointed_after(2);
    filled.convert(&source, &options(&filled)).await.unwrap();
    interrupt(&filled);
    let mut lost = 0;
    for (base, run) in [(&empty, convert as Run), (&filled, compact), (&filled, vacuum)] {
        let undisturbed = base.fork();
        run(&undisturbed, undisturbed.staging().unwrap()).await.unwrap();
        let expected = undisturbed.event_ids().await;
        for step in (0..).step_by(stride()) {
            let home = base.fork();
            let lock = home.path().join(layout::LOCK);
            let staging = home.staging().unwrap();
            let staging = Arc::new(Mortal::losing_lock(staging, step, lock, step % 2 == 0));
            let states = Arc::clone(&staging);
            let outcome = run(&home, staging).await;
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
            run(&home, home.staging().unwrap()).await.unwrap();
            assert_eq!(home.event_ids().await, expected, "step {step}");
        }
    }
    assert_tried(lost, 20);
}

#[tokio::test]
async fn without_the_lock_no_file_goes() {
    let (source, options) = three_partitions().await;
    let home = TestHome::disk().checkpointed_after(2);
    home.convert(&source, &options(&home)).await.unwrap();
    interrupt(&home);
    let staging = home.staging().unwrap();
    let transactions = staging.transactions().await.unwrap();
    assert_eq!(transactions.len(), 2);
    let live = home.snapshot().await.files;
    fs::remove_file(home.path().join(layout::LOCK)).unwrap();
    let before = files(home.path());
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
    let after = files(home.path());
    assert_eq!(gone(&before, &after), Vec::<&PathBuf>::new());
    assert_eq!(after, before);
}
