//! Where the config file is, and its text.

use std::{
    env,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use ecstrail_writer::read_regular_file;

use crate::state_folder;

/// Names the file, or none if it is empty.
pub(super) const VARIABLE: &str = "ECSTRAIL_CONFIG";

/// Bytes of the largest file that is read.
const MOST_BYTES: u64 = 256 << 10;

/// The file that is read, if it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// Whether the environment names it: then it has to exist.
    is_named: bool,
}

impl Place {
    /// Returns the place of the file; `None` if there is to be none.
    ///
    /// # Errors
    /// A message, if the current folder is needed and is not known.
    pub(super) fn find() -> Result<Option<Self>, String> {
        if let Some(named) = env::var_os(VARIABLE) {
            if named.is_empty() {
                return Ok(None);
            }
            let path =
                std::path::absolute(named).map_err(|error| format!("{VARIABLE}: {error}"))?;
            return Ok(Some(Self { path, is_named: true }));
        }
        let set = |name: &str| env::var_os(name).filter(|value: &OsString| !value.is_empty());
        // The standard of these folders: a path that is not absolute does not count.
        let given = set("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let folder = given.or_else(|| home().map(|home| home.join(".config")));
        let path = folder.map(|folder| folder.join("ecstrail").join("config.toml"));
        Ok(path.map(|path| Self { path, is_named: false }))
    }

    /// Returns the text of the file; `None` if it does not exist and need not.
    ///
    /// # Errors
    /// A message without the path.
    pub(super) fn read(&self) -> Result<Option<String>, String> {
        match read_regular_file(&self.path, MOST_BYTES) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err("cannot read it: it is not UTF-8".to_owned()),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.is_named => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(format!("{VARIABLE} names this file, and it does not exist"))
            }
            Err(error) => Err(format!("cannot read it: {error}")),
        }
    }

    /// Returns the path as people write it.
    pub(crate) fn shown(&self) -> String {
        with_tilde(&self.path.display().to_string())
    }
}

/// Returns a path with `~` for the user's home; another text as it is.
pub(crate) fn with_tilde(path: &str) -> String {
    let below = |home: PathBuf| Some(Path::new("~").join(Path::new(path).strip_prefix(home).ok()?));
    match home().filter(|_| Path::new(path).is_absolute()).and_then(below) {
        Some(short) => short.display().to_string(),
        None => path.to_owned(),
    }
}

/// Returns the user's home, if it is known.
pub(super) fn home() -> Option<PathBuf> {
    state_folder::home().map(PathBuf::from).filter(|home| home.is_absolute())
}
