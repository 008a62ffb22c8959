//! What `report` and `query` report on stderr about a result, and when they fail because the result
//! could not be trusted.

use std::time::Duration;

use anyhow::{Result, anyhow};
use chrono::{SecondsFormat, TimeDelta};
use ecstrail_query::{Bindings, Caveat, Engine, OldFiles, Report, Scope, Session};

use crate::{clock, console, exit::Exit};

/// Whether an argument may be a name that is not in the dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnknownNames {
    /// It is reported.
    Allowed,
    /// It is an error: a check that finds no rows because of a misspelled name must not pass.
    Rejected,
}

/// Returns what a number of rows means for the exit code.
pub(crate) fn exit(fail_if_rows: Option<u64>, found: u64) -> Exit {
    let is_too_many = fail_if_rows.is_some_and(|threshold| found >= threshold);
    if is_too_many { Exit::Threshold } else { Exit::Done }
}

/// Checks the names in a report's arguments where unknown ones are rejected.
pub(crate) async fn check_names(
    session: &Session,
    engine: &dyn Engine,
    report: &Report,
    bindings: &Bindings,
    unknown_names: UnknownNames,
) -> Result<()> {
    if unknown_names == UnknownNames::Allowed {
        return Ok(());
    }
    let caveats = session.caveats(engine, report, bindings).await?;
    caveats.iter().filter(|caveat| is_unknown_name(caveat)).for_each(console::note);
    check_known(&caveats, unknown_names)
}

fn is_unknown_name(caveat: &Caveat) -> bool {
    matches!(caveat, Caveat::UnknownName { .. })
}

/// Reports caveats of a report's result before its rows.
pub(crate) async fn report(
    session: &Session,
    engine: &dyn Engine,
    report: &Report,
    bindings: &Bindings,
    unknown_names: UnknownNames,
) -> Result<()> {
    let caveats = session.caveats(engine, report, bindings).await?;
    for caveat in &caveats {
        console::note(caveat);
    }
    check_known(&caveats, unknown_names)
}

fn check_known(caveats: &[Caveat], unknown_names: UnknownNames) -> Result<()> {
    if unknown_names == UnknownNames::Rejected && caveats.iter().any(is_unknown_name) {
        return Err(anyhow!(
            "--fail-if-rows cannot check a name that is not in the dataset: correct the name, or \
             add --allow-unknown"
        ));
    }
    Ok(())
}

/// Reports columns that are empty because an older version wrote data files. For a report that is
/// an error.
pub(crate) fn report_old_files(session: &Session, sql: &str) {
    if let Some(OldFiles { old, files, columns }) = session.old_files(sql) {
        console::note(format!(
            "{old} of {files} data files were written by an older version of ecstrail and have no \
             values in {}: run `ecstrail compact --upgrade` on the dataset once.",
            columns.join(", ")
        ));
    }
}

/// Checks that the newest event of the region and account that are asked about is not too old.
pub(crate) async fn check_age(
    session: &Session,
    engine: &dyn Engine,
    scope: &Scope,
    max_age: Option<Duration>,
) -> Result<()> {
    let Some(max_age) = max_age else { return Ok(()) };
    let now = clock::now();
    let newest = session.newest_event(engine, scope, now).await?;
    let oldest = TimeDelta::from_std(max_age).ok().and_then(|age| now.checked_sub_signed(age));
    if newest.is_some_and(|newest| oldest.is_none_or(|oldest| newest >= oldest)) {
        return Ok(());
    }
    let place = scope.on_all_days().to_string();
    let place = if place.is_empty() { place } else { format!(" {place}") };
    Err(match newest {
        Some(newest) => anyhow!(
            "the newest event{place} is from {}, older than --max-age allows: convert newer log \
             files, or check that the trail is still logging",
            newest.to_rfc3339_opts(SecondsFormat::Secs, true)
        ),
        None => anyhow!(
            "the dataset has no events{place}, so --max-age fails: convert the trail's log files, \
             or check that the trail is logging"
        ),
    })
}

/// Reports why there may be no rows, if there are none.
pub(crate) async fn explain_no_rows(
    session: &Session,
    engine: &dyn Engine,
    scope: &Scope,
    rows: u64,
) -> Result<()> {
    if rows == 0 {
        console::note(session.why_no_rows(engine, scope).await?);
    }
    Ok(())
}
