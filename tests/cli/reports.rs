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
    let unused = report(&["--sql", "duckdb", "--cluster", "production"]);
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
    let unknown = sandbox.run(&["report", "top-errors", "--sql", "oracle"]);
    assert_snapshot!("report_sql_unknown", unknown);
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
    assert!(again.stdout.contains("358  in the dataset already"), "{again}");
}
