//! Files of the local disk that are read whole: a pipe, a socket or a device in their place is an
//! error instead of a read that never ends, and so is a file that is larger than any of its kind.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
};

use ecstrail_converter::is_in_calendar;

/// An error of the system with the file that it is about.
#[derive(Debug, thiserror::Error)]
#[error("{}", path.display())]
pub(crate) struct Named {
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

/// Says what stands at a path, as in "x is …".
pub(crate) fn kind_of(found: &Metadata) -> &'static str {
    match found.file_type() {
        kind if kind.is_symlink() => "a symbolic link",
        kind if kind.is_dir() => "a folder",
        kind if kind.is_file() => "a file",
        _ => "a pipe, socket or device",
    }
}

/// Fails unless a path is that of a regular file, or of a link to one. What is not there, or cannot
/// be looked at, passes: opening it says more.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`], naming the path and what stands there, or saying that the file's
/// time is one that no calendar has.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    let Ok(found) = fs::metadata(path) else { return Ok(()) };
    if !found.is_file() {
        return Err(not_a_file(path, &found));
    }
    // The store makes a date of it, and panics where there is none.
    match found.modified().map(is_in_calendar) {
        Ok(false) => {
            let problem = format!("{} has an impossible modification time", path.display());
            Err(io::Error::new(io::ErrorKind::InvalidInput, problem))
        }
        _ => Ok(()),
    }
}

/// Reads a regular file of up to `most` bytes.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for what is not a regular file or a link to one,
/// [`io::ErrorKind::FileTooLarge`] for one that has more bytes, and what the system says.
pub fn read_regular_file(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let found = fs::metadata(path)?;
    if !found.is_file() {
        return Err(not_a_file(path, &found));
    }
    read_up_to(File::open(path)?, most)
}

/// Reads to the end of something that has up to `most` bytes.
///
/// # Errors
/// [`io::ErrorKind::FileTooLarge`] if there are more, and what the system says.
pub fn read_up_to(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 <= most {
        return Ok(bytes);
    }
    let problem = format!("it has more than {most} bytes");
    Err(io::Error::new(io::ErrorKind::FileTooLarge, problem))
}

fn not_a_file(path: &Path, found: &Metadata) -> io::Error {
    let problem = format!("{} is {}, not a regular file", path.display(), kind_of(found));
    io::Error::new(io::ErrorKind::InvalidInput, problem)
}
