//! The functions and operators that people bring from Athena, CloudTrail Lake and Postgres.

use super::*;
use crate::{
    format::{Format, WriteOptions, write_rows},
    functions::FunctionKind,
};

/// An expression, and its value.
const VALUES: [(&str, &str); 95] = [
    // JSON.
    (r#"'{"a": {"b": [1, "x"]}}' -> 'a' -> 'b' ->> 1"#, "x"),
    (r#"'{"a": "x"}' -> 'a'"#, r#""x""#),
    (r#"'{"a": "x"}' ->> 'a' = 'x'"#, "true"),
    (r#"'{"a": null}' ->> 'a' IS NULL"#, "true"),
    (r#"'{"a": 1}' ? 'a' AND NOT '{"a": 1}' ? 'b'"#, "true"),
    (r#"CAST('{"a": 3}' ->> 'a' AS BIGINT) + 1"#, "4"),
    (r#"('{"a": 3}' ->> 'a')::int + 1"#, "4"),
    (r#"json_get('{"a": 3}', 'a')"#, "3"),
    (r#"json_get('{"a": "x"}', 'a')"#, r#""x""#),
    (r#"json_get_int('{"a": 3}', 'a') + 1"#, "4"),
    ("json_length('[1, 2]')", "2"),
    (r#"json_extract_scalar('{"a": {"b c": [{"d": true}]}}', '$.a["b c"][0].d')"#, "true"),
    (r#"json_extract_scalar('{"a": {}}', '$.a')"#, ""),
    (r#"json_extract_scalar('{"a": null}', '$.a')"#, ""),
    (r#"json_extract_scalar('{"a": 1.50}', '$.a')"#, "1.50"),
    ("json_extract_scalar('not json', '$.a')", ""),
    (r#"json_extract('{"a": "x"}', '$.a')"#, r#""x""#),
    (r#"json_extract('{"a": [1, {"b": 2}]}', '$.a[1]')"#, r#"{"b": 2}"#),
    ("json_array_length('[1, 2]')", "2"),
    ("json_array_length('{}')", ""),
    (r#"json_size('{"a": {"b": 1, "c": 2}}', '$.a')"#, "2"),
    (r#"json_extract_scalar(json_parse('{"a": 1}'), '$.a')"#, "1"),
    (r#"json_array_elements('["a", 1, {"b": 2}, null]')"#, r#"["a","1","{\\"b\\": 2}",null]"#),
    (r#"array_length(json_array_elements('["a", 1]'))"#, "2"),
    // Arrays and maps.
    ("element_at(make_array('a', 'b'), 1)", "a"),
    ("element_at(make_array('a', 'b'), -1)", "b"),
    ("element_at(make_array('a', 'b'), 3)", ""),
    ("element_at(map(make_array('k'), make_array('v')), 'k')", "v"),
    ("element_at(map(make_array('k'), make_array('v')), 'other')", ""),
    (r#"element_at('{"roleArn": "x", "n": 1}', 'roleArn')"#, "x"),
    (r#"element_at('{"set": {"items": []}}', 'set')"#, r#"{"items": []}"#),
    ("contains(make_array('a'), 'a')", "true"),
    ("contains(make_array(1, 2), 3)", "false"),
    ("contains('abc', 'b')", "true"),
    ("split('a,b,c', ',')", r#"["a","b","c"]"#),
    ("split('a,b,c', ',', 2)", r#"["a","b,c"]"#),
    ("split('', ',')", r#"[""]"#),
    ("element_at(split('arn:aws:iam::1:user/x', '/'), 2)", "x"),
    ("cardinality(split('a,b', ','))", "2"),
    ("array_join(make_array('a', 'b'), '-')", "a-b"),
    // Times.
    ("hour(timestamp '2026-04-27 23:59:59')", "23"),
    ("hour('2026-04-27T23:30:00-02:00')", "1"),
    ("minute(timestamp '2026-04-27 23:59:58')", "59"),
    ("second(timestamp '2026-04-27 23:59:58')", "58"),
    ("day(date '2026-04-27')", "27"),
    ("day_of_month(date '2026-04-27')", "27"),
    ("day_of_week(date '2026-04-27')", "1"),
    ("dow(date '2026-04-26')", "7"),
    ("day_of_year(date '2026-02-01')", "32"),
    ("week(date '2026-01-01')", "1"),
    ("year_of_week(date '2027-01-01')", "2026"),
    ("month(date '2026-04-27')", "4"),
    ("quarter(date '2026-04-27')", "2"),
    ("year(date '2026-04-27')", "2026"),
    ("year(NULL)", ""),
    ("date('2026-04-27T02:18:03Z')", "2026-04-27"),
    ("date(timestamp '2026-04-27 02:18:03')", "2026-04-27"),
    ("from_iso8601_timestamp('2026-04-27T02:18:03+02:00')", "2026-04-27T00:18:03Z"),
    ("from_iso8601_timestamp('2026-04-27')", "2026-04-27T00:00:00Z"),
    ("from_iso8601_date('2026-04-27')", "2026-04-27"),
    ("to_iso8601(from_iso8601_timestamp('2026-04-27T02:18:03Z'))", "2026-04-27T02:18:03Z"),
    ("date_diff('hour', timestamp '2026-04-27 00:00:00', timestamp '2026-04-28 01:59:59')", "25"),
    ("date_diff('day', '2026-04-28T12:00:00Z', '2026-04-27T13:00:00Z')", "0"),
    ("date_diff('day', '2026-04-28T12:00:00Z', '2026-04-27T12:00:00Z')", "-1"),
    ("date_diff('day', date '2026-02-28', date '2026-03-01')", "1"),
    ("date_diff('week', date '2026-04-01', date '2026-04-27')", "3"),
    ("date_diff('month', date '2026-01-31', date '2026-02-28')", "1"),
    ("date_diff('month', date '2026-01-15', date '2026-03-14')", "1"),
    ("date_diff('month', date '2026-03-14', date '2026-01-15')", "-1"),
    ("date_diff('quarter', date '2025-04-27', date '2026-04-27')", "4"),
    ("date_diff('year', date '2024-03-01', date '2026-02-28')", "1"),
    ("date_diff('millisecond', '2026-04-27T00:00:00.000Z', '2026-04-27T00:00:00.250Z')", "250"),
    ("date_diff(NULL, '2026-04-27', '2026-04-28')", ""),
    ("date_add('day', -1, date '2026-03-01')", "2026-02-28"),
    ("date_add('month', 1, timestamp '2026-01-31 10:00:00')", "2026-02-28T10:00:00Z"),
    ("date_add('HOUR', 25, '2026-04-27T00:00:00Z')", "2026-04-28T01:00:00Z"),
    ("date_add('year', -1, date '2024-02-29')", "2023-02-28"),
    ("date_parse('27/Apr/2026 02:18', '%d/%b/%Y %H:%i')", "2026-04-27T02:18:00Z"),
    ("date_format(timestamp '2026-04-27 02:18:03', '%Y-%m-%d %H:%i:%s')", "2026-04-27 02:18:03"),
    ("date_format(date '2026-04-27', '%W %e %M')", "Monday 27 April"),
    ("to_char(timestamp '2026-04-27 02:18:03', '%H:%M')", "02:18"),
    ("to_unixtime(timestamp '1970-01-01 00:01:00.900')", "60"),
    ("from_unixtime(60)", "1970-01-01T00:01:00"),
    // Choices and texts.
    ("if(1 = 1, 'a', 'b')", "a"),
    ("if(NULL, 'a', 'b')", "b"),
    ("if(1 = 2, 'a')", ""),
    ("if(1 = 1, 1, 2.5)", "1.0"),
    ("if(1 = 1, 0, 1 / 0)", "0"),
    ("regexp_extract('task/ab-12', '[0-9]+')", "12"),
    ("regexp_extract('task/ab-12', '([a-z]+)-([0-9]+)', 2)", "12"),
    ("regexp_extract('x', 'y')", ""),
    ("regexp_like('abc', 'b')", "true"),
    ("url_decode('a%20b+c%C3%A9')", "a b cé"),
    ("url_encode('a b/c')", "a+b%2Fc"),
    ("strpos('abc', 'c')", "3"),
];

#[tokio::test]
async fn values_are_those_of_athena() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    for (expression, expected) in VALUES {
        // Once as a constant, and once over rows.
        for sql in [
            format!("SELECT {expression} AS value"),
            format!("SELECT {expression} AS value FROM events WHERE event_name = 'StopTask'"),
        ] {
            let rows = session.sql(&sql, &Bindings::default()).await;
            let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            let mut out = Vec::new();
            let options = WriteOptions { raw: true, ..WriteOptions::default() };
            write_rows(rows, Format::Tsv, &options, &mut out).await.unwrap();
            let text = String::from_utf8(out).unwrap();
            assert_eq!(text.lines().nth(1).unwrap_or_default(), expected, "{sql}");
        }
    }
}

/// A query, and the lines of its answer.
const QUERIES: [(&str, &[&str]); 27] = [
    (
        "SELECT count_if(read_only) AS reads, count_if(error_code IS NOT NULL) AS errors, count_if(false) AS none FROM events",
        &["1,2,0"],
    ),
    (
        "SELECT t.word, count(*) AS rows FROM events AS e CROSS JOIN UNNEST(split(e.region, '-')) AS t (word) WHERE t.word <> 'us' GROUP BY t.word ORDER BY t.word",
        &["1,4", "east,3", "eu,1", "west,1"],
    ),
    (
        "SELECT n, word FROM (SELECT * FROM events WHERE read_only) AS e, UNNEST(split(region, '-')) WITH ORDINALITY AS t (word, n) ORDER BY n",
        &["1,eu", "2,west", "3,1"],
    ),
    ("SELECT count(*) FROM events CROSS JOIN UNNEST(resource_arns) AS arn", &["0"]),
    (
        "SELECT event_name, count_if(read_only) AS reads FROM events GROUP BY event_name ORDER BY event_name",
        &["ListClusters,1", "StopTask,0", "UpdateService,0"],
    ),
    ("SELECT count_if(read_only) FROM events WHERE false", &["0"]),
    ("SELECT count_if(DISTINCT read_only) FROM events", &["1"]),
    ("SELECT count_if(read_only) FILTER (WHERE region = 'us-east-1') FROM events", &["0"]),
    (
        "SELECT event_name, count_if(error_code IS NOT NULL) OVER (ORDER BY event_time) AS errors FROM events ORDER BY event_time",
        &["UpdateService,0", "UpdateService,1", "StopTask,2", "ListClusters,2"],
    ),
    (
        "SELECT max_by(event_name, event_time), min_by(event_name, event_time), max_by(error_code, event_time) FROM events",
        &["ListClusters,UpdateService,"],
    ),
    (
        "SELECT event_name, max_by(error_code, event_time) AS last FROM events GROUP BY event_name ORDER BY event_name",
        &["ListClusters,", "StopTask,AccessDenied", "UpdateService,ServiceNotFoundException"],
    ),
    ("SELECT max_by(event_name, desired_count) FROM events", &["UpdateService"]),
    ("SELECT max_by(event_name, event_time) FROM events WHERE false", &["\"\""]),
    (
        "SELECT arbitrary(region), any_value(region) FROM events WHERE region = 'eu-west-1'",
        &["eu-west-1,eu-west-1"],
    ),
    (
        "SELECT listagg(region, ';' ORDER BY region) FROM (SELECT DISTINCT region FROM events)",
        &["eu-west-1;us-east-1"],
    ),
    (
        "SELECT LISTAGG(region, ', ') WITHIN GROUP (ORDER BY region DESC) FROM (SELECT DISTINCT region FROM events)",
        &["\"us-east-1, eu-west-1\""],
    ),
    ("SELECT approx_distinct(region) FROM events", &["2"]),
    (
        "SELECT request_parameters ->> 'service' AS service, count(*) FROM events WHERE request_parameters -> 'cluster' IS NOT NULL GROUP BY 1",
        &["web,2"],
    ),
    (
        "SELECT request_parameters['taskDefinition'] AS definition FROM events WHERE request_parameters ->> 'cluster' = 'prod' ORDER BY 1",
        &["web:42", "web:43"],
    ),
    (
        "SELECT json_get(request_parameters, 'desiredCount') AS wanted, event_id FROM events WHERE request_parameters ? 'desiredCount'",
        &["3,2026-04-27T02:18:03Z-UpdateService"],
    ),
    (
        "WITH named AS (SELECT json_extract_scalar(request_parameters, '$.taskDefinition') AS definition, event_time FROM events) \
         SELECT a.definition, date_diff('minute', a.event_time, b.event_time) AS minutes FROM named AS a JOIN named AS b \
         ON a.definition < b.definition",
        &["web:42,41"],
    ),
    ("SELECT count(*) FROM events WHERE read_only = 'true' OR 'FALSE' = read_only", &["4"]),
    ("SELECT count(*) FROM events WHERE read_only <> 'true'", &["3"]),
    ("SELECT count(*) FROM events WHERE hour(event_time) BETWEEN 2 AND 3", &["2"]),
    ("SELECT DISTINCT day_of_week(event_time) FROM events ORDER BY 1", &["1", "2"]),
    (
        "SELECT count(*) FROM events WHERE from_iso8601_timestamp(event_time) >= date_add('day', -1, from_iso8601_timestamp('2026-04-28T03:00:00Z'))",
        &["3"],
    ),
    (
        "SELECT element_at(user_identity, 'userName') AS name FROM events GROUP BY user_identity",
        &["alice"],
    ),
];

#[tokio::test]
async fn rows_are_those_of_athena() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    for (sql, expected) in QUERIES {
        let text = answer(&session, sql).await;
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), expected, "{sql}");
    }
    let plan = answer(&session, "EXPLAIN SELECT request_parameters -> 'a' FROM events").await;
    assert!(plan.contains("json_get_json"), "{plan}");
}

#[tokio::test]
async fn functions_are_listed_with_what_they_do() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let functions = session.functions();
    for (name, kind) in [
        ("json_extract_scalar", FunctionKind::Scalar),
        ("dow", FunctionKind::Scalar),
        ("json_get_str", FunctionKind::Scalar),
        ("upper", FunctionKind::Scalar),
        ("count_if", FunctionKind::Aggregate),
        ("arbitrary", FunctionKind::Aggregate),
        ("row_number", FunctionKind::Window),
    ] {
        assert!(functions.iter().any(|one| one.name == name && one.kind == kind), "{name}");
    }
    let date_diff = functions.iter().find(|function| function.name == "date_diff").unwrap();
    assert_eq!(date_diff.syntax, "date_diff(unit, from, until)");
    assert!(date_diff.description.starts_with("Returns how many whole units"));
    assert!(functions.windows(2).all(|pair| pair[0].name <= pair[1].name));
}
