//! Servers that are not what they should be: what they answer gives nothing away, and credentials
//! go to no other one.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::sandbox::{Answer, Sandbox};

/// A session token that must be seen nowhere.
const TOKEN: &str =
    "IQoJb3JpZ2luX2VjEXAMPLECANARY0123456789IQoJb3JpZ2luX2VjEXAMPLECANARY0123456789";

/// A server on loopback that gives every request the same answer, and counts them. It ends with the
/// tests' process.
struct Server {
    address: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn answering(status: &str, headers: &str, body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
            body.len()
        );
        let counted = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                // A client that goes away is no concern of the test.
                drop(stream.and_then(|stream| respond(stream, &answer)));
            }
        });
        Self { address, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn respond(mut stream: TcpStream, answer: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    stream.write_all(answer.as_bytes())
}

fn run(server: &Server, arguments: &[&str]) -> Answer {
    run_with(server, arguments, &[])
}

fn run_with(server: &Server, arguments: &[&str], variables: &[(&str, &str)]) -> Answer {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(arguments);
    command
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        .env("AWS_SESSION_TOKEN", TOKEN)
        .env("AWS_ENDPOINT_URL", &server.address)
        .envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Answer { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code() }
}

/// Commands that ask a bucket.
const COMMANDS: [&[&str]; 5] = [
    &["convert", "s3://trail", "--to", "dataset"],
    &["convert", "s3://trail", "--to", "dataset", "--dry-run"],
    &["report", "deployments", "-d", "s3://dataset/home"],
    &["status", "-d", "s3://dataset/home"],
    &["compact", "-d", "s3://dataset/home"],
];

#[test]
fn what_a_server_repeats_of_a_session_is_not_shown() {
    let error = |code: &str, more: &str| {
        format!(
            "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>This is not right.</Message>{more}<RequestId>4442587FB7D0A2F9</RequestId></Error>"
        )
    };
    for (status, body, shown) in [
        (
            "400 Bad Request",
            error("ExpiredToken", &format!("<Token-0>{TOKEN}</Token-0>")),
            "ExpiredToken",
        ),
        (
            "400 Bad Request",
            error("InvalidToken", &format!("<Token-0>{TOKEN}</Token-0>")),
            "InvalidToken",
        ),
        (
            "403 Forbidden",
            error(
                "SignatureDoesNotMatch",
                &format!("<CanonicalRequest>GET / x-amz-security-token:{TOKEN}</CanonicalRequest>"),
            ),
            "SignatureDoesNotMatch",
        ),
        ("403 Forbidden", format!("your token {TOKEN} is unknown here"), "403 Forbidden"),
        ("404 Not Found", format!("{{\"token\": \"{TOKEN}\"}}"), ""),
    ] {
        let server = Server::answering(status, "", &body);
        for arguments in COMMANDS {
            let answer = run(&server, arguments);
            let told = format!("{}{}", answer.stdout, answer.stderr);
            assert_eq!(answer.code, Some(1), "{arguments:?}: {answer}");
            assert!(!told.contains("CANARY"), "{arguments:?}: {answer}");
            assert!(told.contains(shown), "{arguments:?}: {answer}");
        }
        assert!(server.requests() >= COMMANDS.len(), "{status}");
    }
}

/// Nothing that is given or set ends the program otherwise than with an error, and a server that is
/// misspelled is not AWS.
#[test]
fn odd_servers_and_credentials_are_errors() {
    let server = Server::answering("403 Forbidden", "", "");
    for endpoint in [
        "127.0.0.1:5955",
        "localhost",
        "http://",
        "https://",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        "http://[::1",
        "http://a b",
        "ftp://127.0.0.1",
        "//127.0.0.1",
        "\n",
    ] {
        let given = ["convert", "s3://trail", "--to", "dataset", "--endpoint", endpoint];
        let answer = run(&server, &given);
        assert_eq!(answer.code, Some(2), "{endpoint:?}: {answer}");
        assert!(answer.stderr.contains("not the URL of a server"), "{endpoint:?}: {answer}");
        for variable in ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"] {
            let answer = run_with(&server, &given[..4], &[(variable, endpoint)]);
            assert_eq!(answer.code, Some(2), "{variable} {endpoint:?}: {answer}");
            assert!(answer.stderr.contains(variable), "{variable} {endpoint:?}: {answer}");
        }
    }
    assert_eq!(server.requests(), 0);
    // Set to nothing is not set.
    let answer = run_with(&server, COMMANDS[0], &[("AWS_ENDPOINT_URL_S3", "")]);
    assert_eq!((answer.code, server.requests()), (Some(1), 1), "{answer}");
    for (variable, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIA\nX"),
        ("AWS_SECRET_ACCESS_KEY", "a\u{7f}b"),
        ("AWS_SECRET_ACCESS_KEY", "ein Schlüssel"),
        ("AWS_SESSION_TOKEN", "a\r\nHost: x"),
        ("AWS_REGION", "us-east-1\n"),
        ("AWS_REGION", "../x"),
    ] {
        let answer = run_with(&server, COMMANDS[0], &[(variable, value)]);
        assert_eq!(answer.code, Some(1), "{variable} {value:?}: {answer}");
        assert!(!answer.stderr.contains("panicked"), "{variable} {value:?}: {answer}");
    }
    assert_eq!(server.requests(), 1);
}

#[test]
fn credentials_are_not_sent_on_to_another_server() {
    let other = Server::answering("200 OK", "", "");
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let location = format!("Location: {}/elsewhere\r\n", other.address);
        let server = Server::answering(status, &location, "");
        for arguments in COMMANDS {
            let answer = run(&server, arguments);
            assert_eq!(answer.code, Some(1), "{status} {arguments:?}: {answer}");
        }
        assert_eq!(other.requests(), 0, "{status}");
        assert!(server.requests() >= COMMANDS.len());
    }
}

/// Each of these takes a parser minutes or more memory than there may be, when there is more of it.
#[test]
fn responses_beyond_measure_are_errors() {
    let page = |content: &str| format!("<ListBucketResult>{content}</ListBucketResult>");
    let attributes =
        |name: &str| (0..20_000).map(|n| format!(" {name}{n}=\"\"")).collect::<Vec<_>>().concat();
    let nested = "<a xmlns:a=\"b\" a:a=\"\">".repeat(10_000);
    for body in [
        format!("<ListBucketResult{}/>", attributes("a")),
        page(&format!("<Name{}/>", attributes("a"))),
        page(&format!("<Name a=\">\"{}/>", attributes("a"))),
        page(&format!("<Name{}/>", attributes("xmlns:a"))),
        page(&nested),
    ] {
        let server = Server::answering("200 OK", "", &body);
        for arguments in COMMANDS {
            let answer = run(&server, arguments);
            assert_eq!(answer.code, Some(1), "{arguments:?}: {answer}");
            assert!(answer.stderr.contains("KiB of XML attributes"), "{arguments:?}: {answer}");
        }
    }
    for status in ["200 OK", "403 Forbidden"] {
        let server = Server::answering(status, "", &" ".repeat(65 << 20));
        let answer = run(&server, COMMANDS[0]);
        assert_eq!(answer.code, Some(1), "{answer}");
        assert!(answer.stderr.contains("larger than 64 MiB"), "{answer}");
    }
    // Those of an honest page are read.
    let namespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    let server = Server::answering("200 OK", "", &format!("<ListBucketResult {namespace}/>"));
    let answer = run(&server, COMMANDS[0]);
    assert!(!answer.stderr.contains("response"), "{answer}");
}
