//! `ecstrail query`: any SQL over the table `events`.

use std::{
    fs::File,
    io,
    path::{Component, Path},
};

use anyhow::{Context, Result};
use ecstrail_query::{Bindings, Scope};
use ecstrail_writer::{read_regular_file, read_up_to};

use crate::{
    args::QueryArguments,
    commands::{caveats, page, rows},
    destination::{self, Reads},
    exit::Exit,
};

/// Bytes of the longest SQL that is read.
const MOST_SQL_BYTES: u64 = 16 << 20;
/// Where the files stand that the process has open: `<(…)` of a shell is one.
const OPEN_FILES: [&str; 3] = ["/dev/fd", "/dev/stdin", "/proc"];

pub(crate) async fn run(arguments: QueryArguments) -> Result<Exit> {
    if let Some(file) = &arguments.output.output {
        let (dataset, sql) = (arguments.dataset.dataset.as_deref(), arguments.file.as_deref());
        destination::check_file(file, &Reads { dataset, sql, ..Reads::default() })?;
    }
    let sql = match (&arguments.file, arguments.sql.as_deref()) {
        (Some(file), _) => {
            sql_of(file).with_context(|| format!("cannot read {}", file.display()))?
        }
        (None, Some("-") | None) => text(read_up_to(io::stdin().lock(), MOST_SQL_BYTES))
            .context("cannot read the SQL from standard input")?,
        (None, Some(sql)) => sql.to_owned(),
    };
    let is_page = page::is_asked(&arguments.output)?;
    let output = if is_page { None } else { Some(rows::Output::open(&arguments.output)?) };
    let session = rows::open_session(&arguments.dataset).await?;
    let everything = Scope::default();
    let settings = arguments.settings.iter().cloned().collect();
    caveats::check_age(&session, &everything, arguments.output.max_age).await?;
    let Some(output) = output else {
        return Box::pin(page::of_query(&session, &sql, &settings, &arguments.output)).await;
    };
    caveats::report_old_files(&session, &sql);
    let rows = session.sql(&sql, &Bindings::texts(&settings)).await?;
    let count = output.write(rows).await?;
    rows::Output::tell(count);
    caveats::explain_no_rows(&session, &everything, count.found).await?;
    Ok(output.exit(count))
}

/// Reads a file with SQL. What the process has open is read whatever it is; a pipe elsewhere may have
/// nobody who writes to it.
fn sql_of(file: &Path) -> io::Result<String> {
    let is_plain = |part| matches!(part, Component::RootDir | Component::Normal(_));
    let is_open = OPEN_FILES.iter().any(|folder| file.starts_with(folder));
    if is_open && file.components().all(is_plain) {
        return text(read_up_to(File::open(file)?, MOST_SQL_BYTES));
    }
    text(read_regular_file(file, MOST_SQL_BYTES))
}

fn text(bytes: io::Result<Vec<u8>>) -> io::Result<String> {
    let not_utf8 = |_| io::Error::new(io::ErrorKind::InvalidData, "the text is not UTF-8");
    String::from_utf8(bytes?).map_err(not_utf8)
}
