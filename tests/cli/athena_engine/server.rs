//! A server on loopback that speaks Athena's protocol: JSON by POST, the operation in a header. It
//! gives what a test has told it to, and remembers what it was asked.

use std::{
    collections::{HashMap, VecDeque},
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::sandbox::{Answer, Sandbox};

/// The id of every query.
pub(super) const ID: &str = "11111111-2222-3333-4444-555555555555";
/// Where the table reads.
pub(super) const LOCATION: &str = "s3://bucket/home";

/// An answer to a request: its HTTP status and its text.
pub(super) type Reply = (u16, String);

/// It ends with the tests' process.
pub(super) struct Server {
    address: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    replies: Mutex<HashMap<String, VecDeque<Reply>>>,
    requests: Mutex<Vec<(String, Value)>>,
    pauses: Mutex<HashMap<String, Duration>>,
}

impl Server {
    /// A server on which the table is there, and every query has an answer without rows.
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            shared: Arc::default(),
        };
        let location = format!("{LOCATION}/events/");
        let table =
            json!({"TableMetadata": {"Name": "events", "Parameters": {"location": location}}});
        server.replies("GetTableMetadata", [ok(&table)]);
        server.replies("StartQueryExecution", [ok(&json!({"QueryExecutionId": ID}))]);
        server.replies("GetQueryExecution", [state("SUCCEEDED", 0)]);
        server.replies("GetQueryResults", [ok(&json!({}))]);
        server.replies("StopQueryExecution", [ok(&json!({}))]);
        let shared = Arc::clone(&server.shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A client that goes away is no concern of the test.
                thread::spawn(move || drop(shared.respond(stream)));
            }
        });
        server
    }

    /// Sets the replies to an operation; the last one is given again and again.
    pub(super) fn replies(&self, operation: &str, replies: impl IntoIterator<Item = Reply>) {
        let replies = replies.into_iter().collect();
        self.shared.replies.lock().unwrap().insert(operation.to_owned(), replies);
    }

    /// Lets every reply to an operation come late.
    pub(super) fn is_slow(&self, operation: &str, pause: Duration) {
        self.shared.pauses.lock().unwrap().insert(operation.to_owned(), pause);
    }

    /// The requests for an operation.
    pub(super) fn asked(&self, operation: &str) -> Vec<Value> {
        let requests = self.shared.requests.lock().unwrap();
        let asked = requests.iter().filter(|(name, _)| name == operation);
        asked.map(|(_, body)| body.clone()).collect()
    }

    pub(super) fn operations(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().iter().map(|(name, _)| name.clone()).collect()
    }

    /// Credentials, a Region, and this server as Athena.
    pub(super) fn environment(&self) -> [(&str, &str); 4] {
        [
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL_ATHENA", &self.address),
        ]
    }

    /// A command with this server as Athena.
    pub(super) fn command(&self, sandbox: &Sandbox, arguments: &[&str]) -> Command {
        let mut command = sandbox.command(arguments);
        command.args(["-d", "dataset", "--engine", "athena:audit"]).envs(self.environment());
        command
    }

    /// Runs a command over the copy of the dataset that the table reads.
    pub(super) fn run(&self, sandbox: &Sandbox, arguments: &[&str]) -> Answer {
        sandbox.answer(self.command(sandbox, arguments).args(["--location", LOCATION]))
    }
}

impl Shared {
    fn respond(&self, stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut operation, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                if line.trim_end().is_empty() {
                    break;
                }
                continue;
            };
            match name.to_ascii_lowercase().as_str() {
                "x-amz-target" => {
                    value.strip_prefix("AmazonAthena.").unwrap().clone_into(&mut operation);
                }
                "content-length" => length = value.parse().unwrap(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let request = (operation.clone(), serde_json::from_slice(&body).unwrap());
        self.requests.lock().unwrap().push(request);
        let pause = self.pauses.lock().unwrap().get(&operation).copied();
        thread::sleep(pause.unwrap_or_default());
        let (status, text) = {
            let mut replies = self.replies.lock().unwrap();
            match replies.get_mut(&operation) {
                Some(replies) if replies.len() > 1 => replies.pop_front().unwrap(),
                Some(replies) => replies[0].clone(),
                None => error("UnknownOperationException", "there is no such operation"),
            }
        };
        let length = text.len();
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{text}"
        )
    }
}

pub(super) fn ok(body: &Value) -> Reply {
    (200, body.to_string())
}

pub(super) fn error(code: &str, message: &str) -> Reply {
    (400, json!({"__type": code, "Message": message}).to_string())
}

/// What a query is doing, and what it has read.
pub(super) fn state(state: &str, bytes: u64) -> Reply {
    ended(state, bytes, &json!({"State": state}))
}

/// A query with all of its status.
pub(super) fn ended(state: &str, bytes: u64, status: &Value) -> Reply {
    let mut status = status.clone();
    status["State"] = state.into();
    ok(&json!({"QueryExecution": {
        "QueryExecutionId": ID, "StatementType": "DML", "Status": status,
        "Statistics": {"DataScannedInBytes": bytes},
    }}))
}

/// A page of an answer. Only a first page describes the columns and has their names as its first row.
pub(super) fn page(
    columns: &[(&str, &str)],
    rows: &[Vec<Option<String>>],
    next: Option<&str>,
) -> Reply {
    let info = columns
        .iter()
        .map(|(name, kind)| json!({"Name": name, "Type": kind, "Precision": 38, "Scale": 2}));
    let info: Vec<_> = info.collect();
    let row = |cells: &Vec<Option<String>>| {
        let cell = |text: &Option<String>| {
            text.as_ref().map_or(json!({}), |text| json!({"VarCharValue": text}))
        };
        json!({"Data": cells.iter().map(cell).collect::<Vec<_>>()})
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    let set = json!({"Rows": rows, "ResultSetMetadata": {"ColumnInfo": info}});
    ok(&json!({"ResultSet": set, "NextToken": next}))
}
