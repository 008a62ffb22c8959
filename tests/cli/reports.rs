//! Every report in `queries/` runs on the samples and gives the rows it should.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn every_report_on_the_samples() {
    let sandbox = Sandbox::with_samples();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/queries");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter_map(|file| file.file_name().to_str()?.strip_suffix(".sql").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() >= 3);
    for name in names {
        let answer = sandbox.run(&["report", &name, "--dataset", "dataset", "--format", "csv"]);
        assert_snapshot!(format!("report_{name}"), answer);
    }
}

#[test]
fn parameters() {
    let sandbox = Sandbox::with_samples();
    let report = |more: &[&str]| {
        sandbox.run(&[&["report", "deployments", "-d", "dataset", "-f", "csv"], more].concat())
    };
    let narrow = report(&[
        "--from",
        "2026-04-27",
        "--until",
        "2026-04-27",
        "--set",
        "service=checkout",
        "--region",
        "us-east-1",
    ]);
    assert_snapshot!("report_with_parameters", narrow);
    let injection = report(&["--set", "service=x' OR 1=1 --"]);
    assert_eq!(injection.stdout.lines().count(), 1, "{injection}");
    assert_snapshot!("report_unknown_parameter", report(&["--set", "servic=checkout"]));
    assert_snapshot!("report_wrong_value", report(&["--from", "yesteryear"]));
    assert_snapshot!(
        "report_unknown_name",
        sandbox.run(&["report", "deployment", "-d", "dataset"])
    );
    assert_snapshot!("report_list", sandbox.run(&["report"]));
}

#[test]
fn reports_of_ones_own() {
    let sandbox = Sandbox::with_samples();
    sandbox.write(
        "mine/busiest.sql",
        "-- title: Busiest clusters\n-- param limit integer default 1: How many\n\
         SELECT cluster_name, count(*) AS events FROM events GROUP BY cluster_name ORDER BY events DESC LIMIT $limit",
    );
    let answer = sandbox.run(&[
        "report",
        "busiest",
        "--reports",
        "mine",
        "-d",
        "dataset",
        "--set",
        "limit=2",
    ]);
    assert_snapshot!(answer);
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
