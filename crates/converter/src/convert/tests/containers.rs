//! The same rows whatever records come in, and what is refused of damaged and hostile containers.

use base64::{Engine, engine::general_purpose::STANDARD};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::Suspicion;

/// How a list of records is written down.
const CONTAINERS: [&str; 22] = [
    "records",
    "pretty",
    "array",
    "lines",
    "crlf",
    "joined",
    "lookup-events",
    "lookup-event-lines",
    "eventbridge",
    "queue-of-eventbridge",
    "notifications-of-eventbridge",
    "log-events",
    "subscription",
    "kinesis",
    "lake-query",
    "lake-table",
    "audit-events",
    "message",
    "splunk",
    "elastic",
    "elastic-hits",
    "pipeline-test",
];

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Writes records in a container.
fn contain(records: &[String], container: &str) -> Vec<u8> {
    let each = |wrap: &dyn Fn(&String) -> String| records.iter().map(wrap).collect::<Vec<_>>();
    let lines = |wrap: &dyn Fn(&String) -> String| each(wrap).join("\n");
    let log_events = |message: &dyn Fn(&String) -> String| {
        let events =
            each(&|record| format!(r#"{{"id":"3","timestamp":1,"message":{}}}"#, message(record)));
        let head = r#"{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s""#;
        format!(r#"{head},"subscriptionFilters":["f"],"logEvents":[{}]}}"#, events.join(","))
    };
    let eventbridge = |record: &String| {
        format!(
            r#"{{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.ecs","resources":[],"detail":{record}}}"#
        )
    };
    let text = match container {
        "records" => format!(r#"{{"Records":[{}]}}"#, records.join(",")),
        "pretty" => {
            let value: serde_json::Value =
                serde_json::from_str(&format!(r#"{{"Records":[{}]}}"#, records.join(","))).unwrap();
            serde_json::to_string_pretty(&value).unwrap()
        }
        "array" => format!("[{}]", records.join(" ,\n")),
        "lines" => records.join("\n"),
        "crlf" => records.join("\r\n") + "\r\n",
        "joined" => records.concat(),
        "lookup-events" => {
            let events = each(&|record| {
                format!(
                    r#"{{"EventId":"x","ReadOnly":"true","Resources":[],"CloudTrailEvent":{}}}"#,
                    quoted(record)
                )
            });
            format!(r#"{{"Events":[{}],"NextToken":"x"}}"#, events.join(","))
        }
        "lookup-event-lines" => lines(&|record| {
            format!(
                r#"{{"CloudTrailEvent":{},"EventId":"x","EventTime":"2022-02-08 09:19:07+11:00"}}"#,
                quoted(record)
            )
        }),
        "eventbridge" => lines(&eventbridge),
        "queue-of-eventbridge" => {
            let messages = each(&|record| {
                format!(r#"{{"messageId":"1","body":{}}}"#, quoted(&eventbridge(record)))
            });
            format!(r#"{{"Records":[{}]}}"#, messages.join(","))
        }
        "notifications-of-eventbridge" => {
            let messages = each(&|record| {
                let notification = format!(
                    r#"{{"Type":"Notification","TopicArn":"t","Message":{}}}"#,
                    quoted(&eventbridge(record))
                );
                format!(r#"{{"messageId":"1","body":{}}}"#, quoted(&notification))
            });
            format!(r#"{{"Records":[{}]}}"#, messages.join(","))
        }
        "log-events" => log_events(&|record| quoted(record)),
        "subscription" => {
            let data = STANDARD.encode(gzip(log_events(&|record| quoted(record)).as_bytes()));
            format!(r#"{{"awslogs":{{"data":"{data}"}}}}"#)
        }
        "kinesis" => {
            let data = STANDARD.encode(gzip(log_events(&|record| quoted(record)).as_bytes()));
            format!(
                r#"{{"Records":[{{"kinesis":{{"data":"{data}","sequenceNumber":"1"}},"eventSource":"aws:kinesis"}}]}}"#
            )
        }
        "lake-query" => {
            let rows = each(&|record| format!(r#"[{{"eventJson":{}}}]"#, quoted(record)));
            format!(r#"{{"QueryStatus":"FINISHED","QueryResultRows":[{}]}}"#, rows.join(","))
        }
        "lake-table" => {
            let cell = |record: &String| format!("x,\"{}\",\n", record.replace('"', "\"\""));
            format!("eventName,\"eventJson\",z\n{}", each(&cell).concat())
        }
        "audit-events" => {
            let events = each(&|record| format!(r#"{{"id":"1","eventData":{}}}"#, quoted(record)));
            format!(r#"{{"auditEvents":[{}]}}"#, events.join(","))
        }
        "message" => {
            lines(&|record| format!(r#"{{"@timestamp":"x","message":{}}}"#, quoted(record)))
        }
        "splunk" => lines(&|record| {
            format!(r#"{{"preview":false,"result":{{"_raw":{}}}}}"#, quoted(record))
        }),
        "elastic" => lines(&|record| {
            format!(
                r#"{{"message":"RunTask","event":{{"action":"RunTask","original":{}}}}}"#,
                quoted(record)
            )
        }),
        "elastic-hits" => lines(&|record| format!(r#"{{"_index":"i","_source":{record}}}"#)),
        "pipeline-test" => {
            let events = each(&|record| format!(r#"{{"message":{}}}"#, quoted(record)));
            format!(r#"{{"events":[{}]}}"#, events.join(","))
        }
        other => panic!("{other}"),
    };
    text.into_bytes()
}

fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (number, (name, content)) in files.iter().enumerate() {
        let method = if number % 2 == 0 {
            zip::CompressionMethod::Deflated
        } else {
            zip::CompressionMethod::Stored
        };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Ways to store a text.
const STORED: [&str; 9] =
    ["plain", "mark", "utf-16", "utf-16-big", "gzip", "gzip-twice", "members", "zstandard", "zip"];

fn store(text: &[u8], stored: &str) -> Vec<u8> {
    let units = || std::str::from_utf8(text).unwrap().encode_utf16();
    match stored {
        "plain" => text.to_vec(),
        "mark" => [b"\xef\xbb\xbf", text].concat(),
        "utf-16" => [0xfeff].into_iter().chain(units()).flat_map(u16::to_le_bytes).collect(),
        "utf-16-big" => [0xfeff].into_iter().chain(units()).flat_map(u16::to_be_bytes).collect(),
        "gzip" => gzip(text),
        "gzip-twice" => gzip(&gzip(text)),
        "members" => text.chunks(text.len() / 3 + 1).flat_map(gzip).collect(),
        "zstandard" => zstd::encode_all(text, 3).unwrap(),
        "zip" => archive(&[("a.json", text.to_vec()), ("read me.md", b"# a".to_vec())]),
        other => panic!("{other}"),
    }
}

/// What makes rows: all but where a record stood.
type Row = (i32, String, Option<i64>, Option<String>, i64, String);

fn rows(batch: &SelectedBatch) -> Vec<Row> {
    let row = |row: usize| {
        let row = batch.row(row);
        (
            row.day,
            row.region.to_owned(),
            row.event_time,
            row.event_id.map(str::to_owned),
            row.record_hash,
            row.record.to_owned(),
        )
    };
    (0..batch.rows()).map(row).collect()
}

fn some_records() -> Vec<String> {
    (0..5)
        .map(|n| record(&format!("e-{n}"), r#","x":{"a":"é \"}{\\ 🤖","b":[1.50,null]}"#))
        .collect()
}

#[test]
fn the_same_rows_whatever_the_container() {
    let records = some_records();
    let plain = convert(KEY, &records.join("\n"));
    assert_eq!(plain.0.selected, 5);
    for container in CONTAINERS {
        let text = contain(&records, container);
        for stored in STORED {
            for stream in [false, true] {
                let bytes = store(&text, stored);
                let (tally, batch) = convert_as(Selection::default(), KEY, &bytes, stream).unwrap();
                // A pretty printer writes numbers and members its own way.
                if container == "pretty" {
                    let ids = |rows: Vec<(_, _, _, Option<String>, _, _)>| {
                        rows.into_iter().map(|row| row.3).collect::<Vec<_>>()
                    };
                    assert_eq!(ids(rows(&batch)), ids(rows(&plain.1)));
                } else {
                    assert_eq!(rows(&batch), rows(&plain.1), "{container} {stored} {stream}");
                }
                assert_eq!(tally.selected, 5, "{container} {stored}");
                let passed_over = u64::from(stored == "zip");
                assert_eq!(tally.records, 5 + passed_over, "{container} {stored}");
                let suspicions = tally.suspicions.into_iter().collect::<Vec<_>>();
                let expected: &[Suspicion] =
                    if stored == "members" { &[Suspicion::SeveralMembers] } else { &[] };
                assert_eq!(suspicions, expected, "{container} {stored}");
            }
        }
    }
}

#[test]
fn of_a_damaged_stream_nothing_counts_unless_it_is_salvaged() {
    let records: Vec<String> = (0..400).map(|n| record(&format!("e-{n}"), "")).collect();
    let text = contain(&records, "records");
    let mut wrong = gzip(&text);
    let checksum = wrong.len() - 6;
    wrong[checksum] ^= 1;
    let cut = gzip(&text)[..gzip(&text).len() / 2].to_vec();
    let zstandard = zstd::encode_all(&text[..], 3).unwrap();
    for (bytes, at_least) in
        [(wrong, 300), (cut, 100), (zstandard[..zstandard.len() - 2].to_vec(), 0)]
    {
        assert!(matches!(
            convert_as(Selection::default(), KEY, &bytes, false),
            Err(Error::Damaged { .. })
        ));
        let limits = Limits { salvage: true, ..Limits::default() };
        let (tally, batch) = convert_within(limits, &bytes).unwrap();
        assert!(tally.selected >= at_least, "{tally:?}");
        assert!(tally.suspicions.contains(&Suspicion::Salvaged));
        assert_eq!(tally.records, tally.selected + tally.rejected);
        let expected: Vec<&str> = records.iter().take(batch.rows()).map(String::as_str).collect();
        assert_eq!(rows(&batch).iter().map(|row| row.5.as_str()).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn bytes_behind_a_stream_are_told() {
    let bytes = [gzip(record("e-1", "").as_bytes()), b"forged".to_vec()].concat();
    let (tally, _) = convert_as(Selection::default(), KEY, &bytes, false).unwrap();
    assert_eq!((tally.selected, tally.suspicions), (1, [Suspicion::TrailingBytes].into()));
}

#[test]
fn a_bad_file_of_an_archive_costs_no_other() {
    let good = |id: &str| record(id, "").into_bytes();
    let mut broken = gzip(&good("e-2"));
    broken.truncate(40);
    let digest = br#"{"awsAccountId":"1","digestStartTime":"x","logFiles":[]}"#.to_vec();
    let undated = record("e-4", "").replace("2026-04-27T", "soon");
    let bytes = archive(&[
        ("a/e-1.json", good("e-1")),
        ("b/e-2.json.gz", broken),
        ("picture.png", b"\x89PNG".to_vec()),
        ("binary.json", vec![0, 1, 0xfe]),
        ("inner.zip", archive(&[("x.json", good("e-9"))])),
        ("digest.json", digest),
        ("empty.json", Vec::new()),
        (KEY, undated.into_bytes()),
        ("c/e-3.json", good("e-3")),
    ]);
    for stream in [false, true] {
        let (tally, batch) = convert_as(Selection::default(), "all.zip", &bytes, stream).unwrap();
        let ids: Vec<_> = rows(&batch).into_iter().filter_map(|row| row.3).collect();
        assert_eq!(ids, ["e-1", "e-4", "e-3"]);
        assert_eq!(batch.row(1).day, 20_570);
        let look_alikes = [(LookAlike::Digest, 1), (LookAlike::OtherFile, 1)];
        assert_eq!(tally.look_alikes, look_alikes.into());
        let refused: Vec<_> = tally.rejects.iter().map(ToString::to_string).collect();
        assert_eq!(tally.rejected_by_reason, [(RejectReason::DamagedMember, 3)].into());
        assert!(refused[0].contains("b/e-2.json.gz: damaged gzip"), "{refused:?}");
        assert!(refused[1].contains("binary.json: it holds binary data"), "{refused:?}");
        assert!(refused[2].contains("inner.zip: it holds an archive"), "{refused:?}");
    }
    let mut flipped = bytes.clone();
    let place = memchr::memmem::find(&flipped, br#""eventID":"e-3""#).unwrap_or(60);
    flipped[place + 12] ^= 1;
    let (tally, _) = convert_as(Selection::default(), "all.zip", &flipped, false).unwrap();
    assert_eq!(tally.selected + tally.rejected, 6);
    assert!(matches!(
        convert_as(Selection::default(), "all.zip", &bytes[..bytes.len() / 2], false),
        Err(Error::Damaged { container: "zip", .. })
    ));
}

#[test]
fn rows_of_a_table_that_hold_no_record() {
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let good = |id| cell(&record(id, ""));
    let text = format!(
        "eventID,EVENTJSON\n1,{}\n2,\n3\n4,{}\n5,{}\n6,\"{{",
        good("e-1"),
        cell(r#"{"eventVersion":"#),
        good("e-2")
    );
    let (tally, batch) = convert("result_1.csv", &text);
    assert_eq!(batch.rows(), 2);
    let at = i64::try_from(text.find("\n5,").unwrap()).unwrap() + 1;
    assert_eq!(batch.row(1).byte_offset, at);
    let by_reason = [
        (RejectReason::CutOff, 2),
        (RejectReason::NotAnObject, 1),
        (RejectReason::NotCloudTrail, 1),
    ];
    assert_eq!(tally.rejected_by_reason, by_reason.into());
    let endless = format!("eventJson\n{}\n\"{}", good("e-1"), "x".repeat(2 << 20));
    let limits = Limits { record_bytes: 1 << 20, ..Limits::default() };
    let (tally, batch) = convert_within(limits, endless.as_bytes()).unwrap();
    assert_eq!((batch.rows(), tally.rejects[0].reason), (1, RejectReason::TooLarge));
}

#[test]
fn what_a_file_is_that_only_looks_alike() {
    for (text, look_alike) in [
        (
            r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","s3":{}}]}"#,
            LookAlike::Notification,
        ),
        (
            r#"{"Type":"Notification","TopicArn":"t","Message":"{\"s3Bucket\":\"b\"}"}"#,
            LookAlike::Notification,
        ),
        (r#"{"awsAccountId":"1","digestStartTime":"x","logFiles":[]}"#, LookAlike::Digest),
        (
            r#"{"version":"0","detail-type":"ECS Task State Change","source":"aws.ecs","detail":{"a":1}}"#,
            LookAlike::EventBridgeEvent,
        ),
        (r#"{"class_uid":6003,"metadata":{},"api":{}}"#, LookAlike::Ocsf),
        (
            r#"[{"eventId":"1","eventVersion":1,"eventSource":"ecs.aliyuncs.com"}]"#,
            LookAlike::ActionTrail,
        ),
        (
            r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"CWL CONTROL MESSAGE: Checking"}]}"#,
            LookAlike::ControlMessage,
        ),
        ("Event ID,Event time,User name,Event name\n1,2,3,4\n", LookAlike::EventHistoryCsv),
    ] {
        let (tally, _) = convert("a.json", text);
        assert_eq!(tally.is_look_alike(), Some(look_alike), "{text}");
        assert_eq!((tally.records, tally.filtered), (1, 1));
    }
    let (tally, _) = convert("a.json", r#"{"name":"some-package","version":"1.0.0"}"#);
    assert_eq!(tally.rejected_by_reason, [(RejectReason::NotCloudTrail, 1)].into());
    assert_eq!(convert("a.json", r#"{"Records":[]}"#).0.is_look_alike(), None);
}

#[test]
fn limits_cost_a_record_and_keep_the_rest() {
    let limits = Limits { record_bytes: 1 << 20, depth: 40, ..Limits::default() };
    let large = record("e-2", &format!(r#","x":"{}""#, ",{".repeat(1 << 20)));
    let deep = record("e-3", &format!(r#","x":{}{}"#, "[".repeat(300_000), "]".repeat(300_000)));
    let just = record("e-4", &format!(r#","x":{}{}"#, "[".repeat(39), "]".repeat(39)));
    let wrapped = format!(r#"{{"message":{}}}"#, quoted(&deep));
    let records = [record("e-1", ""), large, deep, just, wrapped, record("e-5", "")];
    for text in [records.join("\n"), format!(r#"{{"Records":[{}]}}"#, records.join(","))] {
        for bytes in [text.clone().into_bytes(), gzip(text.as_bytes())] {
            let (tally, batch) = convert_within(limits, &bytes).unwrap();
            let ids: Vec<_> = rows(&batch).into_iter().filter_map(|row| row.3).collect();
            assert_eq!(ids, ["e-1", "e-4", "e-5"]);
            let by_reason = [(RejectReason::TooLarge, 1), (RejectReason::TooDeep, 2)];
            assert_eq!(tally.rejected_by_reason, by_reason.into());
        }
    }
    let matryoshka =
        (0..9).fold(record("e-1", ""), |inner, _| format!(r#"{{"message":{}}}"#, quoted(&inner)));
    let (tally, _) = convert("a.json", &matryoshka);
    assert_eq!(tally.rejected_by_reason, [(RejectReason::TooWrapped, 1)].into());
    let bomb = STANDARD.encode(gzip(&vec![b' '; 4 << 20]));
    let (tally, _) =
        convert_within(limits, format!(r#"{{"awslogs":{{"data":"{bomb}"}}}}"#).as_bytes()).unwrap();
    assert_eq!(tally.rejected_by_reason, [(RejectReason::TooLarge, 1)].into());
}

#[test]
fn the_bytes_of_what_was_refused() {
    let good = record("e-1", "");
    let broken = record("e-2", r#","x":tru"#);
    let undated = record("e-3", "").replace("2026-04-27T", "soon");
    let cut = &good[..60];
    let missing_brace = r#"{"eventVersion":"1.08","requestParameters":{"a":1,"eventTime":"x"}"#;
    let text = format!("[{good},{broken},\"oops\", {undated},{missing_brace},{good},{cut}");
    let (tally, _) = convert_as(Selection::default(), "a.json", text.as_bytes(), false).unwrap();
    let copied: Vec<_> = tally
        .rejects
        .iter()
        .map(|reject| {
            let copy = reject.record.clone().unwrap();
            assert_eq!(
                &text.as_bytes()[usize::try_from(reject.byte_offset).unwrap()..][..copy.len()],
                copy
            );
            String::from_utf8(copy).unwrap()
        })
        .collect();
    assert_eq!(
        copied,
        [broken, "\"oops\",".to_owned(), undated, format!("{missing_brace},"), cut.to_owned(),]
    );
    let large = format!("[{}{good}]", format!("{},", "1".repeat(600_000)).repeat(20));
    let (tally, _) = convert_as(Selection::default(), "a.json", large.as_bytes(), false).unwrap();
    let copied: usize =
        tally.rejects.iter().filter_map(|reject| reject.record.as_ref()).map(Vec::len).sum();
    assert!(tally.rejected == 20 && copied <= 8 << 20 && copied > 7 << 20, "{copied}");
}
