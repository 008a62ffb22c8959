//! Charts as characters, for terminals and for text blocks. Series differ by character, colors come
//! on top of that.

use std::fmt::Write as _;

use super::number;
use crate::format::{cut, width};

pub(super) mod bars;
pub(super) mod heatmap;
pub(super) mod lines;
pub(super) mod timeline;

/// Columns that a chart needs at least.
pub(super) const NARROWEST: usize = 40;
/// The part of the width that names may take.
const NAME_SHARE: usize = 3;

/// Where a chart is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    /// Columns.
    pub(super) width: usize,
    /// Whether escapes for colors are written.
    pub(super) has_color: bool,
}

/// The colors of the eight series: blue, yellow, green, magenta, cyan, red, bright blue, gray.
const COLORS: [u8; 8] = [34, 33, 32, 35, 36, 31, 94, 90];

impl Page {
    /// Returns a text in the color of a series.
    fn paint(&self, series: usize, text: &str) -> String {
        if !self.has_color || text.trim().is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{}m{text}\u{1b}[0m", COLORS[series % COLORS.len()])
    }

    /// Columns for the names beside a chart.
    fn gutter<'a>(&self, names: impl Iterator<Item = &'a str>) -> usize {
        names.map(width).max().unwrap_or_default().min(self.width / NAME_SHARE)
    }

    /// What the characters stand for, in lines of the page's width.
    fn legend(&self, entries: impl Iterator<Item = (String, String)>) -> String {
        let (mut text, mut used) = (String::new(), 0);
        for (mark, meaning) in entries {
            let meaning = cut(&meaning, self.width.saturating_sub(4)).into_owned();
            let wide = width(&meaning) + 2;
            if used > 0 && used + 3 + wide > self.width {
                text.push('\n');
                used = 0;
            }
            if used > 0 {
                text.push_str("   ");
                used += 3;
            }
            let _ = write!(text, "{mark} {meaning}");
            used += wide;
        }
        text
    }
}

/// Returns a name in exactly this many columns.
fn fitted(name: &str, columns: usize) -> String {
    let shown = cut(name, columns);
    let padding = " ".repeat(columns.saturating_sub(width(&shown)));
    format!("{shown}{padding}")
}

/// Writes names below an axis, each at its column, as long as there is room between them.
fn axis_names(names: &[(usize, String)], columns: usize) -> String {
    let mut line = String::new();
    for (column, name) in names {
        let column = (*column).min(columns.saturating_sub(width(name)));
        let used = width(&line);
        if used == 0 && column == 0 {
            line.push_str(name);
        } else if column > used {
            line.push_str(&" ".repeat(column - used));
            line.push_str(name);
        }
    }
    line
}

/// Returns the column of a position from 0 to 1.
fn column(position: f64, columns: usize) -> usize {
    number::part(position, columns)
}
