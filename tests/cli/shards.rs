//! Trails that several runs convert together, each a part of it.

use std::process::Command;

use serde_json::Value;

use crate::sandbox::{Answer, Sandbox};

/// A trail of nine days in two Regions, with one record each, and a file with another name.
fn trail() -> Sandbox {
    let sandbox = Sandbox::new();
    for region in ["us-east-1", "eu-west-1"] {
        for day in 1..=9 {
            let folder = format!("trail/AWSLogs/111122223333/CloudTrail/{region}/2026/04/{day:02}");
            let name = format!("111122223333_CloudTrail_{region}_202604{day:02}T0220Z_x.json");
            let record = record(&format!("{region}-{day}"), region, day);
            sandbox.write(&format!("{folder}/{name}"), format!(r#"{{"Records":[{record}]}}"#));
        }
    }
    sandbox.write("trail/found.json", format!("[{}]", record("found", "us-east-1", 3)));
    sandbox
}

fn record(id: &str, region: &str, day: u32) -> String {
    format!(
        r#"{{"eventID":"{id}","eventTime":"2026-04-{day:02}T02:18:03Z","eventSource":"ecs.amazonaws.com",
            "eventName":"RunTask","awsRegion":"{region}","recipientAccountId":"111122223333"}}"#
    )
}

fn words<'a>(options: &[&'a str]) -> Vec<&'a str> {
    let words = ["convert", "trail", "--to", "dataset", "--format", "json"];
    [&words[..], options].concat()
}

fn summary(answer: &Answer) -> Value {
    assert_eq!(answer.code, Some(0), "{answer}");
    serde_json::from_str(&answer.stdout.replace("[time]", "0")).unwrap()
}

fn numbers(summary: &Value) -> [u64; 4] {
    ["listed_files", "files", "other_shard_files", "rows"]
        .map(|name| summary[name].as_u64().unwrap())
}

/// The command as a child of an array job of AWS Batch gives it.
fn child(sandbox: &Sandbox, index: &str, size: &str) -> Command {
    let mut command = sandbox.command(&words(&["--shard", "auto"]));
    command.env("AWS_BATCH_JOB_ARRAY_INDEX", index).env("AWS_BATCH_JOB_ARRAY_SIZE", size);
    command
}

#[test]
fn all_shards_together_convert_everything_once() {
    let sandbox = trail();
    let mut rows = 0;
    for shard in ["1/3", "2/3", "3/3"] {
        let [listed, files, left, added] =
            numbers(&summary(&sandbox.run(&words(&["--shard", shard]))));
        assert_eq!((listed, files + left, added), (19, 19, files), "{shard}");
        // Again, it has nothing to do.
        let again = summary(&sandbox.run(&words(&["--shard", shard])));
        assert_eq!(numbers(&again), [19, 0, left, 0], "{shard}");
        assert_eq!(again["known_files"], files, "{shard}");
        rows += added;
    }
    assert_eq!(rows, 19);
    // Neither has a run that is no shard, nor one of other shards.
    assert_eq!(numbers(&summary(&sandbox.run(&words(&[])))), [19, 0, 0, 0]);
    assert_eq!(numbers(&summary(&sandbox.run(&words(&["--shard", "4/5"]))))[1], 0);
    // No day counts as read to its end.
    let log =
        std::fs::read_to_string(sandbox.path("dataset/_ecstrail/log/00000000000000000000.json"));
    assert!(!log.unwrap().contains("\"listed\""));
}

#[test]
fn an_array_job_says_which_shard_it_is() {
    let sandbox = trail();
    let children =
        ["0", "1", "2"].map(|index| summary(&sandbox.answer(&mut child(&sandbox, index, "3"))));
    let rows: u64 = children.iter().map(|child| numbers(child)[3]).sum();
    assert_eq!(rows, 19);
    // The first child is the first shard.
    let [_, files, left, _] = numbers(&summary(&sandbox.run(&words(&["--shard", "1/3"]))));
    assert_eq!((files, left), (0, numbers(&children[0])[2]));
    for (index, size) in
        [("3", "3"), ("", "3"), ("0", ""), ("-1", "3"), ("4294967295", "3"), ("0", "0")]
    {
        let answer = sandbox.answer(&mut child(&sandbox, index, size));
        assert_eq!(answer.code, Some(2), "{answer}");
        assert!(answer.stderr.contains("AWS_BATCH_JOB_ARRAY_INDEX"), "{answer}");
        assert!(answer.stderr.contains("such as 3/8"), "{answer}");
    }
}

#[test]
fn what_a_shard_would_read_is_shown() {
    let sandbox = trail();
    let plans = ["1/2", "2/2"].map(|shard| {
        let answer = sandbox.run(&words(&["--dry-run", "--shard", shard]));
        // What follows the time is cut off.
        let plan: Value =
            serde_json::from_str(&format!("{}}}", answer.stdout.replace("[time]", "0"))).unwrap();
        let files = |name: &str| plan[name]["files"].as_u64().unwrap();
        assert_eq!(files("to_read") + files("other_shards"), 19, "{plan}");
        files("to_read")
    });
    assert_eq!(plans.iter().sum::<u64>(), 19);
    let told = sandbox.run(&["convert", "trail", "--to", "dataset", "--dry-run", "--shard", "1/2"]);
    assert!(told.stdout.contains("left to other shards"), "{told}");
    let told = sandbox.run(&["convert", "trail", "--to", "dataset", "--shard", "1/2"]);
    assert!(told.stdout.contains("left to other shards"), "{told}");
}

#[test]
fn what_a_shard_cannot_do() {
    let sandbox = trail();
    for (option, advice) in [
        ("--since-last", "in one run without --shard"),
        ("--follow=1h", "in one run without --shard"),
        ("--compact", "run `ecstrail compact` once all shards have ended"),
        ("--verify", "run `ecstrail verify TRAIL` once"),
        ("--single-writer", "or a single run without --shard"),
        ("--shard=9/8", "such as 1/8 to 8/8"),
        ("--shard=0/8", "such as 1/8 to 8/8"),
    ] {
        let shard: &[&str] = if option.starts_with("--shard") { &[] } else { &["--shard", "1/8"] };
        let answer = sandbox.run(&words(&[&[option], shard].concat()));
        assert_eq!(answer.code, Some(2), "{answer}");
        assert!(answer.stderr.contains(advice), "{answer}");
    }
    let answer = sandbox.run(&["convert", "-", "--to", "dataset", "--shard", "1/8"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains("standard input has no shards"), "{answer}");
}
