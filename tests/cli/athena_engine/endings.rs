//! Queries that take several tries, that end too early, and that nobody waits for any more.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    COLUMNS, QUERY,
    failures::failure,
    header, row,
    server::{ID, LOCATION, Server, error, ok, page, state},
};
use crate::sandbox::{Answer, Sandbox};

#[test]
fn what_is_throttled_is_tried_again() {
    let sandbox = Sandbox::with_samples();
    let server = Server::new();
    let throttled = error("TooManyRequestsException", "Rate exceeded");
    for operation in ["StartQueryExecution", "GetQueryExecution", "GetQueryResults"] {
        let fine = match operation {
            "StartQueryExecution" => ok(&json!({"QueryExecutionId": ID})),
            "GetQueryExecution" => state("SUCCEEDED", 0),
            _ => page(&COLUMNS, &[header(&COLUMNS), row(&["us-east-1", "7"])], None),
        };
        server.replies(operation, [throttled.clone(), throttled.clone(), fine]);
    }
    let answer = server.run(&sandbox, &QUERY);
    assert_eq!(
        (answer.code, answer.stdout.trim_end()),
        (Some(0), r#"{"region":"us-east-1","n":7}"#),
        "{answer}"
    );
    let tokens = server.asked("StartQueryExecution");
    let tokens: Vec<_> =
        tokens.iter().map(|body| body["ClientRequestToken"].as_str().unwrap()).collect();
    assert_eq!(tokens, [tokens[0]; 3]);
}

#[test]
fn an_error_on_a_later_page_leaves_no_file() {
    let sandbox = Sandbox::with_samples();
    let server = Server::new();
    let first = page(&COLUMNS, &[header(&COLUMNS), row(&["us-east-1", "7"])], Some("page 1"));
    let found = |sandbox: &Sandbox| {
        let entries = std::fs::read_dir(sandbox.path("")).unwrap().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    };
    for (second, expected) in [
        (
            error(
                "InvalidRequestException",
                "Query has results that have expired, {\"Column(Some)\": Int64}",
            ),
            "ecstrail: Athena: Query has results that have expired, {\"Column(Some)\": Int64} (InvalidRequestException of athena:GetQueryResults)\n",
        ),
        (
            page(&COLUMNS, &[row(&["us-east-1", "seven"])], None),
            "ecstrail: Athena: column \"n\" of the answer: \"seven\" is not a whole number of its column's width\n",
        ),
    ] {
        for file in ["rows.csv", "rows.parquet", "rows.json"] {
            server.replies("GetQueryResults", [first.clone(), second.clone()]);
            let answer = server.run(&sandbox, &["query", "SELECT 1", "-o", file]);
            assert_eq!(answer.code, Some(1), "{answer}");
            assert!(answer.stderr.contains(expected), "{answer}");
            assert_eq!(found(&sandbox), ["dataset"]);
        }
    }
}

/// Runs a query that lasts, and asks the program to stop once an operation was asked for so often.
fn interrupted(
    server: &Server,
    sandbox: &Sandbox,
    signal: &str,
    operation: &str,
    times: usize,
) -> Answer {
    let mut command = server.command(sandbox, &["query", "SELECT 1", "-o", "rows.csv"]);
    let child = command.args(["--location", LOCATION]).spawn().unwrap();
    let begun = Instant::now();
    while server.asked(operation).len() < times {
        assert!(begun.elapsed() < Duration::from_mins(1));
        thread::sleep(Duration::from_millis(10));
    }
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(!sandbox.path("rows.csv").exists());
    Answer { stdout, stderr, code: output.status.code() }
}

#[test]
fn an_interrupt_stops_the_query() {
    let sandbox = Sandbox::with_samples();
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let server = Server::new();
        server.replies("GetQueryExecution", [state("RUNNING", 3 << 30)]);
        let answer = interrupted(&server, &sandbox, signal, "GetQueryExecution", 2);
        assert_eq!(answer.code, Some(code), "{answer}");
        assert_eq!(
            server.asked("StopQueryExecution"),
            [json!({"QueryExecutionId": ID})],
            "{answer}"
        );
        assert!(answer.stderr.contains("Athena scanned 3.0 GiB, about $0.0146"), "{answer}");
        assert!(!answer.stderr.contains("canceled"), "{answer}");
    }
    // It is stopped once it has a name.
    let server = Server::new();
    server.is_slow("StartQueryExecution", Duration::from_secs(1));
    server.replies("GetQueryExecution", [state("RUNNING", 0)]);
    let answer = interrupted(&server, &sandbox, "-INT", "StartQueryExecution", 1);
    assert_eq!(answer.code, Some(130), "{answer}");
    assert_eq!(server.asked("StopQueryExecution"), [json!({"QueryExecutionId": ID})], "{answer}");
    // Who may not stop it is told so.
    let server = Server::new();
    server.replies("GetQueryExecution", [state("RUNNING", 0)]);
    let denied = "You are not authorized to perform: athena:StopQueryExecution on the resource.";
    server.replies("StopQueryExecution", [error("AccessDeniedException", denied)]);
    let answer = interrupted(&server, &sandbox, "-INT", "GetQueryExecution", 2);
    assert_eq!(answer.code, Some(130), "{answer}");
    let told = format!("query {ID} could not be stopped and goes on: Athena: access was denied");
    assert!(answer.stderr.contains(&told), "{answer}");
}

#[test]
fn a_failure_on_the_way_stops_the_query() {
    let sandbox = Sandbox::with_samples();
    let server = Server::new();
    let denied = "You are not authorized to perform: athena:GetQueryExecution on the resource.";
    server.replies(
        "GetQueryExecution",
        [state("RUNNING", 0), error("AccessDeniedException", denied)],
    );
    let told = failure(&server, &sandbox);
    assert!(told.contains("access was denied: allow athena:GetQueryExecution"), "{told}");
    assert_eq!(server.asked("StopQueryExecution"), [json!({"QueryExecutionId": ID})]);
}
