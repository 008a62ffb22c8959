//! Runs a report for a book: keeps the first rows, counts all, and collects its chart.

use std::collections::BTreeMap;

use arrow::{
    array::{RecordBatch, UInt64Array},
    compute::{concat_batches, take_record_batch},
    error::ArrowError,
};
use datafusion::{error::DataFusionError, scalar::ScalarValue};
use futures::StreamExt;

use super::{Answer, Chapter, Outcome, Selection};
use crate::{
    caveat::Scope,
    engine::Engine,
    error::{Error, Result},
    format::readable,
    parameter::{Arguments, Bindings},
    plot::Collector,
    report::{Chart, Report, Severity},
    session::{OldFiles, Rows, Session},
};

/// Bytes of rows that a chapter keeps at most, as the engine holds them; at least one row is kept.
const MOST_BYTES: usize = 64 << 20;

/// What is collected of rows besides them.
#[derive(Debug, Clone, Copy, Default)]
struct Asked<'a> {
    chart: Option<&'a Chart>,
    severity: Option<Severity>,
}

/// How much of a report is shown.
#[derive(Debug, Clone, Copy)]
pub struct ChapterOptions {
    /// Rows that are shown at most.
    pub rows: usize,
    /// Whether the chart is collected that the report declares.
    pub has_chart: bool,
}

impl Session {
    /// Runs a report for a book. A report that the dataset cannot answer, or that fails, is a chapter
    /// without rows that says so.
    ///
    /// # Errors
    /// [`Error::Encode`] if a value that a parameter is bound to is not one that can be shown.
    pub async fn chapter(
        &self,
        engine: &dyn Engine,
        selection: &Selection<'_>,
        options: ChapterOptions,
    ) -> Result<Chapter> {
        let mut chapter = begun(selection)?;
        chapter.outcome =
            match self.answer_for(engine, selection, options, &mut chapter.caveats).await {
                Ok(answer) => Outcome::Rows(answer),
                Err(error @ (Error::NotConverted { .. } | Error::OldFiles { .. })) => {
                    Outcome::NotRun(error.to_string())
                }
                Err(error) => Outcome::Failed(in_words(&error)),
            };
        Ok(chapter)
    }

    /// Runs a report for a page of its own.
    ///
    /// # Errors
    /// Those of [`Engine::report`] and [`caveats`](Self::caveats).
    pub async fn report_chapter(
        &self,
        engine: &dyn Engine,
        selection: &Selection<'_>,
        options: ChapterOptions,
    ) -> Result<Chapter> {
        let mut chapter = begun(selection)?;
        let answer = self.answer_for(engine, selection, options, &mut chapter.caveats).await?;
        chapter.outcome = Outcome::Rows(answer);
        Ok(chapter)
    }

    /// Runs a query for a page of its own.
    ///
    /// # Errors
    /// Those of [`Engine::sql`].
    pub async fn query_chapter(
        &self,
        engine: &dyn Engine,
        sql: &str,
        arguments: &Arguments,
        options: ChapterOptions,
    ) -> Result<Chapter> {
        let rows = engine.sql(sql, &Bindings::texts(arguments)).await?;
        let mut caveats = Vec::new();
        caveats.extend(self.old_files(sql).map(old_files));
        let answer = self
            .answer_of(engine, rows, Asked::default(), &Scope::default(), options, &mut caveats)
            .await?;
        let given = arguments.iter().map(|(name, value)| (name.clone(), Some(value.clone())));
        Ok(Chapter {
            name: None,
            title: "Query".to_owned(),
            description: String::new(),
            severity: None,
            reference: None,
            sql: Some(sql.trim().to_owned()),
            parameters: given.collect(),
            caveats,
            outcome: Outcome::Rows(answer),
        })
    }

    async fn answer_for(
        &self,
        engine: &dyn Engine,
        selection: &Selection<'_>,
        options: ChapterOptions,
        caveats: &mut Vec<String>,
    ) -> Result<Answer> {
        let Selection { report, bindings, .. } = selection;
        let found = self.caveats(engine, report, bindings).await?;
        caveats.extend(found.iter().map(ToString::to_string));
        let rows = engine.report(report, bindings).await?;
        let asked = Asked {
            chart: report.chart.as_ref().filter(|_| options.has_chart),
            severity: report.severity,
        };
        let answer = self.answer_of(engine, rows, asked, &Scope::of(bindings), options, caveats).await?;
        if let Some(ScalarValue::Int64(Some(most))) = bindings.value("limit")
            && i64::try_from(answer.found).is_ok_and(|found| found >= *most)
        {
            caveats.push(format!(
                "There may be more rows: the report's own parameter `limit` is {most}."
            ));
        }
        Ok(answer)
    }

    async fn answer_of(
        &self,
        engine: &dyn Engine,
        rows: Rows,
        asked: Asked<'_>,
        scope: &Scope,
        options: ChapterOptions,
        caveats: &mut Vec<String>,
    ) -> Result<Answer> {
        let answer = collect(rows, asked, options.rows, caveats).await?;
        if answer.found == 0 {
            caveats.push(self.why_no_rows(engine, scope).await?.to_string());
        }
        Ok(answer)
    }
}

/// Returns the chapter of a report before it is run.
fn begun(selection: &Selection<'_>) -> Result<Chapter> {
    let Selection { report, bindings, not_limited_by } = selection;
    Ok(Chapter {
        name: Some(report.name.clone()),
        title: report.title.clone(),
        description: report.description.clone(),
        severity: report.severity,
        reference: report.reference.clone(),
        sql: None,
        parameters: parameters(report, bindings)?,
        caveats: not_limited_by.iter().map(|name| not_limited(name)).collect(),
        outcome: Outcome::NotRun("it was not run yet".to_owned()),
    })
}

/// Keeps the first rows and the points of a chart, and counts all rows.
async fn collect(
    mut rows: Rows,
    asked: Asked<'_>,
    most_rows: usize,
    caveats: &mut Vec<String>,
) -> Result<Answer> {
    let schema = rows.schema();
    let mut collector = asked.chart.map(|chart| Collector::new(chart, &schema));
    let mut findings = BTreeMap::new();
    let (mut kept, mut kept_rows, mut kept_bytes, mut found) = (Vec::new(), 0, 0, 0);
    while let Some(batch) = rows.next().await {
        let batch = batch.map_err(|error| Error::query(&error))?;
        found += batch.num_rows() as u64;
        if let Some(severity) = asked.severity {
            count_findings(&batch, severity, &mut findings)?;
        }
        if let Some(Ok(collector)) = &mut collector {
            collector.add(&batch).map_err(engine)?;
        }
        let room = if kept_bytes < MOST_BYTES { most_rows - kept_rows } else { 0 };
        let taken = first_rows(&batch, room, MOST_BYTES.saturating_sub(kept_bytes))?;
        kept_rows += taken.num_rows();
        kept_bytes +=
            if taken.num_rows() < batch.num_rows().min(room) { MOST_BYTES } else { bytes(&taken) };
        kept.push(taken);
        kept.retain(|batch| batch.num_rows() > 0);
    }
    let plot = match collector.map(|collector| collector.and_then(Collector::finish)) {
        None => None,
        Some(Ok(plot)) => plot,
        Some(Err(problem)) => {
            caveats.push(format!("The chart is not drawn: {problem}."));
            None
        }
    };
    let rows = concat_batches(&schema, &kept).map_err(engine)?;
    Ok(Answer { rows, found, findings, plot })
}

/// Adds rows to the findings: each has the severity of the report, unless its column `severity` has
/// another.
fn count_findings(
    batch: &RecordBatch,
    severity: Severity,
    findings: &mut BTreeMap<Severity, u64>,
) -> Result<()> {
    let texts = batch.column_by_name("severity").map(|column| readable(column.as_ref()));
    let texts = texts.transpose().map_err(engine)?;
    for row in 0..batch.num_rows() {
        let own = texts.as_ref().and_then(|texts| texts[row].parse().ok());
        *findings.entry(own.unwrap_or(severity)).or_default() += 1;
    }
    Ok(())
}

/// Copies the first rows, so that the rest of the batch is not held. If they have too many bytes, only
/// as many are copied as fit on average, and at least one.
fn first_rows(batch: &RecordBatch, most: usize, most_bytes: usize) -> Result<RecordBatch> {
    let copied = |rows: usize| {
        let indices = UInt64Array::from_iter_values(0..rows as u64);
        take_record_batch(batch, &indices).map_err(engine)
    };
    let taken = copied(batch.num_rows().min(most))?;
    let size = bytes(&taken);
    if size <= most_bytes || taken.num_rows() < 2 {
        return Ok(taken);
    }
    copied((taken.num_rows() * (most_bytes >> 10) / (size >> 10).max(1)).max(1))
}

fn bytes(batch: &RecordBatch) -> usize {
    batch.get_array_memory_size()
}

/// Returns what each parameter is bound to, as people read it.
fn parameters(report: &Report, bindings: &Bindings) -> Result<Vec<(String, Option<String>)>> {
    let text = |name: &str| -> Result<Option<String>> {
        let Some(value) = bindings.value(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let array = value.to_array().map_err(|error| Error::engine(&error))?;
        Ok(readable(array.as_ref()).map_err(engine)?.pop())
    };
    report.parameters.iter().map(|one| Ok((one.name.clone(), text(&one.name)?))).collect()
}

fn not_limited(name: &str) -> String {
    let what = match name {
        "from" | "until" => "It shows all days, since it has no parameter",
        _ => "Its rows are not limited to the one that was given, since it has no parameter",
    };
    format!("{what} `{name}`.")
}

fn old_files(OldFiles { old, files, columns }: OldFiles) -> String {
    format!(
        "{old} of {files} data files were written by an older version of ecstrail and have no values in {}: \
         run `ecstrail compact --upgrade` on the dataset once.",
        columns.join(", ")
    )
}

fn engine(error: ArrowError) -> Error {
    Error::query(&DataFusionError::from(error))
}

fn in_words(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
