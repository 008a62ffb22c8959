use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanArray, Float64Array, Int64Array, ListBuilder, StringArray, StringBuilder,
        TimestampMillisecondArray,
    },
    datatypes::Schema,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::*;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )
    .unwrap()
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

async fn written(format: Format, schema: Arc<Schema>, batches: Vec<RecordBatch>) -> String {
    let expected: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let batches = futures::stream::iter(batches.into_iter().map(Ok));
    let rows: Rows = Box::pin(RecordBatchStreamAdapter::new(schema, batches));
    let mut out = Vec::new();
    assert_eq!(write_rows(rows, format, &mut out).await.unwrap(), expected as u64);
    String::from_utf8(out).unwrap()
}

async fn one(format: Format, batch: RecordBatch) -> String {
    written(format, batch.schema(), vec![batch]).await
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
        (Format::Json, "[]\n"),
        (Format::JsonLines, ""),
    ];
    for (format, expected) in cases {
        let empty = batch(vec![
            ("actor", texts(&[])),
            ("calls", Arc::new(Int64Array::from_iter_values([]))),
        ]);
        assert_eq!(written(format, empty.schema(), vec![]).await, expected, "{format}");
        assert_eq!(one(format, empty).await, expected, "{format}");
    }
}

#[tokio::test]
async fn batches_are_one_answer() {
    let part = |actor: &str| batch(vec![("actor", texts(&[actor]))]);
    let parts = vec![part("a"), part("bcdefg")];
    let all = |format| written(format, parts[0].schema(), parts.clone());
    assert_eq!(all(Format::Table).await, "actor\n------\na\nbcdefg\n");
    assert_eq!(all(Format::Csv).await, "actor\r\na\r\nbcdefg\r\n");
    assert_eq!(all(Format::Json).await, "[\n{\"actor\":\"a\"},\n{\"actor\":\"bcdefg\"}\n]\n");
    assert_eq!(all(Format::JsonLines).await, "{\"actor\":\"a\"}\n{\"actor\":\"bcdefg\"}\n");
}

#[tokio::test]
async fn later_rows_keep_the_widths() {
    let short = batch(vec![("a", texts(&["x"; 1000])), ("b", texts(&["y"; 1000]))]);
    let long = batch(vec![("a", texts(&["longer"])), ("b", texts(&["z"]))]);
    let text = written(Format::Table, short.schema(), vec![short, long]).await;
    assert!(text.starts_with("a  b\n-  -\nx  y\n"));
    assert!(text.ends_with("\nlonger  z\n"));
}

#[tokio::test]
async fn a_table_shows_what_a_terminal_would_act_on() {
    let cases = [
        ("\u{1b}[31mred", "\\u{1b}[31mred"),
        ("a\nb\r\tc", "a\\u{a}b\\u{d}\\u{9}c"),
        ("\u{9b}2J", "\\u{9b}2J"),
        ("abc\u{202e}fdp.exe", "abc\\u{202e}fdp.exe"),
        ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
        ("\u{2066}isolated\u{2069}", "\\u{2066}isolated\\u{2069}"),
        ("naïve ✓ 日本", "naïve ✓ 日本"),
    ];
    for (value, expected) in cases {
        let text = one(Format::Table, batch(vec![("v", texts(&[value]))])).await;
        assert_eq!(text.lines().nth(2), Some(expected));
    }
    let wide = "w".repeat(100);
    let two = batch(vec![("v", texts(&[&wide])), ("next", texts(&["x"]))]);
    let text = one(Format::Table, two).await;
    assert_eq!(text.lines().nth(2), Some(format!("{}…  x", "w".repeat(59)).as_str()));
    let text = one(Format::Table, batch(vec![("v", texts(&[&wide]))])).await;
    assert_eq!(text.lines().nth(2), Some(wide.as_str()));
    let text = one(Format::Csv, batch(vec![("v", texts(&[&wide]))])).await;
    assert_eq!(text, format!("v\r\n{wide}\r\n"));
}

#[tokio::test]
async fn no_text_in_csv_is_a_formula() {
    let cases = [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "\"'\rx\""),
        ("a\0b", "a\\u{0}b"),
        ("a=b", "a=b"),
        ("two\nlines", "\"two\nlines\""),
    ];
    for (value, expected) in cases {
        let text = one(Format::Csv, batch(vec![("v", texts(&[value]))])).await;
        assert_eq!(text, format!("v\r\n{expected}\r\n"));
    }
}

#[test]
fn names_and_formats_are_inverse() {
    for format in Format::ALL {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    assert!("xml".parse::<Format>().unwrap_err().to_string().contains("jsonl"));
}
