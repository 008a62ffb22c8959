//! A tiny dataset on disk for tests, made by the converter's own flattener and in the layout of
//! the writer's log.

use std::{fs, path::PathBuf, sync::Arc};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    compute::{cast, max, max_string, min, min_string},
    datatypes::{DataType, Schema, TimeUnit, TimestampMicrosecondType},
};
use ecstrail_converter::{
    Flattener, PartitionKey, Provenance, SCHEMA_VERSION, SelectedRow, parse_event_time,
};
use ecstrail_writer::DataFile;
use object_store::{local::LocalFileSystem, path::Path};
use parquet::{
    arrow::ArrowWriter,
    file::properties::{EnabledStatistics, WriterProperties},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use url::Url;

use crate::{
    error::Result,
    format::{Format, WriteOptions, write_rows},
    parameter::Bindings,
    session::{Rows, Session, SessionOptions},
};

/// Rows of a row group.
pub(crate) const GROUP_ROWS: usize = 100;
/// Rows of a page.
pub(crate) const PAGE_ROWS: usize = crate::table::PAGED_ROWS;

pub(crate) const OLD: &str = "old";

/// The only log entry.
pub(crate) const LOG: &str = "_ecstrail/log/00000000000000000000.json";

pub(crate) struct Dataset {
    folder: TempDir,
}

impl Dataset {
    /// Writes one data file for each partition, and a log that names them.
    pub(crate) fn of(partitions: &[(&str, Vec<Value>)]) -> Self {
        let dataset = Self { folder: tempfile::tempdir().unwrap() };
        let description = json!({"format_version": 1, "id": "test", "tool": "test"});
        dataset.write("_ecstrail/dataset.json", &description.to_string());
        dataset.replace("0", partitions);
        dataset
    }

    /// Writes the partitions anew, under other names, as a compaction would. Files of the name
    /// [`OLD`] have milliseconds, as before version 3 of the column table.
    pub(crate) fn replace(&self, name: &str, partitions: &[(&str, Vec<Value>)]) -> Vec<DataFile> {
        let files: Vec<_> = partitions
            .iter()
            .map(|(key, records)| {
                self.data_file(&format!("events/{key}/part-{name}.parquet"), records)
            })
            .collect();
        let entry = json!({
            "format_version": 1, "version": 0, "nonce": "0123456789abcdef", "previous_sha256": "", "tool": "test",
            "schema_version": SCHEMA_VERSION, "selection": "event-source=ecs.amazonaws.com", "adds": files, "removes": [],
            "totals": {"records": 0, "rows": 0, "filtered": 0, "duplicates": 0, "rejects": 0},
            "ledger": null, "quarantine": null,
        });
        self.commit(&entry.to_string());
        files
    }

    /// Writes the only log entry, and its marker.
    pub(crate) fn commit(&self, entry: &str) {
        self.write(LOG, entry);
        self.write("_ecstrail/done/00000000000000000000", &format!("{:x}", Sha256::digest(entry)));
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn home(&self) -> Path {
        Path::from_absolute_path(self.folder.path()).unwrap()
    }

    pub(crate) async fn session(&self) -> Session {
        let url = Url::parse("file:///").unwrap();
        let options = SessionOptions {
            threads: 2,
            batch_rows: crate::session::DEFAULT_BATCH_ROWS,
            memory_bytes: 64 << 20,
            scratch: std::env::temp_dir(),
            held_bytes: None,
        };
        Session::open(Arc::new(LocalFileSystem::new()), &url, self.home(), options).await.unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn data_file(&self, path: &str, records: &[Value]) -> DataFile {
        self.write(path, "");
        let batch = flatten(path, records);
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_write_batch_size(PAGE_ROWS)
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_column_bloom_filter_enabled("event_id".into(), true)
            .build();
        let file = fs::File::create(self.path(path)).unwrap();
        let is_old = path.ends_with(&format!("part-{OLD}.parquet"));
        let written = if is_old { in_milliseconds(&batch) } else { batch.clone() };
        let mut writer = ArrowWriter::try_new(file, written.schema(), Some(properties)).unwrap();
        writer.write(&written).unwrap();
        writer.close().unwrap();
        let times = batch["event_time"].as_primitive::<TimestampMicrosecondType>();
        let texts = |name: &str| {
            let values = batch[name].as_string::<i32>();
            min_string(values)
                .zip(max_string(values))
                .map(|(least, most)| (least.to_owned(), most.to_owned()))
        };
        DataFile {
            path: path.to_owned(),
            schema_version: SCHEMA_VERSION,
            bytes: fs::metadata(self.path(path)).unwrap().len(),
            rows: batch.num_rows() as u64,
            rows_without_time: times.null_count() as u64,
            event_time: min(times).zip(max(times)).map(|(low, high)| (low / 1000, high / 1000)),
            event_name: texts("event_name"),
            cluster_name: texts("cluster_name"),
            sha256: String::new(),
            checked: Vec::new(),
            prepared: String::new(),
        }
    }
}

fn in_milliseconds(batch: &RecordBatch) -> RecordBatch {
    let kind = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let kind_of = |field: &DataType| match field {
        DataType::Timestamp(..) => kind.clone(),
        other => other.clone(),
    };
    let schema = batch.schema();
    let fields = schema
        .fields()
        .iter()
        .map(|field| Arc::new(field.as_ref().clone().with_data_type(kind_of(field.data_type()))));
    let columns =
        batch.columns().iter().map(|column| cast(column, &kind_of(column.data_type())).unwrap());
    RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns.collect())
        .unwrap()
}

fn flatten(path: &str, records: &[Value]) -> RecordBatch {
    let key = path.strip_prefix("events/").and_then(|path| path.rsplit_once('/')).unwrap().0;
    let key: PartitionKey = key.parse().unwrap();
    let mut flattener = Flattener::new();
    for (index, record) in (0..).zip(records) {
        let text = record.to_string();
        let row = SelectedRow {
            day: key.day(),
            region: &key.region,
            event_time: record["eventTime"].as_str().and_then(parse_event_time),
            event_id: record["eventID"].as_str(),
            record_hash: index,
            source_file: 0,
            index,
            byte_offset: 0,
            recipient_account_id: record["recipientAccountId"].as_str(),
            record: &text,
        };
        flattener.push(&row, Provenance { source_file: "log.json" });
    }
    flattener.finish().unwrap()
}

/// Returns a record; `members` are laid over what every record has.
pub(crate) fn record(time: &str, region: &str, name: &str, members: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11", "eventTime": time, "awsRegion": region, "eventName": name,
        "eventSource": "ecs.amazonaws.com", "eventType": "AwsApiCall", "readOnly": false,
        "eventID": format!("{time}-{name}"), "recipientAccountId": "111122223333",
        "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.27.0",
        "userIdentity": {
            "type": "IAMUser", "userName": "alice", "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:user/alice", "principalId": "AIDAEXAMPLE",
        },
        "requestParameters": null, "responseElements": null,
    });
    if let (Value::Object(record), Value::Object(members)) = (&mut record, members) {
        record.extend(members);
    }
    record
}

/// Runs SQL and returns the answer as CSV.
pub(crate) async fn answer(session: &Session, sql: &str) -> String {
    written(session.sql(sql, &Bindings::default()).await, sql).await
}

/// Writes an answer as CSV.
pub(crate) async fn written(rows: Result<Rows>, question: &str) -> String {
    let rows = rows.unwrap_or_else(|error| panic!("{question}: {error:?}"));
    let mut out = Vec::new();
    write_rows(rows, Format::Csv, &WriteOptions::default(), &mut out).await.unwrap();
    String::from_utf8(out).unwrap().replace("\r\n", "\n")
}
