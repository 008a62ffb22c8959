//! Arbitrary records as JSON text: unknown members, changed types, members that stand twice, huge
//! and fractional numbers, lone surrogates, NUL, depth and explicit nulls.

use proptest::{collection::vec, prelude::*, sample::select};

use super::COLUMNS;

/// Without it and without an `eventSource` an object is not taken for a record.
const VERSION: &str = "\"eventVersion\"";

/// Returns a record whose day is known from the key of its log file, if not from its time.
pub(super) fn record() -> impl Strategy<Value = String> {
    let known: Vec<_> = COLUMNS
        .iter()
        .filter(|column| column.rule.is_top_level())
        .map(|column| format!("\"{}\"", column.sources[0]))
        .collect();
    let name = prop_oneof![8 => select(known), 1 => text()];
    let value = prop_oneof![
        3 => usual_value(),
        3 => value(),
        1 => (1_usize..300).prop_map(|depth| "[".repeat(depth) + &"]".repeat(depth)),
        1 => (1_usize..300).prop_map(|depth| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth)),
    ];
    let white_space = select(vec!["", " ", "\n\t"]);
    (vec((name, value), 0..12), white_space).prop_map(|(mut members, space)| {
        if !members.iter().any(|(name, _)| name == VERSION) {
            members.push((VERSION.to_owned(), "\"1.11\"".to_owned()));
        }
        object(members, space)
    })
}

fn object(members: Vec<(String, String)>, space: &str) -> String {
    let members: Vec<_> = members
        .into_iter()
        .map(|(name, value)| format!("{space}{name}{space}:{space}{value}"))
        .collect();
    format!("{{{}{space}}}", members.join(","))
}

/// What members of records hold in life.
fn usual_value() -> impl Strategy<Value = String> {
    select(vec![
        r#""2026-04-27T02:18:03Z""#,
        r#""ecs.amazonaws.com""#,
        r#""UpdateService""#,
        r#""us-east-1""#,
        "true",
        "false",
        r#""true""#,
        "null",
        "{}",
        r#"{"cluster":"production","service":"checkout","desiredCount":4}"#,
        r#"{"service":{"deployments":[{"status":"PRIMARY","id":"ecs-svc/1"}],"status":{"statusCode":"ACTIVE"}}}"#,
        r#"{"containerDefinitions":[{"name":"a","command":["x"]},{"image":"b"},7]}"#,
        r#"{"tags":[{"key":"a","value":"b"},{"key":"a"},[],{"value":1}]}"#,
        r#"{"tasks":[{"containers":[{"name":"a"},{}]},{"containers":[{"exitCode":1}]}]}"#,
        r#"{"type":"AssumedRole","principalId":"AROA:x","sessionContext":{"sessionIssuer":{}}}"#,
    ])
    .prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        text(),
        select(vec![
            "null",
            "true",
            "false",
            "0",
            "-0",
            "1.0",
            "1E+5",
            "1e999",
            "-0.0e-7",
            "9007199254740993",
            "123456789012345678901234567890",
        ])
        .prop_map(str::to_owned),
    ];
    scalar.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(|elements| format!("[{}]", elements.join(","))),
            vec((text(), inner), 0..5).prop_map(|members| object(members, "")),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "b",
        "cluster",
        "é",
        "\u{202f}",
        "🤖",
        " ",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u0000",
        "\\u0041",
        "\\ud800",
        "\\udc00",
        "\\ud83e\\udd16",
        "~record",
        "~absent",
        "{",
        "]",
        ":",
    ]);
    vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}
