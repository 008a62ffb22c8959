//! What records come wrapped in: an array under a name, another object's member, a text within a
//! text. Shapes by the tools that make them stand in the tables below.

use std::{borrow::Cow, cell::Cell, io::Read};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;

use crate::records::{RejectReason, json::unescape_json, object::Object};

mod spelled;
mod time;
mod unknown;

pub(crate) use time::{log_time, time_of};
pub(crate) use unknown::unwrap_unknown;

/// Members that hold an array of records, or of what wraps them: CloudTrail's log files, `aws
/// cloudtrail lookup-events`, data of CloudWatch Logs, `PutAuditEvents` of CloudTrail Lake, a
/// pipeline's test file, `aws cloudtrail get-query-results`, `aws sqs receive-message`, Firehose,
/// `aws logs get-query-results`, Steampipe, Sumo Logic, a search of Elasticsearch, OpenTelemetry.
const WRAPPERS: [&str; 15] = [
    "Records",
    "Events",
    "logEvents",
    "auditEvents",
    "events",
    "QueryResultRows",
    "Messages",
    "records",
    "results",
    "rows",
    "messages",
    "hits",
    "resourceLogs",
    "scopeLogs",
    "logRecords",
];

/// Members that hold an object with a wrapper of an array: a search of Elasticsearch answers
/// `{"hits":{"total":…,"hits":[…]}}`.
const OUTER_WRAPPERS: [&str; 1] = ["hits"];

/// How a member holds what it wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As an object or an array, or as the text of JSON.
    Json,
    /// In base64, perhaps gzipped.
    Base64,
    /// In base64 perhaps: the name is one that others use for other things.
    MaybeBase64,
}

/// Members that hold what is wrapped, in order of preference: the text as it came before what
/// somebody made of it.
const PATHS: [(&[&str], Form); 33] = [
    // EventBridge, also behind SQS and Firehose
    (&["detail"], Form::Json),
    // aws cloudtrail lookup-events, Steampipe
    (&["CloudTrailEvent"], Form::Json),
    (&["cloudtrail_event"], Form::Json),
    // CloudTrail Lake: a query for eventJson, PutAuditEvents
    (&["eventJson"], Form::Json),
    (&["eventData"], Form::Json),
    // CloudWatch Logs to Lambda, Kinesis to Lambda
    (&["awslogs", "data"], Form::Base64),
    (&["kinesis", "data"], Form::Base64),
    (&["data"], Form::MaybeBase64),
    (&["rawData"], Form::MaybeBase64),
    // CloudWatch Logs Insights, aws logs get-log-record
    (&["@message"], Form::Json),
    (&["logRecord"], Form::Json),
    // OpenTelemetry
    (&["body", "stringValue"], Form::Json),
    (&["body", "bytesValue"], Form::Base64),
    // SQS and SNS
    (&["body"], Form::Json),
    (&["Body"], Form::Json),
    (&["Sns", "Message"], Form::Json),
    (&["Message"], Form::Json),
    // Elastic, Wazuh, Logstash, Splunk and Cribl, OpenSearch, Sumo Logic, Fluent Bit, Loki
    (&["event", "original"], Form::Json),
    (&["full_log"], Form::Json),
    (&["aws", "cloudtrail"], Form::Json),
    (&["message"], Form::Json),
    (&["input", "message"], Form::Json),
    (&["_raw"], Form::Json),
    (&["map", "_raw"], Form::Json),
    (&["log"], Form::Json),
    (&["line"], Form::Json),
    (&["result"], Form::Json),
    (&["_source"], Form::Json),
    (&["event"], Form::Json),
    (&["details"], Form::Json),
    // Wazuh's own form, Datadog's archives
    (&["aws"], Form::Json),
    (&["attributes"], Form::Json),
    // OCSF, where the original was kept
    (&["raw_data"], Form::Json),
];

/// The longest text before the JSON of a record in a string: `1:Wazuh-AWS:{"integration":…`.
const MOST_PREFIX_BYTES: usize = 256;

/// What is wrapped.
#[derive(Debug)]
pub(crate) enum Wrapped<'a> {
    /// Text in which records are.
    Text(Cow<'a, [u8]>),
    /// Something that was damaged before it was wrapped, or when it was.
    Broken(RejectReason),
    /// A reference to something that is elsewhere.
    Elsewhere,
}

/// Returns whether a member's name is that of a wrapper of an array.
pub(crate) fn is_wrapper(name: &[u8]) -> bool {
    WRAPPERS.iter().any(|wrapper| wrapper.as_bytes() == name)
}

/// Returns whether a member's name is that of an object around a wrapper of an array.
pub(crate) fn is_outer_wrapper(name: &[u8]) -> bool {
    OUTER_WRAPPERS.iter().any(|wrapper| wrapper.as_bytes() == name)
}

/// Returns whether an object is something itself, though it has a member that is named like a
/// wrapper.
pub(crate) fn is_more_than_wrapper(object: Object<'_>) -> bool {
    object.has("eventVersion")
        || object.has("eventSource")
        || is_quarantined(object)
        || PATHS.iter().any(|(path, form)| match object.at(path) {
            Some(value) if *form == Form::Json => names_records(value),
            value => value.is_some() && *form == Form::Base64,
        })
}

/// Returns whether an object looks as if it wrapped records, without unwrapping them.
pub(crate) fn is_known(object: Object<'_>) -> bool {
    let is_base64 = |(path, form): &(&[&str], Form)| {
        *form == Form::MaybeBase64 && object.at(path).is_some_and(|value| value.starts_with(b"\""))
    };
    is_more_than_wrapper(object) || PATHS.iter().any(is_base64)
}

/// Returns the text of a string among records, if it may hold some.
pub(crate) fn unwrap_text(token: &[u8]) -> Option<Cow<'_, [u8]>> {
    text_of(token).and_then(with_records)
}

/// Returns what an object wraps, if that may be records. Nothing larger than `most_bytes` is
/// inflated, nor more than `left_bytes` in all, which are counted down.
pub(crate) fn unwrap<'a>(
    object: Object<'a>,
    most_bytes: u64,
    left_bytes: &Cell<u64>,
) -> Option<Wrapped<'a>> {
    if is_quarantined(object) {
        let text = object.get("record").and_then(text_of);
        let bytes = || STANDARD.decode(&*text_of(object.get("record_base64")?)?).ok();
        let record = text.or_else(|| bytes().map(Cow::Owned));
        let record = record.filter(|record| !record.trim_ascii().is_empty());
        return Some(record.map_or(Wrapped::Elsewhere, Wrapped::Text));
    }
    PATHS.iter().find_map(|(path, form)| {
        let value = object.at(path)?;
        let is_string = value.starts_with(b"\"");
        match (form, text_of(value)) {
            (Form::Json, Some(text)) => with_records(text).map(Wrapped::Text),
            (Form::Json, None) => (is_string && names_records(value))
                .then_some(Wrapped::Broken(RejectReason::BrokenJson)),
            (Form::Base64, Some(text)) if is_string => decode(&text, most_bytes, left_bytes),
            (Form::MaybeBase64, Some(text)) if is_string => {
                match decode(&text, most_bytes, left_bytes)? {
                    Wrapped::Broken(RejectReason::NotBase64) => None,
                    wrapped => Some(wrapped),
                }
            }
            _ => None,
        }
    })
}

/// Returns what wraps something in an object without records, as text of JSON.
pub(crate) fn texts(object: Object<'_>) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let values = PATHS.iter().filter(|(_, form)| *form == Form::Json);
    let texts = values.filter_map(move |(path, _)| text_of(object.at(path)?));
    texts.filter(|text| looks_like_json(text))
}

/// Returns whether an object is a line of a dataset's quarantine.
fn is_quarantined(object: Object<'_>) -> bool {
    ["source_file", "reason", "byte_offset"].iter().all(|name| object.has(name))
}

/// Returns the text of a string, or an object or array as it stands.
fn text_of(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    match value.first()? {
        b'{' | b'[' => Some(Cow::Borrowed(value)),
        b'"' => {
            let token = serde_json::from_slice::<&RawValue>(value).ok()?.get();
            Some(match unescape_json(token) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            })
        }
        _ => None,
    }
}

/// Returns the part of a text that looks like JSON with a record in it: all of CloudTrail's have
/// an `eventVersion` or an `eventSource`, also where quotes are escaped.
fn with_records(text: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    if !names_records(&text) {
        return None;
    }
    if looks_like_json(&text) {
        return Some(text);
    }
    let start = prefix_end(&text)?;
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[start..]),
        Cow::Owned(mut text) => {
            text.drain(..start);
            Cow::Owned(text)
        }
    })
}

/// Returns where an object begins behind a short text, as shippers and loggers write it before.
fn prefix_end(text: &[u8]) -> Option<usize> {
    let start = memchr::memchr2(b'{', b'"', &text[..text.len().min(MOST_PREFIX_BYTES)])?;
    let key = text[start..].get(1..)?.trim_ascii_start();
    (text[start] == b'{' && key.starts_with(b"\"")).then_some(start)
}

fn names_records(text: &[u8]) -> bool {
    spelled::holds(text, |text| names_any(text, &["eventVersion", "eventSource"]))
}

fn names_any(text: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| memchr::memmem::find(text, name.as_bytes()).is_some())
}

/// Returns whether a text begins as an object does, or an array that may hold objects or texts.
fn looks_like_json(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    match text.first() {
        Some(b'{') => true,
        Some(b'[') => {
            matches!(text[1..].trim_ascii_start().first(), Some(b'{' | b'[' | b'"' | b']'))
        }
        _ => false,
    }
}

fn decode(text: &[u8], most_bytes: u64, left_bytes: &Cell<u64>) -> Option<Wrapped<'static>> {
    let Ok(mut decoded) = STANDARD.decode(text.trim_ascii()) else {
        return Some(Wrapped::Broken(RejectReason::NotBase64));
    };
    if decoded.starts_with(&[0x1f, 0x8b]) {
        let limit_bytes = most_bytes.min(left_bytes.get());
        let mut inflated = Vec::new();
        let mut decoder = MultiGzDecoder::new(&*decoded).take(limit_bytes + 1);
        let read = decoder.read_to_end(&mut inflated);
        let bytes = inflated.len() as u64;
        left_bytes.set(left_bytes.get().saturating_sub(bytes));
        match read {
            _ if bytes > limit_bytes => return Some(Wrapped::Broken(RejectReason::TooLarge)),
            Err(_) => return Some(Wrapped::Broken(RejectReason::CutOff)),
            Ok(_) => decoded = inflated,
        }
    }
    looks_like_json(&decoded).then_some(Wrapped::Text(Cow::Owned(decoded)))
}

#[cfg(test)]
mod tests;
