//! Export of rows as CloudTrail records: as JSON lines, or as log files that other tools read.

use std::io;

use chrono::NaiveDate;
use datafusion::{arrow::array::RecordBatch, sql::parser::Statement};
use ecstrail_converter::{Rebuilder, rebuild_columns};
use futures::{Stream, StreamExt, stream};
use tokio::sync::mpsc;

use crate::{
    caveat::Scope,
    error::{Cause, Error, Result},
    parameter::{Bindings, ParameterType},
    portable::statement,
    session::{Rows, Session},
    table::{DATE, REGION},
};

mod log_files;
#[cfg(test)]
mod tests;

pub use log_files::{Exported, write_log_files};

/// Which records to export; all by default.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// SQL condition on the columns of `events`.
    pub filter: Option<String>,
    /// First UTC day, as [`parse_day`](crate::parse_day) reads it.
    pub from: Option<String>,
    /// Last UTC day, inclusive.
    pub until: Option<String>,
    /// Region.
    pub region: Option<String>,
}

/// Batches that are read while others are written.
const BATCHES_AHEAD: usize = 2;

impl ExportOptions {
    /// Returns the selected part of the dataset, without the condition.
    pub fn scope(&self, today: NaiveDate) -> Result<Scope> {
        Ok(Scope::of(&self.query(today)?.1))
    }

    /// Returns the query for the rows, and what its parameters are bound to.
    fn query(&self, today: NaiveDate) -> Result<(Statement, Bindings)> {
        let mut bindings = Bindings::default();
        let mut conditions = Vec::new();
        for (name, value, kind, condition) in [
            ("from", &self.from, ParameterType::Date, format!("{DATE} >= $from")),
            ("until", &self.until, ParameterType::Date, format!("{DATE} <= $until")),
            ("region", &self.region, ParameterType::Region, format!("{REGION} = $region")),
        ] {
            let Some(value) = value else { continue };
            if !bindings.bind(name, kind, Some(value), today) {
                return Err(Error::WrongOption {
                    name,
                    value: value.clone(),
                    expected: kind.expectation(),
                    correction: kind.correction(value),
                });
            }
            conditions.push(condition);
        }
        let columns: Vec<_> =
            [DATE, REGION].into_iter().chain(rebuild_columns().map(|column| column.name)).collect();
        let mut sql = format!("SELECT {} FROM events", columns.join(", "));
        if !conditions.is_empty() {
            sql = format!("{sql} WHERE {}", conditions.join(" AND "));
        }
        let statement = match &self.filter {
            Some(filter) => statement::narrowed(&sql, filter)?,
            None => statement::parse(&sql)?,
        };
        Ok((statement, bindings))
    }
}

impl Session {
    /// Returns the rows of the selected records. With one thread they are in the order of the
    /// dataset: by day, Region, and time.
    pub async fn records(&self, options: &ExportOptions, today: NaiveDate) -> Result<Rows> {
        let (statement, bindings) = options.query(today)?;
        self.answer(statement, &bindings).await
    }
}

/// Writes each record as a line of JSON and returns the number of records. Calls `on_progress`
/// with the number so far.
pub async fn write_records(
    rows: Rows,
    out: &mut (dyn io::Write + Send),
    mut on_progress: impl FnMut(u64),
) -> Result<u64> {
    let mut rebuilder = Rebuilder::new();
    let mut batches = ahead(rows);
    let mut text = Vec::new();
    let mut records = 0;
    while let Some(batch) = batches.next().await {
        text.clear();
        rebuild(&mut rebuilder, &batch?, |_, record| {
            text.extend_from_slice(record.as_bytes());
            text.push(b'\n');
            records += 1;
        })?;
        out.write_all(&text).map_err(|source| Error::Write { source })?;
        on_progress(records);
    }
    out.flush().map_err(|source| Error::Write { source })?;
    Ok(records)
}

fn rebuild(
    rebuilder: &mut Rebuilder,
    batch: &RecordBatch,
    each: impl FnMut(usize, &str),
) -> Result<()> {
    rebuilder.records(batch, each).map_err(|source| Error::Rebuild { source })
}

/// Reads on while the caller works.
fn ahead(mut rows: Rows) -> impl Stream<Item = Result<RecordBatch>> {
    let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
    let reading = tokio::spawn(async move {
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(|error| Error::query(&error));
            if sender.send(batch).await.is_err() {
                break;
            }
        }
    });
    stream::unfold((receiver, Some(reading)), |(mut receiver, mut reading)| async move {
        if let Some(batch) = receiver.recv().await {
            return Some((batch, (receiver, reading)));
        }
        // The channel is closed at the end of the rows, but also when their reader has died.
        let error = reading.take()?.await.err()?;
        let source = Cause::from(error.to_string().as_str());
        Some((Err(Error::Query { source }), (receiver, None)))
    })
    .boxed()
}
