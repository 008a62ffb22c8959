//! What is unwrapped of which shape, and what is left alone.

use super::*;
use crate::records::split::{Found, Splitter};

const RECORD: &str = r#"{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","x":"\"}"}"#;

fn unwrapped(text: &str) -> Option<String> {
    let mut splitter = Splitter::new(1 << 20);
    let Found::Record(_) = splitter.next(text.as_bytes(), true) else { panic!("{text}") };
    let object = Object::new(text.as_bytes(), &splitter.members);
    match unwrap(object, 1 << 20, &Cell::new(1 << 20))? {
        Wrapped::Text(text) => Some(String::from_utf8(text.into_owned()).unwrap()),
        other => Some(format!("{other:?}")),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

#[test]
fn what_wraps_a_record() {
    let record = quoted(RECORD);
    let base64 = STANDARD.encode(RECORD);
    for wrapped in [
        format!(r#"{{"version":"0","detail-type":"x","source":"aws.ecs","detail":{RECORD}}}"#),
        format!(r#"{{"EventId":"1","EventTime":"x","CloudTrailEvent":{record}}}"#),
        format!(r#"{{"eventJson":{record}}}"#),
        format!(r#"{{"id":"1","eventData":{record}}}"#),
        format!(r#"{{"body":{record}}}"#),
        format!(r#"{{"EventSource":"aws:sns","Sns":{{"Type":"x","Message":{record}}}}}"#),
        format!(r#"{{"event":{{"action":"x", "original" : {record} }}}}"#),
        format!(r#"{{"message":"Logged","event":{{"original":{record}}}}}"#),
        format!(r#"{{"aws":{{"cloudtrail":{RECORD}}}}}"#),
        format!(r#"{{"id":"3","timestamp":1,"message":{record}}}"#),
        format!(r#"{{"_raw":{record}}}"#),
        format!(r#"{{"preview":false,"_source":{RECORD}}}"#),
        format!(r#"{{"event":{RECORD}}}"#),
        format!(r#"{{"details":{RECORD}}}"#),
        format!(r#"{{"class_uid":6003,"metadata":{{}},"raw_data":{record}}}"#),
        format!(r#"{{"awslogs":{{"data":"{base64}"}}}}"#),
        format!(r#"{{"kinesis":{{"data":"{base64}"}}}}"#),
        format!(r#"{{"source_file":"a","reason":"x","byte_offset":1,"record":{record}}}"#),
        format!(r#"{{"source_file":"a","reason":"x","byte_offset":1,"record_base64":"{base64}"}}"#),
    ] {
        assert_eq!(unwrapped(&wrapped).as_deref(), Some(RECORD), "{wrapped}");
    }
}

#[test]
fn what_wraps_nothing() {
    for other in [
        r#"{"detail-type":"ECS Task State Change","detail":{"clusterArn":"x"}}"#,
        r#"{"message":"eventVersion is not JSON"}"#,
        r#"{"message":{"a":1}}"#,
        r#"{"event":"original"}"#,
        r#"{"event":{"original":7}}"#,
        r#"{"data":"hello"}"#,
        r#"{"data":"hellohel"}"#,
        r#"{"data":{"eventVersion":"x"},"rawData":[7]}"#,
        r#"{"awslogs":{"data":"aGVsbG8="}}"#,
        r#"{"awslogs":{"other":"e30="}}"#,
        r#"{"aws":[1]}"#,
        "{}",
    ] {
        assert_eq!(unwrapped(other), None, "{other}");
    }
    for (broken, reason) in [
        (r#"{"message":"{\"eventVersion\": \q}"}"#, "Broken(BrokenJson)"),
        (r#"{"awslogs":{"data":"not base64!"}}"#, "Broken(NotBase64)"),
    ] {
        assert_eq!(unwrapped(broken).as_deref(), Some(reason), "{broken}");
    }
    let quarantined = r#"{"source_file":"a","reason":"x","byte_offset":1}"#;
    assert_eq!(unwrapped(quarantined).as_deref(), Some("Elsewhere"));
}
