//! `ecstrail connect`: makes a database file in which another engine opens the dataset, with the
//! views and the reports.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use anyhow::{Context, Result, bail};
use ecstrail_query::{TableEngine, reports_as_statements};
use tempfile::Builder;

use crate::{
    args::{ConnectArguments, ConnectEngine, DEFAULT_DATABASE},
    commands::describe,
    console,
    destination::{self, Reads},
    exit::Exit,
    leaving::Leaving,
};
use duckdb::{DuckDb, Found, OLDEST};

mod duckdb;

/// Bytes at the beginning of a database file: a checksum, then the name.
const SIGNATURE: (usize, &[u8]) = (8, b"DUCK");

pub(crate) async fn run(arguments: ConnectArguments) -> Result<Exit> {
    let output = &arguments.output;
    let reads = Reads {
        dataset: Some(&arguments.table.dataset),
        queries: arguments.table.queries.as_deref(),
        ..Reads::default()
    };
    destination::check_file("--output", output, &reads)?;
    let catalog = describe::catalog(&arguments.table)?;
    let source = describe::table_source(&arguments.table, DEFAULT_DATABASE).await?;
    if source.first_day.is_none() {
        bail!("the dataset has no events yet: convert a trail first");
    }
    let ConnectEngine::DuckDb = arguments.engine;
    let engine = TableEngine::DuckDb;
    let sql = source.text(engine, &catalog)? + "\n" + &reports_as_statements(engine, &catalog)?;
    let written = |path: &Path| format!("cannot write {}", path.display());
    if output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sql")) {
        fs::write(output, sql).with_context(|| written(output))?;
        console::result(format!("Wrote {}.", output.display()))?;
        return Ok(Exit::Done);
    }
    let duckdb = match DuckDb::find() {
        Found::Usable(duckdb) => duckdb,
        other => {
            let problem = match other {
                Found::TooOld(version) => {
                    format!("DuckDB {version} is too old: {OLDEST} is needed")
                }
                _ => "there is neither a program `duckdb` nor a Python with the package duckdb"
                    .to_owned(),
            };
            let script = output.with_extension("sql");
            if script.exists() {
                bail!("{problem}. To write the SQL instead, give --output a new name with .sql");
            }
            fs::write(&script, sql).with_context(|| written(&script))?;
            let (output, script) = (quoted(output), quoted(&script));
            bail!(
                "{problem}. Wrote the SQL to {script} instead: to create {output}, run \
                 `duckdb {output} < {script}`"
            );
        }
    };
    make(&duckdb, output, &sql)?;
    let reports = catalog.reports()?.len();
    console::result(format!(
        "Wrote {} with DuckDB {}: the table events, its views, and {reports} reports as macros.\n\
         Open it with a program that reads DuckDB files, and run for example\n  \
         FROM deployments(p_from := current_date - 7);\n  \
         SELECT function_name, comment FROM duckdb_functions() WHERE function_type = 'table_macro' \
         AND NOT internal;",
        output.display(),
        duckdb.version,
    ))?;
    if source.home.starts_with("s3://") {
        console::note(
            "the file holds no credentials: in each session, run CREATE SECRET (TYPE s3, PROVIDER \
             credential_chain);",
        );
    }
    Ok(Exit::Done)
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "._-/".contains(letter);
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// Makes the file, or replaces the table, views and macros in one that exists: all or nothing.
fn make(duckdb: &DuckDb, output: &Path, sql: &str) -> Result<()> {
    let failed = || format!("cannot write {}", output.display());
    let name = output.file_name().with_context(failed)?;
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    let (scratch, _leaving) = Leaving::make(|| {
        let folder = folder.unwrap_or(Path::new("."));
        Builder::new().prefix(".ecstrail-connect-").tempdir_in(folder)
    })
    .with_context(failed)?;
    if exists(output).with_context(failed)? {
        let sql = format!("BEGIN TRANSACTION;\n{sql}\nCOMMIT;\n");
        return duckdb.run(output, &sql, scratch.path()).with_context(failed);
    }
    let new = scratch.path().join(name);
    duckdb.run(&new, sql, scratch.path()).with_context(failed)?;
    fs::rename(&new, output).with_context(failed)
}

/// Returns whether there is a database file.
fn exists(output: &Path) -> Result<bool> {
    let file = match File::open(output) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let mut beginning = Vec::new();
    let length = SIGNATURE.0 + SIGNATURE.1.len();
    file.take(length as u64).read_to_end(&mut beginning)?;
    if !beginning.ends_with(SIGNATURE.1) {
        bail!("it exists, and is not a DuckDB file: give another file");
    }
    Ok(true)
}
