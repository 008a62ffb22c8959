//! `ecstrail query`: any SQL over the table `events`.

use std::{
    fs::File,
    io::{self, IsTerminal},
    path::{Component, Path},
    sync::Arc,
};

use anyhow::{Context, Result};
use ecstrail_query::{Arguments, Bindings, Scope};
use ecstrail_writer::{read_regular_file, read_up_to};

use crate::{
    args::{QueryArguments, ShellArguments},
    commands::{
        answer::{Patience, Question, answer},
        caveats, page, rows, shell,
    },
    config::Config,
    destination::{self, Reads},
    engine::{self, OpenEngine},
    exit::{Exit, UsageError},
};

/// Bytes of the longest SQL that is read.
const MOST_SQL_BYTES: u64 = 16 << 20;
/// Where the files stand that the process has open: `<(…)` of a shell is one.
const OPEN_FILES: [&str; 3] = ["/dev/fd", "/dev/stdin", "/proc"];

pub(crate) async fn run(arguments: QueryArguments, config: &Config) -> Result<Exit> {
    let is_interactive =
        arguments.sql.is_none() && arguments.file.is_none() && io::stdin().is_terminal();
    if is_interactive {
        let mut arguments = ShellArguments::try_from(arguments)?;
        arguments.queries = arguments.queries.or_else(|| config.queries());
        return shell::run(arguments, config).await;
    }
    engine::check(&arguments.engine, arguments.output.explain)?;
    if let Some(file) = &arguments.output.output {
        let (dataset, sql) = (arguments.dataset.dataset.as_deref(), arguments.file.as_deref());
        let reads = Reads { dataset, sql: sql.as_slice(), ..Reads::default() };
        destination::check_file("--output", file, &reads)?;
    }
    let sql = match (&arguments.file, arguments.sql.as_deref()) {
        (Some(file), _) => text_of(file, MOST_SQL_BYTES)
            .with_context(|| format!("cannot read {}", file.display()))?,
        (None, Some("-") | None) => text(read_up_to(io::stdin().lock(), MOST_SQL_BYTES))
            .context("cannot read the SQL from standard input")?,
        (None, Some(sql)) => sql.to_owned(),
    };
    if arguments.sql.is_none() && sql.trim().is_empty() {
        let problem = "the SQL is missing: give it, as in `ecstrail query \"SELECT count(*) FROM \
                       events\"`, or on standard input";
        return Err(UsageError(problem.to_owned()).into());
    }
    let settings = arguments.settings.iter().cloned().collect();
    if page::is_asked(&arguments.output)? {
        return Box::pin(draw(&arguments, &sql, &settings)).await;
    }
    let output = rows::Output::open(&arguments.output)?;
    let session = Arc::new(rows::open_session(&arguments.dataset).await?);
    let bindings = Bindings::texts(&settings);
    let (question, max_age) = (Question::Sql(sql), arguments.output.max_age);
    let open = OpenEngine::open(&session, &arguments.engine, &arguments.dataset).await?;
    let (engine, patience) = (open.engine(), Patience::Endless);
    let count = answer(&session, engine, question, bindings, max_age, &output, &patience).await;
    open.close().await;
    Ok(output.exit(count?))
}

/// Writes the rows as a page.
async fn draw(arguments: &QueryArguments, sql: &str, settings: &Arguments) -> Result<Exit> {
    let session = Arc::new(rows::open_session(&arguments.dataset).await?);
    let open = OpenEngine::open(&session, &arguments.engine, &arguments.dataset).await?;
    let (engine, output) = (open.engine().as_ref(), &arguments.output);
    let drawn = async {
        caveats::check_age(&session, engine, &Scope::default(), output.max_age).await?;
        page::of_query(&session, engine, sql, settings, output).await
    };
    let drawn = drawn.await;
    open.close().await;
    drawn
}

/// Reads a file with SQL of up to so many bytes. What the process has open is read whatever it is; a
/// pipe elsewhere may have nobody who writes to it.
pub(crate) fn text_of(file: &Path, most: u64) -> io::Result<String> {
    let is_plain = |part| matches!(part, Component::RootDir | Component::Normal(_));
    let is_open = OPEN_FILES.iter().any(|folder| file.starts_with(folder));
    if is_open && file.components().all(is_plain) {
        return text(read_up_to(File::open(file)?, most));
    }
    text(read_regular_file(file, most))
}

fn text(bytes: io::Result<Vec<u8>>) -> io::Result<String> {
    let not_utf8 = |_| io::Error::new(io::ErrorKind::InvalidData, "the text is not UTF-8");
    String::from_utf8(bytes?).map_err(not_utf8)
}
