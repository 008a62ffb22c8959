//! `report --since-last`: what the runs before have shown. It is remembered for each dataset, report and
//! set of parameters, as they were typed, in a file of its own.

use std::{
    env,
    fmt::Write,
    mem,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result};
use ecstrail_query::{Arguments, MOST_SHOWN_ROWS, Report, Session, ShownRows, Sifting};
use ecstrail_writer::read_regular_file;
use sha2::{Digest, Sha256};

use crate::{
    console,
    state_folder::{home, make, replace, state_folder},
};

/// Bytes of the largest file that is read: twenty for each row, and what it begins with.
const MOST_BYTES: u64 = 32 << 20;

/// What is remembered of a question.
#[derive(Debug)]
pub(crate) struct Memory {
    file: PathBuf,
    before: Mutex<ShownRows>,
}

impl Memory {
    /// Reads what earlier runs have shown.
    ///
    /// # Errors
    /// If there is no folder to remember it in, or the file is something else.
    pub(crate) fn open(session: &Session, report: &Report, arguments: &Arguments) -> Result<Self> {
        let variable = |name| env::var_os(name);
        let folder = state_folder(variable("XDG_STATE_HOME").as_deref(), home().as_deref())
            .context("--since-last has no folder to remember rows in: set HOME or XDG_STATE_HOME")?
            .join("shown");
        make(&folder);
        let file = folder.join(name_of(&session.snapshot().description.id, report, arguments));
        let before = match read_regular_file(&file, MOST_BYTES) {
            Ok(bytes) => ShownRows::parse(&bytes).with_context(|| {
                format!("{} is not what --since-last has written: delete it", file.display())
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                console::note("nothing was shown before: all rows are new");
                ShownRows::default()
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", file.display()));
            }
        };
        Ok(Self { file, before: Mutex::new(before) })
    }

    /// Gives away what earlier runs have shown: it may be large.
    pub(crate) fn take_before(&self) -> ShownRows {
        mem::take(&mut *self.before.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers what was shown, and returns how many rows were left out.
    ///
    /// # Errors
    /// If it cannot be remembered, so that the next run would show the rows again.
    pub(crate) fn remember(&self, sifting: Sifting) -> Result<u64> {
        let remembered = sifting.remembered();
        let rows = remembered.rows.with_context(|| {
            format!(
                "--since-last remembers {MOST_SHOWN_ROWS} rows at most: ask for fewer days or with more \
                 conditions. The next run shows these rows again"
            )
        })?;
        replace(&self.file, &rows.to_bytes()).with_context(|| {
            format!("cannot write {}: the next run shows these rows again", self.file.display())
        })?;
        Ok(remembered.known)
    }
}

/// The name of the file for a question. Other SQL of a report of the same name is another question.
fn name_of(dataset: &str, report: &Report, arguments: &Arguments) -> String {
    let mut hash = Sha256::new();
    let arguments = arguments.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    for part in [dataset, &report.name, &report.sql].into_iter().chain(arguments) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize()[..16].iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
