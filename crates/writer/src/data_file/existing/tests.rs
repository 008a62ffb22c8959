//! Duplicates of committed rows are found, all of them, and little is read for it.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::AsArray;
use object_store::{ObjectStoreExt, memory::InMemory};
use proptest::prelude::*;

use super::*;
use crate::{
    convert::ConvertOptions,
    testing::{TestHome, put_log_file, source},
};

/// Returns an event; some have no time, some no id, some the time of others.
fn event(number: u64) -> String {
    let id = format!(r#""eventID":"{number}","#);
    let text = event_at(number / 2, if number.is_multiple_of(7) { "" } else { &id });
    if number.is_multiple_of(5) { text.replace("eventTime", "otherTime") } else { text }
}

/// Returns an event of a second of one day in one region.
fn event_at(second: u64, id: &str) -> String {
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2026-04-01T{hour:02}:{minute:02}:{second:02}Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","requestParameters":{{"count":{second}}},{id}"recipientAccountId":"111122223333"}}"#
    )
}

/// Returns which record of which log file each row is of.
async fn origins(home: &TestHome) -> BTreeSet<(String, i64)> {
    let mut origins = BTreeSet::new();
    for file in &home.snapshot().await.files {
        let rows = home.rows(file).await;
        let column = |name| rows.column_by_name(name).unwrap();
        let files = column("source_file").as_string::<i32>();
        let offsets = column("source_byte_offset").as_primitive::<arrow::datatypes::Int64Type>();
        for row in 0..rows.num_rows() {
            assert!(origins.insert((files.value(row).to_owned(), offsets.value(row))));
        }
    }
    origins
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Log files that overlap give the same rows, of the same records, in one run or in several.
    #[test]
    fn runs_add_up_to_one(
        files in proptest::collection::vec(proptest::collection::vec(0_u64..40, 1..20), 1..7),
        runs in proptest::collection::vec(any::<bool>(), 6),
        row_group_rows in 2_usize..9,
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (all, steps) = (TestHome::memory(), TestHome::memory());
            let (store, rest) = (Arc::new(InMemory::new()), Arc::new(InMemory::new()));
            for (number, events) in files.iter().enumerate() {
                let events: Vec<String> = events.iter().map(|number| event(*number)).collect();
                // Delivered on one day, which is that of an event without a time.
                put_log_file(&*store, "a", number * 5, &events).await;
                put_log_file(&*rest, "a", number * 5, &events).await;
                if runs[number] || number + 1 == files.len() {
                    let source = source(Arc::<InMemory>::clone(&rest), "a");
                    let options = ConvertOptions { row_group_rows, ..steps.options() };
                    steps.convert(&source, &options).await.unwrap();
                }
            }
            let source = source(store, "a");
            all.convert(&source, &all.options()).await.unwrap();
            assert_eq!(origins(&steps).await, origins(&all).await);
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn little_is_read_to_find_duplicates() {
    const ROWS: u64 = 6000;
    const ROW_GROUP_ROWS: usize = 1000;
    let home = TestHome::memory();
    home.open().await.unwrap();
    let options = ConvertOptions { row_group_rows: ROW_GROUP_ROWS, ..home.options() };
    let id = |number: u64| {
        let hash = |seed: u64| number.wrapping_add(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let long: String = (1..20_u64)
            .fold(String::new(), |text, seed| format!("{text}{:016x}", hash(seed << 32)));
        format!(r#""eventID":"{long}","#)
    };
    // Converts one log file; returns its rows and duplicates, and what was read of data files
    // beside their ends.
    let mut log_files = 0;
    let mut convert = async |events: Vec<String>| {
        let store = Arc::new(InMemory::new());
        log_files += 1;
        put_log_file(&*store, "a", log_files, &events).await;
        let source = source(store, "a");
        let sizes: BTreeMap<String, u64> = {
            let files = home.snapshot().await.files.into_iter();
            files.map(|file| (home.objects.at(&file.path).to_string(), file.bytes)).collect()
        };
        drop(home.memory_store().take_reads());
        let totals = home.convert(&source, &options).await.unwrap().counts.totals;
        let reads = home.memory_store().take_reads().into_iter();
        let inner =
            reads.filter(|(path, range)| sizes.get(path).is_some_and(|size| range.end < *size));
        let bytes: u64 = inner.map(|(_, range)| range.end - range.start).sum();
        (totals.rows, totals.duplicates, bytes)
    };
    let event = |number: u64| event_at(number * 2, &id(number));
    assert_eq!(convert((0..ROWS).map(event).collect()).await, (ROWS, 0, 0));
    let file_bytes = home.snapshot().await.files[0].bytes;
    assert!(file_bytes > 3 * END_BYTES, "{file_bytes}");

    // Later than all that is there; and a row without a time, of which there is none.
    let untimed = event(ROWS).replace("eventTime", "otherTime");
    assert_eq!(convert(vec![event(ROWS), untimed]).await, (2, 0, 0));

    // A filter tells that an id is new: nothing is read of the one row group with its time.
    let (rows, _, for_filter) = convert(vec![event_at(3001, &id(ROWS + 1))]).await;
    assert_eq!((rows, for_filter), (1, 0));

    // A duplicate is found in one row group.
    let (rows, duplicates, for_rows) = convert(vec![event(1500)]).await;
    assert_eq!((rows, duplicates), (0, 1));
    assert!(for_filter < for_rows && for_rows < file_bytes / 5, "{for_rows} of {file_bytes}");

    // Without an id the filter is of no use.
    let (rows, _, for_rows) = convert(vec![event_at(3000, "")]).await;
    assert!(rows == 1 && for_filter < for_rows, "{for_rows}");

    // Too many to look each of them up: by their times.
    let (rows, duplicates, for_rows) = convert((0..=FEW_ROWS).map(event).collect()).await;
    assert_eq!((rows, duplicates), (0, FEW_ROWS + 1));
    assert!(for_rows < file_bytes / 2, "{for_rows} of {file_bytes}");
    let (rows, duplicates, _) = convert((0..ROWS + 7).map(event).collect()).await;
    assert_eq!((rows, duplicates), (6, ROWS + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn duplicates_are_looked_for_only_in_what_was_committed() {
    let home = TestHome::memory();
    let convert = async |home: &TestHome, number: usize, events: &[String]| {
        let store = Arc::new(InMemory::new());
        put_log_file(&*store, "a", number, events).await;
        home.convert(&source(store, "a"), &home.options()).await
    };
    let event = |number: u64| event_at(number, &format!(r#""eventID":"{number}","#));
    let events: Vec<String> = (0..200).map(event).collect();
    convert(&home, 1, &events).await.unwrap();
    let file = home.snapshot().await.files.remove(0);
    let (path, bytes) = (home.objects.at(&file.path), home.read(&file.path).await);
    // In pages, in bloom filters, in page indexes and in the footer.
    for place in (0..bytes.len()).step_by(bytes.len() / 40) {
        let mut flipped = bytes.to_vec();
        flipped[place] ^= 0x10;
        home.objects.store.put(&path, flipped.into()).await.unwrap();
        let error = convert(&home, 2, &events[20..30]).await.unwrap_err();
        assert!(matches!(&error, Error::NotCommitted { path } if *path == file.path), "{error:?}");
    }
    for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        home.objects.store.put(&path, bytes.slice(..length).into()).await.unwrap();
        let error = convert(&home, 2, &events[20..30]).await.unwrap_err();
        assert!(matches!(&error, Error::NotCommitted { path } if *path == file.path), "{error:?}");
    }
    home.objects.store.put(&path, bytes.into()).await.unwrap();
    let totals = convert(&home, 2, &events[20..30]).await.unwrap().counts.totals;
    assert_eq!((totals.rows, totals.duplicates), (0, 10));
}
