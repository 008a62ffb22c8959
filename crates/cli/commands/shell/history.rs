//! Where what was typed is remembered from one shell to the next.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder},
    path::{Path, PathBuf},
};

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
    let state = state.map(PathBuf::from).filter(|folder| folder.is_absolute());
    let of_home = || {
        let home = home.map(PathBuf::from).filter(|folder| folder.is_absolute())?;
        Some(home.join(".local/state"))
    };
    Some(state.or_else(of_home)?.join("ecstrail/history"))
}

/// Makes the folder of the history, if it can be made, and returns whether the file may be read:
/// whether it is one of ours by its kind and size.
pub(crate) fn prepare(file: &Path) -> bool {
    if let Some(folder) = file.parent() {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        drop(builder.create(folder));
    }
    match fs::metadata(file) {
        Ok(found) => found.is_file() && found.len() <= MOST_BYTES,
        Err(_) => true,
    }
}
