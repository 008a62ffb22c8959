//! A conversion that is killed at random moments: the next run of the same command finishes it.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};

use crate::sandbox::Sandbox;

const KILLS: u32 = 50;

fn write_trail(sandbox: &Sandbox) {
    for file in 0..24 {
        let records: Vec<String> = (0..100)
            .map(|record| {
                let day = 1 + (file + record) % 4;
                format!(
                    r#"{{"eventVersion":"1.08","eventTime":"2026-04-0{day}T00:{:02}:{file:02}Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventID":"{file}-{record}","requestParameters":{{"cluster":"c"}},"responseElements":null}}"#,
                    record % 60
                )
            })
            .collect();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(format!(r#"{{"Records":[{}]}}"#, records.join(",")).as_bytes()).unwrap();
        sandbox.write(
            &format!("trail/111122223333_CloudTrail_us-east-1_20260405T0000Z_{file:016}.json.gz"),
            encoder.finish().unwrap(),
        );
    }
}

fn files_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            files_below(&entry.path(), found);
        } else {
            found.insert(entry.path().display().to_string());
        }
    }
}

/// Everything below `events/` is a whole, committed data file.
fn assert_nothing_foreign(sandbox: &Sandbox) {
    let mut files = BTreeSet::new();
    files_below(&sandbox.path("dataset/events"), &mut files);
    let mut log = String::new();
    for entry in fs::read_dir(sandbox.path("dataset/_ecstrail/log")).into_iter().flatten().flatten()
    {
        log.push_str(&fs::read_to_string(entry.path()).unwrap());
    }
    for file in files {
        let (_, path) = file.split_once("dataset/").unwrap();
        assert!(log.contains(path), "{path} is not committed");
        let bytes = fs::read(&file).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"), "{path} is not whole");
    }
}

#[test]
fn a_killed_conversion_is_finished_by_the_same_command() {
    let sandbox = Sandbox::new();
    write_trail(&sandbox);
    let convert = ["convert", "trail", "--to", "dataset", "--format", "json"];
    let count = [
        "query",
        "SELECT count(*), count(DISTINCT event_id), sum(record_hash / 1000) FROM events",
        "-d",
        "dataset",
        "-f",
        "csv",
    ];
    let mut expected = String::new();
    let mut whole = Duration::ZERO;
    for _ in 0..2 {
        let started = Instant::now();
        assert_eq!(sandbox.run(&convert).code, Some(0));
        whole = started.elapsed();
        expected = sandbox.run(&count).stdout;
        fs::remove_dir_all(sandbox.path("dataset")).unwrap();
    }
    assert!(expected.contains("\n2400,2400,"), "{expected}");
    let mut killed = 0;
    for kill in 0..KILLS {
        let mut child = sandbox.command(&convert).spawn().unwrap();
        // The moments cover a whole run, in no order.
        std::thread::sleep(whole.mul_f64(f64::from(kill * 37 % KILLS) / f64::from(KILLS)));
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        assert_nothing_foreign(&sandbox);
        if sandbox.path("dataset/_ecstrail/log/00000000000000000000.json").exists() || kill % 7 == 6
        {
            let answer = sandbox.run(&convert);
            assert_eq!(answer.code, Some(0), "{answer}");
            assert_nothing_foreign(&sandbox);
            assert_eq!(sandbox.run(&count).stdout, expected);
            fs::remove_dir_all(sandbox.path("dataset")).unwrap();
        }
    }
    assert!(killed > KILLS / 2, "only {killed} runs were killed before their end");
}
