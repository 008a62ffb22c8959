//! `ecstrail export`: the original records come back.

use std::{collections::BTreeMap, fs, io::Read, path::Path, process::Stdio};

use flate2::read::GzDecoder;
use insta::assert_snapshot;

use crate::sandbox::{Sandbox, samples};

/// A sandbox whose `dataset` holds every event of the samples.
fn with_everything() -> Sandbox {
    let sandbox = Sandbox::new();
    let convert = ["convert", &samples(), "--to", "dataset", "--event-source", "all"];
    assert_eq!(sandbox.run(&convert).code, Some(3));
    sandbox
}

/// Every file below a folder, by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

#[test]
fn what_is_exported_converts_to_the_same_rows() {
    let sandbox = with_everything();
    let answer = sandbox.run(&["export", "-d", "dataset", "--to", "trail"]);
    assert_snapshot!("folder", answer);
    let exported = files(&sandbox.path("trail"));
    assert_snapshot!(exported.keys().cloned().collect::<Vec<_>>().join("\n"));

    // Not a single row is new to the dataset, and a new dataset has the same.
    let again = ["convert", "trail", "--event-source", "all", "--format", "json", "--to"];
    let counts = |home| {
        let answer = sandbox.run(&[&again[..], &[home]].concat());
        assert_eq!(answer.code, Some(0), "{answer}");
        let summary: serde_json::Value =
            serde_json::from_str(&answer.stdout.replace("[time]", "0")).unwrap();
        ["records", "rows", "duplicates"].map(|name| summary[name].as_u64().unwrap())
    };
    let [records, rows, duplicates] = counts("dataset");
    assert_eq!((rows, duplicates), (0, records));
    assert_eq!(counts("copy"), [records, records, 0]);
    let sql = "SELECT * EXCEPT (source_file, source_record_index, source_byte_offset) FROM events \
               ORDER BY record_hash";
    let rows = |home| sandbox.run(&["query", sql, "-d", home, "-f", "jsonl"]).stdout;
    assert!(rows("dataset") == rows("copy"));

    // The same records give the same files, and a folder in use is left alone.
    assert_snapshot!("not_empty", sandbox.run(&["export", "-d", "dataset", "--to", "trail"]));
    sandbox.run(&["export", "-d", "copy", "--to", "second"]);
    assert!(files(&sandbox.path("second")) == exported);
}

#[test]
fn lines_and_log_files_hold_the_same_records() {
    let sandbox = with_everything();
    let lines = sandbox.run(&["export", "-d", "dataset"]);
    assert_eq!(lines.code, Some(0));
    let mut lines: Vec<_> = lines.stdout.lines().map(str::to_owned).collect();
    sandbox.run(&["export", "-d", "dataset", "--to", "trail"]);
    let mut records = Vec::new();
    for bytes in files(&sandbox.path("trail")).values() {
        let mut text = String::new();
        GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        let inner = text.strip_prefix("{\"Records\":[").unwrap().strip_suffix("]}").unwrap();
        let separate = inner.replace("},{\"event", "}\n{\"event");
        records.extend(separate.lines().map(str::to_owned));
    }
    lines.sort();
    records.sort();
    assert_eq!(lines, records);
}

#[test]
fn a_selection() {
    let sandbox = with_everything();
    let export = |options: &[&str]| {
        let answer = sandbox.run(&[&["export", "-d", "dataset"], options].concat());
        assert_eq!(answer.stdout.lines().count().to_string(), {
            let count = answer.stderr.strip_prefix("Exported ").unwrap();
            count.split(' ').next().unwrap().replace(',', "")
        });
        answer.stdout
    };
    let commands = export(&["--where", "event_name = 'ExecuteCommand'"]);
    assert!(commands.lines().count() > 1);
    assert!(commands.lines().all(|line| line.contains("\"eventName\":\"ExecuteCommand\"")));
    let day = export(&["--from", "2026-04-27", "--until", "2026-04-27", "--region", "eu-west-1"]);
    assert!(day.lines().count() > 1);
    assert!(day.lines().all(|line| line.contains("\"awsRegion\":\"eu-west-1\"")));
    let busiest = "actor IN (SELECT actor FROM events GROUP BY actor ORDER BY count(*) DESC, actor \
                   LIMIT 1) AND error_code IS NULL";
    assert!(export(&["--where", busiest]).lines().count() > 1);
    assert_eq!(export(&["--region", "no-such-region"]), "");
    for (name, options) in [
        ("wrong_condition", ["--where", "event_name ="]),
        ("unknown_column", ["--where", "cluster = 'production'"]),
        ("two_conditions", ["--where", "true) UNION (SELECT 1"]),
        ("wrong_date", ["--from", "2026-4-1"]),
    ] {
        assert_snapshot!(name, sandbox.run(&[&["export", "-d", "dataset"], &options[..]].concat()));
    }
}

#[test]
fn where_an_export_can_go() {
    let sandbox = with_everything();
    fs::create_dir(sandbox.path("folder")).unwrap();
    let beside = sandbox.run(&["export", "-d", "dataset", "--to", "folder/../beside"]);
    assert_eq!(beside.code, Some(0), "{beside}");
    assert!(!files(&sandbox.path("beside")).is_empty());
    let url = format!("file://{}", sandbox.path("dataset").display());
    let by_url = sandbox.run(&["export", "-d", &url, "--to", &format!("{url}/new")]);
    assert!(by_url.stderr.contains("is inside the dataset"), "{by_url}");
    sandbox.write("file", "");
    let before = files(&sandbox.path("dataset"));
    for (name, folder) in
        [("in_a_dataset", "dataset/events/date=2026-04-27/new"), ("over_a_file", "file")]
    {
        assert_snapshot!(name, sandbox.run(&["export", "-d", "dataset", "--to", folder]));
    }
    let over = sandbox.run(&["export", "-d", "dataset", "--to", "."]);
    assert!(over.code == Some(1) && over.stderr.contains("already exists"), "{over}");
    assert!(files(&sandbox.path("dataset")) == before);
    assert!(!sandbox.path("dataset/events/date=2026-04-27/new").exists());
    assert_snapshot!("format_alone", sandbox.run(&["export", "-d", "dataset", "--format", "json"]));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = with_everything();
    let mut child =
        sandbox.command(&["export", "-d", "dataset"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn an_export_that_has_not_ended_is_told() {
    let sandbox = with_everything();
    let answer =
        sandbox.run(&["export", "-d", "dataset", "--to", "whole", "--until", "2026-04-26"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(!sandbox.path("whole/EXPORT-UNFINISHED").exists());
    sandbox.write("whole/EXPORT-UNFINISHED", "This export has not ended.\n");
    let answer = sandbox.run(&["convert", "whole", "--to", "copy", "--event-source", "all"]);
    assert_eq!(answer.code, Some(3), "{answer}");
    assert!(answer.stderr.contains("EXPORT-UNFINISHED"), "{answer}");
    let answer = sandbox.run(&["export", "-d", "dataset", "--to", "whole"]);
    assert_eq!(answer.code, Some(1), "{answer}");
}
