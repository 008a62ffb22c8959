//! The Delta log: that it says what the dataset's own log says, whatever happens.

use std::{collections::BTreeMap, sync::Arc};

use object_store::{ObjectStoreExt, PutPayload};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use super::*;
use crate::{
    compact::CompactOptions,
    convert::{ConvertOptions, Source},
    progress::Progress,
    testing::{Accident, Mortal, TestHome, assert_tried, entry, stride, three_partitions},
    vacuum::VacuumOptions,
};

/// The data files of the table, as a reader of the Delta log alone finds them: from the newest
/// checkpoint on, if there is one.
async fn replay(home: &TestHome) -> BTreeMap<String, Value> {
    let mut files = BTreeMap::new();
    let mut next = 0;
    let paths = home.paths(layout::DELTA_LOG).await;
    if paths.contains(layout::LAST_DELTA_CHECKPOINT) {
        let last: Value =
            serde_json::from_slice(&home.read(layout::LAST_DELTA_CHECKPOINT).await).unwrap();
        let version = last["version"].as_u64().unwrap();
        let rows = checkpoint(home, version).await;
        assert_eq!(last["size"], rows.len());
        for kind in ["protocol", "metaData"] {
            assert_eq!(rows.iter().filter(|row| row.get(kind).is_some()).count(), 1, "{kind}");
        }
        let adds = rows.into_iter().filter_map(|mut row| row.get_mut("add").map(Value::take));
        files.extend(adds.map(|add| (add["path"].as_str().unwrap().to_owned(), add)));
        next = version + 1;
    }
    let commits = paths.iter().filter_map(|path| layout::version_of(path));
    let first = next;
    for version in commits.filter(|version| *version >= first) {
        assert_eq!(version, next, "commits follow each other");
        next += 1;
        for mut action in commit(home, version).await {
            if let Some(add) = action.get_mut("add").map(Value::take) {
                files.insert(add["path"].as_str().unwrap().to_owned(), add);
            }
            if let Some(removed) = action.get("remove") {
                files.remove(removed["path"].as_str().unwrap()).unwrap();
            }
        }
    }
    files
}

async fn commit(home: &TestHome, version: u64) -> Vec<Value> {
    let bytes = home.read(&layout::delta_commit(version)).await;
    let lines = std::str::from_utf8(&bytes).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn checkpoint(home: &TestHome, version: u64) -> Vec<Value> {
    let bytes = home.read(&layout::delta_checkpoint(version)).await;
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap();
    let mut writer = arrow::json::LineDelimitedWriter::new(Vec::new());
    reader.for_each(|batch| writer.write(&batch.unwrap()).unwrap());
    writer.finish().unwrap();
    let text = String::from_utf8(writer.into_inner()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The Delta log has every entry since it began, as it follows from the log, and nothing else; its
/// table is the snapshot.
async fn assert_follows_the_log(home: &TestHome) {
    let log = Log::read_whole(&home.objects).await.unwrap();
    let since = log.delta().unwrap().since;
    let mut expected = BTreeMap::new();
    for (number, entry) in log.entries.iter().enumerate().skip(usize::try_from(since).unwrap()) {
        let delta = log.delta_commit_of(entry).unwrap();
        let table = needs_table(entry, &delta).then(|| DeltaTable::after(&log.entries[..=number]));
        let objects = DeltaObjects::of(entry, &delta, table.as_ref()).unwrap();
        let objects = [Some(objects.commit), objects.checkpoint, objects.last_checkpoint];
        expected.extend(objects.into_iter().flatten().map(|object| (object.path, object.bytes)));
    }
    let paths = home.paths(layout::DELTA_LOG).await;
    assert_eq!(paths, expected.keys().cloned().collect());
    for (path, bytes) in expected {
        assert_eq!(home.read(&path).await, bytes, "{path}");
    }
    let snapshot = home.snapshot().await;
    let files = replay(home).await;
    let paths: Vec<_> = snapshot.files.iter().map(|file| &file.path).collect();
    assert_eq!(files.keys().collect::<Vec<_>>(), paths);
    for file in &snapshot.files {
        let add = &files[&file.path];
        let statistics: Value = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
        assert_eq!(add["size"], file.bytes);
        assert_eq!(statistics["numRecords"], file.rows);
        let key = file.key().unwrap();
        assert_eq!(add["partitionValues"]["region"], key.region);
        assert_eq!(add["partitionValues"]["date"], key.date.to_string());
    }
}

/// A dataset of two commits that has a Delta log from the beginning, or since then.
async fn with_delta_log(home: &TestHome, late: bool) -> (Source, ConvertOptions) {
    let (source, options) = three_partitions().await;
    let options = options(home);
    if late {
        home.convert(&source, &options).await.unwrap();
    }
    let added = home.open().await.unwrap().add_delta_log().await.unwrap();
    let since = if late { 2 } else { 0 };
    assert_eq!(added, DeltaAdded { since, was_there: false, completed: 0 });
    if !late {
        home.convert(&source, &options).await.unwrap();
    }
    (source, options)
}

fn small() -> CompactOptions {
    CompactOptions { row_group_rows: 1000, ..CompactOptions::default() }
}

#[tokio::test]
async fn it_follows_the_log_from_the_beginning_or_late() {
    for late in [false, true] {
        for home in TestHome::all() {
            with_delta_log(&home, late).await;
            assert_follows_the_log(&home).await;
            let before = home.data_files().await;
            assert!(home.compact(&small()).await.unwrap().keeps_replaced);
            assert_follows_the_log(&home).await;
            assert!(home.data_files().await.is_superset(&before), "readers may need them");
            let again = home.open().await.unwrap().add_delta_log().await.unwrap();
            assert_eq!(again.completed, 0);
            assert!(again.was_there);
        }
    }
}

#[tokio::test]
async fn what_a_commit_says() {
    let home = TestHome::disk();
    with_delta_log(&home, false).await;
    home.compact(&small()).await.unwrap();
    let created = commit(&home, 0).await;
    assert_eq!(created[0]["commitInfo"]["operation"], "CREATE TABLE");
    let protocol = &created[1]["protocol"];
    assert_eq!(protocol["minReaderVersion"], 1);
    assert_eq!(protocol["minWriterVersion"], 7);
    assert!(protocol["writerFeatures"].as_array().unwrap().contains(&"ecstrail".into()));
    let metadata = &created[2]["metaData"];
    assert_eq!(metadata["id"], home.snapshot().await.description.id);
    let schema: Value = serde_json::from_str(metadata["schemaString"].as_str().unwrap()).unwrap();
    let names: Vec<_> = schema["fields"].as_array().unwrap().iter().map(|f| &f["name"]).collect();
    assert_eq!(names.len(), ecstrail_converter::COLUMNS.len() + 2);
    assert_eq!(names[names.len() - 2..], ["date", "region"]);
    let written = commit(&home, 1).await;
    assert_eq!(written[0]["commitInfo"]["operation"], "WRITE");
    assert!(written[1..].iter().all(|action| action["add"]["dataChange"] == true));
    let statistics: Value =
        serde_json::from_str(written[1]["add"]["stats"].as_str().unwrap()).unwrap();
    let least = statistics["minValues"]["event_time"].as_str().unwrap();
    assert!(least.starts_with("2026-04-0") && least[19..] == *".000Z", "{least}");
    let merged = commit(&home, 3).await;
    assert_eq!(merged[0]["commitInfo"]["operation"], "OPTIMIZE");
    let changes = |action: &Value| {
        action["add"]["dataChange"] == true || action["remove"]["dataChange"] == true
    };
    assert!(!merged.iter().any(changes));
    let log = Log::read_whole(&home.objects).await.unwrap();
    let delta = DeltaCommit { changes_values: true, ..DeltaCommit::default() };
    let filled = DeltaObjects::of(&log.entries[3], &delta, None).unwrap().commit.bytes;
    let filled = String::from_utf8(filled).unwrap();
    assert!(filled.contains("\"dataChange\":true") && !filled.contains("\"dataChange\":false"));
}

#[tokio::test]
async fn a_run_that_dies_at_any_step_leaves_nothing_missing() {
    for late in [false, true] {
        for kind in TestHome::all() {
            let mut steps = 0;
            for dies_after_doing in [false, true] {
                for dies_at in (0..).step_by(stride()) {
                    let home = kind.another();
                    let (source, options) = three_partitions().await;
                    let options = options(&home);
                    let staging = home.staging().unwrap();
                    let accident = Accident::Death { dies_after_doing };
                    let mortal = Arc::new(Mortal::new(staging, dies_at, accident));
                    let run = async {
                        let (dataset, _) = home.open_with(Arc::clone(&mortal) as _).await?;
                        let progress = Arc::new(Progress::default());
                        let sources = std::slice::from_ref(&source);
                        if late {
                            dataset.convert(sources, &options, &progress).await?;
                        }
                        dataset.add_delta_log().await?;
                        if !late {
                            dataset.convert(sources, &options, &progress).await?;
                        }
                        dataset.compact(&small(), &progress).await
                    };
                    let outcome = run.await;
                    let died = mortal.has_struck();
                    assert!(died || outcome.is_ok(), "{outcome:?}");
                    drop(mortal);
                    let dataset = home.open().await.unwrap();
                    let began = dataset.history().await.unwrap().delta_since.is_some();
                    if began {
                        assert_follows_the_log(&home).await;
                    }
                    dataset.add_delta_log().await.unwrap();
                    drop(dataset);
                    home.convert(&source, &options).await.unwrap();
                    home.compact(&small()).await.unwrap();
                    assert_follows_the_log(&home).await;
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
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_leave_one_sequence() {
    for _ in 0..4 {
        let home = TestHome::memory();
        with_delta_log(&home, false).await;
        let (source, options) = three_partitions().await;
        let again = ConvertOptions { reread: true, ..options(&home) };
        let (first, second) = (home.open().await.unwrap(), home.open().await.unwrap());
        let progress = Arc::new(Progress::default());
        let compaction = small();
        let merging = first.compact(&compaction, &progress);
        let sources = [source];
        let converting = second.convert(&sources, &again, &progress);
        let (merged, converted) = tokio::join!(merging, converting);
        merged.unwrap();
        converted.unwrap();
        home.open().await.unwrap();
        assert_follows_the_log(&home).await;
    }
}

#[tokio::test]
async fn commits_that_are_missing_are_written() {
    for home in TestHome::all() {
        with_delta_log(&home, true).await;
        home.compact(&small()).await.unwrap();
        let dataset = home.open().await.unwrap();
        // By a program that knows no Delta log.
        let mut log = dataset.log().await.unwrap();
        let old = LogEntry { delta: None, ..entry(&log, "") };
        assert_eq!(dataset.commit(&old).await.unwrap(), Creation::Created);
        dataset.recover().await.unwrap();
        assert_follows_the_log(&home).await;
        // And the next one continues.
        log.advance(&home.objects).await.unwrap();
        dataset.commit(&log.empty_entry(&Transaction::new(log.next_version()))).await.unwrap();
        assert_follows_the_log(&home).await;
        dataset.staging.remove(&[layout::delta_checkpoint(2)]).await.unwrap();
        assert_eq!(dataset.add_delta_log().await.unwrap().completed, 1);
        assert_follows_the_log(&home).await;
        let all: Vec<_> = home.paths(layout::DELTA_LOG).await.into_iter().collect();
        dataset.staging.remove(&all).await.unwrap();
        let added = dataset.add_delta_log().await.unwrap();
        assert_eq!(added.completed, log.next_version() + 1 - added.since);
        assert_follows_the_log(&home).await;
    }
}

#[tokio::test]
async fn what_another_program_wrote_is_told() {
    for home in TestHome::all() {
        let (source, options) = with_delta_log(&home, false).await;
        let next = layout::delta_commit(3);
        let store = &home.objects.store;
        store.put(&home.objects.at(&next), PutPayload::from("{}\n")).await.unwrap();
        let error = home.compact(&small()).await.unwrap_err();
        assert!(matches!(&error, Error::ForeignDeltaLog { path } if *path == next), "{error}");
        store.delete(&home.objects.at(&next)).await.unwrap();
        home.convert(&source, &options).await.unwrap();
        assert_follows_the_log(&home).await;

        let other = home.another();
        other.convert(&source, &options).await.unwrap();
        let store = &other.objects.store;
        let path = layout::delta_commit(0);
        store.put(&other.objects.at(&path), PutPayload::from("{}\n")).await.unwrap();
        let error = other.open().await.unwrap().add_delta_log().await.unwrap_err();
        assert!(matches!(error, Error::ForeignDeltaLog { .. }), "{error}");
    }
}

#[tokio::test]
async fn new_columns_are_added_to_the_table_once() {
    let home = TestHome::disk();
    let dataset = home.open().await.unwrap();
    let log = dataset.log().await.unwrap();
    let metadata =
        Some(DeltaMetadata { schema: "{}".to_owned(), ..DeltaMetadata::of(&log.description) });
    let delta = Some(DeltaCommit { begins: true, metadata, ..DeltaCommit::default() });
    let old = LogEntry { delta, schema_version: 1, ..entry(&log, "") };
    dataset.commit(&old).await.unwrap();
    drop(dataset);
    let (source, options) = three_partitions().await;
    home.convert(&source, &options(&home)).await.unwrap();
    assert_follows_the_log(&home).await;
    let describes =
        async |version| commit(&home, version).await.iter().any(|a| a.get("metaData").is_some());
    assert!(describes(1).await);
    assert!(!describes(2).await);
}

#[tokio::test]
async fn replaced_files_stay_for_a_while() {
    for home in TestHome::all() {
        with_delta_log(&home, false).await;
        let replaced = home.data_files().await;
        // Those of the memory cannot be made older; their grace begins with the commit as well.
        for path in replaced.iter().filter(|_| home.is_disk()) {
            let file = std::fs::File::options().append(true).open(home.path().join(path)).unwrap();
            let days_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(72);
            file.set_modified(days_ago).unwrap();
        }
        home.compact(&small()).await.unwrap();
        let dataset = home.open().await.unwrap();
        let plan = async |hours: i64, older_than: u64| {
            let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now());
            let options = VacuumOptions { older_than: std::time::Duration::from_hours(older_than) };
            dataset.vacuum_plan(&options, now + chrono::TimeDelta::hours(hours)).await.unwrap()
        };
        assert!(plan(23, 24).await.is_empty());
        let plan = plan(25, 24).await;
        assert!(plan.deletions.iter().all(|deletion| replaced.contains(&deletion.path)));
        assert!(!dataset.vacuum(&plan).await.unwrap().deletions.is_empty());
        home.ordered_hash().await;
        assert_follows_the_log(&home).await;
    }
}
