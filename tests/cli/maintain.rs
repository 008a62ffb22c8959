//! `ecstrail compact` and `ecstrail vacuum`: fewer, larger files; the same rows.

use std::fs;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::sandbox::{Sandbox, samples};

const ALL: &str = "SELECT * FROM events ORDER BY event_time, event_id, record_hash";

/// A dataset of many commits and small files.
fn fragments() -> Sandbox {
    let sandbox = Sandbox::new();
    let convert = ["convert", &samples(), "--to", "dataset", "--commit-every", "64KiB"];
    assert_eq!(sandbox.run(&convert).code, Some(3));
    sandbox
}

#[test]
fn compacting_changes_files_and_no_row() {
    let sandbox = fragments();
    let rows = || sandbox.run(&["query", ALL, "-d", "dataset", "-f", "jsonl"]).stdout;
    let before = rows();
    assert_eq!(before.lines().count(), 429);
    assert_snapshot!("compact_plan", sandbox.run(&["compact", "-d", "dataset", "--dry-run"]));
    assert_snapshot!(
        "compact",
        sandbox.run(&["compact", "-d", "dataset", "--until", "2026-04-27"])
    );
    assert_eq!(rows(), before);
    let rest = sandbox.run(&["compact", "-d", "dataset", "--format", "json"]).stdout;
    let rest: Value = serde_json::from_str(&rest.replace("[time]", "0")).unwrap();
    assert_eq!(rest["dry_run"], json!(false));
    assert!(rest["files_after"].as_u64() < rest["files_before"].as_u64(), "{rest}");
    assert_eq!(rows(), before);
    assert_snapshot!("compact_again", sandbox.run(&["compact", "-d", "dataset"]));
    // What was converted stays known.
    let again = sandbox.run(&["convert", &samples(), "--to", "dataset", "--format", "json"]);
    assert!(again.stdout.contains(r#""rows":0,"#), "{again}");
    assert_snapshot!("compact_nowhere", sandbox.run(&["compact", "-d", "nowhere"]));
}

#[test]
fn vacuum_deletes_what_is_left_over_and_tells_what_is_not_ours() {
    let sandbox = fragments();
    let leftover = "_ecstrail/ledger/00000000-0123456789abcdef.jsonl";
    sandbox.write(&format!("dataset/{leftover}"), "{}");
    sandbox.write("dataset/events/_SUCCESS", "");
    let young = sandbox.run(&["vacuum", "-d", "dataset"]);
    assert_eq!(young.stdout, "Nothing to delete.\n");
    let plan = ["vacuum", "-d", "dataset", "--older-than", "0s", "--dry-run"];
    assert_snapshot!("vacuum_plan", sandbox.run(&plan));
    assert!(sandbox.path("dataset").join(leftover).exists());
    assert_snapshot!("vacuum", sandbox.run(&["vacuum", "-d", "dataset", "--older-than", "0s"]));
    assert!(!sandbox.path("dataset").join(leftover).exists());
    assert!(sandbox.path("dataset/events/_SUCCESS").exists());
    fs::remove_file(sandbox.path("dataset/events/_SUCCESS")).unwrap();
    let json = sandbox.run(&["vacuum", "-d", "dataset", "--older-than", "0s", "--format", "json"]);
    let answer: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        answer,
        json!({"dry_run": false, "files": 0, "bytes": 0, "reasons": {}, "foreign_files": []})
    );
    assert_snapshot!("vacuum_age", sandbox.run(&["vacuum", "-d", "dataset", "--older-than", "1"]));
}
