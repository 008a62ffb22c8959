//! `--engine athena:WORKGROUP`: what is asked of Athena, and what its answers become.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

mod endings;
mod failures;
mod opened;
mod server;

use server::{Server, page, state};

const QUERY: [&str; 4] =
    ["query", "SELECT region, count(*) AS n FROM events GROUP BY 1", "-f", "jsonl"];
const COLUMNS: [(&str, &str); 2] = [("region", "varchar"), ("n", "bigint")];

fn row(cells: &[&str]) -> Vec<Option<String>> {
    cells.iter().map(|cell| Some((*cell).to_owned())).collect()
}

fn header(columns: &[(&str, &str)]) -> Vec<Option<String>> {
    columns.iter().map(|(name, _)| Some((*name).to_owned())).collect()
}

/// A value of a report as Athena writes it.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => match text.strip_suffix('Z').and_then(|text| text.split_once('T')) {
            Some((day, time)) if day.len() == 10 => Some(format!("{day} {time}.000")),
            _ => Some(text.clone()),
        },
        other => Some(other.to_string()),
    }
}

/// A report's answer as Athena gives it, some rows a page.
fn pages(sandbox: &Sandbox, report: &[&str]) -> (String, Vec<server::Reply>) {
    let local = |format| {
        let arguments = [&["report"], report, &["-d", "dataset", "-f", format]].concat();
        let answer = sandbox.run(&arguments);
        assert_eq!(answer.code, Some(0), "{answer}");
        answer.stdout
    };
    let (expected, csv) = (local("json"), local("csv"));
    let names: Vec<_> = csv.lines().next().unwrap().split(',').collect();
    let columns: Vec<_> = names.iter().map(|name| (*name, "varchar")).collect();
    let rows: Vec<Value> = serde_json::from_str(&expected).unwrap();
    let rows = rows.iter().map(|row| names.iter().map(|name| written(&row[name])).collect());
    let rows: Vec<Vec<_>> = [header(&columns)].into_iter().chain(rows).collect();
    let parts: Vec<_> = rows.chunks(2).collect();
    assert!(parts.len() > 1, "{} rows", rows.len());
    let next = |number: usize| (number + 1 < parts.len()).then(|| format!("page {}", number + 1));
    let pages = parts.iter().enumerate();
    let pages = pages.map(|(number, part)| page(&columns, part, next(number).as_deref())).collect();
    (expected, pages)
}

#[test]
fn reports_have_the_rows_that_they_have_here() {
    let sandbox = Sandbox::with_samples();
    let server = Server::new();
    for report in [&["actors"][..], &["container-exits"], &["timeline", "--from", "2026-01-01"]] {
        let (expected, pages) = pages(&sandbox, report);
        let count = pages.len();
        server.replies("GetQueryResults", pages);
        let before = server.asked("GetQueryResults").len();
        server.replies(
            "GetQueryExecution",
            [state("QUEUED", 0), state("RUNNING", 1 << 30), state("SUCCEEDED", 1_288_490_189)],
        );
        let answer = server.run(&sandbox, &[&["report"], report, &["-f", "json"]].concat());
        assert_eq!((answer.code, &answer.stdout), (Some(0), &expected), "{report:?}: {answer}");
        let cost = "Athena scanned 1.2 GiB, about $0.0059 at the list price of $5 per TiB\n";
        assert!(answer.stderr.ends_with(cost), "{answer}");
        let asked = &server.asked("GetQueryResults")[before..];
        let tokens: Vec<_> = asked.iter().map(|body| body["NextToken"].as_str()).collect();
        let expected: Vec<_> = (1..count).map(|number| format!("page {number}")).collect();
        assert_eq!(tokens[0], None);
        assert_eq!(
            tokens[1..],
            expected.iter().map(|token| Some(token.as_str())).collect::<Vec<_>>()
        );
        assert!(asked.iter().all(|body| body["MaxResults"] == 1000), "{asked:?}");
    }
    let started = server.asked("StartQueryExecution");
    assert_eq!(started.len(), 3);
    for body in &started {
        assert_eq!(body["WorkGroup"], "audit");
        assert_eq!(
            body["QueryExecutionContext"],
            json!({"Catalog": "AwsDataCatalog", "Database": "ecstrail"})
        );
        assert!(body["ClientRequestToken"].as_str().unwrap().len() >= 32, "{body}");
    }
    let text = |number: usize| started[number]["QueryString"].as_str().unwrap();
    assert!(text(1).starts_with("WITH containers AS (SELECT events.*"), "{}", text(1));
    assert!(!text(0).contains("containers AS ("), "{}", text(0));
    assert!(text(2).contains("CAST('2026-01-01' AS DATE)"), "{}", text(2));
    assert!(server.asked("StopQueryExecution").is_empty());
}

#[test]
fn values_have_the_types_that_athena_says() {
    let sandbox = Sandbox::with_samples();
    let server = Server::new();
    let columns = [
        ("text", "varchar"),
        ("small", "tinyint"),
        ("large", "bigint"),
        ("share", "double"),
        ("flag", "boolean"),
        ("day", "date"),
        ("time", "timestamp"),
        ("price", "decimal"),
        ("list", "array"),
        ("TEXT", "varchar"),
    ];
    let rows = [
        header(&columns),
        row(&[
            "",
            "-7",
            "9007199254740993",
            "1.0E-5",
            "true",
            "2026-04-27",
            "2026-04-27 02:18:03.500",
            "12.30",
            "[a, b]",
            "NULL",
        ]),
        vec![None; columns.len()],
        row(&[
            "日本 \"é\"\n🤖",
            "0",
            "0",
            "NaN",
            "false",
            "1969-12-31",
            "2026-04-27 02:18:03.000",
            "-0.05",
            "",
            "x",
        ]),
    ];
    server.replies("GetQueryResults", [page(&columns, &rows, None)]);
    let answer = server.run(&sandbox, &["query", "SELECT $x", "--set", "x=it's", "-f", "jsonl"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    let lines: Vec<_> = answer.stdout.lines().collect();
    assert_eq!(
        lines[0],
        r#"{"text":"","small":-7,"large":9007199254740993,"share":0.00001,"flag":true,"day":"2026-04-27","time":"2026-04-27T02:18:03.500","price":12.30,"list":"[a, b]","TEXT":"NULL"}"#
    );
    assert_eq!(server.asked("StartQueryExecution")[0]["QueryString"], "SELECT 'it''s'");
    let answer = server.run(&sandbox, &["query", "SELECT 1", "-f", "csv"]);
    let csv = answer.stdout.replace("\r\n", "\n");
    assert!(csv.contains("\n,,,,,,,,,\n"), "{answer}");
    // What is no value is no row.
    for (kind, text) in [("bigint", "seven"), ("date", "27.04.2026"), ("boolean", "yes")] {
        let columns = [("n", kind)];
        server
            .replies("GetQueryResults", [page(&columns, &[header(&columns), row(&[text])], None)]);
        let answer = server.run(&sandbox, &["query", "SELECT 1", "-f", "json"]);
        let problem = format!("ecstrail: Athena: column \"n\" of the answer: \"{text}\" is not ");
        assert!(answer.code == Some(1) && answer.stderr.contains(&problem), "{answer}");
    }
    // SHOW has no row of names.
    let columns = [("tab_name", "string")];
    server.replies("GetQueryResults", [page(&columns, &[row(&["events"]), row(&["tags"])], None)]);
    let answer = server.run(&sandbox, &["query", "SHOW TABLES", "-f", "csv"]);
    assert_eq!(answer.stdout.replace("\r\n", "\n"), "tab_name\nevents\ntags\n", "{answer}");
}

#[test]
fn reports_without_rows_say_why_and_tell_one_cost() {
    let sandbox = Sandbox::with_samples();
    let server = Server::new();
    server.replies("GetQueryExecution", [state("SUCCEEDED", 1024)]);
    let answer =
        server.run(&sandbox, &["report", "deployments", "--service", "nothing", "-f", "csv"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    let queries = server.asked("StartQueryExecution").len();
    assert!(queries > 2, "{answer}");
    let cost = format!("Athena scanned {queries}.0 KiB in {queries} queries, charged as ");
    assert_eq!(answer.stderr.matches("Athena scanned").count(), 1, "{answer}");
    assert!(answer.stderr.contains(&cost), "{answer}");
}

#[test]
fn own_sql_reads_and_does_nothing_else() {
    let sandbox = Sandbox::with_samples();
    let server = Server::new();
    let sql = "WITH a AS (SELECT * FROM tasks) SELECT count(*) FROM a, ecstrail.tags;";
    assert_eq!(server.run(&sandbox, &["query", sql]).code, Some(0));
    let asked = server.asked("StartQueryExecution")[0]["QueryString"].as_str().unwrap().to_owned();
    assert!(asked.starts_with("WITH tasks AS (SELECT events.*"), "{asked}");
    assert!(
        asked.ends_with(", a AS (SELECT * FROM tasks) SELECT count(*) FROM a, ecstrail.tags"),
        "{asked}"
    );
    for sql in [
        "DROP TABLE events",
        "EXPLAIN ANALYZE INSERT INTO x SELECT 1",
        "UNLOAD (SELECT 1) TO 's3://x/'",
    ] {
        let answer = server.run(&sandbox, &["query", sql]);
        assert_eq!(answer.code, Some(2), "{answer}");
        assert!(answer.stderr.contains("is not allowed: queries only read"), "{answer}");
    }
    assert_eq!(server.asked("StartQueryExecution").len(), 1);
}
