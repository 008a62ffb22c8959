//! What lasts from one statement to the next: how results look and where they go, and what is shown
//! besides.

use std::path::PathBuf;

use anyhow::Result;
use ecstrail_query::{BookFormat, Format};

use crate::{
    args::{OutputArguments, ShellArguments},
    commands::rows::Output,
    console,
    destination::{self, Reads},
    exit::UsageError,
};

/// What is said of a page.
const NO_PAGE: &str = "the shell writes no html: run `ecstrail report NAME --output x.html`, or `ecstrail query` \
                       with SQL and --output";

/// The settings of a shell.
#[derive(Debug)]
pub(super) struct Settings {
    /// The format of what is shown here.
    format: Option<Format>,
    file: Option<OutputFile>,
    pub(super) is_timed: bool,
    pub(super) explains: bool,
}

/// A file that results go to.
#[derive(Debug)]
struct OutputFile {
    path: PathBuf,
    format: Format,
    /// Results that were written to it.
    results: u64,
}

impl Settings {
    pub(super) fn new(arguments: &ShellArguments) -> Result<Self> {
        let format = arguments.format.as_deref().map(format_named).transpose()?;
        format.map_or(Ok(()), check_terminal)?;
        Ok(Self { format, file: None, is_timed: false, explains: false })
    }

    /// Returns where the next result goes, and how it looks.
    ///
    /// # Errors
    /// If the file has no room for another one.
    pub(super) fn output(&self, arguments: &ShellArguments) -> Result<Output> {
        let results = self.file.as_ref().map_or(0, |file| file.results);
        Output::open(&self.output_arguments(arguments))?.after(results)
    }

    /// Counts a result that was written.
    pub(super) fn count_result(&mut self) {
        if let Some(file) = &mut self.file {
            file.results += 1;
        }
    }

    /// Returns the same as options of the command line.
    pub(super) fn output_arguments(&self, arguments: &ShellArguments) -> OutputArguments {
        let (output, format) = match &self.file {
            Some(file) => (Some(file.path.clone()), Some(file.format)),
            None => (None, self.format),
        };
        let is_delimited = matches!(format, Some(Format::Csv | Format::Tsv));
        OutputArguments {
            format: format.map(|format| format.to_string()),
            output,
            csv_raw: arguments.csv_raw && is_delimited,
            limit: arguments.limit,
            no_pager: arguments.no_pager,
            pager: arguments.pager,
            ..OutputArguments::default()
        }
    }

    /// Sets the format of what is shown, or of what goes to the file, and says which it is.
    pub(super) fn set_format(&mut self, format: Option<&str>) -> Result<()> {
        if let Some(format) = format {
            let format = format_named(format)?;
            if let Some(file) = &mut self.file {
                file.format = format;
            } else {
                check_terminal(format)?;
                self.format = Some(format);
            }
        }
        let now = match &self.file {
            Some(file) => format!("results go to {} as {}", file.path.display(), file.format),
            None => format!("results are shown as {}", self.format.unwrap_or(Format::Table)),
        };
        if format.is_some() {
            console::note(now);
        } else {
            let formats = Format::ALL.map(|format| format.to_string()).join(", ");
            console::note(format!("{now}; there are {formats}"));
        }
        Ok(())
    }

    /// Sends results to a file, or shows them here again.
    ///
    /// # Errors
    /// If the file may not be overwritten.
    pub(super) fn set_output(&mut self, file: Option<PathBuf>, reads: &Reads<'_>) -> Result<()> {
        let Some(path) = file else {
            self.file = None;
            console::note("results are shown here");
            return Ok(());
        };
        destination::check_file(".output", &path, reads)?;
        if BookFormat::of_file(&path) == Some(BookFormat::Html) {
            return Err(UsageError(NO_PAGE.to_owned()).into());
        }
        let format = Format::of_file(&path).or(self.format).unwrap_or(Format::Table);
        console::note(format!("results go to {} as {format}", path.display()));
        self.file = Some(OutputFile { path, format, results: 0 });
        Ok(())
    }

    /// Checks that the file is none of those that are read.
    pub(super) fn check_output(&self, reads: &Reads<'_>) -> Result<()> {
        match &self.file {
            Some(file) => destination::check_file(".output", &file.path, reads),
            None => Ok(()),
        }
    }

    /// Sets whether times are shown, and says whether they are.
    pub(super) fn set_timer(&mut self, is_timed: Option<bool>) {
        self.is_timed = is_timed.unwrap_or(self.is_timed);
        console::note(format!("the timer is {}", if self.is_timed { "on" } else { "off" }));
    }

    /// Lets statements be explained instead of run, or run again.
    pub(super) fn toggle_explains(&mut self) {
        self.explains = !self.explains;
        console::note(if self.explains {
            "statements are explained and not run, until `.explain` again"
        } else {
            "statements are run again"
        });
    }
}

fn format_named(name: &str) -> Result<Format> {
    if name == BookFormat::Html.name() {
        return Err(UsageError(NO_PAGE.to_owned()).into());
    }
    Ok(name.parse()?)
}

/// Checks that a format can be shown here.
fn check_terminal(format: Format) -> Result<()> {
    if format.is_binary() {
        let problem = format!("{format} is for files: give one with `.output FILE`");
        return Err(UsageError(problem).into());
    }
    Ok(())
}
