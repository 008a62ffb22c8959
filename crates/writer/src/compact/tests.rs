//! Compactions end to end: the rows stay what they are, in one order, whatever the circumstances.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use ecstrail_converter::{PartitionKey, SCHEMA_VERSION, Selection};
use object_store::memory::InMemory;
use proptest::prelude::*;

use super::*;
use crate::{
    convert::{ConvertOptions, Source},
    log::DataFile,
    testing::{TestHome, put_log_file, record, sorted, source, trail},
};

mod faults;
mod upgrade;

fn options() -> CompactOptions {
    CompactOptions { threads: 2, row_group_rows: 1000, ..CompactOptions::default() }
}

/// One day in two regions.
fn two_partitions() -> Selection {
    Selection { until: "2026-04-01".parse().ok(), ..Selection::default() }
}

/// Converts a trail, each log file in a commit of its own.
async fn fragments(home: &TestHome, events: u64) -> Source {
    let selection = two_partitions();
    let source = source(trail("a", events, 10).await, "a");
    let convert =
        ConvertOptions { commit_bytes: 1, row_group_rows: 1000, selection, ..home.options() };
    home.convert(&source, &convert).await.unwrap();
    source
}

/// Asserts that every data file has its rows in order.
async fn assert_sorted(home: &TestHome) {
    for file in &home.snapshot().await.files {
        let rows = home.rows(file).await;
        assert_eq!(sorted(&rows), rows, "{}", file.path);
    }
}

fn bytes_of(files: &[DataFile]) -> u64 {
    files.iter().map(|file| file.bytes).sum()
}

#[tokio::test]
async fn small_files_become_one_and_the_rows_stay_what_they_are() {
    for home in TestHome::all() {
        let log_files = fragments(&home, 1_000).await;
        let before = home.snapshot().await;
        let rows = home.sorted_rows().await;
        let partitions = rows.len() as u64;
        assert!(before.files.len() as u64 > 3 * partitions, "{}", before.files.len());

        let dataset = home.open().await.unwrap();
        let plan = dataset.compact_plan(&options()).await.unwrap();
        assert_eq!((plan.files(), plan.rows()), (before.files.len() as u64, before.rows()));
        let progress = Arc::new(Progress::default());
        let outcome = dataset.compact(&options(), &progress).await.unwrap();
        drop(dataset);
        let counts = progress.counts();
        assert_eq!((counts.files, counts.planned_files), (plan.files(), plan.files()));
        assert_eq!((counts.bytes, counts.planned_bytes), (plan.bytes(), plan.bytes()));
        assert_eq!(counts.rows, before.rows());

        let after = home.snapshot().await;
        assert_eq!(outcome.commits, [before.version.unwrap() + 1]);
        assert_eq!((outcome.files_before, outcome.bytes_before), (plan.files(), plan.bytes()));
        assert_eq!((outcome.files_after, outcome.rows), (partitions, before.rows()));
        assert_eq!(outcome.bytes_after, bytes_of(&after.files));
        assert_eq!(outcome.partitions, rows.keys().cloned().collect());
        assert!(outcome.bytes_after < outcome.bytes_before && outcome.not_rewritten.is_empty());
        assert!(outcome.exchange >= outcome.longest_exchange && !outcome.exchange.is_zero());

        assert_eq!(after.files.len() as u64, partitions);
        assert_eq!(after.selections, before.selections);
        assert_eq!(home.sorted_rows().await, rows);
        assert_sorted(&home).await;
        // Nothing but what the log names is there, and nothing is left of the run.
        home.ordered_hash().await;
        home.assert_tidy().await;
        for file in &after.files {
            assert_eq!(file.schema_version, SCHEMA_VERSION);
            let key = file.key().unwrap();
            let old = before.files.iter().filter(|old| old.key().unwrap() == key);
            let bounds = old.filter_map(|old| old.event_name.clone());
            let (low, high): (Vec<_>, Vec<_>) = bounds.unzip();
            let bounds = low.into_iter().min().zip(high.into_iter().max());
            assert_eq!(file.event_name, bounds);
        }

        // Again there is nothing to do; and the rows and inputs are known.
        assert!(home.compact(&options()).await.unwrap().commits.is_empty());
        let known = ConvertOptions { selection: two_partitions(), ..home.options() };
        let again = home.convert(&log_files, &known).await.unwrap();
        assert_eq!(
            (again.counts.files, again.counts.known_files),
            (0, again.sources[0].found.log_files)
        );
        let copy = source(trail("b", 1_000, 0).await, "b");
        let copied = home.convert(&copy, &known).await.unwrap();
        assert_eq!(
            (copied.counts.totals.rows, copied.counts.totals.duplicates),
            (0, before.rows())
        );
        assert_eq!(home.sorted_rows().await, rows);
    }
}

/// Compacts copies of a home with different options; returns the rows in their order.
async fn compacted(
    home: &TestHome,
    options: &CompactOptions,
) -> BTreeMap<PartitionKey, RecordBatch> {
    let home = home.fork();
    let rows = home.sorted_rows().await;
    home.compact(options).await.unwrap();
    assert_eq!(home.sorted_rows().await, rows);
    assert_sorted(&home).await;
    assert!(home.open().await.unwrap().compact_plan(options).await.unwrap().is_empty());
    home.ordered_hash().await;
    home.partitions().await
}

#[tokio::test]
async fn the_same_files_whatever_the_threads_and_commits() {
    let home = TestHome::memory();
    fragments(&home, 1_000).await;
    let one = CompactOptions { threads: 1, ..options() };
    let expected = compacted(&home, &one).await;
    for (threads, commit_bytes) in [(4, 1 << 30), (2, 1)] {
        let options = CompactOptions { threads, commit_bytes, ..options() };
        assert_eq!(compacted(&home, &options).await, expected);
    }
    // In several passes, and with hardly any memory.
    for (max_merged_files, memory_bytes) in [(2, 1 << 30), (3, 1 << 30), (100, 1)] {
        let options = CompactOptions { memory_bytes, max_merged_files, ..options() };
        assert_eq!(compacted(&home, &options).await, expected);
    }
}

#[tokio::test]
async fn a_partition_becomes_files_of_the_target_size_one_after_the_other() {
    let home = TestHome::memory();
    let selection = Selection {
        event_sources: ecstrail_converter::EventSources::All,
        until: "2026-04-01".parse().ok(),
        regions: ["us-east-1".to_owned()].into(),
        ..Selection::default()
    };
    let source = source(trail("a", 20_000, 0).await, "a");
    let convert = ConvertOptions { commit_bytes: 60_000, selection, ..home.options() };
    home.convert(&source, &convert).await.unwrap();
    let before = home.snapshot().await;
    // Twice as much as any of them, and less than all their rows.
    let target = 2 * before.files.iter().map(|file| file.bytes).max().unwrap() + 2;
    assert!(before.files.len() > 9);
    let options = CompactOptions { target_file_bytes: target, ..options() };
    let rows = compacted(&home, &options).await;
    assert_eq!(rows.len(), 1);
    let outcome = home.compact(&options).await.unwrap();
    let files = home.snapshot().await.files;
    assert_eq!(outcome.files_after, files.len() as u64);
    assert!(files.len() > 1, "{}", files.len());
    let (last, full) = files.split_last().unwrap();
    for file in full {
        assert!(file.bytes >= target / 2, "{} of {target}", file.bytes);
        assert!(file.bytes <= target * 2, "{} of {target}", file.bytes);
    }
    let instants: Vec<_> = files.iter().map(|file| file.event_time.unwrap()).collect();
    assert!(instants.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{instants:?}");
    assert!(last.rows > 0);
}

#[tokio::test]
async fn a_cancelled_compaction_leaves_nothing() {
    for home in TestHome::all() {
        fragments(&home, 400).await;
        let hash = home.ordered_hash().await;
        let progress = Arc::new(Progress::default());
        progress.cancel();
        let dataset = home.open().await.unwrap();
        let error = dataset.compact(&options(), &progress).await.unwrap_err();
        assert!(matches!(error, Error::Interrupted), "{error}");
        drop(dataset);
        assert_eq!(home.ordered_hash().await, hash);
        home.assert_tidy().await;
    }
}

#[tokio::test]
async fn a_file_that_is_not_what_was_committed_stays_as_it_is() {
    let home = TestHome::disk();
    fragments(&home, 1_000).await;
    let files = home.snapshot().await.files;
    let key = files[0].key().unwrap();
    let damaged = home.path().join(&files[0].path);
    let mut bytes = std::fs::read(&damaged).unwrap();
    // The end of a bloom filter or a page index: nothing that decoding would stumble over.
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&damaged, &bytes).unwrap();
    let outcome = home.compact(&options()).await.unwrap();
    let [error] = &outcome.not_rewritten[..] else { panic!("{:?}", outcome.not_rewritten) };
    assert_eq!(error.to_string(), format!("cannot rewrite {}, which is kept", files[0].path));
    assert_eq!(std::fs::read(&damaged).unwrap(), bytes);
    let after = home.snapshot().await.files;
    let of_partition = after.iter().filter(|file| file.key().unwrap() == key);
    assert_eq!(of_partition.count(), 2);
    let rows = |files: &[DataFile]| files.iter().map(|file| file.rows).sum::<u64>();
    assert_eq!(rows(&after), rows(&files));
    home.assert_tidy().await;
}

/// Returns a record of one of three seconds, seven ids and two accounts, so that all that orders rows
/// counts.
fn crowded(event: u64) -> String {
    let mut record = record(event * 10);
    let mut set = |member: &str, value: &str| {
        let start = record.find(member).unwrap() + member.len() + 3;
        record.replace_range(start..start + value.len(), value);
    };
    set("eventTime", &format!("2026-04-01T00:00:0{}Z", event % 3));
    set("eventID", &format!("{:016}", event % 7));
    set("recipientAccountId", ["111122223333", "444455556666"][usize::from(event % 11 > 4)]);
    record
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// Whatever the files hold, wherever they are cut: the rows stay, and a plan comes to its end.
    #[test]
    fn compaction_keeps_the_rows(
        files in proptest::collection::vec(proptest::collection::vec(0_u64..400, 0..30), 1..6),
        max_merged_files in 2_usize..6,
        target_kib in 1_u64..200,
        commit_bytes in 1_u64..200_000,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let home = TestHome::memory();
            let store = Arc::new(InMemory::new());
            for (number, events) in files.iter().enumerate() {
                let records: Vec<String> = events.iter().map(|event| crowded(*event)).collect();
                put_log_file(&*store, "a", number, &records).await;
            }
            let selection = two_partitions();
            let source = source(store, "a");
            let convert = ConvertOptions { commit_bytes: 1, row_group_rows: 1000, selection, ..home.options() };
            home.convert(&source, &convert).await.unwrap();
            let target_file_bytes = target_kib << 10;
            let options =
                CompactOptions { target_file_bytes, commit_bytes, max_merged_files, ..options() };
            compacted(&home, &options).await;
        });
    }
}
