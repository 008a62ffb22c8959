//! Selected records become rows of the column table.
//!
//! One walk over a record's text fills, per column, the best source seen so far; then each column
//! is read off its slot or derived from other columns. No value is parsed into a tree, nothing is
//! made up, and nothing here knows a single API call: the column table decides.

use std::sync::Arc;

use arrow::{array::RecordBatch, error::ArrowError};

use crate::{
    columns::{COLUMNS, arrow_schema},
    records::SelectedRow,
    trail::selection::is_ecs,
};

mod actor;
mod arn;
mod caller;
mod channel;
mod columns;
mod denial;
mod derive;
mod lists;
mod nested;
mod operation;
mod person;
mod plan;
mod session_name;
mod slots;
mod unmapped;
mod walk;

use columns::ColumnBuilder;
use derive::Record;
use plan::Plan;
use slots::Slots;
pub(crate) use slots::parse_boolean;
use unmapped::Unmapped;

/// Where a record was found.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// Path of the log file, below the source that was converted.
    pub source_file: &'a str,
}

/// Collects rows of the column table. One flattener serves one thread.
#[derive(Debug)]
pub struct Flattener {
    plan: &'static Plan,
    slots: Slots,
    unmapped: Unmapped,
    builders: Vec<ColumnBuilder>,
    rows: usize,
    text_bytes: usize,
}

impl Default for Flattener {
    fn default() -> Self {
        Self::new()
    }
}

impl Flattener {
    /// Makes a flattener without rows.
    pub fn new() -> Self {
        Self {
            plan: Plan::get(),
            slots: Slots::new(COLUMNS),
            unmapped: Unmapped::new(),
            builders: COLUMNS.iter().map(|column| ColumnBuilder::new(column.kind)).collect(),
            rows: 0,
            text_bytes: 0,
        }
    }

    /// Adds the row of a selected record.
    pub fn push(&mut self, selected: &SelectedRow<'_>, provenance: Provenance<'_>) {
        let text = selected.record;
        self.slots.clear();
        self.unmapped.clear();
        self.plan.read_top_level(text, &mut self.slots, &mut self.unmapped);
        let event_source = self.plan.event_source(text, &self.slots);
        self.plan.read_members(text, &mut self.slots, event_source.as_deref().is_some_and(is_ecs));
        let unmapped = self.unmapped.finish(text);
        let record = Record {
            plan: self.plan,
            text,
            slots: &self.slots,
            selected,
            provenance,
            unmapped: unmapped.as_deref(),
        };
        // Most columns are NULL in most records: their builders are filled up later.
        for &column in self.slots.used().iter().chain(&self.plan.derived) {
            let builder = &mut self.builders[column];
            if builder.rows() <= self.rows {
                builder.fill(self.rows);
                record.append(column, builder);
            }
        }
        self.rows += 1;
        self.text_bytes += text.len();
    }

    /// Number of rows since the last [`finish`](Self::finish).
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of record text behind these rows.
    pub fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// Takes the rows as a batch of [`arrow_schema`].
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        for builder in &mut self.builders {
            builder.fill(self.rows);
        }
        self.rows = 0;
        self.text_bytes = 0;
        let columns = self.builders.iter_mut().map(ColumnBuilder::finish).collect();
        RecordBatch::try_new(Arc::clone(&arrow_schema()), columns)
    }
}

#[cfg(test)]
mod tests;
