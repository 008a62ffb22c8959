//! The command line over the environment, the environment over the file, a profile over the rest.

use insta::assert_snapshot;

use super::{FILE, dataset, effective, run_with, with_config};
use crate::sandbox::Sandbox;

/// A key with what shows its value.
struct Case {
    key: &'static str,
    /// The command that shows it.
    words: &'static [&'static str],
    file: &'static str,
    profile: &'static str,
    /// A variable of the environment and its value.
    variable: Option<(&'static str, &'static str)>,
    /// The option with its value.
    option: &'static [&'static str],
    /// What is in the answer: by default, then in the order above.
    shown: [&'static str; 5],
}

const COUNT: &str = "SELECT 'events: ' || count(*) AS n FROM events";
const SETTING: &str = "SELECT name || ' is ' || value FROM information_schema.df_settings WHERE name IN \
                       ('datafusion.execution.target_partitions', 'datafusion.runtime.memory_limit')";

const CASES: [Case; 9] = [
    Case {
        key: "dataset",
        words: &["query", COUNT],
        file: "\"~/in-file\"",
        profile: "\"~/in-profile\"",
        variable: Some(("ECSTRAIL_DATASET", "in-environment")),
        option: &["--dataset", "in-option"],
        shown: ["no dataset was given", "events: 1", "events: 2", "events: 3", "events: 4"],
    },
    Case {
        key: "queries",
        words: &["report", "mine", "--help"],
        file: "\"~/queries/file\"",
        profile: "\"~/queries/profile\"",
        variable: Some(("ECSTRAIL_QUERIES", "queries/environment")),
        option: &["--queries", "queries/option"],
        shown: [
            "unknown report",
            "of the file",
            "of the profile",
            "of the environment",
            "of the option",
        ],
    },
    Case {
        key: "aws_profile",
        words: &["status", "-d", "s3://bucket/x"],
        file: "\"in-file\"",
        profile: "\"in-profile\"",
        variable: Some(("AWS_PROFILE", "in-environment")),
        option: &["--profile", "in-option"],
        shown: [
            "no AWS credentials",
            "AWS profile \"in-file\"",
            "AWS profile \"in-profile\"",
            "AWS profile \"in-environment\"",
            "AWS profile \"in-option\"",
        ],
    },
    Case {
        key: "endpoint",
        words: &["status", "-d", "s3://bucket/x", "--anonymous"],
        file: "\"http://127.0.0.1:1\"",
        profile: "\"http://127.0.0.1:2\"",
        variable: Some(("AWS_ENDPOINT_URL", "http://127.0.0.1:3")),
        option: &["--endpoint", "http://127.0.0.1:4"],
        shown: ["", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4"],
    },
    Case {
        key: "engine",
        words: &["query", "SELECT 'here' AS place", "-d", "in-file"],
        file: "\"sc://127.0.0.1:1\"",
        profile: "\"sc://127.0.0.1:2\"",
        variable: Some(("ECSTRAIL_ENGINE", "sc://127.0.0.1:3")),
        option: &["--engine", "sc://127.0.0.1:4"],
        shown: ["here", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4"],
    },
    Case {
        key: "memory",
        words: &["query", SETTING, "-d", "in-file"],
        file: "\"200MiB\"",
        profile: "\"300MiB\"",
        variable: None,
        option: &["--memory", "400MiB"],
        shown: ["memory_limit is ", "memory_limit is ", "memory_limit is ", "", "memory_limit is "],
    },
    Case {
        key: "scratch",
        words: &["convert", "in-file.json", "--to", "new"],
        file: "\"/nowhere/in-file\"",
        profile: "\"/nowhere/in-profile\"",
        variable: None,
        option: &["--scratch", "/nowhere/in-option"],
        shown: [
            "1    converted",
            "/nowhere/in-file",
            "/nowhere/in-profile",
            "",
            "/nowhere/in-option",
        ],
    },
    Case {
        key: "threads",
        words: &["query", SETTING, "-d", "in-file"],
        file: "3",
        profile: "5",
        variable: None,
        option: &["--threads", "7"],
        shown: [
            "target_partitions is ",
            "target_partitions is 3",
            "target_partitions is 5",
            "",
            "target_partitions is 7",
        ],
    },
    Case {
        key: "format",
        words: &["query", "SELECT 1 AS one, 2 AS two", "-d", "in-file"],
        file: "\"csv\"",
        profile: "\"tsv\"",
        variable: None,
        option: &["--format", "jsonl"],
        shown: ["one", "one,two", "one\ttwo", "", "{\"one\":1,\"two\":2}"],
    },
];

#[test]
fn each_key() {
    let sandbox = Sandbox::new();
    for (path, events) in
        [("in-file", 1), ("in-profile", 2), ("in-environment", 3), ("in-option", 4)]
    {
        dataset(&sandbox, path, events);
    }
    for place in ["file", "profile", "environment", "option"] {
        let report = format!("-- title: Of the {place}: of the {place}\nSELECT 1 AS one");
        sandbox.write(&format!("queries/{place}/mine.sql"), report);
    }
    for case in CASES {
        let Case { key, words, file, profile, variable, option, shown } = case;
        let keys = [
            "[profiles.chosen]".to_owned(),
            format!("{key} = {file}\n[profiles.chosen]"),
            format!("{key} = {file}\n[profiles.chosen]\n{key} = {profile}"),
        ];
        let run = |number: usize, text: &str, more: &[&str], variable: Option<(&str, &str)>| {
            sandbox.write(FILE, text);
            drop(std::fs::remove_dir_all(sandbox.path("new")));
            let words = [&["-p", "chosen"], words, more].concat();
            let environment: Vec<_> = variable.into_iter().collect();
            let answer = run_with(&sandbox, &words, &environment);
            let all = format!("{}{}", answer.stdout, answer.stderr);
            assert!(all.contains(shown[number]), "{key} {number}: {answer}");
            all
        };
        // AWS itself is not asked.
        let answers: Vec<_> = (usize::from(key == "endpoint")..3)
            .map(|number| run(number, &keys[number], &[], None))
            .collect();
        assert!(answers.windows(2).all(|two| two[0] != two[1]), "{key}: {answers:?}");
        if variable.is_some() {
            run(3, &keys[2], &[], variable);
        }
        let by_option = run(4, &keys[2], option, variable);
        assert!(!answers.contains(&by_option), "{key}: {by_option}");
    }
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let sandbox = with_config("dataset = \"~/in-file\"\nqueries = \"~/queries\"\n");
    dataset(&sandbox, "in-file", 1);
    sandbox.write("queries/mine.sql", "-- title: Mine\nSELECT 'ours' AS whose FROM events");
    let empty = [("ECSTRAIL_DATASET", ""), ("ECSTRAIL_QUERIES", "")];
    for words in [&["query", COUNT][..], &["report", "mine"], &["book", "mine", "-f", "markdown"]] {
        let answer = run_with(&sandbox, words, &empty);
        assert_eq!(answer.code, Some(0), "{words:?} {answer}");
    }
    let convert = run_with(&sandbox, &["convert", "in-file.json"], &empty);
    assert!(convert.stderr.contains("--to <HOME>"), "{convert}");
}

/// Every key is in the table above, but one that needs a terminal.
#[test]
fn no_key_is_left_out() {
    let keys = Sandbox::new().run(&["config", "keys", "--format", "json"]).stdout;
    let keys: serde_json::Value = serde_json::from_str(&keys).unwrap();
    let keys = keys["keys"].as_array().unwrap().iter().map(|key| key["key"].as_str().unwrap());
    let mut known: Vec<_> = CASES.iter().map(|case| case.key).collect();
    known.extend(["pager", "default_profile"]);
    assert_eq!(keys.collect::<Vec<_>>(), known);
}

#[test]
fn keys_of_the_environment_are_used_instead_of_a_remembered_profile() {
    let sandbox = with_config("aws_profile = \"in-file\"\nendpoint = \"http://127.0.0.1:1\"\n");
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    let words = ["status", "-d", "s3://bucket/x"];
    let answer = run_with(&sandbox, &words, &keys);
    assert!(!answer.stderr.contains("in-file"), "{answer}");
    assert!(answer.stderr.contains("AKIAEXAMPLE"), "{answer}");
    let given = run_with(&sandbox, &[&words[..], &["--profile", "given"]].concat(), &keys);
    assert!(given.stderr.contains("AWS profile \"given\""), "{given}");
}

#[test]
fn the_profile_is_chosen_by_the_command_line_the_environment_or_the_file() {
    let sandbox = with_config(
        "default_profile = \"a\"\nthreads = 1\n[profiles.a]\nthreads = 2\n[profiles.b]\nthreads = 3\n\
         [profiles.c]\nthreads = 4\n",
    );
    let b = &[("ECSTRAIL_CONFIG_PROFILE", "b")][..];
    for (more, environment, profile, threads) in [
        (&[][..], &[][..], Some("a"), "2"),
        (&[], b, Some("b"), "3"),
        (&[], &[("ECSTRAIL_CONFIG_PROFILE", "")], Some("a"), "2"),
        (&["-p", "c"], b, Some("c"), "4"),
        (&["-pc"], b, Some("c"), "4"),
        (&["--config-profile", "c"], b, Some("c"), "4"),
        (&["--config-profile=c"], b, Some("c"), "4"),
        (&["--config-profile="], b, None, "1"),
    ] {
        let effective = effective(&sandbox, more, environment);
        let values = effective["values"].as_array().unwrap();
        let found = values.iter().find(|value| value["name"] == "threads").unwrap();
        assert_eq!(effective["profile"]["value"].as_str(), profile, "{more:?} {environment:?}");
        assert_eq!(found["value"], threads, "{more:?} {environment:?}");
    }
    // Before the command, too, and where the command has parameters of its own.
    for words in [
        &["-p", "none", "report", "deployments"][..],
        &["report", "-p", "none", "deployments", "--cluster", "c"],
        &["--config-profile", "none", "query", "SELECT 1"],
    ] {
        let answer = sandbox.run(words);
        assert!(answer.stderr.contains("the profile \"none\""), "{answer}");
    }
    let text = sandbox.run(&["-p", "b", "config"]);
    assert_snapshot!("config_profile", text);
}

#[test]
fn an_extension_says_more_than_the_remembered_format() {
    let sandbox = with_config("format = \"csv\"\ndataset = \"~/dataset\"\n");
    dataset(&sandbox, "dataset", 1);
    let json = ["query", "SELECT 1 AS one", "--output", "one.json"];
    assert_eq!(sandbox.run(&json).code, Some(0));
    let written = std::fs::read_to_string(sandbox.path("one.json")).unwrap();
    assert!(written.contains("{\"one\":1}"), "{written}");
    // A list of reports has formats of its own.
    let list = sandbox.run(&["report"]);
    assert!(list.stdout.contains("Deployments\n"), "{list}");
    let report = sandbox.run(&["report", "activity-by-day"]);
    assert!(report.stdout.lines().next().unwrap().contains(','), "{report}");
}

/// A terminal of ten lines, by the program `script`.
#[test]
fn the_pager_is_turned_off_and_on() {
    let sandbox = Sandbox::new();
    dataset(&sandbox, "dataset", 1);
    let many = "SELECT * FROM generate_series(1, 40)";
    for (text, environment, option, is_paged) in [
        ("", "PAGER='sed s/^/paged:/'", "", true),
        ("pager = true\n", "PAGER='sed s/^/paged:/'", "", true),
        ("pager = false\n", "PAGER='sed s/^/paged:/'", "", false),
        ("pager = false\n", "PAGER='sed s/^/paged:/'", "--pager", true),
        ("pager = false\n", "PAGER=", "--pager", false),
        ("pager = true\n", "PAGER=", "", false),
        ("pager = true\n", "PAGER='sed s/^/paged:/'", "--no-pager", false),
        ("pager = false\n[profiles.a]\npager = true\n", "PAGER='sed s/^/paged:/'", "-p a", true),
    ] {
        sandbox.write(FILE, text);
        let program = env!("CARGO_BIN_EXE_ecstrail");
        let run = format!(
            "stty rows 10 cols 80; {environment} {program} query '{many}' -d dataset {option}"
        );
        sandbox.write("run.sh", run);
        let answer = sandbox.answer(&mut sandbox.shell("script -qec 'sh run.sh' /dev/null"));
        assert!(answer.stdout.contains("40"), "{answer}");
        let found = answer.stdout.contains("paged:");
        assert_eq!(found, is_paged, "{text} {environment} {option}\n{answer}");
    }
}
