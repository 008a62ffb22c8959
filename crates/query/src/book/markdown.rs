//! A book as GitHub Flavored Markdown, for a wiki. Values are escaped as in tables; charts are drawn
//! with characters in blocks of code.

use std::{fmt::Write as _, io};

use arrow::error::ArrowError;

use super::{Answer, Book, Chapter, Outcome};
use crate::{
    caveat::{days_in_words, grouped},
    format::{escaped_markdown as escaped, markdown_table},
};

/// Columns of a chart.
const CHART_WIDTH: usize = 100;

/// Writes the book.
pub(super) fn write(book: &Book, out: &mut dyn io::Write) -> Result<(), ArrowError> {
    out.write_all(head(book).as_bytes())?;
    for chapter in &book.chapters {
        let mut text = chapter_head(chapter);
        match &chapter.outcome {
            Outcome::Rows(answer) => push_answer(&mut text, answer)?,
            Outcome::NotRun(reason) => {
                let _ = writeln!(text, "**Not run:** {}\n", escaped(reason));
            }
            Outcome::Failed(reason) => {
                let _ = writeln!(text, "**Failed:** {}\n", escaped(reason));
            }
        }
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

fn head(book: &Book) -> String {
    let dataset = &book.dataset;
    let scope = if book.scope.is_empty() { "the whole dataset" } else { &book.scope };
    let mut text = format!(
        "# {}\n\nMade {} by ecstrail {}. Scope: {}. All days and times are UTC.\n\n",
        escaped(&book.title),
        book.made_at.format("%Y-%m-%d %H:%M UTC"),
        escaped(&book.version),
        escaped(scope)
    );
    let _ = writeln!(
        text,
        "- {} events of {} in the dataset",
        grouped(dataset.events_in_scope),
        grouped(dataset.events)
    );
    match dataset.newest_event {
        Some(newest) => {
            let _ = writeln!(text, "- Newest event: {}", newest.format("%Y-%m-%d %H:%M UTC"));
        }
        None => text.push_str("- No event\n"),
    }
    if let Some(days) = dataset.days {
        let _ = writeln!(text, "- The dataset has events {}", days_in_words(days));
    }
    for place in dataset.places.iter().filter(|place| !place.gaps.is_empty()) {
        let gaps: Vec<_> = place.gaps.iter().map(|days| days_in_words(*days)).collect();
        let account = place.account.as_deref().unwrap_or("no account");
        let _ = writeln!(
            text,
            "- {} {}: {} days without events, {}",
            escaped(account),
            escaped(&place.region),
            place.days_without_events(),
            gaps.join(", ")
        );
    }
    if dataset.rejects > 0 {
        let _ = writeln!(text, "- {} records were rejected", grouped(dataset.rejects));
    }
    text.push('\n');
    let findings = book.findings();
    if book.chapters.len() > 1 && !findings.is_empty() {
        text.push_str("## Findings\n\n| severity | findings | report |\n| --- | ---: | --- |\n");
        for (severity, rows, index) in findings {
            let title = escaped(&book.chapters[index].title);
            let _ = writeln!(text, "| {severity} | {} | {title} |", grouped(rows));
        }
        text.push('\n');
    }
    let clean = book.without_findings();
    if book.chapters.len() > 1 && !clean.is_empty() {
        let titles: Vec<_> =
            clean.into_iter().map(|index| escaped(&book.chapters[index].title)).collect();
        let _ = writeln!(text, "Nothing found by: {}.\n", titles.join(", "));
    }
    text
}

fn chapter_head(chapter: &Chapter) -> String {
    let mut text = format!("## {}\n\n", escaped(&chapter.title));
    if !chapter.description.is_empty() {
        let _ = writeln!(text, "{}\n", escaped(&chapter.description));
    }
    if let Some(name) = &chapter.name {
        let _ = write!(text, "Report {}", escaped(name));
        for (parameter, value) in &chapter.parameters {
            if let Some(value) = value {
                let _ = write!(text, ", {} = {}", escaped(parameter), escaped(value));
            }
        }
        text.push_str(".\n\n");
    }
    if let Some(sql) = &chapter.sql {
        push_block(&mut text, sql);
    }
    for caveat in &chapter.caveats {
        let _ = writeln!(text, "> {}\n", escaped(caveat));
    }
    text
}

fn push_answer(text: &mut String, answer: &Answer) -> Result<(), ArrowError> {
    if let Some(plot) = &answer.plot {
        push_block(text, &plot.text(CHART_WIDTH, false));
    }
    let rows = answer.rows.num_rows();
    if rows == 0 {
        text.push_str("No rows.\n\n");
        return Ok(());
    }
    text.push_str(&markdown_table(&answer.rows)?);
    text.push('\n');
    if rows as u64 == answer.found {
        let _ = writeln!(
            text,
            "{} {}.\n",
            grouped(answer.found),
            if rows == 1 { "row" } else { "rows" }
        );
    } else {
        let _ = writeln!(
            text,
            "The first {} of {} rows.\n",
            grouped(rows as u64),
            grouped(answer.found)
        );
    }
    Ok(())
}

/// Appends a block of code. Its fence is longer than any in the text.
fn push_block(text: &mut String, block: &str) {
    let longest = block.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let _ =
        writeln!(text, "{fence}text\n{}\n{fence}\n", crate::format::printable(block.trim_end()));
}
