use std::{collections::BTreeMap, fs};

use datafusion::arrow::datatypes::Schema;
use object_store::ObjectStoreExt;
use serde_json::{Value, json};

use super::*;
use chrono::NaiveDate;

mod desk;
mod functions;
mod limits;
mod shared;
mod wrong;

use crate::{
    parameter::{Arguments, ParameterType},
    report::Catalog,
    testing::{Dataset, answer, record, written},
};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 30).unwrap()
}

fn arguments(pairs: &[(&str, &str)]) -> Arguments {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Two deployments, one of them rejected, a denied call and a call that only reads.
fn partitions() -> Vec<(&'static str, Vec<Value>)> {
    let service = json!({
        "requestParameters": {"cluster": "prod", "service": "web", "taskDefinition": "web:42", "desiredCount": 3, "forceNewDeployment": true},
        "responseElements": {"service": {
            "clusterArn": "arn:aws:ecs:us-east-1:111122223333:cluster/prod", "serviceName": "web",
            "taskDefinition": "arn:aws:ecs:us-east-1:111122223333:task-definition/web:42", "desiredCount": 3,
        }},
    });
    let rejected = json!({
        "requestParameters": {"cluster": "prod", "service": "web", "taskDefinition": "web:43"},
        "errorCode": "ServiceNotFoundException", "errorMessage": "Service not found.",
    });
    let denied = json!({
        "errorCode": "AccessDenied",
        "errorMessage": "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: ecs:StopTask on resource: arn:aws:ecs:us-east-1:111122223333:task/prod/0123 because no identity-based policy allows the ecs:StopTask action",
    });
    let reads = json!({"readOnly": true});
    vec![
        (
            "date=2026-04-27/region=us-east-1",
            vec![
                record("2026-04-27T02:18:03Z", "us-east-1", "UpdateService", service),
                record("2026-04-27T03:00:00Z", "us-east-1", "UpdateService", rejected),
                record("2026-04-27T04:00:00Z", "us-east-1", "StopTask", denied),
            ],
        ),
        (
            "date=2026-04-28/region=eu-west-1",
            vec![record("2026-04-28T00:00:00Z", "eu-west-1", "ListClusters", reads)],
        ),
    ]
}

fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../queries");
    catalog.add_folder(folder.as_ref()).unwrap();
    catalog
}

/// A report's name, its arguments, and the lines of the answer.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

#[tokio::test]
async fn what_the_first_reports_tell() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let catalog = catalog();
    let cases: [Case; 3] = [
        (
            "activity-by-day",
            &[("from", "2026-04-27")],
            &[
                "2026-04-27,111122223333,us-east-1,ecs.amazonaws.com,3,3,2,1",
                "2026-04-28,111122223333,eu-west-1,ecs.amazonaws.com,1,0,0,1",
            ],
        ),
        (
            "deployments",
            &[("cluster", "prod")],
            &[
                "2026-04-27T03:00:00Z,111122223333,us-east-1,prod,web,UpdateService,web:43,,,,alice,cli,ServiceNotFoundException,2026-04-27T03:00:00Z-UpdateService",
                "2026-04-27T02:18:03Z,111122223333,us-east-1,prod,web,UpdateService,web:42,,true,3,alice,cli,,2026-04-27T02:18:03Z-UpdateService",
            ],
        ),
        (
            "denied-calls",
            &[("until", "2026-04-27"), ("region", "us-east-1")],
            &[
                "111122223333,alice,cli,ecs.amazonaws.com,ecs:StopTask,arn:aws:ecs:us-east-1:111122223333:task/prod/0123,AccessDenied,1,2026-04-27T04:00:00Z,2026-04-27T04:00:00Z,1,203.0.113.7",
            ],
        ),
    ];
    for (name, given, expected) in cases {
        let report = catalog.get(name).unwrap();
        let rows = session.report(report, &report.bind(&arguments(given), today()).unwrap()).await;
        let text = written(rows, name).await;
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), expected, "{name}");
    }
}

#[tokio::test]
async fn parameters_of_every_type_are_bound_and_may_be_null() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let sql = "SELECT event_name FROM events \
               WHERE ($name IS NULL OR event_name = $name) AND ($day IS NULL OR date = $day) \
               AND ($since IS NULL OR event_time >= $since) AND ($reads IS NULL OR read_only = $reads) \
               AND ($count IS NULL OR desired_count = $count) AND ($share IS NULL OR 0.5 < $share) \
               ORDER BY event_time LIMIT $limit";
    let kinds = BTreeMap::from([
        ("name", ParameterType::Text),
        ("day", ParameterType::Date),
        ("since", ParameterType::Timestamp),
        ("reads", ParameterType::Boolean),
        ("count", ParameterType::Integer),
        ("share", ParameterType::Number),
        ("limit", ParameterType::Integer),
    ]);
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[], "UpdateService UpdateService StopTask ListClusters"),
        (&[("limit", "2")], "UpdateService UpdateService"),
        (&[("name", "StopTask")], "StopTask"),
        (&[("name", "x' OR 'a'='a")], ""),
        (&[("day", "2d")], "ListClusters"),
        (&[("since", "2026-04-27T04:00:00Z")], "StopTask ListClusters"),
        (&[("reads", "true")], "ListClusters"),
        (&[("count", "3")], "UpdateService"),
        (&[("share", "0.4")], ""),
    ];
    for (given, expected) in cases {
        let mut bindings = Bindings::default();
        for (name, kind) in &kinds {
            let text = given.iter().find(|(given, _)| given == name).map(|(_, text)| *text);
            assert!(bindings.bind(name, *kind, text, today()));
        }
        let text = written(session.sql(sql, &bindings).await, sql).await;
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>().join(" "), expected, "{given:?}");
    }
    let texts = Bindings::texts(&arguments(&[("day", "2026-04-28")]));
    let rows = session.sql("SELECT region FROM events WHERE date = $day", &texts).await;
    assert_eq!(written(rows, "texts").await, "region\neu-west-1\n");
}

#[tokio::test]
async fn nothing_is_ever_changed() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let target = dataset.path("stolen.csv");
    for sql in [
        "INSERT INTO events SELECT * FROM events".to_owned(),
        "CREATE TABLE mine AS SELECT * FROM events".to_owned(),
        "CREATE EXTERNAL TABLE p STORED AS CSV LOCATION '/etc/passwd'".to_owned(),
        format!("COPY events TO '{}'", target.display()),
        "SET datafusion.execution.target_partitions = 1".to_owned(),
        "DROP TABLE events".to_owned(),
        "EXPLAIN ANALYZE INSERT INTO events SELECT * FROM events".to_owned(),
    ] {
        let outcome = session.sql(&sql, &Bindings::default()).await.map(|_| ());
        assert!(matches!(outcome, Err(Error::NotAQuery { .. })), "{sql}: {outcome:?}");
    }
    for sql in ["SELECT * INTO mine FROM events", "SELECT * FROM '/etc/passwd'"] {
        assert!(session.sql(sql, &Bindings::default()).await.is_err(), "{sql}");
    }
    assert!(!target.exists());
    assert_eq!(answer(&session, "SELECT count(*) AS rows FROM events").await, "rows\n4\n");
}

#[tokio::test]
async fn the_table_describes_itself() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let expected = "date,Date32,NO";
    assert!(answer(&session, "DESCRIBE events").await.lines().any(|line| line == expected));
    assert!(answer(&session, "SHOW COLUMNS FROM events").await.contains("cluster_name"));
    for sql in ["EXPLAIN SELECT actor FROM events", "EXPLAIN ANALYZE SELECT actor FROM events"] {
        let plan = answer(&session, sql).await;
        assert!(plan.starts_with("plan\n") && plan.contains("DataSourceExec"), "{plan}");
    }
}

#[tokio::test]
async fn a_file_that_was_compacted_away_is_looked_for_once() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let old = "events/date=2026-04-27/region=us-east-1/part-0.parquet";
    dataset.replace("1", &partitions());
    fs::remove_file(dataset.path(old)).unwrap();
    let sql = "SELECT event_name FROM events WHERE event_name = 'StopTask'";
    assert_eq!(answer(&session, sql).await, "event_name\nStopTask\n");
    assert!(session.snapshot().files.iter().all(|file| file.path.ends_with("part-1.parquet")));
    fs::remove_file(dataset.path(&old.replace("part-0", "part-1"))).unwrap();
    assert!(matches!(session.sql(sql, &Bindings::default()).await, Err(Error::Query { .. })));
}

#[tokio::test]
async fn a_damaged_file_is_an_error() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let path = dataset.path("events/date=2026-04-27/region=us-east-1/part-0.parquet");
    let bytes = fs::read(&path).unwrap();
    for damage in [
        vec![0; bytes.len()],
        bytes[..bytes.len() / 2].to_vec(),
        [&bytes[..4], &vec![0xff; bytes.len() - 4_000][..], &bytes[bytes.len() - 3_996..]].concat(),
    ] {
        fs::write(&path, damage).unwrap();
        let rows = session.sql("SELECT user_identity FROM events", &Bindings::default()).await;
        let outcome = match rows {
            Ok(mut rows) => loop {
                match rows.next().await {
                    Some(Ok(_)) => {}
                    Some(Err(_)) => break false,
                    None => break true,
                }
            },
            Err(_) => false,
        };
        assert!(!outcome, "damage went unseen");
    }
}

#[tokio::test]
async fn a_panic_is_an_error() {
    let schema = Arc::new(Schema::empty());
    let panics = stream::once(async { panic!("index out of bounds") });
    let rows = begin(without_panics(adapt(schema, panics))).await;
    let text = rows.map(|_| ()).unwrap_err().to_string();
    assert!(text.contains("index out of bounds"), "{text}");
}

#[tokio::test]
async fn any_store_and_any_home_will_do() {
    let dataset = Dataset::of(&partitions());
    let local = object_store::local::LocalFileSystem::new_with_prefix(dataset.path("")).unwrap();
    let bucket = object_store::memory::InMemory::new();
    let objects: Vec<_> = local.list(None).try_collect().await.unwrap();
    let home = Path::from("trails/prod");
    for object in objects {
        let bytes = local.get(&object.location).await.unwrap().bytes().await.unwrap();
        let path = object.location.parts().fold(home.clone(), Path::join);
        bucket.put(&path, bytes.into()).await.unwrap();
    }
    let url = Url::parse("s3://bucket/trails/prod").unwrap();
    let options = options(1 << 20);
    let session = Session::open(Arc::new(bucket), &url, home, options).await.unwrap();
    let sql = "SELECT event_name, region FROM events WHERE date = '2026-04-28'";
    assert_eq!(answer(&session, sql).await, "event_name,region\nListClusters,eu-west-1\n");
}

#[tokio::test]
async fn there_is_no_dataset() {
    let folder = tempfile::tempdir().unwrap();
    let url = Url::parse("file:///").unwrap();
    let home = Path::from_absolute_path(folder.path()).unwrap();
    let options = options(1 << 20);
    let store = Arc::new(object_store::local::LocalFileSystem::new());
    let outcome = Session::open(store, &url, home, options).await;
    assert!(matches!(
        outcome,
        Err(Error::Dataset { source: ecstrail_writer::Error::NotADataset { .. } })
    ));
}

#[tokio::test]
async fn a_constant_column_is_no_obstacle_to_an_order() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let group = "SELECT kind, event_name AS name, max(event_id) AS newest FROM events \
                 CROSS JOIN (SELECT 'a' AS kind UNION ALL SELECT 'b' AS kind) AS kinds \
                 WHERE kind = 'b' GROUP BY kind, event_name";
    for (sql, rows) in [
        ("SELECT kind, name FROM ({group}) AS g ORDER BY name, kind", 3),
        (
            "SELECT kind, name FROM events JOIN ({group}) AS g ON event_id = newest ORDER BY name, kind",
            3,
        ),
        (
            "SELECT kind, name FROM ({group}) AS g JOIN events ON event_id = newest ORDER BY name, kind",
            3,
        ),
        (
            "SELECT kind, name FROM ({group}) AS g LEFT JOIN events ON event_id = newest ORDER BY kind, name",
            3,
        ),
        (
            "SELECT kind, name FROM ({group}) AS g UNION ALL SELECT 'b', event_id FROM events ORDER BY name, kind",
            7,
        ),
        (
            "SELECT name, row_number() OVER (PARTITION BY name ORDER BY kind, event_time) AS n \
          FROM events JOIN ({group}) AS g ON event_id = newest ORDER BY name, n",
            3,
        ),
        (
            "SELECT region, event_name FROM events WHERE region = 'us-east-1' ORDER BY event_name, region, event_id",
            3,
        ),
    ] {
        let sql = sql.replace("{group}", group);
        let lines = answer(&session, &sql).await;
        assert_eq!(lines.lines().count(), rows + 1, "{sql}: {lines}");
    }
}

fn options(memory_bytes: usize) -> SessionOptions {
    let scratch = std::env::temp_dir();
    SessionOptions {
        threads: 1,
        batch_rows: DEFAULT_BATCH_ROWS,
        memory_bytes,
        scratch,
        held_bytes: None,
    }
}
