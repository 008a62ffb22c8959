//! `ecstrail explain-event`: where a row comes from, and what it went through.

use std::{fs, io::Read};

use flate2::read::MultiGzDecoder;
use insta::assert_snapshot;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::sandbox::{Answer, Sandbox, samples};

/// A deployment in the samples.
const EVENT: &str = "bb599074-dc36-4c8d-b1b6-670a4303883e";

/// Replaces what differs from run to run: nonces, times of commits, and versions of log files.
fn without_accidents(text: &str) -> String {
    let lines = text.lines().map(|line| {
        if let Some((before, _)) = line.split_once(", version ") {
            return format!("{before}, version [version]\n");
        }
        let words: Vec<_> = line.trim_start().splitn(3, "  ").collect();
        if let [commit, _, tool] = *words
            && commit.parse::<u64>().is_ok()
        {
            return format!("  {commit}  [time]  {tool}\n");
        }
        let mut parts = line.split("part-");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |line, part| format!("{line}part-{}[nonce]{}", &part[..9], &part[25..]))
            + "\n"
    });
    lines.collect()
}

/// Replaces the same in JSON, and what depends on how data files are encoded.
fn value_without_accidents(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(value_without_accidents),
        Value::Object(members) => {
            let is_data_file = members.contains_key("path");
            for (name, member) in members {
                let is_accident = matches!(name.as_str(), "committed_at" | "version")
                    || (is_data_file && matches!(name.as_str(), "bytes" | "sha256"));
                if is_accident {
                    assert!(!member.is_null(), "{name}");
                    *member = json!("[accident]");
                }
                value_without_accidents(member);
            }
        }
        Value::String(text) => without_accidents(text).trim_end().clone_into(text),
        _ => {}
    }
}

fn explain(sandbox: &Sandbox, event: &str) -> Answer {
    let answer = sandbox.run(&["explain-event", event, "-d", "dataset"]);
    Answer { stdout: without_accidents(&answer.stdout), ..answer }
}

fn explain_as_json(sandbox: &Sandbox, event: &str) -> Value {
    let answer = sandbox.run(&["explain-event", event, "-d", "dataset", "--format", "json"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    let mut value = serde_json::from_str(&answer.stdout).unwrap();
    value_without_accidents(&mut value);
    value
}

/// A trail of two log files, the second of which has the first's event again.
fn with_two_log_files() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, records) in [("a", &[1, 2][..]), ("b", &[2, 3])] {
        let records: Vec<_> = records.iter().map(|number| record(*number)).collect();
        sandbox.write(&format!("trail/{name}.json"), records.join("\n"));
        let trail = format!("trail/{name}.json");
        assert_eq!(sandbox.run(&["convert", &trail, "--to", "dataset"]).code, Some(0));
    }
    sandbox
}

fn record(number: u32) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:0{number}Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventID":"e-{number}","recipientAccountId":"111122223333"}}"#
    )
}

#[test]
fn an_event_of_the_samples() {
    let sandbox = Sandbox::with_samples();
    assert_snapshot!("sample", explain(&sandbox, EVENT));
    let explained = serde_json::to_string_pretty(&explain_as_json(&sandbox, EVENT)).unwrap();
    assert_snapshot!("sample_json", explained.replace(&samples(), "[samples]"));
    // What CloudTrail's digest files state is the hash of the log file's content.
    let answer = sandbox.run(&["explain-event", EVENT, "-d", "dataset", "--format", "json"]);
    let explained: Value = serde_json::from_str(&answer.stdout).unwrap();
    let reading = &explained["rows"][0]["readings"][0];
    let url = reading["url"].as_str().unwrap().replace("[samples]", &samples());
    let stored = fs::read(url.strip_prefix("file://").unwrap()).unwrap();
    assert_eq!(reading["bytes"], stored.len());
    let mut content = Vec::new();
    MultiGzDecoder::new(&*stored).read_to_end(&mut content).unwrap();
    assert_eq!(reading["sha256"], format!("{:x}", Sha256::digest(&content)));
}

#[test]
fn an_event_that_is_no_row() {
    let sandbox = Sandbox::with_samples();
    assert_snapshot!("unknown", explain(&sandbox, "00000000-0000-0000-0000-000000000000"));
    let unknown = explain_as_json(&sandbox, "x' OR 'a' = 'a");
    assert_eq!(
        unknown,
        json!({"event_id": "x' OR 'a' = 'a", "rows": [], "more_rows": false, "lost_ledgers": [], "rejected": []})
    );
    let nowhere = sandbox.run(&["explain-event", EVENT, "-d", "nowhere"]);
    assert_eq!(nowhere.code, Some(1), "{nowhere}");
}

#[test]
fn an_event_that_was_rejected() {
    let sandbox = Sandbox::new();
    let broken = record(2).replace("\"awsRegion\":", "\"awsRegion\"::");
    sandbox.write("trail/a.json", [record(1), broken].join("\n"));
    assert_eq!(sandbox.run(&["convert", "trail", "--to", "dataset"]).code, Some(3));
    assert_snapshot!("rejected", explain(&sandbox, "e-2"));
}

#[test]
fn an_event_through_compaction_and_repair() {
    let sandbox = with_two_log_files();
    let duplicates = explain_as_json(&sandbox, "e-2");
    assert_eq!(duplicates["rows"].as_array().unwrap().len(), 1);
    assert_eq!(duplicates["rows"][0]["source_file"], "a.json");
    assert_eq!(sandbox.run(&["compact", "-d", "dataset"]).code, Some(0));
    assert_snapshot!("compacted", explain(&sandbox, "e-3"));
    let explained = explain_as_json(&sandbox, "e-3");
    let path = explained["rows"][0]["data_file"]["path"].as_str().unwrap();
    let folder = sandbox.path("dataset").join(path.rsplit_once('/').unwrap().0);
    for file in fs::read_dir(folder).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    assert_eq!(sandbox.run(&["repair", "-d", "dataset"]).code, Some(0));
    assert_eq!(sandbox.run(&["convert", "trail", "--to", "dataset"]).code, Some(0));
    assert_snapshot!("repaired", explain(&sandbox, "e-3"));
}

#[test]
fn with_a_delta_log_old_files_are_read() {
    let sandbox = with_two_log_files();
    assert_eq!(sandbox.run(&["table", "--add", "delta", "-d", "dataset"]).code, Some(0));
    assert_eq!(sandbox.run(&["compact", "-d", "dataset"]).code, Some(0));
    let steps = |sandbox: &Sandbox| {
        let steps = explain_as_json(sandbox, "e-3")["rows"][0]["steps"].take();
        let steps = steps.as_array().unwrap().clone();
        let step = |step: &Value| {
            [&step["action"], &step["certain"], &step["by_log_only"]].map(ToString::to_string)
        };
        steps.iter().map(|one| step(one).join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(steps(&sandbox), [r#""added" true false"#, r#""merged" true false"#]);
    let vacuum = ["vacuum", "-d", "dataset", "--older-than", "0s"];
    assert_eq!(sandbox.run(&vacuum).code, Some(0));
    assert_eq!(steps(&sandbox), [r#""added" true true"#, r#""merged" true false"#]);
}

#[test]
fn an_older_dataset_whose_commits_do_not_say_when() {
    let sandbox = with_two_log_files();
    let log = |version: u64| sandbox.path(&format!("dataset/_ecstrail/log/{version:020}.json"));
    let done = |version: u64| sandbox.path(&format!("dataset/_ecstrail/done/{version:020}"));
    let mut hash = String::new();
    for version in [0, 1] {
        let mut entry: Value = serde_json::from_slice(&fs::read(log(version)).unwrap()).unwrap();
        entry["previous_sha256"] = hash.into();
        for member in ["committed_at", "rejects"] {
            entry.as_object_mut().unwrap().remove(member);
        }
        let text = format!("{entry}\n");
        hash = format!("{:x}", Sha256::digest(&text));
        fs::write(log(version), text).unwrap();
        fs::write(done(version), &hash).unwrap();
    }
    assert_snapshot!("older", explain(&sandbox, "e-3"));
}
