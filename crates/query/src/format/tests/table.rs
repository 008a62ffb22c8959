use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;

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
    assert!(write(at(80)).await.ends_with("\n…  z\n"));
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
async fn long_values_are_cut() {
    let wide = "w".repeat(100);
    let two = batch(vec![("v", texts(&[&wide])), ("next", texts(&["x"]))]);
    let text = one(Format::Table, two.clone()).await;
    assert_eq!(text.lines().nth(2), Some(format!("{}…  x", "w".repeat(59)).as_str()));
    let text = one_with(Format::Table, &at(30), two.clone()).await;
    assert_eq!(text.lines().nth(2), Some(format!("{}…  x", "w".repeat(23)).as_str()));
    let text = one_with(Format::Table, &at(200), two).await;
    assert_eq!(text.lines().nth(2), Some(format!("{wide}  x").as_str()));
    let alone = batch(vec![("v", texts(&[&wide]))]);
    for options in [PLAIN, at(30)] {
        let text = one_with(Format::Table, &options, alone.clone()).await;
        assert_eq!(text.lines().nth(2), Some(wide.as_str()));
    }
    let text = one(Format::Csv, alone).await;
    assert_eq!(text, format!("v\r\n{wide}\r\n"));
}

#[tokio::test]
async fn wide_and_combining_characters_stay_aligned() {
    let values = ["日本語", "e\u{301}te\u{301}", "plain", "ｗｉｄｅ"];
    let rows = batch(vec![("v", texts(&values)), ("next", texts(&["|"; 4]))]);
    assert_eq!(
        one(Format::Table, rows).await,
        "v         next\n--------  ----\n日本語    |\ne\u{301}te\u{301}       |\nplain     |\nｗｉｄｅ  |\n"
    );
    let rows = batch(vec![("v", texts(&["日本語日本語日本語"])), ("next", texts(&["|"]))]);
    let text = one_with(Format::Table, &at(18), rows).await;
    assert_eq!(text.lines().nth(2), Some("日本語日本…   |"));
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
        one_with(Format::Table, &at(30), rows.clone()).await,
        "--- row 1 ---\n\
         at             2026-04-27\n\
         actor_name     alice\n\
         error_message  something rather long\n\
         count          -7\n\
         --- row 2 ---\n\
         at             2026-04-28\n\
         error_message  b\n"
    );
    let nothing = one_with(Format::Table, &at(30), rows.slice(0, 0)).await;
    assert_eq!(nothing, "(no rows)\n");
    let fits = one_with(Format::Table, &at(50), rows).await;
    assert!(fits.starts_with("at          actor_name  error_mess"), "{fits}");
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
        one_with(Format::Table, &WriteOptions { width: Some(3), ..colour }, rows).await,
        "\u{1b}[2m--- row 1 ---\u{1b}[0m\n\u{1b}[1ma\u{1b}[0m    x\n\u{1b}[1mbcd\u{1b}[0m  y\n"
    );
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_terminal(
        cells in proptest::collection::vec(proptest::collection::vec(".{0,40}", 3), 1..8),
        names in proptest::collection::vec(".{1,20}", 3),
        limit in 1_usize..120,
    ) {
        let column = |number: usize| {
            let cells: Vec<_> = cells.iter().map(|row| row[number].as_str()).collect();
            (names[number].as_str(), texts(&cells))
        };
        let batch = batch((0..3).map(column).collect());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let text = runtime.block_on(one_with(Format::Table, &at(limit), batch));
        if !text.starts_with("--- row 1 ---\n") {
            prop_assert_eq!(text.lines().count(), 2 + cells.len());
            for line in text.lines() {
                prop_assert!(line.width() <= limit, "{line:?}");
            }
        }
    }
}
