//! Writes pages: books, and the rows of one report or query as a page of their own.

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    path::Path,
};

use anyhow::{Context, Result};
use ecstrail_query::{
    Arguments, Book, BookFormat, Chapter, ChapterOptions, Engine, Outcome, RowCount, Scope,
    Selection, Session, TerminalJson,
};

use crate::{
    args::OutputArguments,
    clock,
    commands::{
        caveats,
        rows::{Target, tell_rows},
    },
    console,
    exit::{Exit, UsageError},
};

/// Name of the format, as users give it.
const HTML: &str = "html";
/// Rows of a page with one table, unless `--limit` says how many.
const MOST_ROWS: u64 = 10_000;

/// Returns whether rows are to be written as a page.
///
/// # Errors
/// [`UsageError`] if other options do not apply to a page.
pub(crate) fn is_asked(output: &OutputArguments) -> Result<bool> {
    let is_page = match (&output.format, &output.output) {
        (Some(format), _) => format == HTML,
        (None, Some(file)) => BookFormat::of_file(file) == Some(BookFormat::Html),
        (None, None) => false,
    };
    if !is_page {
        return Ok(false);
    }
    for (is_given, option) in [(output.csv_raw, "--csv-raw"), (output.explain, "--explain")] {
        if is_given {
            return Err(UsageError(format!("{option} does not apply to html: leave it out")).into());
        }
    }
    if output.output.is_none() && io::stdout().is_terminal() {
        let problem = "html cannot be written to a terminal: give --output FILE, or redirect \
                       standard output";
        return Err(UsageError(problem.to_owned()).into());
    }
    Ok(true)
}

/// Writes a report as a page.
pub(crate) async fn of_report(
    session: &Session,
    engine: &dyn Engine,
    selection: &Selection<'_>,
    output: &OutputArguments,
) -> Result<Exit> {
    let scope = Scope::of(&selection.bindings);
    let chapter = session.report_chapter(engine, selection, options(output)).await?;
    write_one(session, engine, chapter, &scope, output).await
}

/// Writes the rows of a query as a page.
pub(crate) async fn of_query(
    session: &Session,
    engine: &dyn Engine,
    sql: &str,
    arguments: &Arguments,
    output: &OutputArguments,
) -> Result<Exit> {
    let chapter = session.query_chapter(engine, sql, arguments, options(output)).await?;
    write_one(session, engine, chapter, &Scope::default(), output).await
}

fn options(output: &OutputArguments) -> ChapterOptions {
    let rows = usize::try_from(output.limit.unwrap_or(MOST_ROWS)).unwrap_or(usize::MAX);
    ChapterOptions { rows, has_chart: true }
}

async fn write_one(
    session: &Session,
    engine: &dyn Engine,
    chapter: Chapter,
    scope: &Scope,
    output: &OutputArguments,
) -> Result<Exit> {
    for caveat in &chapter.caveats {
        console::note(caveat);
    }
    let (written, found) = match &chapter.outcome {
        Outcome::Rows(answer) => (answer.rows.num_rows() as u64, answer.found),
        Outcome::NotRun(_) | Outcome::Failed(_) => (0, 0),
    };
    let book = Book {
        title: chapter.title.clone(),
        scope: scope.to_string(),
        made_at: clock::now(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        dataset: session.dataset_summary(engine, scope, clock::now()).await?,
        chapters: vec![chapter],
    };
    write(&book, BookFormat::Html, output.output.as_deref())?;
    tell_rows(RowCount { written, found, is_all: true });
    Ok(caveats::exit(output.fail_if_rows, found))
}

/// Writes a book to a file, or to standard output.
pub(crate) fn write(book: &Book, format: BookFormat, file: Option<&Path>) -> Result<()> {
    let written = write_to_target(book, format, file);
    match file {
        Some(file) => written.with_context(|| format!("cannot write {}", file.display())),
        None => written,
    }
}

fn write_to_target(book: &Book, format: BookFormat, file: Option<&Path>) -> Result<()> {
    let mut target = Target::open(file)?;
    let is_json_on_terminal = format == BookFormat::Json && target.is_terminal();
    let mut out = BufWriter::new(&mut target);
    if is_json_on_terminal {
        book.write(format, &mut TerminalJson(&mut out))?;
    } else {
        book.write(format, &mut out)?;
    }
    out.flush()?;
    drop(out);
    target.commit()?;
    Ok(())
}
