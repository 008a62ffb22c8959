//! Columns that are derived from several members: what the call does, whose it is, who is behind it.

use super::{check, flatten_as, show};
use crate::columns::column_index;

const DENIED: &str =
    "User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform";

/// A denied call of which CloudTrail recorded no request.
fn denied(action: &str, resource: &str) -> String {
    format!(
        r#""eventName":"{action}","errorCode":"AccessDeniedException","errorMessage":"{DENIED}: ecs:{action} on resource: {resource} because no identity-based policy allows it","requestParameters":null,"responseElements":null"#
    )
}

#[test]
fn the_cluster_of_a_denied_call_is_that_in_its_error() {
    const TASK: &str = "0123456789abcdef0123456789abcdef";
    for (action, resource, cluster, service, tasks) in [
        ("UpdateService", "service/production/checkout", "production", "checkout", "NULL"),
        ("UpdateService", "service/checkout", "NULL", "checkout", "NULL"),
        ("StopTask", &format!("task/production/{TASK}"), "production", "NULL", TASK),
        ("StopTask", &format!("task/{TASK}"), "NULL", "NULL", TASK),
        ("DeleteCluster", "cluster/production", "production", "NULL", "NULL"),
        ("RunTask", "task-definition/checkout:7", "NULL", "NULL", "NULL"),
        ("DeleteTaskSet", "task-set/production/checkout/7", "production", "checkout", "NULL"),
        ("StopTask", "task/production/*", "NULL", "NULL", "NULL"),
    ] {
        let arn = format!("arn:aws:ecs:us-east-1:111122223333:{resource}");
        let tasks = if tasks == "NULL" { tasks.to_owned() } else { format!("[{tasks}]") };
        check(
            &denied(action, &arn),
            &[
                ("cluster_name", cluster),
                ("service_name", service),
                ("task_ids", &tasks),
                ("denied_action", &format!("ecs:{action}")),
                ("is_write", "true"),
            ],
        );
    }
    // A role whose path has a word in it, and a denial without a resource.
    check(
        &denied("RunTask", "arn:aws:iam::111122223333:role/ecs/checkout"),
        &[("cluster_name", "NULL"), ("service_name", "NULL")],
    );
    check(&denied("ListTasks", "*"), &[("cluster_name", "NULL"), ("is_write", "false")]);
}

#[test]
fn what_the_request_says_counts_more_than_its_error() {
    let message =
        format!("{DENIED}: ecs:StopTask on resource: arn:aws:ecs:us-east-1:1:task/staging/0123");
    check(
        &format!(
            r#""eventName":"StopTask","errorCode":"AccessDenied","errorMessage":"{message}","requestParameters":{{"cluster":"production","task":"4567"}}"#
        ),
        &[("cluster_name", "production"), ("task_ids", "[4567]")],
    );
    check(
        &format!(
            r#""eventName":"StopTask","errorCode":"AccessDenied","errorMessage":"{message}","requestParameters":{{}}"#
        ),
        &[("cluster_name", "staging"), ("task_ids", "[0123]")],
    );
}

#[test]
fn the_default_cluster() {
    for (name, request, expected) in [
        ("RunTask", r#"{"taskDefinition":"a"}"#, "default"),
        ("RunTask", r#"{"cluster":"production"}"#, "production"),
        ("RunTask", "null", "NULL"),
        ("DescribeClusters", r#"{"clusters":["a","b"]}"#, "NULL"),
        ("RegisterTaskDefinition", r#"{"family":"a"}"#, "NULL"),
        (
            "UpdateService",
            r#"{"service":"arn:aws:ecs:us-east-1:1:service/production/checkout"}"#,
            "production",
        ),
        ("UpdateService", r#"{"service":"arn:aws:ecs:us-east-1:1:service/checkout"}"#, "default"),
    ] {
        let members = format!(r#""eventName":"{name}","requestParameters":{request}"#);
        check(&members, &[("cluster_name", expected)]);
    }
}

#[test]
fn settings_are_known_of_failed_calls_and_of_calls_about_settings_alone() {
    let request = r#""requestParameters":{"name":"tagResourceAuthorization","value":"enabled","principalArn":"arn:aws:iam::111122223333:root"}"#;
    check(
        &format!(
            r#""eventName":"PutAccountSetting","errorCode":"InvalidParameterException",{request},"responseElements":null"#
        ),
        &[
            ("account_setting_name", "tagResourceAuthorization"),
            ("account_setting_value", "enabled"),
            ("account_setting_principal", "arn:aws:iam::111122223333:root"),
        ],
    );
    check(
        &format!(
            r#""eventName":"PutAccountSetting",{request},"responseElements":{{"setting":{{"name":"tagResourceAuthorization","value":"on","principalArn":"arn:aws:iam::1:user/maria"}}}}"#
        ),
        &[
            ("account_setting_value", "on"),
            ("account_setting_principal", "arn:aws:iam::1:user/maria"),
        ],
    );
    check(
        &format!(r#""eventName":"CreateCapacityProvider",{request}"#),
        &[("account_setting_name", "NULL"), ("account_setting_value", "NULL")],
    );
}

#[test]
fn why_containers_did_not_start() {
    check(
        r#""responseElements":{"task":{"containers":[{"name":"app","reason":"CannotPullContainerError: denied"},{"name":"log","exitCode":0}]}}"#,
        &[
            ("container_names", "[app, log]"),
            ("container_reasons", "[CannotPullContainerError: denied, NULL]"),
            ("container_exit_codes", "[NULL, 0]"),
        ],
    );
    check(
        r#""requestParameters":{"containers":[{"containerName":"app","exitCode":137,"reason":"OutOfMemoryError"}]}"#,
        &[
            ("container_names", "[app]"),
            ("container_reasons", "[OutOfMemoryError]"),
            ("container_exit_codes", "[137]"),
        ],
    );
    check(
        r#""eventName":"StopTask","requestParameters":{"task":"1","reason":"done"}"#,
        &[("container_reasons", "NULL"), ("reason", "done")],
    );
}

#[test]
fn dry_runs_in_each_spelling() {
    for (member, expected) in [
        (r#""dryrun":true"#, "true"),
        (r#""dryRun":true"#, "true"),
        (r#""dryRun":"True""#, "true"),
        (r#""dryrun":false"#, "false"),
        (r#""count":1"#, "NULL"),
    ] {
        check(&format!(r#""requestParameters":{{{member}}}"#), &[("dry_run", expected)]);
    }
}

#[test]
fn the_account_of_an_old_record_is_that_of_its_log_file() {
    let record = r#"{"eventVersion":"1.01","eventTime":"2014-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"ListTasks","userIdentity":{"type":"IAMUser","accountId":"444455556666","userName":"maria"},"requestParameters":null,"responseElements":null}"#;
    let batch = flatten_as("a.json", &[record]);
    let value = |name| show(&batch, column_index(name).unwrap(), 0);
    assert_eq!(value("account_id"), "444455556666");
    assert_eq!((value("is_write"), value("person")), ("false".to_owned(), "maria".to_owned()));
}
