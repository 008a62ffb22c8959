//! `ecstrail connect`: a database file for another engine, made by that engine, or its SQL.

use std::{fs, path::Path};

use insta::assert_snapshot;

use crate::sandbox::{Answer, Sandbox};

/// Runs the command with the programs of the folder `programs`, and nothing else.
fn connect(sandbox: &Sandbox, output: &str) -> Answer {
    fs::create_dir_all(sandbox.path("programs")).unwrap();
    let words = ["connect", "--engine", "duckdb", "--output", output, "--dataset", "dataset"];
    let mut command = sandbox.command(&words);
    let ended = command.env("PATH", sandbox.path("programs")).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let folder = sandbox.path("").display().to_string();
    Answer {
        stdout: text(ended.stdout).replace(&folder, "[sandbox]/"),
        stderr: text(ended.stderr).replace(&folder, "[sandbox]/"),
        code: ended.status.code(),
    }
}

/// A program `duckdb` of this version that runs a script: its first word is the file.
#[cfg(unix)]
fn add_duckdb(sandbox: &Sandbox, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = sandbox.path("programs/duckdb");
    let text = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo 'v9.8.7 (Test) 0123' && exit\n\
         [ \"$1 $3 $4\" = '-init -bail -batch' ] && [ ! -s \"$2\" ] || exit 9\nfile=$5\n{script}\n"
    );
    sandbox.write("programs/duckdb", text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[test]
fn without_duckdb_the_sql_is_written() {
    let sandbox = Sandbox::with_samples();
    let answer = connect(&sandbox, "ecs.duckdb");
    assert_snapshot!("connect_without_duckdb", answer);
    let fallback = fs::read_to_string(sandbox.path("ecs.sql")).unwrap();
    let answer = connect(&sandbox, "asked.sql");
    assert_snapshot!("connect_sql", answer);
    assert_eq!(fs::read_to_string(sandbox.path("asked.sql")).unwrap(), fallback);
    for part in ["VIEW events", "VIEW tasks", "VIEW cloudtrail_logs", "MACRO \"rollbacks\"("] {
        assert!(fallback.contains(part), "{part}");
    }
    assert_eq!(names(&sandbox.path("")), ["asked.sql", "dataset", "ecs.sql", "programs"]);
}

#[cfg(unix)]
#[test]
fn duckdb_makes_the_file_or_changes_it() {
    let sandbox = Sandbox::with_samples();
    add_duckdb(
        &sandbox,
        "if [ -e \"$file\" ]; then echo more >> \"$file\"; else printf '12345678DUCK' > \"$file\"; fi\n\
         while read -r line; do :; done",
    );
    let answer = connect(&sandbox, "ecs.duckdb");
    assert_snapshot!("connect_duckdb", answer);
    assert_eq!(fs::read(sandbox.path("ecs.duckdb")).unwrap(), b"12345678DUCK");
    let again = connect(&sandbox, "ecs.duckdb");
    assert_eq!(again.code, Some(0), "{again}");
    assert_eq!(fs::read(sandbox.path("ecs.duckdb")).unwrap(), b"12345678DUCKmore\n");
    std::os::unix::fs::symlink("ecs.duckdb", sandbox.path("link.duckdb")).unwrap();
    assert_eq!(connect(&sandbox, "link.duckdb").code, Some(0));
    assert_eq!(fs::read(sandbox.path("ecs.duckdb")).unwrap(), b"12345678DUCKmore\nmore\n");
    sandbox.write("notes.txt", "mine");
    let answer = connect(&sandbox, "notes.txt");
    assert!(answer.stderr.contains("notes.txt: it exists, and is not a DuckDB file"), "{answer}");
    let answer = connect(&sandbox, "dataset/events/ecs.duckdb");
    assert!(answer.stderr.contains("is inside the dataset"), "{answer}");
    let left = ["dataset", "ecs.duckdb", "link.duckdb", "notes.txt", "programs"];
    assert_eq!(names(&sandbox.path("")), left);
}

#[cfg(unix)]
#[test]
fn what_duckdb_reports_is_shown_and_nothing_is_left() {
    let sandbox = Sandbox::with_samples();
    add_duckdb(
        &sandbox,
        "printf '12345678DUCK' > \"$file\"; echo 'Parser Error: here' >&2; exit 1",
    );
    assert_snapshot!("connect_fails", connect(&sandbox, "ecs.duckdb"));
    assert_eq!(names(&sandbox.path("")), ["dataset", "programs"]);
}

#[cfg(unix)]
#[test]
fn an_old_duckdb_is_not_used() {
    let sandbox = Sandbox::with_samples();
    add_duckdb(&sandbox, "exit 1");
    let program = sandbox.path("programs/duckdb");
    let text = fs::read_to_string(&program).unwrap().replace("v9.8.7", "v1.2.9");
    fs::write(&program, text).unwrap();
    sandbox.write("a b.sql", "mine");
    let answer = connect(&sandbox, "a b.duckdb");
    assert_eq!(answer.code, Some(1), "{answer}");
    assert!(answer.stderr.contains("DuckDB 1.2.9 is too old: 1.3 or newer is needed."), "{answer}");
    assert_eq!(fs::read_to_string(sandbox.path("a b.sql")).unwrap(), "mine");
    let answer = connect(&sandbox, "it's.duckdb");
    let hint = r"run `duckdb 'it'\''s.duckdb' < 'it'\''s.sql'`";
    assert!(answer.stderr.contains(hint), "{answer}");
}

#[cfg(unix)]
#[test]
fn duckdb_ends_with_the_program() {
    let sandbox = Sandbox::with_samples();
    add_duckdb(&sandbox, "echo $$ > running; exec sleep 600");
    fs::create_dir_all(sandbox.path("programs")).unwrap();
    std::os::unix::fs::symlink("/bin/sleep", sandbox.path("programs/sleep")).unwrap();
    let words = ["connect", "--engine", "duckdb", "--output", "ecs.duckdb", "--dataset", "dataset"];
    let mut command = sandbox.command(&words);
    let mut program = command.env("PATH", sandbox.path("programs")).spawn().unwrap();
    let running = sandbox.path("running");
    let child = loop {
        match fs::read_to_string(&running) {
            Ok(text) if text.ends_with('\n') => break text.trim().to_owned(),
            _ => {
                assert!(program.try_wait().unwrap().is_none(), "it ended before it was stopped");
                std::thread::yield_now();
            }
        }
    };
    let signal = format!("-TERM {}", program.id());
    assert!(sandbox.shell(&format!("kill {signal}")).status().unwrap().success());
    assert!(!program.wait().unwrap().success());
    let is_alive = sandbox.shell(&format!("kill -0 {child}")).status().unwrap().success();
    assert!(!is_alive);
    assert_eq!(names(&sandbox.path("")), ["dataset", "programs", "running"]);
}

#[test]
fn a_dataset_without_events_has_nothing_to_open() {
    let sandbox = Sandbox::new();
    let record = r#"{"eventSource":"s3.amazonaws.com","eventTime":"2026-04-27T01:02:03Z"}"#;
    sandbox.write("trail/other.json", format!(r#"{{"Records":[{record}]}}"#));
    let converted = sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert_eq!(converted.code, Some(0), "{converted}");
    let answer = connect(&sandbox, "ecs.duckdb");
    assert!(answer.stderr.contains("has no events yet"), "{answer}");
}
