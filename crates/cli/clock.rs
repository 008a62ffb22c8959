//! The machine's clock, which the libraries are given.

use std::time::SystemTime;

use anyhow::{Result, bail};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use ecstrail_converter::instant_of;

/// Checks that the clock was set. The query engine and the client of S3 count from 1970 on, and know
/// no time before.
///
/// # Errors
/// If it shows a time before 1970.
pub(crate) fn check(now: SystemTime) -> Result<()> {
    if now >= SystemTime::UNIX_EPOCH {
        return Ok(());
    }
    let shown = instant_of(now).to_rfc3339_opts(SecondsFormat::Secs, true);
    bail!(
        "this machine's clock shows {shown}, which is before 1970: set the clock, then rerun the \
           command"
    )
}

/// Returns the present instant.
pub(crate) fn now() -> DateTime<Utc> {
    instant_of(SystemTime::now())
}

/// Returns the present day, in UTC.
pub(crate) fn today() -> NaiveDate {
    now().date_naive()
}
