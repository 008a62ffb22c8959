use std::fs;

use serde_json::{Value, json};

use super::*;
use crate::{
    parameter::Arguments,
    testing::{Dataset, LOG, record},
};

const REPORT: &str = "\
-- title: t
-- param account account default null: Account
-- param region region default null: Region
-- param cluster cluster default null: Cluster
-- param service service default null: Service
-- param task task default null: Task
-- param task_definition task_definition default null: Task definition
-- param actor actor default null: Actor
-- param event_name event_name default null: Event name
-- param event_source event_source default null: Event source
-- param from date default null: First day
-- param until date default null: Last day
-- param caller_account text default null: Account of the caller
-- param channels text default console,cli: Channels
-- needs: ecs.amazonaws.com
-- uses: s3.amazonaws.com
SELECT $account, $region, $cluster, $service, $task, $task_definition, $actor, $event_name,
  $event_source, $from, $until, $caller_account, $channels";

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 30).unwrap()
}

fn service(cluster: &str, service: &str, revision: u32) -> Value {
    json!({"requestParameters": {
        "cluster": cluster, "service": service, "taskDefinition": format!("{service}:{revision}"),
    }})
}

fn partitions() -> Vec<(&'static str, Vec<Value>)> {
    let at =
        |time: &str, region: &str, members: Value| record(time, region, "UpdateService", members);
    let task = "0123456789abcdef0123456789abcdef";
    let stopped = json!({
        "requestParameters": {"cluster": "production", "task": task},
        "userIdentity": {
            "type": "AssumedRole", "accountId": "111122223333",
            "principalId": "AROAEXAMPLE:fedcba9876543210fedcba9876543210",
            "arn": "arn:aws:sts::111122223333:assumed-role/app/fedcba9876543210fedcba9876543210",
        },
    });
    vec![
        (
            "date=2026-04-27/region=us-east-1",
            vec![
                at("2026-04-27T02:00:00Z", "us-east-1", service("production", "checkout", 42)),
                at("2026-04-27T03:00:00Z", "us-east-1", service("staging", "search", 7)),
            ],
        ),
        (
            "date=2026-04-28/region=eu-west-1",
            vec![
                at("2026-04-28T04:00:00Z", "eu-west-1", service("production", "checkout", 43)),
                record("2026-04-28T05:00:00Z", "eu-west-1", "StopTask", stopped),
            ],
        ),
    ]
}

fn dataset(selection: &str) -> Dataset {
    let dataset = Dataset::of(&partitions());
    let log = fs::read_to_string(dataset.path(LOG)).unwrap();
    dataset.commit(&log.replace("event-source=ecs.amazonaws.com", selection));
    dataset
}

async fn caveats(session: &Session, given: &[(&str, &str)]) -> Vec<String> {
    let report = Report::parse("r", REPORT).unwrap();
    let given: Arguments =
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let bindings = report.bind(&given, today()).unwrap();
    let caveats = session.caveats(session, &report, &bindings).await.unwrap();
    caveats.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn names_that_the_dataset_has_not_seen() {
    let dataset = dataset("event-source=all");
    let session = dataset.session().await;
    for (name, value, expected) in [
        ("cluster", "production", None),
        (
            "cluster",
            "prodcution",
            Some("Cluster \"prodcution\" is not in the dataset: did you mean \"production\"?"),
        ),
        (
            "cluster",
            "blue",
            Some("Cluster \"blue\" is not in the dataset, which has production and staging."),
        ),
        ("service", "checkout", None),
        (
            "service",
            "chekout",
            Some("Service \"chekout\" is not in the dataset: did you mean \"checkout\"?"),
        ),
        ("task_definition", "checkout", None),
        ("task_definition", "checkout:42", None),
        (
            "task_definition",
            "checkout:24",
            Some(
                "Task definition \"checkout:24\" is not in the dataset: did you mean \"checkout:42\" or \"checkout:43\"?",
            ),
        ),
        ("task", "0123456789abcdef0123456789abcdef", None),
        ("task", "fedcba9876543210fedcba9876543210", None),
        (
            "task",
            "0123456789ab",
            Some(
                "Task \"0123456789ab\" is not in the dataset: did you mean \"0123456789abcdef0123456789abcdef\"?",
            ),
        ),
        ("account", "111122223333", None),
        (
            "account",
            "111122223334",
            Some("Account \"111122223334\" is not in the dataset: did you mean \"111122223333\"?"),
        ),
        ("caller_account", "111122223333", None),
        (
            "caller_account",
            "1111-2222-3333",
            Some(
                "Caller account \"1111-2222-3333\" is not in the dataset: did you mean \"111122223333\"?",
            ),
        ),
        ("region", "eu-west-1", None),
        (
            "region",
            "eu-west-2",
            Some("Region \"eu-west-2\" is not in the dataset: did you mean \"eu-west-1\"?"),
        ),
        (
            "region",
            "ap-northeast-3",
            Some(
                "Region \"ap-northeast-3\" is not in the dataset, which has eu-west-1 and us-east-1.",
            ),
        ),
        ("actor", "ALI", None),
        ("actor", "user/alice", None),
        ("actor", "alcie", Some("Actor \"alcie\" is not in the dataset: did you mean \"alice\"?")),
        ("event_name", "StopTask", None),
        (
            "event_name",
            "updateservice",
            Some(
                "Event name \"updateservice\" is not in the dataset: did you mean \"UpdateService\"?",
            ),
        ),
        ("event_source", "ecs.amazonaws.com", None),
        (
            "event_source",
            "eks.amazonaws.com",
            Some(
                "Event source \"eks.amazonaws.com\" is not in the dataset: did you mean \"ecs.amazonaws.com\"?",
            ),
        ),
        ("channels", "nothing,like,it", None),
    ] {
        let found = caveats(&session, &[(name, value)]).await;
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{name} {value}");
    }
}

#[tokio::test]
async fn names_that_are_elsewhere() {
    let dataset = dataset("event-source=all");
    let session = dataset.session().await;
    let arn = "arn:aws:ecs:us-east-1:111122223333:service/production/chekout";
    for (given, expected) in [
        (&[("cluster", "production"), ("from", "2026-04-28")][..], vec![]),
        (
            &[("cluster", "staging"), ("from", "2026-04-28")],
            vec![
                "Cluster \"staging\" has no events since 2026-04-28; it has events of account 111122223333 in us-east-1 on 2026-04-27.",
            ],
        ),
        (
            &[("service", "search"), ("region", "eu-west-1")],
            vec![
                "Service \"search\" has no events in eu-west-1; it has events of account 111122223333 in us-east-1 on 2026-04-27.",
            ],
        ),
        (
            &[("region", "us-east-1"), ("from", "2026-04-28"), ("until", "2026-04-29")],
            vec![
                "Region \"us-east-1\" has no events from 2026-04-28 to 2026-04-29; it has events of account 111122223333 in us-east-1 on 2026-04-27.",
            ],
        ),
        (
            &[("service", arn)],
            vec!["Service \"chekout\" is not in the dataset: did you mean \"checkout\"?"],
        ),
    ] {
        assert_eq!(caveats(&session, given).await, expected, "{given:?}");
    }
}

#[tokio::test]
async fn a_text_with_commas_is_a_list_of_names() {
    let dataset = dataset("event-source=all");
    let session = dataset.session().await;
    let text = "-- title: t\n-- param account text: Accounts\nSELECT $account";
    let report = Report::parse("r", text).unwrap();
    let given = Arguments::from([("account".to_owned(), "111122223333, 999988887777".to_owned())]);
    let bindings = report.bind(&given, today()).unwrap();
    let found = session.caveats(&session, &report, &bindings).await.unwrap();
    let known = vec!["111122223333".to_owned()];
    let (parameter, value) = ("account".to_owned(), "999988887777".to_owned());
    assert_eq!(found, [Caveat::UnknownName { parameter, value, nearest: vec![], known }]);
}

#[tokio::test]
async fn what_was_not_converted() {
    let both = "event-source=ecs.amazonaws.com,s3.amazonaws.com";
    for (selection, expected) in [
        ("event-source=all", &[][..]),
        (both, &[]),
        (
            "event-source=ecs.amazonaws.com",
            &[
                "Events of s3.amazonaws.com were not converted: columns that depend on them are empty. To fill them, convert the trail again with --event-source s3.amazonaws.com.",
            ],
        ),
        (
            "event-source=all exclude-read-only",
            &["Not all calls were converted: no read-only calls."],
        ),
        ("event-source=all color=red", &[]),
    ] {
        let dataset = dataset(selection);
        assert_eq!(caveats(&dataset.session().await, &[]).await, expected, "{selection}");
    }
}

#[tokio::test]
async fn why_there_are_no_rows() {
    let dataset = dataset("event-source=ecs.amazonaws.com");
    let session = dataset.session().await;
    let day = |text: &str| text.parse().ok();
    let all = Scope::default();
    let in_region = |region: &str| Scope { region: Some(region.to_owned()), ..Scope::default() };
    for (scope, expected) in [
        (
            all.clone(),
            "None of the 4 events from 2026-04-27 to 2026-04-28 match. Converted: events of ecs.amazonaws.com.",
        ),
        (
            Scope { from: day("2026-04-28"), ..all.clone() },
            "None of the 2 events on 2026-04-28 match. Converted: events of ecs.amazonaws.com.",
        ),
        (
            Scope { from: day("2026-05-01"), ..in_region("eu-west-1") },
            "The dataset has no events since 2026-05-01: it has events from 2026-04-27 to 2026-04-28.",
        ),
        (
            Scope { until: day("2026-04-26"), ..all.clone() },
            "The dataset has no events until 2026-04-26: it has events from 2026-04-27 to 2026-04-28.",
        ),
        (
            Scope { until: day("2026-04-27"), ..in_region("eu-west-1") },
            "The dataset has no events in eu-west-1 until 2026-04-27; it has events from 2026-04-27 to 2026-04-28.",
        ),
    ] {
        let found = session.why_no_rows(&session, &scope).await.unwrap().to_string();
        assert_eq!(found, expected, "{scope:?}");
    }
    let empty = Dataset::of(&[]).session().await;
    let found = empty.why_no_rows(&empty, &all).await.unwrap().to_string();
    assert_eq!(found, "The dataset is empty: no events of ecs.amazonaws.com were found.");
}

#[tokio::test]
async fn the_newest_event() {
    let later = |time: &str| record(time, "eu-west-1", "UpdateService", json!({}));
    let mut partitions = partitions();
    partitions.push(("date=2099-01-01/region=eu-west-1", vec![later("2099-01-01T00:00:00Z")]));
    let no_time = record("", "ap-south-1", "UpdateService", json!({}));
    partitions.push(("date=2026-04-20/region=ap-south-1", vec![no_time]));
    let dataset = Dataset::of(&partitions);
    let session = dataset.session().await;
    let now = "2026-04-30T12:00:00Z".parse().unwrap();
    let newest = async |region: Option<&str>| {
        let scope = Scope { region: region.map(str::to_owned), ..Scope::default() };
        let newest = session.newest_event(&session, &scope, now).await.unwrap();
        newest.map(|newest| newest.to_rfc3339_opts(SecondsFormat::Secs, true))
    };
    assert_eq!(newest(None).await.as_deref(), Some("2026-04-28T05:00:00Z"));
    assert_eq!(newest(Some("us-east-1")).await.as_deref(), Some("2026-04-27T03:00:00Z"));
    assert_eq!(newest(Some("ap-south-1")).await.as_deref(), Some("2026-04-20T23:59:59Z"));
    assert_eq!(newest(Some("sa-east-1")).await, None);
}
