//! What `CloudWatch` Logs Insights answers, and what shippers of logs and SIEMs make of records.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    super::make::{gzip, quoted, record, record_without, records},
    Case, Expected, and_rejects, case, damage, rows,
};

pub(super) fn shippers() -> Vec<Case> {
    let in_text = |name: &str, before: &str, after: &str| {
        case(name, format!("{before}{}{after}", quoted(&record(name))), rows(1))
    };
    let in_object = |name: &str, before: &str, after: &str| {
        case(name, format!("{before}{}{after}", record(name)), rows(1))
    };
    let in_table = |name: &str, header: &str, before: &str| {
        let cell = record(name).replace('"', "\"\"");
        case(name, format!("{header}\n{before}\"{cell}\"\n"), rows(1))
    };
    let wazuh = |id: &str| {
        let aws = record(id).replacen('{', r#"{"log_info":{"s3bucket":"b"},"#, 1);
        format!(r#"{{"integration":"aws","aws":{aws}}}"#)
    };
    let subscription = |id: &str| {
        gzip(format!(
            r#"{{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[{{"id":"1","timestamp":1,"message":{}}}]}}"#,
            quoted(&record(id))
        ))
    };
    let stream = "2026-04-27T02:18:03+00:00 111122223333_CloudTrail_us-east-1";
    let timeless = |id: &str| record_without(id, "eventTime");
    vec![
        case(
            "get-query-results.json",
            format!(
                r#"{{"results":[[{{"field":"@timestamp","value":"x"}},{{"field":"@message","value":{}}},{{"field":"@ptr","value":"x"}}]],"status":"Complete"}}"#,
                quoted(&record("insights-1"))
            ),
            Expected { filtered: 2, ..rows(1) },
        ),
        in_object("logs-insights-results.json", r#"[{"@timestamp":"x","@message":"#, "}]"),
        in_text("logs-insights-text.json", r#"[{"@timestamp":"x","@message":"#, "}]"),
        in_table("logs-insights-results.csv", "@timestamp,@message", "2026-04-27 10:00:05.000,"),
        in_text("get-log-record.json", r#"{"logRecord":{"@message":"#, r#","@log":"x"}}"#),
        case(
            "insights-without-records.json",
            r#"{"results":[[{"field":"eventName","value":"RunTask"},{"field":"n","value":"1"}]]}"#,
            damage("select eventJson in CloudTrail Lake, or @message in Logs Insights"),
        ),
        case("insights.csv", "@timestamp,eventName\n1,{x}\n", damage("@message in Logs Insights")),
        case(
            "tail.log",
            format!("{stream} {}\n{stream} {}", record("tail-1"), record("tail-2")),
            rows(2),
        ),
        case("tail-pretty.log", format!("{stream} \n{}\n", record("tail-3")), rows(1)),
        in_object("tail-short.log", "2026-04-27T02:18:03 ", "\n"),
        case(
            "firehose-of-log-events-1-2026-04-27-00-00-00-x.gz",
            [subscription("firehose-1"), subscription("firehose-2")].concat(),
            rows(2),
        ),
        in_object("datadog.json", r#"{"_id":"A","attributes":"#, r#","host":"x"}"#),
        in_text(
            "elastic-search.json",
            r#"{"took":3,"hits":{"total":{"value":1},"hits":[{"_source":{"event":{"original":"#,
            "}}}]}}",
        ),
        in_text("fluent-bit.json", r#"{"date":"x","log":"#, "}"),
        in_text("logcli.jsonl", r#"{"labels":{},"line":"#, r#","timestamp":"x"}"#),
        case(
            "loki.json",
            format!(
                r#"{{"status":"success","data":{{"result":[{{"stream":{{}},"values":[["1",{}]]}}]}}}}"#,
                quoted(&record("loki"))
            ),
            Expected { filtered: 1, ..rows(1) },
        ),
        in_text(
            "otlp.json",
            r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"#,
            "}}]}]}]}",
        ),
        case(
            "otlp-bytes.json",
            format!(
                r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{{"bytesValue":"{}"}}}}]}}]}}]}}"#,
                STANDARD.encode(record("otlp-bytes"))
            ),
            rows(1),
        ),
        case(
            "otlp-map.json",
            r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"kvlistValue":{}}}]}]}]}"#,
            and_rejects(0, &["not_cloud_trail"]),
        ),
        in_object(
            "steampipe.json",
            r#"{"columns":[{"name":"x"}],"rows":[{"cloudtrail_event":"#,
            "}]}",
        ),
        in_text("sumo.json", r#"{"messages":[{"map":{"_raw":"#, "}}]}"),
        in_table("splunk.csv", "_time,_raw", "x,"),
        case(
            "vector.json",
            format!(
                r#"{{"bucket":"b","message":{},"object":"o"}}"#,
                quoted(&records(&[record("vector")]))
            ),
            rows(1),
        ),
        case(
            "wazuh-archives.json",
            format!(
                r#"{{"full_log":{},"data":{},"location":"x"}}"#,
                quoted(&wazuh("wazuh-4")),
                wazuh("wazuh-4")
            ),
            rows(1),
        ),
        case(
            "wazuh-5.json",
            format!(
                r#"{{"event":{{"original":{}}}}}"#,
                quoted(&format!("1:Wazuh-AWS:{}", wazuh("wazuh-5")))
            ),
            rows(1),
        ),
        case("wazuh-bare.json", wazuh("wazuh"), rows(1)),
        in_text("graylog.json", r#"{"message":"short","full_message":"#, "}"),
        in_text("data-object.json", r#"{"data":{"stream":"aws"},"message":"#, "}"),
        in_text("data-word.json", r#"{"data":"hello","message":"#, "}"),
        in_object("data-and-records.json", r#"{"data":"hello","Records":["#, "]}"),
        case("data-alone.json", r#"{"data":"hello"}"#, and_rejects(0, &["not_cloud_trail"])),
        case(
            "not-base64.json",
            r#"{"awslogs":{"data":"not base64!"}}"#,
            and_rejects(0, &["not_base64"]),
        ),
        case(
            "two-members.json",
            format!(r#"{{"old":{},"new":{}}}"#, record("old"), record("new")),
            and_rejects(0, &["ambiguous"]),
        ),
        case(
            "filter.json",
            r#"{"filterPattern":"{ ($.eventSource = x) && ($.eventName = y) }"}"#,
            and_rejects(0, &["not_cloud_trail"]),
        ),
        case(
            "eventbridge-dated.json",
            format!(
                r#"{{"detail-type":"AWS API Call via CloudTrail","source":"aws.ecs","time":"2026-04-27T02:18:04Z","detail":{}}}"#,
                timeless("dated-1")
            ),
            rows(1),
        ),
        case(
            "lookup-dated.json",
            format!(
                r#"{{"Events":[{{"EventTime":1777256283.0,"CloudTrailEvent":{}}}]}}"#,
                quoted(&timeless("dated-2"))
            ),
            rows(1),
        ),
        case(
            "queue-undated.json",
            format!(
                r#"{{"SentTimestamp":"1777256283000","Body":{}}}"#,
                quoted(&timeless("undated"))
            ),
            and_rejects(0, &["no_date"]),
        ),
    ]
}
