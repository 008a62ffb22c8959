//! Runs that die at every single step, and what the next one makes of it.

use std::collections::BTreeSet;

use ecstrail_converter::Selection;

use super::*;
use crate::{
    convert::{ConvertOptions, Source},
    progress::Progress,
    testing::{Accident, Mortal, TestHome, assert_tried, source, stride, trail},
};

/// Few partitions, so that many deaths can be tried.
fn two_partitions() -> Selection {
    Selection {
        until: "2026-04-02".parse().ok(),
        regions: BTreeSet::from(["us-east-1".to_owned()]),
        ..Selection::default()
    }
}

fn small_commits(home: &TestHome) -> ConvertOptions {
    ConvertOptions { commit_bytes: 1, selection: two_partitions(), ..home.options() }
}

/// Converts with a store that dies; returns whether it did.
async fn convert_and_die(
    home: &TestHome,
    source: &Source,
    dies_at: usize,
    dies_after_doing: bool,
) -> bool {
    let mortal = Arc::new(Mortal::new(
        home.staging().unwrap(),
        dies_at,
        Accident::Death { dies_after_doing },
    ));
    let staging = Arc::clone(&mortal);
    let result = async {
        let (dataset, _) = home.open_with(staging).await?;
        let progress = Arc::new(Progress::default());
        dataset.convert(std::slice::from_ref(source), &small_commits(home), &progress).await
    };
    let result = result.await;
    let died = mortal.has_struck();
    // Dying while it tidies up, it is done.
    assert!(died || result.is_ok(), "{result:?}");
    died
}

/// Everything that other engines can see is committed.
async fn assert_nothing_foreign(home: &TestHome) {
    let committed: BTreeSet<String> = match Log::read(&home.objects).await {
        Ok(log) => {
            // Nothing of these is ever removed.
            log.files().keys().cloned().collect()
        }
        Err(_) => BTreeSet::new(),
    };
    assert!(home.data_files().await.is_subset(&committed));
}

#[tokio::test]
async fn a_run_that_dies_at_any_step_is_finished_or_undone() {
    let store = trail("a", 350, 20).await;
    let source = source(store, "a");
    for kind in TestHome::all().map(|home| home.checkpointed_after(1)) {
        kind.convert(&source, &small_commits(&kind)).await.unwrap();
        let expected = kind.ordered_hash().await;
        let mut steps = 0;
        for dies_after_doing in [false, true] {
            for dies_at in (0..).step_by(stride()) {
                let home = kind.another();
                let died = convert_and_die(&home, &source, dies_at, dies_after_doing).await;
                assert_nothing_foreign(&home).await;
                // And once more, while the first death is being mended.
                convert_and_die(&home, &source, dies_at / 2, !dies_after_doing).await;
                assert_nothing_foreign(&home).await;
                home.convert(&source, &small_commits(&home)).await.unwrap();
                assert_eq!(home.ordered_hash().await, expected, "died at step {dies_at}");
                home.assert_tidy().await;
                if !died {
                    break;
                }
                steps += 1;
            }
        }
        assert_tried(steps, 40);
    }
}

#[tokio::test]
async fn two_writers_on_the_local_disk_do_not_meet() {
    let home = TestHome::disk();
    let _dataset = home.open().await.unwrap();
    let error = home.open().await.unwrap_err();
    assert!(matches!(error, Error::Busy { .. }), "{error}");
}

#[tokio::test]
async fn a_version_that_somebody_else_took_is_lost() {
    for home in TestHome::all() {
        let staging = home.staging().unwrap();
        let path = layout::log_entry(0);
        assert_eq!(staging.create(&path, b"a".to_vec()).await.unwrap(), Creation::Created);
        assert_eq!(staging.create(&path, b"a".to_vec()).await.unwrap(), Creation::Created);
        assert_eq!(staging.create(&path, b"ab".to_vec()).await.unwrap(), Creation::Lost);
    }
}

#[tokio::test]
async fn what_is_removed_is_gone_and_may_be_gone_before() {
    for home in TestHome::all() {
        let staging = home.staging().unwrap();
        for path in ["_ecstrail/a/1", "_ecstrail/a/2", "_ecstrail/b/1"] {
            staging.write(path, b"x".to_vec()).await.unwrap();
        }
        let removed = ["_ecstrail/a/1", "_ecstrail/none", "_ecstrail/b/1"].map(str::to_owned);
        for _ in 0..2 {
            staging.remove(&removed).await.unwrap();
        }
        staging.remove(&[]).await.unwrap();
        let left = home.paths("_ecstrail").await;
        assert!(left.contains("_ecstrail/a/2"), "{left:?}");
        assert!(left.is_disjoint(&removed.into()), "{left:?}");
    }
}

#[tokio::test]
async fn a_damaged_log_is_told() {
    let home = TestHome::disk();
    let store = trail("a", 600, 0).await;
    let source = source(store, "a");
    let options = ConvertOptions { commit_bytes: 1, ..home.options() };
    assert_eq!(home.convert(&source, &options).await.unwrap().counts.commits.len(), 3);
    let second = home.path().join(layout::log_entry(1));
    let text = std::fs::read_to_string(&second).unwrap();
    let open = async || {
        Snapshot::open(&home.objects)
            .await
            .map(|snapshot| snapshot.rows())
            .map_err(|error| error.to_string())
    };
    let check = async |changed: &str, message: &str| {
        std::fs::write(&second, changed).unwrap();
        let error = open().await.unwrap_err();
        assert!(error.contains(message), "{error}");
    };
    check("{", "00000000000000000001.json is damaged").await;
    check(
        &text.replace("\"rows\":", "\"rows\":1"),
        "its hash of the previous entry does not match",
    )
    .await;
    check(
        &text.replace("\"format_version\":1", "\"format_version\":9"),
        "has version 9, but this program supports only up to 1",
    )
    .await;
    std::fs::remove_file(&second).unwrap();
    assert!(open().await.unwrap_err().contains("the entry before it is missing"));
    std::fs::write(&second, text).unwrap();
    assert_eq!(open().await.unwrap(), 60);
    assert_eq!(home.snapshot().await.version, Some(2));
    // No entry has the hash of the last one: its marker has.
    let last = home.path().join(layout::log_entry(2));
    let text = std::fs::read_to_string(&last).unwrap();
    std::fs::write(&last, text.replace("\"rows\":", "\"rows\":1")).unwrap();
    let error = open().await.unwrap_err();
    assert!(error.contains("00000000000000000002 has another hash for it"), "{error}");
    std::fs::remove_file(&last).unwrap();
    let error = open().await.unwrap_err();
    assert!(error.contains("00000000000000000002.json is damaged: it is missing, but"), "{error}");
    // So that no run takes the version anew.
    assert!(
        home.convert(&source, &options).await.unwrap_err().to_string().contains("it is missing")
    );
    std::fs::write(&last, text).unwrap();
    assert_eq!(open().await.unwrap(), 60);
}

#[tokio::test]
async fn a_place_without_a_dataset_is_told() {
    let home = TestHome::disk();
    let error = Snapshot::open(&home.objects).await.unwrap_err();
    assert!(
        error.to_string().ends_with("is not an ecstrail dataset: it has no _ecstrail/dataset.json")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_run_has_prepared_is_in_the_history() {
    const TRANSACTION: &str = "00000000-0123456789abcdef";
    for home in TestHome::all() {
        let dataset = home.open().await.unwrap();
        let staging = Arc::clone(&dataset.staging);
        let prepared = tokio::task::spawn_blocking(move || {
            let path = "events/date=2026-04-27/region=us-east-1/part-0.parquet";
            staging.stage(TRANSACTION, "000000-0000", path)?.prepare()
        });
        prepared.await.unwrap().unwrap();
        let history = History::read(&home.objects).await.unwrap();
        assert_eq!(history.unfinished.into_iter().collect::<Vec<_>>(), [TRANSACTION]);
    }
}
