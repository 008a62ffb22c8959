//! Lines of a quarantine file: what was rejected, with its bytes. `ecstrail convert` reads such a file
//! like any other, so that records can be given again once the cause is mended.

use base64::{Engine, engine::general_purpose::STANDARD};
use ecstrail_converter::{LogFile, Reject, RejectReason};
use serde::Serialize;

/// A record, or a log file as a whole.
#[derive(Debug, Serialize)]
pub(crate) struct QuarantineLine<'a> {
    source_file: &'a str,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    byte_offset: u64,
    reason: Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a str>,
    /// The record, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    record_base64: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Reason {
    Record(RejectReason),
    File(&'static str),
}

impl<'a> QuarantineLine<'a> {
    /// A rejected record.
    pub(crate) fn of_record(file: &LogFile, reject: &'a Reject) -> Self {
        let record = reject.record.as_deref();
        let text = record.and_then(|record| std::str::from_utf8(record).ok());
        Self {
            source_file: &reject.source_file,
            url: file.url(),
            index: Some(reject.index),
            byte_offset: reject.byte_offset,
            reason: Reason::Record(reject.reason),
            detail: reject.detail.as_deref(),
            record: text,
            record_base64: record.filter(|_| text.is_none()).map(|bytes| STANDARD.encode(bytes)),
        }
    }

    /// A log file that could not be read; it is named, not copied.
    pub(crate) fn of_file(file: &'a LogFile, failure: &'a str) -> Self {
        Self {
            source_file: &file.source_file,
            url: file.url(),
            index: None,
            byte_offset: 0,
            reason: Reason::File("unreadable_file"),
            detail: Some(failure),
            record: None,
            record_base64: None,
        }
    }
}
