//! Buckets whose listings are odd: over a real connection, so that keys pass through XML.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use url::form_urlencoded;

use crate::sandbox::{Answer, Sandbox};

/// How a server is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Oddity {
    None,
    /// `start-after` is ignored.
    IgnoresStart,
    /// Each page is that of the beginning, with the same continuation token.
    SameToken,
    /// Each page is that of the beginning, with a new continuation token.
    SamePage,
    /// Each page is empty, with a new continuation token.
    EmptyPages,
    /// Keys of elsewhere are listed as well.
    Strays,
    /// The keys of a page come backwards.
    Backwards,
}

/// A bucket on loopback that can be listed and read. It ends with the tests' process.
struct Bucket {
    address: String,
    requests: Arc<AtomicUsize>,
}

/// Keys of a page.
const PAGE_KEYS: usize = 4;

impl Bucket {
    /// Serves log files.
    fn new(keys: &[&str], oddity: Oddity) -> Self {
        let log_file = |key: &&str| ((*key).to_owned(), log_file(key).into_bytes());
        Self::serving(keys.iter().map(log_file).collect(), oddity)
    }

    fn serving(objects: BTreeMap<String, Vec<u8>>, oddity: Oddity) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let request = counted.fetch_add(1, Ordering::SeqCst);
                // A client that goes away is no concern of the test.
                drop(stream.and_then(|stream| respond(stream, &objects, oddity, request)));
            }
        });
        Self { address, requests }
    }

    fn convert(&self, arguments: &[&str]) -> Answer {
        let sandbox = Sandbox::new();
        let given = [
            &["convert", "--anonymous", "--endpoint", &self.address, "--to", "dataset"],
            arguments,
        ];
        sandbox.run(&given.concat())
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// A log file with one record, which names the key.
fn log_file(key: &str) -> String {
    let id = STANDARD.encode(key);
    format!(
        r#"{{"Records":[{{"eventVersion":"1.11","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventTime":"2026-04-27T10:00:00Z","eventID":"{id}"}}]}}"#
    )
}

fn respond(
    mut stream: TcpStream,
    objects: &BTreeMap<String, Vec<u8>>,
    oddity: Oddity,
    request: usize,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let mut range = None;
    while let Some(line) = lines.next().transpose()?.filter(|line| !line.is_empty()) {
        let line = line.to_ascii_lowercase();
        range = range.or(line.strip_prefix("range: bytes=").map(ToOwned::to_owned));
    }
    let target = first.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = format!("k={}", path.trim_start_matches("/trail").trim_start_matches('/'));
    let (_, key) = form_urlencoded::parse(path.as_bytes()).next().unwrap();
    let mut of_range = String::new();
    let (status, body) = match objects.get(&*key) {
        Some(object) => match range.as_deref().and_then(|range| range.split_once('-')) {
            Some((start, end)) => {
                let start = start.parse().unwrap();
                let end = end.parse().map_or(object.len(), |end: usize| object.len().min(end + 1));
                let (last, all) = (end - 1, object.len());
                of_range = format!("Content-Range: bytes {start}-{last}/{all}\r\n");
                ("206 Partial Content", object[start..end].to_vec())
            }
            None => ("200 OK", object.clone()),
        },
        None if query.contains("list-type=2") => {
            ("200 OK", list(objects, query, oddity, request).into_bytes())
        }
        None => ("404 Not Found", Vec::new()),
    };
    let headers =
        "ETag: \"x\"\r\nLast-Modified: Mon, 27 Apr 2026 10:00:00 GMT\r\nConnection: close";
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\n{of_range}{headers}\r\nContent-Length: {length}\r\n\r\n")?;
    if first.starts_with("HEAD") { Ok(()) } else { stream.write_all(&body) }
}

/// Answers `ListObjectsV2`,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>.
fn list(
    objects: &BTreeMap<String, Vec<u8>>,
    query: &str,
    oddity: Oddity,
    request: usize,
) -> String {
    let query: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
    let given = |name: &str| query.get(name).map(ToString::to_string);
    let prefix = given("prefix").unwrap_or_default();
    let after = match oddity {
        Oddity::SameToken | Oddity::SamePage => None,
        Oddity::IgnoresStart => given("continuation-token"),
        _ => given("continuation-token").or_else(|| given("start-after")),
    };
    let after = after.unwrap_or_default();
    let most = given("max-keys").map_or(PAGE_KEYS, |most| most.parse().unwrap()).min(PAGE_KEYS);
    let mut keys: Vec<&str> = objects
        .keys()
        .map(String::as_str)
        .filter(|key| key.starts_with(&prefix) && *key > after.as_str())
        .collect();
    let mut token = (keys.len() > most).then(|| keys[most - 1].to_owned());
    keys.truncate(most);
    match oddity {
        Oddity::SameToken => token = Some("token".to_owned()),
        Oddity::SamePage => token = Some(format!("token {request}")),
        Oddity::EmptyPages => {
            keys.clear();
            token = Some(format!("token {request}"));
        }
        Oddity::Strays => keys.push("elsewhere/1.json"),
        Oddity::Backwards => keys.reverse(),
        Oddity::None | Oddity::IgnoresStart => {}
    }
    let contents = keys.iter().map(|key| {
        let (key, size) = (escape(key), objects.get(*key).map_or(1, Vec::len));
        format!(
            "<Contents><Key>{key}</Key><LastModified>2026-04-27T10:00:00.000Z</LastModified>\
             <ETag>&quot;x&quot;</ETag><Size>{size}</Size></Contents>"
        )
    });
    let contents: String = contents.collect();
    let token = token.map_or_else(String::new, |token| {
        format!("<NextContinuationToken>{}</NextContinuationToken>", escape(&token))
    });
    format!("<?xml version=\"1.0\"?><ListBucketResult>{contents}{token}</ListBucketResult>")
}

/// Writes a key as S3 does: control characters as references, all else as it is.
fn escape(key: &str) -> String {
    let character = |character: char| match character {
        '&' | '<' | '>' | '\0'..' ' => format!("&#{};", u32::from(character)),
        character => character.to_string(),
    };
    key.chars().map(character).collect()
}

#[test]
fn odd_keys_are_converted_or_reported_and_those_behind_them_converted() {
    let converted = [
        "k/1.json",
        "k/1\u{85}.json",
        "k/1\u{2028}.json",
        "k/1\u{2029}.json",
        "k/1\u{2028}\u{85}/2.json",
        "k/2&<>'\" .json",
        "k/9.json",
    ];
    let reported = ["k/2\n.json", "k/3\r.json", "k/3\u{1}.json", "k//4.json", "k/./5.json"];
    let keys = [&converted[..], &reported].concat();
    let bucket = Bucket::new(&keys, Oddity::None);
    for source in ["s3://trail/k", "s3://trail"] {
        let answer = bucket.convert(&[source, "--format", "json"]);
        assert_eq!(answer.code, Some(3), "{answer}");
        assert!(answer.stdout.contains("\"rows\":7,"), "{answer}");
        assert!(answer.stdout.contains("\"unaddressable_files\":5,"), "{answer}");
        for name in
            [r#""k/2\n.json""#, r#""k/3\r.json""#, r#""k/3\u{1}.json""#, r#""k//""#, r#""k/./""#]
        {
            assert!(answer.stderr.contains(name), "{name}: {answer}");
        }
    }
    assert!(bucket.requests() < 200, "{}", bucket.requests());
}

#[test]
fn a_listing_that_repeats_itself_ends() {
    let keys = ["k/1.json", "k/2.json", "k/3.json", "k/4.json", "k/5.json", "k/6.json"];
    for (oddity, rows, told) in [
        (Oddity::None, 6, None),
        (Oddity::IgnoresStart, 6, None),
        (Oddity::SameToken, 4, Some("repeats what it listed before")),
        (Oddity::SamePage, 4, Some("repeats what it listed before")),
        (Oddity::Strays, 6, Some("outside of the requested prefix")),
        (Oddity::Backwards, 6, Some("does not list keys in order")),
    ] {
        let bucket = Bucket::new(&keys, oddity);
        let answer = bucket.convert(&["s3://trail/k", "--format", "json"]);
        assert_eq!(answer.code, Some(if told.is_some() { 3 } else { 0 }), "{oddity:?}: {answer}");
        assert!(answer.stdout.contains(&format!("\"rows\":{rows},")), "{oddity:?}: {answer}");
        assert!(answer.stderr.contains(told.unwrap_or("")), "{oddity:?}: {answer}");
        assert!(bucket.requests() < 1050, "{oddity:?}: {}", bucket.requests());
    }
    let bucket = Bucket::new(&keys, Oddity::EmptyPages);
    let answer = bucket.convert(&["s3://trail/k"]);
    assert_eq!(answer.code, Some(1), "{answer}");
    assert!(answer.stderr.contains("repeats what it listed before"), "{answer}");
    assert!(bucket.requests() < 1050, "{}", bucket.requests());
}

/// Also that of a dataset in somebody else's bucket.
#[test]
fn a_listing_of_a_dataset_ends() {
    let sandbox = Sandbox::new();
    sandbox.write("trail/1.json", log_file("1"));
    let answer = sandbox.run(&["convert", "trail", "--to", "dataset"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    let mut objects = BTreeMap::new();
    add_files(&sandbox.path("dataset"), "dataset", &mut objects);
    for (oddity, code) in
        [(Oddity::None, 0), (Oddity::SameToken, 1), (Oddity::SamePage, 1), (Oddity::EmptyPages, 1)]
    {
        let bucket = Bucket::serving(objects.clone(), oddity);
        let dataset = ["-d", "s3://trail/dataset", "--anonymous", "--endpoint", &bucket.address];
        let answer = sandbox.run(&[&["status"][..], &dataset].concat());
        assert_eq!(answer.code, Some(code), "{oddity:?}: {answer}");
        assert!(bucket.requests() < 9000, "{oddity:?}: {}", bucket.requests());
    }
}

fn add_files(folder: &Path, key: &str, objects: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let key = format!("{key}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            add_files(&entry.path(), &key, objects);
        } else {
            objects.insert(key, fs::read(entry.path()).unwrap());
        }
    }
}
