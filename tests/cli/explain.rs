//! `--explain` and `report --since-last`: what a query read, and what is new since it was asked last.

use std::fs;

use crate::sandbox::Sandbox;

#[test]
fn what_was_read_in_words() {
    let sandbox = Sandbox::with_samples();
    let explained = |sql: &str| {
        let plain = sandbox.run(&["query", sql, "-d", "dataset", "-f", "csv"]);
        let answer = sandbox.run(&["query", sql, "-d", "dataset", "-f", "csv", "--explain"]);
        assert_eq!(answer.stdout, plain.stdout, "{answer}");
        answer.stderr
    };
    for (sql, expected) in [
        ("SELECT count(*) FROM events", &["data files  none of 12 needed\n"][..]),
        ("SELECT actor FROM events WHERE region = 'nowhere'", &["data files  none of 12 needed"]),
        (
            "SELECT actor FROM events WHERE date = '2018-06-20'",
            &[
                "data files  1 of 12 needed, the others ruled out",
                "row groups  1 of 1 read\n",
                "rows        1 from",
            ],
        ),
        (
            "SELECT actor FROM events WHERE event_id = 'nobody'",
            &["data files  12 of 12 needed\n", "row groups  0 of 12 read, ", "by bloom filters\n"],
        ),
        (
            "SELECT a.actor FROM events AS a JOIN events AS b ON a.event_id = b.shared_event_id",
            &["; 2 scans\n", "rows        "],
        ),
    ] {
        let words = explained(sql);
        for part in expected {
            assert!(words.contains(part), "{sql}: {part:?} is not in\n{words}");
        }
        assert!(words.contains(" to plan, ") && words.contains(" to run\n"), "{words}");
    }
    let page = sandbox.run(&["query", "SELECT 1", "-d", "dataset", "-o", "x.html", "--explain"]);
    assert_eq!(page.code, Some(2), "{page}");
}

#[test]
fn only_what_is_new() {
    let sandbox = Sandbox::with_samples();
    let report = |more: &[&str]| {
        let words = ["report", "deployments", "-d", "dataset", "-f", "csv", "--since-last"];
        let answer = sandbox.run(&[&words[..], more].concat());
        let lines: Vec<String> = answer.stdout.lines().skip(1).map(str::to_owned).collect();
        (lines, answer)
    };
    let all = sandbox.run(&["report", "deployments", "-d", "dataset", "-f", "csv"]);
    let all: Vec<&str> = all.stdout.lines().skip(1).collect();
    let (first, answer) = report(&["--limit", "3"]);
    assert_eq!(first, all[..3]);
    assert!(answer.stderr.contains("nothing was shown before: all rows are new"), "{answer}");
    // What a limit left out is new.
    let (second, answer) = report(&[]);
    assert_eq!(second, all[3..]);
    assert!(answer.stderr.contains("3 rows shown before are left out"), "{answer}");
    let (third, answer) = report(&["--fail-if-rows", "1"]);
    assert!(third.is_empty() && answer.code == Some(0), "{answer}");
    assert!(!answer.stderr.contains("no rows"), "{answer}");

    // Other parameters are another question.
    let (other, answer) = report(&["--service", "checkout", "--fail-if-rows", "1"]);
    assert!(!other.is_empty() && answer.code == Some(4), "{answer}");

    // What is converted later is new, and only that.
    let record = fs::read_to_string(sandbox.path("dataset/_ecstrail/dataset.json"));
    assert!(record.unwrap().contains("format_version"));
    let event = r#"{"Records":[{"eventVersion":"1.08","eventTime":"2026-04-28T23:00:00Z",
        "eventSource":"ecs.amazonaws.com","eventName":"UpdateService","awsRegion":"eu-west-1",
        "eventID":"new-one","recipientAccountId":"111122223333","requestParameters":
        {"service":"checkout","cluster":"production","taskDefinition":"checkout:99"}}]}"#;
    sandbox.write("later/new.json", event);
    assert_eq!(sandbox.run(&["convert", "later", "--to", "dataset"]).code, Some(0));
    let (new, answer) = report(&[]);
    assert_eq!(new.len(), 1, "{answer}");
    assert!(new[0].contains("checkout:99"), "{answer}");

    // A file that is something else is not taken for "nothing was shown".
    let folder = sandbox.path(".local/state/ecstrail/shown");
    for file in fs::read_dir(&folder).unwrap() {
        fs::write(file.unwrap().path(), "x").unwrap();
    }
    let (_, answer) = report(&[]);
    assert!(answer.code == Some(1) && answer.stderr.contains("delete it"), "{answer}");
}
