use super::*;

/// The statement with `<name>` in place of the query of each view.
fn shortened(sql: &str) -> String {
    let mut asked = asked(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    for view in &VIEWS {
        asked = asked.replace(&expression(view).unwrap(), &format!("<{}>", view.name));
    }
    asked
}

#[test]
fn views_stand_in_front_of_what_reads_them() {
    for (sql, expected) in [
        ("SELECT 1", "SELECT 1"),
        ("SELECT tags['a'], tasks FROM events", "SELECT tags['a'], tasks FROM events"),
        ("SELECT tags.x FROM other.tags", "SELECT tags.x FROM other.tags"),
        (
            "SELECT * FROM events AS tags, events tasks",
            "SELECT * FROM events AS tags, events tasks",
        ),
        ("SELECT 'FROM tags' -- FROM tags", "SELECT 'FROM tags'"),
        ("SELECT * FROM tags", "WITH <tags> SELECT * FROM tags"),
        ("-- why\nSELECT * FROM \"Tags\" ;;\n", "-- why\nWITH <tags> SELECT * FROM \"Tags\""),
        (
            "SELECT a, failures FROM events e JOIN TASKS t ON e.a = t.a, resources WHERE tags = containers",
            "WITH <resources>, <tasks> SELECT a, failures FROM events e JOIN TASKS t ON e.a = t.a, resources WHERE tags = containers",
        ),
        (
            "SELECT * FROM (tags CROSS JOIN LATERAL (SELECT tasks FROM failures))",
            "WITH <failures>, <tags> SELECT * FROM (tags CROSS JOIN LATERAL (SELECT tasks FROM failures))",
        ),
        (
            "SELECT * FROM events CROSS JOIN UNNEST(tags, tasks) AS t (containers, resources)",
            "SELECT * FROM events CROSS JOIN UNNEST(tags, tasks) AS t (containers, resources)",
        ),
        (
            "SELECT count(*) FILTER (WHERE tags IS NULL) FROM tasks GROUP BY tags, failures ORDER BY 1, containers",
            "WITH <tasks> SELECT count(*) FILTER (WHERE tags IS NULL) FROM tasks GROUP BY tags, failures ORDER BY 1, containers",
        ),
        ("TABLE tasks", "WITH <tasks> TABLE tasks"),
        (
            "(SELECT 1 FROM tags) UNION TABLE tasks",
            "WITH <tags>, <tasks> (SELECT 1 FROM tags) UNION TABLE tasks",
        ),
        ("VALUES (1), (2)", "VALUES (1), (2)"),
    ] {
        assert_eq!(shortened(sql), expected);
    }
}

#[test]
fn views_join_a_with_that_is_there() {
    for (sql, expected) in [
        (
            "WITH a AS (SELECT * FROM tags) SELECT * FROM a",
            "WITH <tags>, a AS (SELECT * FROM tags) SELECT * FROM a",
        ),
        (
            "with recursive a (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a), b AS (SELECT 2) SELECT * FROM a, tasks",
            "with recursive <tasks>, a (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a), b AS (SELECT 2) SELECT * FROM a, tasks",
        ),
        (
            "WITH a (n) AS (SELECT 1), \"TAGS\" AS (SELECT 2) SELECT * FROM a, tags, tasks",
            "WITH <tasks>, a (n) AS (SELECT 1), \"TAGS\" AS (SELECT 2) SELECT * FROM a, tags, tasks",
        ),
    ] {
        assert_eq!(shortened(sql), expected);
    }
}

#[test]
fn what_is_explained_has_its_views() {
    for (sql, expected) in [
        ("EXPLAIN SELECT 1 FROM tags", "EXPLAIN WITH <tags> SELECT 1 FROM tags"),
        (
            "explain analyze verbose (FORMAT JSON) SELECT 1 FROM tags",
            "explain analyze verbose (FORMAT JSON) WITH <tags> SELECT 1 FROM tags",
        ),
        ("EXPLAIN (SELECT 1 FROM tags)", "EXPLAIN WITH <tags> (SELECT 1 FROM tags)"),
        ("SHOW TABLES", "SHOW TABLES"),
        ("DESCRIBE tags;", "DESCRIBE tags"),
        ("desc events", "desc events"),
        ("SHOW CREATE TABLE tags", "SHOW CREATE TABLE tags"),
    ] {
        assert_eq!(shortened(sql), expected);
    }
}

#[test]
fn views_are_one_line_over_the_table_alone() {
    for view in &VIEWS {
        let query = view.query(Dialect::Athena).unwrap();
        assert_eq!(tables::read(&Words::of(&query).unwrap()), ["events"], "{query}");
        assert!(!expression(view).unwrap().contains('\n'));
    }
}

#[test]
fn only_questions_are_let_through() {
    for (sql, word) in [
        ("INSERT INTO events SELECT 1", "INSERT"),
        ("-- SELECT\n drop table events", "DROP"),
        ("EXPLAIN ANALYZE INSERT INTO events SELECT 1", "INSERT"),
        ("EXPLAIN (TYPE IO) UNLOAD (SELECT 1) TO 's3://x/'", "UNLOAD"),
        ("EXPLAIN", "EXPLAIN"),
        ("UNLOAD (SELECT 1) TO 's3://x/'", "UNLOAD"),
        ("EXECUTE x", "EXECUTE"),
        ("'SELECT'", "'SELECT'"),
    ] {
        let error = asked(sql).unwrap_err();
        assert!(
            matches!(&error, Error::NotAQuery { statement } if statement == word),
            "{sql}: {error:?}"
        );
    }
    for sql in
        ["", " -- nothing\n;", "SELECT 1; DROP TABLE x", "/* /* */ DROP TABLE x -- */ SELECT 1"]
    {
        assert!(matches!(asked(sql), Err(Error::Query { .. })), "{sql}");
    }
    assert_eq!(shortened("SELECT ';' /* ; */ ;"), "SELECT ';'");
}
