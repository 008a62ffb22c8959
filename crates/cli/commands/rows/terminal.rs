//! What a terminal changes about how rows look. Decisions only; who asks knows the facts.

use std::ffi::OsStr;

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
