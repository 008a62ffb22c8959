//! A member's name is the same however it is spelled.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;

/// Spells letters and digits of the names in a text as escapes, where `bits` say so.
fn with_escaped_names(text: &str, bits: &[u8]) -> String {
    let mut bits = bits.iter().cycle();
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        let Some(end) = text[at..].starts_with('"').then(|| string_end(text, at)) else {
            let next = text[at..].chars().next().unwrap();
            out.push(next);
            at += next.len_utf8();
            continue;
        };
        let token = &text[at..end];
        let is_name = text[end..].trim_start().starts_with(':') && !token.contains('\\');
        for character in token.chars() {
            match bits.next() {
                Some(0) if is_name && character.is_ascii_alphanumeric() => {
                    write!(out, "\\u{:04x}", u32::from(character)).unwrap();
                }
                Some(1) if is_name && character.is_ascii_alphanumeric() => {
                    write!(out, "\\u{:04X}", u32::from(character)).unwrap();
                }
                _ => out.push(character),
            }
        }
        at = end;
    }
    out
}

fn string_end(text: &str, at: usize) -> usize {
    crate::records::json::string_end(text.as_bytes(), at + 1).unwrap()
}

/// Returns whether a record may be deeper than names are unescaped in its canonical text.
fn is_deep(record: &str) -> bool {
    record.matches(['{', '[']).count() > 60
}

/// Checks that a record gives the same columns as the plainly spelled one, and is rebuilt.
#[track_caller]
fn check_same(plain: &str, spelled: &str) {
    let of = |record: &str| rows_of(KEY, format!("{{\"Records\":[{record}]}}").into_bytes());
    let (expected, found) = (of(plain), of(spelled));
    assert_eq!(found.num_rows(), expected.num_rows(), "{spelled}");
    for (number, column) in COLUMNS.iter().enumerate() {
        let (expected, found) = (expected.column(number), found.column(number));
        if column.kind == Kind::Json || column.rule == Rule::Unmapped {
            if column.rule == Rule::Unmapped {
                continue;
            }
            let trees = |values: &ArrayRef| -> Vec<_> {
                values.as_string::<i32>().iter().map(|text| text.map(tokens::parse)).collect()
            };
            assert_eq!(trees(found), trees(expected), "{}: {spelled}", column.name);
        } else if column.rule != Rule::RecordHash || !is_deep(plain) {
            assert_eq!(found, expected, "{}: {spelled}", column.name);
        }
    }
    for (record, rebuilt) in [spelled].iter().zip(rebuilt(&found)) {
        assert_eq!(tokens::parse(&rebuilt), tokens::parse(record));
    }
}

const RECORD: &str = r#"{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"RegisterTaskDefinition","awsRegion":"us-east-1","eventID":"e-1","readOnly":false,"recipientAccountId":"111122223333","userIdentity":{"type":"AssumedRole","accountId":"111122223333","sessionContext":{"sessionIssuer":{"userName":"deployer"}}},"requestParameters":{"cluster":"production","family":"shop","tags":[{"key":"team","value":"shop"}],"containerDefinitions":[{"name":"web","image":"nginx","privileged":true,"environment":[{"name":"A","value":"b"}]}]},"responseElements":{"taskDefinition":{"family":"shop","revision":3}},"novel":{"member":1}}"#;

#[test]
fn each_name_of_a_record() {
    for (plain, escaped) in [
        (r#""eventSource""#, r#""event\u0053ource""#),
        (r#""eventName""#, r#""\u0065ventName""#),
        (r#""eventTime""#, r#""event\u0054ime""#),
        (r#""awsRegion""#, r#""aws\u0052egion""#),
        (r#""eventVersion""#, r#""event\u0056ersion""#),
        (r#""recipientAccountId""#, r#""recipient\u0041ccountId""#),
        (r#""accountId""#, r#""account\u0049d""#),
        (r#""requestParameters""#, r#""request\u0050arameters""#),
        (r#""containerDefinitions""#, r#""container\u0044efinitions""#),
        (r#""cluster""#, r#""\u0063luster""#),
        (r#""key""#, r#""k\u0065y""#),
        (r#""privileged""#, r#""privilege\u0064""#),
        (r#""novel""#, r#""nove\u006c""#),
    ] {
        let spelled = RECORD.replace(plain, escaped);
        assert_ne!(spelled, RECORD);
        check_same(RECORD, &spelled);
    }
    check_same(RECORD, &with_escaped_names(RECORD, &[0]));
    let flag = RECORD.replace(r#""readOnly":false"#, r#""readOnly":"false""#);
    check_same(&flag, &flag.replace(r#""false""#, r#""fals\u0065""#));
}

#[test]
fn wrappers_envelopes_and_selections() {
    for (around, is_read) in [
        (r#"{"Rec\u006frds":[@]}"#, true),
        (
            r#"{"detail-type":"AWS API Call via CloudTrail","source":"aws.ecs","d\u0065tail":@}"#,
            true,
        ),
        (r#"{"hit\u0073":{"h\u0069ts":[{"_sourc\u0065":@}]}}"#, true),
        (r#"{"\u0075nknown":@}"#, true),
        (r#"{"digestStart\u0054ime":"x","log\u0046iles":[],"d":1}"#, false),
    ] {
        let record = with_escaped_names(RECORD, &[0, 2, 2, 1, 2]);
        for record in [record.clone(), serde_json::to_string(&record).unwrap()] {
            if record.starts_with('"') && around.contains("detail-type") {
                continue;
            }
            let rows = rows_of(KEY, around.replace('@', &record).into_bytes());
            assert_eq!(rows.num_rows(), usize::from(is_read), "{around} {record}");
        }
    }
    // What the selection compares, it finds.
    let selection = Selection {
        accounts: ["111122223333".to_owned()].into(),
        event_names: ["RegisterTaskDefinition".to_owned()].into(),
        regions: ["us-east-1".to_owned()].into(),
        exclude_read_only: true,
        ..Selection::default()
    };
    let rows = rows_as(selection, KEY, with_escaped_names(RECORD, &[0]).into_bytes());
    assert_eq!(rows.num_rows(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_spellings(
        record in arbitrary::record(),
        bits in prop::collection::vec(0_u8..4, 1..40),
    ) {
        check_same(&record, &with_escaped_names(&record, &bits));
    }

    #[test]
    fn spellings_of_a_real_record(bits in prop::collection::vec(0_u8..6, 1..60)) {
        check_same(RECORD, &with_escaped_names(RECORD, &bits));
    }
}
