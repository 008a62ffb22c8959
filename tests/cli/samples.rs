//! The samples hold what their plan says: counts and stories were written down by the generator as
//! it planned the trail, never by our reading of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples").join(name);
    fs::read_to_string(path).unwrap()
}

/// Converts the generated trail, with the events of all services; returns what was done.
fn convert(sandbox: &Sandbox) -> Value {
    let trail = concat!(env!("CARGO_MANIFEST_DIR"), "/data-samples/trail/AWSLogs");
    let answer = sandbox.run(&[
        "convert",
        trail,
        "--to",
        "dataset",
        "--event-source",
        "all",
        "--format",
        "json",
    ]);
    assert_eq!(answer.code, Some(0), "{answer}");
    serde_json::from_str(&answer.stdout.replace("[time]", "0")).unwrap()
}

/// Runs a query and returns its rows.
fn query(sandbox: &Sandbox, sql: &str) -> Vec<Value> {
    let answer = sandbox.run(&["query", sql, "-d", "dataset", "-f", "json"]);
    assert_eq!(answer.code, Some(0), "{sql}: {answer}");
    serde_json::from_str(&answer.stdout).unwrap()
}

#[test]
fn the_trail_holds_what_its_manifest_says() {
    let sandbox = Sandbox::new();
    let manifest: Value = serde_json::from_str(&sample("manifest.json")).unwrap();
    let summary = convert(&sandbox);
    for (counted, planned) in [
        ("files", "log_files"),
        ("records", "records_delivered"),
        ("rows", "records_unique"),
        ("duplicates", "duplicates"),
    ] {
        assert_eq!(summary[counted], manifest[planned], "{planned}");
    }
    let ecs = "event_source = 'ecs.amazonaws.com'";
    for (planned, key, condition) in [
        (&manifest["by_event_source"], "event_source", "true"),
        (&manifest["by_date_and_region"], "concat(date, '/', region)", "true"),
        (&manifest["ecs"]["by_event_name"], "event_name", ecs),
        (&manifest["ecs"]["by_date_and_region"], "concat(date, '/', region)", ecs),
        (&manifest["ecs"]["by_account"], "recipient_account_id", ecs),
        (
            &manifest["ecs"]["by_error_code"],
            "error_code",
            &format!("{ecs} AND error_code IS NOT NULL"),
        ),
        (&manifest["ecs"]["by_channel"], "channel", ecs),
    ] {
        let sql = format!(
            "SELECT {key} AS key, count(*) AS events FROM events WHERE {condition} GROUP BY 1"
        );
        let found: serde_json::Map<_, _> = query(&sandbox, &sql)
            .iter()
            .map(|row| (row["key"].as_str().unwrap().to_owned(), row["events"].clone()))
            .collect();
        assert_eq!(&Value::Object(found), planned, "{key} where {condition}");
    }
}

#[test]
fn every_operation_of_the_api_occurs() {
    let manifest: Value = serde_json::from_str(&sample("manifest.json")).unwrap();
    let operations: Value = serde_json::from_str(&sample("ecs_operations.json")).unwrap();
    let counted = manifest["ecs"]["by_event_name"].as_object().unwrap();
    let missing: Vec<_> = operations
        .as_object()
        .unwrap()
        .keys()
        .filter(|operation| !counted.contains_key(*operation))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What a story says, and the SQL that finds it in the story's events: (story, fact, SQL).
const FACTS: &[(&str, &str, &str)] = &[
    (
        "foundation",
        "services_created",
        "SELECT DISTINCT service_name FROM told WHERE event_name = 'CreateService'",
    ),
    (
        "foundation",
        "clusters_created",
        "SELECT cluster_name FROM told WHERE event_name = 'CreateCluster'",
    ),
    (
        "account-settings",
        "settings",
        "SELECT DISTINCT account_setting_name FROM told WHERE account_setting_name IS NOT NULL",
    ),
    (
        "account-settings",
        "changed_by",
        "SELECT DISTINCT actor FROM told WHERE event_name = 'PutAccountSettingDefault'",
    ),
    (
        "deployment",
        "image_after",
        "SELECT unnest(container_images) FROM told WHERE event_name = 'RegisterTaskDefinition'",
    ),
    (
        "deployment",
        "revision_after",
        "SELECT task_definition_revision FROM told WHERE event_name = 'UpdateService'",
    ),
    (
        "deployment-by-pipeline",
        "revision_after",
        "SELECT DISTINCT task_definition_revision FROM told WHERE event_name = 'UpdateService'",
    ),
    (
        "deployment-by-stack",
        "revision_after",
        "SELECT DISTINCT task_definition_revision FROM told WHERE event_name = 'UpdateService'",
    ),
    (
        "rollback",
        "revision_after",
        "SELECT task_definition_revision FROM told WHERE event_name = 'UpdateService' ORDER BY event_time DESC LIMIT 1",
    ),
    (
        "changed-task-definition",
        "environment_name_added",
        "SELECT unnest(environment_names) AS name FROM told EXCEPT SELECT unnest(environment_names) FROM told WHERE event_time = (SELECT min(event_time) FROM told)",
    ),
    (
        "failed-placement",
        "failure_reasons",
        "SELECT reason FROM (SELECT unnest(failure_reasons) AS reason FROM told)",
    ),
    (
        "out-of-memory",
        "exit_code",
        "SELECT DISTINCT code FROM (SELECT unnest(container_exit_codes) AS code FROM told)",
    ),
    (
        "exec-session",
        "command",
        "SELECT exec_command FROM told WHERE event_name = 'ExecuteCommand'",
    ),
    (
        "exec-session",
        "session_id",
        "SELECT exec_session_id FROM told WHERE event_name = 'ExecuteCommand'",
    ),
    (
        "intrusion",
        "exec_command",
        "SELECT DISTINCT exec_command FROM told WHERE exec_command IS NOT NULL",
    ),
    (
        "intrusion",
        "session_id",
        "SELECT exec_session_id FROM told WHERE exec_session_id IS NOT NULL",
    ),
    (
        "intrusion",
        "mining_region",
        "SELECT DISTINCT region FROM told WHERE event_name = 'RunTask' AND error_code IS NULL",
    ),
    ("stopped-by-person", "reason", "SELECT reason FROM told WHERE event_name = 'StopTask'"),
    (
        "tags",
        "tags_added",
        "SELECT unnest(map_keys(tags)) FROM told WHERE event_name = 'TagResource'",
    ),
    (
        "tags",
        "tags_removed",
        "SELECT unnest(tag_keys) FROM told WHERE event_name = 'UntagResource'",
    ),
    ("denied", "denied_actions", "SELECT denied_action FROM told"),
    (
        "throttling",
        "throttled_calls",
        "SELECT count(*) FROM told WHERE error_code = 'ThrottlingException'",
    ),
    (
        "container-instances",
        "container_instance",
        "SELECT DISTINCT id FROM (SELECT unnest(container_instance_ids) AS id FROM told)",
    ),
    (
        "container-instances",
        "ec2_instance",
        "SELECT DISTINCT id FROM (SELECT unnest(ec2_instance_ids) AS id FROM told)",
    ),
    (
        "unusual-region",
        "unusual_region",
        "SELECT DISTINCT region FROM told WHERE event_name = 'CreateCluster'",
    ),
];

#[test]
fn every_story_is_told_by_the_rows() {
    let sandbox = Sandbox::new();
    convert(&sandbox);
    let rows = query(
        &sandbox,
        "SELECT event_id, event_source, event_name, recipient_account_id AS account, \
         to_char(event_time, '%Y-%m-%dT%H:%M:%SZ') AS event_time FROM events",
    );
    let rows: BTreeMap<_, _> =
        rows.iter().map(|row| (row["event_id"].as_str().unwrap(), row)).collect();
    let stories: Vec<Value> =
        sample("stories.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut checked = BTreeSet::new();
    for story in &stories {
        let name = story["story"].as_str().unwrap();
        let events = story["events"].as_array().unwrap();
        assert!(!events.is_empty(), "{name}");
        for event in events {
            let row = rows.get(event["event_id"].as_str().unwrap());
            let row = row.unwrap_or_else(|| panic!("{name} tells of {event}"));
            for member in ["event_source", "event_name", "event_time"] {
                assert_eq!(row[member], event[member], "{name}: {event}");
            }
        }
        let ids: Vec<_> = events
            .iter()
            .map(|event| format!("'{}'", event["event_id"].as_str().unwrap()))
            .collect();
        for (_, fact, sql) in FACTS.iter().filter(|(story, ..)| *story == name) {
            let sql = format!(
                "WITH told AS (SELECT * FROM events WHERE event_id IN ({})) {sql}",
                ids.join(",")
            );
            let mut found: Vec<_> = query(&sandbox, &sql)
                .into_iter()
                .map(|row| row.as_object().unwrap().values().next().unwrap().clone())
                .collect();
            let mut told = match &story[fact] {
                Value::Array(values) => values.clone(),
                value => vec![value.clone()],
            };
            for values in [&mut found, &mut told] {
                values.sort_by_key(Value::to_string);
            }
            assert_eq!(json!(found), json!(told), "{fact} of {story}");
            checked.insert((name.to_owned(), *fact));
        }
    }
    assert_eq!(checked.len(), FACTS.len(), "a fact belongs to no story");
}
