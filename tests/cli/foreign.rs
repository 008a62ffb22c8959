//! What somebody else wrote (records, log entries, reports, names of files) on a terminal, and files of
//! theirs that are not files.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use serde_json::Value;

use crate::{
    clock,
    hostile::seal::sha256,
    process::acts_on_terminals,
    sandbox::{Answer, Sandbox},
};

/// C0, C1, DEL, a line separator, and what changes direction.
const HARM: &str = "\u{1b}[31m\u{9b}31m\u{85}\u{7f}\u{2028}\u{202e}\u{2066}\u{200f}\u{61c}";

fn record(account: &str, source: &str) -> String {
    serde_json::json!({
        "eventVersion": "1.08", "eventTime": "2026-04-27T02:18:03Z", "eventSource": source,
        "eventName": "RunTask", "awsRegion": "us-east-1", "eventID": account,
        "recipientAccountId": account,
    })
    .to_string()
}

fn assert_harmless(answer: &Answer) {
    let mut written = answer.stdout.chars().chain(answer.stderr.chars());
    assert_eq!(written.find(|one| acts_on_terminals(*one)), None, "{answer}");
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn records_and_log_entries_forge_no_line() {
    let sandbox = Sandbox::new();
    let forged = format!("111122223333\n     9,999  rows in the dataset\n{HARM}");
    sandbox.write("trail/a.json", record(&forged, "ecs.amazonaws.com"));
    sandbox.write("other/b.json", record("1", &format!("x\nRead 7 log files\n{HARM}")));
    for (source, code) in [("trail", 0), ("other", 0)] {
        let answer = sandbox.run(&["convert", source, "--to", "dataset"]);
        assert_eq!(answer.code, Some(code), "{answer}");
        assert_harmless(&answer);
        assert!(!answer.stdout.contains("\nRead 7"), "{answer}");
    }
    // The last entry, so that no other one has its hash: only its marker.
    let log = sandbox.path("dataset/_ecstrail/log/00000000000000000001.json");
    let mut entry: Value = serde_json::from_slice(&fs::read(&log).unwrap()).unwrap();
    entry["selection"] = format!("all\n     9,999  rows in the dataset\n{HARM}").into();
    entry["committed_at"] = format!("now\n     9,999  rows in the dataset{HARM}").into();
    fs::write(&log, entry.to_string()).unwrap();
    let marker = sandbox.path("dataset/_ecstrail/done/00000000000000000001");
    fs::write(marker, sha256(entry.to_string().as_bytes())).unwrap();
    let answer = sandbox.run(&["status", "-d", "dataset", "--days"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert_harmless(&answer);
    assert!(
        !answer.stdout.lines().any(|line| line.trim() == "9,999  rows in the dataset"),
        "{answer}"
    );
    let answer = sandbox.run(&["status", "-d", "dataset", "-f", "json"]);
    assert_harmless(&answer);
    let status: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(status["coverage"][0]["account"], forged.as_str());
    assert_eq!(answer.stdout.lines().count(), 1);
}

#[test]
fn names_of_files_are_escaped() {
    let sandbox = Sandbox::new();
    let name = format!("a\n{HARM}.txt");
    sandbox.write("trail/a.json", record("111122223333", "ecs.amazonaws.com"));
    sandbox.write(&format!("trail/b\n{HARM}.json"), "{");
    let answer = sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert_harmless(&answer);
    sandbox.write(&format!("dataset/events/{name}"), "x");
    sandbox.write("dataset/events/b\u{9b}31m\u{202e}.txt", "x");
    for format in ["text", "json"] {
        let answer = sandbox.run(&["vacuum", "-d", "dataset", "--dry-run", "--format", format]);
        assert_eq!(answer.code, Some(0), "{answer}");
        assert_harmless(&answer);
        if format == "json" {
            let summary: Value = serde_json::from_str(&answer.stdout).unwrap();
            let foreign = &summary["foreign_files"];
            assert!(foreign[0].as_str().unwrap().starts_with("events/a%0A%1B"), "{answer}");
            assert_eq!(foreign[1], "events/b\u{9b}31m\u{202e}.txt");
        }
    }
    let answer = sandbox.run(&["status", "-d", &format!("no\nsuch{HARM}")]);
    assert_eq!(answer.code, Some(1), "{answer}");
    assert_harmless(&answer);
    let lines: Vec<_> = answer.stderr.lines().collect();
    assert!(lines[1..].iter().all(|line| line.starts_with("  ")), "{answer}");
}

#[test]
fn reports_of_a_foreign_folder_are_escaped() {
    let sandbox = Sandbox::new();
    let text = format!(
        "-- title: t{HARM}\n-- group: g{HARM}\n-- description: d{HARM}\n-- reference: r{HARM}\n-- param x text default 'v{HARM}': p{HARM}\nSELECT $x -- {HARM}\n"
    )
    .replace('\u{85}', "");
    sandbox.write("queries/mine.sql", &text);
    sandbox.write("queries/two\n  lines.sql", &text);
    for words in [
        &["report", "--queries", "queries"][..],
        &["report", "--queries", "queries", "--list", "-f", "markdown"],
        &["report", "--queries", "queries", "--list", "-f", "json"],
        &["report", "--queries", "queries", "mine", "--help"],
        &["report", "--queries", "queries", "two\n  lines", "--help"],
        &["describe", "reports", "--queries", "queries"],
        &["describe", "reports", "--queries", "queries", "-f", "json"],
    ] {
        let answer = sandbox.run(words);
        assert_eq!(answer.code, Some(0), "{answer}");
        assert_harmless(&answer);
        assert!(!answer.stdout.lines().any(|line| line.starts_with("  lines")), "{answer}");
        if words.ends_with(&["json"]) {
            let reports: Vec<Value> = serde_json::from_str(&answer.stdout).unwrap();
            let mine = reports.iter().find(|report| report["name"] == "mine").unwrap();
            assert!(mine["title"].as_str().unwrap().contains('\u{202e}'));
        }
    }
    let answer = sandbox.run(&["report", "mine", "--queries", "queries", "--nothing\u{1b}[31m"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert_harmless(&answer);
}

#[test]
fn pipes_and_devices_are_not_waited_for() {
    let sandbox = Sandbox::new();
    sandbox.write("trail/a.json", record("111122223333", "ecs.amazonaws.com"));
    assert_eq!(sandbox.run(&["convert", "trail", "--to", "dataset"]).code, Some(0));
    fifo(&sandbox.path("pipe"));
    symlink("/dev/zero", sandbox.path("zero")).unwrap();
    for (folder, target) in [("pipes", "../pipe"), ("zeros", "../zero")] {
        fs::create_dir(sandbox.path(folder)).unwrap();
        symlink(target, sandbox.path(&format!("{folder}/mine.sql"))).unwrap();
    }
    for words in [
        &["query", "--file", "pipe", "-d", "dataset"][..],
        &["query", "--file", "zero", "-d", "dataset"],
        &["report", "--queries", "pipes", "mine", "-d", "dataset"],
        &["describe", "reports", "--queries", "zeros"],
        &["convert", "pipe", "--to", "other"],
        &["convert", "/dev/zero", "--to", "other"],
        &["status", "-d", "pipe"],
    ] {
        let answer = sandbox.run(words);
        assert_eq!(answer.code, Some(1), "{answer}");
        let is_named = ["pipe", "zero", "mine.sql"].iter().any(|name| answer.stderr.contains(name));
        assert!(is_named && answer.stdout.is_empty(), "{answer}");
    }
    assert!(!sandbox.path("other").exists());
    for name in ["_ecstrail/dataset.json", "_ecstrail/log/00000000000000000000.json"] {
        let path = sandbox.path("dataset").join(name);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fifo(&path);
        for words in [&["status"][..], &["recover"], &["vacuum", "--dry-run"], &["compact"]] {
            let answer = sandbox.run(&[words, &["-d", "dataset"]].concat());
            assert_eq!(answer.code, Some(1), "{answer}");
            assert!(answer.stderr.contains("is a pipe, socket or device"), "{answer}");
        }
        fs::remove_file(&path).unwrap();
        fs::write(&path, bytes).unwrap();
    }
    // What a shell has opened is read: `query --file <(…)`.
    let mut command =
        sandbox.command(&["query", "--file", "/dev/stdin", "-d", "dataset", "-f", "csv"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"SELECT 1 AS one").unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"one\r\n1\r\n");
}

#[test]
fn a_clock_before_1970_is_an_error() {
    let at = |before: u64| SystemTime::UNIX_EPOCH - Duration::from_secs(before);
    for (now, shown) in [
        (at(0), None),
        (SystemTime::now(), None),
        (at(1), Some("1969-12-31T23:59:59Z")),
        (at(3_000_000_000), Some("1874-12-07T18:40:00Z")),
    ] {
        let error = clock::check(now).err().map(|error| error.to_string());
        assert_eq!(error.is_some(), shown.is_some(), "{error:?}");
        let (error, shown) = (error.unwrap_or_default(), shown.unwrap_or_default());
        assert!(error.contains(shown), "{error}");
    }
}
