//! The table of a chapter. Columns that have one value throughout stand above it, once.

use std::fmt::Write as _;

use super::{
    super::{Answer, Chapter},
    cell::{Column, push_value},
};
use crate::{caveat::grouped, format::markup};
use arrow::error::ArrowError;

/// Appends the rows of a chapter.
pub(super) fn push(
    html: &mut String,
    chapter: &Chapter,
    answer: &Answer,
    id: &str,
) -> Result<(), ArrowError> {
    let rows = answer.rows.num_rows();
    if rows == 0 {
        html.push_str("<p class=\"none\">No rows.</p>\n");
        return Ok(());
    }
    let is_all = rows as u64 == answer.found;
    let columns = Column::of(&answer.rows)?;
    let (constant, shown) = constant(columns, rows);
    push_constant(html, &constant, is_all);
    if !is_all {
        let _ = writeln!(
            html,
            "<p class=\"note cut\">The first {} of {} rows are shown: <code>--limit</code> shows more.</p>",
            grouped(rows as u64),
            grouped(answer.found)
        );
    }
    let caption = markup::line(&chapter.title);
    let _ = write!(
        html,
        "<div class=\"scroll\" role=\"region\" aria-labelledby=\"{id}-rows\" tabindex=\"0\">\n\
         <table class=\"rows\">\n<caption id=\"{id}-rows\">{caption}: {}</caption>\n<thead><tr>",
        count(rows, is_all)
    );
    for column in &shown {
        html.extend(["<th scope=\"col\"", column.class(), ">"]);
        markup::push_line(html, &column.name);
        html.push_str("</th>");
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in 0..rows {
        html.push_str("<tr>");
        for column in &shown {
            column.push_cell(html, row);
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>\n</div>\n");
    Ok(())
}

fn count(rows: usize, is_all: bool) -> String {
    match (rows, is_all) {
        (1, true) => "1 row".to_owned(),
        (rows, true) => format!("{} rows", grouped(rows as u64)),
        (rows, false) => format!("the first {} rows", grouped(rows as u64)),
    }
}

/// Splits off the columns that have the same value in every row, if there are several rows. At least
/// one column is left.
fn constant(columns: Vec<Column>, rows: usize) -> (Vec<Column>, Vec<Column>) {
    if rows < 2 {
        return (Vec::new(), columns);
    }
    let is_constant = |column: &Column| column.cells.iter().all(|cell| *cell == column.cells[0]);
    let (mut constant, mut shown): (Vec<_>, Vec<_>) = columns.into_iter().partition(is_constant);
    if shown.is_empty() {
        shown.extend(constant.drain(..1));
    }
    (constant, shown)
}

fn push_constant(html: &mut String, constant: &[Column], is_all: bool) {
    let (empty, valued): (Vec<_>, Vec<_>) =
        constant.iter().partition(|column| column.cells[0].as_ref().is_none_or(String::is_empty));
    let rows = if is_all { "all rows" } else { "all rows shown" };
    if !valued.is_empty() {
        let _ = write!(
            html,
            "<dl class=\"pairs\" aria-label=\"The same in {rows}\"><div class=\"lead\"><dt>Same in {rows}</dt><dd></dd></div>"
        );
        for column in valued {
            html.push_str("<div><dt>");
            markup::push_line(html, &column.name);
            html.push_str("</dt><dd><bdi>");
            push_value(html, column.cells[0].as_deref().unwrap_or_default());
            html.push_str("</bdi></dd></div>");
        }
        html.push_str("</dl>\n");
    }
    if !empty.is_empty() {
        let names: Vec<_> = empty.iter().map(|column| markup::line(&column.name)).collect();
        let _ = writeln!(html, "<p class=\"note\">No value in {rows}: {}</p>", names.join(", "));
    }
}
