//! From bytes to selected records and tallies, for all that a log file can be.

use std::{collections::BTreeSet, io::Write};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use object_store::{ObjectMeta, path::Path};
use proptest::prelude::*;

use sha2::{Digest, Sha256};

use super::*;
use crate::{
    error::Error,
    records::{LookAlike, RejectReason},
    trail::EventSources,
};

mod containers;
mod rejected;

const KEY: &str = "111122223333_CloudTrail_us-east-1_20260427T0220Z_AbCdEfGhIjKlMnOp.json.gz";

fn log_file(name: &str, bytes: usize) -> LogFile {
    let meta = ObjectMeta {
        location: Path::from(name),
        last_modified: chrono::DateTime::default(),
        size: bytes as u64,
        e_tag: Some("1".to_owned()),
        version: None,
    };
    LogFile::new(meta, &"file:///trail/".into(), name.to_owned())
}

fn record(id: &str, rest: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","awsRegion":"us-east-1","eventID":"{id}","recipientAccountId":"111122223333"{rest}}}"#
    )
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn convert_as(
    selection: Selection,
    name: &str,
    bytes: &[u8],
    stream: bool,
) -> Result<(FileTally, SelectedBatch)> {
    convert_with(Converter::new(Arc::new(selection), Limits::default()), name, bytes, stream)
}

/// Converts in both ways, which must agree.
fn convert_within(limits: Limits, bytes: &[u8]) -> Result<(FileTally, SelectedBatch)> {
    let convert = |stream| {
        let converter = Converter::new(Arc::new(Selection::default()), limits);
        convert_with(converter, KEY, bytes, stream)
    };
    let (whole, stream) = (convert(false)?, convert(true)?);
    assert_eq!(whole.1.batch(), stream.1.batch());
    assert_eq!(whole.0.rejected_by_reason, stream.0.rejected_by_reason);
    Ok(whole)
}

fn convert_with(
    mut converter: Converter,
    name: &str,
    bytes: &[u8],
    stream: bool,
) -> Result<(FileTally, SelectedBatch)> {
    let bytes_stored = bytes.len();
    let stored = Bytes::copy_from_slice(bytes);
    let bytes = if stream {
        let stored = stored.clone();
        LogBytes::Stream(Box::new(move || Box::new(io::Cursor::new(stored.clone()))))
    } else {
        LogBytes::Whole(stored)
    };
    let file = log_file(name, bytes_stored);
    let mut batches = Vec::new();
    let tally = converter.convert(&file, 7, &bytes, &mut |batch| {
        batches.push(batch.batch().clone());
        ControlFlow::Continue(())
    })?;
    batches.push(converter.take().batch().clone());
    let batch = arrow::compute::concat_batches(&SelectedBatch::schema(), &batches).unwrap();
    assert_eq!(tally.records, tally.selected + tally.filtered + tally.rejected);
    assert_eq!(tally.rejected, tally.rejected_by_reason.values().sum::<u64>());
    Ok((tally, SelectedBatch::try_new(batch).unwrap()))
}

fn convert(name: &str, text: &str) -> (FileTally, SelectedBatch) {
    let plain = convert_as(Selection::default(), name, text.as_bytes(), false).unwrap();
    for (bytes, stream) in [
        (gzip(text.as_bytes()), false),
        (gzip(text.as_bytes()), true),
        (text.as_bytes().to_vec(), true),
    ] {
        let other = convert_as(Selection::default(), name, &bytes, stream).unwrap();
        assert_eq!(plain.0, other.0);
        assert_eq!(plain.1.batch(), other.1.batch());
    }
    plain
}

#[test]
fn a_record_is_selected_with_what_orders_and_places_it() {
    let pretty = record("e-1", r#", "x" : [ 1.0 , "a b" ]"#);
    let (tally, batch) = convert(KEY, &format!(r#"{{"Records":[{pretty}]}}"#));
    assert_eq!((tally.records, tally.selected), (1, 1));
    let row = batch.row(0);
    assert_eq!(row.day, 20_570);
    assert_eq!(row.region, "us-east-1");
    assert_eq!(row.event_time, Some(1_777_256_283_000));
    assert_eq!(row.event_id, Some("e-1"));
    assert_eq!(row.recipient_account_id, Some("111122223333"));
    assert_eq!((row.source_file, row.index, row.byte_offset), (7, 0, 12));
    assert_eq!(row.record, record("e-1", r#","x":[1.0,"a b"]"#));
}

#[test]
fn where_a_record_without_time_or_region_goes() {
    let undated = r#"{"eventVersion":"1.08","eventSource":"ecs.amazonaws.com","eventTime":"soon","awsRegion":"../x"}"#;
    let (tally, batch) = convert(KEY, undated);
    assert_eq!(tally.selected, 1);
    assert_eq!(
        (batch.row(0).day, batch.row(0).event_time, batch.row(0).region),
        (20_570, None, "unknown")
    );
    let (tally, _) = convert("cloudtrail.json", undated);
    assert_eq!(tally.rejects[0].reason, RejectReason::NoDate);
    assert_eq!(
        tally.rejects[0].to_string(),
        "cloudtrail.json: record 0 at byte 0: no readable eventTime, no time in what wraps it, and no \
         delivery day in the file's name"
    );
}

#[test]
fn the_time_of_what_wraps_a_record_dates_it() {
    let undated = record("e-1", "").replace(r#""eventTime":"2026-04-27T02:18:03Z","#, "");
    let text = containers::quoted(&undated);
    let bridge = format!(
        r#"{{"detail-type":"AWS API Call via CloudTrail","source":"aws.ecs","time":"2026-04-28T01:00:00Z","detail":{undated}}}"#
    );
    let log_event = |message: &str| {
        format!(r#"{{"events":[{{"timestamp":1777424400000,"message":{message},"eventId":"1"}}]}}"#)
    };
    for (wrapped, day) in [
        (bridge.clone(), Some(20_571)),
        (format!(r#"{{"Messages":[{{"Body":{}}}]}}"#, containers::quoted(&bridge)), Some(20_571)),
        (
            format!(r#"{{"EventTime":"2026-04-28T23:30:00-02:00","CloudTrailEvent":{text}}}"#),
            Some(20_572),
        ),
        (format!(r#"{{"EventTime":1777424400.123,"CloudTrailEvent":{text}}}"#), Some(20_572)),
        (log_event(&text), Some(20_572)),
        // The innermost time is the nearest to the event.
        (log_event(&containers::quoted(&bridge)), Some(20_571)),
        (format!(r#"{{"@timestamp":"2026-04-29 01:00:00.000","@message":{text}}}"#), Some(20_572)),
        (
            format!(r#"{{"logRecord":{{"@timestamp":"1777424400000","@message":{text}}}}}"#),
            Some(20_572),
        ),
        (
            format!(
                "@timestamp,@message\n2026-04-29 01:00:00.000,\"{}\"\n",
                undated.replace('"', "\"\"")
            ),
            Some(20_572),
        ),
        // When it was delivered or shipped says nothing.
        (format!(r#"{{"@timestamp":"2026-04-29T01:00:00Z","message":{text}}}"#), None),
        (format!(r#"{{"timestamp":"x","id":"1","message":{text}}}"#), None),
        (format!(r#"{{"timestamp":12,"id":"1","message":{text}}}"#), None),
    ] {
        let (tally, batch) = convert("a.json", &wrapped);
        assert_eq!(
            (tally.selected, tally.rejected),
            (u64::from(day.is_some()), u64::from(day.is_none())),
            "{wrapped}"
        );
        if let Some(day) = day {
            let row = batch.row(0);
            assert_eq!(
                (row.day, row.event_time, row.record),
                (day, None, undated.as_str()),
                "{wrapped}"
            );
        }
        // The time of the envelope comes before the day of delivery.
        assert_eq!(convert(KEY, &wrapped).1.row(0).day, day.unwrap_or(20_570), "{wrapped}");
    }
    let dated =
        bridge.replace(r#""eventVersion""#, r#""eventTime":"2026-04-30T00:00:00Z","eventVersion""#);
    assert_eq!(convert(KEY, &dated).1.row(0).day, 20_573);
}

#[test]
fn every_record_is_accounted_for() {
    let good = record("e-1", "");
    let other = good.replace("ecs.", "s3.");
    let notification =
        r#"{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put"}"#;
    let state_change =
        r#"{"version":"0","detail-type":"ECS Task State Change","source":"aws.ecs","detail":{}}"#;
    let invalid = record("e-2", r#","x":tru"#);
    let text = format!(
        r#"{{"Records":[{good},{other},"oops",{notification},{state_change},{invalid},{good}]}}"#
    );
    let (tally, batch) = convert(KEY, &text);
    assert_eq!((tally.records, tally.selected, tally.filtered, tally.rejected), (7, 2, 3, 2));
    let look_alikes = [(LookAlike::Notification, 1), (LookAlike::EventBridgeEvent, 1)];
    assert_eq!(tally.look_alikes, look_alikes.into());
    assert_eq!(tally.is_look_alike(), None);
    let reasons: Vec<_> =
        tally.rejects.iter().map(|reject| (reject.index, reject.reason)).collect();
    assert_eq!(reasons, [(2, RejectReason::NotAnObject), (5, RejectReason::BrokenJson),]);
    assert_eq!(batch.row(0).record_hash, batch.row(1).record_hash);
    let expected: [u8; 32] = Sha256::digest(&text).into();
    assert_eq!((tally.sha256, tally.decompressed_bytes), (expected, text.len() as u64));
}

#[test]
fn rejects_are_counted_by_reason_though_only_the_first_are_listed() {
    let text = format!(r#"{{"Records":[{}{}"#, "1,".repeat(1500), record("e-1", ""));
    let (tally, _) = convert_as(Selection::default(), KEY, text.as_bytes(), false).unwrap();
    assert_eq!((tally.rejects.len(), tally.selected), (crate::records::Reject::MOST_DESCRIBED, 1));
    let by_reason = [(RejectReason::CutOff, 1), (RejectReason::NotAnObject, 1500)];
    assert_eq!(tally.rejected_by_reason, by_reason.into());
}

#[test]
fn invalid_utf8_costs_one_record() {
    let mut text = record("e-1", r#","x":"?""#).into_bytes();
    let position = text.iter().position(|byte| *byte == b'?').unwrap();
    text[position] = 0xff;
    text.extend_from_slice(b"\n");
    text.extend_from_slice(record("e-2", "").as_bytes());
    let (tally, batch) = convert_as(Selection::default(), KEY, &text, false).unwrap();
    assert_eq!((tally.selected, tally.rejects[0].reason), (1, RejectReason::InvalidUtf8));
    assert_eq!(batch.row(0).event_id, Some("e-2"));
}

#[test]
fn damaged_files_give_nothing_and_say_so() {
    let whole = gzip(format!("[{}]", record("e-1", "")).as_bytes());
    for stream in [false, true] {
        let check = |bytes: &[u8], message: &str| {
            let error =
                convert_as(Selection::default(), KEY, bytes, stream).unwrap_err().to_string();
            assert!(error.contains(KEY) && error.contains(message), "{error}");
        };
        check(&whole[..whole.len() / 2], "damaged gzip");
        check(&whole[..whole.len() - 4], "damaged gzip");
        check(&[], "is empty");
        check(b"PK\x03\x04", "damaged zip");
        check(&zstd::encode_all(&vec![b' '; 65 << 20][..], 3).unwrap(), "expands to more than");
    }
}

#[test]
fn selections() {
    let select = |selection: Selection| {
        let text = [
            record("e-1", ""),
            record("e-2", "").replace("2026-04-27", "2026-04-28"),
            record("e-3", "").replace("us-east-1", "eu-west-1"),
            record("e-4", "").replace("111122223333", "444455556666"),
            record("e-5", "").replace("ecs.", "s3."),
        ];
        let (_, batch) = convert_as(selection, KEY, text.join("\n").as_bytes(), false).unwrap();
        (0..batch.rows())
            .map(|row| batch.row(row).event_id.unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let date = |text: &str| text.parse().ok();
    let all = Selection::default();
    assert_eq!(select(all.clone()), "e-1 e-2 e-3 e-4");
    assert_eq!(
        select(Selection { event_sources: EventSources::All, ..all.clone() }),
        "e-1 e-2 e-3 e-4 e-5"
    );
    let s3 = EventSources::Only(BTreeSet::from(["s3.amazonaws.com".to_owned()]));
    assert_eq!(select(Selection { event_sources: s3, ..all.clone() }), "e-5");
    assert_eq!(select(Selection { from: date("2026-04-28"), ..all.clone() }), "e-2");
    assert_eq!(select(Selection { until: date("2026-04-27"), ..all.clone() }), "e-1 e-3 e-4");
    assert_eq!(
        select(Selection { regions: BTreeSet::from(["eu-west-1".to_owned()]), ..all.clone() }),
        "e-3"
    );
    assert_eq!(
        select(Selection { accounts: BTreeSet::from(["444455556666".to_owned()]), ..all }),
        "e-4"
    );
}

#[test]
fn selections_by_what_was_called() {
    let select = |selection: Selection| {
        let named = |id: &str, name: &str, read_only: &str| {
            format!(
                r#"{{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"{name}","eventID":"{id}"{read_only}}}"#
            )
        };
        let text = [
            named("e-1", "UpdateService", r#","readOnly":false"#),
            named("e-2", "ListTasks", r#","readOnly":true"#),
            named("e-3", "ListTasks", r#","readOnly":"true""#),
            named("e-4", "ListTasks", ""),
            named("e-5", "DescribeTasks", r#","readOnly":"True""#),
        ];
        let (tally, batch) = convert_as(selection, KEY, text.join("\n").as_bytes(), false).unwrap();
        assert_eq!(tally.filtered + batch.rows() as u64, 5);
        (0..batch.rows())
            .map(|row| batch.row(row).event_id.unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let event_names = BTreeSet::from(["ListTasks".to_owned(), "RunTask".to_owned()]);
    let by_name = Selection { event_names, ..Selection::default() };
    assert_eq!(select(by_name.clone()), "e-2 e-3 e-4");
    assert_eq!(select(Selection { exclude_read_only: true, ..Selection::default() }), "e-1 e-4");
    assert_eq!(select(Selection { exclude_read_only: true, ..by_name }), "e-4");
}

#[test]
fn the_account_of_a_record_that_names_none() {
    let nameless = |id: &str, identity: &str| {
        record(id, identity).replace(r#","recipientAccountId":"111122223333""#, "")
    };
    let caller = r#","userIdentity":{"type":"Role","accountId":"444455556666"}"#;
    let text = [nameless("e-1", ""), nameless("e-2", caller), record("e-3", caller)].join("\n");
    let select = |name: &str, account: &str| {
        let accounts = BTreeSet::from([account.to_owned()]);
        let selection = Selection { accounts, ..Selection::default() };
        let (_, batch) = convert_as(selection, name, text.as_bytes(), false).unwrap();
        (0..batch.rows()).map(|row| batch.row(row).event_id.unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(select(KEY, "111122223333"), ["e-1", "e-2", "e-3"]);
    assert!(select(KEY, "444455556666").is_empty());
    assert_eq!(select("a.json", "111122223333"), ["e-3"]);
    assert_eq!(select("a.json", "444455556666"), ["e-2"]);
    let folder = "AWSLogs/444455556666/CloudTrail/us-east-1/2016/02/05/a.json";
    assert_eq!(select(folder, "444455556666"), ["e-1", "e-2"]);
}

#[test]
fn large_files_are_read_in_pieces() {
    let records: Vec<String> =
        (0..40_000).map(|n| record(&format!("e-{n}"), r#","x":"0123456789""#)).collect();
    let text = format!(r#"{{"Records":[{}]}}"#, records.join(","));
    let whole = convert_as(Selection::default(), KEY, text.as_bytes(), false).unwrap();
    let stream = convert_as(Selection::default(), KEY, text.as_bytes(), true).unwrap();
    assert_eq!(whole.0, stream.0);
    assert_eq!(whole.1.batch(), stream.1.batch());
    assert_eq!(whole.0.selected, 40_000);
}

proptest! {
    /// Whatever is cut out of a file or written over it: no panic, every record is accounted for
    /// (checked in `convert_as`), and records outside the damage are still there.
    #[test]
    fn damage_is_local(at in 12_usize..2000, length in 0_usize..80, garbage in proptest::collection::vec(any::<u8>(), 0..40)) {
        let records: Vec<String> = (0..9).map(|n| record(&format!("e-{n}"), "")).collect();
        let mut text = format!(r#"{{"Records":[{}]}}"#, records.join(",")).into_bytes();
        let at = at.min(text.len());
        let end = (at + length).min(text.len());
        let damage = garbage.len();
        text.splice(at..end, garbage);
        let Ok((tally, batch)) = convert_as(Selection::default(), KEY, &text, false) else { return Ok(()) };
        let one = records[0].len() + 1;
        let (first, last) = (at.saturating_sub(12) / one, (end.saturating_sub(12)) / one);
        // Damage may look like JSON that swallows a neighbour, never more than the two beside it.
        let untouched = (0..9).filter(|n| n + 1 < first || *n > last + 1);
        let ids: BTreeSet<&str> = (0..batch.rows()).filter_map(|row| batch.row(row).event_id).collect();
        let is_plain = damage == 0 || tally.rejected > 0;
        for n in untouched {
            prop_assert!(ids.contains(format!("e-{n}").as_str()) || !is_plain, "e-{n} of {ids:?}");
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(convert_as(Selection::default(), KEY, &bytes, false));
        let text = [br#"{"Records":["#.as_slice(), &bytes].concat();
        drop(convert_as(Selection::default(), KEY, &text, false));
        drop(convert_as(Selection::default(), KEY, &text, true));
    }
}
