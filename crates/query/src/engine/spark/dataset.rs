//! The dataset at the server: the table `events` and the views over it, as temporary views of the session.

use std::collections::BTreeSet;

use ecstrail_converter::{COLUMNS, PARTITION_COLUMNS};

use super::{
    messages::{
        Command, CreateView, DataSource, LocalRelation, Operation, Plan, Read, Relation, Rows, Sql,
    },
    problem::Problem,
};
use crate::{
    error::Result,
    hand_off::TableSource,
    portable::{Dialect, SqlTokenKind, VIEWS, View, sql_tokens},
};

const EVENTS: &str = "events";

/// Returns what makes the table `events`.
pub(super) fn events(source: &TableSource) -> Plan {
    let rows = if source.first_day.is_none() {
        // There may be no folder to read.
        Rows::Local(LocalRelation { schema: columns() })
    } else {
        let data_source = if source.has_delta_log {
            // Its log says which columns there are.
            DataSource {
                format: "delta".into(),
                schema: String::new(),
                paths: vec![source.table()],
            }
        } else {
            DataSource {
                format: "parquet".into(),
                schema: columns(),
                paths: vec![without_pattern(&source.events())],
            }
        };
        Rows::Read(Read { data_source })
    };
    create(EVENTS, rows)
}

/// Returns what asks for an event, if there is one.
pub(super) fn one_event() -> Plan {
    Plan::of(Sql { query: format!("SELECT 1 AS one FROM {EVENTS} LIMIT 1"), ..Sql::default() })
}

/// Returns what makes a view.
pub(super) fn view(view: &View) -> Result<Plan> {
    let sql = Sql { query: view.query(Dialect::Spark)?, ..Sql::default() };
    Ok(create(view.name, Rows::Sql(sql)))
}

/// Returns the views that a query may name. A name that means something else there does no harm.
pub(super) fn views_of(sql: &str) -> Vec<&'static View> {
    let names = sql_tokens(sql).into_iter().filter_map(|token| match token.kind {
        SqlTokenKind::Name | SqlTokenKind::QuotedName => {
            Some(sql[token.range].trim_matches(['`', '"']).to_ascii_lowercase())
        }
        _ => None,
    });
    let names: BTreeSet<String> = names.collect();
    VIEWS.iter().filter(|view| names.contains(view.name)).collect()
}

/// Says what to do if the table `events` cannot be made.
pub(super) fn explained(problem: Problem, source: &TableSource) -> Problem {
    if problem.is_of_connection {
        return problem;
    }
    let says = |words: &[&str]| words.iter().any(|word| problem.text.contains(word));
    if problem.class.starts_with("PATH_NOT_FOUND")
        || says(&["No such file", "No commit files found"])
    {
        return not_found(source);
    }
    let home = &source.home;
    let text = if says(&["No FileSystem for scheme", "UNSUPPORTED_FILE_SYSTEM"]) {
        format!(
            "the server cannot open {home}: say how it reads the dataset with {}",
            location(source)
        )
    } else if source.has_delta_log && problem.class.starts_with("DATA_SOURCE_NOT_FOUND") {
        "the server cannot read Delta tables, and the dataset is one: start the server with \
         --packages io.delta:delta-spark_2.13:VERSION"
            .to_owned()
    } else {
        format!("the server cannot open the dataset at {home}: {}", problem.text)
    };
    Problem { text, ..problem }
}

/// The server does not see the dataset.
pub(super) fn not_found(source: &TableSource) -> Problem {
    Problem::without_class(format!(
        "the server does not find the dataset at {}: say where the server sees it with {}",
        source.home,
        location(source)
    ))
}

/// The option that helps. Outside of EMR, Spark reads `s3a://` instead of `s3://`.
fn location(source: &TableSource) -> String {
    match source.home.strip_prefix("s3://") {
        Some(rest) => format!("--location s3a://{rest}"),
        None => "--location, such as s3a://BUCKET/PREFIX".to_owned(),
    }
}

fn create(name: &str, rows: Rows) -> Plan {
    let input = Relation { rows: Some(rows) };
    let create_view = CreateView { input, name: name.to_owned(), replace: true };
    Plan { operation: Some(Operation::Command(Command { create_view })) }
}

/// Every column with its type: data files of an older version lack some, and a file may be the only
/// one that is looked at.
fn columns() -> String {
    let columns = COLUMNS.iter().map(|column| (column.name, column.kind.sql_type()));
    let partition = PARTITION_COLUMNS.iter().map(|column| (column.name, column.sql_type));
    let columns = columns.chain(partition).map(|(name, kind)| format!("`{name}` {kind}"));
    columns.collect::<Vec<_>>().join(", ")
}

/// Spark reads paths as patterns of names.
fn without_pattern(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    for letter in path.chars() {
        if "*?[]{}\\".contains(letter) {
            plain.push('\\');
        }
        plain.push(letter);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_type() {
        let columns = columns();
        for column in [
            "`event_time` timestamp, ",
            "`error_code` string, ",
            "`desired_count` int, ",
            "`read_only` boolean, ",
            "`container_names` array<string>, ",
            "`container_exit_codes` array<int>, ",
            "`tags` map<string,string>, ",
        ] {
            assert!(columns.contains(column), "{column} in {columns}");
        }
        assert!(columns.ends_with(", `date` date, `region` string"), "{columns}");
        assert_eq!(columns.matches('`').count(), 2 * (COLUMNS.len() + PARTITION_COLUMNS.len()));
    }

    #[test]
    fn paths_are_not_patterns() {
        assert_eq!(without_pattern("/a b/é%20/x=1"), "/a b/é%20/x=1");
        assert_eq!(without_pattern(r"s3a://b/[x]{y}*?\"), r"s3a://b/\[x\]\{y\}\*\?\\");
    }

    #[test]
    fn a_query_needs_the_views_that_it_names() {
        for (sql, views) in [
            ("SELECT * FROM events", &[][..]),
            ("SELECT 'tasks' FROM events -- tags", &[]),
            ("SELECT * FROM tasks JOIN `TAGS` USING (event_id)", &["tags", "tasks"]),
            ("WITH x AS (SELECT * FROM service_changes) SELECT * FROM x", &["service_changes"]),
        ] {
            let found: Vec<_> = views_of(sql).iter().map(|view| view.name).collect();
            assert_eq!(found, views, "{sql}");
        }
        // No view is over another one.
        for view in &VIEWS {
            let sql = view.query(Dialect::Spark).unwrap();
            assert!(
                VIEWS.iter().all(|other| !sql.contains(&format!("FROM {}", other.name))),
                "{sql}"
            );
        }
    }
}
