//! Books: several reports, or one, as a page to read, to print and to send, with a summary of what the
//! dataset has.
//!
//! A chapter keeps the rows that it shows and counts all of them, so that memory depends on the rows
//! shown and not on the dataset.

use std::{collections::BTreeMap, fmt, io, path::Path, str::FromStr};

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

use crate::{
    error::{Error, Result},
    plot::Plot,
    report::Severity,
};

mod chapter;
mod dataset;
mod json;
mod markdown;
mod page;
mod selection;
mod sets;
#[cfg(test)]
mod tests;

pub use chapter::ChapterOptions;
pub use dataset::{DatasetSummary, Place};
pub use selection::{Selection, select};
pub use sets::{ReportSet, ReportSets, built_in_sets};

/// Reports and their rows, ready to be written.
#[derive(Debug, Clone)]
pub struct Book {
    /// Title.
    pub title: String,
    /// The part of the dataset that was asked about, in words; empty for all of it.
    pub scope: String,
    /// When the book was made.
    pub made_at: DateTime<Utc>,
    /// Version of the program.
    pub version: String,
    /// What the dataset has.
    pub dataset: DatasetSummary,
    /// The reports, in their order.
    pub chapters: Vec<Chapter>,
}

/// A report, or a query, and its rows.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// Name of the report; `None` for a query.
    pub name: Option<String>,
    /// Title.
    pub title: String,
    /// What a row is and how to read it; may be empty.
    pub description: String,
    /// Severity of its rows, if each row is a finding.
    pub severity: Option<Severity>,
    /// URL of the relevant documentation page.
    pub reference: Option<String>,
    /// The text of a query; `None` for a report.
    pub sql: Option<String>,
    /// Parameters and the values that they are bound to; `None` is NULL.
    pub parameters: Vec<(String, Option<String>)>,
    /// What the rows do not show by themselves.
    pub caveats: Vec<String>,
    /// What the report found.
    pub outcome: Outcome,
}

/// What a report found.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Rows, or none.
    Rows(Answer),
    /// The dataset cannot answer it, for this reason.
    NotRun(String),
    /// It failed, for this reason.
    Failed(String),
}

/// The rows of a report.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The rows that are shown.
    pub rows: RecordBatch,
    /// How many rows there are.
    pub found: u64,
    /// How many rows are findings of each severity: that of the report, or the one that the row has in
    /// a column `severity`.
    pub findings: BTreeMap<Severity, u64>,
    /// The chart, if the report declares one and rows have a place in it.
    pub plot: Option<Plot>,
}

impl Chapter {
    /// The findings by severity, if its rows are findings; none if it has no rows.
    pub fn findings(&self) -> Option<&BTreeMap<Severity, u64>> {
        match &self.outcome {
            Outcome::Rows(answer) if self.severity.is_some() => Some(&answer.findings),
            _ => None,
        }
    }
}

impl Book {
    /// Writes the book.
    ///
    /// # Errors
    /// [`Error::Write`] if writing to `out` fails, [`Error::Encode`] if rows cannot be represented.
    pub fn write(&self, format: BookFormat, out: &mut dyn io::Write) -> Result<()> {
        let unwritable = |error| Error::unwritable(format.name(), error);
        match format {
            BookFormat::Html => page::write(self, out),
            BookFormat::Markdown => markdown::write(self, out),
            BookFormat::Json => json::write(self, out),
        }
        .map_err(unwritable)?;
        out.flush().map_err(|source| Error::Write { source })
    }

    /// Findings, the most severe first: severity, number, and index of the chapter.
    pub(crate) fn findings(&self) -> Vec<(Severity, u64, usize)> {
        let chapters = self.chapters.iter().enumerate();
        let of_chapter = |(index, chapter): (usize, &Chapter)| {
            let findings = chapter.findings().into_iter().flatten();
            findings.map(|(severity, rows)| (*severity, *rows, index)).collect::<Vec<_>>()
        };
        let mut findings: Vec<_> = chapters.flat_map(of_chapter).collect();
        findings.sort_by_key(|(severity, _, index)| (std::cmp::Reverse(*severity), *index));
        findings
    }

    /// Indexes of the chapters that look for findings and have none.
    pub(crate) fn without_findings(&self) -> Vec<usize> {
        let chapters = self.chapters.iter().enumerate();
        let is_clean = |chapter: &Chapter| chapter.findings().is_some_and(BTreeMap::is_empty);
        chapters.filter(|(_, chapter)| is_clean(chapter)).map(|(index, _)| index).collect()
    }

    /// Chapters that were not run or failed, with the reason.
    pub(crate) fn without_rows(&self) -> Vec<(&Chapter, &str)> {
        self.chapters
            .iter()
            .filter_map(|chapter| match &chapter.outcome {
                Outcome::Rows(_) => None,
                Outcome::NotRun(reason) | Outcome::Failed(reason) => {
                    Some((chapter, reason.as_str()))
                }
            })
            .collect()
    }
}

/// The output format of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookFormat {
    /// One page that needs nothing else.
    Html,
    /// GitHub Flavored Markdown.
    Markdown,
    /// One object.
    Json,
}

impl BookFormat {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Html, Self::Markdown, Self::Json];

    /// The name, as users give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Json => "json",
        }
    }

    /// The file name extensions of the format, without the dot.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Html => &["html", "htm"],
            Self::Markdown => &["md", "markdown"],
            Self::Json => &["json"],
        }
    }

    /// Returns the format that a file name's extension stands for.
    pub fn of_file(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.endings().contains(&ending.as_str()))
    }
}

impl fmt::Display for BookFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The text does not name a format of books.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a format of books: use {names}", names = BookFormat::ALL.map(BookFormat::name).join(", "))]
pub struct ParseBookFormatError(String);

impl FromStr for BookFormat {
    type Err = ParseBookFormatError;

    fn from_str(text: &str) -> Result<Self, ParseBookFormatError> {
        let named = Self::ALL.into_iter().find(|format| format.name() == text);
        named.ok_or_else(|| ParseBookFormatError(text.to_owned()))
    }
}
