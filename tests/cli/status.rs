//! `ecstrail status`: what a dataset holds, and what is missing.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::sandbox::{Sandbox, samples};

/// An event of ECS on a day of April 2026.
fn record(day: u32) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2026-04-{day:02}T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"ListClusters","awsRegion":"us-east-1","eventID":"e-{day}","recipientAccountId":"111122223333"}}"#
    )
}

#[test]
fn the_samples() {
    let sandbox = Sandbox::with_samples();
    assert_snapshot!("samples", sandbox.run(&["status", "-d", "dataset"]));
    let answer = sandbox.run(&["status", "-d", "dataset", "--format", "json"]);
    let status: Value = serde_json::from_str(&answer.stdout).unwrap();
    for (member, expected) in [
        ("commits", json!(1)),
        ("unpublished_commits", json!(0)),
        ("unfinished_runs", json!([])),
        ("selections", json!(["event-source=ecs.amazonaws.com"])),
        ("log_files", json!(359)),
        ("log_files_read", json!(359)),
        ("rows_added", json!(429)),
        ("rows_taken_out", json!(0)),
        ("log_files_to_read_again", json!(0)),
        ("records", json!(840)),
        ("filtered", json!(404)),
        ("duplicates", json!(5)),
        ("rejects", json!(2)),
        ("rejects_by_reason", json!({"broken_json": 1, "not_an_object": 1})),
        ("data_files", json!(12)),
        ("rows", json!(429)),
    ] {
        assert_eq!(status[member], expected, "{member}");
    }
    let coverage = status["coverage"].as_array().unwrap();
    let rows: u64 = coverage.iter().map(|covered| covered["rows"].as_u64().unwrap()).sum();
    assert_eq!(rows, 429);
    assert_snapshot!("nothing_there", sandbox.run(&["status", "-d", "nowhere"]));
}

#[test]
fn days_without_events_and_runs_that_were_interrupted() {
    let sandbox = Sandbox::new();
    sandbox.write("trail/a.json", [1, 2, 5, 7].map(record).join("\n"));
    sandbox.run(&["convert", "trail", "--to", "dataset"]);
    sandbox.run(&["convert", &samples(), "--to", "dataset", "--account", "123456789012"]);
    sandbox.write("dataset/_ecstrail/tmp/00000002-0123456789abcdef/000000-0000", "half a file");
    assert_snapshot!("gaps", sandbox.run(&["status", "-d", "dataset", "--days"]));
    let recovered = sandbox.run(&["recover", "-d", "dataset"]);
    assert_eq!(
        recovered.stdout,
        "Published 0 interrupted commits. Rolled back 1 interrupted run.\n"
    );
    let after = sandbox.run(&["status", "-d", "dataset"]);
    assert!(!after.stdout.contains("interrupted"), "{after}");
    let again = sandbox.run(&["recover", "-d", "dataset"]);
    assert_eq!(again.stdout, "Nothing to do: no run was interrupted.\n");
    let json = sandbox.run(&["recover", "-d", "dataset", "--format", "json"]);
    assert_eq!(json.stdout, "{\"published_commits\":0,\"dropped_runs\":0,\"delta_commits\":0}\n");
}

#[test]
fn a_commit_that_was_not_published_is_told_and_finished() {
    let sandbox = Sandbox::with_samples();
    let done = sandbox.path("dataset/_ecstrail/done/00000000000000000000");
    std::fs::remove_file(&done).unwrap();
    let before = sandbox.run(&["status", "-d", "dataset", "--format", "json"]).stdout;
    assert!(before.contains("\"unpublished_commits\":1"), "{before}");
    let recovered = sandbox.run(&["recover", "-d", "dataset", "--format", "json"]).stdout;
    assert_eq!(recovered, "{\"published_commits\":1,\"dropped_runs\":0,\"delta_commits\":0}\n");
    let after = sandbox.run(&["status", "-d", "dataset", "--format", "json"]).stdout;
    assert!(
        after.contains("\"unpublished_commits\":0") && after.contains("\"rows\":429"),
        "{after}"
    );

    sandbox.write("folder/file", "");
    let refused = sandbox.run(&["recover", "-d", "folder"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("folder is not an ecstrail dataset"), "{refused}");
    assert!(!sandbox.path("folder/_ecstrail").exists());
}

/// The members of `status` that count log files and rows.
fn counts(sandbox: &Sandbox) -> [Option<u64>; 6] {
    let answer = sandbox.run(&["status", "-d", "dataset", "--format", "json"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    let status: Value = serde_json::from_str(&answer.stdout).unwrap();
    [
        "log_files",
        "log_files_read",
        "rows",
        "rows_added",
        "rows_taken_out",
        "log_files_to_read_again",
    ]
    .map(|member| status[member].as_u64())
}

#[test]
fn a_log_file_counts_once_however_often_it_was_read() {
    let sandbox = Sandbox::new();
    sandbox.write("trail/a.json", [1, 2].map(record).join("\n"));
    sandbox.write("trail/b.json", record(3));
    sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert_eq!(counts(&sandbox), [2, 2, 3, 3, 0, 0].map(Some));
    sandbox.run(&["convert", "trail", "--to", "dataset", "--reread"]);
    assert_eq!(counts(&sandbox), [2, 4, 3, 3, 0, 0].map(Some));
    sandbox.run(&["convert", "trail", "--to", "dataset", "--event-source", "all"]);
    assert_eq!(counts(&sandbox), [2, 6, 3, 3, 0, 0].map(Some));
    // Another version of a log file is another log file.
    sandbox.write("trail/b.json", [3, 4].map(record).join("\n"));
    sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert_eq!(counts(&sandbox), [3, 7, 4, 4, 0, 0].map(Some));
    assert_snapshot!("read_again", sandbox.run(&["status", "-d", "dataset"]));
}

#[test]
fn rows_that_a_repair_has_taken_out() {
    let sandbox = Sandbox::new();
    sandbox.write("trail/a.json", [1, 2].map(record).join("\n"));
    sandbox.write("trail/b.json", record(3));
    sandbox.run(&["convert", "trail", "--to", "dataset"]);
    let partition = sandbox.path("dataset/events/date=2026-04-01");
    std::fs::remove_dir_all(partition).unwrap();
    assert_eq!(sandbox.run(&["repair", "-d", "dataset"]).code, Some(0));
    assert_eq!(counts(&sandbox), [2, 2, 2, 3, 1, 2].map(Some));
    assert_snapshot!("taken_out", sandbox.run(&["status", "-d", "dataset"]));
    sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert_eq!(counts(&sandbox), [2, 4, 3, 4, 1, 0].map(Some));
    assert_snapshot!("brought_back", sandbox.run(&["status", "-d", "dataset"]));
    // A list of inputs that is lost does not keep anything else from being shown.
    std::fs::remove_dir_all(sandbox.path("dataset/_ecstrail/ledger")).unwrap();
    assert_eq!(counts(&sandbox), [None, Some(4), Some(3), Some(4), None, None]);
}
