//! What the program decides on a terminal, of which a test has none.

use std::{ffi::OsStr, fs, io::Write, sync::Arc};

use ecstrail_query::{
    Arguments, DEFAULT_BATCH_ROWS, Format, Report, RowCount, Session, SessionOptions, WriteOptions,
    write_rows,
};
use insta::assert_snapshot;
use object_store::{local::LocalFileSystem, path::Path};
use url::Url;

use crate::sandbox::Sandbox;

#[path = "../../crates/cli/commands/rows/terminal.rs"]
mod decisions;
#[path = "../../crates/cli/commands/rows/pager.rs"]
mod pager;

use decisions::{has_colour, may_show, pager as pager_for, rows_in_words, width};
use pager::{PagerCommand, Screen};

#[test]
fn a_table_is_as_wide_as_the_terminal() {
    let cases = [
        (true, None, Some(80), Some(80)),
        (true, None, None, None),
        (true, Some("120"), Some(80), Some(120)),
        (true, Some("120"), None, Some(120)),
        (true, Some("0"), Some(80), Some(80)),
        (true, Some(""), Some(80), Some(80)),
        (true, Some("wide"), Some(80), Some(80)),
        (false, None, Some(80), None),
        (false, Some("120"), None, None),
    ];
    for (is_terminal, columns, measured, expected) in cases {
        assert_eq!(width(is_terminal, columns.map(OsStr::new), measured), expected, "{columns:?}");
    }
}

#[test]
fn colour_is_for_terminals_that_have_it_and_people_who_want_it() {
    let cases = [
        (true, None, Some("xterm-256color"), true),
        (true, None, None, true),
        (true, Some(""), Some("xterm"), true),
        (true, Some("1"), Some("xterm"), false),
        (true, None, Some("dumb"), false),
        (false, None, Some("xterm"), false),
    ];
    for (is_terminal, no_colour, kind, expected) in cases {
        let has = has_colour(is_terminal, no_colour.map(OsStr::new), kind.map(OsStr::new));
        assert_eq!(has, expected, "{no_colour:?} {kind:?}");
    }
}

#[test]
fn bytes_are_not_for_terminals() {
    assert!(!may_show(true, true));
    assert!(may_show(true, false));
    assert!(may_show(false, true));
}

#[test]
fn a_pager_is_what_people_say() {
    let shell = |line: &str| Some(PagerCommand::Shell(line.into()));
    for (is_wanted, variable, kind, has_less, expected) in [
        (true, None, Some("xterm"), true, Some(PagerCommand::Less)),
        (true, None, None, true, Some(PagerCommand::Less)),
        (true, None, Some("xterm"), false, None),
        (true, Some("most -s"), Some("xterm"), true, shell("most -s")),
        (true, Some("less"), Some("xterm"), false, shell("less")),
        (true, Some(""), Some("xterm"), true, None),
        (true, Some("  "), Some("xterm"), true, None),
        (true, Some("cat"), Some("xterm"), true, None),
        (true, Some("cat -n"), Some("xterm"), true, shell("cat -n")),
        (true, Some("less"), Some("dumb"), true, None),
        (false, Some("less"), Some("xterm"), true, None),
    ] {
        let found =
            pager_for(is_wanted, variable.map(OsStr::new), kind.map(OsStr::new), || has_less);
        assert_eq!(found, expected, "{variable:?} {kind:?}");
    }
}

#[test]
fn rows_are_counted_in_words() {
    for (written, found, is_all, people, others) in [
        (0, 0, true, Some("no rows"), None),
        (1, 1, true, Some("1 row"), None),
        (1204, 1204, true, Some("1,204 rows"), None),
        (1, 2, true, Some("first 1 of 2 rows"), Some("first 1 of 2 rows")),
        (
            10,
            8192,
            false,
            Some("first 10 of at least 8,192 rows"),
            Some("first 10 of at least 8,192 rows"),
        ),
    ] {
        let count = RowCount { written, found, is_all };
        assert_eq!(rows_in_words(count, true).as_deref(), people);
        assert_eq!(rows_in_words(count, false).as_deref(), others);
    }
}

/// Shows a text on a screen of 10 columns and 5 lines, of which 3 are for the text. Returns what
/// was shown on the terminal itself, what the pager has read, and the outcome.
fn shown(text: &[&str], pager: &str) -> (String, Option<String>, std::io::Result<()>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paged");
    let line = pager.replace("FILE", file.to_str().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut terminal = Vec::new();
    let outcome = runtime.block_on(async {
        let mut screen = Screen::new(&mut terminal, PagerCommand::Shell(line.into()), (10, 5));
        let written = text.iter().try_for_each(|part| screen.write_all(part.as_bytes()));
        screen.finish().await?;
        written
    });
    (String::from_utf8(terminal).unwrap(), fs::read_to_string(file).ok(), outcome)
}

#[test]
fn what_fits_on_the_screen_is_not_paged() {
    for text in [&[][..], &["a\nb\n"], &["a", "\n", "b\n"], &["0123456789\nb\n"], &["日本語 é"]]
    {
        let (terminal, paged, outcome) = shown(text, "cat > FILE");
        outcome.unwrap();
        assert_eq!((terminal, paged), (text.concat(), None));
    }
    for text in [&["a\nb\nc\n"][..], &["a\n", "b\n", "c", "\n", "d\n"], &["0123456789", "0\nb\nc"]]
    {
        let (terminal, paged, outcome) = shown(text, "cat > FILE");
        outcome.unwrap();
        assert_eq!((terminal, paged), (String::new(), Some(text.concat())));
    }
}

#[test]
fn a_pager_may_end_early_and_has_to_run() {
    let long = "line\n".repeat(200_000);
    let (terminal, paged, outcome) = shown(&[&long, &long], "head -n 1 > FILE");
    assert_eq!(outcome.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    assert_eq!((terminal.as_str(), paged.as_deref()), ("", Some("line\n")));
    let (_, paged, outcome) = shown(&[&long], "cat > FILE; exit 3");
    outcome.unwrap();
    assert_eq!(paged.unwrap().len(), long.len());
    let (_, _, outcome) = shown(&[&long], "no-such-pager-at-all 2> FILE");
    assert!(outcome.unwrap_err().to_string().contains("--no-pager"));
}

/// What an engineer sees of the report that is asked most, on narrow and wide terminals.
#[test]
fn deployments_on_terminals_of_every_width() {
    let sandbox = Sandbox::with_samples();
    let report =
        Report::parse("deployments", include_str!("../../queries/deployments.sql")).unwrap();
    let service = ("service".to_owned(), "staging/billing".to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (home, threads) = (Path::from_absolute_path(sandbox.path("dataset")).unwrap(), 2);
    let options = SessionOptions {
        threads,
        batch_rows: DEFAULT_BATCH_ROWS,
        memory_bytes: 1 << 30,
        scratch: std::env::temp_dir(),
        held_bytes: None,
    };
    let url = Url::parse("file:///").unwrap();
    runtime.block_on(async {
        let session =
            Session::open(Arc::new(LocalFileSystem::new()), &url, home, options).await.unwrap();
        for width in [80, 120, 160, 220] {
            let mut shown = Vec::new();
            for arguments in [Arguments::new(), Arguments::from([service.clone()])] {
                let bindings = report.bind(&arguments, chrono::NaiveDate::MAX).unwrap();
                let rows = session.report(&report, &bindings).await;
                let options =
                    WriteOptions { width: Some(width), limit: Some(15), ..WriteOptions::default() };
                write_rows(rows.unwrap(), Format::Table, &options, &mut shown).await.unwrap();
                shown.extend_from_slice(b"\n");
            }
            let shown = String::from_utf8(shown).unwrap();
            assert_snapshot!(format!("deployments_{width}"), shown);
        }
    });
}
