//! Writes rows in the requested format to the requested target.

use std::{
    env,
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
};

use anyhow::Result;
use ecstrail_query::{
    Format, RowCount, Rows, TerminalJson, TerminalText, WriteOptions, printable, write_rows,
};

use super::{pager::Screen, target::Target, terminal};
use crate::{
    args::OutputArguments,
    commands::caveats,
    console,
    exit::{Exit, UsageError},
};

/// Where rows go, and how they look.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
    file: Option<PathBuf>,
    raw: bool,
    limit: Option<u64>,
    fail_if_rows: Option<u64>,
    has_pager: bool,
}

impl Output {
    /// Reads the arguments; nothing is written before there are rows.
    pub(crate) fn open(arguments: &OutputArguments) -> Result<Self> {
        let format = match (&arguments.format, &arguments.output) {
            (Some(format), _) => format.parse().map_err(|error| unknown_format(&error))?,
            (None, Some(file)) => format_of(file)?,
            (None, None) => Format::Table,
        };
        if arguments.csv_raw && !matches!(format, Format::Csv | Format::Tsv) {
            return Err(UsageError(format!(
                "--csv-raw does not apply to {format}: use it with csv or tsv"
            ))
            .into());
        }
        if arguments.output.is_none() {
            check(format, io::stdout().is_terminal())?;
        }
        Ok(Self {
            format,
            file: arguments.output.clone(),
            raw: arguments.csv_raw,
            limit: arguments.limit,
            fail_if_rows: arguments.fail_if_rows,
            has_pager: !arguments.no_pager,
        })
    }

    /// Writes the rows, as far as the limit goes.
    pub(crate) async fn write(&self, rows: Rows) -> Result<RowCount> {
        let written = self.write_to_target(rows).await;
        match &self.file {
            Some(file) => written.map_err(|error| about(file, error)),
            None => written,
        }
    }

    /// Reports the number of rows after them.
    pub(crate) fn tell(count: RowCount) {
        if let Some(rows) = terminal::rows_in_words(count, io::stderr().is_terminal()) {
            console::note(rows);
        }
    }

    /// Returns what the number of rows means for the exit code.
    pub(crate) fn exit(&self, count: RowCount) -> Exit {
        caveats::exit(self.fail_if_rows, count.found)
    }

    async fn write_to_target(&self, rows: Rows) -> Result<RowCount> {
        let mut target = Target::open(self.file.as_deref())?;
        check(self.format, target.is_terminal())?;
        let is_terminal = target.is_terminal();
        let size = terminal_size::terminal_size();
        let columns = columns(is_terminal);
        let pager = terminal::pager(
            self.has_pager && self.file.is_none() && is_terminal,
            env::var_os("PAGER").as_deref(),
            env::var_os("TERM").as_deref(),
            || is_program("less"),
        );
        let count = match (pager, columns, size) {
            (Some(pager), Some(columns), Some((_, lines))) => {
                let size = (columns, usize::from(lines.0));
                let mut screen = Screen::new(&mut target, pager, size);
                let count = self.write_out(rows, &mut screen, is_terminal, columns.into()).await;
                screen.finish().await?;
                count?
            }
            _ => self.write_out(rows, &mut target, is_terminal, columns).await?,
        };
        target.commit()?;
        Ok(count)
    }

    async fn write_out(
        &self,
        rows: Rows,
        out: &mut dyn Write,
        is_terminal: bool,
        width: Option<usize>,
    ) -> Result<RowCount> {
        let options = WriteOptions {
            width,
            colour: terminal::has_colour(
                is_terminal,
                env::var_os("NO_COLOR").as_deref(),
                env::var_os("TERM").as_deref(),
            ),
            raw: self.raw,
            limit: self.limit,
            count_to: self.fail_if_rows.unwrap_or_default(),
        };
        let out = BufWriter::new(Listener {
            out,
            is_gone: false,
            rows_are_counted: self.fail_if_rows.is_some(),
        });
        let mut out: Box<dyn Write> = match self.format {
            Format::Json | Format::JsonLines if is_terminal => Box::new(TerminalJson(out)),
            Format::Csv | Format::Tsv if is_terminal => Box::new(TerminalText(out)),
            _ => Box::new(out),
        };
        Ok(write_rows(rows, self.format, &options, &mut out).await?)
    }
}

/// Returns whether the system finds a program of this name.
fn is_program(name: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(name).is_file())
}

/// The reader of the rows, who may stop reading.
struct Listener<'a> {
    out: &'a mut dyn Write,
    is_gone: bool,
    /// Whether the remaining rows still have to be counted.
    rows_are_counted: bool,
}

impl Write for Listener<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_gone {
            return Ok(bytes.len());
        }
        match self.out.write(bytes) {
            Err(error) if self.rows_are_counted && error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_gone = true;
                Ok(bytes.len())
            }
            outcome => outcome,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_gone { Ok(()) } else { self.out.flush() }
    }
}

/// Names the file, unless it is the query that failed.
fn about(file: &Path, error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(ecstrail_query::Error::Query { .. }) => error,
        _ => error.context(format!("cannot write {}", file.display())),
    }
}

/// Pages are written elsewhere, and are a format to users nevertheless.
fn unknown_format(error: &ecstrail_query::ParseFormatError) -> UsageError {
    UsageError(format!("{error}, or html"))
}

fn format_of(file: &Path) -> Result<Format> {
    let problem = || {
        let endings = Format::ALL.iter().flat_map(|format| format.endings()).chain(&["html"]);
        let endings = endings.map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(", ");
        let file = printable(&file.display().to_string());
        UsageError(format!(
            "unknown format: {file}: give --format, or a name that ends in \
                            {endings}"
        ))
    };
    Ok(Format::of_file(file).ok_or_else(problem)?)
}

fn check(format: Format, is_terminal: bool) -> Result<()> {
    if terminal::may_show(format.is_binary(), is_terminal) {
        return Ok(());
    }
    let problem = format!(
        "{format} cannot be written to a terminal: give --output FILE, or redirect \
                 standard output"
    );
    Err(UsageError(problem).into())
}

/// Returns how many columns the terminal has, if there is one.
pub(crate) fn columns(is_terminal: bool) -> Option<usize> {
    let size = terminal_size::terminal_size();
    terminal::width(is_terminal, env::var_os("COLUMNS").as_deref(), size.map(|(width, _)| width.0))
}
