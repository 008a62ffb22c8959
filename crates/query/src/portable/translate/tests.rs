use std::collections::BTreeMap;

use super::*;

fn bindings() -> Bindings {
    Bindings::of(BTreeMap::from([
        ("from", ParameterType::Date),
        ("cluster", ParameterType::Text),
        ("limit", ParameterType::Integer),
        ("since", ParameterType::Timestamp),
    ]))
}

fn flat(sql: &str, dialect: Dialect) -> String {
    let translation =
        translate(statement::parse(sql).unwrap(), &bindings(), Values::Named, dialect).unwrap();
    let words: Vec<_> = translation.sql.split_whitespace().collect();
    words.join(" ").replace("( ", "(").replace(" )", ")")
}

/// (a report's text, the same for `DuckDB`, for Spark, for Athena)
const CASES: &[(&str, &str, &str, &str)] = &[
    (
        "SELECT to_unixtime(b) - to_unixtime(a) AS seconds FROM events",
        "SELECT (epoch_ms(b) // 1000) - (epoch_ms(a) // 1000) AS seconds FROM events",
        "SELECT unix_timestamp(b) - unix_timestamp(a) AS seconds FROM events",
        "SELECT CAST(floor(to_unixtime(b)) AS BIGINT) - CAST(floor(to_unixtime(a)) AS BIGINT) AS seconds FROM events",
    ),
    (
        "SELECT 1 AS x FROM events WHERE ($cluster IS NULL OR cluster_name = $cluster) AND date >= $from",
        "SELECT 1 AS x FROM events WHERE (CAST($cluster AS VARCHAR) IS NULL OR cluster_name = CAST($cluster AS VARCHAR)) AND date >= CAST($from AS DATE)",
        "SELECT 1 AS x FROM events WHERE (CAST(:cluster AS STRING) IS NULL OR cluster_name = CAST(:cluster AS STRING)) AND date >= CAST(:from AS DATE)",
        "SELECT 1 AS x FROM events WHERE (CAST(? AS VARCHAR) IS NULL OR cluster_name = CAST(? AS VARCHAR)) AND date >= CAST(? AS DATE)",
    ),
    (
        "SELECT a FROM events WHERE date >= '2026-04-27' ORDER BY a DESC LIMIT $limit",
        "SELECT a FROM events WHERE date >= CAST('2026-04-27' AS DATE) ORDER BY a DESC NULLS LAST LIMIT CAST($limit AS BIGINT)",
        "SELECT a FROM events WHERE date >= CAST('2026-04-27' AS DATE) ORDER BY a DESC NULLS LAST LIMIT CAST(:limit AS INT)",
        "SELECT a FROM events WHERE date >= CAST('2026-04-27' AS DATE) ORDER BY a DESC NULLS LAST LIMIT ?",
    ),
    (
        "SELECT string_agg(DISTINCT a, ', ' ORDER BY a) AS x FROM events",
        "SELECT string_agg(DISTINCT a, ', ' ORDER BY a NULLS LAST) AS x FROM events",
        "SELECT CASE WHEN count(a) > 0 THEN array_join(array_sort(collect_set(a)), ', ') END AS x FROM events",
        "SELECT listagg(DISTINCT a, ', ') WITHIN GROUP (ORDER BY a NULLS LAST) AS x FROM events",
    ),
    (
        "SELECT string_agg(a, ', ' ORDER BY b) AS x FROM events",
        "SELECT string_agg(a, ', ' ORDER BY b NULLS LAST) AS x FROM events",
        "SELECT listagg(a, ', ') WITHIN GROUP (ORDER BY b NULLS LAST) AS x FROM events",
        "SELECT listagg(a, ', ') WITHIN GROUP (ORDER BY b NULLS LAST) AS x FROM events",
    ),
    (
        "SELECT last_value(a) IGNORE NULLS OVER (PARTITION BY b ORDER BY c) AS x FROM events",
        "SELECT last_value(a IGNORE NULLS) OVER (PARTITION BY b ORDER BY c NULLS LAST) AS x FROM events",
        "SELECT last_value(a) IGNORE NULLS OVER (PARTITION BY b ORDER BY c NULLS LAST) AS x FROM events",
        "SELECT last_value(a) IGNORE NULLS OVER (PARTITION BY b ORDER BY c NULLS LAST) AS x FROM events",
    ),
    (
        "SELECT EXTRACT(ISODOW FROM a) AS d, array_to_string(array_except(a, b), ', ') AS x FROM events",
        "SELECT EXTRACT(ISODOW FROM make_timestamp(epoch_us(a))) AS d, array_to_string(CASE WHEN b IS NOT NULL THEN list_sort(list_distinct([item FOR item IN a IF NOT list_contains(b, item)])) END, ', ') AS x FROM events",
        "SELECT ((dayofweek(a) + 5) % 7 + 1) AS d, array_join(array_sort(array_except(array_compact(a), b)), ', ') AS x FROM events",
        "SELECT EXTRACT(DOW FROM a) AS d, array_join(array_sort(array_except(filter(a, item -> item IS NOT NULL), b)), ', ') AS x FROM events",
    ),
    (
        "SELECT EXTRACT(HOUR FROM local_time(a, $cluster)) AS h FROM events",
        "SELECT EXTRACT(HOUR FROM make_timestamp(epoch_us(timezone(CAST($cluster AS VARCHAR), a)))) AS h FROM events",
        "SELECT EXTRACT(HOUR FROM from_utc_timestamp(a, CAST(:cluster AS STRING))) AS h FROM events",
        "SELECT EXTRACT(HOUR FROM CAST(at_timezone(from_unixtime(to_unixtime(a)), CAST(? AS VARCHAR)) AS timestamp)) AS h FROM events",
    ),
    (
        "SELECT CAST(event_time AS DATE) AS d, CAST(max(t) AS DATE) AS e, CAST(actor AS DATE) AS f FROM events",
        "SELECT CAST(make_timestamp(epoch_us(event_time)) AS DATE) AS d, CASE typeof(max(t)) WHEN 'TIMESTAMP WITH TIME ZONE' THEN make_timestamp(epoch_us(TRY_CAST(max(t) AS TIMESTAMPTZ)))::DATE ELSE max(t)::DATE END AS e, CAST(actor AS DATE) AS f FROM events",
        "SELECT CAST(event_time AS DATE) AS d, CAST(max(t) AS DATE) AS e, CAST(actor AS DATE) AS f FROM events",
        "SELECT CAST(event_time AS DATE) AS d, CAST(max(t) AS DATE) AS e, CAST(actor AS DATE) AS f FROM events",
    ),
    (
        "SELECT 1 AS x FROM events WHERE array_has(string_to_array($cluster, ','), a) AND a >= $since",
        "SELECT 1 AS x FROM events WHERE list_contains(string_split(CAST($cluster AS VARCHAR), ','), a) AND a >= CAST($since AS TIMESTAMPTZ)",
        "SELECT 1 AS x FROM events WHERE CASE WHEN split(CAST(:cluster AS STRING), ',') IS NOT NULL AND a IS NOT NULL THEN coalesce(array_contains(split(CAST(:cluster AS STRING), ','), a), false) END AND a >= CAST(:since AS TIMESTAMP)",
        "SELECT 1 AS x FROM events WHERE CASE WHEN split(CAST(? AS VARCHAR), ',') IS NOT NULL AND a IS NOT NULL THEN coalesce(contains(split(CAST(? AS VARCHAR), ','), a), false) END AND a >= CAST(? AS TIMESTAMP(3))",
    ),
];

#[test]
fn one_text_for_every_engine() {
    for (sql, duckdb, spark, athena) in CASES {
        assert_eq!(flat(sql, Dialect::DuckDb), *duckdb);
        assert_eq!(flat(sql, Dialect::Spark), *spark);
        assert_eq!(flat(sql, Dialect::Athena), *athena);
    }
}

#[test]
fn parameters_without_names_are_told_in_their_order() {
    let sql = "SELECT a FROM events WHERE array_has(string_to_array($cluster, ','), a) AND date >= $from AND b = $cluster ORDER BY a LIMIT $limit";
    let translation =
        translate(statement::parse(sql).unwrap(), &bindings(), Values::Named, Dialect::Athena)
            .unwrap();
    assert_eq!(translation.positions, ["cluster", "cluster", "from", "cluster", "limit"]);
    assert_eq!(translation.sql.matches('?').count(), 5);
    assert!(
        translate(statement::parse(sql).unwrap(), &bindings(), Values::Named, Dialect::Spark)
            .unwrap()
            .positions
            .is_empty()
    );
}

#[test]
fn what_is_planned_here_has_the_same_orders() {
    let mut statement = statement::parse(
        "SELECT array_length(a) AS x, row_number() OVER (ORDER BY a DESC) AS y FROM events ORDER BY x DESC, y NULLS FIRST",
    )
    .unwrap();
    prepare(&mut statement).unwrap();
    assert_eq!(
        statement.to_string(),
        "SELECT CAST(array_length(a) AS BIGINT) AS x, row_number() OVER (ORDER BY a DESC NULLS LAST) AS y FROM events ORDER BY x DESC NULLS LAST, y NULLS FIRST"
    );
}
