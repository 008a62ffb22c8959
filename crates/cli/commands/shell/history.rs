//! Where what was typed is remembered from one shell to the next.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::state_folder::{make, state_folder};

/// Entries that are kept.
pub(crate) const MOST_ENTRIES: usize = 1000;
/// Bytes of the longest entry that is kept.
pub(crate) const LONGEST_ENTRY: usize = 16 << 10;
/// Bytes of the largest file that such entries make.
const MOST_BYTES: u64 = (MOST_ENTRIES * LONGEST_ENTRY) as u64;

/// Returns the file of the history: what `ECSTRAIL_HISTORY` says, nothing if that is empty, otherwise
/// a file in the folder for state. A relative `XDG_STATE_HOME` does not count, as its specification
/// says.
pub(crate) fn file(
    named: Option<&OsStr>,
    state: Option<&OsStr>,
    home: Option<&OsStr>,
) -> Option<PathBuf> {
    if let Some(named) = named {
        return (!named.is_empty()).then(|| PathBuf::from(named));
    }
    Some(state_folder(state, home)?.join("history"))
}

/// Makes the folder of the history, if it can be made, and returns whether the file may be read:
/// whether it is one of ours by its kind and size.
pub(crate) fn prepare(file: &Path) -> bool {
    if let Some(folder) = file.parent() {
        make(folder);
    }
    match fs::metadata(file) {
        Ok(found) => found.is_file() && found.len() <= MOST_BYTES,
        Err(_) => true,
    }
}
