//! What is rejected of damaged and hostile files, what is kept of them, and what only looks alike.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    containers::{archive, contain, quoted, rows},
    *,
};
use crate::records::Suspicion;

#[test]
fn of_a_damaged_stream_nothing_counts_unless_it_is_salvaged() {
    let records: Vec<String> = (0..400).map(|n| record(&format!("e-{n}"), "")).collect();
    let text = contain(&records, "records");
    let mut wrong = gzip(&text);
    let checksum = wrong.len() - 6;
    wrong[checksum] ^= 1;
    let cut = gzip(&text)[..gzip(&text).len() / 2].to_vec();
    let zstandard = zstd::encode_all(&text[..], 3).unwrap();
    for (bytes, at_least) in
        [(wrong, 300), (cut, 100), (zstandard[..zstandard.len() - 2].to_vec(), 0)]
    {
        assert!(matches!(
            convert_as(Selection::default(), KEY, &bytes, false),
            Err(Error::Damaged { .. })
        ));
        let limits = Limits { salvage: true, ..Limits::default() };
        let (tally, batch) = convert_within(limits, &bytes).unwrap();
        assert!(tally.selected >= at_least, "{tally:?}");
        assert!(tally.suspicions.contains(&Suspicion::Salvaged));
        assert_eq!(tally.records, tally.selected + tally.rejected);
        let expected: Vec<&str> = records.iter().take(batch.rows()).map(String::as_str).collect();
        assert_eq!(rows(&batch).iter().map(|row| row.5.as_str()).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn bytes_behind_a_stream_are_told() {
    let bytes = [gzip(record("e-1", "").as_bytes()), b"forged".to_vec()].concat();
    let (tally, _) = convert_as(Selection::default(), KEY, &bytes, false).unwrap();
    assert_eq!((tally.selected, tally.suspicions), (1, [Suspicion::TrailingBytes].into()));
}

#[test]
fn records_of_days_far_from_the_delivery_are_told() {
    // The log file was delivered on 2026-04-27.
    for (day, is_distant) in [
        ("2026-04-27", false),
        ("2026-03-28", false),
        ("2026-03-27", true),
        ("2026-04-29", false),
        ("2026-04-30", true),
        ("2006-01-01", true),
        ("2099-12-31", true),
    ] {
        let odd = record("e-2", "").replace("2026-04-27T", &format!("{day}T"));
        let plain = format!("[{},{odd}]", record("e-1", "")).into_bytes();
        let wrapped = format!(r#"{{"detail":{odd}}}"#).into_bytes();
        let in_archive = archive(&[(KEY, plain.clone())]);
        for (name, bytes, is_told) in [
            (KEY, plain.clone(), is_distant),
            (KEY, gzip(&plain), is_distant),
            ("a.zip", in_archive, is_distant),
            ("export.json", plain, false),
            (KEY, wrapped, false),
        ] {
            let (tally, _) = convert_as(Selection::default(), name, &bytes, false).unwrap();
            assert_eq!(tally.suspicions.contains(&Suspicion::DistantDays), is_told, "{day} {name}");
            assert_eq!((tally.rejected, tally.selected), (0, tally.records));
        }
    }
}

#[test]
fn a_bad_file_of_an_archive_costs_no_other() {
    let good = |id: &str| record(id, "").into_bytes();
    let mut broken = gzip(&good("e-2"));
    broken.truncate(40);
    let digest = br#"{"awsAccountId":"1","digestStartTime":"x","logFiles":[]}"#.to_vec();
    let undated = record("e-4", "").replace("2026-04-27T", "soon");
    let bytes = archive(&[
        ("a/e-1.json", good("e-1")),
        ("b/e-2.json.gz", broken),
        ("picture.png", b"\x89PNG".to_vec()),
        ("binary.json", vec![0, 1, 0xfe]),
        ("inner.zip", archive(&[("x.json", good("e-9"))])),
        ("digest.json", digest),
        ("empty.json", Vec::new()),
        (KEY, undated.into_bytes()),
        ("c/e-3.json", good("e-3")),
    ]);
    for stream in [false, true] {
        let (tally, batch) = convert_as(Selection::default(), "all.zip", &bytes, stream).unwrap();
        let ids: Vec<_> = rows(&batch).into_iter().filter_map(|row| row.3).collect();
        assert_eq!(ids, ["e-1", "e-4", "e-3"]);
        assert_eq!(batch.row(1).day, 20_570);
        let look_alikes = [(LookAlike::Digest, 1), (LookAlike::OtherFile, 1)];
        assert_eq!(tally.look_alikes, look_alikes.into());
        let rejected: Vec<_> = tally.rejects.iter().map(ToString::to_string).collect();
        assert_eq!(tally.rejected_by_reason, [(RejectReason::DamagedMember, 4)].into());
        assert!(rejected[0].contains("b/e-2.json.gz: damaged gzip"), "{rejected:?}");
        assert!(rejected[1].contains("binary.json: it contains binary data"), "{rejected:?}");
        assert!(rejected[2].contains("inner.zip: it contains an archive"), "{rejected:?}");
        assert!(rejected[3].contains("empty.json: it is empty"), "{rejected:?}");
    }
    let mut flipped = bytes.clone();
    let position = memchr::memmem::find(&flipped, br#""eventID":"e-3""#).unwrap_or(60);
    flipped[position + 12] ^= 1;
    let (tally, _) = convert_as(Selection::default(), "all.zip", &flipped, false).unwrap();
    assert_eq!(tally.selected + tally.rejected, 7);
    assert!(matches!(
        convert_as(Selection::default(), "all.zip", &bytes[..bytes.len() / 2], false),
        Err(Error::Damaged { container: "zip", .. })
    ));
}

#[test]
fn rows_of_a_table_that_hold_no_record() {
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let good = |id| cell(&record(id, ""));
    let text = format!(
        "eventID,EVENTJSON\n1,{}\n2,\n3\n4,{}\n5,{}\n6,\"{{",
        good("e-1"),
        cell(r#"{"eventVersion":"#),
        good("e-2")
    );
    let (tally, batch) = convert("result_1.csv", &text);
    assert_eq!(batch.rows(), 2);
    let at = i64::try_from(text.find("\n5,").unwrap()).unwrap() + 1;
    assert_eq!(batch.row(1).byte_offset, at);
    let by_reason = [
        (RejectReason::CutOff, 2),
        (RejectReason::NotAnObject, 1),
        (RejectReason::NotCloudTrail, 1),
    ];
    assert_eq!(tally.rejected_by_reason, by_reason.into());
    let endless = format!("eventJson\n{}\n\"{}", good("e-1"), "x".repeat(2 << 20));
    let limits = Limits { record_bytes: 1 << 20, ..Limits::default() };
    let (tally, batch) = convert_within(limits, endless.as_bytes()).unwrap();
    assert_eq!((batch.rows(), tally.rejects[0].reason), (1, RejectReason::TooLarge));
}

#[test]
fn what_a_file_is_that_only_looks_alike() {
    for (text, look_alike) in [
        (
            r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","s3":{}}]}"#,
            LookAlike::Notification,
        ),
        (
            r#"{"Type":"Notification","TopicArn":"t","Message":"{\"s3Bucket\":\"b\"}"}"#,
            LookAlike::Notification,
        ),
        (r#"{"awsAccountId":"1","digestStartTime":"x","logFiles":[]}"#, LookAlike::Digest),
        (
            r#"{"version":"0","detail-type":"ECS Task State Change","source":"aws.ecs","detail":{"a":1}}"#,
            LookAlike::EventBridgeEvent,
        ),
        (r#"{"class_uid":6003,"metadata":{},"api":{}}"#, LookAlike::Ocsf),
        (
            r#"[{"eventId":"1","eventVersion":1,"eventSource":"ecs.aliyuncs.com"}]"#,
            LookAlike::ActionTrail,
        ),
        (
            r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","message":"CWL CONTROL MESSAGE: Checking"}]}"#,
            LookAlike::ControlMessage,
        ),
        ("Event ID,Event time,User name,Event name\n1,2,3,4\n", LookAlike::EventHistoryCsv),
        (
            r#"{"Messages":[{"Body":"{\"Type\":\"Notification\",\"TopicArn\":\"t\",\"Message\":\"CloudTrail validation message.\"}"}]}"#,
            LookAlike::Notification,
        ),
        (
            r#"{"events":[{"timestamp":1,"message":"{\"detail-type\":\"x\",\"source\":\"aws.ecs\",\"detail\":{}}"}]}"#,
            LookAlike::EventBridgeEvent,
        ),
        (
            r#"{"Records":[{"body":"[{\"detail-type\":\"x\",\"source\":\"aws.ecs\",\"detail\":{}}]"}]}"#,
            LookAlike::EventBridgeEvent,
        ),
        (r#"{"@message":{"class_uid":6003,"metadata":{}},"@timestamp":"x"}"#, LookAlike::Ocsf),
    ] {
        let (tally, _) = convert("a.json", text);
        assert_eq!(tally.is_look_alike(), Some(look_alike), "{text}");
        assert_eq!((tally.records, tally.filtered), (1, 1));
    }
    let (tally, _) = convert("a.json", r#"{"name":"some-package","version":"1.0.0"}"#);
    assert_eq!(tally.rejected_by_reason, [(RejectReason::NotCloudTrail, 1)].into());
    assert_eq!(convert("a.json", r#"{"Records":[]}"#).0.is_look_alike(), None);
}

#[test]
fn what_cannot_be_read_for_sure_has_a_true_reason() {
    let text = record("e-1", "");
    let quoted = quoted(&text);
    for (text, reason) in [
        (format!(r#"{{"raw":{quoted},"parsed":{text}}}"#), None),
        (format!(r#"{{"before":{text},"after":{text}}}"#), Some(RejectReason::Ambiguous)),
        (format!(r#"{{"a":{quoted},"b":{quoted}}}"#), Some(RejectReason::Ambiguous)),
        (r#"{"data":"hello"}"#.to_owned(), Some(RejectReason::NotCloudTrail)),
        (r#"{"awslogs":{"data":"hello"}}"#.to_owned(), Some(RejectReason::NotBase64)),
        (
            r#"{"filterPattern":"{ ($.eventSource = ecs.*) && ($.eventName = X) }"}"#.to_owned(),
            Some(RejectReason::NotCloudTrail),
        ),
        (r#"{"message":"START RequestId"}"#.to_owned(), Some(RejectReason::NotCloudTrail)),
        (r#"{"body":{"kvlistValue":{"values":[]}}}"#.to_owned(), Some(RejectReason::NotCloudTrail)),
        (format!(r#"{{"Body":"[INFO] Received: {}}}"#, &quoted[1..]), None),
        (format!(r#"{{"message":[{text}]}}"#), None),
    ] {
        let (tally, _) = convert("a.json", &text);
        let expected: Vec<_> = reason.into_iter().map(|reason| (reason, 1)).collect();
        assert_eq!(tally.rejected_by_reason.into_iter().collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn an_answer_without_whole_records_is_no_empty_one() {
    for text in [
        r#"{"results":[[{"field":"eventName","value":"RunTask"},{"field":"n","value":"7"}]]}"#,
        r#"{"QueryResultRows":[[{"eventName":"RunTask"},{"n":"7"}]]}"#,
    ] {
        for stream in [false, true] {
            let error = convert_as(Selection::default(), "a.json", text.as_bytes(), stream);
            assert!(matches!(error, Err(Error::NoWholeRecords { .. })), "{text}");
        }
    }
    assert_eq!(convert("a.json", r#"{"results":[],"status":"Complete"}"#).0.records, 0);
}

#[test]
fn archives_that_are_not_read_are_named() {
    let mut tar = vec![0_u8; 1024];
    tar[..6].copy_from_slice(b"a.json");
    tar[148..156].fill(b' ');
    let sum: u32 = tar[..512].iter().copied().map(u32::from).sum();
    tar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    for (bytes, found) in [
        (tar.clone(), "a tar archive (unpack it)"),
        (gzip(&tar), "a tar archive (unpack it)"),
        (b"BZh91AY&SY".to_vec(), "bzip2 (unpack it)"),
        (b"\xfd7zXZ\0\0".to_vec(), "xz (unpack it)"),
    ] {
        for stream in [false, true] {
            let error = convert_as(Selection::default(), "a.tar", &bytes, stream).unwrap_err();
            assert!(error.to_string().contains(found), "{error}");
        }
    }
}

#[test]
fn limits_cost_a_record_and_keep_the_rest() {
    let limits = Limits { record_bytes: 1 << 20, depth: 40, ..Limits::default() };
    let large = record("e-2", &format!(r#","x":"{}""#, ",{".repeat(1 << 20)));
    let deep = record("e-3", &format!(r#","x":{}{}"#, "[".repeat(300_000), "]".repeat(300_000)));
    let just = record("e-4", &format!(r#","x":{}{}"#, "[".repeat(39), "]".repeat(39)));
    let wrapped = format!(r#"{{"message":{}}}"#, quoted(&deep));
    let records = [record("e-1", ""), large, deep, just, wrapped, record("e-5", "")];
    for text in [records.join("\n"), format!(r#"{{"Records":[{}]}}"#, records.join(","))] {
        for bytes in [text.clone().into_bytes(), gzip(text.as_bytes())] {
            let (tally, batch) = convert_within(limits, &bytes).unwrap();
            let ids: Vec<_> = rows(&batch).into_iter().filter_map(|row| row.3).collect();
            assert_eq!(ids, ["e-1", "e-4", "e-5"]);
            let by_reason = [(RejectReason::TooLarge, 1), (RejectReason::TooDeep, 2)];
            assert_eq!(tally.rejected_by_reason, by_reason.into());
        }
    }
    let matryoshka =
        (0..9).fold(record("e-1", ""), |inner, _| format!(r#"{{"message":{}}}"#, quoted(&inner)));
    let (tally, _) = convert("a.json", &matryoshka);
    assert_eq!(tally.rejected_by_reason, [(RejectReason::TooWrapped, 1)].into());
    let bomb = STANDARD.encode(gzip(&vec![b' '; 4 << 20]));
    let (tally, _) =
        convert_within(limits, format!(r#"{{"awslogs":{{"data":"{bomb}"}}}}"#).as_bytes()).unwrap();
    assert_eq!(tally.rejected_by_reason, [(RejectReason::TooLarge, 1)].into());
}

#[test]
fn the_bytes_of_what_was_rejected() {
    let good = record("e-1", "");
    let broken = record("e-2", r#","x":tru"#);
    let undated = record("e-3", "").replace("2026-04-27T", "soon");
    let cut = &good[..60];
    let missing_brace = r#"{"eventVersion":"1.08","requestParameters":{"a":1,"eventTime":"x"}"#;
    let text = format!("[{good},{broken},\"oops\", {undated},{missing_brace},{good},{cut}");
    let (tally, _) = convert_as(Selection::default(), "a.json", text.as_bytes(), false).unwrap();
    let (streamed, _) = convert_as(Selection::default(), "a.json", text.as_bytes(), true).unwrap();
    assert_eq!(tally.rejects, streamed.rejects);
    let copied: Vec<_> = tally
        .rejects
        .iter()
        .map(|reject| {
            let copy = reject.record.clone().unwrap();
            assert_eq!(
                &text.as_bytes()[usize::try_from(reject.byte_offset).unwrap()..][..copy.len()],
                copy
            );
            String::from_utf8(copy).unwrap()
        })
        .collect();
    assert_eq!(
        copied,
        [broken, "\"oops\"".to_owned(), undated, format!("{missing_brace},"), cut.to_owned()]
    );
    let large = format!("[{}{good}]", format!("{},", "1".repeat(600_000)).repeat(20));
    let (tally, _) = convert_as(Selection::default(), "a.json", large.as_bytes(), false).unwrap();
    let copied: usize =
        tally.rejects.iter().filter_map(|reject| reject.record.as_ref()).map(Vec::len).sum();
    assert!(tally.rejected == 20 && copied <= 8 << 20 && copied > 7 << 20, "{copied}");
}
