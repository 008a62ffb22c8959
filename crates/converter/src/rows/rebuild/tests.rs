//! What was converted is rebuilt, token by token.

use std::{fs, io::Read, path::Path, sync::Arc};

use flate2::read::MultiGzDecoder;
use proptest::prelude::*;

use super::*;
use crate::{
    columns::column_index,
    convert::Converter,
    rows::{Flattener, Provenance},
    trail::{EventSources, LogBytes, LogFile, ObjectKind, Selection},
};

mod arbitrary;
mod spelled;
mod tokens;

/// Converts one log file of whatever records into rows.
fn rows_of(name: &str, bytes: Vec<u8>) -> RecordBatch {
    let selection = Selection { event_sources: EventSources::All, ..Selection::default() };
    rows_as(selection, name, bytes)
}

fn rows_as(selection: Selection, name: &str, bytes: Vec<u8>) -> RecordBatch {
    let mut converter = Converter::new(Arc::new(selection), crate::limits::Limits::default());
    let meta = object_store::ObjectMeta {
        location: "a.json".into(),
        last_modified: DateTime::default(),
        size: bytes.len() as u64,
        e_tag: None,
        version: None,
    };
    let file = LogFile::new(meta, &"file:///".into(), name.to_owned());
    let bytes = LogBytes::Whole(bytes.into());
    if converter.convert(&file, 0, &bytes, &mut |_| unreachable!()).is_err() {
        return Flattener::new().finish().unwrap();
    }
    let selected = converter.take();
    let mut flattener = Flattener::new();
    for row in 0..selected.rows() {
        flattener.push(&selected.row(row), Provenance { source_file: name });
    }
    flattener.finish().unwrap()
}

const KEY: &str = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/27/\
    111122223333_CloudTrail_us-east-1_20260427T0225Z_aaaaaaaaaaaaaaaa.json.gz";

fn rebuilt(rows: &RecordBatch) -> Vec<String> {
    let mut records = Vec::new();
    Rebuilder::new().records(rows, |_, text| records.push(text.to_owned())).unwrap();
    records
}

fn unmapped(rows: &RecordBatch) -> StringArray {
    rows.column(column_index("unmapped").unwrap()).as_string().clone()
}

/// Converts the records and checks that they come back; returns what `unmapped` held.
#[track_caller]
fn check(records: &[String]) -> Vec<Option<String>> {
    let rows = rows_of(KEY, format!("{{\"Records\":[{}]}}", records.join(",\n ")).into_bytes());
    assert_eq!(rows.num_rows(), records.len());
    for (record, rebuilt) in records.iter().zip(rebuilt(&rows)) {
        assert_eq!(tokens::parse(&rebuilt), tokens::parse(record), "{record}\n{rebuilt}");
    }
    unmapped(&rows).iter().map(|text| text.map(str::to_owned)).collect()
}

fn with(members: &str) -> String {
    format!(
        r#"{{"eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"UpdateService","requestParameters":null,"responseElements":null,{members}}}"#
    )
}

#[test]
fn cases_from_real_trails() {
    for (members, held) in [
        (r#""readOnly":true"#, None),
        (r#""readOnly":"true""#, Some(r#"{"readOnly":"true"}"#)),
        (r#""sessionCredentialFromConsole":"true""#, None),
        (
            r#""sessionCredentialFromConsole":true"#,
            Some(r#"{"sessionCredentialFromConsole":true}"#),
        ),
        (r#""userIdentity":{"accessKeyId":"","sessionContext":{"sessionIssuer":{}}}"#, None),
        (r#""userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":true}}}"#, None),
        (
            r#""sourceIPAddress":{"ip":"192.0.2.1"}"#,
            Some(r#"{"sourceIPAddress":{"ip":"192.0.2.1"}}"#),
        ),
        (r#""errorMessage":null"#, Some(r#"{"errorMessage":null}"#)),
        (r#""errorMessage":"a\ud800b""#, Some(r#"{"errorMessage":"a\ud800b"}"#)),
        (r#""errorMessage":"a\u0000b\/\u00e9\u202f""#, None),
        (r#""additionalEventData":{"bytesTransferredOut":0.0,"x":1e999}"#, None),
        (r#""additionalEventData":{"a":1,"a":2,"\u0061":3}"#, None),
        (r#""additionalEventData":null"#, Some(r#"{"additionalEventData":null}"#)),
        (r#""newMember":{"of":["tomorrow",1]}"#, Some(r#"{"newMember":{"of":["tomorrow",1]}}"#)),
    ] {
        assert_eq!(check(&[with(members)]), [held.map(str::to_owned)], "{members}");
    }
}

#[test]
fn what_is_absent_is_not_null() {
    let record = r#"{"eventVersion":"1.08","responseElements":""}"#;
    let held = r#"{"~absent":["requestParameters"]}"#;
    assert_eq!(check(&[record.to_owned()]), [Some(held.to_owned())]);
    let record = r#"{"eventVersion":"1.08","eventTime2":1}"#;
    let held = r#"{"eventTime2":1,"~absent":["requestParameters","responseElements"]}"#;
    assert_eq!(check(&[record.to_owned()]), [Some(held.to_owned())]);
}

#[test]
fn unusual_times_keep_their_spelling() {
    for time in [
        r#""2026-04-27T02:18:03.250Z""#,
        r#""2026-04-27 02:18:03""#,
        r#""20260427T021803Z""#,
        r#""2016-12-31T23:59:60Z""#,
        r#""1969-01-01T00:00:00Z""#,
        r#""yesterday""#,
        "1777256283",
        "null",
    ] {
        let record = format!(r#"{{"eventTime":{time},"eventVersion":"1.08"}}"#);
        let held = &check(&[record])[0];
        assert!(held.as_ref().is_some_and(|text| text.contains(time)), "{time}: {held:?}");
    }
}

#[test]
fn what_columns_cannot_carry_is_kept_whole() {
    for members in [
        r#""eventName":"DeleteService""#,
        r#""novel":1,"novel":2"#,
        r#""event\u0049D":"e""#,
        r#""~absent":["requestParameters"]"#,
        r#""~record":"{}""#,
    ] {
        let held = &check(&[with(members)])[0];
        assert!(held.as_ref().is_some_and(|text| text.starts_with("{\"~record\":")), "{held:?}");
    }
}

#[test]
fn a_row_that_was_altered_is_no_record() {
    let rows = rows_of(KEY, with(r#""eventID":"e1""#).into_bytes());
    let mut columns = rows.columns().to_vec();
    let event_id = column_index("event_id").unwrap();
    columns[event_id] = Arc::new(StringArray::from(vec!["e2"])) as ArrayRef;
    let altered = RecordBatch::try_new(rows.schema(), columns).unwrap();
    let error = Rebuilder::new().records(&altered, |_, _| panic!("no record")).unwrap_err();
    let expected = format!(
        "cannot rebuild record 0 of {KEY}: its columns give a record with another record_hash; \
         convert the log file again"
    );
    assert_eq!(error.to_string(), expected);

    let narrow = rows.project(&[event_id]).unwrap();
    let error = Rebuilder::new().records(&narrow, |_, _| panic!("no record")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the rows lack the column event_time, or it has another type: give rows of a dataset"
    );
}

/// Every file below a folder, by its path.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push((path.to_string_lossy().into_owned(), fs::read(path).unwrap()));
        }
    }
    files
}

#[test]
fn every_record_of_the_samples() {
    let trail = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data-samples/trail");
    let (mut compared, mut counted, mut whole) = (0, 0, 0);
    for (name, bytes) in files(&trail) {
        let below = name.rsplit_once("/trail/").map_or(name.as_str(), |(_, below)| below);
        if ObjectKind::of(below) != ObjectKind::LogFile {
            continue;
        }
        let rows = rows_of(&name, bytes.clone());
        let mut text = String::new();
        if bytes.starts_with(b"\x1f\x8b") {
            if MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text).is_err() {
                assert!(name.contains("CutOff") && rows.num_rows() == 0, "{name}");
                continue;
            }
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        let records = rebuilt(&rows);
        counted += records.len();
        whole += unmapped(&rows).iter().flatten().filter(|text| text.contains("~record")).count();
        if name.contains("broken-record") {
            // One record of it is broken, so that the whole has no tree.
            assert_eq!(records.len(), 2);
            continue;
        }
        let originals: Vec<_> = if name.contains("one-record-a-line") {
            text.lines().map(tokens::parse).collect()
        } else {
            tokens::records(&text)
        };
        let originals = originals.iter().filter(|tree| matches!(tree, tokens::Tree::Object(_)));
        let rebuilt: Vec<_> = records.iter().map(|record| tokens::parse(record)).collect();
        assert!(originals.eq(&rebuilt), "{name}");
        compared += rebuilt.len();
    }
    println!("{compared} of {counted} records of the samples compared, {whole} were kept whole");
    assert_eq!(compared + 2, counted);
    assert!(counted > 800);
    assert!(whole * 200 < counted, "the escape hatch is for under 0.5 %");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_records(records in prop::collection::vec(arbitrary::record(), 1..8)) {
        check(&records);
    }
}
