//! A table for people: columns aligned, numbers to the right, long values cut. Columns that cannot
//! stand side by side on the terminal are shown one below the other instead, row by row.

use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
    error::ArrowError,
};

use super::{
    WriteOptions, cell, terminal,
    width::{cut, width},
    write::Encoder,
};

mod layout;

use layout::{Column, Room, SEPARATOR};

/// Rows that are looked at to find the columns' widths; later rows keep them.
const ROWS_MEASURED: usize = 1000;

/// Text that is looked at; what comes first ends the search.
const BYTES_MEASURED: usize = 8 << 20;

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

#[derive(Debug)]
pub(super) struct TableEncoder {
    columns: Vec<Column>,
    limit: Option<usize>,
    colour: bool,
    /// `None` while rows wait for it.
    layout: Option<Layout>,
    waiting: Vec<Vec<String>>,
    waiting_bytes: usize,
    records: u64,
}

#[derive(Debug)]
enum Layout {
    /// A line a row.
    Lines(Vec<Room>),
    /// A line a value, beside names of this width. NULL and empty texts have none.
    Records(usize),
}

impl TableEncoder {
    pub(super) fn new(schema: &SchemaRef, options: &WriteOptions) -> Self {
        let columns = schema.fields().iter().map(|field| {
            let kind = field.data_type();
            Column {
                name: terminal::visible(field.name()),
                is_number: kind.is_numeric(),
                is_whole: kind.is_numeric() || kind.is_temporal() || *kind == DataType::Boolean,
                widest_cell: 0,
            }
        });
        Self {
            columns: columns.collect(),
            limit: options.width,
            colour: options.colour,
            layout: None,
            waiting: Vec::new(),
            waiting_bytes: 0,
            records: 0,
        }
    }

    fn add(&mut self, row: Vec<String>, text: &mut Vec<u8>) {
        if self.layout.is_some() {
            return self.write(&row, text);
        }
        for (column, cell) in self.columns.iter_mut().zip(&row) {
            column.widest_cell = column.widest_cell.max(width(cell));
            self.waiting_bytes += cell.len();
        }
        self.waiting.push(row);
        if self.waiting.len() >= ROWS_MEASURED || self.waiting_bytes >= BYTES_MEASURED {
            self.settle(text);
        }
    }

    /// Decides on the layout and writes what has waited for it.
    fn settle(&mut self, text: &mut Vec<u8>) {
        if self.layout.is_some() {
            return;
        }
        if let Some(rooms) = layout::rooms(&self.columns, self.limit) {
            let names = self.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
            let rule = rooms.iter().map(|room| "-".repeat(room.width)).collect::<Vec<_>>();
            self.style(BOLD, &self.line(&rooms, &names), text);
            text.push(b'\n');
            self.style(DIM, &self.line(&rooms, &rule), text);
            text.push(b'\n');
            self.layout = Some(Layout::Lines(rooms));
        } else {
            let names = self.columns.iter().map(|column| width(&column.name));
            self.layout = Some(Layout::Records(names.max().unwrap_or_default()));
            if self.waiting.is_empty() {
                text.extend_from_slice(b"(no rows)\n");
            }
        }
        for row in std::mem::take(&mut self.waiting) {
            self.write(&row, text);
        }
    }

    fn write(&mut self, row: &[String], text: &mut Vec<u8>) {
        match &self.layout {
            None => {}
            Some(Layout::Lines(rooms)) => {
                text.extend_from_slice(self.line(rooms, row).as_bytes());
                text.push(b'\n');
            }
            Some(Layout::Records(widest_name)) => {
                self.records += 1;
                self.style(DIM, &format!("--- row {} ---", self.records), text);
                text.push(b'\n');
                for (column, cell) in self.columns.iter().zip(row) {
                    if !cell.is_empty() {
                        let padding = " ".repeat(widest_name - width(&column.name));
                        self.style(BOLD, &column.name, text);
                        text.extend([&padding, SEPARATOR, cell, "\n"].concat().into_bytes());
                    }
                }
            }
        }
    }

    fn line(&self, rooms: &[Room], cells: &[String]) -> String {
        let mut line = String::new();
        for ((number, cell), room) in cells.iter().enumerate().zip(rooms) {
            let separator = if number == 0 { "" } else { SEPARATOR };
            let cell = cut(cell, room.cut);
            let padding = " ".repeat(room.width.saturating_sub(width(&cell)));
            let (before, after) = if self.columns[number].is_number {
                (padding.as_str(), "")
            } else {
                ("", padding.as_str())
            };
            line.extend([separator, before, &cell, after]);
        }
        line.truncate(line.trim_end().len());
        line
    }

    fn style(&self, style: &str, shown: &str, text: &mut Vec<u8>) {
        let (before, after) = if self.colour { (style, PLAIN) } else { ("", "") };
        text.extend([before, shown, after].concat().into_bytes());
    }
}

impl Encoder for TableEncoder {
    fn encode(&mut self, batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        let columns = batch
            .columns()
            .iter()
            .map(|column| cell::readable(column.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let cells = columns.iter().map(|cells| terminal::visible(&cells[row])).collect();
            self.add(cells, bytes);
        }
        Ok(())
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.settle(bytes);
        Ok(())
    }
}
