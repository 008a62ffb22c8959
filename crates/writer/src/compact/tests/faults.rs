//! Faults, deaths and rivals at every single call of a compaction, and of what mends it.

use futures::{FutureExt, future::BoxFuture};

use super::*;
use crate::{
    storage::{Staging, digest::sha256_hex},
    testing::{Accident, Fault, FaultyStore, Mortal, assert_tried, stride, three_partitions},
};

/// Three partitions of two files each, made by two commits.
async fn two_commits(home: TestHome) -> TestHome {
    let (_, options) = three_partitions().await;
    let source = source(trail("a", 380, 0).await, "a");
    home.convert(&source, &options(&home)).await.unwrap();
    let files = home.snapshot().await.files;
    let per_partition = |key| files.iter().filter(|file| file.key().unwrap() == key).count();
    let counts: Vec<usize> = ["01", "02", "03"]
        .map(|day| per_partition(format!("date=2026-04-{day}/region=us-east-1").parse().unwrap()))
        .into();
    assert_eq!(counts, [2, 2, 2]);
    home
}

fn one_thread() -> CompactOptions {
    // Small bloom filters: most of the time goes into them.
    CompactOptions { threads: 1, row_group_rows: 1000, ..CompactOptions::default() }
}

/// A dataset, and what an undisturbed compaction makes of it.
struct Expected {
    base: TestHome,
    files: BTreeSet<(PartitionKey, String)>,
}

impl Expected {
    async fn of(base: TestHome) -> Self {
        let undisturbed = base.fork();
        Self::like(base, &undisturbed).await
    }

    /// Expects what compacting another home gives.
    async fn like(base: TestHome, other: &TestHome) -> Self {
        let rows = other.sorted_rows().await;
        other.compact(&one_thread()).await.unwrap();
        assert_eq!(other.partitions().await, rows);
        Self { base, files: files(other).await }
    }

    /// Asserts that the dataset is to the byte what an undisturbed compaction makes of it, once the
    /// command is given again.
    async fn check(&self, home: &TestHome, context: &str) {
        home.compact(&one_thread()).await.unwrap();
        assert_eq!(files(home).await, self.files, "{context}");
    }
}

/// Returns the partition and hash of each data file. Those below `events/` must be exactly those of
/// the snapshot, whole.
async fn files(home: &TestHome) -> BTreeSet<(PartitionKey, String)> {
    let snapshot = home.snapshot().await;
    let named: BTreeSet<String> = snapshot.files.iter().map(|file| file.path.clone()).collect();
    assert_eq!(home.data_files().await, named);
    let mut files = BTreeSet::new();
    for file in &snapshot.files {
        assert_eq!(sha256_hex(&home.read(&file.path).await), file.sha256);
        assert!(files.insert((file.key().unwrap(), file.sha256.clone())), "twice {}", file.path);
    }
    files
}

/// Asserts that a reader of the log finds all its files, with all rows.
async fn assert_readable(home: &TestHome, rows: u64) {
    let snapshot = home.snapshot().await;
    assert_eq!(snapshot.rows(), rows);
    for file in &snapshot.files {
        assert_eq!(home.read(&file.path).await.len() as u64, file.bytes, "{}", file.path);
    }
}

#[tokio::test]
async fn whoever_reads_the_log_finds_all_files_at_any_call() {
    let base = two_commits(TestHome::memory()).await;
    let rows = base.snapshot().await.rows();
    for call in 0.. {
        let home = base.fork();
        let reader = home.through(home.memory_store().steady());
        let reading = async move { assert_readable(&reader, rows).await };
        let ours = home.through(home.memory_store().letting_first(call, reading.boxed()));
        ours.compact(&one_thread()).await.unwrap();
        if ours.memory_store().struck().is_none() {
            assert!(call > 40, "only {call} calls");
            break;
        }
    }
}

#[tokio::test]
async fn a_fault_at_any_call_and_at_any_call_of_the_recovery_changes_no_row() {
    let expected = Expected::of(two_commits(TestHome::memory()).await).await;
    let (mut points, mut nested) = (0, 0);
    for fault in [Fault::Before, Fault::After] {
        for call in (0..).step_by(stride()) {
            let home = expected.base.fork();
            let faulty = home.through(home.memory_store().with_fault(call, fault));
            let result = faulty.compact(&one_thread()).await;
            let Some(kind) = faulty.memory_store().struck() else {
                result.unwrap();
                break;
            };
            let context = format!("{fault:?} {kind}, call {call}");
            points += 1;
            // A sample of those that leave nothing in flight, which a copy would not have.
            let has_failed = home.snapshot().await.version != Some(1) || result.is_err();
            if has_failed && points % 4 == 0 && home.memory_store().open_uploads().is_empty() {
                for call in (0..).step_by(stride()) {
                    let home = home.fork();
                    let faulty = home.through(home.memory_store().with_fault(call, fault));
                    drop(faulty.open().await);
                    if faulty.memory_store().struck().is_none() {
                        break;
                    }
                    nested += 1;
                    home.open().await.unwrap();
                    files(&home).await;
                    if nested % 8 == 0 {
                        expected.check(&home, &format!("{context}, then {call}")).await;
                    }
                }
            }
            expected.check(&home, &context).await;
        }
    }
    assert_tried(points, 70);
    assert_tried(nested, 40);
}

#[tokio::test]
async fn a_killed_compaction_whose_last_request_arrives_late_changes_no_row() {
    let expected = Expected::of(two_commits(TestHome::memory()).await).await;
    let rows = expected.base.snapshot().await.rows();
    let mut points = 0;
    for calls in [1, 9, 30] {
        for call in (0..).step_by(stride()) {
            let home = expected.base.fork();
            let killed = home.through(home.memory_store().with_death(call, calls));
            let result = killed.compact(&one_thread()).await;
            let Some(kind) = killed.memory_store().struck() else {
                result.unwrap();
                break;
            };
            assert_readable(&home, rows).await;
            // Reads change nothing, however late.
            if !["put", "complete", "delete"].contains(&kind) {
                continue;
            }
            points += 1;
            let context = format!("{kind}, call {call}, {calls} later");
            expected.check(&home, &context).await;
            // It has arrived by now.
            home.open().await.unwrap();
            expected.check(&home, &context).await;
        }
    }
    assert_tried(points, 30);
}

/// Runs a rival before a call of ours, at every call; returns how many there were.
async fn rivals<R, O>(
    expected: &Expected,
    step: usize,
    rival: impl Fn(&TestHome) -> BoxFuture<'static, R>,
    ours: impl Fn(TestHome) -> BoxFuture<'static, O>,
) -> usize
where
    R: Send + 'static,
{
    let mut points = 0;
    for call in (0..).step_by(step * stride()) {
        let home = expected.base.fork();
        let rival = rival(&home).map(drop).boxed();
        let store = home.memory_store().letting_first(call, rival);
        let ours_place = home.through(store);
        let store = Arc::clone(ours_place.memory_store());
        ours(ours_place).await;
        if store.struck().is_none() {
            return points;
        }
        points += 1;
        home.open().await.unwrap();
        expected.check(&home, &format!("call {call}")).await;
        home.assert_tidy().await;
    }
    points
}

fn compaction(home: &TestHome, store: FaultyStore) -> BoxFuture<'static, ()> {
    let home = home.through(store);
    async move {
        drop(home.compact(&one_thread()).await);
    }
    .boxed()
}

#[tokio::test]
async fn a_rival_compaction_that_goes_first_at_any_call_changes_no_row() {
    let expected = Expected::of(two_commits(TestHome::memory()).await).await;
    let mut points = 0;
    // The rival ends well, or is killed once it has committed, or before it has deleted.
    for dies_at in [None, Some("complete"), Some("delete")] {
        points += rivals(
            &expected,
            2 + usize::from(dies_at.is_some()),
            |home| {
                let store = home.memory_store();
                let store = dies_at.map_or(store.steady(), |kind| store.with_death_at(kind));
                compaction(home, store)
            },
            |home| async move { home.compact(&one_thread()).await.unwrap() }.boxed(),
        )
        .await;
    }
    assert_tried(points, 35);
}

#[tokio::test]
async fn a_conversion_and_a_compaction_at_the_same_time_add_every_event_once() {
    // The other trail has the same events and some more.
    let (_, options) = three_partitions().await;
    let other = source(trail("b", 450, 0).await, "b");
    let base = two_commits(TestHome::memory()).await;
    let both = base.fork();
    let added = both.convert(&other, &options(&both)).await.unwrap().counts.totals;
    assert!(added.rows > 0 && added.duplicates > 0, "{added:?}");
    let expected = Expected::like(base, &both).await;
    let conversion = |home: TestHome| {
        let (other, options) = (other.clone(), options(&home));
        async move { home.convert(&other, &options).await.unwrap() }.boxed()
    };
    // Our compaction meets a conversion, our conversion a compaction; that one may die.
    let mut points = rivals(
        &expected,
        5,
        |home| conversion(home.through(home.memory_store().steady())),
        |home| async move { home.compact(&one_thread()).await.unwrap() }.boxed(),
    )
    .await;
    for dies_at in [None, Some("complete"), Some("delete")] {
        points += rivals(
            &expected,
            5 + 4 * usize::from(dies_at.is_some()),
            |home| {
                let store = home.memory_store();
                let store = dies_at.map_or(store.steady(), |kind| store.with_death_at(kind));
                compaction(home, store)
            },
            conversion,
        )
        .await;
    }
    assert_tried(points, 35);
}

#[tokio::test]
async fn whoever_publishes_late_finds_that_others_have_gone_on() {
    let home = TestHome::memory();
    let (source, options) = three_partitions().await;
    // A conversion commits; before it publishes its first file, others publish, compact, delete.
    let mut races = 0;
    for call in 0.. {
        let home = home.another();
        let rival = compaction(&home, home.memory_store().steady());
        let slow = home.through(home.memory_store().letting_first(call, rival));
        slow.convert(&source, &options(&slow)).await.unwrap();
        let Some(kind) = slow.memory_store().struck() else { break };
        races += usize::from(kind == "complete");
        files(&home).await;
    }
    assert!(races >= 5, "only {races} races");
}

#[tokio::test]
async fn an_accident_at_any_step_of_staging_is_mended() {
    let mut points = 0;
    for base in TestHome::all() {
        let expected = Expected::of(two_commits(base).await).await;
        for accident in Accident::all() {
            for step in (0..).step_by(stride()) {
                let home = expected.base.fork();
                let struck = compact_with(&home, step, accident).await;
                if !struck {
                    break;
                }
                // And once more while the first accident is being mended.
                compact_with(&home, step / 2, accident).await;
                expected.check(&home, &format!("{accident:?} at step {step}")).await;
                home.assert_tidy().await;
                points += 1;
            }
        }
    }
    assert_tried(points, 60);
}

/// Compacts with an accident; returns whether it has happened.
async fn compact_with(home: &TestHome, step: usize, accident: Accident) -> bool {
    let mortal = Arc::new(Mortal::new(home.staging().unwrap(), step, accident));
    let staging: Arc<dyn Staging> = Arc::<Mortal>::clone(&mortal);
    let result = async {
        let (dataset, _) = home.open_with(staging).await?;
        dataset.compact(&one_thread(), &Arc::new(Progress::default())).await
    };
    let result = result.await;
    assert!(mortal.has_struck() || result.is_ok(), "{result:?}");
    mortal.has_struck()
}
