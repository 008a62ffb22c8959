//! Every case by hand: a file, and what must become of it.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Expected,
    make::{
        archive, bomb, gzip, quoted, record, record_but, record_with, record_without, records, tar,
        utf16, zstandard,
    },
};

mod compressed;
mod shippers;

pub(super) struct Case {
    pub(super) name: String,
    /// The file's bytes: each piece so many times. None is ever in memory as a whole, so that the
    /// memory of the test is not taken for that of the program.
    pub(super) pieces: Vec<(Vec<u8>, usize)>,
    pub(super) expected: Expected,
}

fn case(name: &str, bytes: impl AsRef<[u8]>, expected: Expected) -> Case {
    Case { name: name.to_owned(), pieces: vec![(bytes.as_ref().to_vec(), 1)], expected }
}

fn rows(rows: u64) -> Expected {
    Expected { rows, ..Expected::default() }
}

/// Rows, and rejects for these reasons.
fn and_rejects(rows: u64, rejects: &[&str]) -> Expected {
    let rejects = rejects.iter().map(|reason| (*reason).to_owned()).collect();
    Expected { rows, rejects, ..Expected::default() }
}

fn look_alike(name: &str) -> Expected {
    Expected { filtered: 1, look_alike: Some(name.to_owned()), ..Expected::default() }
}

fn damage(message: &str) -> Expected {
    Expected { damage: Some(message.to_owned()), ..Expected::default() }
}

fn suspicious(of: u64, suspicion: &str) -> Expected {
    Expected { suspicions: vec![suspicion.to_owned()], ..rows(of) }
}

pub(super) fn all() -> Vec<Case> {
    let parts = [
        containers(),
        shippers::shippers(),
        texts(),
        look_alikes(),
        streams(),
        compressed::compressed(),
        json(),
        values(),
        hostile(),
    ];
    parts.into_iter().flatten().collect()
}

/// What records come in.
fn containers() -> Vec<Case> {
    let in_text = |name: &str, before: &str, after: &str| {
        case(name, format!("{before}{}{after}", quoted(&record(name))), rows(1))
    };
    let lookup = |id: &str| {
        format!(
            r#"{{"EventId":"x","EventName":"RunTask","ReadOnly":"false","EventTime":"2022-02-08 09:19:07+11:00","EventSource":"ecs.amazonaws.com","Resources":[],"CloudTrailEvent":{}}}"#,
            quoted(&record(id))
        )
    };
    let bridge = |id: &str| {
        format!(
            r#"{{"version":"0","id":"1","detail-type":"AWS API Call via CloudTrail","source":"aws.ecs","account":"1","time":"x","region":"y","resources":[],"detail":{}}}"#,
            record(id)
        )
    };
    let pretty = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let log_events = |id: &str| {
        format!(
            r#"{{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[{{"id":"1","timestamp":1,"message":{}}},{{"id":"2","timestamp":2,"message":"START RequestId"}}]}}"#,
            quoted(&record(id))
        )
    };
    vec![
        case("one-line.json.gz", gzip(records(&[record("a-1"), record("a-2")])), rows(2)),
        case("pretty.json", pretty(&records(&[record("b-1"), record("b-2")])), rows(2)),
        case("array.json.cloudtrail", format!("[ {}, {} ]", record("c-1"), record("c-2")), rows(2)),
        case("empty-array.json", "[]", rows(0)),
        case("empty-records.json", r#"{"Records":[]}"#, rows(0)),
        case("one-object.json", record("d-1"), rows(1)),
        case("lines.json", format!("{}\n{}\n", record("e-1"), record("e-2")), rows(2)),
        case("concatenated", format!("{}{}", record("f-1"), record("f-2")), rows(2)),
        case(
            "several-documents.log",
            format!(
                "{}{}\n{}",
                records(&[record("g-1")]),
                records(&[record("g-2")]),
                record("g-3")
            ),
            rows(3),
        ),
        case("lookup-events.jsonl", format!("{}\n{}", lookup("h-1"), lookup("h-2")), rows(2)),
        case(
            "lookup-events.json",
            pretty(&format!(
                r#"{{"Events":[{},{}],"NextToken":"x"}}"#,
                lookup("i-1"),
                lookup("i-2")
            )),
            rows(2),
        ),
        case("event_history (1).json", records(&[record("j-1")]), rows(1)),
        case(
            "two-arrays.json",
            format!(r#"{{"Events":[{}],"Records":[{}]}}"#, record("k-2"), record("k-3")),
            rows(2),
        ),
        case("texts.json", format!("[{}]", quoted(&record("k-4"))), rows(1)),
        case(
            "received.json",
            format!(r#"{{"Messages":[{{"Body":{}}}]}}"#, quoted(&bridge("k-5"))),
            rows(1),
        ),
        case(
            "eventbridge-null.json",
            r#"{"detail-type":"AWS API Call via CloudTrail","source":"aws.ecs","detail":null}"#,
            and_rejects(0, &["not_cloud_trail"]),
        ),
        case(
            "kinesis-cut.json",
            format!(
                r#"{{"Records":[{{"eventSource":"aws:kinesis","kinesis":{{"data":"{}"}}}}]}}"#,
                STANDARD.encode(&gzip(record("k-6"))[..60])
            ),
            and_rejects(0, &["cut_off"]),
        ),
        case(
            "wrapped-lone-surrogate.json",
            format!(
                r#"{{"message":{}}}"#,
                quoted(&record_with("k-7", ",\"x\":\"?\"")).replace('?', "\\ud800")
            ),
            rows(1),
        ),
        case("eventbridge.json", bridge("k-1"), rows(1)),
        case(
            "firehose-1-2026-04-27-02-20-00-abc",
            format!(
                "{}{}{}",
                bridge("l-1"),
                r#"{"version":"0","detail-type":"ECS Task State Change","source":"aws.ecs","detail":{"lastStatus":"STOPPED"}}"#,
                bridge("l-2")
            ),
            Expected { filtered: 1, ..rows(2) },
        ),
        case(
            "queue.json",
            format!(
                r#"{{"Records":[{{"messageId":"1","body":{},"eventSource":"aws:sqs"}}]}}"#,
                quoted(&bridge("m-1"))
            ),
            rows(1),
        ),
        case(
            "000001.gz",
            gzip(format!("2026-04-27T02:18:03.000Z {}\n", record("export"))),
            rows(1),
        ),
        case("000000.gz", gzip(log_events("n-1")), and_rejects(1, &["not_cloud_trail"])),
        case(
            "subscription.json",
            format!(r#"{{"awslogs":{{"data":"{}"}}}}"#, STANDARD.encode(gzip(log_events("o-1")))),
            and_rejects(1, &["not_cloud_trail"]),
        ),
        in_text("audit-events.json", r#"{"auditEvents":[{"id":"1","eventData":"#, "}]}"),
        in_text("lake-query.json", r#"{"QueryResultRows":[[{"eventJson":"#, "}]]}"),
        case(
            "result_1.csv.gz",
            gzip(format!("eventID,eventJson\n1,\"{}\"\n", record("lake").replace('"', "\"\""))),
            rows(1),
        ),
        in_text("message.json", r#"{"@timestamp":"x","message":"#, "}"),
        in_text("input-message.json", r#"{"input":{"message":"#, "}}"),
        in_text("raw.json", r#"{"_raw":"#, "}"),
        in_text("original.json", r#"{"message":"RunTask","event":{"original":"#, "}}"),
        in_text("events-message.json", r#"{"events":[{"message":"#, "}]}"),
        case("click-ops.json", format!(r#"{{"event":{}}}"#, record("p-1")), rows(1)),
        case("details.json", format!(r#"{{"details":{}}}"#, record("q-1")), rows(1)),
        case("hit.json", format!(r#"{{"_index":"i","_source":{}}}"#, record("r-1")), rows(1)),
        case(
            "opensearch.json",
            format!(r#"{{"aws":{{"cloudtrail":{}}}}}"#, record("s-1")),
            rows(1),
        ),
        case(
            "panther.json",
            record_but("t-1", "eventTime", "\"2025-01-21 17:49:47.000000000\"")
                .replace("\"eventName\"", "\"p_log_type\":\"AWS.CloudTrail\",\"eventName\""),
            rows(1),
        ),
        case(
            "logstash.zip",
            archive(&[(
                "day1.json",
                record_without("u-1", "eventTime")
                    .replace(
                        "{\"eventV",
                        "{\"@version\":\"1\",\"@timestamp\":\"2026-04-27T02:18:03Z\",\"eventV",
                    )
                    .as_bytes(),
            )]),
            and_rejects(0, &["no_date"]),
        ),
        case(
            "files.zip",
            archive(&[
                ("AWSLogs/a.json", record("v-1").as_bytes()),
                ("b.json.gz", &gzip(record("v-2"))),
                ("README.md", b"# no records"),
            ]),
            Expected { filtered: 1, ..rows(2) },
        ),
    ]
}

/// How text is written.
fn texts() -> Vec<Case> {
    let escapes = |id| record_with(id, r#","errorMessage":"\u00e9 \ud83e\udd16 \ud55c\uae00""#);
    vec![
        case("utf-16.json", utf16(&record("ü 🤖 1"), true), rows(1)),
        case("utf-16-big.json", utf16(&records(&[record("w-2")]), false), rows(1)),
        case("mark.json", format!("\u{feff}{}", record("w-3")), rows(1)),
        case("crlf.json", format!("{}\r\n{}\r\n", record("w-4"), record("w-5")), rows(2)),
        case("tabs.json", format!("{{\"Records\":[\n\t{}\n\t]}}", record("w-6")), rows(1)),
        case("escapes.json", escapes("w-7"), rows(1)),
        case(
            "half-a-unit.json",
            [&utf16(&record("w-8"), true)[..], b"x"].concat(),
            Expected { rejects: vec!["broken_json".to_owned()], ..suspicious(1, "invalid_utf16") },
        ),
    ]
}

/// What looks like CloudTrail and is not.
fn look_alikes() -> Vec<Case> {
    vec![
        case(
            "s3-notification.json",
            r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-west-2","eventTime":"1970-01-01T00:00:00.000Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":"x"},"s3":{"object":{"key":"a+b"}}}]}"#,
            look_alike("notification"),
        ),
        case(
            "delivery-notice.json",
            r#"{"Type":"Notification","TopicArn":"t","Message":"{\"s3Bucket\":\"b\",\"s3ObjectKey\":[\"k\"]}"}"#,
            look_alike("notification"),
        ),
        case(
            "validation.json",
            r#"{"Type":"Notification","TopicArn":"t","Message":"CloudTrail validation message."}"#,
            look_alike("notification"),
        ),
        case(
            "validation-in-queue.json",
            r#"{"Messages":[{"Body":"{\"Type\":\"Notification\",\"TopicArn\":\"t\",\"Message\":\"CloudTrail validation message.\"}"}]}"#,
            look_alike("notification"),
        ),
        case(
            "delivery-notice-in-queue.json",
            r#"{"Records":[{"body":"{\"s3Bucket\":\"b\",\"s3ObjectKey\":[\"k\"]}"}]}"#,
            look_alike("notification"),
        ),
        case(
            "state-change-in-log-event.json",
            format!(
                r#"{{"events":[{{"timestamp":1,"message":"{{\"detail-type\":\"ECS Task State Change\",\"source\":\"aws.ecs\",\"detail\":{{}}}}","eventId":"1"}},{{"message":{}}}]}}"#,
                quoted(&record("beside-state-change"))
            ),
            Expected { filtered: 1, ..rows(1) },
        ),
        case(
            "digest.json",
            r#"{"awsAccountId":"111122223333","digestStartTime":"2026-04-27T02:00:00Z","digestS3Bucket":"b","logFiles":[{"s3Object":"k"}]}"#,
            look_alike("digest"),
        ),
        case(
            "state-change.json",
            r#"{"version":"0","detail-type":"ECS Container Instance State Change","source":"aws.ecs","detail":{"agentConnected":true}}"#,
            look_alike("event_bridge_event"),
        ),
        case(
            "alibaba.json",
            r#"[{"eventId":"1","eventVersion":1,"eventSource":"ecs.aliyuncs.com","acsRegion":"cn-hangzhou"}]"#,
            look_alike("action_trail"),
        ),
        case(
            "ocsf.json",
            r#"{"class_uid":6003,"metadata":{"product":{"name":"CloudTrail"}},"api":{"operation":"RunTask"}}"#,
            look_alike("ocsf"),
        ),
        case(
            "control-message.json.gz",
            gzip(
                r#"{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination Kinesis stream."}]}"#,
            ),
            look_alike("control_message"),
        ),
        case(
            "event_history.csv",
            "User name,AWS access key,Event time,Event source,Event name,AWS region\nroot,,2026,x,y,z\n",
            look_alike("event_history_csv"),
        ),
        case(
            "event_history_excel.csv",
            "\u{feff}Event ID,Event time,User name,Account,Event name\r\n1,2,3,5.28758E+11,y\r\n",
            look_alike("event_history_csv"),
        ),
        case(
            "schema.json",
            r#"{"eventVersion":"string","eventName":"string","eventSource":"string"}"#,
            Expected { filtered: 1, ..rows(0) },
        ),
        case(
            "package.json",
            r#"{"name":"x","version":"1.0.0"}"#,
            and_rejects(0, &["not_cloud_trail"]),
        ),
        case("notes.txt", "nothing here", damage("it contains other text")),
    ]
}

/// Compressed streams, sound and not.
fn streams() -> Vec<Case> {
    let sound = |id: &str| gzip(records(&[record(id), record(&format!("{id}-2"))]));
    let cut = |id: &str| {
        let whole = sound(id);
        whole[..whole.len() - 20].to_vec()
    };
    let flipped = |id: &str, from_end: usize| {
        let mut bytes = sound(id);
        let index = bytes.len() - from_end;
        bytes[index] ^= 0x10;
        bytes
    };
    vec![
        case("cut-off.json.gz", cut("x-1"), damage("is a damaged gzip file")),
        case("wrong-checksum.json.gz", flipped("x-2", 6), damage("is a damaged gzip file")),
        case("bit-flip.json.gz", flipped("x-3", 40), damage("is a damaged gzip file")),
        case("not-gzip.json.gz", b"\x1f\x8b\x08\0 no gzip", damage("is a damaged gzip file")),
        case(
            "two-members.json.gz",
            [gzip(record("x-4")), gzip(record("x-5"))].concat(),
            suspicious(2, "several_members"),
        ),
        case(
            "damaged-second-member.json.gz",
            [sound("x-6"), b"\x1f\x8b\x08 forged".to_vec()].concat(),
            damage("is a damaged gzip file"),
        ),
        case(
            "garbage.json.gz",
            [sound("x-7"), b"garbage".to_vec()].concat(),
            suspicious(2, "trailing_bytes"),
        ),
        case(
            "zeros.json.gz",
            [sound("x-8"), vec![0; 512]].concat(),
            suspicious(2, "trailing_zeros"),
        ),
        case("plain.json.gz", record("x-9"), rows(1)),
        case("zstandard.json.gz", zstandard(record("x-10").as_bytes()), rows(1)),
        case("zip.json.gz", archive(&[("a.json", record("x-11").as_bytes())]), rows(1)),
        case("gzip.json", sound("x-12"), rows(2)),
        case("twice.json.gz", gzip(sound("x-13")), rows(2)),
        case(
            "cut-off.zst",
            &zstandard(record("x-14").as_bytes())[..100],
            damage("is a damaged Zstandard file"),
        ),
        case(
            "cut-off.zip",
            &archive(&[("a.json", record("x-15").as_bytes())])[..150],
            damage("is a damaged zip file"),
        ),
        case(
            "bad-members.zip",
            archive(&[
                ("a.json.gz", &cut("x-16")),
                ("b.json", record("x-17").as_bytes()),
                ("c.zip", &archive(&[])),
                ("../../etc/d.json", record("x-18").as_bytes()),
            ]),
            and_rejects(2, &["damaged_member", "damaged_member"]),
        ),
        case(
            "same-names.zip",
            archive(&[
                ("a.json", record("x-19").as_bytes()),
                ("a.json", record("x-20").as_bytes()),
            ]),
            rows(2),
        ),
        case("nothing.json.gz", gzip(""), damage("is empty")),
        case(
            "cut-character.json",
            [b"\xa9\"}},\n", record("x-21").as_bytes()].concat(),
            and_rejects(1, &["broken_json", "cut_off"]),
        ),
        case("lake.csv", "eventTime,eventName\n2026,{x}\n", damage("select eventJson")),
        case("empty.json", "", damage("is empty")),
        case("blank.json", " \n", damage("is empty")),
        case("trail.tar", tar("a.json", &record("x-22")), damage("a tar archive (unpack it)")),
        case(
            "trail.tgz",
            gzip(tar("a.json", &record("x-23"))),
            damage("a tar archive (unpack it)"),
        ),
        case("trail.json.bz2", "BZh91AY&SY", damage("bzip2 (unpack it)")),
        case("binary.json", [0, 1, 0xfe, 0xff, 0], damage("it contains binary data")),
        case("table.json", "PAR1\0\0", damage("it contains Parquet")),
    ]
}

/// Broken JSON, and odd JSON.
fn json() -> Vec<Case> {
    let around = |id: &str, broken: &str| {
        let (first, last) = (record(&format!("{id}-1")), record(&format!("{id}-2")));
        format!(r#"{{"Records":[{first},{broken},{last}]}}"#)
    };
    let with_bytes = |id: &str, bytes: &[u8]| {
        let mut text = around(id, &record("y-1-x")).into_bytes();
        let index = text.windows(5).position(|bytes| bytes == b"y-1-x").unwrap();
        drop(text.splice(index..=index, bytes.iter().copied()));
        text
    };
    let cut = record("y-2-x");
    vec![
        case(
            "both-ends.json",
            format!("st\":\"x\"}}}},{},{},{}", record("y-2"), record("y-3"), &cut[..50]),
            and_rejects(2, &["broken_json", "cut_off"]),
        ),
        case(
            "missing-bracket.json",
            around("y-4", r#"{"eventVersion":"1.08","eventTime":"x","requestParameters":{"a":1}"#),
            and_rejects(2, &["broken_json"]),
        ),
        case("invalid-utf-8.json", with_bytes("y-0", b"\xff"), and_rejects(2, &["invalid_utf8"])),
        case(
            "overlong-utf-8.json",
            with_bytes("y-1", b"\xc0\xaf"),
            and_rejects(2, &["invalid_utf8"]),
        ),
        case(
            "control-character.json",
            around("y-5", &record_with("y-5-x", ",\"errorMessage\":\"a\u{1}b\"")),
            and_rejects(2, &["broken_json"]),
        ),
        case(
            "trailing-comma.json",
            around("y-6", &record_with("y-6-x", ",\"x\":[1,]")),
            and_rejects(2, &["broken_json"]),
        ),
        case("lone-surrogate.json", record_with("y-7", r#","errorMessage":"\ud800""#), rows(1)),
        case("nul.json", record_with("y-8", r#","errorMessage":"a\u0000b""#), rows(1)),
        case("repeated-key.json", record_with("y-9", r#","eventName":"StopTask""#), rows(1)),
        case("no-records.json", r#"{"record":[]}"#, and_rejects(0, &["not_cloud_trail"])),
        case("records-null.json", r#"{"Records":null}"#, and_rejects(0, &["not_cloud_trail"])),
        case("records-object.json", r#"{"Records":{"a":1}}"#, and_rejects(0, &["not_cloud_trail"])),
        case(
            "not-objects.json",
            around("y-10", "\"oops\",null,1.5e3"),
            and_rejects(2, &["not_an_object"; 3]),
        ),
        case(
            "no-end.json",
            format!("{{\"Records\":[{}", record("y-11")),
            and_rejects(1, &["cut_off"]),
        ),
        case(
            "cut-message.json",
            format!("{{\"message\":{}}}", quoted(&record("y-12")[..150])),
            and_rejects(0, &["cut_off"]),
        ),
        case(
            "twice.json",
            format!("{}\n{}", record("y-13"), record("y-13")),
            Expected { duplicates: 1, ..rows(1) },
        ),
    ]
}

/// Odd values of the members that place a record.
fn values() -> Vec<Case> {
    let mut cases = vec![
        case("no-event-id.json", record_without("-", "eventID"), rows(1)),
        case("event-id.json", record("<redacted from snapshot>"), rows(1)),
        case(
            "numbers.json",
            record_with(
                "z-1",
                r#","requestParameters":{"a":1e999,"b":123456789012345678901234567890,"c":0.1000000000000000055}"#,
            ),
            rows(1),
        ),
        case(
            "escaped-names.json",
            records(&[record("z-4"), record("z-5")])
                .replace("\"Records\"", r#""Rec\u006frds""#)
                .replace("\"eventSource\"", r#""event\u0053ource""#)
                .replace("\"eventTime\"", r#""\u0065ventTime""#),
            rows(2),
        ),
        case(
            "escaped-envelope.json",
            format!(
                r#"{{"m\u0065ssage":{}}}"#,
                quoted(&record("z-6").replace("event", r"\u0065vent"))
            ),
            rows(1),
        ),
        case(
            "escaped-notice.json",
            r#"{"R\u0065cords":[{"event\u0053ource":"aws:s3","\u00733":{"object":{"key":"a"}}}]}"#,
            look_alike("notification"),
        ),
        case("no-time.json", record_without("z-2", "eventTime"), and_rejects(0, &["no_date"])),
        case(
            "111122223333_CloudTrail_us-east-1_20260427T0220Z_NoTimeInTheFile1.json",
            record_without("z-3", "eventTime"),
            rows(1),
        ),
    ];
    for (number, (time, is_readable)) in [
        ("2026-04-27T02:18:03+00:00", true),
        ("2026-04-27T02:18:03.123456789Z", true),
        ("9999-12-31T23:59:59Z", false),
        ("0000-00-00T00:00:00Z", false),
        ("-0001-01-01T00:00:00Z", false),
        ("2026-06-30T23:59:60Z", true),
        ("292277-01-01T00:00:00Z", false),
        ("yesterday", false),
    ]
    .into_iter()
    .enumerate()
    {
        let record = record_but(&format!("time-{number}"), "eventTime", &quoted(time));
        let expected = if is_readable { rows(1) } else { and_rejects(0, &["no_date"]) };
        cases.push(case(&format!("time-{number}.json"), record, expected));
    }
    let long = "a".repeat(300);
    for (number, region) in [
        "../../x",
        "us-east-1/../..",
        "a=b",
        &long,
        "CON",
        "",
        "US-EAST-1",
        "%2e%2e",
        "a\0b",
        "a:b",
    ]
    .into_iter()
    .enumerate()
    {
        let record = record_but(&format!("region-{number}"), "awsRegion", &quoted(region));
        cases.push(case(&format!("region-{number}.json"), record, rows(1)));
    }
    cases
}

/// Files that are made to do harm.
fn hostile() -> Vec<Case> {
    let deep = |name: &str, levels: usize| {
        let nested = format!(",\"x\":{}{}", "[".repeat(levels), "]".repeat(levels));
        let file = records(&[
            record(&format!("{name}-1")),
            record_with(name, &nested),
            record(&format!("{name}-2")),
        ]);
        case(name, file, and_rejects(2, &["too_deep"]))
    };
    let huge = |name: &str, filling: &str| {
        let large = record_with(name, ",\"errorMessage\":\"?\"");
        let file = records(&[record(&format!("{name}-1")), large, record(&format!("{name}-2"))]);
        let (head, tail) = file.split_once('?').unwrap();
        let filling = (filling.repeat(1000).into_bytes(), (100 << 20) / filling.len() / 1000);
        let pieces = vec![(head.into(), 1), filling, (tail.into(), 1)];
        let expected = and_rejects(2, &["too_large"]);
        Case { name: name.to_owned(), pieces, expected }
    };
    let elements = format!(",\"x\":[{}0]", "0,".repeat(1_000_000));
    vec![
        Case {
            name: "bomb.json.gz".to_owned(),
            pieces: bomb(),
            expected: damage("expands to more than 200 times its size"),
        },
        deep("depth-10000.json", 10_000),
        deep("depth-1000000.json", 1_000_000),
        huge("100-mb.json", "x"),
        huge("100-mb-of-records.json", ",{\\\"eventTime\\\":1}"),
        case("elements.json", record_with("elements", &elements), rows(1)),
        case("only-brackets.json", "[{\"a\":".repeat(200_000), and_rejects(0, &["cut_off"])),
        case("only-braces.json", "{".repeat(1_000_000), and_rejects(0, &["broken_json"])),
    ]
}
