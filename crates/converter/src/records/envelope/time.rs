//! The time that an envelope gives for the records it wraps, for records without a time of their
//! own.

use chrono::DateTime;

use crate::records::{object::Object, parse_event_time};

/// Returns the instant that an envelope gives for its record, in milliseconds since 1970-01-01:
/// `time` of EventBridge, `EventTime` of `aws cloudtrail lookup-events`, the timestamp of an event
/// of CloudWatch Logs or of an answer of Logs Insights. CloudTrail fills all of these from the
/// record's `eventTime`. When a queue or a stream took a message says less, and is not used.
///
/// - <https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>
/// - <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html>
/// - <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilteredLogEvent.html>
pub(crate) fn time_of(object: Object<'_>) -> Option<i64> {
    if object.has("detail-type") && object.has("detail") {
        return parse_event_time(&object.text("time")?);
    }
    if object.has("CloudTrailEvent") {
        let seconds = || number(object.get("EventTime")?).and_then(millis_of_seconds);
        let text = object.text("EventTime").and_then(|text| parse_event_time(&text));
        return text.or_else(seconds);
    }
    if object.has("@message") {
        return log_time(&object.text("@timestamp")?);
    }
    let is_log_event = ["id", "eventId", "ingestionTime"].iter().any(|name| object.has(name));
    if is_log_event && object.has("message") {
        let millis = std::str::from_utf8(object.get("timestamp")?).ok()?.parse().ok()?;
        return instant(millis);
    }
    None
}

/// Reads the `@timestamp` of Logs Insights, in UTC: `2026-04-27 10:00:03.000`, or milliseconds
/// since 1970-01-01.
pub(crate) fn log_time(text: &str) -> Option<i64> {
    parse_event_time(text).or_else(|| text.parse().ok().and_then(instant))
}

fn number(token: &[u8]) -> Option<f64> {
    std::str::from_utf8(token).ok()?.parse().ok()
}

#[expect(clippy::cast_possible_truncation, reason = "what is too large is no instant either way")]
fn millis_of_seconds(seconds: f64) -> Option<i64> {
    instant((seconds * 1000.0).round() as i64)
}

/// Returns milliseconds that are an instant in the years that records can be of.
fn instant(millis: i64) -> Option<i64> {
    parse_event_time(&DateTime::from_timestamp_millis(millis)?.to_rfc3339())
}
