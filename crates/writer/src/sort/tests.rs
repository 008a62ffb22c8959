//! However records are divided into runs and runs are merged: the same rows in the same order.

use std::{collections::BTreeSet, path::Path, sync::Mutex};

use ecstrail_converter::{SelectedBuilder, SelectedRow};
use proptest::prelude::*;
use tempfile::tempdir;

use super::*;
use crate::{
    error::{Error, Result},
    progress::Progress,
};

const DAYS: i32 = 5;
const REGIONS: [&str; 3] = ["ap-south-1", "eu-west-1", "us-east-1"];

/// An event and the log file in which it was delivered.
#[derive(Debug, Clone, Copy)]
struct Delivery {
    event: u32,
    source_file: u32,
}

fn limits() -> SortLimits {
    SortLimits { held_bytes: 1 << 30, merge_bytes: 1 << 20, batch_bytes: 4 << 10, open_runs: 64 }
}

fn record(event: u32) -> String {
    "x".repeat(event as usize * 31 % 700)
}

fn batch(deliveries: impl IntoIterator<Item = Delivery>) -> SelectedBatch {
    let mut builder = SelectedBuilder::default();
    for Delivery { event, source_file } in deliveries {
        let id = event.wrapping_mul(2_654_435_761);
        let (event_id, record) = (format!("{id:08x}"), record(event));
        builder.push(&SelectedRow {
            day: (id % DAYS.unsigned_abs()).cast_signed(),
            region: REGIONS[(id / 8) as usize % REGIONS.len()],
            event_time: (id % 11 > 0).then_some(i64::from(id / 64 % 97)),
            event_id: (id % 13 > 0).then_some(&event_id),
            record_hash: i64::from(event),
            source_file,
            index: i64::from(event),
            byte_offset: 0,
            recipient_account_id: None,
            record: &record,
        });
    }
    builder.finish()
}

fn events(events: std::ops::Range<u32>) -> SelectedBatch {
    batch(events.map(|event| Delivery { event, source_file: 0 }))
}

fn collect(
    folder: &Path,
    worker: usize,
    limits: SortLimits,
    batches: impl IntoIterator<Item = SelectedBatch>,
) -> SortedRuns {
    let mut collector = RunCollector::new(folder, worker, limits);
    batches.into_iter().try_for_each(|batch| collector.push(batch)).unwrap();
    collector.finish().unwrap()
}

/// Merges runs into few; returns the log files of the duplicates found.
fn reduce(
    sorted: &mut SortedRuns,
    folder: &Path,
    limits: SortLimits,
    withdrawn: &BTreeSet<u32>,
    progress: &Progress,
) -> Result<Vec<u32>> {
    let duplicates = Mutex::new(Vec::new());
    let reducer = RunReducer {
        folder,
        limits,
        withdrawn,
        progress,
        on_duplicate: &|source_file| duplicates.lock().unwrap().push(source_file),
    };
    reducer.reduce(sorted)?;
    Ok(duplicates.into_inner().unwrap())
}

/// Merges all partitions; returns event and log file of the rows, and the log files
/// of the duplicates.
fn merged(sorted: &SortedRuns, withdrawn: &BTreeSet<u32>) -> (Vec<(i64, u32)>, Vec<u32>) {
    let (mut rows, mut duplicates) = (Vec::new(), Vec::new());
    let Some(first) = sorted.partitions.keys().next() else { return (rows, duplicates) };
    let partition = (first.day(), first.region.as_str());
    let mut cursors: Vec<_> =
        sorted.runs.iter().map(|run| RunCursor::seek(run, partition)).collect();
    for (key, summary) in &sorted.partitions {
        let partition = (key.day(), key.region.as_str());
        let cursors = cursors.iter_mut().map(|cursor| Cursor::Run { cursor, partition }).collect();
        let mut merge = Merge::new(cursors, withdrawn).unwrap();
        while let Some(merged) = merge.next().unwrap() {
            match merged {
                Merged::Row(row) => {
                    assert_eq!((row.day, row.region), partition);
                    let bounds = summary.event_time.zip(row.event_time);
                    assert!(bounds.is_none_or(|((low, high), time)| low <= time && time <= high));
                    assert_eq!(row.record, record(row.record_hash.try_into().unwrap()));
                    rows.push((row.record_hash, row.source_file));
                }
                Merged::Duplicate(source_file) => duplicates.push(source_file),
            }
        }
    }
    (rows, duplicates)
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn spilled_and_held_runs_merge_alike() {
    let folder = tempdir().unwrap();
    let nobody = BTreeSet::new();
    let held = collect(folder.path(), 0, limits(), [events(0..5_000)]);
    let (expected, duplicates) = merged(&held, &nobody);
    assert_eq!((expected.len(), duplicates.len(), files(folder.path())), (5_000, 0, 0));
    assert_eq!(held.partitions.values().map(|summary| summary.rows).sum::<u64>(), 5_000);

    let little = SortLimits { held_bytes: 100_000, ..limits() };
    let batches = (0..20).map(|number| events(number * 250..(number + 1) * 250));
    let spilled = collect(folder.path(), 1, little, batches);
    assert!(spilled.runs.len() > 3 && spilled.runs.len() == files(folder.path()));
    assert_eq!(spilled.partitions, held.partitions);
    assert_eq!(merged(&spilled, &nobody).0, expected);
    drop(spilled);
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn a_cursor_starts_at_any_partition() {
    let folder = tempdir().unwrap();
    let spilled = SortLimits { held_bytes: 0, ..limits() };
    for limits in [limits(), spilled] {
        let sorted = collect(folder.path(), 0, limits, [events(0..3_000)]);
        let mut rows = 0;
        for (key, summary) in &sorted.partitions {
            let partition = (key.day(), key.region.as_str());
            let mut cursor = RunCursor::seek(&sorted.runs[0], partition);
            let mut ahead = cursor.clone();
            let found = std::iter::from_fn(|| cursor.next_of(partition).unwrap()).count();
            assert_eq!(found as u64, summary.rows);
            assert_eq!(std::iter::from_fn(|| ahead.next_of(partition).unwrap()).count(), found);
            rows += found;
            let nowhere = (DAYS + 1, "us-east-1");
            assert!(RunCursor::seek(&sorted.runs[0], nowhere).next_of(nowhere).unwrap().is_none());
        }
        assert_eq!(rows, 3_000);
    }
}

#[test]
fn hundreds_of_runs_open_few_files() {
    let folder = tempdir().unwrap();
    let tiny = SortLimits { held_bytes: 0, open_runs: 8, ..limits() };
    let open = || {
        let descriptors = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        let paths = descriptors.filter_map(|descriptor| std::fs::read_link(descriptor.path()).ok());
        paths.filter(|path| path.starts_with(folder.path())).count()
    };
    let mut sorted =
        collect(folder.path(), 0, tiny, (0..300).map(|run| events(run * 9..run * 9 + 12)));
    assert_eq!((sorted.runs.len(), files(folder.path()), open()), (300, 300, 0));
    let most = Mutex::new(0);
    let reducer = RunReducer {
        folder: folder.path(),
        limits: tiny,
        withdrawn: &BTreeSet::new(),
        progress: &Progress::default(),
        on_duplicate: &|_| {
            let mut most = most.lock().unwrap();
            *most = open().max(*most);
        },
    };
    reducer.reduce(&mut sorted).unwrap();
    // The files that are read, and the one that is written, of each merge.
    let most = most.into_inner().unwrap();
    assert!(most <= reduce::CONCURRENT_MERGES * 9, "{most}");
    #[cfg(target_os = "linux")]
    assert!(most > 1);
    assert!(sorted.runs.len() <= 8);
    assert_eq!(sorted.runs.len(), files(folder.path()));
    assert_eq!(merged(&sorted, &BTreeSet::new()).0.len(), 2_703);
}

#[test]
fn nothing_is_left_of_runs_whose_merge_fails() {
    let folder = tempdir().unwrap();
    let tiny = SortLimits { held_bytes: 0, open_runs: 3, ..limits() };
    let collected = |worker| {
        collect(folder.path(), worker, tiny, (0..20).map(|run| events(run * 10..run * 10 + 10)))
    };
    let nobody = BTreeSet::new();

    let mut cancelled = collected(0);
    let progress = Progress::default();
    progress.cancel();
    let result = reduce(&mut cancelled, folder.path(), tiny, &nobody, &progress);
    assert!(matches!(result, Err(Error::Interrupted)));
    drop(cancelled);
    assert_eq!(files(folder.path()), 0);

    let mut damaged = collected(1);
    std::fs::write(folder.path().join("run-1-7.arrow"), "not a run").unwrap();
    let result = reduce(&mut damaged, folder.path(), tiny, &nobody, &Progress::default());
    assert!(matches!(result, Err(Error::Arrow { .. })));
    drop(damaged);
    assert_eq!(files(folder.path()), 0);

    let mut full = collected(2);
    let nowhere = folder.path().join("run-2-0.arrow/below");
    let result = reduce(&mut full, &nowhere, tiny, &nobody, &Progress::default());
    assert!(matches!(result, Err(Error::Disk { .. })));
    drop(full);
    assert_eq!(files(folder.path()), 0);
}

fn deliveries() -> impl Strategy<Value = Vec<Vec<Delivery>>> {
    let delivery =
        (0_u32..200, 0_u32..6).prop_map(|(event, source_file)| Delivery { event, source_file });
    proptest::collection::vec(proptest::collection::vec(delivery, 0..40), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever the number of runs, the budgets and the threads: the rows and the order of one
    /// merge, the same duplicates of each log file, no file afterwards.
    #[test]
    fn merges_of_merges_give_the_rows_of_one(
        batches in deliveries(),
        workers in 1_usize..4,
        held_bytes in 0_usize..60_000,
        merge_bytes in 0_usize..40_000,
        open_runs in 2_usize..9,
        threads in 1_usize..4,
        withdrawn in proptest::collection::btree_set(0_u32..6, 0..3),
    ) {
        let folder = tempdir().unwrap();
        let batches: Vec<_> = batches.into_iter().map(batch).collect();
        let expected = merged(&collect(folder.path(), 99, limits(), batches.clone()), &withdrawn);

        let tiny = SortLimits { held_bytes, merge_bytes, batch_bytes: 4 << 10, open_runs };
        let mut sorted = SortedRuns::default();
        for worker in 0..workers {
            let share = batches.iter().skip(worker).step_by(workers).cloned();
            sorted.join(collect(folder.path(), worker, tiny, share));
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let progress = Progress::default();
        let mut duplicates = pool
            .install(|| reduce(&mut sorted, folder.path(), tiny, &withdrawn, &progress))
            .unwrap();
        let (rows, more) = merged(&sorted, &withdrawn);
        duplicates.extend(more);
        prop_assert_eq!(rows, expected.0);
        let by_file = |mut duplicates: Vec<u32>| {
            duplicates.sort_unstable();
            duplicates
        };
        prop_assert_eq!(by_file(duplicates), by_file(expected.1));
        drop(sorted);
        prop_assert_eq!(files(folder.path()), 0);
    }
}
