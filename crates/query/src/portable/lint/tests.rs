use super::*;

#[test]
fn what_travels() {
    for sql in [
        "SELECT date, count(*) AS events FROM events WHERE date >= '2026-04-27' GROUP BY date ORDER BY 1",
        "SELECT 1 AS one FROM events WHERE ($from IS NULL OR date >= $from) AND date IN ('2026-04-27')",
        "SELECT 1 AS one FROM events AS a JOIN events AS b ON a.date = b.date",
        "WITH a AS (SELECT CAST(date AS VARCHAR) AS day FROM events) SELECT day FROM a UNION ALL SELECT '' AS day",
        "SELECT string_agg(DISTINCT a, ', ' ORDER BY a) AS x, round(CAST(sum(b) AS DOUBLE) / 3, 2) AS y FROM events",
        "SELECT a FROM events ORDER BY a LIMIT $limit",
        "SELECT last_value(a) IGNORE NULLS OVER (ORDER BY b || c) AS x FROM events",
        "SELECT CAST(round(avg(a), 0) AS BIGINT) AS x, array_element(b, -1) AS y, substr(c, 2) AS z FROM events",
        "SELECT CAST(a AS DOUBLE) / CAST(nullif(b, 0) AS DOUBLE) AS x, CAST(a AS DOUBLE) / (-60 * 60) AS y FROM events",
        "SELECT a % ($minutes * 60) AS x, a % 7 AS y FROM events",
        "SELECT CAST(a AS DOUBLE) / nullif(b, 0) AS x, trim(c) || CAST(d AS VARCHAR) AS y FROM events",
    ] {
        assert_eq!(portability_problems(sql), Vec::<String>::new(), "{sql}");
    }
}

#[test]
fn what_does_not() {
    for (sql, problem) in [
        ("SELECT event_time::date FROM events", ":: instead of CAST"),
        ("SELECT TRY_CAST(a AS BIGINT) FROM events", "a CAST that returns NULL"),
        ("SELECT CAST(a AS REAL) FROM events", "the type REAL"),
        ("SELECT 1 FROM events WHERE actor ILIKE '%a%'", "ILIKE"),
        ("SELECT 1 FROM events WHERE actor ~ 'a'", "the operator ~"),
        ("SELECT 1 FROM events QUALIFY row_number() OVER () = 1", "QUALIFY"),
        ("SELECT date_bin(1, event_time) FROM events", "the function date_bin"),
        ("SELECT event_time + INTERVAL '1 day' FROM events", "an interval"),
        ("SELECT 1 FROM (SELECT 1 FROM events WHERE event_time < now()) AS a", "the function now"),
        ("SELECT concat(a, b) FROM events", "the function concat"),
        ("SELECT 1 FROM events WHERE date >= DATE '2026-04-27'", "date is compared"),
        ("SELECT 1 FROM events WHERE date BETWEEN '2026-04-27' AND a", "date is compared"),
        (
            "SELECT 1 FROM events AS e WHERE CAST('2026-04-27' AS DATE) <= e.date",
            "date is compared",
        ),
        ("SELECT unnest(task_ids) FROM events", "the function unnest"),
        ("SELECT array_has(a) FROM events", "array_has with 1 arguments"),
        ("SELECT string_to_array(a, '.') FROM events", "string_to_array with"),
        ("SELECT string_agg(a, ', ') FROM events", "string_agg without ORDER BY"),
        (
            "SELECT string_agg(DISTINCT a, ', ' ORDER BY b) FROM events",
            "DISTINCT and a different order",
        ),
        (
            "SELECT string_agg(a, ', ' ORDER BY a) FILTER (WHERE b) FROM events",
            "string_agg with FILTER",
        ),
        ("SELECT a / b FROM events", "a division"),
        ("SELECT a AS \"b\" FROM events", "the quoted name"),
        ("SELECT a AS user FROM events", "the name user"),
        ("SELECT a AS B FROM events", "not in lowercase"),
        ("SELECT 'a\\b' FROM events", "a backslash"),
        ("SELECT lower(a) AS b FROM events GROUP BY b", "GROUP BY b"),
        ("SELECT a FROM events ORDER BY lower(a)", "ORDER BY something other"),
        ("SELECT a FROM events LIMIT 3", "LIMIT without ORDER BY"),
        ("SELECT a FROM events ORDER BY a LIMIT 3 OFFSET 2", "an offset"),
        ("SELECT DISTINCT ON (a) a FROM events", "DISTINCT ON"),
        ("SELECT 1 FROM events JOIN b USING (c)", "a join other than"),
        ("SELECT 1 FROM (SELECT 1 FROM events)", "a subquery without a name"),
        ("SELECT 1 FROM unnest(a) AS b", "a table that is not"),
        ("SELECT EXTRACT(DOW FROM a) FROM events", "EXTRACT(DOW)"),
        ("SELECT a[1] FROM events", "a[1]"),
        ("SELECT row_number() OVER w AS x FROM events WINDOW w AS (ORDER BY a)", "WINDOW"),
        ("SELECT count(*) AS x FROM events HAVING x > 1", "HAVING x"),
        ("SELECT 1 FROM events WHERE a LIKE $p", "LIKE with"),
        ("SELECT 1 FROM events WHERE a LIKE 'x' ESCAPE '!'", "LIKE with"),
        ("SELECT 1 FROM events WHERE 'x' = ANY(a)", "ANY"),
        ("WITH RECURSIVE a AS (SELECT 1 AS b) SELECT b FROM a", "RECURSIVE"),
        ("SELECT a IS TRUE FROM events", "a IS TRUE"),
        ("SELECT TRIM(LEADING 'a' FROM b) FROM events", "TRIM(LEADING"),
        ("SELECT CAST(event_time AS VARCHAR) AS x FROM events", "a timestamp as text"),
        ("SELECT 'at ' || max(a.event_time) AS x FROM events AS a", "a timestamp as text"),
        ("SELECT CAST(date_trunc('day', a) AS VARCHAR) AS x FROM events", "a timestamp as text"),
        ("SELECT CAST(round(a, 2) AS VARCHAR) AS x FROM events", "a fractional number as text"),
        ("SELECT 'mean ' || avg(a) AS x FROM events", "a fractional number as text"),
        (
            "SELECT CAST(CAST(a AS DOUBLE) / 2 AS BIGINT) AS x FROM events",
            "a fractional number as an integer",
        ),
        (
            "SELECT CAST(CASE WHEN a THEN 1.5 END AS BIGINT) AS x FROM events",
            "a fractional number as an integer",
        ),
        ("SELECT CAST(a AS DOUBLE) / b AS x FROM events", "a division by"),
        ("SELECT CAST(a AS DOUBLE) / 0 AS x FROM events", "a division by"),
        ("SELECT substr(a, 0) AS x FROM events", "a position before"),
        ("SELECT substr(a, -2, 3) AS x FROM events", "a position before"),
        ("SELECT split_part(a, ',', -1) AS x FROM events", "a position before"),
        ("SELECT array_element(a, 0) AS x FROM events", "a position before"),
        ("SELECT CAST(a AS DOUBLE) / 0.0 AS x FROM events", "a division by"),
        ("SELECT CAST(a AS DOUBLE) / nullif(b, 7) AS x FROM events", "a division by"),
        ("SELECT a % b AS x FROM events", "a division by"),
        ("SELECT 'about ' || round(avg(a), 0) AS x FROM events", "a fractional number as text"),
        (
            "SELECT string_agg(event_time, ', ' ORDER BY event_time) AS x FROM events",
            "a timestamp as",
        ),
        ("SELECT date + 1 AS x FROM events", "date arithmetic"),
        ("SELECT max(date) - min(date) AS x FROM events", "date arithmetic"),
        ("SELECT CAST(a AS DATE) + 1 AS x FROM events", "date arithmetic"),
        ("SELECT date_trunc('week', max(date)) AS x FROM events", "a date where a timestamp"),
        ("DELETE FROM events", "not a query"),
        ("SELECT", "arser"),
    ] {
        let problems = portability_problems(sql);
        assert!(problems.iter().any(|found| found.contains(problem)), "{sql}: {problems:?}");
    }
}

/// `tests/interop` runs these in other engines; they contain nothing that engines interpret
/// differently.
#[test]
fn small_expressions_travel() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop/expressions");
    let mut read = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let sql = std::fs::read_to_string(&path).unwrap();
        assert_eq!(portability_problems(&sql), Vec::<String>::new(), "{}", path.display());
        read += 1;
    }
    assert!(read >= 6, "{read}");
}
