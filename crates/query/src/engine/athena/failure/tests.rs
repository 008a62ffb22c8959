use aws_sdk_athena::{
    error::ErrorMetadata, operation::start_query_execution::StartQueryExecutionError,
};

use super::*;

fn options() -> AthenaOptions {
    AthenaOptions {
        workgroup: "audit".to_owned(),
        database: "ecstrail".to_owned(),
        home: "s3://bucket/home".to_owned(),
    }
}

fn told(code: &str, message: &str) -> String {
    let meta = ErrorMetadata::builder().code(code).message(message).build();
    let error = SdkError::service_error(StartQueryExecutionError::generic(meta), ());
    let options = options();
    let request =
        Request { action: "athena:StartQueryExecution", options: &options, region: "us-east-1" };
    request.failed(&error).to_string()
}

#[test]
fn what_is_refused_says_what_to_do() {
    for (code, message, expected) in [
        (
            "InvalidRequestException",
            "WorkGroup is not found.",
            "Athena: workgroup audit does not exist in us-east-1: check its name (`aws athena list-work-groups`) and the Region",
        ),
        (
            "InvalidRequestException",
            "WorkGroup audit is disabled",
            "Athena: workgroup audit in us-east-1 is disabled: enable it, or use another one",
        ),
        (
            "InvalidRequestException",
            "line 1:8: mismatched input 'FORM'.\n Expecting: <query>",
            "Athena: line 1:8: mismatched input 'FORM'. Expecting: <query> (InvalidRequestException of athena:StartQueryExecution)",
        ),
        (
            "ExpiredTokenException",
            "The security token included in the request is expired",
            "Athena: the credentials have expired: renew them, for example with `aws sso login`, then rerun the command",
        ),
        (
            "InvalidSignatureException",
            "The Canonical String should have been 'x-amz-security-token:secret'",
            "Athena: the credentials are not valid in us-east-1 (InvalidSignatureException): make `aws sts get-caller-identity` work",
        ),
    ] {
        assert_eq!(told(code, message), expected);
    }
    for (code, message, parts) in [
        (
            "AccessDeniedException",
            "You are not authorized to perform: athena:StartQueryExecution on the resource.",
            &["allow athena:StartQueryExecution on workgroup audit", "not authorized"][..],
        ),
        ("TooManyRequestsException", "Rate exceeded", &["at once", "later: Rate exceeded"]),
        (
            "InvalidRequestException",
            "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.",
            &["workgroup audit in us-east-1 has no place for results", "update-work-group"],
        ),
        ("InternalServerException", "", &["no reason given (InternalServerException of"]),
    ] {
        let told = told(code, message);
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    }
}

#[test]
fn secrets_are_not_repeated() {
    let token = "IQoJb3JpZ2luX2VjEXAMPLECANARY0123456789".repeat(2);
    for message in [
        token.clone(),
        format!("token:{token}\n"),
        format!("{{\"token\":\"{token}==\"}}"),
        format!("a/{token}/b"),
    ] {
        let told = told("InvalidRequestException", &message);
        assert!(!told.contains("CANARY"), "{told}");
    }
    let path = "s3://a-bucket/with/a-long/path/to/some/part-00000-of-00001-c0ffee.snappy.parquet";
    assert!(told("InvalidRequestException", path).contains(path));
    let long = "word ".repeat(1000);
    let told = told("InvalidRequestException", &long);
    assert!(told.len() < 1100 && told.ends_with('…'), "{told}");
}

#[test]
fn queries_that_end_without_an_answer_say_why() {
    let status = |state, reason: &str, category| {
        let error = AthenaError::builder().error_category(category).build();
        QueryExecutionStatus::builder()
            .state(state)
            .state_change_reason(reason)
            .athena_error(error)
            .build()
    };
    let (failed, canceled) = (QueryExecutionState::Failed, QueryExecutionState::Cancelled);
    for (status, limit, expected) in [
        (
            status(failed.clone(), "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved", 2),
            None,
            "Athena: the query failed: COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved (a mistake in the query or its table, query 7)",
        ),
        (
            status(failed.clone(), "GENERIC_INTERNAL_ERROR: x", 1),
            None,
            "Athena: the query failed: GENERIC_INTERNAL_ERROR: x (a failure of Athena's: rerun the command, query 7)",
        ),
        (status(failed, "x", 3), None, "Athena: the query failed: x (query 7)"),
        (
            status(canceled.clone(), "Query cancelled by user", 2),
            None,
            "Athena: the query was canceled in Athena: Query cancelled by user (query 7)",
        ),
        (
            status(canceled.clone(), "Bytes scanned limit was exceeded", 2),
            Some(10 << 20),
            "Athena: the workgroup allows at most 10 MiB per query, and this one would read more: narrow it, for example by days, or raise the limit of audit: Bytes scanned limit was exceeded (query 7)",
        ),
        (
            status(canceled, "Bytes scanned limit was exceeded", 2),
            None,
            "Athena: the workgroup allows fewer bytes per query, and this one would read more: narrow it, for example by days, or raise the limit of audit: Bytes scanned limit was exceeded (query 7)",
        ),
    ] {
        assert_eq!(of_query("7", &status, &options(), limit).to_string(), expected);
    }
}
