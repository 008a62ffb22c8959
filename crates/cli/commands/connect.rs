//! `ecstrail connect`: makes a database file in which another engine opens the dataset, with the
//! views and the reports.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use ecstrail_query::{TableEngine, reports_as_statements};
use tempfile::Builder;

use crate::{
    args::{ConnectArguments, ConnectEngine},
    commands::{describe, report},
    console,
    destination::{self, Reads},
    exit::Exit,
    leaving::Leaving,
};

/// Bytes at the beginning of a database file: a checksum, then the name.
const SIGNATURE: (usize, &[u8]) = (8, b"DUCK");

pub(crate) async fn run(arguments: ConnectArguments) -> Result<Exit> {
    let output = &arguments.output;
    let reads = Reads {
        dataset: Some(&arguments.table.dataset),
        queries: arguments.table.queries.as_deref(),
        ..Reads::default()
    };
    destination::check_file(output, &reads)?;
    let catalog = report::catalog(arguments.table.queries.as_deref())?;
    let source = describe::table_source(&arguments.table).await?;
    if source.first_day.is_none() {
        bail!("the dataset has no events yet: convert a trail first");
    }
    let ConnectEngine::DuckDb = arguments.engine;
    let engine = TableEngine::DuckDb;
    let sql = source.text(engine, &catalog)? + "\n" + &reports_as_statements(engine, &catalog)?;
    let written = |path: &Path| format!("cannot write {}", path.display());
    if is_sql(output) {
        fs::write(output, sql).with_context(|| written(output))?;
        console::result(format!("Wrote {}.", output.display()))?;
        return Ok(Exit::Done);
    }
    let Some(duckdb) = DuckDb::find() else {
        let script = output.with_extension("sql");
        destination::check_file(&script, &reads)?;
        fs::write(&script, sql).with_context(|| written(&script))?;
        let (output, script) = (output.display(), script.display());
        console::result(format!(
            "No DuckDB was found: there is no program `duckdb`, and no Python with the package duckdb. \
             Wrote {script} instead.\nTo create {output}, run `duckdb {output} < {script}`."
        ))?;
        return Ok(Exit::Done);
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

fn is_sql(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sql"))
}

/// Makes the file, or replaces the table, views and macros in one that exists, all or nothing.
fn make(duckdb: &DuckDb, output: &Path, sql: &str) -> Result<()> {
    let failed = || format!("cannot write {}", output.display());
    let name = output.file_name().with_context(failed)?;
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let (scratch, _leaving) =
        Leaving::make(|| Builder::new().prefix(".ecstrail-connect-").tempdir_in(folder))
            .with_context(failed)?;
    let new = scratch.path().join(name);
    match File::open(output) {
        Ok(mut file) => {
            let mut beginning = Vec::new();
            let length = SIGNATURE.0 + SIGNATURE.1.len();
            file.by_ref().take(length as u64).read_to_end(&mut beginning).with_context(failed)?;
            if !beginning.ends_with(SIGNATURE.1) {
                bail!("{} is not a DuckDB file: give another file", output.display());
            }
            fs::copy(output, &new).with_context(failed)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(failed),
    }
    let mut changes = output.as_os_str().to_owned();
    changes.push(".wal");
    if Path::new(&changes).exists() {
        bail!("another program has {} open: close it first", output.display());
    }
    let script = scratch.path().join("script");
    fs::write(&script, sql).with_context(failed)?;
    duckdb.run(&new, &script).with_context(failed)?;
    fs::rename(&new, output).with_context(failed)
}

/// The `DuckDB` that the user has: its own program, or the package of a Python.
struct DuckDb {
    program: &'static str,
    /// What comes before the file; the SQL is read from standard input.
    arguments: &'static [&'static str],
    version: String,
}

/// The `DuckDB` that a user can have, best first: a program, the arguments that ask its version, and
/// those that come before the file.
const KNOWN: [(&str, &[&str], &[&str]); 3] = [
    ("duckdb", &["--version"], &["-bail", "-batch"]),
    ("python3", VERSION_IN_PYTHON, RUN_IN_PYTHON),
    ("python", VERSION_IN_PYTHON, RUN_IN_PYTHON),
];

const VERSION_IN_PYTHON: &[&str] = &["-c", "import duckdb; print(duckdb.__version__)"];

const RUN_IN_PYTHON: &[&str] = &[
    "-c",
    "import duckdb, sys; duckdb.connect(sys.argv[1]).execute(sys.stdin.buffer.read().decode())",
];

impl DuckDb {
    fn find() -> Option<Self> {
        KNOWN.into_iter().find_map(|(program, version, arguments)| {
            let asked = Command::new(program).args(version).stdin(Stdio::null()).output().ok()?;
            let told = String::from_utf8_lossy(&asked.stdout);
            let version = told.split_whitespace().next().filter(|_| asked.status.success())?;
            let version = version.trim_start_matches('v').to_owned();
            Some(Self { program, arguments, version })
        })
    }

    fn run(&self, database: &Path, script: &Path) -> Result<()> {
        let child = Command::new(self.program)
            .args(self.arguments)
            .arg(database)
            .stdin(Stdio::from(File::open(script)?))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let ended = child?.wait_with_output()?;
        let told = String::from_utf8_lossy(&ended.stderr);
        if !ended.status.success() || !database.exists() {
            bail!("DuckDB {} reports: {}", self.version, told.trim());
        }
        Ok(())
    }
}
