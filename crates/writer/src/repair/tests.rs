//! What is lost comes back with the next conversion, and nothing else changes.

use std::sync::Arc;

use ecstrail_converter::{EventSources, Selection};

use super::*;
use crate::{
    compact::CompactOptions,
    convert::ConvertOptions,
    testing::{Accident, Mortal, TestHome, assert_tried, source, stride, trail},
};

/// Makes a dataset of several commits, of which some are merged, with checkpoints after so many of
/// them.
async fn fill(home: &TestHome, merges: bool) {
    let options = ConvertOptions { commit_bytes: 1, ..home.options() };
    for events in [300, 600] {
        let from = source(trail("a", events, 0).await, "a");
        home.convert(&from, &options).await.unwrap();
    }
    if merges {
        let small = CompactOptions { row_group_rows: 1000, ..CompactOptions::default() };
        home.compact(&small).await.unwrap();
    }
}

async fn convert_again(home: &TestHome) -> u64 {
    let mut read = 0;
    for events in [300, 600] {
        let from = source(trail("a", events, 0).await, "a");
        read += home.convert(&from, &home.options()).await.unwrap().counts.files;
    }
    read
}

fn damaged(paths: &[String]) -> BTreeSet<String> {
    paths.iter().cloned().collect()
}

#[tokio::test]
async fn rows_of_lost_files_come_back() {
    for (every, has_delta_log) in [(1, false), (3, true), (100, false)] {
        for merges in [false, true] {
            for home in TestHome::all() {
                let home = home.checkpointed_after(every);
                if has_delta_log {
                    home.open().await.unwrap().add_delta_log().await.unwrap();
                }
                fill(&home, merges).await;
                let expected = home.event_ids().await;
                assert_eq!(convert_again(&home).await, 0);
                let paths: Vec<_> =
                    home.snapshot().await.files.into_iter().map(|file| file.path).collect();
                for lost in [&paths[..1], &paths[1..3], &paths[..]] {
                    let live: BTreeSet<_> =
                        home.snapshot().await.files.into_iter().map(|file| file.path).collect();
                    let lost: Vec<_> =
                        lost.iter().filter(|path| live.contains(*path)).cloned().collect();
                    home.staging().unwrap().remove(&lost).await.unwrap();
                    let dataset = home.open().await.unwrap();
                    let planned = plan_repair(&home.objects, &damaged(&lost)).await.unwrap();
                    let (done, version) = dataset.repair(&damaged(&lost)).await.unwrap();
                    assert_eq!(done, planned);
                    assert_eq!(
                        (done.files.len(), version.is_some()),
                        (lost.len(), !lost.is_empty())
                    );
                    drop(dataset);
                    assert!(home.event_ids().await.len() < expected.len() || lost.is_empty());
                    let read = convert_again(&home).await;
                    assert_eq!(read > 0, !lost.is_empty());
                    assert_eq!(home.event_ids().await, expected);
                    assert_eq!(convert_again(&home).await, 0, "what came back is known");
                }
            }
        }
    }
}

#[tokio::test]
async fn rows_come_back_from_whatever_has_them() {
    // What another selection, or another trail, has read as duplicates.
    let all = Selection { event_sources: EventSources::All, ..Selection::default() };
    let late = Selection { from: "2026-04-03".parse().ok(), ..Selection::default() };
    let any = Selection::default();
    for (first, second, copied) in [(&any, &all, false), (&late, &any, false), (&any, &any, true)] {
        for every in [1, 100] {
            let home = TestHome::disk().checkpointed_after(every);
            let convert = async |selection: &Selection, prefix: &str| {
                let options = ConvertOptions { selection: selection.clone(), ..home.options() };
                let from = source(trail(prefix, 300, 0).await, prefix);
                home.convert(&from, &options).await.unwrap()
            };
            convert(first, "a").await;
            let again = if copied { "b" } else { "a" };
            convert(second, again).await;
            let expected = home.event_ids().await;
            let files = home.snapshot().await.files;
            let lost = files
                .iter()
                .map(|file| file.path.clone())
                .find(|path| path.contains("-00000000-") || path.contains("part-00000000"));
            let lost = vec![lost.unwrap()];
            home.staging().unwrap().remove(&lost).await.unwrap();
            home.open().await.unwrap().repair(&damaged(&lost)).await.unwrap();
            assert!(home.event_ids().await.len() < expected.len());
            convert(second, again).await;
            assert_eq!(home.event_ids().await, expected);
        }
    }
}

#[tokio::test]
async fn a_list_of_inputs_that_is_lost_too_is_told_and_stops_nothing() {
    let home = TestHome::disk().checkpointed_after(2);
    fill(&home, false).await;
    let expected = home.event_ids().await;
    let log = Log::read_whole(&home.objects).await.unwrap();
    let ledger = log.entries[0].ledger.clone().unwrap().path;
    let lost = vec![log.entries[0].adds[0].path.clone()];
    home.staging().unwrap().remove(&[lost[0].clone(), ledger.clone()]).await.unwrap();
    let (plan, version) = home.open().await.unwrap().repair(&damaged(&lost)).await.unwrap();
    assert_eq!((plan.lost_ledgers, version.is_some()), (vec![ledger], true));
    convert_again(&home).await;
    let from = source(trail("a", 600, 0).await, "a");
    let options = ConvertOptions { reread: true, ..home.options() };
    home.convert(&from, &options).await.unwrap();
    assert_eq!(home.event_ids().await, expected);
}

#[tokio::test]
async fn what_is_no_data_file_of_the_dataset_is_not_taken_out() {
    let home = TestHome::memory();
    fill(&home, false).await;
    let before = home.snapshot().await;
    let others = damaged(&["events/x.parquet".to_owned(), "_ecstrail/dataset.json".to_owned()]);
    let (plan, version) = home.open().await.unwrap().repair(&others).await.unwrap();
    assert_eq!((plan, version), (RepairPlan::default(), None));
    assert_eq!(home.snapshot().await.version, before.version);
}

#[tokio::test]
async fn a_repair_that_dies_at_any_step_is_finished_or_undone() {
    for kind in TestHome::all() {
        let mut steps = 0;
        for dies_after_doing in [false, true] {
            for dies_at in (0..).step_by(stride()) {
                let home = kind.another();
                fill(&home, true).await;
                let expected = home.event_ids().await;
                let lost = vec![home.snapshot().await.files.remove(0).path];
                home.staging().unwrap().remove(&lost).await.unwrap();
                let accident = Accident::Death { dies_after_doing };
                let mortal = Arc::new(Mortal::new(home.staging().unwrap(), dies_at, accident));
                let run = async {
                    let (dataset, _) = home.open_with(Arc::clone(&mortal) as _).await?;
                    dataset.repair(&damaged(&lost)).await
                };
                let outcome = run.await;
                let died = mortal.has_struck();
                assert!(died || outcome.is_ok(), "{outcome:?}");
                drop(mortal);
                home.open().await.unwrap().repair(&damaged(&lost)).await.unwrap();
                convert_again(&home).await;
                assert_eq!(home.event_ids().await, expected);
                home.assert_tidy().await;
                if !died {
                    break;
                }
                steps += 1;
            }
        }
        assert_tried(steps, 4);
    }
}
