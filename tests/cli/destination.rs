//! Where output goes: never over a file of a dataset, or over one that is read for it.

use std::{fs, os::unix::fs::symlink};

use insta::assert_snapshot;

use crate::{hostile::surroundings::snapshot, sandbox::Sandbox};

const RECORD: &str = r#"{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventID":"e-1","recipientAccountId":"111122223333"}"#;

/// Two datasets, of one of which the data stands elsewhere, a folder of reports, and links.
fn with_datasets() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("trail/a.json", RECORD);
    for home in ["home", "other"] {
        let answer = sandbox.run(&["convert", "trail", "--to", home]);
        assert_eq!(answer.code, Some(0), "{answer}");
    }
    fs::rename(sandbox.path("other/events"), sandbox.path("elsewhere")).unwrap();
    symlink("../elsewhere", sandbox.path("other/events")).unwrap();
    sandbox.write("queries/mine.sql", "-- title: mine\nSELECT 1 AS one\n");
    sandbox.write("mine.sql", "SELECT 1 AS one");
    symlink("home/_ecstrail/dataset.json", sandbox.path("link")).unwrap();
    symlink("home/events/new.csv", sandbox.path("leads-nowhere")).unwrap();
    symlink("leads-nowhere", sandbox.path("leads-to-that")).unwrap();
    symlink("home/events", sandbox.path("folder")).unwrap();
    symlink("queries/mine.sql", sandbox.path("report")).unwrap();
    sandbox
}

#[test]
fn nothing_is_written_over_what_is_read() {
    let sandbox = with_datasets();
    let before = snapshot(&sandbox.path(""), &[]);
    let query = |home, output| vec!["query", "SELECT 1", "-d", home, "-f", "csv", "-o", output];
    let commands = [
        query("home", "home/events/x.csv"),
        query("home", "home/_ecstrail/dataset.json"),
        query("home", "home/_ecstrail/new/x.csv"),
        query("home", "trail/../home/_ecstrail/lock"),
        query("home", "other/_ecstrail/lock"),
        query("other", "elsewhere/x.csv"),
        query("home", "link"),
        query("home", "leads-nowhere"),
        query("home", "leads-to-that"),
        query("home", "folder/x.csv"),
        vec!["query", "--file", "mine.sql", "-d", "home", "-f", "csv", "-o", "mine.sql"],
        vec![
            "report",
            "mine",
            "--queries",
            "queries",
            "-d",
            "home",
            "-f",
            "csv",
            "-o",
            "queries/mine.sql",
        ],
        vec!["report", "mine", "--queries", "queries", "-d", "home", "-f", "csv", "-o", "report"],
        vec!["report", "deployments", "-d", "home", "-o", "home/events/x.csv"],
        vec!["export", "-d", "home", "--to", "home/events/x"],
        vec!["export", "-d", "home", "--to", "other/_ecstrail/x"],
        vec!["export", "-d", "home", "--to", "folder/x"],
        vec!["demo", "--to", "home/events/demo"],
        vec!["demo", "--to", "folder/demo"],
        vec!["convert", "trail", "--to", "new", "--scratch", "home/_ecstrail/tmp"],
    ];
    let mut answers = String::new();
    for words in commands {
        let answer = sandbox.run(&words);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{words:?}: {answer}");
        answers += &answer.stderr;
    }
    assert_snapshot!("destinations", answers);
    assert_eq!(snapshot(&sandbox.path(""), &[]), before);
}

#[test]
fn what_stands_beside_is_written_to() {
    let sandbox = with_datasets();
    for output in ["home/x.csv", "queries/x.csv", "x.csv", "events.csv", "/dev/null"] {
        let answer = sandbox.run(&["query", "SELECT 1", "-d", "home", "-f", "csv", "-o", output]);
        assert_eq!(answer.code, Some(0), "{output}: {answer}");
    }
    let report = ["report", "mine", "--queries", "queries", "-d", "home", "-o", "queries/y.csv"];
    assert_eq!(sandbox.run(&report).code, Some(0));
}

#[test]
fn a_demo_goes_through_no_link() {
    let sandbox = Sandbox::new();
    sandbox.write("precious", "precious");
    let first = sandbox.run(&["demo", "--to", "demo"]);
    assert_eq!(first.code, Some(0), "{first}");
    let sample = snapshot(&sandbox.path("demo/trail"), &[]).into_keys().find(|path| path.is_file());
    let sample = sample.unwrap();
    fs::remove_file(&sample).unwrap();
    symlink(sandbox.path("precious"), &sample).unwrap();
    let answer = sandbox.run(&["demo", "--to", "demo"]);
    assert_eq!(answer.code, Some(1), "{answer}");
    assert!(answer.stderr.contains("exists and is not a file"), "{answer}");
    assert_eq!(fs::read_to_string(sandbox.path("precious")).unwrap(), "precious");
}
