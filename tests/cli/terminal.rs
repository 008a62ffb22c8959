//! What the program decides on a terminal, of which a test has none.

use std::ffi::OsStr;

#[path = "../../crates/cli/commands/rows/terminal.rs"]
mod decisions;

use decisions::{has_colour, may_show, width};

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
