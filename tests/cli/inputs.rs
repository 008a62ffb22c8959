//! What `ecstrail convert` can be given, and what it says where it finds nothing or something odd.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    os::unix::{ffi::OsStrExt, fs::symlink},
    process::{Command, Stdio},
};

use insta::assert_snapshot;

use crate::sandbox::{Answer, Sandbox, samples};

pub(crate) fn record(id: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventID":"{id}","recipientAccountId":"111122223333"}}"#
    )
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Returns rows, listed and read files of a conversion.
pub(crate) fn counts(answer: &Answer) -> [u64; 3] {
    let summary: serde_json::Value = serde_json::from_str(&answer.stdout.replace("[time]", "0"))
        .unwrap_or_else(|error| panic!("{error}: {answer}"));
    ["rows", "listed_files", "files"].map(|name| summary[name].as_u64().unwrap())
}

#[test]
fn standard_input() {
    let sandbox = Sandbox::new();
    let pipe = |bytes: &[u8]| {
        let mut command = sandbox.command(&["convert", "-", "--to", "dataset", "--format", "json"]);
        let mut program = command.stdin(Stdio::piped()).spawn().unwrap();
        program.stdin.take().unwrap().write_all(bytes).unwrap();
        let output = program.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    for (bytes, rows) in
        [(record("a").into_bytes(), 1), (gzip(&record("b")), 1), (gzip(&record("a")), 0)]
    {
        let (code, stdout) = pipe(&bytes);
        assert_eq!(code, Some(0));
        assert!(stdout.starts_with(&format!(r#"{{"records":1,"rows":{rows},"#)), "{stdout}");
    }
    let files = || fs::read_dir(sandbox.path("")).unwrap().count();
    let before = files();
    for nothing in ["", "\n"] {
        let mut command = sandbox.command(&["convert", "-", "--to", "nothing"]);
        let mut program = command.stdin(Stdio::piped()).spawn().unwrap();
        program.stdin.take().unwrap().write_all(nothing.as_bytes()).unwrap();
        let output = program.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.starts_with("ecstrail: standard input is empty"), "{stderr}");
    }
    assert_eq!(files(), before);
    let sql = "SELECT DISTINCT source_file FROM events";
    let files = sandbox.run(&["query", sql, "-d", "dataset", "-f", "jsonl"]);
    assert_eq!(files.stdout, "{\"source_file\":\"stdin\"}\n");
}

#[test]
fn globs() {
    let sandbox = Sandbox::new();
    for name in ["a.json", "b/a.json", "b/c/a.json", "b/c/d.log", "[x].json"] {
        sandbox.write(&format!("trail/{name}"), record(name));
    }
    for (pattern, files) in [
        ("trail/*.json", 2),
        ("trail/**/*.json", 4),
        ("trail/b/**", 3),
        ("trail/**/{a,d}.{json,log}", 4),
        ("trail/[x].json", 1),
    ] {
        let dataset = format!("dataset-{files}-{}", pattern.len());
        let answer = sandbox.run(&["convert", pattern, "--to", &dataset, "--format", "json"]);
        assert_eq!(counts(&answer), [files; 3], "{pattern}: {answer}");
    }
    let nothing = sandbox.run(&["convert", "trail/**/*.zip", "--to", "nothing"]);
    assert_snapshot!("glob_without_match", nothing);
    assert!(!sandbox.path("nothing").exists());
    assert_eq!(sandbox.run(&["convert", "trail/[", "--to", "nothing"]).code, Some(2));
}

#[test]
fn a_folder_with_all_sorts_of_entries() {
    let sandbox = Sandbox::new();
    sandbox.write("trail/event_history (1).json", record("a"));
    sandbox.write("trail/b%2fc#d.json", record("b"));
    sandbox.write("trail/sub/marker", "");
    sandbox.write("trail/picture.png", "x");
    sandbox.write("elsewhere/c.json", record("c"));
    let path = |name: &[u8]| sandbox.path("trail").join(OsStr::from_bytes(name));
    fs::write(path(b"not-\xff-utf-8.json"), record("d")).unwrap();
    fs::write(path(b"new\nline.json"), record("e")).unwrap();
    symlink("../trail", path(b"loop")).unwrap();
    symlink("../elsewhere", path(b"link")).unwrap();
    symlink("nowhere", path(b"broken.json")).unwrap();
    assert!(Command::new("mkfifo").arg(path(b"fifo.json")).status().unwrap().success());
    let answer = sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert_snapshot!("odd_entries", answer);
    let follow = ["convert", "trail", "--to", "dataset", "--follow-links"];
    assert_snapshot!("odd_entries_with_links", sandbox.run(&follow));
}

#[test]
fn what_there_is_instead_of_what_was_looked_for() {
    let sandbox = Sandbox::new();
    let trail = format!("{}/AWSLogs", samples());
    for (name, selection) in [
        ("other_account", &["--account", "999999999999"][..]),
        ("other_region", &["--region", "ap-south-1"]),
        ("other_days", &["--from", "2020-01-01", "--until", "2020-01-31"]),
    ] {
        let answer = sandbox.run(&[&["convert", &trail, "--to", "dataset"], selection].concat());
        assert_snapshot!(name, answer);
    }
    assert!(!sandbox.path("dataset").exists());
}

#[test]
fn other_services_and_other_tools_in_a_bucket() {
    let sandbox = Sandbox::new();
    let account = "bucket/AWSLogs/111122223333";
    let name = "111122223333_CloudTrail_us-east-1_20260427T1005Z_AbCdEfGhIjKlMnOp.json.gz";
    sandbox.write(&format!("{account}/CloudTrail/us-east-1/2026/04/27/{name}"), gzip(&record("a")));
    for (path, content) in [
        ("Config/ConfigWritabilityCheckFile", ""),
        ("Config/us-east-1/2026/4/27/ConfigHistory/x.json.gz", r#"{"configurationItems":[]}"#),
        ("GuardDuty/us-east-1/2026/04/27/x.jsonl.gz", r#"{"schemaVersion":"2.0"}"#),
        ("WAFLogs/us-east-1/acl/2026/04/27/10/00/x.log.gz", r#"{"webaclId":"x"}"#),
        ("elasticloadbalancing/us-east-1/2026/04/27/x.log.gz", "https 2026 app/my-lb"),
        ("vpcflowlogs/us-east-1/2026/04/27/x.log.gz", "version account-id"),
    ] {
        sandbox.write(&format!("{account}/{path}"), gzip(content));
    }
    // Files by day are no dataset of ours for that.
    sandbox.write("bucket/events/date=2026-04-27/part-0001.json.gz", gzip(&record("b")));
    assert_snapshot!("other_services", sandbox.run(&["convert", "bucket", "--to", "dataset"]));
    // Neither with a source within the structure.
    let arguments = ["convert", account, "--to", "dataset", "--dry-run"];
    let answer = sandbox.run(&arguments);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.stdout.contains("6  skipped by name"), "{answer}");
}

#[test]
fn a_dry_run_reads_and_writes_nothing() {
    let sandbox = Sandbox::new();
    let plan = |more: &[&str]| {
        let arguments = ["convert", &samples(), "--to", "dataset", "--dry-run"];
        sandbox.run(&[&arguments, more].concat())
    };
    assert_snapshot!("plan", plan(&[]));
    let days = ["--from", "2026-04-27", "--until", "2026-04-27", "--account", "444455556666"];
    assert_snapshot!("plan_of_a_day", plan(&days));
    assert!(!sandbox.path("dataset").exists());
    sandbox.run(&["convert", &samples(), "--to", "dataset"]);
    assert_snapshot!("plan_of_nothing", plan(&["--format", "json"]));
}

#[test]
fn selections_that_are_pruned_keep_the_rows_of_those_that_are_not() {
    let sandbox = Sandbox::new();
    // A copy without the folders of a trail is listed as a whole.
    fs::create_dir(sandbox.path("flat")).unwrap();
    let mut folders = vec![std::path::PathBuf::from(samples()).join("AWSLogs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                fs::copy(entry.path(), sandbox.path("flat").join(entry.file_name())).unwrap();
            }
        }
    }
    let trail = format!("{}/AWSLogs", samples());
    for (number, selection) in [
        &["--from", "2026-04-27", "--until", "2026-04-27"][..],
        &["--region", "eu-west-1"],
        &["--account", "444455556666", "--from", "2026-04-28"],
        &["--account", "111122223333", "--region", "us-east-1", "--until", "2026-04-26"],
    ]
    .into_iter()
    .enumerate()
    {
        let convert = |source: &str| {
            let dataset = format!("{}-{number}", source.rsplit('/').next().unwrap());
            let arguments = ["convert", source, "--to", &dataset, "--format", "json"];
            counts(&sandbox.run(&[&arguments, selection].concat()))
        };
        let (pruned, flat) = (convert(&trail), convert("flat"));
        assert!(pruned[0] > 0 && pruned[1] < flat[1], "{pruned:?} {flat:?}");
        assert_eq!([pruned[0], pruned[2]], [flat[0], flat[2]], "{selection:?}");
    }
}

#[test]
fn damaged_files_are_salvaged_if_that_is_asked_for() {
    let sandbox = Sandbox::new();
    let records: Vec<String> = (0..50).map(|number| record(&format!("e-{number}"))).collect();
    let mut stored = gzip(&records.join("\n"));
    let checksum = stored.len() - 6;
    stored[checksum] ^= 1;
    sandbox.write("trail/a.json.gz", stored);
    sandbox.write("trail/b.json.gz", [gzip(&record("b-1")), gzip(&record("b-2"))].concat());
    sandbox.write("trail/c.json.gz", [gzip(&record("c-1")), b"behind".to_vec()].concat());
    let convert =
        |more: &[&str]| sandbox.run(&[&["convert", "trail", "--to", "dataset"], more].concat());
    assert_snapshot!("suspicious_files", convert(&[]));
    let salvaged = convert(&["--salvage"]);
    assert_snapshot!("salvaged_files", salvaged);
    let again = convert(&["--salvage", "--format", "json"]);
    assert_eq!((counts(&again), again.code), ([0, 3, 0], Some(0)), "{again}");
}

#[test]
fn what_a_limit_refused_is_read_once_it_is_raised() {
    let sandbox = Sandbox::new();
    let large = record("a").replace("RunTask", &"R".repeat(2 << 20));
    sandbox.write("trail/a.json", format!("{large}\n{}", record("b")));
    let convert = |more: &[&str]| {
        let arguments = ["convert", "trail", "--to", "dataset", "--format", "json"];
        let answer = sandbox.run(&[&arguments, more].concat());
        (counts(&answer), answer.code)
    };
    assert_eq!(convert(&["--max-record-size", "1MiB"]), ([1, 1, 1], Some(3)));
    assert_eq!(convert(&[]), ([0, 1, 0], Some(0)));
    assert_eq!(convert(&["--reread"]), ([1, 1, 1], Some(0)));
}

#[test]
fn too_many_rejects_stop_a_run() {
    let sandbox = Sandbox::new();
    sandbox.write("trail/a.json", format!("[{},1,2,{}]", record("a"), record("b")));
    let convert =
        |share: &str| sandbox.run(&["convert", "trail", "--to", "dataset", "--max-rejects", share]);
    assert_snapshot!("too_many_rejects", convert("49%"));
    assert_eq!(convert("half").code, Some(2));
    assert_eq!(convert("0.5").code, Some(3));
}
