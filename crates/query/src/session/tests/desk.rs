//! What a person at a prompt is offered, and gives up on.

use tokio::sync::oneshot;

use super::*;

#[tokio::test]
async fn what_is_named_can_be_asked() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let tables = tables();
    let events = &tables[0];
    for (place, table) in tables.iter().enumerate() {
        let shared = events.columns.iter().filter(|_| place > 0);
        let columns: Vec<_> = table.columns.iter().chain(shared).map(|one| one.name).collect();
        let sql = format!("SELECT {} FROM {} LIMIT 1", columns.join(", "), table.name);
        session.batches(&sql, &Bindings::default()).await.unwrap();
    }
}

#[tokio::test]
async fn values_begin_with_a_prefix() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    for (expression, prefix, most, expected) in [
        ("event_name", "", 9, &["ListClusters", "StopTask", "UpdateService"][..]),
        ("event_name", "", 2, &["ListClusters", "StopTask"]),
        ("event_name", "St", 9, &["StopTask"]),
        ("event_name", "'; DROP TABLE events", 9, &[]),
        ("date", "2026-04-2", 9, &["2026-04-27", "2026-04-28"]),
        ("cluster_name", "", 9, &["prod"]),
    ] {
        let values = session.values(expression, prefix, most).await.unwrap();
        assert_eq!(values, expected, "{expression} {prefix}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_given_up_on() {
    let rows = adapt(Arc::new(Schema::empty()), stream::pending());
    let (cancel, canceled) = oneshot::channel::<()>();
    let mut rows = rows_until(rows, async { drop(canceled.await) });
    cancel.send(()).unwrap();
    let error = rows.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("canceled"), "{error}");
    assert!(rows.next().await.is_none());
}

#[tokio::test]
async fn rows_that_are_waited_for_are_whole() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let rows = session.sql("SELECT actor FROM events", &Bindings::default()).await.unwrap();
    let rows = rows_until(rows, std::future::pending());
    let batches: Vec<RecordBatch> = rows.try_collect().await.unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 4);

    let dies = stream::once(async { panic!("the engine failed") });
    let mut rows = rows_until(adapt(Arc::new(Schema::empty()), dies), std::future::pending());
    assert!(rows.next().await.unwrap().is_err(), "a panic is not the end of the rows");
}

/// Columns are called by what was typed, and can be ordered, grouped and told apart by it.
#[tokio::test]
async fn columns_are_called_by_what_was_typed() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    for (sql, expected) in [
        ("SELECT 1 + 1, 'a' || chr(60)", &["1 + 1", "'a' || chr(60)"][..]),
        ("SELECT COUNT(*), max(event_time) FROM events", &["COUNT(*)", "max(event_time)"]),
        ("SELECT count_if(read_only) FROM events AS e", &["count_if(read_only)"]),
        (
            "SELECT upper(e.region), count(*) FROM events AS e GROUP BY upper(e.region) ORDER BY count(*) DESC, upper(e.region)",
            &["upper(e.region)", "count(*)"],
        ),
        ("SELECT DISTINCT upper(region) FROM events ORDER BY 1", &["upper(region)"]),
        ("SELECT upper(region) FROM events ORDER BY region, 1", &["upper(region)"]),
        (
            "SELECT upper(region) FROM events UNION SELECT lower(region) FROM events ORDER BY 1",
            &["upper(region)"],
        ),
        (
            "SELECT (SELECT count(*) FROM events AS i WHERE i.region = o.region) FROM events AS o",
            &["(SELECT count(*) FROM events AS i WHERE i.region = o.region)"],
        ),
        (
            "SELECT event_name, row_number() OVER (PARTITION BY region ORDER BY event_time) FROM events",
            &["event_name", "row_number() OVER (PARTITION BY region ORDER BY event_time)"],
        ),
        ("SELECT *, 1 + 1 FROM (SELECT 1 AS a)", &["a", "1 + 1"]),
        ("WITH x AS (SELECT 1 AS a) SELECT a + 1 FROM x", &["a + 1"]),
        (
            "SELECT request_parameters ->> 'cluster' FROM events",
            &["request_parameters ->> 'cluster'"],
        ),
        ("VALUES (1)", &["column1"]),
    ] {
        let rows = session.sql(sql, &Bindings::default()).await;
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let schema = rows.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, expected);
        let batches: Vec<RecordBatch> = rows.try_collect().await.unwrap();
        assert!(batches.iter().all(|batch| batch.schema().fields() == schema.fields()), "{sql}");
    }
}
