//! Output to people: results on stdout, everything else on stderr. No other module prints.

use std::{
    borrow::Cow,
    fmt::Display,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use clap::error::ContextValue;
use ecstrail_query::{printable, printable_json, printable_line};
use ecstrail_writer::{Progress, Stage, without_answer};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::exit::Exit;

const REDRAW: Duration = Duration::from_millis(100);

/// Characters of the longest line written to stderr. The middle of a longer one is omitted.
const LONGEST_LINE: usize = 8000;
/// Characters kept at its end.
const LONGEST_END: usize = 1000;

/// Writes lines of the result, for people.
pub(crate) fn result(lines: impl Display) -> io::Result<()> {
    exact(printable(&lines.to_string()))
}

/// Writes the result as JSON on one line, for programs: what a terminal would act on is escaped.
pub(crate) fn json(result: &impl Serialize) -> Result<()> {
    Ok(exact(printable_json(&serde_json::to_string(result)?))?)
}

/// Writes the result as it is.
pub(crate) fn exact(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

/// Writes a message on one line.
pub(crate) fn note(line: impl Display) {
    let line = line.to_string();
    write_line(&printable(&without_answer(&line)).replace('\n', "\\n"));
}

/// Writes an error with its causes. Its further lines are indented, so that none looks like another
/// message.
pub(crate) fn error(error: &anyhow::Error) {
    let text = printable(&with_causes(error.chain())).replace('\n', "\n  ");
    write_line(&format!("ecstrail: {text}"));
}

/// Writes help, or what is wrong with the command line, and returns the exit code. Colors are for what
/// we say: with words that a terminal would act on, or that are very long, they are left out.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let is_plain = |text: &str| text.len() < LONGEST_LINE && printable_line(text) == text;
    let words = error.context().all(|(_, value)| match value {
        ContextValue::String(text) => is_plain(text),
        ContextValue::Strings(texts) => texts.iter().all(|text| is_plain(text)),
        _ => true,
    });
    let cause = std::error::Error::source(error).map(ToString::to_string);
    if !error.use_stderr() || (words && cause.is_none_or(|cause| is_plain(&cause))) {
        // Nobody may be listening any more.
        drop(error.print());
    } else {
        write_line(printable(&error.render().to_string()).trim_end());
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Writes out an error with its causes.
pub(crate) fn with_sources(error: &(impl std::error::Error + 'static)) -> String {
    let first: &(dyn std::error::Error + 'static) = error;
    with_causes(std::iter::successors(Some(first), |error| error.source()))
}

/// What to type first.
const FIRST_STEPS: &str = "\
ecstrail converts the AWS CloudTrail history of Amazon ECS to Parquet, and answers questions about it.

Try it on built-in samples:
  ecstrail demo

Convert your trail, run a saved report, and ask anything else in SQL:
  ecstrail convert s3://BUCKET/ --to my-dataset --from 7d
  ecstrail report deployments --dataset my-dataset
  ecstrail shell --dataset my-dataset

`ecstrail report` lists the reports, `ecstrail --help` all commands.";

/// Shows what to type first, and returns the exit code of a command line without a command.
pub(crate) fn first_steps() -> ExitCode {
    write_line(FIRST_STEPS);
    Exit::Usage.into()
}

/// Returns a number of things, in words.
pub(crate) fn count(number: u64, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {thing}{ending}", HumanCount(number))
}

/// Joins an error and its causes, without causes whose text the error contains.
fn with_causes<'a>(causes: impl Iterator<Item = &'a (dyn std::error::Error + 'static)>) -> String {
    let texts = causes.map(|cause| without_answer(&cause.to_string()).into_owned());
    let told = texts.reduce(
        |told, text| {
            if told.contains(&text) { told } else { format!("{told}: {text}") }
        },
    );
    told.unwrap_or_default()
}

/// Ignores a closed stderr.
fn write_line(line: &str) {
    drop(writeln!(io::stderr(), "{}", shortened(line)));
}

/// Omits the middle of a very long text.
fn shortened(text: &str) -> Cow<'_, str> {
    let left_out = text.chars().count().saturating_sub(LONGEST_LINE);
    if left_out == 0 {
        return Cow::Borrowed(text);
    }
    let start: String = text.chars().take(LONGEST_LINE - LONGEST_END).collect();
    let end: String = text.chars().skip(LONGEST_LINE - LONGEST_END + left_out).collect();
    Cow::Owned(format!("{start} [{left_out} characters omitted] {end}"))
}

/// Returns whether the reader of our output closed it, which is not an error.
///
/// A connection to a store that breaks is one: only what was written out counts.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let rows = error.downcast_ref::<ecstrail_query::Error>();
    let written = match rows {
        Some(ecstrail_query::Error::Write { source }) => Some(source),
        _ => error.downcast_ref::<io::Error>(),
    };
    written.is_some_and(is_closed)
}

/// Returns whether a reader closed what is written to.
///
/// See `ERROR_PIPE_NOT_CONNECTED` of Windows: shells there pass on named pipes.
pub(crate) fn is_closed(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
        || (cfg!(windows) && error.raw_os_error() == Some(233))
}

/// Counts something while this value lives, if stderr is a terminal.
#[derive(Debug)]
pub(crate) struct Counter {
    bar: ProgressBar,
    one: &'static str,
    many: &'static str,
}

impl Counter {
    /// Begins to count things of this name, for one of them and for many.
    pub(crate) fn begin(one: &'static str, many: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, draw_target());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} {msg}, {per_sec}") {
            bar.set_style(style);
        }
        bar.set_message(many);
        Self { bar, one, many }
    }

    /// Shows how many there are so far.
    pub(crate) fn show(&self, count: u64) {
        self.bar.set_message(if count == 1 { self.one } else { self.many });
        self.bar.set_position(count);
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Shows what an engine elsewhere says while this value lives: how far it is, if stderr is a terminal.
#[derive(Debug)]
pub(crate) struct EngineView(ProgressBar);

impl EngineView {
    /// Begins to listen.
    pub(crate) fn begin() -> Self {
        let bar = ProgressBar::with_draw_target(None, draw_target());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Whom the engine tells.
    #[cfg(any(feature = "athena", feature = "spark"))]
    pub(crate) fn listener(&self) -> ecstrail_query::Listener {
        use ecstrail_query::Told;
        let bar = self.0.clone();
        Arc::new(move |told| match told {
            Told::Progress(text) => {
                bar.set_message(printable_line(&text));
                bar.tick();
            }
            Told::Note(text) => bar.suspend(|| note(text)),
        })
    }
}

impl Drop for EngineView {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn draw_target() -> ProgressDrawTarget {
    if io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    }
}

/// Shows a conversion's progress while this value lives, if stderr is a terminal.
#[derive(Debug)]
pub(crate) struct ProgressView {
    task: tokio::task::JoinHandle<()>,
    bar: ProgressBar,
}

impl ProgressView {
    /// Begins to show a progress.
    pub(crate) fn begin(progress: Arc<Progress>) -> Self {
        let bar = ProgressBar::with_draw_target(Some(1), draw_target());
        if let Ok(style) =
            ProgressStyle::with_template("{bar:20} {percent:>3}%  {eta} left  {wide_msg}")
        {
            bar.set_style(style);
        }
        let shown = bar.clone();
        let started = Instant::now();
        let task = tokio::spawn(async move {
            loop {
                let counts = progress.counts();
                let seconds = started.elapsed().as_secs().max(1);
                let (position, length, message) = match progress.stage() {
                    Stage::Listing => {
                        let listed = HumanCount(counts.listed_files);
                        (0, 0, format!("listing: {listed} log files so far"))
                    }
                    Stage::Reading => {
                        let message = format!(
                            "reading {} of {} files, {}, {} records, {}/s",
                            HumanCount(counts.files),
                            HumanCount(counts.planned_files),
                            HumanBytes(counts.bytes),
                            HumanCount(counts.records),
                            HumanBytes(counts.bytes / seconds)
                        );
                        (counts.bytes, counts.planned_bytes, message)
                    }
                    Stage::Writing => {
                        let (rows, selected) = (counts.rows, counts.selected);
                        let message = format!(
                            "writing {} of {} rows",
                            HumanCount(rows),
                            HumanCount(selected)
                        );
                        (rows, selected, message)
                    }
                };
                shown.set_length(length.max(1));
                shown.set_position(position);
                shown.set_message(message);
                tokio::time::sleep(REDRAW).await;
            }
        });
        Self { task, bar }
    }
}

impl Drop for ProgressView {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}
