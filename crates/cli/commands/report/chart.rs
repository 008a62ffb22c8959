//! The chart of a report, drawn with characters.

use std::io::{self, IsTerminal};

use anyhow::Result;
use ecstrail_query::{ChapterOptions, Engine, Outcome, Selection, Session};

use crate::{
    args::OutputArguments,
    commands::{
        caveats,
        rows::{columns, has_color},
    },
    console,
    exit::{Exit, UsageError},
};

/// Columns of a chart that is not written to a terminal.
const PLAIN_WIDTH: usize = 80;

/// Checks that a report declares a chart.
///
/// # Errors
/// [`UsageError`] if it does not.
pub(super) fn check(report: &ecstrail_query::Report) -> Result<()> {
    if report.chart.is_some() {
        return Ok(());
    }
    let problem = format!(
        "report {:?} declares no chart: leave out --chart, or declare one in a report of your own \
         with `-- chart: bar x=COLUMN y=COLUMN`",
        report.name
    );
    Err(UsageError(problem).into())
}

/// Runs the report and draws its chart.
pub(super) async fn draw(
    session: &Session,
    engine: &dyn Engine,
    selection: &Selection<'_>,
    output: &OutputArguments,
) -> Result<Exit> {
    let options = ChapterOptions { rows: 0, has_chart: true };
    let chapter = session.report_chapter(engine, selection, options).await?;
    for caveat in &chapter.caveats {
        console::note(caveat);
    }
    let Outcome::Rows(answer) = chapter.outcome else { return Ok(Exit::Failed) };
    if let Some(plot) = &answer.plot {
        let is_terminal = io::stdout().is_terminal();
        let width = columns(is_terminal).unwrap_or(PLAIN_WIDTH);
        // Names were made harmless when they were collected; escapes are ours.
        console::exact(plot.text(width, has_color(is_terminal)))?;
    } else {
        console::result(if answer.found == 0 { "(no rows)" } else { "(no chart)" })?;
    }
    Ok(caveats::exit(output.fail_if_rows, answer.found))
}
