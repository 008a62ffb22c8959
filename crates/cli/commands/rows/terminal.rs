//! What a terminal changes about how rows look. Decisions only; who asks knows the facts.

use std::ffi::OsStr;

use ecstrail_query::RowCount;
use indicatif::HumanCount;

use super::pager::PagerCommand;

/// Returns the pager for an answer on a terminal. `PAGER` may name one, or none: empty, or `cat`.
pub(crate) fn pager(
    is_wanted: bool,
    pager: Option<&OsStr>,
    kind: Option<&OsStr>,
    has_less: impl FnOnce() -> bool,
) -> Option<PagerCommand> {
    if !is_wanted || kind.is_some_and(|kind| kind == "dumb") {
        return None;
    }
    match pager {
        None => has_less().then_some(PagerCommand::Less),
        Some(pager) => {
            let is_none = pager.to_str().is_some_and(|pager| ["", "cat"].contains(&pager.trim()));
            (!is_none).then(|| PagerCommand::Shell(pager.to_owned()))
        }
    }
}

/// Returns how many rows there were, in words: for people, and for all if rows were left out.
pub(crate) fn rows_in_words(count: RowCount, is_for_people: bool) -> Option<String> {
    let RowCount { written, found, is_all } = count;
    let rows = |rows: u64| match rows {
        0 => "no rows".to_owned(),
        1 => "1 row".to_owned(),
        rows => format!("{} rows", HumanCount(rows)),
    };
    if written < found {
        let least = if is_all { "" } else { "at least " };
        return Some(format!("first {} of {least}{}", HumanCount(written), rows(found)));
    }
    is_for_people.then(|| rows(written))
}

/// Returns how many columns a table may take. `COLUMNS` wins over what the terminal says, but only
/// on a terminal: what is piped into a program is not cut because some shell exports it.
pub(crate) fn width(
    is_terminal: bool,
    columns: Option<&OsStr>,
    measured: Option<u16>,
) -> Option<usize> {
    let columns = columns.and_then(OsStr::to_str).and_then(|columns| columns.parse().ok());
    let width = columns.filter(|columns: &u16| *columns > 0).or(measured)?;
    is_terminal.then(|| usize::from(width))
}

/// Returns whether a table has colours: [`NO_COLOR`](https://no-color.org) says no, and so does a
/// terminal that is too simple.
pub(crate) fn has_colour(
    is_terminal: bool,
    no_colour: Option<&OsStr>,
    kind: Option<&OsStr>,
) -> bool {
    is_terminal && no_colour.is_none_or(OsStr::is_empty) && kind.is_none_or(|kind| kind != "dumb")
}

/// Returns whether a format may go to where it is to go.
pub(crate) fn may_show(is_binary: bool, is_terminal: bool) -> bool {
    !(is_binary && is_terminal)
}
