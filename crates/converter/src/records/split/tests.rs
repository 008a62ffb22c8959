//! What the splitter finds in whole, pretty, damaged and cut files, in one piece or in many.

use proptest::prelude::*;

use super::*;

/// Splits a text that comes in pieces of at most `piece_bytes`.
fn split(text: &[u8], piece_bytes: usize) -> Vec<Result<String, (usize, RejectReason)>> {
    let mut splitter = Splitter::new(1 << 20);
    let (mut piece, mut base, mut rest) = (Vec::new(), 0, text);
    let mut found = Vec::new();
    loop {
        let last = rest.is_empty();
        match splitter.next(&piece, last) {
            Found::Record(range) => {
                let record = String::from_utf8_lossy(&piece[range]).into_owned();
                found.push(Ok(record));
            }
            Found::Text(range) => {
                found.push(Err((base + range.start, RejectReason::NotAnObject)));
            }
            Found::Broken(at, reason) => found.push(Err((base + at, reason))),
            Found::End => return found,
            Found::NeedMore => {
                base += splitter.drain(&mut piece);
                let (head, tail) = rest.split_at(rest.len().min(piece_bytes));
                piece.extend_from_slice(head);
                rest = tail;
            }
        }
    }
}

fn check(text: &str, expected: &[Result<&str, RejectReason>]) {
    for piece_bytes in [1, 2, 7, 64, usize::MAX] {
        let found = split(text.as_bytes(), piece_bytes);
        let found: Vec<Result<&str, RejectReason>> = found
            .iter()
            .map(|found| match found {
                Ok(record) => Ok(record.as_str()),
                Err((_, reason)) => Err(*reason),
            })
            .collect();
        assert_eq!(found, expected, "{text} in pieces of {piece_bytes}");
    }
}

const A: &str = r#"{"eventVersion":"1.08","eventTime":"a","x":{"y":["}",1]}}"#;
const B: &str = r#"{"eventVersion":"1.08","eventTime":"b"}"#;
const C: &str = r#"{"eventSource":"s","eventTime":"c"}"#;

#[test]
fn containers() {
    check(&format!(r#"{{"Records":[{A},{B}]}}"#), &[Ok(A), Ok(B)]);
    check(&format!("\u{feff}{{ \"Records\" : [\n {A} ,\n {B}\n ]\n}}\n"), &[Ok(A), Ok(B)]);
    check(&format!(r#"{{"version":1,"Records":[{A}],"after":{{"b":"]"}}}}"#), &[Ok(A)]);
    check(&format!("[{A},{B}]"), &[Ok(A), Ok(B)]);
    check(A, &[Ok(A)]);
    check(&format!("{A}\n{B}\r\n\n{C}\n"), &[Ok(A), Ok(B), Ok(C)]);
    check(r#"{"Records":[]}"#, &[]);
    check(
        &format!(r#"[{{"Records":[{A}]}},{{"a":1,"Events":[{B}],"b":2}},{C}]"#),
        &[Ok(A), Ok(B), Ok(C)],
    );
    check(&format!(r#"{{"Events":[{A}],"x":[1],"Records":[{B},{C}]}}"#), &[Ok(A), Ok(B), Ok(C)]);
    check(&format!(r#"{{"Events":[],"Records":[{B}]}}"#), &[Ok(B)]);
    let with_list = r#"{"eventVersion":"1.08","eventTime":"a","events":[]}"#;
    check(&format!("{with_list}\n{B}"), &[Ok(with_list), Ok(B)]);
    check(&format!(r#"{{"QueryResultRows":[[{A}],[{B}]],"x":1}}{C}"#), &[Ok(A), Ok(B), Ok(C)]);
    check(&format!("{A}{B}\t{C}"), &[Ok(A), Ok(B), Ok(C)]);
    let at = "2026-04-27T02:18:03.000Z ";
    check(&format!("{at}{A}\n{at}{B}\n"), &[Ok(A), Ok(B)]);
    check(
        &format!("{at}{A}\n{at}START RequestId\n{at}{B}\n2026\n{C}"),
        &[Ok(A), Err(RejectReason::BrokenJson), Ok(B), Err(RejectReason::BrokenJson), Ok(C)],
    );
    let of_stream = "2026-04-27T02:18:03.123000+00:00 111122223333_CloudTrail_us-east-1 ";
    check(&format!("{of_stream}{A}\n{of_stream}\n{B}\n"), &[Ok(A), Ok(B)]);
    let of_lambda = "2026-04-27T02:18:03+00:00 2026/04/27/[$LATEST]0123abcd ";
    check(&format!("{of_lambda}{A}\n{of_lambda}{B}"), &[Ok(A), Ok(B)]);
    let hits = |hits: &str| {
        format!(r#"{{"took":3,"hits":{{"total":{{"value":1}},"hits":{hits}}},"x":1}}"#)
    };
    check(&hits(&format!("[{A},{B}]")), &[Ok(A), Ok(B)]);
    check(&format!("{}{C}", hits("[]")), &[Ok(C)]);
    for other in
        [hits("7"), r#"{"hits":{}}"#.to_owned(), r#"{"hits":{"a":{"hits":[]}}}"#.to_owned()]
    {
        check(&other, &[Ok(&other)]);
    }
    check(&format!(r#"{{"data":"x","Records":[{A}]}}"#), &[Ok(A)]);
    check("[]", &[]);
    check("{}", &[Ok("{}")]);
    check(" ", &[]);
    check(&format!(r#"{{"Records":[{A}]}}{{"Records":[{B}]}}"#), &[Ok(A), Ok(B)]);
}

#[test]
fn what_is_no_record() {
    use RejectReason::NotAnObject;
    check(
        &format!(r#"{{"Records":["oops",{A},1.5e3,null,[{B}]]}}"#),
        &[Err(NotAnObject), Ok(A), Err(NotAnObject), Err(NotAnObject), Ok(B)],
    );
    for whole in [r#"{"Records":null}"#, r#"{"a":1,"Records":{"b":[]}}"#] {
        check(whole, &[Ok(whole)]);
    }
}

#[test]
fn damage_costs_one_record_and_the_next_is_found() {
    use RejectReason::{BrokenJson, CutOff};
    let missing_brace = r#"{"eventVersion":"1.08","requestParameters":{"a":1,"eventTime":"x"}"#;
    check(
        &format!(r#"{{"Records":[{A},{missing_brace},{B},{C}]}}"#),
        &[Ok(A), Err(BrokenJson), Ok(B), Ok(C)],
    );
    let missing_bracket = r#"{"eventVersion":"1.08","eventTime":"x","tags":[{"k":1}}"#;
    check(&format!("[{missing_bracket},{B}]"), &[Err(BrokenJson), Ok(B)]);
    check(&format!(r#"[{{"eventVersion":"1" "b":2}},{B}]"#), &[Err(BrokenJson), Ok(B)]);
    let lost_quote = r#"{"eventVersion":"1.08,"eventTime":"x"}"#;
    check(&format!("{lost_quote}\n{B}\n"), &[Err(BrokenJson), Ok(B)]);
    check(&format!(r#"{{"Records":[{A},{}"#, &B[..20]), &[Ok(A), Err(CutOff)]);
    check(&format!(r#"{{"Records":[{A}"#), &[Ok(A), Err(CutOff)]);
    check(&format!(r#"{{"Records":[{A}]"#), &[Ok(A), Err(CutOff)]);
    // Pasted from a terminal: cut at both ends.
    check(
        &format!(r#"st":"x"}}}},{A},{B},{}"#, &C[..10]),
        &[Err(BrokenJson), Ok(A), Ok(B), Err(CutOff)],
    );
}

#[test]
fn places_of_damage() {
    let text = format!(r#"{{"Records":[{A},"oops",{{]}}"#);
    let found = split(text.as_bytes(), usize::MAX);
    assert_eq!(found[1], Err((12 + A.len() + 1, RejectReason::NotAnObject)));
    assert_eq!(found[2], Err((12 + A.len() + 8, RejectReason::BrokenJson)));
}

#[test]
fn hostile_input_ends_soon() {
    for text in [
        "{".repeat(100_000),
        "[{".repeat(100_000),
        "[{\"a\":".repeat(200_000),
        "[{\"a\":".repeat(200_000) + "}",
        ",{\"a\":\"\",\"b\":[".repeat(100_000) + "}",
        "{\"a\":".repeat(100_000),
        ",{".repeat(200_000),
        format!("x{}", "{\"".repeat(200_000)),
        format!("x{}", "{ ".repeat(200_000)),
        ",{\"eventTime\":\"".repeat(20_000),
        format!("[{}", "{},".repeat(100_000)),
    ] {
        split(text.as_bytes(), usize::MAX);
    }
}

const TOKENS: [&str; 24] = [
    A,
    B,
    C,
    "{",
    "}",
    "[",
    "]",
    ",",
    "\n",
    " ",
    "\"",
    ":",
    "{\"Records\":[",
    "{\"hits\":{\"hits\":[",
    "stream ",
    "]}",
    "1",
    "null",
    "\"a\":",
    "2026-04-27T02:18:03.000Z ",
    "{\"message\":\"x\"}",
    "oops",
    "\\",
    "\u{feff}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    /// Whatever is written, it does not matter in which pieces it comes.
    #[test]
    fn pieces_do_not_matter(
        tokens in proptest::collection::vec(0..TOKENS.len(), 0..30),
        piece_bytes in 1_usize..200,
    ) {
        let text: String = tokens.into_iter().map(|token| TOKENS[token]).collect();
        let whole = split(text.as_bytes(), usize::MAX);
        prop_assert_eq!(split(text.as_bytes(), piece_bytes), whole, "{}", text);
    }
}
