//! `ecstrail convert`: every kind of input, and what is said about it.

use insta::assert_snapshot;

use crate::sandbox::{Sandbox, samples};

const RECORD: &str = r#"{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"ListClusters","awsRegion":"us-east-1","eventID":"e-1","recipientAccountId":"111122223333","requestParameters":null,"responseElements":null}"#;

#[test]
fn the_samples_then_nothing_new_then_a_wider_selection() {
    let sandbox = Sandbox::new();
    let convert =
        |more: &[&str]| sandbox.run(&[&["convert", &samples(), "--to", "dataset"], more].concat());
    assert_snapshot!("samples", convert(&[]));
    assert_snapshot!("samples_again", convert(&[]));
    assert_snapshot!("samples_all", convert(&["--event-source", "all", "--format", "json"]));
}

#[test]
fn every_bad_input_gets_one_clear_line() {
    let sandbox = Sandbox::new();
    let name = |what: &str| {
        format!("trail/111122223333_CloudTrail_us-east-1_20260427T0220Z_{what}.json.gz")
    };
    sandbox.write(&name("good"), format!(r#"{{"Records":[{RECORD}]}}"#));
    sandbox.write(&name("corrupt-gzip"), b"\x1f\x8b\x08\x00 this is no gzip");
    sandbox.write(&name("empty"), b"");
    sandbox.write(&name("zip"), b"PK\x03\x04");
    let other = RECORD.replace("e-1", "e-2");
    sandbox.write(
        &name("broken-json"),
        format!(r#"{{"Records":[{{"eventVersion":"1.08",,{other}]}}"#),
    );
    sandbox.write("trail/undated.json", RECORD.replace("eventTime", "time"));
    sandbox.write("trail/README.md", "not a log file");
    let answer = sandbox.run(&["convert", "trail", "nowhere", "--to", "dataset"]);
    assert_snapshot!("bad_input", answer);
}

#[test]
fn a_source_that_is_not_there_or_holds_nothing_fails() {
    let sandbox = Sandbox::new();
    assert_snapshot!("missing_source", sandbox.run(&["convert", "nowhere", "--to", "dataset"]));
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    assert_snapshot!("empty_source", sandbox.run(&["convert", "empty", "--to", "dataset"]));
    assert_snapshot!(
        "s3_source",
        sandbox.run(&["convert", "s3://bucket/prefix", "--to", "dataset"])
    );
    assert_snapshot!("no_source", sandbox.run(&["convert", "--to", "dataset"]));
}

#[test]
fn one_file_with_an_odd_name_converts() {
    let sandbox = Sandbox::new();
    for name in ["event_history (1).json", "a#b%20c [x].json", "ü.json.gz"] {
        let record = RECORD.replace("e-1", name);
        sandbox.write(name, record);
        let answer = sandbox.run(&["convert", name, "--to", "dataset", "--format", "json"]);
        assert_eq!(answer.code, Some(0), "{answer}");
        assert!(answer.stdout.starts_with(r#"{"records":1,"rows":1,"#), "{answer}");
    }
    let answer = sandbox.run(&[
        "query",
        "SELECT source_file FROM events ORDER BY 1",
        "-d",
        "dataset",
        "-f",
        "csv",
    ]);
    assert_snapshot!(answer.stdout);
}

#[test]
fn selections_on_the_command_line() {
    let sandbox = Sandbox::new();
    let rows = |more: &[&str]| {
        let answer = sandbox.run(
            &[&["convert", &samples(), "--to", more[0], "--format", "json"], &more[1..]].concat(),
        );
        let (_, rest) = answer.stdout.split_once("\"rows\":").unwrap();
        rest.split(',').next().unwrap().to_owned()
    };
    assert_eq!(rows(&["a", "--from", "2026-04-27", "--until", "2026-04-27"]), "146");
    assert_eq!(rows(&["b", "--region", "eu-west-1", "--from", "2026-04-28"]), "61");
    assert_eq!(rows(&["c", "--account", "123456789012"]), "1");
    assert_eq!(rows(&["e", "--event-name", "ExecuteCommand,StopTask"]), "6");
    let writes = rows(&["f", "--exclude-read-only"]);
    let sql = "SELECT count(*) AS n FROM events WHERE read_only IS NOT TRUE";
    sandbox.run(&["convert", &samples(), "--to", "all"]);
    let counted = sandbox.run(&["query", sql, "-d", "all", "-f", "jsonl"]).stdout;
    assert_eq!(counted, format!("{{\"n\":{writes}}}\n"));
    // What a narrower selection holds already is a duplicate of the wider one.
    assert_eq!(rows(&["f"]), (429 - writes.parse::<u64>().unwrap()).to_string());
    assert_eq!(
        sandbox.run(&["convert", &samples(), "--to", "g", "--event-name", "Run*"]).code,
        Some(2)
    );
    assert_eq!(
        rows(&[
            "d",
            "--event-source",
            "ecs.amazonaws.com",
            "--event-source",
            "nothing.example.com"
        ]),
        "429"
    );
}

#[test]
fn a_dataset_may_stand_beside_its_trail() {
    let sandbox = Sandbox::new();
    sandbox.write("trail/a.json", RECORD);
    let convert =
        || sandbox.run(&["convert", "trail", "--to", "trail/../dataset", "--format", "json"]);
    let first = convert();
    assert_eq!(first.code, Some(0), "{first}");
    let again = convert();
    assert!(again.stdout.starts_with(r#"{"records":0,"rows":0,"#), "{again}");
    let count = sandbox.run(&[
        "query",
        "SELECT count(*) AS n FROM events",
        "-d",
        "trail/../dataset",
        "-f",
        "jsonl",
    ]);
    assert_eq!(count.stdout, "{\"n\":1}\n", "{count}");
}

#[test]
fn several_event_sources_in_one_option() {
    let sandbox = Sandbox::new();
    let convert = |sources: &str| {
        sandbox.run(&[
            "convert",
            &samples(),
            "--to",
            "dataset",
            "--format",
            "json",
            "--event-source",
            sources,
        ])
    };
    let answer = convert("s3.amazonaws.com,ecs.amazonaws.com");
    assert!(answer.stdout.contains(r#""rows":575,"#), "{answer}");
    assert_eq!(convert("s3.amazonaws.com region=x").code, Some(2));
}

#[test]
fn what_is_where_in_a_dataset() {
    let sandbox = Sandbox::with_samples();
    let mut partitions: Vec<String> = Vec::new();
    for date in std::fs::read_dir(sandbox.path("dataset/events")).unwrap().flatten() {
        for region in std::fs::read_dir(date.path()).unwrap().flatten() {
            let files = std::fs::read_dir(region.path()).unwrap().count();
            let (date, region) = (date.file_name(), region.file_name());
            partitions.push(format!("{}/{} {files}", date.display(), region.display()));
        }
    }
    partitions.sort();
    assert_snapshot!(partitions.join("\n"), @r"
    date=2018-06-20/region=us-east-1 1
    date=2026-04-25/region=eu-west-1 1
    date=2026-04-25/region=unknown 1
    date=2026-04-25/region=us-east-1 1
    date=2026-04-26/region=eu-west-1 1
    date=2026-04-26/region=us-east-1 1
    date=2026-04-27/region=eu-west-1 1
    date=2026-04-27/region=us-east-1 1
    date=2026-04-28/region=af-south-1 1
    date=2026-04-28/region=ap-southeast-3 1
    date=2026-04-28/region=eu-west-1 1
    date=2026-04-28/region=us-east-1 1
    ");
}
