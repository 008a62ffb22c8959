//! A table for people: columns aligned, numbers to the right, long values cut. What a terminal
//! would act on is shown as `\u{…}`.

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};

use super::{Encoder, cell, terminal};

/// Rows that are looked at to find the columns' widths; later rows keep them.
const ROWS_MEASURED: usize = 1000;

/// The widest cell, in characters, where columns stand side by side.
const WIDEST_CELL: usize = 60;

#[derive(Debug)]
pub(super) struct TableEncoder {
    names: Vec<String>,
    is_number: Vec<bool>,
    widths: Vec<usize>,
    /// Rows that wait for the widths; `None` once those are settled.
    waiting: Option<Vec<Vec<String>>>,
}

impl TableEncoder {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let names: Vec<_> =
            schema.fields().iter().map(|field| terminal::visible(field.name())).collect();
        Self {
            widths: names.iter().map(|name| name.chars().count()).collect(),
            is_number: schema.fields().iter().map(|field| field.data_type().is_numeric()).collect(),
            names,
            waiting: Some(Vec::new()),
        }
    }

    fn settle(&mut self, text: &mut Vec<u8>) {
        let Some(waiting) = self.waiting.take() else { return };
        for row in &waiting {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = cell.chars().count().min(WIDEST_CELL).max(*width);
            }
        }
        let underline: Vec<_> = self.widths.iter().map(|width| "-".repeat(*width)).collect();
        self.write(&self.names, text);
        self.write(&underline, text);
        for row in &waiting {
            self.write(row, text);
        }
    }

    fn write(&self, cells: &[String], text: &mut Vec<u8>) {
        let mut line = String::new();
        for (number, cell) in cells.iter().enumerate() {
            let separator = if number == 0 { "" } else { "  " };
            let padding = " ".repeat(self.widths[number].saturating_sub(cell.chars().count()));
            let (before, after) = if self.is_number[number] {
                (padding.as_str(), "")
            } else {
                ("", padding.as_str())
            };
            line.extend([separator, before, cell, after]);
        }
        text.extend_from_slice(line.trim_end().as_bytes());
        text.push(b'\n');
    }
}

impl Encoder for TableEncoder {
    fn encode(&mut self, batch: &RecordBatch, text: &mut Vec<u8>) -> Result<(), ArrowError> {
        let columns = batch
            .columns()
            .iter()
            .map(|column| cell::readable(column.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        let widest = if columns.len() > 1 { WIDEST_CELL } else { usize::MAX };
        for row in 0..batch.num_rows() {
            let cell = |cells: &Vec<String>| cut(&terminal::visible(&cells[row]), widest);
            let cells: Vec<_> = columns.iter().map(cell).collect();
            match &mut self.waiting {
                Some(waiting) => {
                    waiting.push(cells);
                    if waiting.len() >= ROWS_MEASURED {
                        self.settle(text);
                    }
                }
                None => self.write(&cells, text),
            }
        }
        Ok(())
    }

    fn finish(&mut self, text: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.settle(text);
        Ok(())
    }
}

fn cut(cell: &str, widest: usize) -> String {
    match cell.char_indices().nth(widest) {
        None => cell.to_owned(),
        Some(_) => cell.chars().take(widest - 1).chain(['…']).collect(),
    }
}
