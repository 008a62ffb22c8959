//! Books, pages of one report or query, and charts in the terminal.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::{Answer, Sandbox};

fn book(sandbox: &Sandbox, words: &[&str]) -> Answer {
    sandbox.run(&[&["book", "-d", "dataset"], words].concat())
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.stdout).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

#[test]
fn every_set_has_reports_that_can_be_asked() {
    let sandbox = Sandbox::with_samples();
    assert_snapshot!("book_list", sandbox.run(&["book", "--list"]));
    for set in ["weekly", "security", "deployments", "audit"] {
        let answer = book(&sandbox, &[set, "--from", "2026-04-20", "-f", "json"]);
        assert_eq!(answer.code, Some(0), "{answer}");
        let book = json(&answer);
        let reports = book["reports"].as_array().unwrap();
        assert!(reports.len() > 10, "{set}");
        for report in reports {
            assert_ne!(report["outcome"], "failed", "{report}");
            if report["outcome"] == "rows" {
                let shown = report["rows"].as_array().unwrap().len() as u64;
                assert_eq!(report["rows_found"], shown, "{report}");
            }
        }
    }
}

#[test]
fn rows_of_a_book_are_those_of_its_reports() {
    let sandbox = Sandbox::with_samples();
    let answer = book(
        &sandbox,
        &["placement-failures", "actors", "--region", "eu-west-1", "--limit", "2", "-f", "json"],
    );
    let book = json(&answer);
    for (report, name) in
        book["reports"].as_array().unwrap().iter().zip(["placement-failures", "actors"])
    {
        let words = ["report", name, "-d", "dataset", "--region", "eu-west-1", "-f", "json"];
        let rows: Value = json(&sandbox.run(&words));
        let rows = rows.as_array().unwrap();
        assert_eq!(report["rows_found"], rows.len());
        assert_eq!(report["rows"].as_array().unwrap()[..], rows[..2.min(rows.len())]);
        assert_eq!(report["parameters"]["region"], "eu-west-1");
    }
    assert_eq!(book["scope"], "in eu-west-1");
    assert_eq!(book["findings"]["medium"], book["reports"][0]["rows_found"]);
}

#[test]
fn books_in_files() {
    let sandbox = Sandbox::with_samples();
    for (file, begin, end) in [
        ("week.html", "<!DOCTYPE html>\n<html lang=\"en\">", "</html>\n"),
        ("week.md", "# Weekly report\n", "\n"),
        ("week.json", "{\"title\":\"Weekly report\"", "]}\n"),
    ] {
        let answer = book(&sandbox, &["-o", file]);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), ""), "{answer}");
        let written = fs::read_to_string(sandbox.path(file)).unwrap();
        assert!(written.starts_with(begin) && written.ends_with(end), "{file}");
    }
    let titled = book(&sandbox, &["gaps", "actors", "--title", "<b>Ours</b>"]);
    assert!(titled.stdout.contains("<h1>&lt;b&gt;Ours&lt;/b&gt;</h1>"), "{titled}");
    let inside = book(&sandbox, &["-o", "dataset/events/week.html"]);
    assert_eq!(inside.code, Some(2), "{inside}");
}

#[test]
fn what_is_wrong_with_a_book_is_told() {
    let sandbox = Sandbox::with_samples();
    let mut told = String::new();
    for (words, code) in [
        (&["weekley"][..], 2),
        (&["deployments", "--set", "nonsense=1"], 2),
        (&["gaps", "--service", "checkout"], 2),
        (&["weekly", "--from", "2026-05-01", "--until", "2026-04-01"], 2),
        (&["unapproved-regions"], 2),
        (&["weekly", "-f", "csv"], 2),
        (&["weekly", "-o", "week.pdf"], 2),
        (&["weekly", "--set", "account=", "-f", "json"], 2),
        (&["weekly", "--max-age", "1d"], 1),
        (&["iam-only", "--queries", "own"], 0),
        (&["broken", "--queries", "own"], 1),
        (&["security", "--fail-on", "high"], 4),
        (&["placement-failures", "--fail-on", "high"], 0),
        (&["placement-failures", "--fail-on", "urgent"], 2),
        (&["gaps", "--fail-on", "low"], 2),
        (&["--list", "weekly"], 2),
        (&["--list", "-f", "json"], 2),
    ] {
        sandbox.write(
            "own/iam-only.sql",
            "-- title: Identity\n-- needs: iam.amazonaws.com\nSELECT 1 AS one FROM events",
        );
        sandbox.write("own/broken.sql", "-- title: Broken\nSELECT nothing FROM events");
        let answer = book(&sandbox, words);
        assert_eq!(answer.code, Some(code), "{words:?}: {answer}");
        assert_eq!(
            answer.stdout.is_empty(),
            code == 2 || words.contains(&"--max-age"),
            "{words:?}"
        );
        if !answer.stderr.is_empty() {
            told.extend([&words.join(" "), "\n", &answer.stderr, "\n"]);
        }
    }
    assert_snapshot!("book_told", told);
}

#[test]
fn one_report_or_query_is_a_page() {
    let sandbox = Sandbox::with_samples();
    let report = ["report", "placement-failures", "-d", "dataset"];
    let answer = sandbox
        .run(&[&report[..], &["-o", "page.html", "--fail-if-rows", "1", "--limit", "2"]].concat());
    assert_eq!(answer.code, Some(4), "{answer}");
    assert!(answer.stderr.contains("first 2 of "), "{answer}");
    let page = fs::read_to_string(sandbox.path("page.html")).unwrap();
    assert!(page.contains("<h1>Tasks not placed, and other failures without an error code</h1>"));
    assert!(page.contains("The first 2 of "), "{page}");
    let answer =
        sandbox.run(&["query", "SELECT 'a' || chr(60) AS x", "-d", "dataset", "-f", "html"]);
    assert!(answer.stdout.contains("<td>a&lt;</td>"), "{answer}");
    let raw = sandbox.run(&[&report[..], &["-f", "html", "--csv-raw"]].concat());
    assert_eq!(raw.code, Some(2), "{raw}");
    let unknown = sandbox.run(
        &[&report[..], &["-f", "html", "--cluster", "productoin", "--fail-if-rows", "1"]].concat(),
    );
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(1), ""), "{unknown}");
    assert!(unknown.stderr.contains("did you mean \"production\"?"), "{unknown}");
    let format = sandbox.run(&[&report[..], &["-f", "pdf"]].concat());
    assert!(format.stderr.contains("arrow, or html"), "{format}");
}

#[test]
fn charts_in_the_terminal() {
    let sandbox = Sandbox::with_samples();
    for report in [
        "activity-by-day",
        "activity-by-hour",
        "desired-count-changes",
        "top-errors",
        "deployment-ledger",
    ] {
        let words = ["report", report, "-d", "dataset", "--chart", "--from", "2026-04-20"];
        assert_snapshot!(format!("chart_{report}"), sandbox.run(&words));
    }
    let none = sandbox.run(&["report", "deployments", "-d", "dataset", "--chart"]);
    assert_snapshot!("chart_none", none);
    let empty =
        sandbox.run(&["report", "top-errors", "-d", "dataset", "--chart", "--from", "2026-11-01"]);
    assert!(empty.stdout == "(no rows)\n" && !empty.stderr.is_empty(), "{empty}");
    let both = sandbox.run(&["report", "top-errors", "-d", "dataset", "--chart", "-f", "csv"]);
    assert_eq!(both.code, Some(2), "{both}");
}

#[test]
fn a_book_says_what_its_rows_are_limited_to() {
    let sandbox = Sandbox::with_samples();
    let own = "-- title: Own\n-- param limit integer default 2: Rows\nSELECT event_id FROM events LIMIT $limit";
    sandbox.write("own/own.sql", own);
    let own = book(&sandbox, &["own", "--queries", "own", "-f", "markdown"]);
    assert!(own.stdout.contains("There may be more rows: the report's own parameter"), "{own}");
    let words =
        ["deployments", "--cluster", "production", "--service", "checkout", "-f", "markdown"];
    let scoped = book(&sandbox, &words);
    assert!(scoped.stdout.contains("for cluster production for service checkout"), "{scoped}");
}

/// Sets do not nest, as the config file or whoever calls the library may think.
#[test]
fn a_set_of_sets_is_an_error() {
    let sandbox = Sandbox::with_samples();
    let sets = "[sets]\nouter = [\"gaps\", \"weekly\"]\n";
    sandbox.write(".config/ecstrail/config.toml", sets);
    let answer = book(&sandbox, &["outer"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains("contains \"weekly\", which is a set as well"), "{answer}");
}

/// A set is no report, and a page is not for the shell.
#[test]
fn what_is_a_book_elsewhere_is_told() {
    let sandbox = Sandbox::with_samples();
    for (words, told) in [
        (&["report", "weekly"][..], "weekly is a set of reports: run `ecstrail book weekly`"),
        (&["report", "weekly", "--from", "7d", "-d", "dataset"], "run `ecstrail book weekly`"),
        (&["report", "--list", "--format", "html"], "cannot be written as html: use table"),
        (&["report", "--list", "--explain"], "the report's name is missing"),
        (&["shell", "-d", "dataset", "--format", "html"], "the shell writes no html"),
    ] {
        let answer = sandbox.run(words);
        assert_eq!(answer.code, Some(2), "{words:?} {answer}");
        assert!(answer.stderr.contains(told), "{words:?} {answer}");
    }
    for (line, told) in [
        (".mode html", "the shell writes no html"),
        (".report weekly", "run `ecstrail book weekly`"),
        (".report rollbacks --chart", "--chart is an option of the command line"),
        (".report rollbacks --format csv", "use `.mode FORMAT`"),
    ] {
        sandbox.write("script.sql", line);
        let mut shell = sandbox.command(&["shell", "-d", "dataset"]);
        shell.stdin(fs::File::open(sandbox.path("script.sql")).unwrap());
        let answer = sandbox.answer(&mut shell);
        assert_eq!(answer.code, Some(2), "{line} {answer}");
        assert!(answer.stderr.contains(told), "{line} {answer}");
    }
}
