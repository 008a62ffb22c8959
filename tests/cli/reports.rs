//! Reports on the command line: listed, explained, run with what people type. What their rows are
//! is held against the samples in the query crate.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn reports_are_listed_and_explained() {
    let sandbox = Sandbox::new();
    let list = sandbox.run(&["report", "--list"]);
    assert_snapshot!("report_list", list);
    assert_eq!(sandbox.run(&["report"]).stdout, list.stdout);
    assert_snapshot!("report_help", sandbox.run(&["report", "deployment-ledger", "--help"]));
    assert_snapshot!("report_help_required", sandbox.run(&["report", "event", "-h"]));
    let help = sandbox.run(&["report", "--help"]);
    assert!(help.stdout.contains("Usage: ecstrail report"), "{help}");
    assert_eq!(help.code, Some(0));
    let described = sandbox.run(&["describe", "reports", "--format", "json"]);
    let described: serde_json::Value = serde_json::from_str(&described.stdout).unwrap();
    let names = |reports: &serde_json::Value| reports.as_array().unwrap().len();
    assert!(names(&described) >= 45);
    let listed = sandbox.run(&["report", "--list", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed, described);
    let markdown = sandbox.run(&["report", "-f", "markdown"]);
    assert_eq!(markdown.stdout, sandbox.run(&["describe", "reports"]).stdout);
    assert_snapshot!("report_list_csv", sandbox.run(&["report", "--list", "-f", "csv"]));
    let to_file = sandbox.run(&["report", "--list", "-o", "reports.json"]);
    assert_eq!(to_file.code, Some(2), "{to_file}");
}

#[test]
fn views_are_described_for_programs() {
    let sandbox = Sandbox::new();
    let json = |more: &[&str]| -> serde_json::Value {
        let answer = sandbox.run(&[&["describe", "views", "--format", "json"], more].concat());
        serde_json::from_str(&answer.stdout).unwrap()
    };
    let views = json(&[]);
    let tags = views.as_array().unwrap().iter().find(|view| view["name"] == "tags").unwrap();
    assert_snapshot!("view_json", serde_json::to_string_pretty(tags).unwrap());
    for view in views.as_array().unwrap() {
        for (engine, sql) in view["sql"].as_object().unwrap() {
            let all = sandbox.run(&["describe", "views", "--engine", engine]).stdout;
            assert!(all.contains(sql.as_str().unwrap()), "{engine} {sql}");
        }
    }
    let one = json(&["-e", "duckdb"]);
    assert_eq!(one[0]["sql"].as_object().unwrap().keys().collect::<Vec<_>>(), ["duckdb"]);
}

#[test]
fn the_readme_of_the_reports_lists_them_all() {
    let sandbox = Sandbox::new();
    let described = sandbox.run(&["describe", "reports"]).stdout;
    let readme = include_str!("../../queries/README.md");
    assert!(readme.contains(described.trim_end()), "just reports brings it up to date");
}

#[test]
fn reports_are_run() {
    let sandbox = Sandbox::with_samples();
    for name in ["activity-by-day", "denied-calls", "deployments", "placement-failures"] {
        let answer = sandbox.run(&["report", name, "--dataset", "dataset", "--format", "csv"]);
        assert_snapshot!(format!("report_{name}"), answer);
    }
}

#[test]
fn names_are_given_as_people_type_them() {
    let sandbox = Sandbox::with_samples();
    let report = |more: &[&str]| {
        sandbox.run(&[&["report", "deployments", "-d", "dataset", "-f", "csv"], more].concat())
    };
    let plain = report(&[
        "--set",
        "service=checkout",
        "--cluster",
        "production",
        "--region",
        "us-east-1",
        "--account",
        "444455556666",
    ]);
    assert_eq!(plain.code, Some(0), "{plain}");
    assert!(plain.stdout.lines().count() > 3, "{plain}");
    let cluster = "arn:aws:ecs:us-east-1:444455556666:cluster/production";
    let service = "arn:aws:ecs:us-east-1:444455556666:service/production/checkout";
    for typed in [
        &["--service", service][..],
        &["--service", "checkout", "--cluster", cluster],
        &["--service", "production/checkout", "--region", "us-east-1", "--account", "444455556666"],
        &["--service", service, "--cluster", cluster, "--region", "us-east-1"],
    ] {
        assert_eq!(report(typed).stdout, plain.stdout, "{typed:?}");
    }
    let contradiction = report(&["--service", service, "--region", "eu-west-1"]);
    assert_snapshot!("report_contradiction", contradiction);
    assert_snapshot!("report_no_name", report(&["--cluster", service]));
    assert_snapshot!("report_injection", report(&["--service", "x' OR 1=1 --"]));
    let history = |task_definition: &str| {
        let setting = format!("task_definition={task_definition}");
        sandbox.run(&["report", "task-definition-history", "-d", "dataset", "--set", &setting])
    };
    let revision = history("checkout:33");
    assert_eq!(revision.stdout.matches("checkout:33").count(), 1, "{revision}");
    assert!(history("checkout").stdout.lines().count() > 4);
    let arn = "arn:aws:ecs:us-east-1:444455556666:task-definition/checkout:33";
    assert_eq!(history(arn).stdout, revision.stdout);
}

#[test]
fn parameters_are_options() {
    let sandbox = Sandbox::with_samples();
    sandbox.write(
        "mine/pick.sql",
        "-- title: Pick\n-- param min_events integer default 1: At least\n\
         -- param failed_only boolean default false: Failed calls only\n\
         -- param all_regions boolean default true: Of all regions\n\
         -- param limit integer default 2: How many\n-- param name text: Name\n\
         SELECT $min_events AS min_events, $failed_only AS failed_only, $all_regions AS all_regions, \
         $limit AS own_limit, $name AS name",
    );
    let pick = |more: &[&str]| {
        let report = ["report", "pick", "--queries", "mine", "-d", "dataset", "-f", "csv"];
        sandbox.run(&[&report, more].concat())
    };
    let header = "min_events,failed_only,all_regions,own_limit,name\r\n";
    for (options, expected) in [
        (&["--name", "x"][..], "1,false,true,2,x"),
        (&["--name=x", "--min-events", "-3"], "'-3,false,true,2,x"),
        (&["--name", "x=y", "--min_events=7"], "7,false,true,2,x=y"),
        (&["--failed-only", "--name", "x"], "1,true,true,2,x"),
        (&["--failed-only=false", "--all-regions=false", "--name", "x"], "1,false,false,2,x"),
        (&["--set", "name=x", "--set", "limit=5"], "1,false,true,5,x"),
        (&["--name", "deployments"], "1,false,true,2,deployments"),
    ] {
        let expected = expected.replace("'-3", "-3");
        assert_eq!(pick(options).stdout, format!("{header}{expected}\r\n"), "{options:?}");
    }
    assert_snapshot!("report_option_misspelled", pick(&["--nmae", "x"]));
    assert_snapshot!("report_option_wrong", pick(&["--name", "x", "--failed-only=maybe"]));
    assert_snapshot!("report_option_twice", pick(&["--name", "x", "--set", "name=y"]));
    assert_snapshot!("report_option_required", pick(&[]));
    assert_snapshot!("report_limit_of_its_own", pick(&["--name", "x", "--limit", "3"]));
    let gate = pick(&["--name", "x", "--fail-if-rows", "3"]);
    assert_eq!(gate.code, Some(2), "it could never fail: {gate}");
    assert_eq!(pick(&["--name", "x", "--fail-if-rows", "1"]).code, Some(4));
    assert_snapshot!("report_options_help", pick(&["--help"]));

    // Before the name as well, and with another folder of reports.
    let before = ["report", "--task-definition", "checkout:33", "-d", "dataset"];
    let history = sandbox.run(&[&before[..], &["task-definition-history"]].concat());
    assert_eq!(history.stdout.matches("checkout:33").count(), 1, "{history}");
    let with_equals = ["report", "--queries=mine", "--name=x", "pick", "-d", "dataset"];
    assert_eq!(sandbox.run(&with_equals).code, Some(0));
    let by_environment = ["report", "pick", "--name=x", "-d", "dataset"];
    let by_environment =
        sandbox.command(&by_environment).env("ECSTRAIL_QUERIES", "mine").output().unwrap();
    assert_eq!(by_environment.status.code(), Some(0));
    assert_snapshot!("report_no_such_option", sandbox.run(&["report", "--from", "7d"]));
    let misspelled = sandbox.run(&["report", "deploymnets", "--from", "7d", "-d", "dataset"]);
    assert!(misspelled.stderr.contains("did you mean \"deployments\""), "{misspelled}");
}

#[test]
fn days_are_given_as_people_say_them() {
    let sandbox = Sandbox::with_samples();
    let source = crate::sandbox::samples();
    for (from, until) in [
        ("last-week", "last-week"),
        ("this-month", "this-month"),
        ("last-month", "yesterday"),
        ("monday", "today"),
        ("7d", "0d"),
    ] {
        for command in [
            &["report", "deployments", "-d", "dataset"][..],
            &["report", "deployments", "--sql", "duckdb"],
            &["export", "-d", "dataset"],
            &["compact", "-d", "dataset", "--dry-run"],
            &["convert", &source, "--to", "dataset", "--dry-run"],
        ] {
            let answer = sandbox.run(&[command, &["--from", from, "--until", until]].concat());
            assert_eq!(answer.code, Some(0), "{command:?} {answer}");
        }
    }
    for (name, command) in [
        ("day_export", &["export", "-d", "dataset"][..]),
        ("day_compact", &["compact", "-d", "dataset", "--dry-run"]),
        ("day_convert", &["convert", &source, "--to", "dataset", "--dry-run"]),
    ] {
        assert_snapshot!(name, sandbox.run(&[command, &["--from", "next-week"]].concat()));
    }
}

#[test]
fn mistakes_are_told() {
    let sandbox = Sandbox::with_samples();
    let report =
        |more: &[&str]| sandbox.run(&[&["report", "deployments", "-d", "dataset"], more].concat());
    assert_snapshot!("report_unknown_parameter", report(&["--set", "servic=checkout"]));
    assert_snapshot!("report_wrong_value", report(&["--from", "yesteryear"]));
    assert_snapshot!(
        "report_unknown_name",
        sandbox.run(&["report", "deploymnets", "-d", "dataset"])
    );
    let no_days = report(&["--from", "2026-04-28", "--until", "2026-04-27"]);
    assert_snapshot!("report_no_days", no_days);
    let twice = report(&["--cluster", "production", "--set", "cluster=staging"]);
    assert_snapshot!("report_given_twice", twice);
    assert_snapshot!("report_empty_value", report(&["--region", ""]));
    let unused = report(&["--sql", "duckdb", "--format", "csv"]);
    assert_eq!(unused.code, Some(2), "{unused}");
    assert_snapshot!("report_missing", sandbox.run(&["report", "event", "-d", "dataset"]));
}

#[test]
fn reports_of_ones_own() {
    let sandbox = Sandbox::with_samples();
    sandbox.write(
        "mine/busiest.sql",
        "-- title: Busiest clusters\n-- param limit integer default 1: How many\n\
         SELECT cluster_name, count(*) AS events FROM events GROUP BY cluster_name ORDER BY events DESC LIMIT $limit",
    );
    let mine = ["--queries", "mine", "-d", "dataset"];
    let busiest = [&["report", "busiest", "--set", "limit=2"], &mine[..]].concat();
    assert_snapshot!("report_own", sandbox.run(&busiest));
    let list = sandbox.run(&["report", "--queries", "mine"]);
    assert!(list.stdout.contains("Other\n  busiest "), "{list}");
    sandbox
        .write("mine/lateral.sql", "-- title: x\nSELECT unnest(container_names) AS n FROM events");
    let foreign = ["report", "lateral", "--sql", "duckdb", "--queries", "mine"];
    assert_snapshot!("report_not_portable", sandbox.run(&foreign));
    sandbox.write("mine/broken.sql", "-- title: x\n-- parm a text: b\nSELECT 1");
    assert_snapshot!("report_broken", sandbox.run(&busiest));
}

#[test]
fn reports_are_written_for_other_engines() {
    let sandbox = Sandbox::new();
    for engine in ["datafusion", "duckdb", "spark", "athena"] {
        let answer = sandbox.run(&["report", "top-errors", "--sql", engine]);
        assert_snapshot!(format!("report_sql_{engine}"), answer);
        let views = sandbox.run(&["describe", "views", "--engine", engine]);
        assert_snapshot!(format!("views_{engine}"), views);
    }
    sandbox.write(
        "mine/values.sql",
        "-- title: Values\n-- param day date: Day\n-- param since timestamp: Time\n\
         -- param text text: Text\n-- param count integer: Count\n-- param share number: Share\n\
         -- param flag boolean default false: Flag\n-- param none text default null: None\n\
         SELECT $day AS day, $since AS since, $text AS text, $count AS count, $share AS share, \
         $flag AS flag, $none AS none, array_has(string_to_array($text, ','), 'b') AS has \
         FROM events ORDER BY event_time LIMIT $count",
    );
    for engine in ["datafusion", "duckdb", "spark", "athena"] {
        let values = [
            "report",
            "values",
            "--queries",
            "mine",
            "--sql",
            engine,
            "--day",
            "2026-04-27",
            "--since",
            "2026-04-27T02:18:03.5Z",
            "--text",
            r"it's a \ 'b' – 日本",
            "--count",
            "7",
            "--share",
            "0.5",
            "--flag",
        ];
        assert_snapshot!(format!("report_sql_values_{engine}"), sandbox.run(&values));
    }
    let missing = ["report", "values", "--queries", "mine", "--sql", "duckdb", "--count", "7"];
    assert_eq!(sandbox.run(&missing).code, Some(2));
    let unknown = sandbox.run(&["report", "top-errors", "--sql", "oracle"]);
    assert_snapshot!("report_sql_unknown", unknown);
}

/// What is written into the SQL is what the report is bound to.
#[test]
fn a_report_with_its_values_written_gives_the_same_rows() {
    let sandbox = Sandbox::with_samples();
    for report in [
        &["deployments", "--service", "production/checkout", "--from", "2026-04-26"][..],
        &["denied-calls", "--actor", "it's \\' -- \t somebody\u{1b}"],
        &["denied-calls", "--until", "2026-04-28", "--region", "us-east-1"],
        &["top-errors", "--set", "limit=3"],
        &["task-definition-posture", "--newest-only"],
    ] {
        let run = |more: &[&str]| sandbox.run(&[&["report"], report, more].concat());
        let bound = run(&["-d", "dataset", "-f", "csv"]);
        assert_eq!(bound.code, Some(0), "{bound}");
        sandbox.write("written.sql", run(&["--sql", "datafusion"]).stdout);
        let written = ["query", "--file", "written.sql", "-d", "dataset", "-f", "csv"];
        assert_eq!(sandbox.run(&written).stdout, bound.stdout, "{report:?}");
    }
}

#[test]
fn a_report_on_what_was_not_converted_says_so() {
    let sandbox = Sandbox::new();
    sandbox.run(&[
        "convert",
        &crate::sandbox::samples(),
        "--to",
        "dataset",
        "--event-source",
        "s3.amazonaws.com",
    ]);
    let answer = sandbox.run(&["report", "deployments", "-d", "dataset"]);
    assert_snapshot!(answer);
    assert_eq!(sandbox.run(&["report", "activity-by-day", "-d", "dataset"]).code, Some(0));
}

#[test]
fn the_demo_runs_twice() {
    let sandbox = Sandbox::new();
    let first = sandbox.run(&["demo"]);
    assert_eq!(first.code, Some(0), "{first}");
    assert_snapshot!("demo", first);
    let again = sandbox.run(&["demo"]);
    assert_eq!(again.code, Some(0), "{again}");
    assert!(again.stdout.contains("358    already in the dataset"), "{again}");
}
