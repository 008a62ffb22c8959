//! `ecstrail verify` and `repair`: what they say of a dataset that is whole, and of one that is not.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::{
    process::stride,
    sandbox::{Sandbox, samples},
};

/// The data files of the first commit, as the log names them.
fn added(sandbox: &Sandbox) -> Vec<String> {
    let log = sandbox.path("dataset/_ecstrail/log/00000000000000000000.json");
    let entry: Value = serde_json::from_slice(&fs::read(log).unwrap()).unwrap();
    let adds = entry["adds"].as_array().unwrap();
    adds.iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_whole_dataset() {
    let sandbox = Sandbox::with_samples();
    for words in [&["verify", "-d", "dataset"][..], &["verify", "-d", "dataset", "--records"]] {
        let answer = sandbox.run(words);
        assert_eq!(answer.code, Some(0), "{answer}");
        assert_snapshot!(format!("verify_{}", words.len()), answer);
    }
}

#[test]
fn a_damaged_dataset() {
    let sandbox = Sandbox::with_samples();
    let query = sandbox.run(&["query", "SELECT count(*) FROM events", "-d", "dataset"]);
    assert_eq!(query.code, Some(0), "{query}");
    let adds = added(&sandbox);
    let path = |number: usize| sandbox.path(&format!("dataset/{}", adds[number]));
    fs::remove_file(path(0)).unwrap();
    let mut bytes = fs::read(path(1)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path(1), bytes).unwrap();
    fs::write(path(2), "").unwrap();
    let stray = path(3).with_file_name("stray.parquet");
    fs::copy(path(3), stray).unwrap();
    let answer = sandbox.run(&["verify", "-d", "dataset", "--format", "json"]);
    assert_eq!(answer.code, Some(4), "{answer}");
    let summary: Value = serde_json::from_str(&answer.stdout).unwrap();
    let findings = summary["findings"].as_array().unwrap();
    let kinds: Vec<_> = findings.iter().map(|finding| finding["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["missing", "changed", "changed", "foreign"], "{answer}");
    assert_eq!(findings[0]["path"], *adds[0]);
    let answer = sandbox.run(&["verify", "-d", "dataset"]);
    assert_eq!(answer.code, Some(4), "{answer}");
    assert_eq!(answer.stdout.lines().last(), Some("4 problems found."), "{answer}");
    let named = format!("{} is missing: the log names it", adds[0]);
    assert!(answer.stdout.contains(&named), "{answer}");
    // What is repaired comes back; the stray file is somebody else's.
    let planned = sandbox.run(&["repair", "-d", "dataset", "--dry-run"]);
    assert_eq!(planned.code, Some(4), "{planned}");
    assert!(planned.stdout.contains("Would take 3 data files with"), "{planned}");
    assert!(planned.stdout.ends_with("Nothing was changed.\n"), "{planned}");
    let repaired = sandbox.run(&["repair", "-d", "dataset", "--format", "json"]);
    assert_eq!(repaired.code, Some(4), "{repaired}");
    let summary: Value = serde_json::from_str(&repaired.stdout).unwrap();
    assert_eq!((summary["files"].as_array().unwrap().len(), &summary["commit"]), (3, &1.into()));
    fs::remove_file(path(3).with_file_name("stray.parquet")).unwrap();
    let verified = sandbox.run(&["verify", "-d", "dataset"]);
    assert_eq!(verified.code, Some(0), "{verified}");
    let again = sandbox.run(&["convert", &samples(), "--to", "dataset"]);
    assert_eq!(again.code, Some(3), "{again}");
    let count = "SELECT count(*) AS count FROM events";
    let rows = sandbox.run(&["query", count, "-d", "dataset", "-f", "csv"]);
    assert_eq!(rows.stdout, "count\r\n429\r\n", "{rows}");
    let nothing = sandbox.run(&["repair", "-d", "dataset"]);
    assert_eq!((nothing.code, &*nothing.stdout), (Some(0), "No data file is lost or damaged.\n"));
}

/// A query of a data file in which one bit is another gives an error or the same answer.
#[test]
fn no_bit_of_a_data_file_changes_an_answer_unseen() {
    let sandbox = Sandbox::with_samples();
    let sql = "SELECT * FROM events ORDER BY event_time, event_id, record_hash";
    let ask = || sandbox.run(&["query", sql, "-d", "dataset", "-f", "jsonl"]);
    let before = ask();
    assert_eq!((before.code, before.stdout.lines().count()), (Some(0), 429), "{before}");
    let paths = added(&sandbox).into_iter().map(|path| sandbox.path(&format!("dataset/{path}")));
    let path = paths.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let bytes = fs::read(&path).unwrap();
    let mut refused = 0;
    let places = (0..42).step_by(stride(1));
    let tried = places.len();
    for number in places {
        let mut damaged = bytes.clone();
        damaged[bytes.len() * number / 42 + 4] ^= 1 << (number % 8);
        fs::write(&path, damaged).unwrap();
        let after = ask();
        refused += usize::from(after.code == Some(1));
        assert!(after.code == Some(1) || after.stdout == before.stdout, "place {number}: {after}");
    }
    // Headers of pages and indexes that a reader of whole files does not need are the rest.
    assert!(refused * 2 > tried, "{refused} of {tried} were refused");
}
