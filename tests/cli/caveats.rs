//! What is said about an answer beside its rows: names that the dataset has never seen, events that
//! were not converted, why there are no rows, and checks that do not pass by mistake.

use insta::assert_snapshot;

use crate::sandbox::{Answer, Sandbox, samples};

fn report(sandbox: &Sandbox, name: &str, more: &[&str]) -> Answer {
    sandbox.run(&[&["report", name, "-d", "dataset", "-f", "csv"], more].concat())
}

#[test]
fn a_check_does_not_pass_on_a_typing_error() {
    let sandbox = Sandbox::with_samples();
    let deployments = |more: &[&str]| report(&sandbox, "deployments", more);
    let plain = deployments(&["--cluster", "prodcution"]);
    assert_eq!(plain.code, Some(0), "{plain}");
    assert_snapshot!("unknown_cluster", plain);
    let check = ["--fail-if-rows", "1", "--cluster", "prodcution"];
    assert_snapshot!("unknown_cluster_in_a_check", deployments(&check));
    let allowed = deployments(&[&check[..], &["--allow-unknown"]].concat());
    assert_eq!((allowed.code, &allowed.stderr), (Some(0), &plain.stderr), "{allowed}");
    assert_eq!(deployments(&["--fail-if-rows", "1", "--cluster", "production"]).code, Some(4));
    for (option, value) in [
        ("--region", "eu-wset-1"),
        ("--account", "444455556665"),
        ("--service", "chekout"),
        ("--service", "arn:aws:ecs:us-east-1:444455556666:service/productoin/checkout"),
    ] {
        let answer = deployments(&["--fail-if-rows", "1", option, value]);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{value}: {answer}");
        assert!(answer.stderr.contains("did you mean"), "{value}: {answer}");
    }
    let actor = report(&sandbox, "actor-timeline", &["--actor", "nobdoy", "--fail-if-rows", "1"]);
    assert_eq!(actor.code, Some(1), "{actor}");
}

#[test]
fn an_empty_answer_says_why() {
    let sandbox = Sandbox::with_samples();
    let deployments = |more: &[&str]| report(&sandbox, "deployments", more);
    assert_snapshot!("no_rows_other_days", deployments(&["--from", "2031-01-01"]));
    let elsewhere = ["--cluster", "production", "--until", "2026-04-01"];
    assert_snapshot!("no_rows_name_elsewhere", deployments(&elsewhere));
    let nothing = ["query", "SELECT event_id FROM events WHERE event_name = 'x'", "-d", "dataset"];
    assert_snapshot!("no_rows_query", sandbox.run(&nothing));
    let export = ["export", "-d", "dataset", "--region", "eu-west-1", "--until", "2026-04-01"];
    assert_snapshot!("no_rows_export", sandbox.run(&export));
    let rows = ["query", "SELECT count(*) FROM events", "-d", "dataset"];
    assert_eq!(sandbox.run(&rows).stderr, "");
    let lines = sandbox.run(&[
        "report",
        "deployments",
        "-d",
        "dataset",
        "--from",
        "2031-01-01",
        "-f",
        "jsonl",
    ]);
    assert_eq!((lines.code, lines.stdout.as_str()), (Some(0), ""), "{lines}");
}

#[test]
fn columns_that_rest_on_what_was_not_converted() {
    let sandbox = Sandbox::with_samples();
    sandbox.write(
        "mine/keys.sql",
        "-- title: x\n-- needs: ecs.amazonaws.com\n-- uses: kms.amazonaws.com, s3.amazonaws.com\n\
         SELECT count(*) > 0 AS any FROM events",
    );
    sandbox
        .write("mine/all.sql", "-- title: x\n-- uses: all\nSELECT count(*) > 0 AS any FROM events");
    let mine = |name: &str| report(&sandbox, name, &["--queries", "mine"]);
    assert_snapshot!("columns_not_converted", mine("keys"));
    assert_snapshot!("columns_of_all_not_converted", mine("all"));
    assert_snapshot!("columns_help", sandbox.run(&["report", "keys", "--queries", "mine", "-h"]));
    let all = ["convert", &samples(), "--to", "dataset", "--event-source", "all"];
    sandbox.run(&all);
    assert_snapshot!("columns_partly_converted", mine("keys"));
    assert_eq!(mine("all").stdout, "any\r\ntrue\r\n");
}

#[test]
fn a_check_does_not_pass_on_old_events() {
    let sandbox = Sandbox::with_samples();
    let deployments = |more: &[&str]| report(&sandbox, "deployments", more);
    let check = ["--fail-if-rows", "1000", "--max-age"];
    assert_eq!(deployments(&[&check[..], &["36500d"]].concat()).code, Some(0));
    let old = deployments(&[&check[..], &["1s"]].concat());
    assert_eq!((old.code, old.stdout.as_str()), (Some(1), ""), "{old}");
    assert!(old.stderr.contains("older than --max-age allows"), "{old}");
    let query = ["query", "SELECT 1", "-d", "dataset", "--max-age", "1s"];
    assert_eq!(sandbox.run(&query).code, Some(1));
    let nowhere = ["--max-age", "36500d", "--region", "ap-northeast-3", "--allow-unknown"];
    assert_snapshot!("no_newest_event", deployments(&nowhere));
    sandbox.run(&["convert", &samples(), "--to", "nothing", "--event-source", "sqs.amazonaws.com"]);
    let empty = ["query", "SELECT event_id FROM events", "-d", "nothing", "-f", "csv"];
    assert_snapshot!("empty_dataset", sandbox.run(&empty));
    let old = sandbox.run(&[&empty[..], &["--max-age", "36500d"]].concat());
    assert_eq!(old.code, Some(1), "{old}");
}

#[test]
fn values_that_have_not_their_form() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "mine/forms.sql",
        "-- title: x\n-- param account account default null: a\n\
         -- param region region default null: b\n\
         -- param event_source event_source default null: c\n\
         SELECT $account, $region, $event_source",
    );
    for (option, value, meant) in [
        ("--account", "11122223333", "did you mean \"011122223333\"?"),
        ("--account", "1111-2222-3333", "did you mean \"111122223333\"?"),
        ("--account", "production", "is not an account: give its 12 digits"),
        ("--region", "EU-WEST-1", "did you mean \"eu-west-1\"?"),
        ("--event-source", "ecs", "did you mean \"ecs.amazonaws.com\"?"),
    ] {
        let answer =
            sandbox.run(&["report", "forms", "--queries", "mine", "-d", "none", option, value]);
        assert_eq!(answer.code, Some(2), "{value}: {answer}");
        assert!(answer.stderr.contains(meant), "{value}: {answer}");
    }
}
