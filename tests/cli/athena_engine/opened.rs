//! What `--engine` names, and whether it reads the dataset.

use serde_json::json;

use super::{
    COLUMNS, QUERY,
    failures::failure,
    header, row,
    server::{LOCATION, Server, error, ok, page},
};
use crate::sandbox::Sandbox;

#[test]
fn the_table_must_read_the_dataset() {
    let sandbox = Sandbox::with_samples();
    let table = |location: &str| {
        ok(&json!({"TableMetadata": {"Name": "events", "Parameters": {"location": location}}}))
    };
    for (reply, expected) in [
        (
            error(
                "MetadataException",
                "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException; Request ID: x; Proxy: null)",
            ),
            "there is no table ecstrail.events yet: run the statements of `ecstrail describe table --engine athena --dataset s3://bucket/home`",
        ),
        (
            table("s3://other/events/"),
            "the table ecstrail.events in Athena reads s3://other/events, and the dataset is at s3://bucket/home: give --location",
        ),
        (
            error("InternalServerException", "out of order"),
            "out of order (InternalServerException of athena:GetTableMetadata)",
        ),
    ] {
        let server = Server::new();
        server.replies("GetTableMetadata", [reply]);
        let told = failure(&server, &sandbox);
        assert!(told.starts_with(&format!("ecstrail: Athena: {expected}")), "{told}");
        assert!(server.asked("StartQueryExecution").is_empty());
    }
    let server = Server::new();
    server.replies(
        "GetQueryResults",
        [page(&COLUMNS, &[header(&COLUMNS), row(&["us-east-1", "7"])], None)],
    );
    server.replies(
        "GetTableMetadata",
        [error(
            "AccessDeniedException",
            "You are not authorized to perform: athena:GetTableMetadata",
        )],
    );
    let answer = server.run(&sandbox, &QUERY);
    assert_eq!(
        (answer.code, answer.stdout.trim_end()),
        (Some(0), r#"{"region":"us-east-1","n":7}"#),
        "{answer}"
    );
    assert!(answer.stderr.contains("was not checked, since athena:GetTableMetadata"), "{answer}");
    // A disk is nothing that Athena reads.
    let answer = sandbox.answer(&mut server.command(&sandbox, &QUERY));
    assert_eq!(answer.code, Some(1), "{answer}");
    assert!(
        answer
            .stderr
            .contains("Athena reads tables in S3 only, and the dataset is at [sandbox]/dataset"),
        "{answer}"
    );
    assert!(answer.stderr.contains("give --location"), "{answer}");
}

#[test]
fn workgroups_and_databases_are_named() {
    let sandbox = Sandbox::with_samples();
    let server = Server::new();
    let command = |name: &str| {
        let engine = format!("athena:{name}");
        let mut command = sandbox.command(&QUERY);
        command.args(["-d", "dataset", "--engine", &engine, "--location", LOCATION]);
        command.envs(server.environment());
        command
    };
    let run = |name: &str| sandbox.answer(&mut command(name));
    assert_eq!(run("a.b-C_1/audit_2").code, Some(0));
    let asked = &server.asked("StartQueryExecution")[0];
    assert_eq!(
        (&asked["WorkGroup"], &asked["QueryExecutionContext"]["Database"]),
        (&json!("a.b-C_1"), &json!("audit_2"))
    );
    assert_eq!(server.asked("GetTableMetadata")[0]["DatabaseName"], "audit_2");
    let long = "x".repeat(129);
    for name in ["", "/ecstrail", "a b", "a/", "a/B", "a/b/c", "a/b-c", &long] {
        let answer = run(name);
        assert_eq!(answer.code, Some(2), "{answer}");
        assert!(answer.stderr.contains(&format!("--engine athena:{name}: ")), "{answer}");
    }
    for (variable, url) in
        [("AWS_ENDPOINT_URL_ATHENA", "localhost"), ("AWS_ENDPOINT_URL", "http://")]
    {
        let mut command = command("audit");
        let answer =
            sandbox.answer(command.env_remove("AWS_ENDPOINT_URL_ATHENA").env(variable, url));
        assert_eq!(answer.code, Some(2), "{answer}");
        let problem = format!("{variable} is {url:?}, which is not the URL of a server");
        assert!(answer.stderr.contains(&problem), "{answer}");
    }
    let answer = sandbox.answer(command("audit").env_remove("AWS_REGION"));
    assert_eq!(answer.code, Some(1), "{answer}");
    assert!(
        answer.stderr.contains("Athena needs the Region of its workgroup: set AWS_REGION"),
        "{answer}"
    );
}
