use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::{super::table as encoder, *};

/// Rows that are looked at on a terminal before the first is written.
const ROWS_ON_TERMINAL: usize = encoder::ROWS_MEASURED_ON_TERMINAL;

fn at(width: usize) -> WriteOptions {
    WriteOptions { width: Some(width), ..PLAIN }
}

#[tokio::test]
async fn later_rows_keep_the_widths() {
    let short = batch(vec![("a", texts(&["x"; 1000])), ("b", texts(&["y"; 1000]))]);
    let long = batch(vec![("a", texts(&["longer"])), ("b", texts(&["z"]))]);
    let write = async |options: WriteOptions| {
        let parts = vec![short.clone(), long.clone()];
        String::from_utf8(written(Format::Table, &options, short.schema(), parts).await).unwrap()
    };
    let text = write(PLAIN).await;
    assert!(text.starts_with("a  b\n-  -\nx  y\n"));
    assert!(text.ends_with("\nlonger  z\n"));
    let text = write(at(80)).await;
    assert!(text.ends_with("\nlonger  z\n"), "what is no free text is not cut");
}

#[tokio::test]
async fn later_free_text_is_cut() {
    let rows = ROWS_ON_TERMINAL;
    let short = batch(vec![
        ("id", texts(&vec!["x"; rows])),
        ("reason", texts(&vec!["a rather long reason that has to be cut"; rows])),
    ]);
    let long = batch(vec![("id", texts(&["longer"])), ("reason", texts(&[&"r ".repeat(40)]))]);
    let parts = vec![short.clone(), long];
    let text = written(Format::Table, &at(30), short.schema(), parts).await;
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("id  reason\n"), "not all rows are there: nothing is constant");
    assert!(text.ends_with("\nlonger  r r r r r r r r r r r r r…\n"), "{text}");
}

#[tokio::test]
async fn what_a_terminal_would_act_on_is_shown() {
    let cases = [
        ("\u{1b}[31mred", "\\u{1b}[31mred"),
        ("a\nb\r\tc", "a\\u{a}b\\u{d}\\u{9}c"),
        ("\u{9b}2J", "\\u{9b}2J"),
        ("abc\u{202e}fdp.exe", "abc\\u{202e}fdp.exe"),
        ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
        ("\u{2066}isolated\u{2069}", "\\u{2066}isolated\\u{2069}"),
        ("tag\u{e0041}\u{e007f}", "tag\\u{e0041}\\u{e007f}"),
        ("selected\u{fe0f}\u{e0100}", "selected\\u{fe0f}\\u{e0100}"),
        ("music\u{1d173}shorthand\u{1bca0}", "music\\u{1d173}shorthand\\u{1bca0}"),
        ("naïve ✓ 日本", "naïve ✓ 日本"),
    ];
    for (value, expected) in cases {
        let text = one(Format::Table, batch(vec![("v", texts(&[value]))])).await;
        assert_eq!(text.lines().nth(2), Some(expected));
        let text = one(Format::Table, batch(vec![(value, texts(&["v"]))])).await;
        assert_eq!(text.lines().next(), Some(expected));
    }
}

#[tokio::test]
async fn free_text_is_cut_and_nothing_else() {
    let (wide, id) = ("w ".repeat(50) + "w", "i".repeat(100));
    let two = batch(vec![("v", texts(&[&wide, &id])), ("next", texts(&["x", "y"]))]);
    let third = async |options: WriteOptions, rows: RecordBatch| {
        let text = one_with(Format::Table, &options, rows).await;
        text.lines().nth(2).unwrap().to_owned()
    };
    assert_eq!(third(PLAIN, two.clone()).await, format!("{wide}  x"), "never without a terminal");
    assert_eq!(third(at(30), two.clone()).await, format!("{}…  x", "w ".repeat(12).trim_end()));
    assert_eq!(third(at(200), two.clone()).await, format!("{wide}  x"));
    let named = batch(vec![("actor", texts(&[&wide, &id])), ("next", texts(&["x", "y"]))]);
    let text = one_with(Format::Table, &at(30), named).await;
    assert!(text.contains(&wide) && text.contains(&id), "{text}");
    let alone = batch(vec![("v", texts(&[&wide]))]);
    for options in [PLAIN, at(30)] {
        assert_eq!(third(options, alone.clone()).await, wide);
    }
    let text = one(Format::Csv, alone).await;
    assert_eq!(text, format!("v\r\n{wide}\r\n"));
}

#[tokio::test]
async fn what_is_the_same_throughout_stands_above() {
    let rows = batch(vec![
        ("account", texts(&["444455556666"; 3])),
        ("time", texts(&["2026-04-27T10:00", "2026-04-27T11:00", "2026-04-27T12:00"])),
        ("error_code", texts(&["", "", ""])),
        ("forced", Arc::new(BooleanArray::from(vec![None, None, None]))),
        ("calls", Arc::new(Int64Array::from(vec![7, 7, 7]))),
        ("actor", texts(&["alice", "bob", "carol"])),
    ]);
    assert_eq!(
        one_with(Format::Table, &at(40), rows.clone()).await,
        "account: 444455556666\n\
         calls: 7\n\
         empty: error_code, forced\n\n\
         time              actor\n\
         ----------------  -----\n\
         2026-04-27T10:00  alice\n\
         2026-04-27T11:00  bob\n\
         2026-04-27T12:00  carol\n"
    );
    let fits = one_with(Format::Table, &at(80), rows.clone()).await;
    assert!(fits.starts_with("account       time"), "{fits}");
    let piped = one(Format::Table, rows.clone()).await;
    assert!(piped.starts_with("account       time"), "{piped}");
    let single = one_with(Format::Table, &at(40), rows.slice(0, 1)).await;
    assert!(single.starts_with("--- row 1 ---\naccount "), "{single}");
    // Rows that are all the same still are so many.
    let same = batch(vec![("a", texts(&["one"; 3])), ("b", texts(&["two"; 3]))]);
    let text = one_with(Format::Table, &at(5), same).await;
    assert_eq!(text, "b: two\n\na\n---\none\none\none\n");
}

#[tokio::test]
async fn what_differs_behind_the_rows_measured_is_no_constant() {
    let column = |value: &str, rows: usize| {
        let (value, more) = (vec![value; rows], vec!["some more text"; rows]);
        batch(vec![("cluster", texts(&value)), ("a", texts(&more)), ("b", texts(&more))])
    };
    for rows in [ROWS_ON_TERMINAL - 1, ROWS_ON_TERMINAL, ROWS_ON_TERMINAL + 1] {
        let parts = vec![column("one", rows), column("two", 1)];
        let text = written(Format::Table, &at(20), parts[0].schema(), parts).await;
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains("cluster: "), "{rows}");
        assert!(text.contains("two"), "{rows}");
    }
}

#[tokio::test]
async fn what_has_no_room_follows_below() {
    let actors = ["a-role-with-a-long-name/alice@example.com", "b"];
    let rows = batch(vec![
        ("time", texts(&["10:00", "11:00"])),
        ("service", texts(&["checkout", "mail"])),
        ("actor", texts(&actors)),
        ("desired_count", Arc::new(Int64Array::from(vec![Some(-7), None]))),
        ("reason", texts(&["", "some words about this call that are too long for a line"])),
    ]);
    assert_eq!(
        one_with(Format::Table, &at(50), rows).await,
        "                 desired_\n\
         time   service      count\n\
         -----  --------  --------\n\
         10:00  checkout        -7\n    \
         actor a-role-with-a-long-name/alice@example.com\n\
         11:00  mail\n    \
         actor b\n    \
         reason some words about this call that are to…\n"
    );
}

#[tokio::test]
async fn wide_and_combining_characters_stay_aligned() {
    let values = ["日本語", "e\u{301}te\u{301}", "plain", "ｗｉｄｅ"];
    let rows = batch(vec![("v", texts(&values)), ("next", texts(&["|"; 4]))]);
    assert_eq!(
        one(Format::Table, rows).await,
        "v         next\n--------  ----\n日本語    |\ne\u{301}te\u{301}       |\nplain     |\nｗｉｄｅ  |\n"
    );
    let words = ["日本 日本 日本 日本 日本 日本 日本", "x"];
    let rows = batch(vec![("v", texts(&words)), ("next", texts(&["|", "/"]))]);
    let text = one_with(Format::Table, &at(27), rows).await;
    assert_eq!(text.lines().nth(2), Some("日本 日本 日本 日本 …  |"));
}

#[tokio::test]
async fn what_does_not_fit_is_shown_as_records() {
    let rows = batch(vec![
        ("at", texts(&["2026-04-27", "2026-04-28"])),
        ("actor_name", texts(&["alice", ""])),
        ("error_message", texts(&["something rather long", "b"])),
        ("count", Arc::new(Int64Array::from(vec![Some(-7), None]))),
    ]);
    assert_eq!(
        one_with(Format::Table, &at(12), rows.clone()).await,
        "--- row 1 ---\n\
         at             2026-04-27\n\
         actor_name     alice\n\
         error_message  something rather long\n\
         count          -7\n\
         --- row 2 ---\n\
         at             2026-04-28\n\
         error_message  b\n"
    );
    let nothing = one_with(Format::Table, &at(12), rows.slice(0, 0)).await;
    assert_eq!(nothing, "(no rows)\n");
    let single = one_with(Format::Table, &at(40), rows.slice(0, 1)).await;
    assert!(single.contains("error_message  something rather long\n"), "{single}");
    let fits = one_with(Format::Table, &at(50), rows).await;
    assert!(fits.starts_with("            actor_\nat          name      error_message"), "{fits}");
}

#[tokio::test]
async fn colour_is_for_the_header() {
    let rows = batch(vec![("a", texts(&["x"])), ("bcd", texts(&["y"]))]);
    let colour = WriteOptions { colour: true, ..PLAIN };
    assert_eq!(
        one_with(Format::Table, &colour, rows.clone()).await,
        "\u{1b}[1ma  bcd\u{1b}[0m\n\u{1b}[2m-  ---\u{1b}[0m\nx  y\n"
    );
    assert_eq!(
        one_with(Format::Table, &WriteOptions { width: Some(3), ..colour }, rows.clone()).await,
        "\u{1b}[2m--- row 1 ---\u{1b}[0m\n\u{1b}[1ma\u{1b}[0m    x\n\u{1b}[1mbcd\u{1b}[0m  y\n"
    );
}

proptest! {
    /// Whatever the layout: an identifier stands there whole.
    #[test]
    fn nothing_but_free_text_is_cut(
        cells in proptest::collection::vec(proptest::collection::vec("[a-z0-9é日/:-]{1,40}", 4), 1..8),
        limit in 1_usize..150,
    ) {
        let column = |number: usize| {
            let cells: Vec<_> = cells.iter().map(|row| row[number].as_str()).collect();
            (["event_id", "actor", "cluster", "anything"][number], texts(&cells))
        };
        let batch = batch((0..4).map(column).collect());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let text = runtime.block_on(one_with(Format::Table, &at(limit), batch));
        for cell in cells.iter().flatten() {
            prop_assert!(text.contains(cell.as_str()), "{cell} is not in {text}");
        }
    }

    #[test]
    fn no_line_of_free_text_is_wider_than_the_terminal(
        cells in proptest::collection::vec(proptest::collection::vec("[a-z é日]{0,40}", 3), 2..8),
        limit in 66_usize..120,
    ) {
        let column = |number: usize| {
            let cells: Vec<_> = cells.iter().map(|row| row[number].as_str()).collect();
            (["reason", "message", "command"][number], texts(&cells))
        };
        let batch = batch((0..3).map(column).collect());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let text = runtime.block_on(one_with(Format::Table, &at(limit), batch));
        for line in text.lines() {
            prop_assert!(line.width() <= limit, "{line:?}");
        }
    }
}
