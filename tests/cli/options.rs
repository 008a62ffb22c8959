//! Every option of every command, every argument and every variable of the environment with odd
//! values: an answer or a clear error, never a panic, and nothing that a terminal would act on.
//!
//! The options are those that the program's own help lists.

use std::{ffi::OsString, fs};

use serde_json::Value;

use crate::{hostile::surroundings, process, sandbox::Sandbox};

mod help;
mod values;

use help::{commands, help, names};
use values::{LONG, values};

const RECORD: &str = r#"{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventID":"e-1","recipientAccountId":"111122223333"}"#;

/// An option is given every Nth value, each one others.
const USUAL: usize = 5;
/// A command with what it needs to run.
struct Base {
    words: &'static [&'static str],
    /// Its argument without a name.
    positional: Option<&'static str>,
    options: &'static [(&'static str, &'static str)],
}

const HOME: (&str, &str) = ("--dataset", "dataset");

/// Returns a command that does something, by its words.
fn base(words: &str) -> Base {
    let (words, positional, options): (&[_], _, &[_]) = match words {
        "convert" => (&["convert"], Some("trail"), &[("--to", "dataset")]),
        "report" => (&["report"], Some("deployments"), &[HOME]),
        "book" => (&["book"], Some("deployments"), &[HOME, ("--output", "book.html")]),
        "query" => (&["query"], Some("SELECT count(*) FROM events"), &[HOME]),
        "shell" => (&["shell"], None, &[HOME]),
        "export" => (&["export"], None, &[HOME, ("--to", "out")]),
        "status" => (&["status"], None, &[HOME]),
        "explain-event" => (&["explain-event"], Some("e-1"), &[HOME]),
        "compact" => (&["compact"], None, &[HOME]),
        "vacuum" => (&["vacuum"], None, &[HOME]),
        "recover" => (&["recover"], None, &[HOME]),
        "repair" => (&["repair"], None, &[HOME]),
        "verify" => (&["verify"], None, &[HOME]),
        "table" => (&["table"], None, &[HOME]),
        "connect" => (&["connect"], None, &[HOME, ("--engine", "duckdb"), ("--output", "ecs.sql")]),
        "describe columns" => (&["describe", "columns"], None, &[]),
        "describe reports" => (&["describe", "reports"], None, &[]),
        "describe table" => (&["describe", "table"], None, &[HOME, ("--engine", "duckdb")]),
        "describe views" => (&["describe", "views"], None, &[]),
        "config" => (&["config"], None, &[]),
        "config init" => (&["config", "init"], None, &[]),
        "config keys" => (&["config", "keys"], None, &[]),
        "completions" => (&["completions"], Some("bash"), &[]),
        "man" => (&["man"], None, &[("--to", "man")]),
        "demo" => (&["demo"], None, &[("--to", "demo")]),
        other => {
            panic!("this test does not know the command {other}: give it what it needs to run")
        }
    };
    Base { words, positional, options }
}

impl Base {
    /// The words with one option, or the argument, of another value.
    fn with(&self, name: &str, value: &OsString) -> Vec<OsString> {
        let mut words: Vec<OsString> = self.words.iter().map(OsString::from).collect();
        for (known, value) in self.options.iter().filter(|(known, _)| *known != name) {
            words.extend([known.into(), value.into()]);
        }
        let is_argument = !name.starts_with('-');
        if is_argument {
            words.extend(["--".into(), value.clone()]);
            return words;
        }
        if name != "--file" {
            words.extend(self.positional.map(OsString::from));
        }
        let mut given = OsString::from(name);
        given.push("=");
        given.push(value);
        words.push(given);
        words
    }
}

/// A process to run.
struct Run {
    words: Vec<OsString>,
    environment: Vec<(String, OsString)>,
}

/// A sandbox with a trail and its dataset.
fn with_dataset() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("trail/a.json", RECORD);
    let answer = sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    sandbox
}

/// Runs each process in a folder of its own, so deep that `../..` is still its own.
fn check(sandbox: &Sandbox, runs: &[Run]) {
    let problems = process::for_each(runs, |number, run| {
        let outputs = sandbox.path(&format!("runs/{number}"));
        let folder = outputs.join("a/b/c");
        fs::create_dir_all(&folder).unwrap();
        for name in ["trail", "dataset"] {
            surroundings::copy(&sandbox.path(name), &folder.join(name));
        }
        let mut command = process::program(&folder, &folder);
        command.args(&run.words).envs(run.environment.iter().map(|(name, value)| (name, value)));
        let problem = process::problem(&mut command, &outputs);
        fs::remove_dir_all(outputs).unwrap();
        problem.map(|problem| {
            let shown =
                |word: &OsString| word.to_string_lossy().chars().take(60).collect::<String>();
            let variables =
                run.environment.iter().map(|(name, value)| format!("{name}={}", shown(value)));
            let words: Vec<_> = variables.chain(run.words.iter().map(shown)).collect();
            format!("{words:?}: {problem}")
        })
    });
    assert!(problems.is_empty(), "{} of {}\n{}", problems.len(), runs.len(), problems.join("\n"));
}

#[test]
fn every_option_with_odd_values() {
    let sandbox = with_dataset();
    let values = values();
    let stride = process::stride(USUAL);
    let mut known: Vec<String> = Vec::new();
    let mut runs = Vec::new();
    for command in commands(&sandbox, "") {
        let base = base(&command);
        for name in names(&help(&sandbox, &command)) {
            // Another command reads it in the same way. A demo takes its time.
            let is_known = known.contains(&name) || command == "demo";
            let stride = if is_known { stride * values.len() / USUAL } else { stride };
            for value in values.iter().skip(known.len() % stride).step_by(stride) {
                // The engine looks for the column that a name of this length is nearest to.
                if name != "--where" || value.len() < LONG {
                    runs.push(Run { words: base.with(&name, value), environment: Vec::new() });
                }
            }
            known.push(name);
        }
    }
    for expected in
        ["--to", "--memory", "--endpoint", "--where", "--engine", "<SOURCE>...", "[SQL]"]
    {
        assert!(known.iter().any(|name| name == expected), "{expected}: {known:?}");
    }
    check(&sandbox, &runs);
}

#[test]
fn every_parameter_of_reports_with_odd_values() {
    let sandbox = with_dataset();
    let described = sandbox.run(&["describe", "reports", "--format", "json"]);
    let reports: Vec<Value> = serde_json::from_str(&described.stdout).unwrap();
    let values = values();
    let stride = process::stride(2 * USUAL + 1);
    let mut known: Vec<&str> = Vec::new();
    let mut runs = Vec::new();
    for report in &reports {
        for parameter in report["parameters"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            if known.contains(&name) {
                continue;
            }
            known.push(name);
            for value in values.iter().skip(known.len() % stride).step_by(stride) {
                let mut setting = OsString::from(format!("--set={name}="));
                setting.push(value);
                let words = ["report", report["name"].as_str().unwrap(), "--dataset=nowhere"];
                let words = words.map(OsString::from).into_iter().chain([setting]).collect();
                runs.push(Run { words, environment: Vec::new() });
            }
        }
    }
    assert!(known.len() > 10, "{known:?}");
    check(&sandbox, &runs);
}

/// Variables that matter where rows are shown.
const LOCAL_VARIABLES: [&str; 20] = [
    "ECSTRAIL_COMPLETE",
    "ECSTRAIL_CONFIG",
    "ECSTRAIL_CONFIG_PROFILE",
    "ECSTRAIL_DATASET",
    "ECSTRAIL_ENGINE",
    "ECSTRAIL_QUERIES",
    "ECSTRAIL_SPARK_TOKEN",
    "COLUMNS",
    "HOME",
    "HTTPS_PROXY",
    "LANG",
    "LESS",
    "NO_COLOR",
    "PAGER",
    "RAYON_NUM_THREADS",
    "RUST_LOG",
    "TERM",
    "TMPDIR",
    "TOKIO_WORKER_THREADS",
    "XDG_CONFIG_HOME",
];

/// Variables that matter where a bucket is opened.
const AWS_VARIABLES: [&str; 19] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_MAX_ATTEMPTS",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_RETRY_MODE",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_USE_FIPS_ENDPOINT",
    "HTTP_PROXY",
];

#[test]
fn every_variable_with_odd_values() {
    let sandbox = with_dataset();
    let in_help = ["convert", "report", "query", "describe reports"].map(|words| {
        let help = help(&sandbox, words);
        let names: Vec<_> = help
            .split("[env: ")
            .skip(1)
            .filter_map(|rest| rest.split('=').next())
            .map(str::to_owned)
            .collect();
        names
    });
    for name in in_help.iter().flatten() {
        assert!(LOCAL_VARIABLES.contains(&name.as_str()), "{name}");
    }
    let mut runs = Vec::new();
    let stride = process::stride(2 * USUAL + 1);
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    for (number, value) in values().into_iter().enumerate() {
        for (index, name) in LOCAL_VARIABLES.into_iter().enumerate() {
            if (number + index).is_multiple_of(stride) {
                let words = match name {
                    "ECSTRAIL_DATASET" => words(&["status"]),
                    "ECSTRAIL_QUERIES" => words(&["report"]),
                    // Nobody listens there.
                    "ECSTRAIL_SPARK_TOKEN" => {
                        words(&["query", "SELECT 1", "-d", "dataset", "--engine=sc://127.0.0.1:1"])
                    }
                    "HTTPS_PROXY" => {
                        let address = "--engine=sc://127.0.0.1:1/;use_ssl=true";
                        words(&["query", "SELECT 1", "-d", "dataset", address])
                    }
                    "TMPDIR" | "RAYON_NUM_THREADS" => words(&["convert", "trail", "--to", "new"]),
                    _ => words(&["query", "SELECT 1", "-d", "dataset"]),
                };
                runs.push(Run { words, environment: vec![(name.to_owned(), value.clone())] });
            }
        }
        for (index, name) in AWS_VARIABLES.into_iter().enumerate() {
            if (number + index).is_multiple_of(stride) {
                // Nobody listens there.
                let mut environment = vec![
                    ("AWS_ACCESS_KEY_ID".to_owned(), "AKIAEXAMPLE".into()),
                    ("AWS_SECRET_ACCESS_KEY".to_owned(), "secret".into()),
                    ("AWS_REGION".to_owned(), "us-east-1".into()),
                ];
                let mut words = words(&["status", "-d", "s3://bucket/x"]);
                if name.starts_with("AWS_ENDPOINT_URL") {
                    let is_reached = value.is_empty();
                    if is_reached {
                        continue;
                    }
                } else {
                    words.push("--endpoint=http://127.0.0.1:1".into());
                }
                environment.retain(|(known, _)| known != name);
                environment.push((name.to_owned(), value.clone()));
                runs.push(Run { words, environment });
            }
        }
    }
    check(&sandbox, &runs);
}
