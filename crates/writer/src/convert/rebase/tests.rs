//! Shards that meet at the log: others go first at every call, are killed at every call, and run at the
//! same time.

use chrono::{Days, Utc};
use ecstrail_converter::Shard;
use futures::{FutureExt, future::BoxFuture};

use super::*;
use crate::{
    convert::{ConvertOptions, Source},
    dataset::Dataset,
    log::commit_log::Log,
    storage::LocalStaging,
    testing::{TestHome, assert_tried, source, stride, three_partitions, trail},
    vacuum::VacuumOptions,
};

/// Options of a shard; each log file is a commit.
fn of_shard(home: &TestHome, number: u32, count: u32) -> ConvertOptions {
    ConvertOptions {
        shard: Shard::new(number, count),
        commit_bytes: 1,
        threads: 1,
        row_group_rows: 1000,
        ..home.options()
    }
}

/// Opens a dataset as a shard does.
async fn open(home: &TestHome) -> Result<Dataset> {
    let staging = if home.is_disk() {
        Arc::new(LocalStaging::open_shared(home.path())?)
    } else {
        home.staging()?
    };
    Ok(home.open_with(staging).await?.0)
}

async fn convert(home: &TestHome, source: &Source, options: &ConvertOptions) -> Result<()> {
    let sources = std::slice::from_ref(source);
    open(home).await?.convert(sources, options, &Arc::default()).await.map(drop)
}

/// How many commits were made by going on to a later version, and how many at once.
async fn rebased(home: &TestHome) -> (usize, usize) {
    let log = Log::read_whole(&home.objects).await.unwrap();
    let mut counts = (0, 0);
    for entry in &log.entries {
        let Some(shard) = entry.shard.as_ref().and_then(|text| text.parse::<Shard>().ok()) else {
            continue;
        };
        let reach = ConvertOptions { shard: Some(shard), ..home.options() }.reach();
        if entry.transaction().version == entry.version + reach {
            counts.1 += 1;
        } else {
            counts.0 += 1;
        }
    }
    counts
}

/// Deletes what killed runs have left, however young.
async fn vacuum(home: &TestHome) {
    let dataset = home.open().await.unwrap();
    let tomorrow = Utc::now() + Days::new(2);
    let plan = dataset.vacuum_plan(&VacuumOptions::default(), tomorrow).await.unwrap();
    dataset.vacuum(&plan).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_shards_at_the_same_time_equal_one_run() {
    let log_files = source(trail("a", 6000, 0).await, "a");
    for home in TestHome::all() {
        let whole = home.another();
        whole.convert(&log_files, &whole.options()).await.unwrap();
        let home = Arc::new(home);
        let shards: Vec<_> = (1..=8)
            .map(|number| {
                let (home, trail) = (Arc::clone(&home), log_files.clone());
                tokio::spawn(async move {
                    convert(&home, &trail, &of_shard(&home, number, 8)).await.unwrap();
                })
            })
            .collect();
        for shard in shards {
            shard.await.unwrap();
        }
        assert_eq!(home.sorted_rows().await, whole.sorted_rows().await);
        home.assert_tidy().await;
        // All of it is known to a run that is no shard.
        let again = home.convert(&log_files, &home.options()).await.unwrap();
        assert_eq!((again.counts.files, again.counts.known_files), (0, 30));
    }
}

#[tokio::test]
async fn every_log_file_is_read_by_one_shard_and_counted_by_the_others() {
    let log_files = source(trail("a", 2000, 10).await, "a");
    let home = TestHome::memory();
    let (mut read, mut left) = (0, 0);
    for number in 1..=3 {
        let options = of_shard(&home, number, 3);
        let dataset = open(&home).await.unwrap();
        let (sources, progress) = (std::slice::from_ref(&log_files), Arc::default());
        let counts = dataset.convert(sources, &options, &progress).await.unwrap().counts;
        assert_eq!(counts.files + counts.other_shard_files, 11);
        read += counts.files;
        left += counts.other_shard_files;
    }
    assert_eq!((read, left), (11, 22));
    let log = Log::read_whole(&home.objects).await.unwrap();
    assert!(log.entries.iter().all(|entry| entry.listed.is_empty() && entry.shard.is_some()));
}

/// What goes first.
type Rival = fn(TestHome, Source, Source) -> BoxFuture<'static, ()>;

/// Lets another run go first at every call of a shard; returns how many commits of shards were made
/// without merging again, and how many calls there were.
async fn crossed(trail: &Source, copy: &Source, rival: Rival) -> (usize, usize) {
    let whole = TestHome::memory();
    whole.convert(trail, &whole.options()).await.unwrap();
    let expected = whole.event_ids().await;
    let begun = TestHome::memory().checkpointed_after(2);
    convert(&begun, trail, &of_shard(&begun, 3, 3)).await.unwrap();
    let (mut points, mut gone_on) = (0, 0);
    for call in (0..).step_by(stride()) {
        let home = begun.fork();
        let other = home.through(home.memory_store().steady());
        let action = rival(other, trail.clone(), copy.clone());
        let ours = home.through(home.memory_store().letting_first(call, action));
        convert(&ours, trail, &of_shard(&ours, 1, 3)).await.unwrap();
        let is_over = ours.memory_store().struck().is_none();
        convert(&home, trail, &of_shard(&home, 2, 3)).await.unwrap();
        assert_eq!(home.event_ids().await, expected, "call {call}");
        // Reading their rows has compared them with their hashes.
        home.assert_no_other_files().await;
        home.assert_tidy().await;
        gone_on += rebased(&home).await.0;
        if is_over {
            break;
        }
        points += 1;
    }
    assert_tried(points, 50);
    (gone_on, points)
}

#[tokio::test]
async fn another_shard_that_goes_first_is_passed() {
    let log_files = source(trail("a", 1000, 0).await, "a");
    let (gone_on, _) = crossed(&log_files, &log_files, |home, trail, _| {
        async move {
            convert(&home, &trail, &of_shard(&home, 2, 3)).await.unwrap();
            // Its next command leaves alone what is prepared.
            drop(open(&home).await.unwrap());
        }
        .boxed()
    })
    .await;
    assert_tried(gone_on, 10);
}

#[tokio::test]
async fn the_same_shard_that_goes_first_is_not_doubled() {
    let log_files = source(trail("a", 1000, 0).await, "a");
    crossed(&log_files, &log_files, |home, trail, _| {
        async move { convert(&home, &trail, &of_shard(&home, 1, 3)).await.unwrap() }.boxed()
    })
    .await;
}

#[tokio::test]
async fn a_copy_of_the_records_that_goes_first_is_not_doubled() {
    let log_files = source(trail("a", 1000, 0).await, "a");
    let copy = source(trail("b", 1000, 0).await, "b");
    crossed(&log_files, &copy, |home, _, copy| {
        async move { convert(&home, &copy, &of_shard(&home, 1, 3)).await.unwrap() }.boxed()
    })
    .await;
}

#[tokio::test]
async fn a_vacuum_that_goes_first_is_not_passed() {
    let log_files = source(trail("a", 1000, 0).await, "a");
    crossed(&log_files, &log_files, |home, _, _| async move { vacuum(&home).await }.boxed()).await;
}

#[tokio::test]
async fn a_compaction_that_goes_first_costs_no_row_and_doubles_none() {
    let log_files = source(trail("a", 1000, 0).await, "a");
    crossed(&log_files, &log_files, |home, trail, _| {
        async move {
            convert(&home, &trail, &of_shard(&home, 2, 3)).await.unwrap();
            home.compact(&crate::compact::CompactOptions::default()).await.unwrap();
        }
        .boxed()
    })
    .await;
}

#[tokio::test]
async fn a_killed_shard_costs_no_row_and_doubles_none() {
    let (trail, _) = three_partitions().await;
    let whole = TestHome::memory();
    whole.convert(&trail, &whole.options()).await.unwrap();
    let expected = whole.event_ids().await;
    let mut points = 0;
    for calls in [1, 2, 5, 12, 30] {
        for call in (0..).step_by(stride()) {
            let home = TestHome::memory().checkpointed_after(2);
            let killed = home.through(home.memory_store().with_death(call, calls));
            let result = convert(&killed, &trail, &of_shard(&killed, 1, 2)).await;
            if killed.memory_store().struck().is_none() {
                result.unwrap();
                break;
            }
            for number in [2, 1, 2] {
                convert(&home, &trail, &of_shard(&home, number, 2)).await.unwrap();
                home.ordered_hash().await;
            }
            assert_eq!(home.event_ids().await, expected, "call {call}, {calls} later");
            // What it has prepared could still be committed; a vacuum puts an end to that.
            vacuum(&home).await;
            assert!(home.staging().unwrap().transactions().await.unwrap().is_empty());
            home.ordered_hash().await;
            points += 1;
        }
    }
    assert_tried(points, 50);
}

#[tokio::test]
async fn what_others_prepare_is_left_alone_on_the_local_disk() {
    let home = TestHome::disk();
    let first = open(&home).await.unwrap();
    let prepared = home.path().join("_ecstrail/tmp/00000064-0123456789abcdef");
    std::fs::create_dir_all(&prepared).unwrap();
    drop(open(&home).await.unwrap());
    assert!(prepared.is_dir());
    // Only one that is alone may drop it.
    assert!(matches!(home.open().await, Err(crate::error::Error::Busy { .. })));
    drop(first);
    let alone = home.open().await.unwrap();
    assert!(!prepared.exists());
    assert!(matches!(open(&home).await, Err(crate::error::Error::Busy { .. })));
    drop(alone);
}

#[test]
fn pauses_grow_and_end() {
    let nonce = "00ff7f0123456789";
    let pauses: Vec<_> = (1..=100).map(|lost| pause(nonce, lost)).collect();
    assert!(pauses.iter().all(|pause| *pause < FIRST_PAUSE * 32), "{pauses:?}");
    assert!(pauses.iter().any(|pause| *pause > FIRST_PAUSE * 30), "{pauses:?}");
    assert!(pauses[0] < FIRST_PAUSE);
}
