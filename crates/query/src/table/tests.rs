//! What is read and what is not: files by the log's bounds, row groups and pages by Parquet's.

use std::collections::BTreeMap;

use datafusion::{
    datasource::physical_plan::FileScanConfig,
    physical_plan::{collect, metrics::MetricValue},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    Bindings, Format, WriteOptions,
    session::Tables,
    testing::{self, Dataset, GROUP_ROWS, OLD, answer, record},
    write_rows,
};

const EAST: &str = "us-east-1";
const WEST: &str = "eu-west-1";

/// Four row groups, one row a minute; ids are scattered, so that only a Bloom filter finds one.
fn busy_day() -> Vec<Value> {
    let scattered = |minute: u32| format!("{:08x}", minute.wrapping_mul(2_654_435_761));
    (0..400)
        .map(|minute| {
            let time = format!("2026-04-27T{:02}:{:02}:00Z", minute / 60, minute % 60);
            let cluster =
                json!({"eventID": scattered(minute), "requestParameters": {"cluster": "blue"}});
            record(&time, EAST, "UpdateService", cluster)
        })
        .collect()
}

fn dataset() -> Dataset {
    let one = |time, region, name, cluster: &str| {
        vec![record(time, region, name, json!({"requestParameters": {"cluster": cluster}}))]
    };
    Dataset::of(&[
        ("date=2026-04-27/region=us-east-1", busy_day()),
        ("date=2026-04-27/region=eu-west-1", one("2026-04-27T01:00:00Z", WEST, "RunTask", "green")),
        ("date=2026-04-28/region=us-east-1", one("2026-04-28T09:00:00Z", EAST, "StopTask", "red")),
        ("date=2026-04-28/region=eu-west-1", one("2026-04-28T10:00:00Z", WEST, "RunTask", "blue")),
        ("date=2026-04-28/region=unknown", vec![record("no time", "Mars", "RunTask", json!({}))]),
    ])
}

/// What a query read.
#[derive(Debug, Default)]
struct Read {
    files: usize,
    rows: usize,
    /// Pruned and kept, by metric.
    pruned: BTreeMap<String, (usize, usize)>,
}

async fn read(session: &crate::Session, sql: &str) -> Read {
    let state = session.context().state();
    let plan = state.create_logical_plan(sql).await.unwrap();
    let plan = state.create_physical_plan(&plan).await.unwrap();
    let batches = collect(Arc::clone(&plan), session.context().task_ctx()).await.unwrap();
    let mut read = Read {
        rows: batches.iter().map(arrow::array::RecordBatch::num_rows).sum(),
        ..Read::default()
    };
    visit(&plan, &mut read);
    read
}

fn visit(plan: &Arc<dyn ExecutionPlan>, read: &mut Read) {
    if let Some((scan, _)) = plan
        .downcast_ref::<DataSourceExec>()
        .and_then(DataSourceExec::downcast_to_file_source::<ParquetSource>)
    {
        let scan: &FileScanConfig = scan;
        let paths: BTreeSet<_> = scan
            .file_groups
            .iter()
            .flat_map(|group| group.iter().map(PartitionedFile::path))
            .collect();
        read.files += paths.len();
        for metric in plan.metrics().unwrap().iter() {
            if let MetricValue::PruningMetrics { name, pruning_metrics } = metric.value() {
                let total = read.pruned.entry(name.to_string()).or_default();
                total.0 += pruning_metrics.pruned();
                total.1 += pruning_metrics.matched();
            }
        }
    }
    for child in plan.children() {
        visit(child, read);
    }
}

#[tokio::test]
async fn files_are_skipped_by_what_the_log_knows() {
    let dataset = dataset();
    let session = dataset.session().await;
    for (filter, files, rows) in [
        ("true", 5, 404),
        ("date = '2026-04-27'", 2, 401),
        ("date >= '2026-04-28'", 3, 3),
        ("'2026-04-28' > date", 2, 401),
        ("date BETWEEN '2026-04-26' AND '2026-04-27'", 2, 401),
        ("date IN ('2026-04-27', '2026-05-01')", 2, 401),
        ("date = DATE '2026-05-01'", 0, 0),
        ("CAST(date AS VARCHAR) LIKE '2026-04-28%'", 3, 3),
        ("region = 'eu-west-1'", 2, 2),
        ("region LIKE 'us-%' AND date = '2026-04-28'", 1, 1),
        ("region = 'eu-west-1' OR date = '2026-04-28'", 4, 4),
        ("aws_region = 'eu-west-1' AND region = 'eu-west-1'", 2, 2),
        ("event_time >= TIMESTAMP '2026-04-28T00:00:00Z'", 2, 2),
        ("event_time >= '2026-04-28T09:30:00Z'", 1, 1),
        ("event_time >= '2026-04-28'", 2, 2),
        ("event_time BETWEEN '2026-04-27T06:00:00Z' AND '2026-04-27T06:09:00Z'", 1, 10),
        ("event_time IS NULL", 1, 1),
        ("event_time IS NOT NULL", 4, 403),
        ("event_name = 'StopTask'", 1, 1),
        ("event_name IN ('RunTask', 'StopTask')", 4, 4),
        ("event_name = 'CreateCluster'", 0, 0),
        ("cluster_name = 'red'", 2, 1),
        (
            "(event_name = 'StopTask' AND region = 'eu-west-1') OR event_name = 'UpdateService'",
            1,
            400,
        ),
        ("date = (SELECT max(date) FROM events WHERE region = 'eu-west-1')", 5, 3),
    ] {
        let read = read(&session, &format!("SELECT event_id FROM events WHERE {filter}")).await;
        let scanned = if filter.contains("SELECT") { read.files.min(files) } else { read.files };
        assert_eq!((scanned, read.rows), (files, rows), "{filter}: {read:?}");
    }
}

#[tokio::test]
async fn row_groups_and_pages_are_skipped_by_what_parquet_knows() {
    let dataset = dataset();
    let session = dataset.session().await;
    let groups = 400 / GROUP_ROWS;

    let sql = "SELECT event_name FROM events WHERE event_time >= '2026-04-27T06:00:00Z' AND event_time < '2026-04-27T06:10:00Z'";
    let late = read(&session, sql).await;
    assert_eq!(late.rows, 10);
    assert_eq!(late.pruned["row_groups_pruned_statistics"], (groups - 1, 1), "{late:?}");
    // Minutes 360 to 369 are on the page of minutes 360 to 379, of the group's five.
    assert_eq!(
        late.pruned["page_index_rows_pruned"],
        (GROUP_ROWS - testing::PAGE_ROWS, testing::PAGE_ROWS),
        "{late:?}"
    );

    let id = format!("{:08x}", 123_u32.wrapping_mul(2_654_435_761));
    let sql = format!(
        "SELECT event_time FROM events WHERE region = 'us-east-1' AND date = '2026-04-27' AND event_id = '{id}'"
    );
    let found = read(&session, &sql).await;
    assert_eq!((found.files, found.rows), (1, 1));
    assert_eq!(found.pruned["row_groups_pruned_bloom_filter"], (groups - 1, 1), "{found:?}");

    let sql = "SELECT 1 FROM events WHERE date = '2026-04-27' AND event_id = '00000001'";
    let nothing = read(&session, sql).await;
    assert_eq!((nothing.files, nothing.rows), (2, 0));
    assert_eq!(nothing.pruned["row_groups_pruned_bloom_filter"].1, 0, "{nothing:?}");
}

#[tokio::test]
async fn counts_and_bounds_come_from_the_log() {
    let dataset = dataset();
    let session = dataset.session().await;
    let sql = "SELECT count(*) AS rows, min(date) AS first, max(date) AS last, max(region) AS region, max(event_time) AS latest FROM events";
    let read = read(&session, sql).await;
    assert_eq!((read.files, read.rows), (0, 1), "{read:?}");
    assert_eq!(
        answer(&session, sql).await,
        "rows,first,last,region,latest\n404,2026-04-27,2026-04-28,us-east-1,2026-04-28T10:00:00Z\n"
    );
    let sql =
        "SELECT count(*) AS rows, count(event_time) AS timed FROM events WHERE date = '2026-04-28'";
    assert_eq!(answer(&session, sql).await, "rows,timed\n3,2\n");
    let sql = "SELECT count(*) AS rows FROM events WHERE event_name = 'RunTask'";
    assert_eq!(answer(&session, sql).await, "rows\n3\n");
}

#[tokio::test]
async fn any_columns_in_any_order() {
    let dataset = dataset();
    let session = dataset.session().await;
    for (sql, expected) in [
        (
            "SELECT date, region FROM events WHERE date = '2026-04-28' ORDER BY region",
            "date,region\n2026-04-28,eu-west-1\n2026-04-28,unknown\n2026-04-28,us-east-1\n",
        ),
        (
            "SELECT region, event_name, date FROM events WHERE cluster_name = 'red'",
            "region,event_name,date\nus-east-1,StopTask,2026-04-28\n",
        ),
        (
            "SELECT DISTINCT region FROM events ORDER BY 1",
            "region\neu-west-1\nunknown\nus-east-1\n",
        ),
        (
            "SELECT event_time FROM events ORDER BY event_time DESC NULLS LAST LIMIT 1",
            "event_time\n2026-04-28T10:00:00Z\n",
        ),
        (
            "SELECT date, date_trunc('hour', event_time) AS hour, count(*) AS events FROM events WHERE date = '2026-04-27' AND region = 'eu-west-1' GROUP BY 1, 2",
            "date,hour,events\n2026-04-27,2026-04-27T01:00:00Z,1\n",
        ),
        ("SELECT 1 AS one FROM events LIMIT 0", "one\n"),
    ] {
        assert_eq!(answer(&session, sql).await, expected, "{sql}");
    }
    assert_eq!(answer(&session, "SELECT event_id FROM events LIMIT 7").await.lines().count(), 8);
    let few = read(&session, "SELECT event_id FROM events WHERE date = '2026-04-27' LIMIT 1").await;
    assert_eq!((few.files, few.rows), (1, 1));
}

#[tokio::test]
async fn an_older_file_lacks_columns_and_reads_as_null() {
    let dataset = dataset();
    let path = dataset.path("events/date=2026-04-28/region=us-east-1/part-0.parquet");
    let old = arrow::record_batch::RecordBatch::try_from_iter([(
        "event_name",
        Arc::new(arrow::array::StringArray::from(vec!["StopTask"])) as arrow::array::ArrayRef,
    )])
    .unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, old.schema(), None).unwrap();
    writer.write(&old).unwrap();
    let bytes = {
        writer.finish().unwrap();
        writer.bytes_written()
    };
    let session = dataset.session().await;
    let mut files = session.snapshot().files.clone();
    files[4].bytes = bytes as u64;
    let store = ObjectStoreUrl::parse("file:///").unwrap();
    let table = EventsTable::try_new(store, dataset.home(), files).unwrap();
    let config = session.context().copied_config();
    let tables = Tables { events: Arc::new(table), views: Vec::new(), config };
    tables.register(session.context()).unwrap();
    let sql = "SELECT event_name, actor, region FROM events WHERE event_name = 'StopTask' AND actor IS NULL";
    let mut rows = session.context().sql(sql).await.unwrap().collect().await.unwrap();
    let batch = rows.remove(0);
    assert_eq!((batch.num_rows(), batch.column(1).null_count()), (1, 1));
}

#[tokio::test]
async fn files_that_count_in_milliseconds_give_the_same_answers() {
    let (new, old) = (dataset(), dataset());
    old.replace(
        OLD,
        &[
            ("date=2026-04-27/region=us-east-1", busy_day()),
            (
                "date=2026-04-28/region=us-east-1",
                vec![record("2026-04-28T09:00:00Z", EAST, "StopTask", json!({}))],
            ),
        ],
    );
    let (new, old) = (new.session().await, old.session().await);
    for filter in [
        "event_time < TIMESTAMP '2026-04-27T00:05:00Z'",
        "event_time BETWEEN '2026-04-27T06:00:00Z' AND '2026-04-27T06:09:00Z'",
        "event_time = TIMESTAMP '2026-04-28T09:00:00Z'",
        "event_time >= '2026-04-28'",
        "event_time > TIMESTAMP '2026-04-27T06:38:00Z'",
    ] {
        let sql = format!(
            "SELECT event_time, to_unixtime(event_time) AS seconds, event_name FROM events \
             WHERE region = 'us-east-1' AND {filter} ORDER BY event_time DESC LIMIT 20"
        );
        let expected = answer(&new, &sql).await;
        assert!(expected.lines().count() > 1, "{filter}");
        assert_eq!(answer(&old, &sql).await, expected, "{filter}");
    }
    let bounds = "SELECT min(event_time), max(event_time) FROM events WHERE region = 'us-east-1'";
    assert_eq!(answer(&old, bounds).await, answer(&new, bounds).await);
}

#[tokio::test]
async fn an_empty_dataset_is_a_table_too() {
    let session = Dataset::of(&[]).session().await;
    assert_eq!(answer(&session, "SELECT count(*) AS rows FROM events").await, "rows\n0\n");
    assert_eq!(answer(&session, "SELECT date, actor FROM events").await, "date,actor\n");
}

#[test]
fn a_file_that_is_in_no_partition_is_rejected() {
    let file = |path: &str| DataFile {
        path: path.to_owned(),
        schema_version: 1,
        bytes: 1,
        rows: 1,
        rows_without_time: 0,
        event_time: None,
        event_name: None,
        cluster_name: None,
        sha256: String::new(),
        checked: Vec::new(),
        prepared: String::new(),
    };
    for path in ["events/part.parquet", "events/date=x/region=y/part.parquet", "../x.parquet"] {
        let store = ObjectStoreUrl::parse("file:///").unwrap();
        let table = EventsTable::try_new(store, Path::default(), vec![file(path)]);
        assert!(matches!(table, Err(Error::Dataset { .. })), "{path}");
    }
}

#[tokio::test]
async fn a_missing_file_is_named_whether_it_would_be_read_or_not() {
    let dataset = dataset();
    let session = dataset.session().await;
    let path = "events/date=2026-04-28/region=us-east-1/part-0.parquet";
    let bytes = std::fs::read(dataset.path(path)).unwrap();
    std::fs::remove_file(dataset.path(path)).unwrap();
    for sql in [
        "SELECT count(*) AS n FROM events",
        "SELECT min(event_time) AS first, max(event_time) AS last FROM events",
        "SELECT count(*) AS n FROM events WHERE date = '2026-04-28'",
        "SELECT DISTINCT region FROM events",
        "SELECT event_id FROM events",
        "SELECT count(*) AS n FROM events WHERE event_name = 'StopTask'",
    ] {
        let error = match session.sql(sql, &Bindings::default()).await {
            Err(error) => error,
            Ok(rows) => {
                let options = WriteOptions::default();
                write_rows(rows, Format::Csv, &options, &mut Vec::new()).await.unwrap_err()
            }
        };
        let error = with_sources(&error);
        assert!(error.contains(path), "{sql}: {error}");
    }
    std::fs::write(dataset.path(path), "PAR1").unwrap();
    let counted = session.sql("SELECT count(*) AS n FROM events", &Bindings::default()).await;
    let error = with_sources(&counted.map(drop).unwrap_err());
    assert!(error.contains(&format!("{path} has 4 bytes instead of")), "{error}");
    // Where it does not count, it does not matter.
    let elsewhere = "SELECT count(*) AS n FROM events WHERE region = 'eu-west-1'";
    assert_eq!(answer(&session, elsewhere).await, "n\n2\n");
    std::fs::write(dataset.path(path), bytes).unwrap();
    assert_eq!(answer(&session, "SELECT count(*) AS n FROM events").await, "n\n404\n");
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let source = error.source().map(with_sources).unwrap_or_default();
    format!("{error} {source}")
}
