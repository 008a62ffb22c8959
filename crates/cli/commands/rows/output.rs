//! Writes rows in the requested format to the requested target.

use std::{
    env,
    io::{self, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::Result;
use ecstrail_query::{
    Format, RowCount, Rows, TerminalJson, TerminalText, WriteOptions, printable, write_rows,
};

use super::super::shown::Memory;
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
    explains: bool,
    shown: Option<Memory>,
    /// Whether the reader of the rows has left before the last of them.
    reader_left: AtomicBool,
    has_pager: bool,
    /// In the shell, the number of results that the file already has.
    results_before: Option<u64>,
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
            explains: arguments.explain,
            shown: None,
            reader_left: AtomicBool::new(false),
            has_pager: arguments.pager || !arguments.no_pager,
            results_before: None,
        })
    }

    /// Lets the file have several results, one after the other, and says which this is.
    ///
    /// # Errors
    /// [`UsageError`] if it is not the first one, and the format has room for one only.
    pub(crate) fn after(self, results: u64) -> Result<Self> {
        if let Some(file) = &self.file
            && results > 0
            && matches!(self.format, Format::Json | Format::Parquet | Format::Arrow)
        {
            let (file, format) = (printable(&file.display().to_string()), self.format);
            return Err(UsageError(format!(
                "{file} has the result of an earlier statement, and {format} has room for one: give \
                 `.output` another file, the same again to replace it, or none for the terminal"
            ))
            .into());
        }
        Ok(Self { results_before: Some(results), ..self })
    }

    /// Leaves out what was shown before.
    pub(crate) fn without_shown(self, shown: Memory) -> Self {
        Self { shown: Some(shown), ..self }
    }

    /// What was shown before, if that is left out.
    pub(crate) fn shown(&self) -> Option<&Memory> {
        self.shown.as_ref()
    }

    /// Whether the reader of the rows has left before the last of them.
    pub(crate) fn reader_left(&self) -> bool {
        self.reader_left.load(Ordering::Relaxed)
    }

    /// Rows that are written at most.
    pub(crate) fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Whether the work of the query is wanted in words.
    pub(crate) fn explains(&self) -> bool {
        self.explains
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
    pub(crate) fn tell(&self, count: RowCount) {
        let Some(rows) = terminal::rows_in_words(count, io::stderr().is_terminal()) else { return };
        let line = match (&self.file, self.results_before) {
            (Some(file), Some(0)) => format!("{rows}, written to {}", file.display()),
            (Some(file), Some(_)) => format!("{rows}, added to {}", file.display()),
            _ => rows,
        };
        console::note(line);
    }

    /// Returns what the number of rows means for the exit code.
    pub(crate) fn exit(&self, count: RowCount) -> Exit {
        caveats::exit(self.fail_if_rows, count.found)
    }

    async fn write_to_target(&self, rows: Rows) -> Result<RowCount> {
        let mut target = self.target()?;
        check(self.format, target.is_terminal())?;
        let is_terminal = target.is_terminal();
        let columns = columns(is_terminal);
        let is_paged = self.has_pager && self.file.is_none();
        let count = match screen(&mut target, is_paged && is_terminal) {
            Some(mut screen) => {
                let count = self.write_out(rows, &mut screen, is_terminal, columns).await;
                screen.finish().await?;
                count?
            }
            None => self.write_out(rows, &mut target, is_terminal, columns).await?,
        };
        target.commit()?;
        Ok(count)
    }

    fn target(&self) -> io::Result<Target> {
        let (Some(file), Some(1..)) = (&self.file, self.results_before) else {
            return Target::open(self.file.as_deref());
        };
        let mut target = Target::open_end(file)?;
        if matches!(self.format, Format::Table | Format::Markdown | Format::Csv | Format::Tsv) {
            target.write_all(b"\n")?;
        }
        Ok(target)
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
            colour: has_color(is_terminal),
            raw: self.raw,
            limit: self.limit,
            count_to: self.fail_if_rows.unwrap_or_default(),
        };
        let out = BufWriter::new(Listener {
            out,
            is_gone: &self.reader_left,
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

/// Returns the screen of a terminal with a pager, if there is one.
fn screen<W: Write>(direct: W, is_paged: bool) -> Option<Screen<W>> {
    let pager = terminal::pager(
        is_paged,
        env::var_os("PAGER").as_deref(),
        env::var_os("TERM").as_deref(),
        || is_program("less"),
    );
    let (_, lines) = terminal_size::terminal_size()?;
    Some(Screen::new(direct, pager?, (columns(is_paged)?, usize::from(lines.0))))
}

/// Writes lines for people to stdout, on a terminal through the pager if they are long.
pub(crate) async fn show(text: &str, has_pager: bool) -> Result<()> {
    let mut stdout = io::stdout();
    let is_terminal = stdout.is_terminal();
    match screen(&mut stdout, has_pager && is_terminal) {
        Some(mut screen) => {
            let written = writeln!(screen, "{text}");
            screen.finish().await?;
            written?;
        }
        None => writeln!(stdout, "{text}")?,
    }
    Ok(())
}

/// Returns whether what is written has colors.
pub(crate) fn has_color(is_terminal: bool) -> bool {
    terminal::has_colour(
        is_terminal,
        env::var_os("NO_COLOR").as_deref(),
        env::var_os("TERM").as_deref(),
    )
}

/// Reports the number of rows after them.
pub(crate) fn tell_rows(count: RowCount) {
    if let Some(rows) = terminal::rows_in_words(count, io::stderr().is_terminal()) {
        console::note(rows);
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
    is_gone: &'a AtomicBool,
    /// Whether the remaining rows still have to be counted.
    rows_are_counted: bool,
}

impl Write for Listener<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_gone.load(Ordering::Relaxed) {
            return Ok(bytes.len());
        }
        match self.out.write(bytes) {
            Err(error) if self.rows_are_counted && console::is_closed(&error) => {
                self.is_gone.store(true, Ordering::Relaxed);
                Ok(bytes.len())
            }
            outcome => outcome,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_gone.load(Ordering::Relaxed) { Ok(()) } else { self.out.flush() }
    }
}

/// Names the file, unless it is the query that failed.
fn about(file: &Path, error: anyhow::Error) -> anyhow::Error {
    use ecstrail_query::Error as Query;
    match error.downcast_ref() {
        Some(Query::Query { .. } | Query::Elsewhere { .. }) => error,
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
