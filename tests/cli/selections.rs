//! What `ecstrail convert` keeps, what it says where that is nothing, and names that cannot be meant
//! so.

use insta::assert_snapshot;

use crate::{
    inputs::{counts, record},
    sandbox::Sandbox,
};

#[test]
fn what_there_is_where_nothing_is_kept() {
    let sandbox = Sandbox::new();
    let of = |source: &str, id: &str| record(id).replace("ecs.amazonaws.com", source);
    let mut records: Vec<String> =
        (0..25).map(|number| of(&format!("s{number:02}.amazonaws.com"), "e")).collect();
    records.extend((0..3).map(|number| of("sts.amazonaws.com", &format!("f-{number}"))));
    records.push(of("", "none"));
    sandbox.write("trail/a.json", records.join("\n"));
    let convert =
        |to: &str, more: &[&str]| sandbox.run(&[&["convert", "trail", "--to", to], more].concat());
    assert_snapshot!("other_event_sources", convert("a", &[]));
    assert_snapshot!("other_event_sources_json", convert("b", &["--format", "json"]));
    let elsewhere = ["--event-source", "sts.amazonaws.com", "--region", "eu-west-1"];
    assert_snapshot!("all_excluded", convert("c", &elsewhere));
    // What was converted before is no reason to look for something else.
    assert!(!convert("a", &[]).stdout.contains("There are no events of"));
}

#[test]
fn names_that_cannot_be_meant_so() {
    let sandbox = Sandbox::new();
    sandbox.write("trail/a.json", record("a"));
    for (option, value, expected) in [
        ("--event-source", "ecs", "give ecs.amazonaws.com"),
        ("--event-source", "ECS.AmazonAWS.com", "give ecs.amazonaws.com"),
        ("--event-source", "aws.ecs", "give ecs.amazonaws.com"),
        ("--event-source", "ecs.amazon.com", "give ecs.amazonaws.com"),
        ("--event-source", "ecr.amazonaws.com,s3", "give s3.amazonaws.com"),
        ("--event-source", "my service", "such as ecs.amazonaws.com, or all"),
        ("--event-name", "updateservice", "give UpdateService"),
        ("--event-name", "RunTask,RUNTASK", "give RunTask"),
        ("--event-name", "Run Task", "only letters and digits"),
        ("--account", "11112222333", "12 digits, this one has 11"),
        ("--account", "12345678901", "give 012345678901"),
        ("--account", "1111222233334", "12 digits, this one has 13"),
        ("--account", "production", "12 digits of an account ID"),
        ("--region", "us-east-1a", "Availability Zone: give its Region, us-east-1"),
        ("--region", "US-EAST-1", "give us-east-1"),
        ("--region", "virginia", "such as us-east-1"),
    ] {
        let answer = sandbox.run(&["convert", "trail", "--to", "dataset", option, value]);
        assert_eq!(answer.code, Some(2), "{answer}");
        assert!(answer.stderr.contains(expected), "{expected}: {answer}");
    }
    assert!(!sandbox.path("dataset").exists());
    for (option, value, rows) in [
        ("--event-source", "ecs.amazonaws.com,partner.example.com", 1),
        ("--event-source", "ALL", 1),
        ("--event-name", "RunTask,BrandNewOperation", 1),
        ("--account", "1111-2222-3333", 1),
        ("--region", "us-gov-west-1,us-east-1,aws-global", 1),
    ] {
        let to = format!("dataset-{value}");
        let arguments = ["convert", "trail", "--to", &to, "--format", "json", option, value];
        assert_eq!(counts(&sandbox.run(&arguments))[0], rows, "{value}");
    }
}

#[test]
fn old_records_are_kept_by_the_account_of_their_log_file() {
    let sandbox = Sandbox::new();
    let name = "111122223333_CloudTrail_us-east-1_20160205T1840Z_OldTrail00000001.json";
    let nameless = record("old").replace(r#","recipientAccountId":"111122223333""#, "");
    sandbox.write(
        &format!("trail/AWSLogs/111122223333/CloudTrail/us-east-1/2016/02/05/{name}"),
        nameless,
    );
    for (account, rows) in [("111122223333", 1), ("444455556666", 0)] {
        let arguments =
            ["convert", "trail", "--to", account, "--account", account, "--format", "json"];
        let answer = sandbox.run(&arguments);
        if rows == 0 {
            assert_eq!(answer.code, Some(1), "{answer}");
        } else {
            assert_eq!(counts(&answer)[0], rows, "{answer}");
        }
    }
    let sql = "SELECT account_id, recipient_account_id FROM events";
    let answer = sandbox.run(&["query", sql, "-d", "111122223333", "-f", "jsonl"]);
    assert_eq!(answer.stdout, "{\"account_id\":\"111122223333\",\"recipient_account_id\":null}\n");
}
