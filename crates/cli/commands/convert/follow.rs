//! `ecstrail convert --follow`: converts again and again, until it is asked to stop.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use chrono::{SecondsFormat, TimeDelta};
use ecstrail_writer::{Error, Progress};

use super::convert;
use crate::{
    args::{ConvertArguments, SummaryFormat},
    clock, console,
    exit::Exit,
    leaving,
};

/// How often is looked whether this process is asked to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Converts every `interval`. The first conversion has to succeed; after that, what fails is tried
/// again.
pub(super) async fn run(arguments: &ConvertArguments, interval: Duration) -> Result<Exit> {
    let mut is_first = true;
    loop {
        let started = Instant::now();
        match convert(arguments).await {
            Ok(summary) => match arguments.format {
                SummaryFormat::Json => console::result(serde_json::to_string(&summary)?)?,
                SummaryFormat::Text => {
                    console::result(format!("{}  {}", time_in(Duration::ZERO), summary.line()))?;
                }
            },
            Err(error) if is_interruption(&error) => return Ok(Exit::Done),
            Err(error) if is_first => return Err(error),
            Err(error) => {
                console::error(&error);
                console::note(format!("trying again at {}", time_in(interval)));
            }
        }
        is_first = false;
        if is_asked_to_stop(interval.saturating_sub(started.elapsed())).await {
            return Ok(Exit::Done);
        }
    }
}

fn is_interruption(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<Error>(), Some(Error::Interrupted))
}

/// The time after a wait.
fn time_in(wait: Duration) -> String {
    let wait = TimeDelta::from_std(wait).unwrap_or_default();
    (clock::now() + wait).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Waits; ends early if the process is asked to stop, and returns whether it is.
async fn is_asked_to_stop(wait: Duration) -> bool {
    let progress = Arc::new(Progress::default());
    leaving::ends_wait(Arc::clone(&progress));
    let until = Instant::now() + wait;
    while Instant::now() < until {
        if progress.is_cancelled() {
            return true;
        }
        tokio::time::sleep(LOOK.min(until.saturating_duration_since(Instant::now()))).await;
    }
    progress.is_cancelled()
}
