//! Rows are followed through conversions, compactions and repairs: what is certain is true.

use std::sync::Arc;

use arrow::{
    array::{AsArray, RecordBatch},
    datatypes::{Int64Type, TimestampMicrosecondType},
};
use ecstrail_converter::{EventSources, MICROS_PER_MILLI};
use object_store::memory::InMemory;

use super::*;
use crate::{
    compact::CompactOptions,
    convert::ConvertOptions,
    testing::{TestHome, put_log_file, record, source, trail},
};

/// What tells the rows of a data file.
fn facts(file: &DataFile, batch: &RecordBatch) -> Vec<RowFacts> {
    let text = |name: &str, row: usize| {
        let column = batch.column_by_name(name).unwrap().as_string::<i32>();
        column.iter().nth(row).unwrap().map(str::to_owned)
    };
    let times = batch["event_time"].as_primitive::<TimestampMicrosecondType>();
    let hashes = batch["record_hash"].as_primitive::<Int64Type>();
    let row = |row| RowFacts {
        partition: file.key().unwrap(),
        event_time: Some(times.value(row).div_euclid(MICROS_PER_MILLI)),
        event_id: text("event_id", row),
        record_hash: hashes.value(row),
        recipient_account_id: text("recipient_account_id", row),
        source_file: text("source_file", row).unwrap(),
        event_source: text("event_source", row),
        event_name: text("event_name", row),
        read_only: Some(false),
        account: text("account_id", row),
    };
    (0..batch.num_rows()).map(row).collect()
}

/// All rows, with the data file of each.
async fn rows(home: &TestHome) -> Vec<(String, RowFacts)> {
    let mut rows = Vec::new();
    for file in home.snapshot().await.files {
        let batch = home.rows(&file).await;
        rows.extend(facts(&file, &batch).into_iter().map(|row| (file.path.clone(), row)));
    }
    rows
}

/// Traces all rows, and checks what is true of each of them.
async fn traced(home: &TestHome) -> Vec<Lineage> {
    let rows = rows(home).await;
    let (paths, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let lineages = trace_rows(&home.objects, &rows).await.unwrap();
    assert_eq!(lineages.lost_ledgers, Vec::<String>::new());
    let traced: Vec<_> = lineages.rows.into_iter().map(Option::unwrap).collect();
    assert_eq!(traced.len(), paths.len());
    for ((lineage, path), row) in traced.iter().zip(paths).zip(&rows) {
        assert_eq!(lineage.data_file.path, path);
        let last = lineage.steps.last().unwrap();
        assert_eq!((last.is_read, last.is_certain), (true, true));
        assert_eq!(last.files, std::slice::from_ref(&lineage.data_file));
        let reading = lineage.readings.first().unwrap();
        assert!(reading.log_file.url.ends_with(&row.source_file));
        assert_eq!(reading.log_file.sha256.len(), 64);
    }
    traced
}

/// The kinds of a row's steps with their versions, those that are not certain with a question mark.
fn words(lineage: &Lineage) -> String {
    let word = |step: &Step| {
        let doubt = if step.is_certain { "" } else { "?" };
        format!("{:?} {}{doubt}", step.kind, step.commit.version)
    };
    lineage.steps.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// One log file with these events, all of one day and Region.
async fn one_log_file(events: &[u64]) -> Arc<InMemory> {
    let store = Arc::new(InMemory::new());
    let records: Vec<_> = events.iter().map(|event| record(*event)).collect();
    put_log_file(&*store, "a", 0, &records).await;
    store
}

#[tokio::test]
async fn rows_of_many_commits_before_and_after_they_are_merged() {
    for every in [1, 100] {
        for home in TestHome::all() {
            for has_delta_log in [false, true] {
                let home = home.another().checkpointed_after(every);
                if has_delta_log {
                    home.open().await.unwrap().add_delta_log().await.unwrap();
                }
                let options = ConvertOptions { commit_bytes: 1, ..home.options() };
                let from = source(trail("a", 600, 20).await, "a");
                home.convert(&from, &options).await.unwrap();
                for lineage in traced(&home).await {
                    let [step] = &*lineage.steps else { panic!("{}", words(&lineage)) };
                    assert_eq!(step.kind, StepKind::Added);
                    assert_eq!(step.commit, lineage.readings[0].commit);
                }
                home.compact(&CompactOptions::default()).await.unwrap();
                for lineage in traced(&home).await {
                    let added = &lineage.steps[0];
                    assert_eq!((added.kind, added.is_certain), (StepKind::Added, true));
                    assert_eq!(added.commit, lineage.readings[0].commit);
                    assert_eq!(added.is_read, has_delta_log || lineage.steps.len() == 1);
                    assert!(lineage.steps.len() <= 2, "{}", words(&lineage));
                }
            }
        }
    }
}

#[tokio::test]
async fn a_log_file_that_is_read_again_with_another_selection() {
    let home = TestHome::disk();
    let store = one_log_file(&(0..120).collect::<Vec<_>>()).await;
    let from = source(store, "a");
    let all = Selection { event_sources: EventSources::All, ..Selection::default() };
    for selection in [Selection::default(), all] {
        let options = ConvertOptions { selection, ..home.options() };
        home.convert(&from, &options).await.unwrap();
    }
    let added = home.snapshot().await.version.unwrap();
    home.compact(&CompactOptions { row_group_rows: 1000, ..CompactOptions::default() })
        .await
        .unwrap();
    let rows = rows(&home).await;
    for (lineage, (_, row)) in traced(&home).await.into_iter().zip(rows) {
        assert_eq!(lineage.readings.len(), 2);
        let is_ecs = row.event_source.as_deref() == Some("ecs.amazonaws.com");
        let expected = if is_ecs { 0 } else { added };
        let first = &lineage.steps[0];
        let found = (first.kind, first.commit.version, first.is_certain);
        assert_eq!(found, (StepKind::Added, expected, true), "{}", words(&lineage));
    }
}

#[tokio::test]
async fn rows_that_a_repair_has_taken_out_and_a_conversion_brought_back() {
    let home = TestHome::memory();
    let from = source(one_log_file(&[0, 10, 20, 30]).await, "a");
    home.convert(&from, &home.options()).await.unwrap();
    let lost = home.snapshot().await.files.remove(0).path;
    home.staging().unwrap().remove(std::slice::from_ref(&lost)).await.unwrap();
    home.open().await.unwrap().repair(&[lost.clone()].into()).await.unwrap();
    home.convert(&from, &home.options()).await.unwrap();
    let partition = lost.rsplit_once('/').unwrap().0;
    let mut came_back = 0;
    for lineage in traced(&home).await {
        assert_eq!(lineage.readings.len(), 2);
        let forgotten: Vec<_> =
            lineage.readings.iter().map(|reading| reading.forgotten_by).collect();
        assert_eq!(forgotten, [Some(1), None]);
        let is_lost = lineage.data_file.path.starts_with(partition);
        let expected = if is_lost { "Added 0, TakenOut 1, Added 2" } else { "Added 0" };
        assert_eq!(words(&lineage), expected);
        came_back += usize::from(is_lost);
    }
    assert!(came_back > 0);
}

#[tokio::test]
async fn log_files_of_the_same_name_are_not_taken_for_each_other() {
    let home = TestHome::disk();
    for prefix in ["a", "b"] {
        // The same days and Regions, and other events.
        let events = if prefix == "a" { 0..400 } else { 400..800 };
        let store = Arc::new(InMemory::new());
        let records: Vec<_> = events.map(record).collect();
        put_log_file(&*store, prefix, 0, &records).await;
        home.convert(&source(store, prefix), &home.options()).await.unwrap();
    }
    home.compact(&CompactOptions::default()).await.unwrap();
    for lineage in traced(&home).await {
        assert_eq!(lineage.readings.len(), 2);
        let (last, added) = lineage.steps.split_last().unwrap();
        assert!(last.is_certain && !added.is_empty());
        assert!(added.iter().all(|step| !step.is_certain || added.len() == 1));
    }
}

#[tokio::test]
async fn what_is_lost_is_told_and_what_is_not_there_is_none() {
    let home = TestHome::disk();
    let from = source(one_log_file(&[0, 10, 20]).await, "a");
    home.convert(&from, &home.options()).await.unwrap();
    let (_, row) = rows(&home).await.remove(0);
    let other = RowFacts { record_hash: row.record_hash + 1, ..row.clone() };
    let log = Log::read_whole(&home.objects).await.unwrap();
    let ledger = log.entries[0].ledger.clone().unwrap().path;
    home.staging().unwrap().remove(std::slice::from_ref(&ledger)).await.unwrap();
    let Lineages { rows, lost_ledgers } = trace_rows(&home.objects, &[other, row]).await.unwrap();
    assert_eq!(lost_ledgers, [ledger]);
    let [None, Some(found)] = &*rows else { panic!("{rows:?}") };
    assert_eq!((words(found), found.readings.len()), ("Added 0".to_owned(), 0));
}

#[tokio::test]
async fn rejected_records_are_found_by_what_stands_in_them() {
    let home = TestHome::disk();
    let store = Arc::new(InMemory::new());
    let broken = record(10).replace("\"eventID\":", "\"eventID\"::");
    put_log_file(&*store, "a", 0, &[record(0), broken.clone()]).await;
    home.convert(&source(store, "a"), &home.options()).await.unwrap();
    let id = broken.split("\"eventID\"::\"").nth(1).unwrap().split('"').next().unwrap();
    let found = find_quarantined(&home.objects, id, 9).await.unwrap();
    let [reject] = &*found else { panic!("{found:?}") };
    assert_eq!((reject.commit.version, reject.index), (0, 1));
    assert_eq!(reject.reason.to_string(), "broken JSON");
    assert!(reject.byte_offset > 0 && reject.url.starts_with("memory:///a/"));
    assert_eq!(find_quarantined(&home.objects, id, 0).await.unwrap(), []);
    assert_eq!(find_quarantined(&home.objects, "no such id", 9).await.unwrap(), []);
}
