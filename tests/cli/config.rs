//! The config file: what it sets, what takes precedence over it, and what is said of its mistakes.

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::{Answer, Sandbox};

mod mistakes;
mod precedence;
mod reports;

/// Where the file is by default.
const FILE: &str = ".config/ecstrail/config.toml";

/// A sandbox with a config file.
fn with_config(text: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(FILE, text);
    sandbox
}

/// Makes a dataset with this many events.
fn dataset(sandbox: &Sandbox, path: &str, events: usize) {
    let records = (0..events).map(|number| {
        format!(
            r#"{{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventID":"{path}-{number}","recipientAccountId":"111122223333"}}"#
        )
    });
    sandbox.write(&format!("{path}.json"), records.collect::<Vec<_>>().join("\n"));
    let answer = sandbox.run(&["convert", &format!("{path}.json"), "--to", path]);
    assert_eq!(answer.code, Some(0), "{answer}");
}

fn run_with(sandbox: &Sandbox, arguments: &[&str], environment: &[(&str, &str)]) -> Answer {
    let mut command = sandbox.command(arguments);
    sandbox.answer(command.envs(environment.iter().copied()))
}

/// The effective values, for programs.
fn effective(sandbox: &Sandbox, more: &[&str], environment: &[(&str, &str)]) -> Value {
    let words = [&["config", "--format", "json"], more].concat();
    let answer = run_with(sandbox, &words, environment);
    serde_json::from_str(&answer.stdout).unwrap_or_else(|_| panic!("{answer}"))
}

#[test]
fn the_starter_file_is_written_once_and_names_every_key() {
    let sandbox = Sandbox::new();
    assert_snapshot!("config_none", sandbox.run(&["config"]));
    assert_snapshot!("config_init", sandbox.run(&["config", "init"]));
    let text = std::fs::read_to_string(sandbox.path(FILE)).unwrap();
    assert!(text.lines().all(|line| line.is_empty() || line.starts_with('#')), "{text}");
    let again = sandbox.run(&["config", "init"]);
    assert_eq!(again.code, Some(1), "{again}");
    assert!(again.stderr.contains("exists, and was not changed"), "{again}");
    assert_eq!(std::fs::read_to_string(sandbox.path(FILE)).unwrap(), text);
    // With the comment signs gone, it says what it explains.
    let lines = text.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') => rest,
        _ => line,
    });
    let used = lines.collect::<Vec<_>>().join("\n");
    std::fs::write(sandbox.path(FILE), used).unwrap();
    let mine = "-- title: Mine\nSELECT 1 AS one";
    sandbox.write("ecstrail-reports/mine.sql", mine);
    assert_snapshot!("config_starter", sandbox.run(&["config"]));
    let keys = sandbox.run(&["config", "keys", "--format", "json"]).stdout;
    let keys: Value = serde_json::from_str(&keys).unwrap();
    for key in keys["keys"].as_array().unwrap() {
        let name = key["key"].as_str().unwrap();
        assert!(text.contains(&format!("\n#{name} = ")), "{name} is not in the starter file");
    }
}

#[test]
fn the_reference_lists_all_keys() {
    let keys = Sandbox::new().run(&["config", "keys"]).stdout;
    let reference = include_str!("../../crates/cli/README.md");
    assert!(reference.contains(keys.trim_end()), "`just reference` brings it up to date:\n{keys}");
}

#[test]
fn the_environment_says_where_the_file_is() {
    let sandbox = with_config("threads = 1\n");
    sandbox.write("xdg/ecstrail/config.toml", "threads = 2\n");
    sandbox.write("other.toml", "threads = 3\n");
    let xdg = sandbox.path("xdg").display().to_string();
    for (environment, threads) in [
        (&[][..], "1"),
        (&[("XDG_CONFIG_HOME", "")], "1"),
        // The standard: what is not absolute does not count.
        (&[("XDG_CONFIG_HOME", "xdg")], "1"),
        (&[("XDG_CONFIG_HOME", &xdg)], "2"),
        (&[("XDG_CONFIG_HOME", &xdg), ("ECSTRAIL_CONFIG", "other.toml")], "3"),
        (&[("ECSTRAIL_CONFIG", "")], "one per core"),
    ] {
        let effective = effective(&sandbox, &[], environment);
        let values = effective["values"].as_array().unwrap();
        let found = values.iter().find(|value| value["name"] == "threads").unwrap();
        assert_eq!(found["value"], threads, "{environment:?}");
    }
    let missing = run_with(&sandbox, &["report"], &[("ECSTRAIL_CONFIG", "no.toml")]);
    assert_snapshot!("config_missing", missing);
    let no_home = sandbox.answer(sandbox.command(&["config"]).env_remove("HOME"));
    assert_snapshot!("config_no_home", no_home);
}

#[test]
fn paths_begin_at_home_or_in_the_folder_of_the_file() {
    for (written, expected) in [
        ("~/data", Some("data")),
        ("data", Some("conf/data")),
        ("./data", Some("conf/data")),
        ("./~/data", Some("conf/~/data")),
        ("../data", Some("conf/../data")),
        ("~other/data", None),
        ("ftp://data", None),
        ("", None),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("conf/ecs.toml", format!("dataset = \"{written}\"\n"));
        let effective = effective(&sandbox, &[], &[("ECSTRAIL_CONFIG", "conf/ecs.toml")]);
        let found = effective["values"][0]["value"].as_str();
        let expected = expected.map(|path| format!("[sandbox]/{path}"));
        assert_eq!(found, expected.as_deref(), "{written}: {}", effective["problem"]);
        assert_eq!(effective["problem"].is_null(), expected.is_some(), "{written}");
    }
    let sandbox = Sandbox::new();
    sandbox.write("conf/ecs.toml", "dataset = \"s3://bucket/prefix\"\n");
    let effective = effective(&sandbox, &[], &[("ECSTRAIL_CONFIG", "conf/ecs.toml")]);
    assert_eq!(effective["values"][0]["value"], "s3://bucket/prefix");
}

#[test]
fn commands_that_read_take_the_dataset_and_commands_that_write_do_not() {
    let sandbox = with_config("dataset = \"~/dataset\"\nqueries = \"~/mine\"\n");
    dataset(&sandbox, "dataset", 2);
    sandbox.write("mine/one.sql", "-- title: One\nSELECT 1 AS one");
    for words in [
        &["query", "SELECT count(*) FROM events"][..],
        &["report", "activity-by-day"],
        &["report", "one"],
        &["export"],
        &["status"],
        &["explain-event", "dataset-1"],
        &["verify"],
        &["describe", "table", "--engine", "duckdb"],
        &["connect", "--engine", "duckdb", "--output", "ecs.sql"],
    ] {
        let answer = sandbox.run(words);
        assert_eq!(answer.code, Some(0), "{words:?} {answer}");
    }
    for words in [
        &["compact"][..],
        &["vacuum"],
        &["repair"],
        &["recover"],
        &["table", "--add", "delta"],
        &["convert", "dataset.json"],
    ] {
        let answer = sandbox.run(words);
        assert_eq!(answer.code, Some(2), "{words:?} {answer}");
        let tip = "commands that write do not use the dataset of the config file";
        assert!(answer.stderr.contains(tip), "{words:?} {answer}");
    }
    assert_snapshot!("config_write", sandbox.run(&["compact"]));
    // A trail is verified without trusting a dataset that nobody named.
    std::fs::create_dir(sandbox.path("trail")).unwrap();
    let trail = sandbox.run(&["verify", "trail", "--no-signatures", "--format", "json"]);
    assert!(!trail.stderr.contains("dataset"), "{trail}");
    let nothing = Sandbox::new().run(&["verify"]);
    assert_eq!(nothing.code, Some(2), "{nothing}");
    assert!(nothing.stderr.contains("nothing to verify was given"), "{nothing}");
}

#[test]
fn help_shows_what_is_remembered() {
    let sandbox = with_config("dataset = \"s3://bucket/ecs\"\nmemory = \"2GiB\"\npager = false\n");
    let help = sandbox.run(&["query", "--help"]).stdout;
    for expected in [
        "[config: dataset = s3://bucket/ecs]",
        "[config: memory = 2GiB]",
        "[config: pager = false]",
    ] {
        assert!(help.contains(expected), "{expected}: {help}");
    }
    assert!(!help.contains("[default: s3"), "{help}");
    assert!(!sandbox.run(&["compact", "--help"]).stdout.contains("s3://bucket/ecs"));
}
