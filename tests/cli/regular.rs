//! Conversions that are repeated: what is listed, what is found, how a run that follows a trail ends.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

use serde_json::Value;

use crate::sandbox::Sandbox;

/// Delivers a log file with one record.
fn deliver(sandbox: &Sandbox, region: &str, day: u32, file: &str) {
    let folder = format!("trail/AWSLogs/111122223333/CloudTrail/{region}/2026/04/{day:02}");
    let name = format!("111122223333_CloudTrail_{region}_202604{day:02}T0220Z_{file}.json");
    let record = format!(
        r#"{{"eventID":"{file}","eventTime":"2026-04-{day:02}T02:18:03Z","eventSource":"ecs.amazonaws.com",
            "eventName":"RunTask","awsRegion":"{region}","recipientAccountId":"111122223333"}}"#
    );
    sandbox.write(&format!("{folder}/{name}"), format!(r#"{{"Records":[{record}]}}"#));
}

fn convert(sandbox: &Sandbox, options: &[&str]) -> Value {
    let words = ["convert", "trail", "--to", "dataset", "--format", "json"];
    let answer = sandbox.run(&[&words[..], options].concat());
    assert_eq!(answer.code, Some(0), "{answer}");
    serde_json::from_str(&answer.stdout.replace("[time]", "0")).unwrap()
}

fn numbers(summary: &Value) -> [u64; 3] {
    ["listed_files", "files", "rows"].map(|name| summary[name].as_u64().unwrap())
}

#[test]
fn only_what_may_be_new_is_listed() {
    let sandbox = Sandbox::new();
    for day in 1..=9 {
        deliver(&sandbox, "us-east-1", day, &format!("a{day}"));
    }
    deliver(&sandbox, "eu-west-1", 2, "b2");
    let since = ["--since-last"];
    assert_eq!(numbers(&convert(&sandbox, &since)), [10, 10, 10]);
    deliver(&sandbox, "us-east-1", 9, "a10");
    deliver(&sandbox, "us-east-1", 8, "late");
    deliver(&sandbox, "eu-west-1", 9, "b9");
    deliver(&sandbox, "ap-south-1", 1, "new");
    // Two days of a region, all of the one that was silent, all of the new one.
    assert_eq!(numbers(&convert(&sandbox, &since)), [4 + 2 + 1, 4, 4]);
    assert_eq!(numbers(&convert(&sandbox, &since)), [4 + 1 + 1, 0, 0]);
    // Later than --late-days: only a full listing finds it.
    deliver(&sandbox, "us-east-1", 5, "too-late");
    assert_eq!(numbers(&convert(&sandbox, &since)), [4 + 1 + 1, 0, 0]);
    assert_eq!(numbers(&convert(&sandbox, &["--since-last", "--late-days", "4"]))[1], 1);
    // Another selection, and what a repair forgets, are read from the beginning.
    let all = ["--since-last", "--event-source", "all"];
    assert_eq!(numbers(&convert(&sandbox, &all))[0], 15);
    let data_files = sandbox.path("dataset/events/date=2026-04-01/region=us-east-1");
    let data_file = fs::read_dir(data_files).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(data_file).unwrap();
    assert_eq!(sandbox.run(&["repair", "-d", "dataset"]).code, Some(0));
    assert_eq!(numbers(&convert(&sandbox, &since)), [15, 10, 1]);
    let plan = sandbox.run(&["convert", "trail", "--to", "dataset", "--since-last", "--dry-run"]);
    assert_eq!(plan.code, Some(0), "{plan}");
}

#[test]
fn days_between_that_were_not_read_are_listed() {
    let sandbox = Sandbox::new();
    for day in 1..=9 {
        deliver(&sandbox, "us-east-1", day, &format!("a{day}"));
    }
    assert_eq!(numbers(&convert(&sandbox, &["--until", "2026-04-02", "--late-days", "4"]))[2], 2);
    assert_eq!(numbers(&convert(&sandbox, &["--from", "2026-04-08"]))[2], 2);
    // Days 3 to 7 were never kept.
    assert_eq!(numbers(&convert(&sandbox, &["--since-last"]))[2], 5);
}

#[test]
fn a_part_of_a_trail_is_not_taken_for_the_whole() {
    let last_day = "trail/AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/09";
    let last_file = format!("{last_day}/111122223333_CloudTrail_us-east-1_20260409T0220Z_a9.json");
    for part in [
        &["convert", last_day][..],
        &["convert", &last_file],
        &["convert", "trail/**/*0409T*"],
        &["convert", "trail", "--from", "2026-04-09"],
    ] {
        let sandbox = Sandbox::new();
        for day in 1..=9 {
            deliver(&sandbox, "us-east-1", day, &format!("a{day}"));
        }
        let answer = sandbox.run(&[part, &["--to", "dataset"]].concat());
        assert_eq!(answer.code, Some(0), "{answer}");
        convert(&sandbox, &["--since-last"]);
        let count = "SELECT count(*) AS count FROM events";
        let rows = sandbox.run(&["query", count, "-d", "dataset", "-f", "csv"]);
        assert_eq!(rows.stdout, "count\r\n9\r\n", "{part:?}: {rows}");
        // Then it is known as a whole.
        assert_eq!(numbers(&convert(&sandbox, &["--since-last"]))[0], 2, "{part:?}");
    }
}

#[test]
fn a_source_that_is_empty_now_is_told() {
    let sandbox = Sandbox::new();
    deliver(&sandbox, "us-east-1", 1, "a");
    convert(&sandbox, &["--since-last"]);
    fs::create_dir(sandbox.path("empty")).unwrap();
    let words = ["convert", "trail", "empty", "--to", "dataset", "--since-last"];
    let answer = sandbox.run(&words);
    assert_eq!(answer.code, Some(3), "{answer}");
    assert!(answer.stderr.contains("no log files in empty"), "{answer}");
    let answer = sandbox.run(&["convert", "-", "--to", "dataset", "--follow", "1s"]);
    assert_eq!(answer.code, Some(2), "{answer}");
}

#[test]
fn data_files_are_merged_once_their_day_is_over() {
    let sandbox = Sandbox::new();
    deliver(&sandbox, "us-east-1", 1, "a");
    let words = ["convert", "trail", "--to", "dataset", "--since-last", "--compact"];
    let answer = sandbox.run(&words);
    assert!(answer.stdout.contains("Nothing to compact."), "{answer}");
    deliver(&sandbox, "us-east-1", 1, "b");
    let answer = sandbox.run(&words);
    assert!(answer.stdout.contains("Merged 2 data files"), "{answer}");
}

#[test]
#[cfg(unix)]
fn a_trail_is_followed_until_the_run_is_asked_to_stop() {
    let sandbox = Sandbox::new();
    deliver(&sandbox, "us-east-1", 1, "a");
    let words = ["convert", "trail", "--to", "dataset", "--follow", "1s"];
    let mut child =
        sandbox.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains("  1 log file, 1 row added in "), "{first}");
    deliver(&sandbox, "us-east-1", 1, "b");
    let found = lines.by_ref().map(Result::unwrap).find(|line| !line.contains("  0 log files"));
    assert!(found.unwrap().contains("  1 log file, 1 row added"));
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // The first conversion has to succeed.
    let answer = sandbox.run(&["convert", "nowhere", "--to", "dataset", "--follow", "1s"]);
    assert_eq!(answer.code, Some(1), "{answer}");
}
