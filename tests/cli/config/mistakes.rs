//! Mistakes in a config file: each one names the file, the line and what to write instead, before
//! anything runs.

use insta::assert_snapshot;

use super::{FILE, effective, run_with, with_config};
use crate::sandbox::Sandbox;

/// What is wrong with a file, its line, and some words of what is said.
const MISTAKES: [(&str, usize, &str); 38] = [
    ("datset = \"x\"", 1, "\"datset\" is not a key: use dataset"),
    ("\n\nmemroy = \"1GiB\"", 3, "use memory"),
    ("aws-profile = \"x\"", 1, "use aws_profile"),
    ("colour = \"x\"", 1, "\"colour\" is not a key. The keys are dataset, queries"),
    ("profile = \"x\"", 1, "use aws_profile for a profile of ~/.aws/config, or default_profile"),
    ("aws_secret_access_key = \"x\"", 1, "credentials do not belong here"),
    ("session-token = \"x\"", 1, "credentials do not belong here"),
    ("[parameter]", 1, "use parameters"),
    ("dataset = 7", 1, "dataset is a whole number: give text, in quotation marks"),
    ("dataset = [\"x\"]", 1, "dataset is a list"),
    ("dataset = \"http://x\"", 1, "http:// is not supported"),
    ("dataset = \"a\\u001b[31m\"", 1, "it is too long, or has control characters"),
    ("queries = \"\"", 1, "queries is empty"),
    ("threads = \"4\"", 1, "threads is text: give a number"),
    ("threads = -1", 1, "give a number from 1 to 1024"),
    ("threads = 4.5", 1, "threads is a number: give a number"),
    ("memory = true", 1, "memory is true"),
    ("memory = \"lots\"", 1, "memory is \"lots\""),
    ("memory = \"1MiB\"", 1, "too small"),
    ("pager = \"less\"", 1, "pager is text: give true or false"),
    ("format = \"xlsx\"", 1, "xlsx"),
    ("format = \"parquet\"", 1, "--output FILE.parquet"),
    ("endpoint = \"localhost:9000\"", 1, "not the URL of a server"),
    ("endpoint = \"http://me:secret@localhost:9000\"", 1, "credentials do not belong here"),
    ("threads = 1\nthreads = 2", 2, "duplicate key"),
    ("threads = ", 1, "string values must be quoted"),
    ("[parameters\nregions = 1", 1, "unclosed table"),
    ("parameters = 1", 1, "parameters is a whole number: give a table"),
    ("[parameters]\nfrom = \"7d\"", 2, "from cannot be remembered"),
    ("[reports.deployments]\nuntil = \"today\"", 2, "until cannot be remembered"),
    ("[parameters]\nregions = []", 2, "regions is empty"),
    ("[parameters]\nregions = [\"a,b\"]", 2, "an item with a comma"),
    ("[parameters.deployments]\ncluster = \"a\"", 1, "below [reports.NAME]"),
    ("[parameters]\nmin-days = 1\nmin_days = 2", 3, "given twice"),
    ("[sets]\nmonday = \"rollbacks\"", 2, "monday is text: give a list of report names"),
    ("[sets]\nmonday = []", 2, "monday names 0 reports"),
    ("[profiles.a]\ndefault_profile = \"b\"", 2, "cannot be in a profile"),
    (
        "default_profile = \"prod\"\n[profiles.prd]",
        1,
        "the profile \"prod\", which is not in this file: use prd",
    ),
];

#[test]
fn mistakes_name_the_line_before_anything_runs() {
    for (text, line, expected) in MISTAKES {
        let sandbox = with_config(text);
        for words in [&["query", "SELECT 1"][..], &["convert", "trail", "--to", "dataset"]] {
            let answer = sandbox.run(words);
            let place = format!("ecstrail: ~/{FILE}, line {line}: ");
            assert!(answer.stderr.starts_with(&place), "{text}\n{answer}");
            assert!(answer.stderr.contains(expected), "{text}\n{answer}");
            assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{text}\n{answer}");
            assert!(!answer.stderr.contains("secret@"), "{text}\n{answer}");
        }
        assert!(!sandbox.path("dataset").exists(), "{text}");
    }
}

#[test]
fn files_that_cannot_be_read() {
    let long = format!("# {}", "x".repeat(300_000));
    let cases: [(&[u8], &str); 2] =
        [(b"dataset = \"\xff\"", "it is not UTF-8"), (long.as_bytes(), "more than 262144 bytes")];
    for (bytes, expected) in cases {
        let sandbox = Sandbox::new();
        sandbox.write(FILE, bytes);
        let answer = sandbox.run(&["status", "-d", "x"]);
        assert!(answer.stderr.contains(expected), "{answer}");
        assert_eq!(answer.code, Some(2), "{answer}");
    }
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path(FILE)).unwrap();
    let answer = sandbox.run(&["status", "-d", "x"]);
    assert!(answer.stderr.contains("not a regular file"), "{answer}");
}

/// Help, and the commands with which a mistake is found.
#[test]
fn some_commands_run_whatever_the_file_says() {
    let sandbox = with_config("threads = 1\ndatset = \"x\"\n");
    for words in [
        &["--help"][..],
        &["--version"],
        &["help", "query"],
        &["query", "--help"],
        &["report", "deployments", "--help"],
        &["completions", "bash"],
        &["man", "--to", "man"],
        &["config", "keys"],
    ] {
        let answer = sandbox.run(words);
        assert_eq!(answer.code, Some(0), "{words:?} {answer}");
    }
    assert_snapshot!("config_mistake", sandbox.run(&["config"]));
    let effective = effective(&sandbox, &[], &[]);
    assert!(effective["problem"].as_str().unwrap().contains("line 2"), "{effective}");
    assert_eq!(effective["exists"], true);
}

/// Commands that know the reports say which ones there are.
#[test]
fn reports_and_parameters_that_do_not_exist() {
    let cases = [
        (
            "[parameters]\nregistires = \"x\"",
            2,
            "no report has a parameter \"registires\": use registries",
        ),
        ("[reports.exec-sesions]\nminutes = 1", 2, "exec-sessions"),
        ("[reports.exec-sessions]\nminuets = 1", 2, "has no parameter \"minuets\": use minutes"),
        ("[sets]\nmonday = [\"rollback\"]", 2, "rollbacks"),
        ("[parameters]\nminutes = \"many\"", 2, "minutes is \"many\", which is not an integer"),
        ("[profiles.a]\n[parameters]\naccount = 12", 3, "account is \"12\""),
    ];
    for (text, line, expected) in cases {
        let sandbox = with_config(text);
        for words in [&["config"][..], &["report", "exec-sessions", "-d", "nowhere"]] {
            let answer = sandbox.run(words);
            assert!(answer.stderr.contains(&format!("line {line}: ")), "{text}\n{answer}");
            assert!(answer.stderr.contains(expected), "{text}\n{answer}");
            assert_eq!(answer.code, Some(2), "{text}\n{answer}");
        }
    }
}

#[test]
fn a_profile_that_does_not_exist() {
    let sandbox = with_config("[profiles.production]\nthreads = 1\n");
    let words = ["-p", "prodution", "status", "-d", "x"];
    assert_snapshot!("config_profile_unknown", sandbox.run(&words));
    let answer =
        run_with(&sandbox, &["status", "-d", "x"], &[("ECSTRAIL_CONFIG_PROFILE", "other")]);
    assert!(answer.stderr.contains("its profiles are production"), "{answer}");
    let none = Sandbox::new().run(&words);
    assert!(none.stderr.contains("add [profiles.prodution]"), "{none}");
}

/// Whatever a file says is an answer or a clear error, and nothing that a terminal would act on.
#[test]
fn odd_values_of_every_key() {
    let keys = Sandbox::new().run(&["config", "keys", "--format", "json"]).stdout;
    let keys: serde_json::Value = serde_json::from_str(&keys).unwrap();
    let keys = keys["keys"].as_array().unwrap().iter().map(|key| key["key"].as_str().unwrap());
    let names = keys.chain(["parameters.cluster", "reports.x.y", "sets.x", "profiles.x.sets.y"]);
    let long = format!("\"{}\"", "x".repeat(100_000));
    let values = [
        "\"\"",
        "\" \"",
        "\"~\"",
        "\"~/\"",
        "\"/\"",
        "\"s3://\"",
        "\"file://\"",
        "\"http://\\u001b[31m\"",
        "\"\\u202egnp.exe\\u2066\"",
        "\"two\\nlines\"",
        "99999999999999999999",
        "9223372036854775807",
        "-1",
        "0x7fffffffffffffff",
        "nan",
        "-inf",
        "1979-05-27T07:32:00Z",
        "[]",
        "[[\"a\"]]",
        "[\"\\u0007\"]",
        "{}",
        "{ a = { b = 1 } }",
        "'''",
        &long,
    ];
    let texts: Vec<String> = names
        .flat_map(|name| values.map(|value| format!("{name} = {value}\n[profiles.p]\n")))
        .chain(["[".repeat(20_000), "a.".repeat(20_000), "\u{feff}threads = 1".to_owned()])
        .collect();
    let problems = crate::process::for_each(&texts, |_, text| {
        let sandbox = with_config(text);
        let answer = sandbox.run(&["query", "SELECT 1", "-d", "nowhere", "-p", "p"]);
        let raw = answer.stderr.chars().find(|one| crate::process::acts_on_terminals(*one));
        let is_clear = matches!(answer.code, Some(1 | 2)) && !answer.stderr.contains("panicked");
        let is_short = answer.stderr.len() < 12_000;
        let shown: String = text.chars().take(80).collect();
        (!is_clear || !is_short || raw.is_some()).then(|| format!("{shown:?} {raw:?} {answer}"))
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
