//! A book as one JSON object, for programs. Documented in the reference of the command line.

use std::{collections::BTreeMap, io};

use arrow::error::ArrowError;
use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Book, Chapter, Outcome, Place};
use crate::format::json_lines;

#[derive(Debug, Serialize)]
struct BookJson<'a> {
    title: &'a str,
    scope: &'a str,
    made_at: String,
    version: &'a str,
    dataset: DatasetJson<'a>,
    findings: BTreeMap<&'static str, u64>,
}

#[derive(Debug, Serialize)]
struct DatasetJson<'a> {
    events: u64,
    events_in_scope: u64,
    first_day: Option<String>,
    last_day: Option<String>,
    newest_event: Option<String>,
    last_commit_at: Option<&'a str>,
    log_files: u64,
    rejects: u64,
    filters: &'a [String],
    places: Vec<PlaceJson<'a>>,
}

#[derive(Debug, Serialize)]
struct PlaceJson<'a> {
    account: Option<&'a str>,
    region: &'a str,
    events: u64,
    first_day: String,
    last_day: String,
    gaps: Vec<[String; 2]>,
}

#[derive(Debug, Serialize)]
struct ChapterJson<'a> {
    name: Option<&'a str>,
    title: &'a str,
    description: &'a str,
    severity: Option<&'static str>,
    sql: Option<&'a str>,
    parameters: BTreeMap<&'a str, Option<&'a str>>,
    caveats: &'a [String],
    /// `rows`, `not run` or `failed`.
    outcome: &'static str,
    problem: Option<&'a str>,
    rows_found: Option<u64>,
    columns: Vec<String>,
    rows: Vec<Box<RawValue>>,
}

/// Writes the book. Chapters follow one after the other, so that only one is text at a time.
pub(super) fn write(book: &Book, out: &mut dyn io::Write) -> Result<(), ArrowError> {
    let dataset = &book.dataset;
    let mut findings = BTreeMap::new();
    for (severity, rows, _) in book.findings() {
        *findings.entry(severity.name()).or_default() += rows;
    }
    let head = BookJson {
        title: &book.title,
        scope: &book.scope,
        made_at: book.made_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        version: &book.version,
        dataset: DatasetJson {
            events: dataset.events,
            events_in_scope: dataset.events_in_scope,
            first_day: dataset.days.map(|days| days.0.to_string()),
            last_day: dataset.days.map(|days| days.1.to_string()),
            newest_event: dataset
                .newest_event
                .map(|newest| newest.to_rfc3339_opts(SecondsFormat::Secs, true)),
            last_commit_at: dataset.last_commit_at.as_deref(),
            log_files: dataset.log_files,
            rejects: dataset.rejects,
            filters: &dataset.filters,
            places: dataset.places.iter().map(place).collect(),
        },
        findings,
    };
    let head = serde_json::to_string(&head).map_err(external)?;
    let head = head.strip_suffix('}').unwrap_or(&head);
    out.write_all(format!("{head},\"reports\":[").as_bytes())?;
    for (index, chapter) in book.chapters.iter().enumerate() {
        out.write_all(if index > 0 { b",\n" } else { b"\n" })?;
        serde_json::to_writer(&mut *out, &json_of(chapter)?).map_err(external)?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

fn place(place: &Place) -> PlaceJson<'_> {
    PlaceJson {
        account: place.account.as_deref(),
        region: &place.region,
        events: place.events,
        first_day: place.days.0.to_string(),
        last_day: place.days.1.to_string(),
        gaps: place
            .gaps
            .iter()
            .map(|(first, last)| [first.to_string(), last.to_string()])
            .collect(),
    }
}

fn json_of(chapter: &Chapter) -> Result<ChapterJson<'_>, ArrowError> {
    let (outcome, problem, answer) = match &chapter.outcome {
        Outcome::Rows(answer) => ("rows", None, Some(answer)),
        Outcome::NotRun(reason) => ("not run", Some(reason.as_str()), None),
        Outcome::Failed(reason) => ("failed", Some(reason.as_str()), None),
    };
    let rows = answer.map(|answer| json_lines(&answer.rows)).transpose()?.unwrap_or_default();
    let schema = answer.map(|answer| answer.rows.schema());
    let rows = rows.lines().map(|line| RawValue::from_string(line.to_owned()));
    Ok(ChapterJson {
        name: chapter.name.as_deref(),
        title: &chapter.title,
        description: &chapter.description,
        severity: chapter.severity.map(crate::report::Severity::name),
        sql: chapter.sql.as_deref(),
        parameters: chapter
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_deref()))
            .collect(),
        caveats: &chapter.caveats,
        outcome,
        problem,
        rows_found: answer.map(|answer| answer.found),
        columns: schema
            .map(|schema| schema.fields().iter().map(|field| field.name().clone()).collect())
            .unwrap_or_default(),
        rows: rows.collect::<Result<_, _>>().map_err(external)?,
    })
}

/// An I/O error stays one: a closed pipe is not a problem of the format.
fn external(error: serde_json::Error) -> ArrowError {
    if error.is_io() {
        let error = io::Error::from(error);
        return ArrowError::IoError(error.to_string(), error);
    }
    ArrowError::ExternalError(Box::new(error))
}
