//! Which common table expressions run once, and that the answers stay the same.

use datafusion::common::tree_node::TreeNodeRecursion;

use super::*;

/// The names of the tables that a plan reads; a number for shared rows.
fn tables(plan: &LogicalPlan) -> Vec<String> {
    let mut tables = Vec::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            tables.push(scan.table_name.table().replace("shared rows ", ""));
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .unwrap();
    tables.sort();
    tables
}

#[tokio::test]
async fn expressions_that_are_used_again_run_once() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let cases: [(&str, &[&str], &str); 12] = [
        (
            "WITH a AS (SELECT event_name AS n, region AS r FROM events WHERE NOT read_only) \
             SELECT count(*) FROM a JOIN a AS b ON a.n = b.n",
            &["0", "0"],
            "5",
        ),
        // Only once.
        (
            "WITH a AS (SELECT region AS r FROM events WHERE date > '2026-04-27') SELECT r FROM a",
            &["events"],
            "eu-west-1",
        ),
        // An expression on an expression: only the outer one is used again.
        (
            "WITH a AS (SELECT event_name AS n FROM events WHERE error_code IS NULL), \
             b AS (SELECT n, count(*) AS c FROM a GROUP BY n) \
             SELECT sum(b.c) FROM b JOIN b AS d ON b.n = d.n",
            &["0", "0"],
            "2",
        ),
        // Both are.
        (
            "WITH a AS (SELECT event_name AS n FROM events WHERE error_code IS NULL), \
             b AS (SELECT n, count(*) AS c FROM a GROUP BY n) \
             SELECT sum(b.c) FROM b JOIN b AS d ON b.n = d.n JOIN a ON a.n = b.n",
            &["0", "1", "1"],
            "2",
        ),
        // In a subquery, and with no column but to count.
        (
            "WITH a AS (SELECT event_name AS n FROM events WHERE error_code IS NOT NULL) \
             SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM a AS b)",
            &["0", "0"],
            "4",
        ),
        // Only counted, of one that is used for less than it would need to be run whole.
        (
            "WITH a AS (SELECT event_name AS n, region AS r FROM events WHERE error_code IS NULL), \
             b AS (SELECT max(r) AS m, n FROM a GROUP BY n) \
             SELECT (SELECT count(*) FROM b) + (SELECT count(*) FROM b AS c) + (SELECT count(n) FROM a)",
            &["0", "1", "1"],
            "6",
        ),
        // Other rows each time.
        (
            "SELECT count(*) FROM (SELECT event_name AS n FROM events WHERE random() < 2) AS a \
             UNION ALL SELECT count(*) FROM (SELECT event_name AS n FROM events WHERE random() < 2) AS a \
             LIMIT 1",
            &["events", "events"],
            "4",
        ),
        // Each use reads rows of its own, which the files' bounds tell.
        (
            "WITH a AS (SELECT date, event_name AS n FROM events WHERE NOT coalesce(read_only, false)) \
             SELECT count(*) FROM a JOIN a AS b ON a.n = b.n WHERE a.date = '2026-04-27' AND b.date = '2026-04-27'",
            &["events", "events"],
            "5",
        ),
        // All rows of the dataset.
        (
            "WITH a AS (SELECT event_name AS n FROM events) \
             SELECT count(*) FROM a JOIN a AS b ON a.n = b.n",
            &["events", "events"],
            "6",
        ),
        // The same name for something else.
        (
            "SELECT (WITH a AS (SELECT region AS r FROM events WHERE read_only) SELECT count(*) FROM a, a AS b) \
             + (WITH a AS (SELECT region AS r FROM events WHERE NOT read_only) SELECT count(*) FROM a, a AS b)",
            &["0", "0", "1", "1"],
            "10",
        ),
        // None of the rows.
        (
            "WITH a AS (SELECT region AS r FROM events WHERE event_name = 'none') \
             SELECT count(*) FROM a FULL JOIN a AS b ON a.r = b.r",
            &["0", "0"],
            "0",
        ),
        (
            "WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a WHERE n < 3) \
             SELECT count(*) FROM a JOIN a AS b ON a.n = b.n",
            &["a", "a"],
            "3",
        ),
    ];
    for (sql, expected, rows) in cases {
        let plan =
            session.plan(statement::parse(sql).unwrap(), &Bindings::default()).await.unwrap();
        let shared = share(&session.context.state(), plan, &session.options).await.unwrap();
        assert_eq!(tables(&shared.plan), expected, "{sql}");
        assert_eq!(
            answer(&session, sql).await.lines().skip(1).collect::<Vec<_>>(),
            [rows],
            "{sql}"
        );
    }
}

#[tokio::test]
async fn rows_that_take_too_much_memory_are_not_kept() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let sql = "WITH a AS (SELECT event_name AS n FROM events WHERE error_code IS NULL) \
               SELECT count(*) FROM a JOIN a AS b ON a.n = b.n";
    let plan = session.plan(statement::parse(sql).unwrap(), &Bindings::default()).await.unwrap();
    let options = SessionOptions { memory_bytes: 64, ..session.options.clone() };
    let shared = share(&session.context.state(), plan, &options).await.unwrap();
    assert_eq!(tables(&shared.plan), ["events", "events"]);
    let pool = &session.context.runtime_env().memory_pool;
    assert_eq!(pool.reserved(), 0);
}

#[tokio::test]
async fn what_rows_take_is_held_until_the_answer_is_read() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    let sql = "WITH a AS (SELECT event_name AS n FROM events WHERE error_code IS NULL) \
               SELECT a.n FROM a JOIN a AS b ON a.n = b.n";
    let rows = session.sql(sql, &Bindings::default()).await.unwrap();
    let pool = &session.context.runtime_env().memory_pool;
    assert!(pool.reserved() > 0);
    rows.try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(pool.reserved(), 0);
}
