//! Columns with several values: lists that stay side by side, and tags by key.

use super::{check, flatten, show};
use crate::columns::column_index;

#[test]
fn aligned_lists_keep_their_places() {
    check(
        r#""responseElements":{"tasks":[],"failures":[{"arn":"a","reason":"RESOURCE:MEMORY"},{"reason":"AGENT","detail":"d"},{}]}"#,
        &[
            ("failure_arns", "[a, NULL, NULL]"),
            ("failure_reasons", "[RESOURCE:MEMORY, AGENT, NULL]"),
            ("failure_details", "[NULL, d, NULL]"),
        ],
    );
    check(r#""responseElements":{"failures":[]}"#, &[("failure_arns", "NULL")]);
    check(
        r#""requestParameters":{"capacityProviderStrategy":[{"capacityProvider":"A"},{"capacityProvider":"B"},{"capacityProvider":"A"}]}"#,
        &[("capacity_providers", "[A, B]")],
    );
    check(
        r#""resources":[{"ARN":"arn:aws:s3:::b","accountId":"1","type":"AWS::S3::Bucket"},{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::b/"}]"#,
        &[
            ("resource_arns", "[arn:aws:s3:::b, NULL]"),
            ("resource_types", "[AWS::S3::Bucket, AWS::S3::Object]"),
        ],
    );
}

#[test]
fn lists_of_containers_share_one_array() {
    let tasks = r#""responseElements":{"tasks":[{"containers":[{"name":"web","image":"web:1"},{"name":"sidecar"}]},{"containers":[]},{"containers":[{"image":"web:2"},{"name":"log"}]}]}"#;
    check(
        &format!(
            r#""requestParameters":{{"overrides":{{"containerOverrides":[{{"name":"web","command":["sh","-c","id"]}},{{"name":"log"}}]}}}},{tasks}"#
        ),
        &[
            ("container_names", "[web, sidecar, NULL, log]"),
            ("container_images", "[web:1, NULL, web:2, NULL]"),
            ("container_exit_codes", "NULL"),
            ("container_commands", "[sh -c id, NULL]"),
        ],
    );
    // The request has the better array, so that its names are not put beside the other's images.
    check(
        r#""requestParameters":{"containerDefinitions":[{"name":"a","user":"root"},{"name":"b"}]},"responseElements":{"taskDefinition":{"containerDefinitions":[{"image":"x"},{"image":"y"},{"image":"z"}]}}"#,
        &[
            ("container_names", "[a, b]"),
            ("container_users", "[root, NULL]"),
            ("container_images", "NULL"),
        ],
    );
    check(
        r#""requestParameters":{"containers":[{"containerName":"a","exitCode":0},{"containerName":"b"},{"containerName":"c","exitCode":137}]}"#,
        &[("container_names", "[a, b, c]"), ("container_exit_codes", "[0, NULL, 137]")],
    );
    check(
        r#""requestParameters":{"containerName":"a","exitCode":137}"#,
        &[("container_names", "[a]"), ("container_exit_codes", "[137]")],
    );
}

#[test]
fn lists_of_tasks_stay_side_by_side() {
    check(
        r#""responseElements":{"tasks":[{"lastStatus":"PENDING"},{"taskArn":"arn:aws:ecs:us-east-1:1:task/production/2","lastStatus":"RUNNING"}]}"#,
        &[
            ("task_arns", "[NULL, arn:aws:ecs:us-east-1:1:task/production/2]"),
            ("task_ids", "[NULL, 2]"),
            ("task_last_statuses", "[PENDING, RUNNING]"),
        ],
    );
    let record = r#"{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","resources":[{"arn":"a","type":"x"},{"ARN":"b"}]}"#;
    let batch = flatten(&[record]);
    for (column, expected) in [("resource_arns", "[a, b]"), ("resource_types", "[x, NULL]")] {
        assert_eq!(show(&batch, column_index(column).unwrap(), 0), expected);
    }
}

#[test]
fn a_column_takes_only_so_many_values() {
    let tags = vec![r#"{"key":"a","value":"b"}"#; 10_000];
    let many = |more: &str| {
        format!(
            r#""requestParameters":{{"tags":[{}{more}],"containerDefinitions":[{{"name":"a"}}{}]}}"#,
            tags.join(","),
            ",0".repeat(20_000)
        )
    };
    check(&many(""), &[("tags", "{a: b}"), ("container_names", "NULL")]);
    check(&many(r#",{"key":"c","value":"d"}"#), &[("tags", "NULL")]);
}

#[test]
fn the_posture_of_a_task_definition() {
    check(
        r#""requestParameters":{"pidMode":"host","volumes":[{"name":"a","host":{}},{"name":"b","host":{"sourcePath":"/var/run/docker.sock"}}],"containerDefinitions":[{"name":"a","privileged":true,"environment":[{"name":"STAGE","value":"x"},{"name":"LEVEL","value":"y"}],"secrets":[{"name":"TOKEN","valueFrom":"z"}]},{"name":"b","privileged":false,"environment":[{"name":"STAGE","value":"x"}]},{"name":"c","privileged":true,"environment":"HIDDEN_DUE_TO_SECURITY_REASONS"}]}"#,
        &[
            ("pid_mode", "host"),
            ("ipc_mode", "NULL"),
            ("host_volume_paths", "[/var/run/docker.sock]"),
            ("privileged_containers", "[a, c]"),
            ("environment_names", "[STAGE, LEVEL]"),
            ("secret_names", "[TOKEN]"),
        ],
    );
    check(
        r#""requestParameters":{"containerDefinitions":[{"name":"a","environment":"HIDDEN_DUE_TO_SECURITY_REASONS"}]}"#,
        &[("environment_names", "NULL"), ("privileged_containers", "NULL")],
    );
}

#[test]
fn tags_by_key() {
    for (members, tags) in [
        (
            r#""requestParameters":{"tags":[{"key":"team","value":"shop"},{"key":"stage","value":""}]}"#,
            "{team: shop, stage: }",
        ),
        (r#""requestParameters":{"tags":[]}"#, "NULL"),
        (r#""requestParameters":{"tags":{"team":"shop"}}"#, "NULL"),
        (
            r#""responseElements":{"tasks":[{"tags":[{"key":"a","value":"1"},{"key":"b","value":"2"}]},{"tags":[{"key":"b","value":"3"},{"key":"a","value":"1"}]}]}"#,
            "{a: 1, b: NULL}",
        ),
    ] {
        check(members, &[("tags", tags)]);
    }
}
