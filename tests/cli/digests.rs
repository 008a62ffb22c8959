//! `ecstrail verify TRAIL`: a trail with digest files, as it was delivered and changed.
//!
//! `tests/digests` holds thousands of such trails against AWS's own validator; the one here is of its
//! generator. Its digests have lost their signatures, as copies do, all but the newest of a chain.

use std::{fs, path::PathBuf};

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::{Answer, Sandbox};

const KEYS: [&str; 2] = ["--public-keys", "keys.json"];
const ACCOUNT: &str = "trail/AWSLogs/444455556666";
const DAY: &str = "us-west-2/2026/01/04/444455556666";
const LOG: &str = "_CloudTrail_us-west-2_20260104T0324Z_lFRroYuLMOHIr2el.json.gz";
const DIGEST: &str =
    "_CloudTrail-Digest_us-west-2_management-events_us-west-2_20260104T061246Z.json.gz";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cli/digests");
    sandbox.copy(&folder, ".");
    sandbox
}

fn log() -> String {
    format!("{ACCOUNT}/CloudTrail/{DAY}{LOG}")
}

fn digest() -> String {
    format!("{ACCOUNT}/CloudTrail-Digest/{DAY}{DIGEST}")
}

/// The kinds of what was found.
fn findings(sandbox: &Sandbox, options: &[&str]) -> Vec<String> {
    let answer = verify(sandbox, &[options, &["--format", "json"]].concat());
    let summary: Value = serde_json::from_str(&answer.stdout).unwrap();
    let findings = summary["findings"].as_array().unwrap();
    let code = if findings.is_empty() { 0 } else { 4 };
    assert_eq!(answer.code, Some(code), "{answer}");
    findings.iter().map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect()
}

fn verify(sandbox: &Sandbox, options: &[&str]) -> Answer {
    sandbox.run(&[&["verify", "trail"], &KEYS[..], options].concat())
}

#[test]
fn a_trail_as_it_was_delivered() {
    let sandbox = sandbox();
    let answer = verify(&sandbox, &[]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert_snapshot!("digests_whole", answer);
    let answer = verify(&sandbox, &["--format", "json"]);
    assert_snapshot!("digests_whole_json", answer);
    // The days alone, and what is there of other accounts.
    let answer = verify(&sandbox, &["--from", "2026-01-05"]);
    assert!(answer.stdout.contains("3 digests, all signed by AWS, 2026-01-05"), "{answer}");
    let answer = verify(&sandbox, &["--account", "111122223333"]);
    assert_eq!(answer.code, Some(1), "{answer}");
    let answer = sandbox.run(&["verify", "trail/AWSLogs/444455556666", "--no-signatures"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.stdout.contains("Signatures were not verified."), "{answer}");
}

#[test]
fn what_cannot_be_verified_is_an_error() {
    let sandbox = sandbox();
    for (name, words) in [
        ("digests_no_keys", &["verify", "trail"][..]),
        (
            "digests_no_digests",
            &["verify", "trail/AWSLogs/444455556666/CloudTrail", "--no-signatures"],
        ),
        ("digests_bad_keys", &["verify", "trail", "--public-keys", "trail"]),
    ] {
        let answer = sandbox.run(words);
        assert_eq!(answer.code, Some(1), "{answer}");
        assert_snapshot!(name, answer);
    }
}

#[test]
fn a_trail_that_was_changed() {
    for (change, expected) in [
        (
            &(|sandbox: &Sandbox| fs::remove_file(sandbox.path(&log())).unwrap())
                as &dyn Fn(&Sandbox),
            "log_missing",
        ),
        (&|sandbox| append(sandbox, &log(), b"\0"), "log_trailing"),
        (&|sandbox| sandbox.write(&log(), "{}"), "log_unreadable"),
        (&|sandbox| sandbox.write(&log(), ""), "log_changed"),
        (
            &|sandbox| {
                let other = log().replace("0324Z_l", "0404Z_x");
                fs::copy(sandbox.path(&log()), sandbox.path(&other)).map(drop).unwrap();
            },
            "log_unnamed",
        ),
        (&|sandbox| fs::remove_file(sandbox.path(&digest())).unwrap(), "digest_missing"),
        (&|sandbox| sandbox.write(&digest(), "{}"), "digest_unreadable"),
        (&|sandbox| append(sandbox, &digest(), b"x"), "digest_trailing"),
        (
            &|sandbox| {
                let other = digest().replace("T0612", "T0512");
                fs::copy(sandbox.path(&digest()), sandbox.path(&other)).map(drop).unwrap();
            },
            "digest_moved",
        ),
    ] {
        let sandbox = sandbox();
        change(&sandbox);
        assert_eq!(findings(&sandbox, &[]), [expected], "{expected}");
        if expected == "log_missing" {
            assert_snapshot!("digests_log_missing", verify(&sandbox, &[]));
        }
    }
}

fn append(sandbox: &Sandbox, path: &str, bytes: &[u8]) {
    let mut content = fs::read(sandbox.path(path)).unwrap();
    content.extend_from_slice(bytes);
    sandbox.write(path, content);
}

#[test]
fn a_trail_that_was_converted() {
    let sandbox = sandbox();
    let dataset = ["-d", "dataset"];
    let converted = sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert_eq!(converted.code, Some(0), "{converted}");
    let answer = verify(&sandbox, &dataset);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert_snapshot!("digests_converted", answer);
    // The same bytes, stored anew, are the same log file.
    let bytes = fs::read(sandbox.path(&log())).unwrap();
    fs::remove_file(sandbox.path(&log())).unwrap();
    sandbox.write(&log(), bytes);
    assert_eq!(findings(&sandbox, &dataset), [""; 0]);
    let records = format!("{ACCOUNT}/CloudTrail/us-west-2/2026/01/05");
    let other = fs::read_dir(sandbox.path(&records)).unwrap().next().unwrap().unwrap().path();
    fs::copy(other, sandbox.path(&log())).unwrap();
    assert_eq!(findings(&sandbox, &dataset), ["log_changed", "log_replaced"]);
    fs::remove_file(sandbox.path(&log())).unwrap();
    assert_eq!(findings(&sandbox, &dataset), ["log_missing", "log_vanished"]);
}

#[test]
fn a_trail_that_is_proved_as_it_is_converted() {
    let sandbox = sandbox();
    let convert = |options: &[&str]| {
        let words = ["convert", "trail", "--to", "dataset", "--verify"];
        sandbox.run(&[&words[..], &KEYS[..], options].concat())
    };
    let answer = convert(&[]);
    assert_eq!(answer.code, Some(0), "{answer}");
    let proved =
        "Verified 14 digest files, 13 of them signed by AWS; they prove 11 of 11 log files";
    assert!(answer.stdout.contains(proved), "{answer}");
    let query = "SELECT event_id FROM events ORDER BY event_id LIMIT 1";
    let event = sandbox.run(&["query", query, "-d", "dataset", "-f", "csv"]).stdout;
    let event = event.lines().last().unwrap();
    let explained = sandbox.run(&["explain-event", event, "-d", "dataset"]);
    assert!(
        explained.stdout.contains("  proved by  file://[sandbox]/trail/AWSLogs/"),
        "{explained}"
    );
    // A log file that was tampered with is converted all the same, and told.
    let other = log().replace("0324Z_l", "0325Z_x");
    fs::copy(sandbox.path(&log()), sandbox.path(&other)).unwrap();
    append(&sandbox, &log(), b"x");
    let answer = convert(&["--format", "json"]);
    assert_eq!(answer.code, Some(4), "{answer}");
    let summary: Value = serde_json::from_str(&answer.stdout.replace("[time]", "0")).unwrap();
    let counts = ["files", "proved_files", "disproved_files"].map(|name| summary[name].as_u64());
    assert_eq!(counts, [Some(2), Some(0), Some(1)], "{answer}");
    // A later run lists digests as it lists log files.
    let answer = convert(&["--since-last", "--format", "json"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    let answer = sandbox.run(&["convert", "trail", "--to", "other", "--verify"]);
    assert_eq!((answer.code, sandbox.path("other").exists()), (Some(1), false), "{answer}");
}

#[test]
fn what_is_missing_of_a_trail() {
    let sandbox = sandbox();
    let converted = sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert_eq!(converted.code, Some(0), "{converted}");
    let status = |options: &[&str]| {
        sandbox.run(&[&["status", "-d", "dataset", "--source", "trail"], options].concat())
    };
    assert_snapshot!("digests_map", status(&["--map"]));
    let later = log().replace("0324Z_l", "0404Z_x");
    fs::copy(sandbox.path(&log()), sandbox.path(&later)).unwrap();
    assert_eq!(status(&[]).code, Some(0));
    fs::remove_file(sandbox.path(&log())).unwrap();
    let answer = status(&["--map", "--until", "2026-01-04"]);
    assert_eq!(answer.code, Some(4), "{answer}");
    assert_snapshot!("digests_map_missing", answer);
    let answer = status(&["--map", "-f", "json"]);
    let summary: Value = serde_json::from_str(&answer.stdout).unwrap();
    let line = &summary["map"]["accounts"][0];
    assert_eq!(line["hours_without_digest"], 34, "{answer}");
    let vanished: u64 = line["hours"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hour| hour["vanished"].as_u64().unwrap())
        .sum();
    assert_eq!((vanished, &summary["source"]["unconverted"]), (1, &1.into()), "{answer}");
    let map = sandbox.run(&["status", "-d", "dataset", "--map"]);
    assert_snapshot!("digests_map_alone", map);
    // What a repair cannot bring back.
    let data_files = sandbox.path("dataset/events/date=2026-01-04/region=us-west-2");
    let data_file = fs::read_dir(data_files).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(data_file).unwrap();
    let answer = sandbox.run(&["repair", "-d", "dataset", "--dry-run", "--source", "trail"]);
    assert!(answer.stdout.contains("The trail still has 10 log files"), "{answer}");
    assert!(answer.stdout.contains("gone from it"), "{answer}");
}

#[test]
fn an_added_log_file_is_found_whatever_stands_beside() {
    let sandbox = sandbox();
    let copy = |to: &str| {
        let bytes = fs::read(sandbox.path(&log())).unwrap();
        sandbox.write(to, bytes);
    };
    copy(&log().replace("0324Z_l", "0404Z_x"));
    copy(&format!("{ACCOUNT}/CloudTrail-x/a.json.gz"));
    assert_eq!(findings(&sandbox, &[]), ["log_unnamed"]);
    // A name that CloudTrail does not give, in a folder whose log files digests name.
    copy(&format!("{ACCOUNT}/CloudTrail/us-west-2/2026/01/04/extra.json.gz"));
    assert_eq!(findings(&sandbox, &[]), ["log_unnamed"; 2]);
}

#[test]
fn what_was_appended_before_a_conversion_is_not_proved_by_it() {
    let sandbox = sandbox();
    append(&sandbox, &log(), b"x");
    let converted = sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert!(converted.stderr.contains("bytes after the gzip stream"), "{converted}");
    assert_eq!(findings(&sandbox, &["-d", "dataset"]), ["log_trailing"]);
}

#[test]
fn what_no_signature_proves_is_told_apart() {
    let sandbox = sandbox();
    let digests = format!("{ACCOUNT}/CloudTrail-Digest/us-west-2");
    for day in ["2026/01/04", "2026/01/05"] {
        for file in fs::read_dir(sandbox.path(&format!("{digests}/{day}"))).unwrap() {
            let path = file.unwrap().path();
            if path.to_str().unwrap().ends_with(".metadata.json") {
                fs::remove_file(path).unwrap();
            }
        }
    }
    let answer = verify(&sandbox, &["--format", "json"]);
    let summary: Value = serde_json::from_str(&answer.stdout).unwrap();
    let number = |name: &str| summary[name].as_u64().unwrap();
    assert!(number("digests_unproven") >= 3, "{answer}");
    assert_eq!(number("log_files_valid") + number("log_files_unproven"), 11, "{answer}");
    assert!(number("log_files_unproven") > 0, "{answer}");
    let converted =
        sandbox.run(&[&["convert", "trail", "--to", "d", "--verify"], &KEYS[..]].concat());
    let proved = format!("they prove {} of 11 log files", number("log_files_valid"));
    assert!(converted.stdout.contains(&proved), "{converted}");
}
