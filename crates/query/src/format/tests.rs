//! What holds for every format; what is particular stands below.

use std::sync::Arc;

use arrow::{
    array::RecordBatch,
    array::{
        ArrayRef, BooleanArray, Float64Array, Int64Array, ListBuilder, StringArray, StringBuilder,
        TimestampMicrosecondArray, TimestampMillisecondArray,
    },
    datatypes::Schema,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::*;
use crate::session::Rows;

mod binary;
mod delimited;
mod markdown;
mod streaming;
mod table;

const PLAIN: WriteOptions =
    WriteOptions { width: None, colour: false, raw: false, limit: None, count_to: 0 };

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )
    .unwrap()
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn rows(schema: Arc<Schema>, batches: Vec<RecordBatch>) -> Rows {
    let batches = futures::stream::iter(batches.into_iter().map(Ok));
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}

async fn written(
    format: Format,
    options: &WriteOptions,
    schema: Arc<Schema>,
    batches: Vec<RecordBatch>,
) -> Vec<u8> {
    let expected: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let mut out = Vec::new();
    let count = write_rows(rows(schema, batches), format, options, &mut out).await.unwrap();
    let expected = expected as u64;
    assert_eq!(count, RowCount { written: expected, found: expected, is_all: true });
    out
}

async fn one_with(format: Format, options: &WriteOptions, batch: RecordBatch) -> String {
    String::from_utf8(written(format, options, batch.schema(), vec![batch]).await).unwrap()
}

async fn one(format: Format, batch: RecordBatch) -> String {
    one_with(format, &PLAIN, batch).await
}

/// Every kind of value, in two rows; the second is NULL throughout.
fn kinds() -> RecordBatch {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.values().append_value("a");
    lists.values().append_null();
    lists.values().append_value("b\"c");
    lists.append(true);
    lists.append(false);
    let times = TimestampMillisecondArray::from(vec![Some(1_777_256_283_000), None]);
    batch(vec![
        ("at", Arc::new(times.with_timezone("UTC"))),
        ("name", Arc::new(StringArray::from(vec![Some("x,y"), None]))),
        ("count", Arc::new(Int64Array::from(vec![Some(-7), None]))),
        ("share", Arc::new(Float64Array::from(vec![Some(0.5), None]))),
        ("ok", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("list", Arc::new(lists.finish())),
    ])
}

#[tokio::test]
async fn every_kind_in_every_format() {
    assert_eq!(
        one(Format::Table, kinds()).await,
        "at                    name  count  share  ok    list\n\
         --------------------  ----  -----  -----  ----  --------\n\
         2026-04-27T02:18:03Z  x,y      -7    0.5  true  a, , b\"c\n\n"
    );
    assert_eq!(
        one(Format::Csv, kinds()).await,
        "at,name,count,share,ok,list\r\n\
         2026-04-27T02:18:03Z,\"x,y\",-7,0.5,true,\"[\"\"a\"\",null,\"\"b\\\"\"c\"\"]\"\r\n,,,,,\r\n"
    );
    assert_eq!(
        one(Format::Tsv, kinds()).await,
        "at\tname\tcount\tshare\tok\tlist\n\
         2026-04-27T02:18:03Z\tx,y\t-7\t0.5\ttrue\t[\"a\",null,\"b\\\\\"c\"]\n\t\t\t\t\t\n"
    );
    assert_eq!(
        one(Format::Markdown, kinds()).await,
        "| at | name | count | share | ok | list |\n\
         | --- | --- | ---: | ---: | --- | --- |\n\
         | 2026-04-27T02:18:03Z | x,y | -7 | 0.5 | true | a, , b\"c |\n\
         |  |  |  |  |  |  |\n"
    );
    let first = r#"{"at":"2026-04-27T02:18:03Z","name":"x,y","count":-7,"share":0.5,"ok":true,"list":["a",null,"b\"c"]}"#;
    let second = r#"{"at":null,"name":null,"count":null,"share":null,"ok":null,"list":null}"#;
    assert_eq!(one(Format::JsonLines, kinds()).await, format!("{first}\n{second}\n"));
    assert_eq!(one(Format::Json, kinds()).await, format!("[\n{first},\n{second}\n]\n"));
}

#[tokio::test]
async fn an_empty_answer_still_has_its_form() {
    let cases = [
        (Format::Table, "actor  calls\n-----  -----\n"),
        (Format::Csv, "actor,calls\r\n"),
        (Format::Tsv, "actor\tcalls\n"),
        (Format::Markdown, "| actor | calls |\n| --- | ---: |\n"),
        (Format::Json, "[]\n"),
        (Format::JsonLines, ""),
    ];
    for (format, expected) in cases {
        let empty = batch(vec![
            ("actor", texts(&[])),
            ("calls", Arc::new(Int64Array::from_iter_values([]))),
        ]);
        let nothing = written(format, &PLAIN, empty.schema(), vec![]).await;
        assert_eq!(String::from_utf8(nothing).unwrap(), expected, "{format}");
        assert_eq!(one(format, empty).await, expected, "{format}");
    }
}

#[tokio::test]
async fn batches_are_one_answer() {
    let part = |actor: &str| batch(vec![("actor", texts(&[actor]))]);
    let parts = vec![part("a"), part("bcdefg")];
    for (format, expected) in [
        (Format::Table, "actor\n------\na\nbcdefg\n"),
        (Format::Csv, "actor\r\na\r\nbcdefg\r\n"),
        (Format::Tsv, "actor\na\nbcdefg\n"),
        (Format::Json, "[\n{\"actor\":\"a\"},\n{\"actor\":\"bcdefg\"}\n]\n"),
        (Format::JsonLines, "{\"actor\":\"a\"}\n{\"actor\":\"bcdefg\"}\n"),
        (Format::Markdown, "| actor |\n| --- |\n| a |\n| bcdefg |\n"),
    ] {
        let all = written(format, &PLAIN, parts[0].schema(), parts.clone()).await;
        assert_eq!(String::from_utf8(all).unwrap(), expected, "{format}");
    }
}

#[tokio::test]
async fn a_limit_keeps_the_first_rows_and_the_count_goes_on() {
    let part =
        |first: i64| batch(vec![("n", Arc::new(Int64Array::from_iter_values(first..first + 10)))]);
    let parts = vec![part(0), part(10), part(20)];
    let count = |written, found, is_all| RowCount { written, found, is_all };
    for (limit, count_to, expected) in [
        (None, 0, count(30, 30, true)),
        (Some(40), 0, count(30, 30, true)),
        (Some(30), 0, count(30, 30, true)),
        (Some(29), 0, count(29, 30, true)),
        (Some(25), 0, count(25, 30, true)),
        (Some(3), 0, count(3, 10, false)),
        (Some(10), 0, count(10, 20, false)),
        (Some(3), 10, count(3, 10, false)),
        (Some(3), 11, count(3, 20, false)),
        (Some(3), 30, count(3, 30, true)),
        (Some(3), 31, count(3, 30, true)),
    ] {
        for format in Format::ALL {
            let options = WriteOptions { limit, count_to, ..PLAIN };
            let mut out = Vec::new();
            let all = rows(parts[0].schema(), parts.clone());
            let found = write_rows(all, format, &options, &mut out).await.unwrap();
            assert_eq!(found, expected, "{format} {limit:?} {count_to}");
            if format == Format::Csv {
                let lines = String::from_utf8(out).unwrap().lines().count() as u64;
                assert_eq!(lines, 1 + expected.written);
            }
        }
    }
}

/// `CloudTrail`'s times are whole seconds, whatever the column counts in.
#[tokio::test]
async fn instants_look_alike_in_every_unit() {
    let seconds = 1_777_256_283;
    let milliseconds = TimestampMillisecondArray::from(vec![seconds * 1000, seconds * 1000 + 250]);
    let microseconds =
        TimestampMicrosecondArray::from(vec![seconds * 1_000_000, seconds * 1_000_000 + 250_000]);
    let whole = "2026-04-27T02:18:03Z";
    for format in [Format::Table, Format::Csv, Format::Tsv, Format::Json, Format::JsonLines] {
        let milliseconds =
            one(format, batch(vec![("at", Arc::new(milliseconds.clone().with_timezone("UTC")))]));
        let microseconds =
            one(format, batch(vec![("at", Arc::new(microseconds.clone().with_timezone("UTC")))]));
        let (milliseconds, microseconds) = (milliseconds.await, microseconds.await);
        assert!(microseconds.contains(whole), "{microseconds}");
        assert!(microseconds.contains("2026-04-27T02:18:03.250"), "{microseconds}");
        assert_eq!(milliseconds, microseconds, "{format}");
    }
}

#[test]
fn names_and_formats_are_inverse() {
    for format in Format::ALL {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    assert!("xml".parse::<Format>().unwrap_err().to_string().contains("jsonl"));
}

#[test]
fn a_file_tells_its_format() {
    for (file, expected) in [
        ("rows.csv", Some(Format::Csv)),
        ("below/ROWS.CSV", Some(Format::Csv)),
        ("rows.tsv", Some(Format::Tsv)),
        ("rows.txt", Some(Format::Table)),
        ("rows.json", Some(Format::Json)),
        ("rows.jsonl", Some(Format::JsonLines)),
        ("rows.ndjson", Some(Format::JsonLines)),
        ("rows.md", Some(Format::Markdown)),
        ("rows.markdown", Some(Format::Markdown)),
        ("rows.parquet", Some(Format::Parquet)),
        ("rows.2026.arrow", Some(Format::Arrow)),
        ("rows.feather", Some(Format::Arrow)),
        ("rows.csv.gz", None),
        ("rows", None),
        (".csv", None),
        ("/dev/stdout", None),
    ] {
        assert_eq!(Format::of_file(Path::new(file)), expected, "{file}");
    }
}
