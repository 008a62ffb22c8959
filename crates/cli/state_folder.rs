//! Where the program keeps what it remembers from one run to the next, outside of datasets: the XDG base
//! directory specification says where.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs::{self, DirBuilder},
    path::{Path, PathBuf},
};

/// Returns the folder, by the values of `XDG_STATE_HOME` and `HOME`; relative ones do not count.
pub(crate) fn state_folder(state: Option<&OsStr>, home: Option<&OsStr>) -> Option<PathBuf> {
    let absolute =
        |folder: Option<&OsStr>| folder.map(PathBuf::from).filter(|folder| folder.is_absolute());
    let of_home = || Some(absolute(home)?.join(".local/state"));
    Some(absolute(state).or_else(of_home)?.join("ecstrail"))
}

/// Returns the user's home as the system keeps it; Windows calls the variable otherwise.
pub(crate) fn home() -> Option<OsString> {
    let of_windows = || env::var_os("USERPROFILE").filter(|_| cfg!(windows));
    env::var_os("HOME").or_else(of_windows)
}

/// Makes a folder that nobody else may read, if it can be made.
pub(crate) fn make(folder: &Path) {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    drop(builder.create(folder));
}

/// Replaces a file as a whole, or not at all.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let new = tempfile::NamedTempFile::new_in(folder)?;
    fs::write(new.path(), bytes)?;
    new.persist(file)?;
    Ok(())
}
