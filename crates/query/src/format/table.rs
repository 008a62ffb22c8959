//! A table for people: columns aligned, numbers to the right.
//!
//! Without a terminal nothing is cut. On one, a table that is too wide becomes narrower in this order,
//! and no further than it takes:
//!
//! 1. columns of one value throughout stand above it, once;
//! 2. names of columns are folded, then free text gives way ([`giving`]), with a mark where it is cut;
//! 3. columns for which there is no room follow below their row, by name;
//! 4. a line for each value, row by row.

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};

use super::{
    cell,
    encoder::{Encoder, WriteOptions},
    terminal,
    width::width,
};

mod giving;
mod layout;

use giving::Giving;
use layout::{Column, INDENT, Lines, NARROWEST, SEPARATOR};

/// Rows that wait until the layout is decided; later rows keep it.
const ROWS_MEASURED: usize = 1000;

/// The same on a terminal, where only rows that are all there tell which columns have one value.
pub(super) const ROWS_MEASURED_ON_TERMINAL: usize = 10_000;

/// Text that waits; what comes first ends the wait.
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
    /// A line a row, and what it has no room for below.
    Lines(Lines),
    /// A line a value of these columns. NULL and empty texts have none.
    Records(Vec<usize>),
}

impl TableEncoder {
    pub(super) fn new(schema: &SchemaRef, options: &WriteOptions) -> Self {
        let columns = schema.fields().iter().map(|field| Column {
            name: terminal::visible(field.name()),
            is_number: field.data_type().is_numeric(),
            giving: Giving::of(field.name(), field.data_type()),
            widest_cell: 0,
            least: 0,
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
        let most = if self.limit.is_some() { ROWS_MEASURED_ON_TERMINAL } else { ROWS_MEASURED };
        self.waiting_bytes += row.iter().map(String::len).sum::<usize>();
        self.waiting.push(row);
        if self.waiting.len() >= most || self.waiting_bytes >= BYTES_MEASURED {
            self.settle(false, text);
        }
    }

    /// Decides on the layout and writes what has waited for it.
    fn settle(&mut self, is_all: bool, text: &mut Vec<u8>) {
        if self.layout.is_some() {
            return;
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.measure(&waiting);
        let layout = self.lay_out(&waiting, is_all, text);
        match &layout {
            Layout::Lines(lines) => self.write_header(lines, text),
            Layout::Records(_) if waiting.is_empty() => text.extend_from_slice(b"(no rows)\n"),
            Layout::Records(_) => {}
        }
        self.layout = Some(layout);
        for row in waiting {
            self.write(&row, text);
        }
    }

    fn measure(&mut self, rows: &[Vec<String>]) {
        // All of a single row is wanted.
        let narrowest = if rows.len() == 1 { usize::MAX } else { NARROWEST };
        for (number, column) in self.columns.iter_mut().enumerate() {
            let cells = || rows.iter().map(|row| &row[number]);
            cells().for_each(|cell| column.giving.look_at(cell));
            column.widest_cell = cells().map(|cell| width(cell)).max().unwrap_or_default();
            let least = cells().map(|cell| column.giving.least(cell, narrowest));
            column.least = least.max().unwrap_or_default();
        }
    }

    /// Returns the layout; what stands above the rows is written.
    fn lay_out(&self, rows: &[Vec<String>], is_all: bool, text: &mut Vec<u8>) -> Layout {
        if let Some(lines) = layout::natural(&self.columns, self.limit) {
            return Layout::Lines(lines);
        }
        let limit = self.limit.unwrap_or(usize::MAX);
        let mut kept: Vec<_> = (0..self.columns.len()).collect();
        if is_all && let [first, second, ..] = rows {
            let is_constant = |column: &usize| {
                first[*column] == second[*column]
                    && rows.iter().all(|row| row[*column] == first[*column])
            };
            let mut constant;
            (constant, kept) = kept.into_iter().partition(is_constant);
            if kept.is_empty() {
                kept.extend(constant.drain(..1));
            }
            self.write_constant(first, &constant, text);
        }
        let lines = layout::narrowed(&self.columns, &kept, limit);
        let lines = match rows {
            [] | [_] => lines,
            _ => lines.or_else(|| layout::stacked(&self.columns, &kept, limit)),
        };
        lines.map_or(Layout::Records(kept), Layout::Lines)
    }

    /// Writes the columns that have the same value in every row.
    fn write_constant(&self, row: &[String], constant: &[usize], text: &mut Vec<u8>) {
        let (empty, valued): (Vec<usize>, Vec<usize>) =
            constant.iter().copied().partition(|column: &usize| row[*column].is_empty());
        for column in valued {
            self.style(BOLD, &self.columns[column].name, text);
            text.extend([": ", &row[column], "\n"].concat().into_bytes());
        }
        if !empty.is_empty() {
            let names: Vec<_> = empty.iter().map(|column| &*self.columns[*column].name).collect();
            self.style(DIM, &format!("empty: {}", names.join(", ")), text);
            text.push(b'\n');
        }
        if !constant.is_empty() {
            text.push(b'\n');
        }
    }

    fn write_header(&self, lines: &Lines, text: &mut Vec<u8>) {
        let names = lines.rooms.iter().map(|room| {
            let name = &self.columns[room.column].name;
            if width(name) <= room.width {
                vec![name.clone()]
            } else {
                layout::folded_name(name, room.width)
            }
        });
        let names: Vec<_> = names.collect();
        let height = names.iter().map(Vec::len).max().unwrap_or_default();
        for line in 0..height {
            let cell = |name: &Vec<String>| match (line + name.len()).checked_sub(height) {
                Some(piece) => name[piece].clone(),
                None => String::new(),
            };
            let cells: Vec<_> = names.iter().map(cell).collect();
            self.style(BOLD, &self.line(lines, cells.iter().map(String::as_str)), text);
            text.push(b'\n');
        }
        let rule: Vec<_> = lines.rooms.iter().map(|room| "-".repeat(room.width)).collect();
        self.style(DIM, &self.line(lines, rule.iter().map(String::as_str)), text);
        text.push(b'\n');
    }

    fn write(&mut self, row: &[String], text: &mut Vec<u8>) {
        match &self.layout {
            None => {}
            Some(Layout::Lines(lines)) => {
                let cells = lines.rooms.iter().map(|room| row[room.column].as_str());
                text.extend_from_slice(self.line(lines, cells).as_bytes());
                text.push(b'\n');
                self.write_below(&lines.below, row, text);
            }
            Some(Layout::Records(columns)) => {
                self.records += 1;
                self.style(DIM, &format!("--- row {} ---", self.records), text);
                text.push(b'\n');
                let names = columns.iter().map(|column| width(&self.columns[*column].name));
                let widest = names.max().unwrap_or_default();
                for column in columns {
                    let (name, cell) = (&self.columns[*column].name, &row[*column]);
                    if !cell.is_empty() {
                        let padding = " ".repeat(widest - width(name));
                        self.style(BOLD, name, text);
                        text.extend([&padding, SEPARATOR, cell, "\n"].concat().into_bytes());
                    }
                }
            }
        }
    }

    /// Writes names and values below a row, as many on a line as fit. Free text that is longer than
    /// a line is cut, nothing else is.
    fn write_below(&self, columns: &[usize], row: &[String], text: &mut Vec<u8>) {
        let limit = self.limit.unwrap_or(usize::MAX);
        let mut used = 0;
        for column in columns {
            let (column, cell) = (&self.columns[*column], &row[*column]);
            if cell.is_empty() {
                continue;
            }
            let before = width(&column.name) + 1;
            let room = limit.saturating_sub(INDENT.len() + before).max(NARROWEST);
            let cell = column.giving.shown(cell, room);
            let pair = before + width(&cell);
            let separator = if used == 0 {
                INDENT.to_owned()
            } else if used + SEPARATOR.len() + pair <= limit {
                SEPARATOR.to_owned()
            } else {
                used = 0;
                format!("\n{INDENT}")
            };
            used += pair + if used == 0 { INDENT.len() } else { SEPARATOR.len() };
            text.extend_from_slice(separator.as_bytes());
            self.style(DIM, &column.name, text);
            text.extend([" ", &cell].concat().into_bytes());
        }
        if used > 0 {
            text.push(b'\n');
        }
    }

    fn line<'a>(&self, lines: &Lines, cells: impl Iterator<Item = &'a str>) -> String {
        let mut line = String::new();
        for (number, (room, cell)) in lines.rooms.iter().zip(cells).enumerate() {
            let separator = if number == 0 { "" } else { SEPARATOR };
            let column = &self.columns[room.column];
            let cell = column.giving.shown(cell, room.cut);
            let padding = " ".repeat(room.width.saturating_sub(width(&cell)));
            let (before, after) =
                if column.is_number { (padding.as_str(), "") } else { ("", padding.as_str()) };
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
        self.settle(true, bytes);
        Ok(())
    }
}
