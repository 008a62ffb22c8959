//! Vacuums: what is planned, and that nothing goes that somebody needs.

use std::sync::Arc;

use futures::FutureExt;
use object_store::{ObjectStoreExt, PutPayload};

use super::*;
use crate::{
    compact::CompactOptions,
    dataset::Recovery,
    progress::Progress,
    testing::{Fault, TestHome, assert_tried, source, stride, three_partitions, trail},
};

/// A moment at which everything is old.
fn tomorrow() -> DateTime<Utc> {
    DateTime::<Utc>::from(std::time::SystemTime::now()) + chrono::TimeDelta::hours(25)
}

async fn put(home: &TestHome, path: &str, bytes: &'static str) {
    let path = home.objects.at(path);
    home.objects.store.put(&path, PutPayload::from(bytes)).await.unwrap();
}

/// Small bloom filters: most of the time goes into them.
fn small() -> CompactOptions {
    CompactOptions { row_group_rows: 1000, ..CompactOptions::default() }
}

/// A dataset of two commits.
async fn two_commits(home: &TestHome) {
    let (source, options) = three_partitions().await;
    home.convert(&source, &options(home)).await.unwrap();
}

/// Plans and vacuums; returns the paths that were deleted.
async fn vacuum(home: &TestHome) -> Vec<String> {
    let dataset = home.open().await.unwrap();
    let plan = dataset.vacuum_plan(&VacuumOptions::default(), tomorrow()).await.unwrap();
    let outcome = dataset.vacuum(&plan).await.unwrap();
    assert_eq!(outcome.deletions, plan.deletions);
    for reason in VacuumReason::ALL {
        assert_eq!(outcome.count(reason), plan.count(reason));
    }
    let again = dataset.vacuum_plan(&VacuumOptions::default(), tomorrow()).await.unwrap();
    assert!(again.is_empty() && again.fenced.is_empty(), "{again:?}");
    outcome.deletions.into_iter().map(|leftover| leftover.path).collect()
}

#[tokio::test]
async fn converted_compacted_and_vacuumed_the_rows_stay() {
    for home in TestHome::all() {
        let source = source(trail("a", 500, 10).await, "a");
        home.convert(&source, &home.options()).await.unwrap();
        let rows = home.sorted_rows().await;
        home.compact(&small()).await.unwrap();
        assert!(vacuum(&home).await.is_empty());
        home.ordered_hash().await;
        assert_eq!(home.sorted_rows().await, rows);
    }
}

#[tokio::test]
async fn what_is_left_over_goes_once_it_is_old() {
    for home in TestHome::all() {
        two_commits(&home).await;
        let before = home.snapshot().await.files;
        home.compact(&small()).await.unwrap();
        let hash = home.ordered_hash().await;
        // As if a store had brought back a file that was removed.
        let resurrected = before[0].path.clone();
        let partition = "events/date=2026-04-01/region=us-east-1";
        let nobody = "00000000-00112233445566ff";
        let ledger = format!("_ecstrail/ledger/{nobody}.jsonl");
        let quarantine = format!("_ecstrail/quarantine/{nobody}.jsonl");
        let foreign = [
            format!("{partition}/part-{nobody}-0.parquet"),
            format!("{partition}/part-0.parquet"),
            "events/_SUCCESS".to_owned(),
        ];
        for path in [&resurrected, &ledger, &quarantine].into_iter().chain(&foreign) {
            put(&home, path, "x").await;
        }
        put(&home, "_ecstrail/notes.txt", "not ours to judge").await;
        let dataset = home.open().await.unwrap();
        let now = tomorrow() - chrono::TimeDelta::hours(2);
        let plan = dataset.vacuum_plan(&VacuumOptions::default(), now).await.unwrap();
        assert!(plan.is_empty(), "{plan:?}");
        let plan = dataset.vacuum_plan(&VacuumOptions::default(), tomorrow()).await.unwrap();
        let told: Vec<&str> = plan.foreign.iter().map(|file| &*file.path).collect();
        assert_eq!(told, ["events/_SUCCESS", &foreign[1], &foreign[0]]);
        assert_eq!(plan.count(VacuumReason::Removed), VacuumCount { files: 1, bytes: 1 });
        assert_eq!(plan.count(VacuumReason::NeverCommitted), VacuumCount { files: 2, bytes: 2 });
        drop(dataset);
        assert_eq!(vacuum(&home).await, [&*ledger, &*quarantine, &*resurrected]);
        assert!(home.paths("_ecstrail").await.contains("_ecstrail/notes.txt"));
        for path in &foreign {
            let path = home.objects.at(path);
            home.objects.store.delete(&path).await.unwrap();
        }
        assert_eq!(home.ordered_hash().await, hash);
    }
}

#[tokio::test]
async fn a_run_that_is_undecided_is_fenced_before_it_is_dropped() {
    let home = TestHome::memory();
    two_commits(&home).await;
    // Killed as it commits: everything is prepared for the next version.
    let (_, options) = three_partitions().await;
    let copy = source(trail("b", 450, 0).await, "b");
    let killed = {
        let calls = home.fork();
        let mut log_put = None;
        for call in 0.. {
            let home = calls.fork();
            let killed = home.through(home.memory_store().with_death(call, 1_000_000));
            if killed.convert(&copy, &options(&killed)).await.is_ok() {
                break;
            }
            let names = home.paths("_ecstrail").await;
            if home.snapshot().await.version == Some(1)
                && names.iter().any(|name| name.starts_with("_ecstrail/ledger/00000002"))
            {
                log_put = Some(home);
                break;
            }
        }
        log_put.unwrap()
    };
    let home = killed;
    let open = home.memory_store().open_uploads().len();
    assert!(open > 0);
    let dataset = home.open().await.unwrap();
    assert_eq!(home.memory_store().open_uploads().len(), open);
    let young = tomorrow() - chrono::TimeDelta::hours(2);
    let plan = dataset.vacuum_plan(&VacuumOptions::default(), young).await.unwrap();
    assert_eq!(plan, VacuumPlan::default());
    let plan = dataset.vacuum_plan(&VacuumOptions::default(), tomorrow()).await.unwrap();
    assert_eq!(plan.fenced.len(), 1);
    assert_eq!(plan.count(VacuumReason::Unfinished).files, open as u64);
    assert_eq!(plan.count(VacuumReason::NeverCommitted).files, 1);
    let outcome = dataset.vacuum(&plan).await.unwrap();
    assert_eq!(outcome.fence, Some(2));
    assert_eq!(outcome.deletions, plan.deletions);
    home.assert_tidy().await;
    // The run that was taken for dead can only lose.
    let late = home.staging().unwrap().create(&layout::log_entry(2), b"late".to_vec()).await;
    assert_eq!(late.unwrap(), Creation::Lost);
    assert_eq!(dataset.recover().await.unwrap(), Recovery::default());
    // A second vacuum has no version to take.
    assert_eq!(dataset.vacuum(&plan).await.unwrap().fence, None);
    assert_eq!(home.snapshot().await.version, Some(2));
    home.ordered_hash().await;
    // Conversions go on, and selections are those of conversions.
    home.convert(&copy, &options(&home)).await.unwrap();
    assert_eq!(home.snapshot().await.selections.len(), 1);
}

#[tokio::test]
async fn a_run_that_lives_and_commits_while_it_is_fenced_loses_nothing() {
    let (source, options) = three_partitions().await;
    let undisturbed = TestHome::memory();
    undisturbed.convert(&source, &options(&undisturbed)).await.unwrap();
    let expected = undisturbed.event_ids().await;
    let (mut points, mut fences) = (0, 0);
    // The vacuum, for which everything is old, goes first at any call of a conversion; and a
    // conversion at any call of the vacuum.
    for call in (0..).step_by(stride().max(2)) {
        let home = TestHome::memory();
        let rival = home.through(home.memory_store().steady());
        let action = async move {
            let Ok(dataset) = rival.open().await else { return };
            let plan = dataset.vacuum_plan(&VacuumOptions::default(), tomorrow()).await.unwrap();
            dataset.vacuum(&plan).await.unwrap();
        };
        let ours = home.through(home.memory_store().letting_first(call, action.boxed()));
        ours.convert(&source, &options(&ours)).await.unwrap();
        if ours.memory_store().struck().is_none() {
            break;
        }
        assert_eq!(home.event_ids().await, expected, "call {call}");
        home.assert_tidy().await;
        points += 1;
        fences += usize::from(home.snapshot().await.version > Some(1));
    }
    assert_tried(points, 20);
    assert_tried(fences, 5);
}

#[tokio::test]
async fn a_fault_at_any_call_of_a_vacuum_costs_nothing() {
    let base = TestHome::memory();
    two_commits(&base).await;
    let before = base.snapshot().await.files;
    base.compact(&small()).await.unwrap();
    let hash = base.ordered_hash().await;
    put(&base, &before[0].path, "x").await;
    put(&base, "_ecstrail/ledger/00000003-00112233445566ff.jsonl", "x").await;
    put(&base, "_ecstrail/ledger/00000000-00112233445566ff.jsonl", "x").await;
    let mut points = 0;
    for fault in [Fault::Before, Fault::After] {
        for call in (0..).step_by(stride()) {
            let home = base.fork();
            let faulty = home.through(home.memory_store().with_fault(call, fault));
            let result = async {
                let dataset = faulty.open().await?;
                let plan = dataset.vacuum_plan(&VacuumOptions::default(), tomorrow()).await?;
                dataset.vacuum(&plan).await
            };
            let result = result.await;
            if faulty.memory_store().struck().is_none() {
                assert_eq!(result.unwrap().deletions.len(), 3);
                break;
            }
            points += 1;
            vacuum(&home).await;
            assert_eq!(home.ordered_hash().await, hash, "{fault:?}, call {call}");
            let left = home.paths("_ecstrail/ledger").await;
            assert!(left.iter().all(|path| !path.contains("00112233445566ff")), "{left:?}");
        }
    }
    assert_tried(points, 40);
}

#[tokio::test]
async fn old_checkpoints_go_and_the_newest_stay() {
    for home in TestHome::all() {
        let home = home.checkpointed_after(1);
        two_commits(&home).await;
        let (_, options) = three_partitions().await;
        let more = source(trail("b", 900, 0).await, "b");
        home.convert(&more, &options(&home)).await.unwrap();
        let kept = home.paths(layout::CHECKPOINT).await;
        let old = [
            format!("{}/{:020}.json", layout::CHECKPOINT, 0),
            format!("{}/00000000-0123456789abcdef-7.files", layout::SEGMENT),
        ];
        assert_eq!(kept.len(), 2);
        assert!(!kept.contains(&old[0]), "{kept:?}");
        for path in &old {
            put(&home, path, "{}").await;
        }
        // What is written for a checkpoint that is still to come may be needed.
        put(&home, &format!("{}/00000099-0123456789abcdef-0.files", layout::SEGMENT), "{}").await;
        assert_eq!(vacuum(&home).await, old);
        assert_eq!(home.paths(layout::CHECKPOINT).await, kept);
        home.ordered_hash().await;
    }
}

#[tokio::test]
async fn what_a_compaction_is_preparing_is_left_alone() {
    let home = TestHome::memory();
    two_commits(&home).await;
    let rival = home.through(home.memory_store().steady());
    // Before the log entry of the compaction is written: everything is prepared, and young.
    let action = async move {
        let dataset = rival.open().await.unwrap();
        let now = DateTime::<Utc>::from(std::time::SystemTime::now());
        let plan = dataset.vacuum_plan(&VacuumOptions::default(), now).await.unwrap();
        assert!(plan.is_empty() && plan.fenced.is_empty() && plan.foreign.is_empty());
        assert_eq!(dataset.vacuum(&plan).await.unwrap().fence, None);
    };
    let ours = home.through(home.memory_store().letting_first(24, action.boxed()));
    let dataset = ours.open().await.unwrap();
    let progress = Arc::new(Progress::default());
    let outcome = dataset.compact(&small(), &progress).await.unwrap();
    assert!(ours.memory_store().struck().is_some());
    assert_eq!(outcome.commits.len(), 1);
    home.ordered_hash().await;
}
