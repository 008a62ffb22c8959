//! Places that are taken for something else, and who reads a bucket: the errors say what a place is
//! and what to do, before anything is written.

use std::{fs, os::unix::fs::symlink};

use insta::assert_snapshot;

use crate::sandbox::{Answer, Sandbox, samples};

const RECORD: &str = r#"{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventID":"e-1","recipientAccountId":"111122223333"}"#;

/// A sandbox with a trail, a dataset of it, and a link to the trail.
fn with_dataset() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("data/trail/logs/a.json", RECORD);
    symlink("data/trail", sandbox.path("link")).unwrap();
    let answer = sandbox.run(&["convert", "data/trail", "--to", "data/home"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    sandbox
}

fn all(answers: impl IntoIterator<Item = Answer>) -> String {
    let lines = answers.into_iter().map(|answer| {
        assert_eq!(answer.stdout, "", "{answer}");
        format!("{} {}", answer.code.unwrap(), answer.stderr)
    });
    lines.collect()
}

#[test]
fn a_trail_and_its_dataset_do_not_lie_in_each_other() {
    let sandbox = with_dataset();
    let names = || {
        let mut names: Vec<_> = walk(&sandbox).collect();
        names.sort();
        names
    };
    let before = names();
    let convert = |(source, home): (&str, &str)| sandbox.run(&["convert", source, "--to", home]);
    let answers = [
        ("data/trail", "data/trail"),
        ("data/trail", "data/trail/home"),
        ("data/trail", "link/home/../other"),
        ("link", "data/trail/logs"),
        ("data/trail/logs", "data/trail"),
        ("data/trail/logs/a.json", "link"),
        ("data/trail/**", "data/trail/home"),
        ("data", "data/home"),
        ("data/home", "elsewhere"),
        ("data/home/events", "elsewhere"),
        ("data/home/events/date=2026-04-27", "elsewhere"),
        ("data/home/_ecstrail/log", "data/home"),
        ("data/trail", "data/home/events"),
    ];
    assert_snapshot!("overlaps", all(answers.map(convert)));
    let plan = ["convert", "data/trail", "--to", "data/trail", "--dry-run"];
    assert_eq!(sandbox.run(&plan).code, Some(2));
    let several = ["convert", "link", "data/home", "--to", "elsewhere"];
    assert_eq!(sandbox.run(&several).code, Some(2));
    assert_eq!(names(), before);
    // A glob that takes log files only meets nothing of the dataset.
    assert_eq!(convert(("data/trail/**/*.json", "data/trail/home")).code, Some(0));
    assert_eq!(convert(("data/home/_ecstrail/quarantine", "data/home")).code, Some(1));
}

fn walk(sandbox: &Sandbox) -> impl Iterator<Item = std::path::PathBuf> {
    let mut folders = vec![sandbox.path("")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
            files.push(entry.path());
        }
    }
    files.into_iter()
}

#[test]
fn neither_in_a_bucket() {
    let sandbox = Sandbox::new();
    let convert = |(source, home): (&str, &str)| sandbox.run(&["convert", source, "--to", home]);
    let answers = [
        ("s3://bucket/trail", "s3://bucket/trail/"),
        ("s3://bucket", "s3://bucket/home"),
        ("s3://bucket/home/trail", "s3://bucket/home"),
        ("s3://bucket/home/events", "s3://bucket/home"),
        ("s3://bucket/**", "s3://bucket/home"),
    ];
    assert_snapshot!("overlaps_in_a_bucket", all(answers.map(convert)));
    // Nothing is wrong with these but that nobody has credentials.
    for (source, home) in [
        ("s3://bucket/AWSLogs", "s3://bucket/home"),
        ("s3://bucket/home-of-logs", "s3://bucket/home"),
        ("s3://other", "s3://bucket/home"),
        ("s3://bucket/**/*.json.gz", "s3://bucket/home"),
        ("s3://bucket/home/_ecstrail/quarantine/a.jsonl", "s3://bucket/home"),
    ] {
        let answer = convert((source, home));
        assert_eq!(answer.code, Some(1), "{answer}");
        assert!(answer.stderr.contains("no AWS credentials"), "{answer}");
    }
}

#[test]
fn what_was_given_as_a_dataset() {
    let sandbox = with_dataset();
    sandbox.write("reports/mine.sql", "SELECT 1");
    fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox.write("flat/event_history.json", RECORD);
    let status = |home: &str| sandbox.run(&["status", "-d", home]);
    let homes = [
        "data/home/events",
        "data/home/events/date=2026-04-27/region=us-east-1",
        "data/home/_ecstrail",
        "data",
        ".",
        "reports",
        "flat",
        "flat/event_history.json",
        "empty",
        "nowhere",
    ];
    assert_snapshot!("not_datasets", all(homes.map(status)));
    let trail = samples();
    let answers = [&trail, &format!("{trail}/AWSLogs/111122223333")].map(|trail| status(trail));
    assert_snapshot!("trails", all(answers));
    for command in [
        &["query", "SELECT 1", "-d", "data/home/events"][..],
        &["report", "deployments", "-d", "data/home/events"],
        &["compact", "-d", "data/home/events"],
        &["export", "-d", "data/home/events"],
    ] {
        let answer = sandbox.run(command);
        assert_eq!(answer.code, Some(1), "{answer}");
        assert!(answer.stderr.contains("use -d data/home\n"), "{answer}");
    }
}

#[test]
fn whose_credentials_are_used() {
    let sandbox = Sandbox::new();
    let keys = |id: &str| format!("aws_access_key_id={id}\naws_secret_access_key=x\n");
    sandbox.write(
        ".aws/config",
        format!("[profile staging]\nregion=us-east-1\n{}[profile bare]\n", keys("AKIASTAGING")),
    );
    sandbox.write(".aws/credentials", format!("[default]\n{}", keys("AKIADEFAULT")));
    // Nobody listens there.
    let arguments =
        ["convert", "s3://bucket/x", "--to", "dataset", "--endpoint", "http://127.0.0.1:1"];
    let ask = |environment: &[(&str, &str)], more: &[&str]| {
        let mut command = sandbox.command(&[&arguments[..], more].concat());
        let output = command.envs(environment.iter().copied()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let environment = [("AWS_ACCESS_KEY_ID", "AKIAENV"), ("AWS_SECRET_ACCESS_KEY", "y")];
    let staging = [environment[0], environment[1], ("AWS_PROFILE", "staging")];
    for (environment, more, expected) in [
        (&environment[..], &[][..], "access key AKIAENV from the environment (AWS_ACCESS_KEY_ID)"),
        (&environment, &["--profile", "staging"], "access key AKIASTAGING from profile staging"),
        (&environment, &["--profile", "default"], "access key AKIADEFAULT from profile default"),
        (&environment, &["--profile", "bare"], "no AWS credentials found for profile bare"),
        (
            &environment,
            &["--profile", "stagign"],
            "AWS profile \"stagign\" is not in ~/.aws/config or ~/.aws/credentials: use a profile \
             that is there (found: bare, default, staging)",
        ),
        (&staging, &[], "access key AKIAENV from the environment"),
        (&staging[2..], &[], "access key AKIASTAGING from profile staging"),
        (&[], &[], "access key AKIADEFAULT from profile default"),
        (&[("AWS_PROFILE", "gone")], &[], "AWS profile \"gone\" is not in"),
    ] {
        let stderr = ask(environment, more);
        assert!(stderr.contains(expected), "{expected}: {stderr}");
    }
    assert!(!sandbox.path("dataset").exists());
}
