//! What real trails hold and no model says: `data-samples/trail/hand-made/edge-cases.json`, case
//! by case.

use arrow::array::{Array, AsArray};

use super::{flatten, show};
use crate::columns::column_index;

const EDGE_CASES: &str =
    include_str!("../../../../../../data-samples/trail/hand-made/edge-cases.json");

type Case = (&'static str, &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    (
        "members-of-no-model",
        &[
            ("dry_run", "false"),
            ("desired_count", "4"),
            ("resource_status", "ACTIVE"),
            ("deployment_id", "ecs-svc/1234567890123456789"),
            ("unmapped", "NULL"),
        ],
    ),
    (
        "empty-session-issuer",
        &[
            ("user_identity_access_key_id", ""),
            ("session_issuer_arn", "NULL"),
            ("role_session_name", "i-0123456789abcdef0"),
            ("session_creation_date", "2026-04-25T08:00:00Z"),
            ("session_mfa_authenticated", "false"),
            ("request_parameters", "NULL"),
        ],
    ),
    (
        "flags-as-texts",
        &[
            ("read_only", "true"),
            ("management_event", "true"),
            ("session_credential_from_console", "true"),
            ("channel", "console"),
            (
                "unmapped",
                r#"{"readOnly":"true","managementEvent":"true","sessionCredentialFromConsole":true}"#,
            ),
        ],
    ),
    ("mfa-as-boolean", &[("session_mfa_authenticated", "true"), ("unmapped", "NULL")]),
    (
        "failures-without-error",
        &[
            ("error_code", "NULL"),
            ("task_arns", "NULL"),
            ("failure_reasons", "[RESOURCE:MEMORY, AGENT]"),
            ("failure_details", "[NULL, The agent is disconnected.]"),
            ("requested_task_count", "2"),
            ("task_definition_family", "batch"),
            ("task_definition_revision", "3"),
        ],
    ),
    (
        "error-without-request",
        &[
            ("error_code", "AccessDenied"),
            ("denied_action", "ecs:UpdateService"),
            (
                "denied_resource_arn",
                "arn:aws:ecs:us-east-1:111122223333:service/production/checkout",
            ),
            ("service_name", "checkout"),
            ("cluster_name", "production"),
        ],
    ),
    (
        "hundred-service-events",
        &[
            ("force_new_deployment", "true"),
            ("service_name", "checkout"),
            ("deployment_id", "ecs-svc/2234567890123456789"),
        ],
    ),
    ("narrow-no-break-space", &[("cluster_name", "reports"), ("unmapped", "NULL")]),
    (
        "address-as-object",
        &[
            ("source_ip_address", "NULL"),
            ("unmapped", r#"{"sourceIPAddress":{"ip":"203.0.113.24","port":443}}"#),
        ],
    ),
    (
        "environment-hidden",
        &[
            ("environment_names", "NULL"),
            ("container_commands", "[serve --port 8080]"),
            ("tags", "{team: shop}"),
        ],
    ),
    (
        "environment-as-list",
        &[
            ("environment_names", "[STAGE, LEVEL]"),
            ("privileged_containers", "[web]"),
            ("container_users", "[root, NULL]"),
            ("host_volume_paths", "[/var/run/docker.sock]"),
            ("pid_mode", "host"),
            (
                "container_images",
                "[docker.io/library/nginx:latest, public.ecr.aws/example/sidecar:2]",
            ),
        ],
    ),
    (
        "agent-report",
        &[
            ("channel", "agent"),
            ("container_names", "[web, sidecar]"),
            ("container_exit_codes", "[137, NULL]"),
            ("requested_status", "STOPPED"),
            ("task_ids", "[0123456789abcdef0123456789abcdef]"),
        ],
    ),
    (
        "request-too-large",
        &[
            (
                "request_parameters",
                r#"{"reason":"requestParameters too large","omitted":true,"originalSize":118422}"#,
            ),
            ("container_names", "NULL"),
            ("cluster_name", "NULL"),
        ],
    ),
    (
        "operation-of-tomorrow",
        &[
            ("service_name", "checkout"),
            ("response_elements", r#"{"schedule":{"id":"1"}}"#),
            ("unmapped", r#"{"newTopLevelMember":{"a":[1.5,null]}}"#),
        ],
    ),
    (
        "unusual-time",
        &[
            ("event_time", "2026-04-25T09:16:00.250Z"),
            ("unmapped", r#"{"eventTime":"2026-04-25T11:16:00.250+02:00"}"#),
        ],
    ),
    ("old-record", &[("event_category", "NULL"), ("read_only", "NULL"), ("cluster_name", "first")]),
    ("region-unlike-a-region", &[("aws_region", "../escape"), ("unmapped", "NULL")]),
    (
        "service-event",
        &[
            ("user_identity_type", "NULL"),
            ("actor", "ecs.amazonaws.com"),
            ("channel", "service"),
            ("service_event_details", r#"{"taskArns":["task/1"]}"#),
        ],
    ),
    (
        "odd-json",
        &[
            ("target_resource_arn", "NULL"),
            ("tags", "{team: NULL}"),
            ("error_message", "NULL"),
            ("user_agent", "lone surrogate \u{fffd}, NUL \0, escaped /"),
            (
                "unmapped",
                r#"{"userAgent":"lone surrogate \ud800, NUL \u0000, escaped \/","errorMessage":null}"#,
            ),
        ],
    ),
    ("member-twice", &[("user_agent", "second"), ("cluster_name", "production")]),
    ("deep-nesting", &[("cluster_name", "production")]),
];

#[test]
fn every_edge_case() {
    let batch = flatten(&[EDGE_CASES]);
    let ids = batch.column(column_index("event_id").unwrap()).as_string::<i32>();
    let found: Vec<_> = ids.iter().flatten().collect();
    assert_eq!(found, CASES.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    assert_eq!(ids.null_count(), 0);
    for (row, (id, expected)) in CASES.iter().enumerate() {
        for (name, value) in *expected {
            let column = column_index(name).unwrap_or_else(|| panic!("no column {name}"));
            assert_eq!(&show(&batch, column, row), value, "{name} of {id}");
        }
    }
}
