//! What people write that cannot be run, and what they are told.

use std::fmt::Write as _;

use super::*;
use crate::format::{Format, WriteOptions, write_rows};

/// Statements of every kind that people are known to write.
const WRONG: [&str; 170] = [
    "SELECT eventName FROM events",
    "SELECT userIdentity.arn FROM events",
    "SELECT eventTime, eventSource FROM events",
    "SELECT e.eventName FROM events e",
    "SELECT useridentity.sessioncontext.attributes.mfaauthenticated FROM events",
    "SELECT requestParameters FROM events",
    "SELECT clustername FROM events",
    "SELECT zzz FROM events",
    "SELECT event_nme FROM events",
    "SELECT * FROM cloudtrail_logs",
    "SELECT * FROM event",
    "SELECT * FROM default.cloudtrail_logs_pp",
    r#"SELECT * FROM "1234-5678""#,
    "SELECT * FROM containrs",
    "SELECT foo(actor) FROM events",
    "SELECT lenght(actor) FROM events",
    "SELECT transform(resource_arns, x -> lower(x)) FROM events",
    r#"SELECT event_name FROM events WHERE aws_region = "us-east-1""#,
    r#"SELECT event_name FROM events WHERE event_name IN ("RunTask", "StopTask")"#,
    "SELECT count(*) FROM events WHERE event_time > 5",
    "SELECT count(*) FROM events WHERE event_time > 'yesterday'",
    "SELECT count(*) FROM events WHERE date > '2026-13-45'",
    "SELECT count(*) FROM events WHERE event_time > '2026-04'",
    "SELECT count(*) FROM events WHERE read_only = 'maybe'",
    "SELECT count(*) FROM events WHERE desired_count = 'many'",
    "SELECT count(*) FROM events WHERE resource_arns = 'x'",
    "SELECT count(*) FROM events WHERE resource_arns LIKE '%x%'",
    "SELECT count(*) FROM events WHERE tags = 'x'",
    "SELECT actor + 1 FROM events",
    "SELECT 1/0",
    "SELECT CAST(actor AS INT) FROM events",
    "SELECT CAST('x' AS TIMESTAMP)",
    "SELECT CAST(event_name AS DATE) FROM events",
    "SELECT event_name, count(*) FROM events",
    "SELECT event_name, actor, count(*) FROM events GROUP BY event_name",
    "SELECT event_name FROM events WHERE count(*) > 1",
    "SELECT event_name FROM events HAVING count(*) > 1",
    "SELECT event_name, count(*) AS n FROM events WHERE n > 1 GROUP BY event_name",
    "SELECT event_name, row_number() OVER (ORDER BY event_time) AS n FROM events WHERE n = 1",
    "SELECT event_name FROM events WHERE row_number() OVER (ORDER BY event_time) = 1",
    "SELECT row_number() FROM events",
    "SELECT sum(count(*)) FROM events",
    "SELECT sum(actor) FROM events",
    "SELECT e.event_name, (SELECT max(x.event_time) FROM events x WHERE x.actor = e.actor AND x.event_time < e.event_time) FROM events e",
    "SELECT e.event_name, (SELECT x.event_time FROM events x WHERE x.actor = e.actor ORDER BY x.event_time DESC LIMIT 1) FROM events e",
    "SELECT (SELECT event_name FROM events)",
    "SELECT (SELECT event_name, actor FROM events LIMIT 1)",
    "SELECT event_name FROM events WHERE event_name = (SELECT event_name FROM events)",
    "SELECT event_name FROM events WHERE event_name IN (SELECT event_name, actor FROM events)",
    "SELECT event_name, t.arn FROM events LEFT JOIN UNNEST(resource_arns) AS t(arn) ON true",
    "SELECT t.arn FROM events JOIN UNNEST(resource_arns) AS t(arn) ON t.arn = actor",
    "SELECT event_name FROM events CROSS JOIN UNNEST(resource_arns, resource_types) AS t(arn)",
    "SELECT r.arn FROM events CROSS JOIN UNNEST(resources) AS t(r)",
    "SELECT event_name FROM events CROSS JOIN UNNEST(actor) AS t(x)",
    "SELECT t.* FROM events CROSS JOIN UNNEST(resource_arns) AS t(arn)",
    "SELECT event_name FROM events WHERE unnest(resource_arns) = 'x'",
    "SELECT unnest(actor) FROM events",
    "SELECT unnest(tags) FROM events",
    "SELECT event_name FROM events a JOIN events b ON a.event_id = b.event_id",
    "SELECT actor FROM events, containers",
    "SELECT event_name FROM events; SELECT 1",
    "DROP TABLE events",
    "CREATE TABLE x AS SELECT 1",
    "INSERT INTO events VALUES (1)",
    "UPDATE events SET actor = 'x'",
    "DELETE FROM events",
    "SET x = 1",
    "SHOW PARTITIONS events",
    "MSCK REPAIR TABLE events",
    "USE default",
    "SHOW DATABASES",
    "SELEC 1",
    "SELECT 1 +",
    "SELECT event_name events WHERE",
    "SELECT * FROM events WHERE event_name = 'RunTask",
    "SELECT * FROM events WHERE event_name = 'RunTask' AND",
    "SELECT * FROM events ORDER BY",
    "SELECT * FROM events LIMIT -1",
    "SELECT * FROM events LIMIT 'ten'",
    "SELECT * FROM events GROUP BY 1",
    "SELECT event_name FROM events ORDER BY 5",
    "SELECT event_name FROM events GROUP BY 5",
    "SELECT regexp_like(actor, '(') FROM events",
    "SELECT regexp_like(actor, '(?=x)') FROM events",
    "SELECT actor FROM events WHERE actor ~ '['",
    "SELECT CAST(99999999999 AS INT)",
    "SELECT abs(actor) FROM events",
    "SELECT lower(1, 2)",
    "SELECT substr(actor) FROM events",
    "SELECT date_trunc('fortnight', event_time) FROM events",
    "SELECT date_trunc(event_time, 'hour') FROM events",
    "SELECT event_time - 1 FROM events",
    "SELECT event_time + INTERVAL '1 fortnight' FROM events",
    "SELECT extract(foo FROM event_time) FROM events",
    "SELECT coalesce(actor, 1, event_time) FROM events",
    "SELECT CASE WHEN actor THEN 1 END FROM events",
    "SELECT event_name FROM events WHERE actor",
    "SELECT event_name FROM events WHERE NOT actor",
    "SELECT event_name FROM events UNION SELECT event_name, actor FROM events",
    "SELECT event_name FROM events UNION SELECT event_time FROM events",
    "WITH a AS (SELECT 1) SELECT * FROM b",
    "SELECT resource_arns[1].x FROM events",
    "SELECT request_parameters.cluster FROM events",
    "SELECT $x",
    "SELECT ?",
    "SELECT * EXCEPT (record) FROM events",
    "SELECT TOP 5 * FROM events",
    "SELECT event_name FROM events TABLESAMPLE BERNOULLI (10)",
    "SELECT approx_percentile(desired_count, 0.5) FROM events",
    "SELECT now() - event_time > 5 FROM events",
    "SELECT event_name FROM events WHERE event_time BETWEEN 1 AND 2",
    r#"SELECT "eventName" FROM events"#,
    r#"SELECT event_name FROM events WHERE event_name LIKE "%task%""#,
    "SELECT first_value(actor) OVER (ORDER BY event_time ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM events",
    "SELECT lag(actor) FROM events",
    "SELECT ntile(0) OVER (ORDER BY event_time) FROM events",
    "SELECT event_name FROM events ORDER BY nope",
    "SELECT count(DISTINCT event_name, actor) FROM events",
    "SELECT * FROM events JOIN containers USING (nope)",
    "SELECT string_to_array(actor) FROM events",
    "SELECT array_agg(actor ORDER BY nope) FROM events",
    "SELECT to_timestamp('nope')",
    "SELECT events.* FROM events e",
    "SELECT x.* FROM events",
    "SELECT cast(resource_arns as bigint) FROM events LIMIT 1",
    "SELECT cast(actor as json) FROM events LIMIT 1",
    "SELECT cast(actor as array(varchar)) FROM events LIMIT 1",
    "SELECT struct(actor).x FROM events",
    "SELECT * FROM information_schema.nope",
    "SELECT * FROM read_parquet('x')",
    "SELECT * FROM events AT (VERSION => 1)",
    "SELECT a FROM (VALUES (1), ('x')) AS t(a)",
    "SELECT event_name FROM events e WHERE e.actor = (SELECT min(actor) FROM events WHERE region = e.region OR channel = e.channel)",
    r#"SELECT event_name FROM "01234567-89ab-cdef-0123-456789abcdef""#,
    "SELECT eventJson FROM events",
    "SELECT requestParameters.tagSet.items FROM events",
    "SELECT additionalEventData.MFAUsed FROM events",
    "SELECT e.userIdentity.userName FROM events AS e",
    "SELECT DISTINCT upper(region) FROM events ORDER BY upper(region)",
    "SELECT e.userIdentity.sessionContext.sessionIssuer.arn FROM events AS e",
    "SELECT e.userIdentity.sessionContext.attributes.mfaAuthenticated FROM events AS e",
    "SELECT userIdentity.sessionContext.webIdFederationData.attributes.nothing FROM events",
    "SELECT actor",
    "SELECT container_name FROM events",
    "SELECT event.event_name FROM events",
    "SELECT element_at(resource_arns, 0) FROM events",
    "SELECT element_at(actor) FROM events",
    "SELECT date_diff('fortnight', event_time, event_time) FROM events",
    "SELECT date_diff(event_time, event_time) FROM events",
    "SELECT date_add('hour', 1, date) FROM events",
    "SELECT date_parse('x', '%Y') FROM events",
    "SELECT date_format(event_time, '%Q') FROM events",
    "SELECT json_extract_scalar(user_identity, 'arn') FROM events",
    "SELECT json_extract_scalar(user_identity, '$.a[*]') FROM events",
    "SELECT json_extract_scalar(event_time, '$.a') FROM events",
    "SELECT json_parse(actor) FROM events",
    "SELECT if(actor, 1, 2) FROM events",
    "SELECT if(read_only, 1, resource_arns) FROM events",
    "SELECT hour(actor) FROM events",
    "SELECT hour(read_only) FROM events",
    "SELECT split(actor, '') FROM events",
    "SELECT count_if(actor) FROM events",
    "SELECT max_by(actor) FROM events",
    "SELECT regexp_extract(actor, '(') FROM events",
    "SELECT regexp_extract(actor, 'a', 2) FROM events",
    "SELECT datediff('day', event_time, event_time) FROM events",
    "SELECT try(1 / 0)",
    "SELECT json_value(user_identity, '$.arn') FROM events",
    "SELECT event_name FROM events WHERE event_time > now() - 7",
    "SELECT contains(actor) FROM events",
];

/// What is only said inside the engine.
const INSIDES: [&str; 19] = [
    "DataFusion",
    "datafusion",
    "likely caused",
    "Internal error",
    "OuterReferenceColumn",
    "Physical plan",
    "LogicalPlan",
    "Valid fields",
    "rror: ",
    "Candidate functions",
    "Utf8",
    "Int64",
    "Int32",
    "Timestamp(",
    "List(",
    "Span",
    "not implemented",
    "coerce",
    "Schema error",
];

#[tokio::test]
async fn wrong_statements_are_explained() {
    // One file: which of several is read first depends on the threads, and messages quote a value.
    let dataset = Dataset::of(&partitions()[..1]);
    let session = dataset.session().await;
    let mut told = String::new();
    for sql in WRONG {
        let error = match session.sql(sql, &Bindings::default()).await {
            Err(error) => error,
            Ok(rows) => {
                let error =
                    write_rows(rows, Format::Csv, &WriteOptions::default(), &mut Vec::new()).await;
                error.map(|_| ()).expect_err(sql)
            }
        };
        let mut text = error.to_string();
        if let Some(source) = std::error::Error::source(&error) {
            text = format!("{text}: {source}");
        }
        for inside in INSIDES {
            assert!(!text.contains(inside), "{sql}: {text}");
        }
        assert!(text.len() < 420, "{sql}: {text}");
        writeln!(
            told,
            "{sql}\n    {}\n",
            text.strip_prefix("cannot run the query: ").unwrap_or(&text)
        )
        .unwrap();
    }
    insta::assert_snapshot!(told);
}

/// Values are as long as whoever made the log file likes.
#[tokio::test]
async fn long_values_are_cut_short() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    for (value, expected) in
        [("x".repeat(100_000), "xxx…' is not a valid integer"), ("x'' ".repeat(10_000), "…")]
    {
        let sql = format!("SELECT CAST('{value}' AS INT)");
        let error = session.sql(&sql, &Bindings::default()).await.map(|_| ()).unwrap_err();
        let text = std::error::Error::source(&error).unwrap().to_string();
        assert!(text.len() < 1100 && text.contains(expected), "{text}");
    }
}

/// The engine's own words are cut short where they show its insides.
#[test]
fn unforeseen_errors_are_short() {
    use datafusion::common::internal_datafusion_err;
    for (error, expected) in [
        (
            internal_datafusion_err!(
                "Unexpected plan Projection {{ expr: [Column(Column {{ relation: None }})] }}"
            ),
            "the query engine does not support this (Unexpected plan): ",
        ),
        (
            DataFusionError::NotImplemented(
                "Unsupported logical plan: Repartition(Some(..))".to_owned(),
            ),
            "the query engine does not support this (Unsupported logical plan): ",
        ),
        (
            DataFusionError::Plan("Cannot frobnicate Utf8 and List(Int64)".to_owned()),
            "Cannot frobnicate text and array",
        ),
        (
            internal_datafusion_err!(""),
            "the query engine does not support this (no reason given): ",
        ),
    ] {
        let error = Error::query(&error);
        let text = std::error::Error::source(&error).unwrap().to_string();
        assert!(text.starts_with(expected), "{text}");
        assert!(!text.contains("DataFusion"), "{text}");
    }
}
