//! Files of an older column table.

use std::io::Write as _;

use arrow::{
    compute::{cast, concat_batches},
    datatypes::{DataType, Schema, TimeUnit},
};
use ecstrail_converter::{COLUMNS, Rule};
use object_store::{ObjectStoreExt, PutPayload};
use parquet::arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder};

use super::*;
use crate::storage::{digest::sha256_hex, layout};

/// Rewrites the data files of a home as an older program would have written them: `change` makes
/// a file's rows, the log says that their column table is one older.
async fn age(home: &TestHome, change: impl Fn(usize, RecordBatch) -> RecordBatch) {
    let log = Log::read(&home.objects).await.unwrap();
    let [entry] = &log.entries[..] else { panic!("{} entries", log.entries.len()) };
    let mut entry = entry.clone();
    for (number, file) in entry.adds.iter_mut().enumerate() {
        let reader = ParquetRecordBatchReaderBuilder::try_new(home.read(&file.path).await).unwrap();
        let schema = Arc::clone(reader.schema());
        let batches: Vec<_> = reader.build().unwrap().map(std::result::Result::unwrap).collect();
        let batch = change(number, concat_batches(&schema, &batches).unwrap());
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        let bytes = writer.into_inner().unwrap();
        (file.bytes, file.sha256) = (bytes.len() as u64, sha256_hex(&bytes));
        file.schema_version -= 1;
        put(home, &file.path, bytes).await;
    }
    let bytes = entry.to_bytes().unwrap();
    put(home, &layout::done_marker(0), sha256_hex(&bytes).into_bytes()).await;
    put(home, &layout::log_entry(0), bytes).await;
}

async fn put(home: &TestHome, path: &str, bytes: Vec<u8>) {
    let path = home.objects.at(path);
    home.objects.store.put(&path, PutPayload::from(bytes)).await.unwrap();
}

fn without(batch: &RecordBatch, column: &str) -> RecordBatch {
    let mut batch = batch.clone();
    batch.remove_column(batch.schema().index_of(column).unwrap());
    batch
}

/// Instants as files had them until version 3 of the column table.
fn in_milliseconds(batch: &RecordBatch) -> RecordBatch {
    let kind = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if matches!(field.data_type(), DataType::Timestamp(..)) {
            fields.push(Arc::new(field.as_ref().clone().with_data_type(kind.clone())));
            columns.push(cast(column, &kind).unwrap());
        } else {
            fields.push(Arc::clone(field));
            columns.push(Arc::clone(column));
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// A dataset of a few partitions, one file each.
async fn whole_files() -> TestHome {
    let home = TestHome::memory();
    let selection = Selection { until: "2026-04-02".parse().ok(), ..Selection::default() };
    let source = source(trail("a", 1_000, 0).await, "a");
    home.convert(&source, &ConvertOptions { selection, row_group_rows: 1000, ..home.options() })
        .await
        .unwrap();
    home
}

fn upgrade() -> CompactOptions {
    CompactOptions { upgrade: true, ..options() }
}

#[tokio::test]
async fn an_upgraded_file_is_what_a_conversion_writes_today() {
    let home = whole_files().await;
    let expected = home.snapshot().await.files;
    let rows = home.partitions().await;
    let derived = COLUMNS.iter().find(|column| column.rule == Rule::Actor).unwrap().name;
    age(&home, |_, batch| in_milliseconds(&without(&batch, derived))).await;

    // Without being asked nothing is done: each partition is one file.
    assert!(home.compact(&options()).await.unwrap().commits.is_empty());
    let outcome = home.compact(&upgrade()).await.unwrap();
    assert_eq!((outcome.upgraded_files, outcome.files_after), (4, 4));
    assert_eq!(home.partitions().await, rows);
    let files = home.snapshot().await.files;
    for (file, expected) in files.iter().zip(&expected) {
        // To the byte, but for the path.
        assert_eq!((&file.sha256, file.bytes), (&expected.sha256, expected.bytes));
        assert_eq!((file.rows, file.event_time), (expected.rows, expected.event_time));
        assert_eq!(file.schema_version, SCHEMA_VERSION);
    }
    assert!(home.compact(&upgrade()).await.unwrap().commits.is_empty());
}

#[tokio::test]
async fn old_rows_that_are_merged_and_not_upgraded_stay_old() {
    let home = whole_files().await;
    age(&home, |_, batch| in_milliseconds(&without(&batch, "actor"))).await;
    // More events of the same partitions, and the same ones once more: those are duplicates.
    let selection = Selection { until: "2026-04-02".parse().ok(), ..Selection::default() };
    for (name, count, rows_expected) in [("b", 1_300, true), ("c", 1_000, false)] {
        let more = source(trail(name, count, 0).await, name);
        let options = ConvertOptions { selection: selection.clone(), ..home.options() };
        let converted = home.convert(&more, &options).await.unwrap();
        assert_eq!(converted.counts.totals.rows > 0, rows_expected, "{name}");
    }
    home.compact(&options()).await.unwrap();
    let files = home.snapshot().await.files;
    assert_eq!(files.len(), 4);
    assert!(files.iter().all(|file| file.schema_version == SCHEMA_VERSION - 1));
    let actors = |partitions: BTreeMap<PartitionKey, RecordBatch>| -> (usize, usize) {
        let columns = partitions.values().map(|batch| batch.column_by_name("actor").unwrap());
        let counts = columns.map(|column| (column.len(), column.null_count()));
        counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1))
    };
    let (rows, missing) = actors(home.partitions().await);
    assert!(0 < missing && missing < rows, "{missing} of {rows}");
    // They are known to be old, and can be upgraded any time.
    home.compact(&upgrade()).await.unwrap();
    assert_eq!(actors(home.partitions().await), (rows, 0));
}

#[tokio::test]
async fn a_file_whose_records_cannot_be_rebuilt_stays_and_stops_nothing() {
    let home = whole_files().await;
    let rows = home.partitions().await;
    // One file says something else than was hashed, one has a column from the future.
    age(&home, |number, batch| {
        let home = batch.schema().index_of("event_name").unwrap();
        let mut columns = batch.columns().to_vec();
        match number {
            1 => columns[home] = Arc::clone(batch.column_by_name("event_id").unwrap()),
            2 => {
                let mut fields: Vec<_> = batch.schema().fields().iter().cloned().collect();
                let name = batch.schema().field(home).clone().with_name("from_the_future");
                fields[home] = Arc::new(name);
                let schema = Arc::new(Schema::new(fields));
                return RecordBatch::try_new(schema, columns).unwrap();
            }
            _ => {}
        }
        RecordBatch::try_new(batch.schema(), columns).unwrap()
    })
    .await;
    let aged = home.snapshot().await.files;
    let outcome = home.compact(&upgrade()).await.unwrap();
    assert_eq!(outcome.upgraded_files, 2);
    let mut told = Vec::new();
    for error in &outcome.not_rewritten {
        let source = std::error::Error::source(error).unwrap().to_string();
        writeln!(told, "{error}: {source}").unwrap();
    }
    let mut told: Vec<String> =
        String::from_utf8(told).unwrap().lines().map(str::to_owned).collect();
    told.sort();
    let [rebuilt, unknown] = &told[..] else { panic!("{told:?}") };
    assert!(rebuilt.starts_with(&format!("cannot rewrite {}", aged[1].path)), "{rebuilt}");
    assert!(rebuilt.contains("another record_hash"), "{rebuilt}");
    assert!(unknown.starts_with(&format!("cannot rewrite {}", aged[2].path)), "{unknown}");
    assert!(unknown.ends_with("its column from_the_future is unknown to this program"));
    let files = home.snapshot().await.files;
    for kept in &aged[1..3] {
        assert!(files.contains(kept));
    }
    home.assert_tidy().await;
    // The others are as a conversion writes them.
    let upgraded = files.iter().filter(|file| file.schema_version == SCHEMA_VERSION);
    for key in upgraded.map(|file| file.key().unwrap()) {
        assert_eq!(home.partitions().await[&key], rows[&key]);
    }
}
