//! From a record's text to its row, column by column.

use arrow::{
    array::Array,
    compute::cast,
    datatypes::DataType,
    util::display::{ArrayFormatter, FormatOptions},
};

use super::*;
use crate::{
    columns::column_index,
    convert::Converter,
    trail::{LogBytes, LogFile, Selection},
};

mod edge_cases;
mod facts;
mod lists;
mod operations;

/// Flattens records, which pass through a log file as in a conversion.
fn flatten(records: &[&str]) -> RecordBatch {
    flatten_as("a.json", records)
}

fn flatten_as(name: &str, records: &[&str]) -> RecordBatch {
    let selection =
        Selection { event_sources: crate::trail::EventSources::All, ..Selection::default() };
    let mut converter = Converter::new(Arc::new(selection), crate::limits::Limits::default());
    let meta = object_store::ObjectMeta {
        location: "a.json".into(),
        last_modified: chrono::DateTime::default(),
        size: 1,
        e_tag: None,
        version: None,
    };
    let file = LogFile::new(meta, &"file:///".into(), name.to_owned());
    let bytes = LogBytes::Whole(records.join("\n").into());
    let tally = converter.convert(&file, 0, &bytes, &mut |_| unreachable!()).unwrap();
    assert_eq!(tally.rejects, []);
    assert!(tally.selected >= records.len() as u64);
    let selected = converter.take();
    let mut flattener = Flattener::new();
    for row in 0..selected.rows() {
        flattener.push(&selected.row(row), Provenance { source_file: "a.json" });
    }
    flattener.finish().unwrap()
}

/// Only columns with a value in their slot and derived ones are asked for a record's value.
#[test]
fn all_other_columns_are_null() {
    let selected = SelectedRow {
        day: 0,
        region: "eu-west-1",
        event_time: None,
        event_id: None,
        record_hash: 7,
        source_file: 0,
        index: 1,
        byte_offset: 2,
        recipient_account_id: None,
        record: "{}",
    };
    let flattener = Flattener::new();
    let record = Record {
        plan: flattener.plan,
        text: "{}",
        slots: &flattener.slots,
        selected: &selected,
        provenance: Provenance { source_file: "a.json" },
        unmapped: Some("{}"),
    };
    for (number, column) in COLUMNS.iter().enumerate() {
        let mut builder = ColumnBuilder::new(column.kind);
        record.append(number, &mut builder);
        let is_derived = flattener.plan.derived.contains(&number);
        assert!(is_derived || builder.finish().is_null(0), "{}", column.name);
    }
}

/// Shows one value.
fn show(batch: &RecordBatch, column: usize, row: usize) -> String {
    let options = FormatOptions::default().with_null("NULL");
    let values = batch.column(column);
    match values.data_type() {
        DataType::Timestamp(unit, _) => {
            let utc = cast(values, &DataType::Timestamp(*unit, None)).unwrap();
            format!("{}Z", ArrayFormatter::try_new(&utc, &options).unwrap().value(row))
        }
        _ => ArrayFormatter::try_new(values, &options).unwrap().value(row).to_string(),
    }
}

/// Returns the values of the columns that are not NULL, as `name=value`.
fn values(batch: &RecordBatch, row: usize) -> Vec<String> {
    let known = (0..COLUMNS.len()).filter(|column| batch.column(*column).is_valid(row));
    known.map(|column| format!("{}={}", COLUMNS[column].name, show(batch, column, row))).collect()
}

/// Checks some columns of one ECS record whose members besides the usual ones are `members`.
fn check(members: &str, expected: &[(&str, &str)]) {
    let record = format!(
        r#"{{"eventVersion":"1.11","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","awsRegion":"us-east-1",{members}}}"#
    );
    let batch = flatten(&[&record]);
    for (name, value) in expected {
        let column = column_index(name).unwrap_or_else(|| panic!("no column {name}"));
        assert_eq!(&show(&batch, column, 0), value, "{name} of {members}");
    }
}

#[test]
fn the_example_of_the_aws_documentation() {
    let record = r#"{"eventVersion":"1.04","userIdentity":{"type":"AssumedRole","principalId":"AIDACKCEVSQ6C2EXAMPLE:account_name","arn":"arn:aws:sts::123456789012:user/Mary_Major","accountId":"123456789012","accessKeyId":"AKIAIOSFODNN7EXAMPLE","sessionContext":{"attributes":{"mfaAuthenticated":"false","creationDate":"2018-06-20T18:32:25Z"},"sessionIssuer":{"type":"Role","principalId":"AIDACKCEVSQ6C2EXAMPLE","arn":"arn:aws:iam::123456789012:role/Admin","accountId":"123456789012","userName":"Mary_Major"}}},"eventTime":"2018-06-20T19:04:36Z","eventSource":"ecs.amazonaws.com","eventName":"CreateCluster","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.12","userAgent":"console.amazonaws.com","requestParameters":{"clusterName":"default"},"responseElements":{"cluster":{"clusterArn":"arn:aws:ecs:us-east-1:123456789012:cluster/default","pendingTasksCount":0,"registeredContainerInstancesCount":0,"status":"ACTIVE","runningTasksCount":0,"statistics":[],"clusterName":"default","activeServicesCount":0}},"requestID":"cb8c167e-EXAMPLE","eventID":"e3c6f4ce-EXAMPLE","eventType":"AwsApiCall","recipientAccountId":"123456789012"}"#;
    let found = values(&flatten(&[record]), 0);
    let expected = [
        "event_time=2018-06-20T19:04:36Z",
        "event_id=e3c6f4ce-EXAMPLE",
        "event_name=CreateCluster",
        "event_source=ecs.amazonaws.com",
        "event_type=AwsApiCall",
        "event_version=1.04",
        "aws_region=us-east-1",
        "recipient_account_id=123456789012",
        "request_id=cb8c167e-EXAMPLE",
        "user_identity_type=AssumedRole",
        "user_identity_principal_id=AIDACKCEVSQ6C2EXAMPLE:account_name",
        "user_identity_arn=arn:aws:sts::123456789012:user/Mary_Major",
        "user_identity_account_id=123456789012",
        "user_identity_access_key_id=AKIAIOSFODNN7EXAMPLE",
        "actor=Mary_Major/account_name",
        "session_creation_date=2018-06-20T18:32:25Z",
        "session_mfa_authenticated=false",
        "session_issuer_type=Role",
        "session_issuer_principal_id=AIDACKCEVSQ6C2EXAMPLE",
        "session_issuer_arn=arn:aws:iam::123456789012:role/Admin",
        "session_issuer_account_id=123456789012",
        "session_issuer_user_name=Mary_Major",
        "role_session_name=account_name",
        "source_ip_address=203.0.113.12",
        "user_agent=console.amazonaws.com",
        "channel=console",
        "cluster_arn=arn:aws:ecs:us-east-1:123456789012:cluster/default",
        "cluster_name=default",
        "resource_status=ACTIVE",
        "running_count=0",
        "pending_count=0",
        r#"user_identity={"type":"AssumedRole","principalId":"AIDACKCEVSQ6C2EXAMPLE:account_name","arn":"arn:aws:sts::123456789012:user/Mary_Major","accountId":"123456789012","accessKeyId":"AKIAIOSFODNN7EXAMPLE","sessionContext":{"attributes":{"mfaAuthenticated":"false","creationDate":"2018-06-20T18:32:25Z"},"sessionIssuer":{"type":"Role","principalId":"AIDACKCEVSQ6C2EXAMPLE","arn":"arn:aws:iam::123456789012:role/Admin","accountId":"123456789012","userName":"Mary_Major"}}}"#,
        r#"request_parameters={"clusterName":"default"}"#,
        r#"response_elements={"cluster":{"clusterArn":"arn:aws:ecs:us-east-1:123456789012:cluster/default","pendingTasksCount":0,"registeredContainerInstancesCount":0,"status":"ACTIVE","runningTasksCount":0,"statistics":[],"clusterName":"default","activeServicesCount":0}}"#,
        "record_hash=-3453025513826210501",
        "source_file=a.json",
        "source_record_index=0",
        "source_byte_offset=0",
        "is_write=true",
        "account_id=123456789012",
        "person=account_name",
        "actor_group=Mary_Major/account_name",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_best_source_wins_in_any_order() {
    let service = r#""responseElements":{"service":{"serviceName":"checkout","serviceArn":"arn:aws:ecs:us-east-1:1:service/production/checkout","desiredCount":3,"taskDefinition":"arn:aws:ecs:us-east-1:1:task-definition/checkout:64","status":"ACTIVE","deployments":[{"id":"ecs-svc/1","status":"ACTIVE"},{"status":"PRIMARY","id":"ecs-svc/2"}]}}"#;
    let request = r#""requestParameters":{"cluster":"staging","service":"other","desiredCount":5,"taskDefinition":"checkout:7","dryrun":false}"#;
    for members in [format!("{service},{request}"), format!("{request},{service}")] {
        check(
            &members,
            &[
                ("service_name", "checkout"),
                ("cluster_name", "staging"),
                ("cluster_arn", "NULL"),
                ("desired_count", "3"),
                ("requested_desired_count", "5"),
                ("task_definition_family", "checkout"),
                ("task_definition_revision", "64"),
                ("deployment_id", "ecs-svc/2"),
                ("resource_status", "ACTIVE"),
                ("dry_run", "false"),
            ],
        );
    }
}

#[test]
fn several_revisions_of_one_family() {
    check(
        r#""requestParameters":{"taskDefinitions":["checkout:1","checkout:2"]}"#,
        &[("task_definition_family", "checkout"), ("task_definition_revision", "NULL")],
    );
    check(
        r#""requestParameters":{"taskDefinitions":["checkout:1","search:1"],"family":"x"}"#,
        &[("task_definition_family", "x"), ("task_definition_revision", "1")],
    );
}

#[test]
fn of_a_member_that_stands_twice_the_last_counts() {
    check(
        r#""requestParameters":{"cluster":"a"},"requestParameters":{"cluster":"b"}"#,
        &[("cluster_name", "b"), ("request_parameters", r#"{"cluster":"b"}"#)],
    );
    check(
        r#""requestParameters":{"cluster":"a"},"requestParameters":null"#,
        &[("cluster_name", "NULL"), ("request_parameters", "NULL")],
    );
}

#[test]
fn names_from_arns_and_from_what_was_given() {
    let members = |service: &str| format!(r#""requestParameters":{{"service":"{service}"}}"#);
    check(&members("checkout"), &[("service_name", "checkout"), ("cluster_name", "NULL")]);
    check(
        &members("arn:aws:ecs:us-east-1:1:service/production/checkout"),
        &[("service_name", "checkout"), ("cluster_name", "production")],
    );
    check(
        r#""requestParameters":{"cluster":"arn:aws:ecs:us-east-1:1:cluster/production","tasks":["arn:aws:ecs:us-east-1:1:task/production/0123","4567"]}"#,
        &[
            ("cluster_name", "production"),
            ("task_arns", "[arn:aws:ecs:us-east-1:1:task/production/0123, NULL]"),
            ("task_ids", "[0123, 4567]"),
        ],
    );
    check(
        r#""requestParameters":{"taskDefinition":"checkout"}"#,
        &[("task_definition_family", "checkout"), ("task_definition_revision", "NULL")],
    );
}

#[test]
fn values_that_disagree_or_have_another_type_are_null_and_lost_nowhere() {
    check(
        r#""responseElements":{"tasks":[{"launchType":"EC2","startedBy":"me"},{"launchType":"FARGATE","startedBy":"me"}]},"requestParameters":{"launchType":"EC2"}"#,
        &[("launch_type", "NULL"), ("started_by", "me")],
    );
    check(
        r#""requestParameters":{"desiredCount":"HIDDEN_DUE_TO_SECURITY_REASONS","services":"HIDDEN_DUE_TO_SECURITY_REASONS","forceNewDeployment":"true"}"#,
        &[
            ("requested_desired_count", "NULL"),
            ("service_name", "NULL"),
            ("force_new_deployment", "true"),
            (
                "request_parameters",
                r#"{"desiredCount":"HIDDEN_DUE_TO_SECURITY_REASONS","services":"HIDDEN_DUE_TO_SECURITY_REASONS","forceNewDeployment":"true"}"#,
            ),
        ],
    );
    check(r#""requestParameters":{"count":99999999999}"#, &[("requested_task_count", "NULL")]);
    check(
        r#""responseElements":{"service":{"status":{"statusCode":"DRAINING"}}}"#,
        &[("resource_status", "DRAINING")],
    );
}

#[test]
fn denials_are_read_from_the_message() {
    check(
        r#""errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::1:assumed-role/R/s is not authorized to perform: ecs:UpdateService on resource: arn:aws:ecs:us-east-1:1:service/p/c because no identity-based policy allows it","requestParameters":null,"responseElements":null"#,
        &[
            ("denied_action", "ecs:UpdateService"),
            ("denied_resource_arn", "arn:aws:ecs:us-east-1:1:service/p/c"),
            ("request_parameters", "NULL"),
            ("unmapped", "NULL"),
        ],
    );
    check(
        r#""errorMessage":"TaskDefinition not found.""#,
        &[("denied_action", "NULL"), ("denied_resource_arn", "NULL")],
    );
}

#[test]
fn other_services_leave_the_columns_of_ecs_alone() {
    let record = r#"{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"eks.amazonaws.com","requestParameters":{"cluster":"c"},"responseElements":null}"#;
    let found = values(&flatten(&[record]), 0);
    assert!(!found.iter().any(|value| value.starts_with("cluster_name")), "{found:?}");
    assert!(found.contains(&r#"request_parameters={"cluster":"c"}"#.to_owned()));
}

#[test]
fn what_has_no_column_is_in_unmapped() {
    let unmapped = |members: &str, expected: &str| {
        check(
            &format!(r#""requestParameters":null,"responseElements":null{members}"#),
            &[("unmapped", expected)],
        );
    };
    unmapped("", "NULL");
    unmapped(r#","newMember":{"a":1.0}"#, r#"{"newMember":{"a":1.0}}"#);
    unmapped(r#","readOnly":"true""#, r#"{"readOnly":"true"}"#);
    unmapped(r#","readOnly":true,"sessionCredentialFromConsole":"true""#, "NULL");
    unmapped(r#","sessionCredentialFromConsole":true"#, r#"{"sessionCredentialFromConsole":true}"#);
    unmapped(r#","readOnly":"True""#, r#"{"readOnly":"True"}"#);
    unmapped(
        r#","sessionCredentialFromConsole":"True""#,
        r#"{"sessionCredentialFromConsole":"True"}"#,
    );
    unmapped(r#","errorCode":"""#, r#"{"errorCode":""}"#);
    unmapped(r#","errorCode":null"#, r#"{"errorCode":null}"#);
    unmapped(r#","sourceIPAddress":{"ip":1}"#, r#"{"sourceIPAddress":{"ip":1}}"#);
    unmapped(r#","userAgent":"a\ud800""#, r#"{"userAgent":"a\ud800"}"#);
    check(
        "\"apiVersion\":\"1\"",
        &[("unmapped", r#"{"~absent":["requestParameters","responseElements"]}"#)],
    );
    check(
        r#""x":1,"requestParameters":{}"#,
        &[("unmapped", r#"{"x":1,"~absent":["responseElements"]}"#)],
    );
    let twice =
        r#"{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventID":"a","eventID":"b"}"#;
    let found = values(&flatten(&[twice]), 0);
    let whole = twice.replace('"', "\\\"");
    assert!(found.contains(&format!(r#"unmapped={{"~record":"{whole}"}}"#)), "{found:?}");
}

#[test]
fn an_unusual_time_is_understood_and_kept() {
    let record = r#"{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03.500Z","eventSource":"s","requestParameters":null,"responseElements":null}"#;
    let found = values(&flatten(&[record]), 0);
    assert_eq!(found[0], "event_time=2026-04-27T02:18:03.500Z");
    assert!(found.contains(&r#"unmapped={"eventTime":"2026-04-27T02:18:03.500Z"}"#.to_owned()));
}
