//! `ecstrail table`: a dataset as a Delta table.

use std::fs;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::sandbox::{Sandbox, samples};

const RECORD: &str = r#"{"eventVersion":"1.08","eventTime":"2026-05-02T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"ListClusters","awsRegion":"us-east-1","eventID":"e-1"}"#;

/// The rows of the Delta table's files, as its commits tell them.
fn rows(sandbox: &Sandbox, home: &str) -> u64 {
    let folder = sandbox.path(home).join("_delta_log");
    let mut commits: Vec<_> = fs::read_dir(folder).unwrap().map(|at| at.unwrap().path()).collect();
    commits.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    commits.sort();
    let text: String = commits.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut files = std::collections::BTreeMap::new();
    for action in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        if let Some(add) = action.get("add") {
            let statistics: Value = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
            files.insert(add["path"].to_string(), statistics["numRecords"].as_u64().unwrap());
            assert!(sandbox.path(home).join(add["path"].as_str().unwrap()).exists());
        }
        if let Some(removed) = action.get("remove") {
            files.remove(&removed["path"].to_string()).unwrap();
        }
    }
    files.values().sum()
}

#[test]
fn a_new_dataset_has_a_delta_log_from_its_first_commit() {
    let sandbox = Sandbox::new();
    let delta = "--table-format=delta";
    let convert = ["convert", &samples(), "--to", "dataset", delta, "--commit-every", "64KiB"];
    assert_eq!(sandbox.run(&convert).code, Some(3));
    assert_eq!(rows(&sandbox, "dataset"), 429);
    assert_eq!(sandbox.run(&convert).code, Some(0), "again");
    assert_snapshot!("table_compact", sandbox.run(&["compact", "-d", "dataset"]));
    assert_eq!(rows(&sandbox, "dataset"), 429);
    let young = sandbox.run(&["vacuum", "-d", "dataset"]);
    assert_eq!(young.stdout, "Nothing to delete.\n");
    assert_snapshot!(
        "table_vacuum",
        sandbox.run(&["vacuum", "-d", "dataset", "--older-than", "0s"])
    );
    let status = sandbox.run(&["status", "-d", "dataset"]).stdout;
    assert!(status.contains("Delta log: since version 0\n"), "{status}");
}

#[test]
fn a_delta_log_is_added_later_and_completed() {
    let sandbox = Sandbox::with_samples();
    assert_snapshot!("table_none", sandbox.run(&["table", "-d", "dataset"]));
    let convert = ["convert", &samples(), "--to", "dataset", "--table-format", "delta"];
    assert_snapshot!("table_not_new", sandbox.run(&convert));
    assert_snapshot!("table_added", sandbox.run(&["table", "--add", "delta", "-d", "dataset"]));
    assert_snapshot!("table", sandbox.run(&["table", "-d", "dataset"]));
    fs::remove_dir_all(sandbox.path("dataset/_delta_log")).unwrap();
    let completed = ["table", "--add", "delta", "-d", "dataset", "--format", "json"];
    let completed: Value = serde_json::from_str(&sandbox.run(&completed).stdout).unwrap();
    let since = completed["delta_since"].clone();
    assert_eq!(completed, json!({"delta_since": since, "added": false, "completed_commits": 1}));
    assert_eq!(rows(&sandbox, "dataset"), 429);
    sandbox.write("dataset/_delta_log/00000000000000000002.json", "{}\n");
    sandbox.write("more.json", RECORD);
    assert_snapshot!("table_foreign", sandbox.run(&["convert", "more.json", "--to", "dataset"]));
}
