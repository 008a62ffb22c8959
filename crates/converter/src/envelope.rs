//! What records come wrapped in: an array under a name, another object's member, a text within a
//! text. Shapes by who makes them stand in the tables below.

use std::{borrow::Cow, io::Read};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;

use crate::{
    json::{Brackets, End, skip_white_space, string_end, unescape, value_end},
    object::Object,
};

/// Members that hold an array of records, or of what wraps them: CloudTrail's log files, `aws
/// cloudtrail lookup-events`, data of CloudWatch Logs, `PutAuditEvents` of CloudTrail Lake, a
/// pipeline's test file, `aws cloudtrail get-query-results`.
const WRAPPERS: [&str; 6] =
    ["Records", "Events", "logEvents", "auditEvents", "events", "QueryResultRows"];

/// How a member holds what it wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As an object, or as the text of JSON.
    Json,
    /// In base64, perhaps gzipped.
    Base64,
}

/// Members that hold what is wrapped, in order of preference.
const PATHS: [(&[&str], Form); 19] = [
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
    // SQS and SNS
    (&["body"], Form::Json),
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
    /// More than may be.
    TooLarge,
    /// A reference to something that is elsewhere.
    Elsewhere,
}

/// Returns whether a key (with quotes) is that of a wrapper of an array.
pub(crate) fn is_wrapper(key: &[u8]) -> bool {
    let key = key.get(1..).and_then(|key| key.strip_suffix(b"\"")).unwrap_or_default();
    WRAPPERS.iter().any(|name| name.as_bytes() == key)
}

/// Returns whether an object wraps something.
pub(crate) fn is_known(object: Object<'_>) -> bool {
    is_quarantined(object) || PATHS.iter().any(|(path, _)| object.has(path[0]))
}

/// Returns what an object wraps, if that may be records. What comes out of base64 is not larger
/// than `limit_bytes`.
pub(crate) fn unwrap(object: Object<'_>, limit_bytes: usize) -> Option<Wrapped<'_>> {
    if is_quarantined(object) {
        let record = object.get("record").and_then(text_of).map(Wrapped::Text);
        let record = record.or_else(|| decode(object.get("record_base64")?, limit_bytes));
        return Some(record.unwrap_or(Wrapped::Elsewhere));
    }
    PATHS.iter().find_map(|(path, form)| {
        let (first, further) = path.split_first()?;
        let value =
            further.iter().try_fold(object.get(first)?, |value, name| member(value, name))?;
        match form {
            Form::Base64 => decode(value, limit_bytes),
            Form::Json => {
                let text = text_of(value)?;
                may_hold_records(&text).then_some(Wrapped::Text(text))
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
            Some(match unescape(token).0 {
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
    let has = |name: &[u8]| memchr::memmem::find(text, name).is_some();
    looks_like_json(text) && (has(b"eventVersion") || has(b"eventSource"))
}

fn looks_like_json(text: &[u8]) -> bool {
    matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Returns the value of a member of an object.
fn member<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut brackets = Brackets::default();
    let mut at = skip_white_space(object, object.starts_with(b"{").then_some(1)?);
    while object.get(at) == Some(&b'"') {
        let key_end = string_end(object, at + 1)?;
        let key = &object[at + 1..key_end - 1];
        let colon = skip_white_space(object, key_end);
        let start = skip_white_space(object, colon + 1);
        let End::At(end) = value_end(object, start, &mut brackets) else { return None };
        if key == name.as_bytes() {
            return Some(&object[start..end]);
        }
        at = skip_white_space(object, end);
        if object.get(at) == Some(&b',') {
            at = skip_white_space(object, at + 1);
        }
    }
    None
}

fn decode(value: &[u8], limit_bytes: usize) -> Option<Wrapped<'static>> {
    let text = text_of(value)?;
    let mut decoded = STANDARD.decode(text.trim_ascii()).ok()?;
    if decoded.starts_with(&[0x1f, 0x8b]) {
        let mut inflated = Vec::new();
        let most = limit_bytes as u64 + 1;
        MultiGzDecoder::new(&*decoded).take(most).read_to_end(&mut inflated).ok()?;
        decoded = inflated;
    }
    if decoded.len() > limit_bytes {
        return Some(Wrapped::TooLarge);
    }
    looks_like_json(&decoded).then_some(Wrapped::Text(Cow::Owned(decoded)))
}

#[cfg(test)]
mod tests;
