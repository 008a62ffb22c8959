//! The lock that keeps a dataset on the local disk to one writer.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use super::disk;
use crate::{
    error::{Error, Result},
    storage::regular_file::kind_of,
};

/// Whom a lock keeps away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Everybody else.
    Alone,
    /// Those who want to be alone.
    Shared,
}

/// A lock that is held while this value lives; the kernel frees it when the process dies.
#[derive(Debug)]
pub(super) struct Lock {
    pub(super) path: PathBuf,
    pub(super) file: LockedFile,
    pub(super) hold: Hold,
    /// A lock on the folder of the file, where the file system has such: removing the file lets nobody
    /// else in.
    _folder: Option<LockedFile>,
}

/// A file that is unlocked when this value goes. Closing it is not enough: a process that is being
/// started, for whatever purpose, has a copy of every open file until its program is loaded, and the
/// lock lives as long as the last copy.
#[derive(Debug)]
pub(super) struct LockedFile(pub(super) File);

impl LockedFile {
    fn take(file: File, hold: Hold) -> std::result::Result<Self, TryLockError> {
        let locked = match hold {
            Hold::Alone => file.try_lock(),
            Hold::Shared => file.try_lock_shared(),
        };
        locked.map(|()| Self(file))
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        drop(self.0.unlock());
    }
}

impl Lock {
    /// Locks a file, making it if need be; `None` on a file system without locks.
    ///
    /// # Errors
    /// [`Error::Busy`] if another process has the lock, [`Error::NotOurs`] if something else than a
    /// file stands there.
    pub(super) fn take(home: &Path, path: &Path, hold: Hold) -> Result<Option<Self>> {
        match fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => {
                return Err(Error::NotOurs { path: path.to_owned(), what: kind_of(&found) });
            }
            _ => {}
        }
        let busy = || Error::Busy { home: home.to_owned() };
        // Not every system opens folders, and not every file system locks them.
        let folder = path.parent().and_then(|folder| File::open(folder).ok());
        let folder = match folder.map(|folder| LockedFile::take(folder, hold)) {
            Some(Ok(folder)) => Some(folder),
            Some(Err(TryLockError::WouldBlock)) => return Err(busy()),
            Some(Err(TryLockError::Error(_))) | None => None,
        };
        let opened = File::options().create(true).truncate(false).write(true).open(path);
        let file = match LockedFile::take(disk("open", path, opened)?, hold) {
            Ok(file) => file,
            Err(TryLockError::WouldBlock) => return Err(busy()),
            Err(TryLockError::Error(_)) => return Ok(None),
        };
        let lock = Self { path: path.to_owned(), file, hold, _folder: folder };
        // Somebody may have removed it since, and another process have locked the new one.
        if lock.stands() { Ok(Some(lock)) } else { Err(busy()) }
    }

    /// Returns whether the file that is locked still stands where others look for it.
    pub(super) fn stands(&self) -> bool {
        is_same_file(&self.file.0, &self.path)
    }
}

#[cfg(unix)]
fn is_same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |found: fs::Metadata| (found.dev(), found.ino());
    file.metadata().ok().map(identity) == fs::symlink_metadata(path).ok().map(identity)
}

#[cfg(not(unix))]
fn is_same_file(file: &File, path: &Path) -> bool {
    use same_file::Handle;
    let locked = file.try_clone().and_then(Handle::from_file);
    matches!((locked, Handle::from_path(path)), (Ok(locked), Ok(found)) if locked == found)
}
