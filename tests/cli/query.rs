//! `ecstrail query`: SQL in, rows out.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn the_example_of_the_aws_documentation_as_a_row() {
    let sandbox = Sandbox::with_samples();
    let sql = "SELECT date, region, event_name, cluster_name, cluster_arn, resource_status, running_count, \
               session_issuer_arn, session_mfa_authenticated, actor, channel FROM events WHERE date = '2018-06-20'";
    assert_snapshot!(
        sandbox.run(&["query", sql, "--dataset", "dataset", "--format", "json"]).stdout
    );
}

#[test]
fn every_format() {
    let sandbox = Sandbox::with_samples();
    let sql = "SELECT event_time, event_name, desired_count, failure_reasons, container_exit_codes, tags \
               FROM events WHERE event_id IN ('members-of-no-model', 'failures-without-error', \
               'environment-hidden', 'agent-report', 'odd-json') ORDER BY event_time";
    for format in ["table", "csv", "tsv", "json", "jsonl", "markdown"] {
        let answer = sandbox.run(&["query", sql, "-d", "dataset", "-f", format]);
        assert_snapshot!(format!("format_{format}"), answer);
    }
    let empty = "SELECT event_time, actor FROM events WHERE region = 'none'";
    assert_snapshot!(sandbox.run(&["query", empty, "-d", "dataset", "-f", "csv"]).stdout, @"event_time,actor");
}

#[test]
fn what_is_refused() {
    let sandbox = Sandbox::with_samples();
    let query = |sql: &str| sandbox.run(&["query", sql, "-d", "dataset"]);
    assert_snapshot!("unknown_column", query("SELECT cluster FROM events"));
    assert_snapshot!("syntax_error", query("SELEC 1"));
    assert_snapshot!("not_a_query", query("CREATE TABLE t AS SELECT 1"));
    assert_snapshot!("no_dataset", sandbox.run(&["query", "SELECT 1", "-d", "nowhere"]));
    assert_snapshot!("dataset_not_given", sandbox.run(&["query", "SELECT 1"]));
    assert_snapshot!(
        "unknown_format",
        sandbox.run(&["query", "SELECT 1", "-d", "dataset", "-f", "xml"])
    );
}
