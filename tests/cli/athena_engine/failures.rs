//! What is said when Athena refuses or fails, and what is not shown of it.

use serde_json::json;

use super::{
    QUERY,
    server::{LOCATION, Server, ended, error, ok, state},
};
use crate::sandbox::Sandbox;

/// Returns what is said of a failure.
pub(super) fn failure(server: &Server, sandbox: &Sandbox) -> String {
    let answer = server.run(sandbox, &QUERY);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{answer}");
    let problem = answer.stderr.lines().find(|line| line.starts_with("ecstrail: "));
    problem.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn refusals_say_what_to_do() {
    let sandbox = Sandbox::with_samples();
    let invalid = "InvalidRequestException";
    for (code, message, expected) in [
        (
            invalid,
            "WorkGroup is not found.",
            "workgroup audit does not exist in us-east-1: check its name",
        ),
        (invalid, "WorkGroup is disabled", "workgroup audit in us-east-1 is disabled"),
        (
            invalid,
            "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.",
            "workgroup audit in us-east-1 has no place for results: set the location",
        ),
        (
            invalid,
            "line 1:1: mismatched input",
            "line 1:1: mismatched input (InvalidRequestException",
        ),
        (
            "AccessDeniedException",
            "You are not authorized to perform: athena:StartQueryExecution on the resource.",
            "access was denied: allow athena:StartQueryExecution on workgroup audit in us-east-1",
        ),
        (
            "ExpiredTokenException",
            "The security token included in the request is expired",
            "the credentials have expired: renew them",
        ),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            "the credentials are not valid in us-east-1",
        ),
    ] {
        let server = Server::new();
        server.replies("StartQueryExecution", [error(code, message)]);
        let told = failure(&server, &sandbox);
        assert!(told.starts_with(&format!("ecstrail: Athena: {expected}")), "{told}");
        assert_eq!(server.operations(), ["GetTableMetadata", "StartQueryExecution"], "{told}");
    }
    // Not Athena at all.
    let server = Server::new();
    server.replies("StartQueryExecution", [(200, "<html>".to_owned())]);
    assert!(failure(&server, &sandbox).contains("is not one of Athena's"));
}

#[test]
fn queries_that_fail_say_why() {
    let sandbox = Sandbox::with_samples();
    let status = |reason: &str, category: u32| json!({"StateChangeReason": reason, "AthenaError": {"ErrorCategory": category, "ErrorMessage": reason}});
    for (reply, expected) in [
        (
            ended(
                "FAILED",
                0,
                &status("COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved", 2),
            ),
            "the query failed: COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved (a mistake in the query or its table, query 1",
        ),
        (
            ended("FAILED", 0, &status("GENERIC_INTERNAL_ERROR", 1)),
            "the query failed: GENERIC_INTERNAL_ERROR (a failure of Athena's",
        ),
        (
            ended("CANCELLED", 0, &status("Query cancelled by user", 2)),
            "the query was canceled in Athena: Query cancelled by user",
        ),
        (
            ended("CANCELLED", 20_000_000, &status("Bytes scanned limit was exceeded", 2)),
            "the workgroup allows at most 10 MiB per query, and this one would read more: narrow it",
        ),
        (
            ok(&json!({"QueryExecution": {
                "Status": {"State": "RUNNING"}, "EngineVersion": {"EffectiveEngineVersion": "Athena engine version 2"},
            }})),
            "workgroup audit runs Athena engine version 2, and reports need version 3",
        ),
    ] {
        let server = Server::new();
        let limited = json!({"WorkGroup": {"Name": "audit", "Configuration": {"BytesScannedCutoffPerQuery": 10 << 20}}});
        server.replies("GetWorkGroup", [ok(&limited)]);
        server.replies("GetQueryExecution", [state("RUNNING", 0), reply]);
        let told = failure(&server, &sandbox);
        assert!(told.starts_with(&format!("ecstrail: Athena: {expected}")), "{told}");
    }
}

/// What AWS, or a server in its place, repeats of a session.
#[test]
fn session_tokens_are_not_shown() {
    let sandbox = Sandbox::with_samples();
    let token = "IQoJb3JpZ2luX2VjEXAMPLECANARY0123456789".repeat(2);
    let said = format!("x-amz-security-token:{token}\nhost: {token}");
    let failed = ended("FAILED", 0, &json!({"StateChangeReason": said}));
    for (operation, reply) in [
        ("GetTableMetadata", error("MetadataException", &said)),
        ("StartQueryExecution", error("InvalidSignatureException", &said)),
        ("StartQueryExecution", error(&token, &said)),
        ("StartQueryExecution", (403, format!("<html>{token}"))),
        ("GetQueryExecution", failed),
        ("GetQueryResults", error("InvalidRequestException", &said)),
    ] {
        let server = Server::new();
        server.replies(operation, [reply]);
        let mut command = server.command(&sandbox, &QUERY);
        let answer =
            sandbox.answer(command.args(["--location", LOCATION]).env("AWS_SESSION_TOKEN", &token));
        assert_eq!(answer.code, Some(1), "{answer}");
        assert!(!answer.stderr.contains("CANARY"), "{operation}: {answer}");
    }
}
