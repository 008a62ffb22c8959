//! A folder of the local disk for what a run does not keep in memory. It goes with the run; what a
//! killed run left is removed by the next one.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use anyhow::{Context, Result};
use ecstrail_writer::is_temporary;
use tempfile::{Builder, TempDir};

use crate::leaving::Leaving;

const PREFIX: &str = "ecstrail-";

/// What the system draws by lot behind the prefix.
const RANDOM_CHARACTERS: usize = 6;

/// Held by the run that a folder belongs to.
const LOCK: &str = "lock";

/// What comes on standard input is kept under this name.
pub(crate) const STANDARD_INPUT: &str = "stdin";

/// A folder that goes with the run.
#[derive(Debug)]
pub(crate) struct ScratchFolder {
    _leaving: Leaving,
    folder: TempDir,
    _lock: File,
}

impl ScratchFolder {
    /// Makes a folder in another, where folders of runs that have died are removed.
    pub(crate) fn new(parent: &Path) -> Result<Self> {
        remove_dead(parent);
        Self::make(parent)
            .with_context(|| format!("cannot create a temporary folder in {}", parent.display()))
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn make(parent: &Path) -> io::Result<Self> {
        let (folder, leaving) = Leaving::make(|| {
            Builder::new().prefix(PREFIX).rand_bytes(RANDOM_CHARACTERS).tempdir_in(parent)
        })?;
        // Locked before it has its name: a folder whose lock is free is one of a dead run.
        let unnamed = folder.path().join("new-lock");
        let lock = File::create_new(&unnamed)?;
        lock.lock()?;
        fs::rename(unnamed, folder.path().join(LOCK))?;
        Ok(Self { _leaving: leaving, folder, _lock: lock })
    }
}

fn remove_dead(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).unwrap_or_default();
        let is_named = random.len() == RANDOM_CHARACTERS
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_named && is_folder && is_dead(&entry.path()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Returns whether a folder is one of ours through and through, and nobody holds its lock.
fn is_dead(folder: &Path) -> bool {
    let lock = folder.join(LOCK);
    let is_file = lock.symlink_metadata().is_ok_and(|found| found.is_file());
    is_file && is_all_ours(folder) && File::open(lock).is_ok_and(|lock| lock.try_lock().is_ok())
}

fn is_all_ours(folder: &Path) -> bool {
    let Ok(mut entries) = fs::read_dir(folder) else { return false };
    entries.all(|entry| {
        entry.is_ok_and(|entry| {
            let name = entry.file_name();
            let name = name.to_str().unwrap_or_default();
            name == LOCK || name == STANDARD_INPUT || is_temporary(name)
        })
    })
}
