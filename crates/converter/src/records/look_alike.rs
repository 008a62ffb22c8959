//! What looks like CloudTrail and is not: it is passed over, counted by what it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::records::{
    envelope,
    object::Object,
    split::{Found, Splitter},
};

/// Texts within texts that are looked into: a notice in a queue's message.
const MOST_WRAPPED: usize = 4;

/// Something beside records that lies where records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LookAlike {
    /// A digest of CloudTrail: hashes of log files.
    Digest,
    /// A notification of S3, SNS, SQS, DynamoDB or Kinesis, which share the `Records` wrapper.
    Notification,
    /// An event of EventBridge that is no API call, such as a state change of an ECS task.
    EventBridgeEvent,
    /// A finding or activity in the Open Cybersecurity Schema Framework, without the original record.
    Ocsf,
    /// A record of Alibaba Cloud's ActionTrail.
    ActionTrail,
    /// A message by which CloudWatch Logs checks that a subscription works.
    ControlMessage,
    /// The event history of the console, downloaded as CSV.
    EventHistoryCsv,
    /// A column beside that of the record in the answer to a query of CloudTrail Lake.
    QueryColumn,
    /// A file of an archive that is no log file by its name.
    OtherFile,
}

impl LookAlike {
    /// Tells what an object is that is no record of CloudTrail.
    pub(crate) fn of(object: Object<'_>) -> Option<Self> {
        let source = object.text("eventSource").unwrap_or_default();
        if is_notification(&source, object) {
            return Some(Self::Notification);
        }
        if source.ends_with(".aliyuncs.com") || object.has("acsRegion") {
            return Some(Self::ActionTrail);
        }
        let has = |names: &[&str]| names.iter().all(|name| object.has(name));
        if has(&["digestStartTime", "logFiles"]) {
            Some(Self::Digest)
        } else if has(&["EventSource", "Sns"])
            || has(&["Type", "TopicArn", "Message"])
            || has(&["s3Bucket", "s3ObjectKey"])
        {
            Some(Self::Notification)
        } else if has(&["detail-type", "source", "detail"]) && !is_api_call(object) {
            Some(Self::EventBridgeEvent)
        } else if has(&["class_uid", "metadata"]) {
            Some(Self::Ocsf)
        } else if is_control_message(object) {
            Some(Self::ControlMessage)
        } else {
            None
        }
    }
}

/// Returns what an object wraps, where that is nothing but look-alikes: a state change in a message
/// of a queue, a delivery notice in a log event.
pub(crate) fn within(object: Object<'_>) -> Option<LookAlike> {
    within_at(object, 0)
}

fn within_at(object: Object<'_>, depth: usize) -> Option<LookAlike> {
    if depth == MOST_WRAPPED {
        return None;
    }
    envelope::texts(object).find_map(|text| of_text(&text, depth + 1))
}

/// Returns what the first object of a text is, if all of them are look-alikes.
fn of_text(text: &[u8], depth: usize) -> Option<LookAlike> {
    let mut splitter = Splitter::new(text.len());
    let mut first = None;
    loop {
        match splitter.next(text, true) {
            Found::Record(_) => {
                let object = Object::new(text, &splitter.members);
                let kind = LookAlike::of(object).or_else(|| within_at(object, depth))?;
                first.get_or_insert(kind);
            }
            Found::End => return first,
            _ => return None,
        }
    }
}

/// S3 and those who speak like it (`minio:s3`) share the wrapper and many names with CloudTrail.
pub(crate) fn is_notification(event_source: &str, object: Object<'_>) -> bool {
    event_source.starts_with("aws:") || (event_source.contains(':') && object.has("s3"))
}

/// An event that should contain a CloudTrail record, whether or not it does.
fn is_api_call(object: Object<'_>) -> bool {
    object.text("detail-type").is_some_and(|kind| kind.ends_with("via CloudTrail"))
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>
fn is_control_message(object: Object<'_>) -> bool {
    let starts = |name, start| object.text(name).is_some_and(|text| text.starts_with(start));
    starts("messageType", "CONTROL_MESSAGE") || starts("message", "CWL CONTROL MESSAGE")
}

impl fmt::Display for LookAlike {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Digest => "digest files, which contain no records",
            Self::Notification => "notifications from S3, SNS, SQS or Kinesis",
            Self::EventBridgeEvent => "EventBridge events that are not API calls",
            Self::Ocsf => "OCSF events without the original record",
            Self::ActionTrail => "Alibaba Cloud ActionTrail events",
            Self::ControlMessage => "CloudWatch Logs control messages",
            Self::EventHistoryCsv => {
                "event history as CSV, which lacks most of each record: download it as JSON"
            }
            Self::QueryColumn => "other columns of a query result",
            Self::OtherFile => "other files in archives",
        })
    }
}
