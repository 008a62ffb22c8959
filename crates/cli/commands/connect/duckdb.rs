//! The `DuckDB` that the user has: its own program, or the package of a Python.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

use crate::leaving;

/// The oldest version that the SQL is for.
pub(super) const OLDEST: &str = "1.3 or newer";
const OLDEST_VERSION: (u32, u32) = (1, 3);

/// How `DuckDB` is asked for its version, and how it runs a script.
struct Way {
    program: &'static str,
    version: &'static [&'static str],
    /// What comes before the file; the SQL is read from standard input.
    run: &'static [&'static str],
    /// An option that takes a file with commands to run first.
    first: Option<&'static str>,
}

/// Best first.
const WAYS: [Way; 3] = [
    Way {
        program: "duckdb",
        version: &["--version"],
        run: &["-bail", "-batch"],
        first: Some("-init"),
    },
    Way { program: "python3", version: &["-c", VERSION], run: &["-c", RUN], first: None },
    Way { program: "python", version: &["-c", VERSION], run: &["-c", RUN], first: None },
];

// Nothing is imported from the current folder, which may hold files of anybody.
const VERSION: &str = "import sys; sys.path[:] = [path for path in sys.path if path]
import duckdb; print(duckdb.__version__)";
const RUN: &str = "import sys; sys.path[:] = [path for path in sys.path if path]
import duckdb
try:
    duckdb.connect(sys.argv[1]).execute(sys.stdin.buffer.read().decode())
except duckdb.Error as error:
    sys.exit(str(error))";

pub(super) struct DuckDb {
    way: Way,
    pub(super) version: String,
}

pub(super) enum Found {
    Usable(DuckDb),
    /// The version.
    TooOld(String),
    Nothing,
}

impl DuckDb {
    pub(super) fn find() -> Found {
        let mut found = Found::Nothing;
        for way in WAYS {
            let asked = Command::new(way.program).args(way.version).stdin(Stdio::null()).output();
            let Some(asked) = asked.ok().filter(|asked| asked.status.success()) else { continue };
            let told = String::from_utf8_lossy(&asked.stdout);
            let Some(version) = told.split_whitespace().next() else { continue };
            let version = version.trim_start_matches('v').to_owned();
            if is_usable(&version) {
                return Found::Usable(Self { way, version });
            }
            found = Found::TooOld(version);
        }
        found
    }

    /// Runs a script in a database file, which may not exist yet. `scratch` is a folder for files
    /// that go with the run.
    pub(super) fn run(&self, database: &Path, sql: &str, scratch: &Path) -> Result<()> {
        let (script, first, told) =
            (scratch.join("script"), scratch.join("first"), scratch.join("told"));
        fs::write(&script, sql)?;
        let mut command = Command::new(self.way.program);
        if let Some(option) = self.way.first {
            // Instead of the user's own, which may open another database.
            fs::write(&first, "")?;
            command.arg(option).arg(&first);
        }
        command.args(self.way.run).arg(database);
        command.stdin(File::open(&script)?).stdout(Stdio::null()).stderr(File::create(&told)?);
        let status = leaving::wait(command.spawn()?)?;
        if status.success() && database.exists() {
            return Ok(());
        }
        let told = String::from_utf8_lossy(&fs::read(&told)?).into_owned();
        let lines = told.lines().filter(|line| !line.starts_with("-- Loading resources from"));
        let told = lines.collect::<Vec<_>>().join("\n");
        bail!("DuckDB {} reports: {}", self.version, told.trim())
    }
}

fn is_usable(version: &str) -> bool {
    let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
    let Some(major) = numbers.next() else { return false };
    (major, numbers.next().unwrap_or_default()) >= OLDEST_VERSION
}
