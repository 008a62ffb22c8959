//! The output formats of rows: a table for people, delimited text for spreadsheets, JSON for
//! programs, Markdown for documents, and Parquet and Arrow for other engines.

use std::{fmt, path::Path, str::FromStr};

use crate::error::Result;

mod arrow_file;
mod cell;
mod csv;
mod encoder;
mod inert;
mod json;
mod markdown;
mod parquet_file;
mod table;
mod terminal;
#[cfg(test)]
mod tests;
mod tsv;
mod width;
mod write;

pub use encoder::WriteOptions;
pub(crate) use json::json_lines;
pub use terminal::{TerminalJson, TerminalText, printable, printable_json, printable_line};
pub use write::{RowCount, write_rows};

/// The output format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns, or one line per value if those are too wide; control characters are shown
    /// as `\u{…}`.
    Table,
    /// RFC 4180, safe to open in a spreadsheet.
    Csv,
    /// One row per line, safe to open in a spreadsheet; tabs and line breaks are escaped.
    Tsv,
    /// One array of objects.
    Json,
    /// One object per line.
    JsonLines,
    /// A GitHub Flavored Markdown table whose cells contain only text.
    Markdown,
    /// A Parquet file.
    Parquet,
    /// An Arrow IPC file, also known as Feather.
    Arrow,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 8] = [
        Self::Table,
        Self::Csv,
        Self::Tsv,
        Self::Json,
        Self::JsonLines,
        Self::Markdown,
        Self::Parquet,
        Self::Arrow,
    ];

    /// The name, as users give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::JsonLines => "jsonl",
            Self::Markdown => "markdown",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    /// The file name extensions of the format, without the dot.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Table => &["txt"],
            Self::Csv => &["csv"],
            Self::Tsv => &["tsv"],
            Self::Json => &["json"],
            Self::JsonLines => &["jsonl", "ndjson"],
            Self::Markdown => &["md", "markdown"],
            Self::Parquet => &["parquet"],
            Self::Arrow => &["arrow", "feather"],
        }
    }

    /// Returns the format that a file name's extension stands for.
    pub fn of_file(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.endings().contains(&ending.as_str()))
    }

    /// Returns whether the format is binary rather than text.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The text does not name a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a format: use {names}", names = Format::ALL.map(Format::name).join(", "))]
pub struct ParseFormatError(String);

impl FromStr for Format {
    type Err = ParseFormatError;

    fn from_str(text: &str) -> Result<Self, ParseFormatError> {
        let named = Self::ALL.into_iter().find(|format| format.name() == text);
        named.ok_or_else(|| ParseFormatError(text.to_owned()))
    }
}
