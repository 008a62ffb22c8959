//! The same rows whatever records come in.

use base64::{Engine, engine::general_purpose::STANDARD};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::records::Suspicion;

/// How a list of records is written down.
const CONTAINERS: [&str; 47] = [
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
    "strings",
    "received-messages",
    "firehose-records",
    "log-events",
    "log-export",
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
    "insights-query",
    "insights-console",
    "insights-table",
    "log-record",
    "logs-tail",
    "logs-tail-pretty",
    "elastic-search",
    "fluent-bit",
    "logcli",
    "loki-query",
    "opentelemetry",
    "opentelemetry-bytes",
    "steampipe",
    "sumo",
    "datadog",
    "vector",
    "wazuh",
    "wazuh-5",
    "wazuh-aws",
    "graylog",
    "data-beside",
];

pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Writes records in a container.
pub(super) fn contain(records: &[String], container: &str) -> Vec<u8> {
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
        "strings" => format!("[{}]", each(&|record| quoted(record)).join(",")),
        "received-messages" => {
            let body = |record: &String| format!(r#"{{"Body":{}}}"#, quoted(&eventbridge(record)));
            format!(r#"{{"Messages":[{}]}}"#, each(&body).join(","))
        }
        "firehose-records" => {
            let data = |record: &String| format!(r#"{{"data":"{}"}}"#, STANDARD.encode(record));
            format!(r#"{{"records":[{}]}}"#, each(&data).join(","))
        }
        "log-events" => log_events(&|record| quoted(record)),
        "log-export" => lines(&|record| format!("2026-04-27T02:18:03.123Z {record}")),
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
            let rows = each(&|record| {
                let json = quoted(record);
                format!(r#"[{{"eventSource":"ecs.amazonaws.com"}},{{"eventJson":{json}}}]"#)
            });
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
        "insights-query" => {
            let cell = |name: &str, value: &str| {
                format!(r#"{{"field":{},"value":{}}}"#, quoted(name), quoted(value))
            };
            let row = |record: &String| {
                let time = cell("@timestamp", "2026-04-27 02:18:03.000");
                format!("[{time},{},{}]", cell("@message", record), cell("@ptr", "Cm"))
            };
            let rows = each(&row).join(",");
            format!(
                r#"{{"results":[{rows}],"statistics":{{"recordsMatched":5.0}},"status":"Complete"}}"#
            )
        }
        "insights-console" => {
            let row = |record: &String| {
                let time = r#""@timestamp":"2026-04-27 02:18:03.000""#;
                format!(r#"{{{time},"@message":{record},"@logStream":"s"}}"#)
            };
            format!("[{}]", each(&row).join(","))
        }
        "insights-table" => {
            let cell = |record: &String| {
                format!("2026-04-27 02:18:03.000,\"{}\"\n", record.replace('"', "\"\""))
            };
            format!("@timestamp,@message\n{}", each(&cell).concat())
        }
        "log-record" => lines(&|record| {
            let time = r#""@timestamp":"1777256283000""#;
            format!(r#"{{"logRecord":{{"@message":{},{time}}}}}"#, quoted(record))
        }),
        "logs-tail" => {
            let stream = "2026-04-27T02:18:03+00:00 111122223333_CloudTrail_us-east-1";
            lines(&|record| format!("{stream} {record}"))
        }
        "logs-tail-pretty" => {
            let stream = "2026-04-27T02:18:03.123000+00:00 111122223333_CloudTrail_us-east-1";
            lines(&|record| format!("{stream} \n{record}\n"))
        }
        "elastic-search" => {
            let hit = |record: &String| {
                let event = format!(r#"{{"event":{{"original":{}}}}}"#, quoted(record));
                format!(r#"{{"_index":"i","_id":"x","_source":{event}}}"#)
            };
            let hits = each(&hit).join(",");
            format!(r#"{{"took":3,"hits":{{"total":{{"value":5}},"hits":[{hits}]}},"x":{{}}}}"#)
        }
        "fluent-bit" => lines(&|record| format!(r#"{{"date":1.5,"log":{}}}"#, quoted(record))),
        "logcli" => lines(&|record| {
            format!(r#"{{"labels":{{"job":"x"}},"line":{},"timestamp":"x"}}"#, quoted(record))
        }),
        "loki-query" => {
            let values = each(&|record| format!(r#"["1777256283000000000",{}]"#, quoted(record)));
            let streams =
                format!(r#"[{{"stream":{{"job":"x"}},"values":[{}]}}]"#, values.join(","));
            format!(
                r#"{{"status":"success","data":{{"resultType":"streams","result":{streams}}}}}"#
            )
        }
        "opentelemetry" | "opentelemetry-bytes" => {
            let body = |record: &String| match container {
                "opentelemetry" => format!(r#"{{"stringValue":{}}}"#, quoted(record)),
                _ => format!(r#"{{"bytesValue":"{}"}}"#, STANDARD.encode(record)),
            };
            let logs = each(&|record| format!(r#"{{"timeUnixNano":"1","body":{}}}"#, body(record)));
            let scopes = format!(r#"[{{"scope":{{}},"logRecords":[{}]}}]"#, logs.join(","));
            format!(r#"{{"resourceLogs":[{{"resource":{{}},"scopeLogs":{scopes}}}]}}"#)
        }
        "steampipe" => {
            let row =
                |record: &String| format!(r#"{{"event_name":"x","cloudtrail_event":{record}}}"#);
            format!(r#"{{"columns":[{{"name":"x"}}],"rows":[{}]}}"#, each(&row).join(","))
        }
        "sumo" => {
            let message = |record: &String| {
                format!(r#"{{"map":{{"_raw":{},"_messagetime":"1"}}}}"#, quoted(record))
            };
            format!(r#"{{"fields":[],"messages":[{}]}}"#, each(&message).join(","))
        }
        "datadog" => lines(&|record| format!(r#"{{"_id":"A","attributes":{record},"host":"x"}}"#)),
        "vector" => {
            let records = format!(r#"{{"Records":[{}]}}"#, records.join(","));
            format!(r#"{{"bucket":"b","message":{},"object":"o"}}"#, quoted(&records))
        }
        "wazuh" => lines(&|record| {
            let log = format!(r#"{{"integration":"aws","aws":{record}}}"#);
            format!(r#"{{"rule":{{}},"full_log":{},"data":{log},"location":"x"}}"#, quoted(&log))
        }),
        "wazuh-5" => lines(&|record| {
            let log = format!(r#"1:Wazuh-AWS:{{"integration":"aws","aws":{record}}}"#);
            format!(r#"{{"event":{{"original":{}}}}}"#, quoted(&log))
        }),
        "wazuh-aws" => lines(&|record| format!(r#"{{"integration":"aws","aws":{record}}}"#)),
        "graylog" => lines(&|record| {
            let short = quoted("UpdateService by maria");
            format!(r#"{{"version":"1.1","message":{short},"full_message":{}}}"#, quoted(record))
        }),
        "data-beside" => lines(&|record| {
            format!(r#"{{"data":{{"stream":"aws"}},"rawData":"x","message":{}}}"#, quoted(record))
        }),
        other => panic!("{other}"),
    };
    text.into_bytes()
}

pub(super) fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
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
pub(super) type Row = (i32, String, Option<i64>, Option<String>, i64, String);

pub(super) fn rows(batch: &SelectedBatch) -> Vec<Row> {
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
                // What stands beside the record in a row.
                let columns = match container {
                    "lake-query" | "loki-query" => 5,
                    "insights-query" => 10,
                    _ => 0,
                };
                let passed_over = u64::from(stored == "zip") + columns;
                assert_eq!(tally.records, 5 + passed_over, "{container} {stored}");
                let suspicions = tally.suspicions.into_iter().collect::<Vec<_>>();
                // Data of subscriptions comes in several members.
                let is_odd = stored == "members" && container != "log-events";
                let expected: &[Suspicion] =
                    if is_odd { &[Suspicion::SeveralMembers] } else { &[] };
                assert_eq!(suspicions, expected, "{container} {stored}");
            }
        }
    }
}
