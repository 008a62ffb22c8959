//! Whatever happens to a file of a dataset, it is named.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::TimeDelta;
use ecstrail_converter::instant_of;

use super::*;
use crate::{
    compact::CompactOptions,
    convert::ConvertOptions,
    log::CheckedRange,
    storage::layout,
    testing::{TestHome, source, trail},
};

/// A dataset of several commits, with rejects, checkpoints, a Delta log, and merged files.
async fn dataset() -> TestHome {
    dataset_with_checkpoints(4).await
}

async fn dataset_with_checkpoints(commits: usize) -> TestHome {
    let home = TestHome::disk().checkpointed_after(commits);
    let from = source(trail("a", 300, 0).await, "a");
    let options = ConvertOptions { commit_bytes: 1, ..home.options() };
    home.open().await.unwrap().add_delta_log().await.unwrap();
    home.convert(&from, &options).await.unwrap();
    let small = CompactOptions { row_group_rows: 1000, ..CompactOptions::default() };
    home.compact(&small).await.unwrap();
    let from = source(trail("b", 600, 0).await, "b");
    home.convert(&from, &options).await.unwrap();
    home
}

async fn verify(home: &TestHome, records: bool) -> Verification {
    let options = VerifyOptions { records, threads: 2 };
    let later = instant_of(std::time::SystemTime::now()) + TimeDelta::days(2);
    let progress = Arc::new(Progress::default());
    verify_dataset(&home.objects, &options, later, &progress).await.unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn named(found: &Verification) -> BTreeSet<&str> {
    found.findings.iter().map(|finding| finding.path.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dataset_as_it_was_committed_has_nothing_wrong() {
    let home = dataset().await;
    let found = verify(&home, true).await;
    assert_eq!(found.findings, []);
    let snapshot = home.snapshot().await;
    assert_eq!(found.data_files, snapshot.files.len() as u64);
    assert_eq!(found.rows, snapshot.rows());
    assert!(found.log_entries > 6 && found.checkpoints > 0 && found.side_files > 6, "{found:?}");
    assert_eq!(found.delta_commits, found.log_entries);
    assert_eq!(found.unpublished, 0);
    for home in TestHome::all() {
        home.open().await.unwrap();
        assert_eq!(verify(&home, false).await, Verification::default());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_that_was_changed_is_named() {
    let base = dataset().await;
    let live: BTreeSet<String> =
        base.snapshot().await.files.into_iter().map(|file| file.path).collect();
    let last = layout::done_marker(base.snapshot().await.version.unwrap());
    let mut changes = 0;
    for file in files(base.path()) {
        let path = file.strip_prefix(base.path()).unwrap().to_str().unwrap().to_owned();
        // What is left for readers of the Delta log is no part of the dataset any more.
        let is_replaced = path.starts_with("events/") && !live.contains(&path);
        if path == layout::LOCK || is_replaced {
            continue;
        }
        let bytes = fs::read(&file).unwrap();
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        let siblings = files(file.parent().unwrap());
        let other =
            siblings.iter().find(|other| **other != file && fs::read(other).unwrap() != bytes);
        let other = other.map(|other| fs::read(other).unwrap());
        let cases = [
            Some(None),
            Some(Some(Vec::new())),
            Some(Some(bytes[..bytes.len() / 2].to_vec())),
            Some(Some(flipped)),
            other.map(Some),
        ];
        for (number, case) in cases.into_iter().enumerate() {
            let Some(changed) = case else { continue };
            let home = base.fork();
            let target = home.path().join(&path);
            match &changed {
                None => fs::remove_file(&target).unwrap(),
                Some(changed) => fs::write(&target, changed).unwrap(),
            }
            changes += 1;
            if path.starts_with(layout::CHECKPOINT) && changed.is_none() {
                // Nothing is lost with it, and nothing says that there was one.
                continue;
            }
            if path == layout::DATASET && changed.is_none() {
                let progress = Arc::new(Progress::default());
                let now = instant_of(std::time::SystemTime::now());
                let options = VerifyOptions::default();
                let found = verify_dataset(&home.objects, &options, now, &progress).await;
                assert!(found.is_err());
                continue;
            }
            let found = verify(&home, false).await;
            if path == last && changed.is_none() {
                // As after a run that died before it published.
                assert_eq!(found.unpublished, 1);
                continue;
            }
            assert!(
                named(&found).contains(path.as_str()),
                "{path}, {number}: {:?}",
                found.findings
            );
        }
    }
    assert!(changes > 150, "{changes}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_is_one_problem_however_wide() {
    let home = dataset().await;
    let far = home.path().join(layout::done_marker(3_000_000_000_000));
    fs::write(far, "x").unwrap();
    let found = verify(&home, false).await;
    assert!(found.findings.len() < 5, "{:?}", found.findings);
    assert!(
        found.findings.iter().any(|finding| finding.detail.contains("there are no entries from"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_found_while_others_write() {
    let home = dataset().await;
    let writing = async {
        for events in (700..1_500).step_by(100) {
            let from = source(trail("c", events, 0).await, "c");
            let options = ConvertOptions { commit_bytes: 1, ..home.options() };
            home.convert(&from, &options).await.unwrap();
            let small = CompactOptions { row_group_rows: 1000, ..CompactOptions::default() };
            home.compact(&small).await.unwrap();
        }
    };
    let verifying = async {
        for _ in 0..12 {
            assert_eq!(verify(&home, false).await.findings, []);
        }
    };
    tokio::join!(writing, verifying);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_no_commit_added_are_named() {
    let home = dataset().await;
    let live = home.snapshot().await.files.remove(0).path;
    let copy = live.replace(".parquet", "-copy.parquet");
    fs::copy(home.path().join(&live), home.path().join(&copy)).unwrap();
    fs::write(home.path().join("events/.DS_Store"), "of the Finder").unwrap();
    let found = verify(&home, false).await;
    let [Finding { path, kind: FindingKind::Foreign, .. }] = &*found.findings else {
        panic!("{:?}", found.findings)
    };
    assert_eq!(*path, copy);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_is_gone_with_its_marker_is_found_by_its_data_files() {
    let home = dataset_with_checkpoints(100).await;
    let version = home.snapshot().await.version.unwrap();
    for path in [layout::log_entry(version), layout::done_marker(version)] {
        fs::remove_file(home.path().join(path)).unwrap();
    }
    let found = verify(&home, false).await;
    // Its data files tell.
    let [Finding { path, kind: FindingKind::Foreign, detail }, ..] = &*found.findings else {
        panic!("{found:?}")
    };
    assert!(
        path.starts_with("events/") && detail.contains("is not in the log"),
        "{path}: {detail}"
    );
}

/// The log's checksums are compared though the file has its hash: queries would refuse what differs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checksum_of_the_log_that_is_wrong_is_found() {
    let home = dataset().await;
    let files = home.snapshot().await.files.clone();
    let options = VerifyOptions { records: false, threads: 2 };
    let mut compared = 0;
    for file in files.iter().take(3) {
        for place in 0..file.checked.len() {
            let CheckedRange(start, length, sum) = file.checked[place];
            for (wrong, detail) in [
                (CheckedRange(start, length, sum), None),
                (CheckedRange(start, length, sum ^ 1), Some("does not match bytes")),
                (CheckedRange(start, length - 1, sum), Some("does not match bytes")),
                (CheckedRange(start - 1, length, sum), Some("does not match bytes")),
                (CheckedRange(file.bytes, 1, sum), Some("behind its end")),
                (CheckedRange(u64::MAX, 1, sum), Some("behind its end")),
            ] {
                let mut file = file.clone();
                file.checked[place] = wrong;
                let progress = Arc::new(Progress::default());
                let found = data_files::verify(&home.objects, vec![file], &options, &progress);
                let found = found.await.unwrap();
                match (detail, found.as_slice()) {
                    (None, []) => {}
                    (Some(detail), [finding]) => {
                        assert_eq!(finding.kind, FindingKind::Changed);
                        assert!(finding.detail.contains(detail), "{wrong:?} {finding:?}");
                    }
                    _ => panic!("{wrong:?} {found:?}"),
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 30, "{compared}");
}
