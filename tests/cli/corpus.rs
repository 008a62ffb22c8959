//! A corpus of odd, damaged and hostile files, each with what must become of it. All of them are
//! converted in one go, with little memory; the ledger says what became of each.

use std::{collections::BTreeMap, fs, io::Write};

use serde_json::Value;
use wait4::Wait4;

use crate::sandbox::Sandbox;

mod cases;
mod make;

/// What must become of a file. All records are ECS's, so that none is filtered as another service's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Expected {
    rows: u64,
    /// Records of other services, and look-alikes among records.
    filtered: u64,
    duplicates: u64,
    /// The reasons of its rejects, in order.
    rejects: Vec<String>,
    /// What the whole file is, if it only looks like a log file.
    look_alike: Option<String>,
    suspicions: Vec<String>,
    /// Part of the message, if the file is refused as a whole.
    damage: Option<String>,
}

/// Peak memory of the whole process, in bytes, with `--memory 128MiB` and two threads, whatever it is
/// given: a decompressed file of 64 MiB or the longest record, in each thread, stands beside what the
/// option bounds, and for a tenth of a second what such a text grew out of.
const MOST_MEMORY: u64 = 448 << 20;

#[test]
fn every_file_of_the_corpus_becomes_what_it_must() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("corpus")).unwrap();
    let written = cases::all().into_iter().map(|case| {
        let mut file = fs::File::create(sandbox.path(&format!("corpus/{}", case.name))).unwrap();
        for (piece, times) in case.pieces {
            (0..times).for_each(|_| file.write_all(&piece).unwrap());
        }
        (case.name, case.expected)
    });
    let cases: BTreeMap<String, Expected> = written.collect();
    let arguments =
        ["convert", "corpus", "--to", "dataset", "--memory", "128MiB", "--threads", "2"];
    let mut command = sandbox.command(&arguments);
    command.stdout(fs::File::create(sandbox.path("stdout")).unwrap());
    command.stderr(fs::File::create(sandbox.path("stderr")).unwrap());
    let ended = command.spawn().unwrap().wait4().unwrap();
    let stderr = fs::read_to_string(sandbox.path("stderr")).unwrap();
    assert_eq!(ended.status.code(), Some(3), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    let found = what_became_of_files(&sandbox);
    let mut wrong = Vec::new();
    for (name, expected) in &cases {
        let found = found.get(name).cloned().unwrap_or_default();
        let is_as_expected = match (&found.damage, &expected.damage) {
            (Some(damage), Some(part)) => damage.contains(part.as_str()),
            _ => found == *expected,
        };
        if !is_as_expected {
            wrong.push(format!("{name}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(found.len(), cases.len());
    assert!(ended.rusage.maxrss < MOST_MEMORY, "{} bytes", ended.rusage.maxrss);
    where_the_rows_are(&sandbox);
    again(&sandbox);
    from_quarantine(&sandbox);
}

/// Reads ledger and quarantine of the only commit.
fn what_became_of_files(sandbox: &Sandbox) -> BTreeMap<String, Expected> {
    let mut found: BTreeMap<String, Expected> = BTreeMap::new();
    let texts = |of: &Value, name: &str| {
        let list = of[name].as_array().into_iter().flatten();
        list.map(|text| text.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for line in lines(sandbox, "ledger") {
        let name = line["url"].as_str().unwrap().rsplit_once("/corpus/").unwrap().1.to_owned();
        let (totals, text) = (&line["totals"], |name: &str| line[name].as_str().map(str::to_owned));
        let number = |name: &str| totals[name].as_u64().unwrap();
        let sum = ["rows", "filtered", "duplicates", "rejects"].map(number).iter().sum::<u64>();
        assert_eq!(number("records"), sum, "{line}");
        found.insert(
            name,
            Expected {
                rows: number("rows"),
                filtered: number("filtered"),
                duplicates: number("duplicates"),
                rejects: Vec::new(),
                look_alike: text("look_alike"),
                suspicions: texts(&line, "suspicions"),
                damage: text("damage"),
            },
        );
    }
    for line in lines(sandbox, "quarantine") {
        let file = found.get_mut(line["source_file"].as_str().unwrap()).unwrap();
        if file.damage.is_none() {
            file.rejects.push(line["reason"].as_str().unwrap().to_owned());
        }
    }
    found
}

fn lines(sandbox: &Sandbox, folder: &str) -> Vec<Value> {
    let folder = fs::read_dir(sandbox.path(&format!("dataset/_ecstrail/{folder}"))).unwrap();
    let texts = folder.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.map(|line| serde_json::from_str(&line).unwrap()).collect()
}

/// No path was built from what a record says.
fn where_the_rows_are(sandbox: &Sandbox) {
    for date in fs::read_dir(sandbox.path("dataset/events")).unwrap() {
        let date = date.unwrap();
        assert!(date.file_name().to_str().unwrap().starts_with("date=20"), "{date:?}");
        for region in fs::read_dir(date.path()).unwrap() {
            let region = region.unwrap().file_name().into_string().unwrap();
            assert!(["region=us-east-1", "region=unknown"].contains(&&*region), "{region}");
        }
    }
}

/// A second run reads nothing again, a third one what was damaged, and neither adds anything.
fn again(sandbox: &Sandbox) {
    for more in [&[][..], &["--retry"]] {
        let arguments = ["convert", "corpus", "--to", "dataset", "--format", "json"];
        let answer = sandbox.run(&[&arguments, more].concat());
        assert!(answer.stdout.starts_with(r#"{"records":0,"rows":0,"#), "{answer}");
        assert_eq!(answer.code, Some(if more.is_empty() { 0 } else { 3 }), "{answer}");
    }
}

/// What was refused can be given again once the cause is mended: here, limits that were too low.
fn from_quarantine(sandbox: &Sandbox) {
    let arguments = [
        "convert",
        "dataset/_ecstrail/quarantine",
        "--to",
        "mended",
        "--max-depth",
        "100000",
        "--format",
        "json",
    ];
    let answer = sandbox.run(&arguments);
    assert_eq!(answer.code, Some(3), "{answer}");
    let sql = "SELECT event_id FROM events ORDER BY 1";
    let rows = sandbox.run(&["query", sql, "-d", "mended", "-f", "csv"]);
    assert_eq!(rows.stdout.lines().collect::<Vec<_>>(), ["event_id", "depth-10000.json"], "{rows}");
}
