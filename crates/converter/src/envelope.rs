//! What records come wrapped in: an array under a name, another object's member, a text within a
//! text. Shapes by who makes them stand in the tables below.

use std::{borrow::Cow, cell::Cell, io::Read};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;

use crate::{json::unescape_json, object::Object, reject::RejectReason};

/// Members that hold an array of records, or of what wraps them: CloudTrail's log files, `aws
/// cloudtrail lookup-events`, data of CloudWatch Logs, `PutAuditEvents` of CloudTrail Lake, a
/// pipeline's test file, `aws cloudtrail get-query-results`, `aws sqs receive-message`, Firehose.
const WRAPPERS: [&str; 8] = [
    "Records",
    "Events",
    "logEvents",
    "auditEvents",
    "events",
    "QueryResultRows",
    "Messages",
    "records",
];

/// How a member holds what it wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As an object, or as the text of JSON.
    Json,
    /// In base64, perhaps gzipped.
    Base64,
}

/// Members that hold what is wrapped, in order of preference.
const PATHS: [(&[&str], Form); 22] = [
    // EventBridge, also behind SQS and Firehose
    (&["detail"], Form::Json),
    // aws cloudtrail lookup-events
    (&["CloudTrailEvent"], Form::Json),
    // CloudTrail Lake: a query for eventJson, PutAuditEvents
    (&["eventJson"], Form::Json),
    (&["eventData"], Form::Json),
    // CloudWatch Logs to Lambda, Kinesis to Lambda
    (&["awslogs", "data"], Form::Base64),
    (&["kinesis", "data"], Form::Base64),
    (&["data"], Form::Base64),
    (&["rawData"], Form::Base64),
    // SQS and SNS
    (&["body"], Form::Json),
    (&["Body"], Form::Json),
    (&["Sns", "Message"], Form::Json),
    (&["Message"], Form::Json),
    // Elastic, Logstash, Splunk and Cribl, OpenSearch
    (&["event", "original"], Form::Json),
    (&["aws", "cloudtrail"], Form::Json),
    (&["message"], Form::Json),
    (&["input", "message"], Form::Json),
    (&["_raw"], Form::Json),
    (&["result"], Form::Json),
    (&["_source"], Form::Json),
    (&["event"], Form::Json),
    (&["details"], Form::Json),
    // OCSF, where the original was kept
    (&["raw_data"], Form::Json),
];

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

/// Returns whether a key (with quotes) is that of a wrapper of an array.
pub(crate) fn is_wrapper(key: &[u8]) -> bool {
    let key = key.get(1..).and_then(|key| key.strip_suffix(b"\"")).unwrap_or_default();
    WRAPPERS.iter().any(|name| name.as_bytes() == key)
}

/// Returns whether an object is something itself, though it has a member that is named like a
/// wrapper.
pub(crate) fn is_more_than_wrapper(object: Object<'_>) -> bool {
    object.has("eventVersion") || object.has("eventSource") || is_known(object)
}

/// Returns whether an object looks as if it wrapped records, without unwrapping them.
pub(crate) fn is_known(object: Object<'_>) -> bool {
    let holds = |(path, form): &(&[&str], Form)| {
        let value = object.at(path);
        value.is_some_and(|value| *form == Form::Base64 || names_records(value))
    };
    is_quarantined(object) || PATHS.iter().any(holds)
}

/// Returns the text of a string among records, if it may hold some.
pub(crate) fn unwrap_text(token: &[u8]) -> Option<Cow<'_, [u8]>> {
    text_of(token).filter(|text| may_hold_records(text))
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
        match (form, text_of(value)) {
            (Form::Base64, text) => decode(&text?, most_bytes, left_bytes),
            (Form::Json, Some(text)) => may_hold_records(&text).then_some(Wrapped::Text(text)),
            (Form::Json, None) => {
                names_records(value).then_some(Wrapped::Broken(RejectReason::BrokenJson))
            }
        }
    })
}

/// Returns whether an object is a line of a dataset's quarantine.
fn is_quarantined(object: Object<'_>) -> bool {
    ["source_file", "reason", "byte_offset"].iter().all(|name| object.has(name))
}

/// Returns the text of a string, or an object as it stands.
fn text_of(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    match value.first()? {
        b'{' => Some(Cow::Borrowed(value)),
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

/// Returns whether a text looks like JSON with a record in it: all of CloudTrail's have an
/// `eventVersion` or an `eventSource`, also where quotes are escaped.
fn may_hold_records(text: &[u8]) -> bool {
    looks_like_json(text) && names_records(text)
}

fn names_records(text: &[u8]) -> bool {
    let has = |name: &[u8]| memchr::memmem::find(text, name).is_some();
    has(b"eventVersion") || has(b"eventSource")
}

fn looks_like_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn decode(text: &[u8], most_bytes: u64, left_bytes: &Cell<u64>) -> Option<Wrapped<'static>> {
    let Ok(mut decoded) = STANDARD.decode(text.trim_ascii()) else {
        return Some(Wrapped::Broken(RejectReason::BrokenJson));
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
