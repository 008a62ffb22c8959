//! Staging on the local disk: temporary file, `fsync`, rename, `fsync` of the folder.
//!
//! `object_store`'s own local writes are not used: they never `fsync`, and a kill leaves their
//! temporary file in the partition, where it breaks other readers.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use async_trait::async_trait;

use crate::{
    error::{Error, Result},
    storage::{
        Creation, PreparedFile, StagedFile, Staging, layout, objects::MOST_BYTES,
        read_regular_file, regular_file::kind_of,
    },
};

mod lock;

use lock::{Hold, Lock};

const BUFFER_BYTES: usize = 1 << 20;

/// How long to wait for somebody who has a file open, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(640);

/// A dataset's home on the local disk. Below it no link is followed.
#[derive(Debug)]
pub struct LocalStaging {
    home: PathBuf,
    /// Held while this value lives; `None` on a file system without locks, where the log alone keeps
    /// writers apart.
    lock: Option<Lock>,
}

impl LocalStaging {
    /// Opens the folder `home`, making it if need be, and keeps others from writing into it.
    ///
    /// # Errors
    /// [`Error::Busy`] if another process writes into it, [`Error::NotOurs`] if a link or a device
    /// stands where the lock does.
    pub fn open(home: &Path) -> Result<Self> {
        Self::open_as(home, Hold::Alone)
    }

    /// Opens the folder `home` for one of several shards, which keep all other writers away together.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`Error::Busy`] is said of a process that is no shard.
    pub fn open_shared(home: &Path) -> Result<Self> {
        Self::open_as(home, Hold::Shared)
    }

    fn open_as(home: &Path, hold: Hold) -> Result<Self> {
        let mut staging = Self { home: home.to_owned(), lock: None };
        staging.path(layout::TMP)?;
        let path = staging.path(layout::LOCK)?;
        create_folder(path.parent().unwrap_or(home))?;
        staging.lock = Lock::take(home, &path, hold)?;
        Ok(staging)
    }

    /// Fails if the lock was taken away: from then on another process may be at work, and what this
    /// one knows of the dataset is no ground to move or delete anything.
    fn still_locked(&self) -> Result<()> {
        match &self.lock {
            Some(lock) if !lock.stands() => Err(Error::LockLost { path: lock.path.clone() }),
            _ => Ok(()),
        }
    }

    /// Returns where a path below the home is.
    ///
    /// # Errors
    /// [`Error::NotOurs`] if a part of the path is a link.
    fn path(&self, path: &str) -> Result<PathBuf> {
        let mut folder = self.home.clone();
        for part in path.split('/') {
            folder.push(part);
            match fs::symlink_metadata(&folder) {
                Ok(found) if found.is_symlink() => {
                    return Err(Error::NotOurs { path: folder, what: kind_of(&found) });
                }
                Ok(_) => {}
                // Below what is missing there is nothing.
                Err(_) => return Ok(self.home.join(path)),
            }
        }
        Ok(folder)
    }

    fn publish_file(&self, file: &PreparedFile, folders: &mut BTreeSet<PathBuf>) -> Result<()> {
        let (from, to) = (self.path(&file.prepared)?, self.path(&file.path)?);
        if let Some(folder) = to.parent() {
            create_folder(folder)?;
            folders.insert(folder.to_owned());
        }
        match patiently(|| fs::rename(&from, &to)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let is_there = fs::metadata(&to).is_ok_and(|found| found.len() == file.bytes);
                if is_there { Ok(()) } else { Err(Error::Lost { path: file.path.clone() }) }
            }
            renamed => disk("rename", &from, renamed),
        }
    }

    fn write_durably(&self, path: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.path(path)?;
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        let mut file = disk("create", &path, File::create(&path))?;
        disk("write", &path, file.write_all(bytes))?;
        disk("sync", &path, sync(&file))?;
        sync_folder(path.parent().unwrap_or(&self.home))?;
        Ok(path)
    }
}

#[async_trait]
impl Staging for LocalStaging {
    fn stage(&self, transaction: &str, name: &str, _path: &str) -> Result<Box<dyn StagedFile>> {
        let folder = layout::temporary(transaction);
        let prepared = format!("{folder}/{name}");
        let path = self.path(&prepared)?;
        create_folder(&self.path(&folder)?)?;
        let file = disk("create", &path, File::create(&path))?;
        let out = BufWriter::with_capacity(BUFFER_BYTES, file);
        Ok(Box::new(LocalStagedFile { path, prepared, out }))
    }

    async fn publish(&self, files: &[PreparedFile]) -> Result<()> {
        // A log entry from somebody else must not move what is not the dataset's.
        if let Some(file) =
            files.iter().find(|file| !layout::parsed::is_prepared_file(&file.prepared))
        {
            let reason = format!("{:?} is not the path of a prepared file", file.prepared);
            return Err(Error::Damaged { path: file.path.clone(), reason });
        }
        let mut folders = BTreeSet::new();
        for file in files {
            self.still_locked()?;
            self.publish_file(file, &mut folders)?;
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }

    async fn discard(&self, transaction: &str) -> Result<()> {
        self.still_locked()?;
        let path = self.path(&layout::temporary(transaction))?;
        // A process that died while it created an object leaves a file, not a folder.
        let removed = match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => patiently(|| fs::remove_dir_all(&path)),
            Ok(_) => patiently(|| fs::remove_file(&path)),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => disk("remove", &path, removed),
        }
    }

    async fn forget(&self, transaction: &str) -> Result<()> {
        self.discard(transaction).await
    }

    async fn transactions(&self) -> Result<Vec<String>> {
        let path = self.path(layout::TMP)?;
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => disk("list", &path, entries)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            names.push(disk("list", &path, entry)?.file_name().to_string_lossy().into_owned());
        }
        names.retain(|name| layout::is_temporary(name));
        names.sort();
        Ok(names)
    }

    /// A lock whose file was removed keeps nobody away: another process locks the next one.
    fn is_exclusive(&self) -> bool {
        self.lock.as_ref().is_some_and(|lock| lock.hold == Hold::Alone && lock.stands())
    }

    async fn write(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        self.write_durably(path, &bytes).map(drop)
    }

    async fn replace(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        let to = self.path(path)?;
        let folder = to.parent().unwrap_or(&self.home);
        create_folder(folder)?;
        let from = self.write_durably(&layout::temporary(&layout::new_file_to_link()), &bytes)?;
        self.still_locked()?;
        disk("rename", &from, patiently(|| fs::rename(&from, &to)))?;
        sync_folder(folder)
    }

    async fn remove(&self, paths: &[String]) -> Result<()> {
        let mut folders = BTreeSet::new();
        for path in paths {
            self.still_locked()?;
            let path = self.path(path)?;
            match patiently(|| fs::remove_file(&path)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => disk("remove", &path, removed)?,
            }
            // Of a file that was gone, too: who removed it may have died before the folder was
            // synced. Emptied folders stay: another process may be about to rename a file into one.
            folders.extend(path.parent().filter(|folder| folder.exists()).map(Path::to_owned));
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }

    async fn create(&self, path: &str, bytes: Vec<u8>) -> Result<Creation> {
        let to = self.path(path)?;
        let folder = to.parent().unwrap_or(&self.home);
        create_folder(folder)?;
        let from = self.write_durably(&layout::temporary(&layout::new_file_to_link()), &bytes)?;
        let linked = self.still_locked().map(|()| fs::hard_link(&from, &to));
        disk("remove", &from, patiently(|| fs::remove_file(&from)))?;
        match linked? {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let found = disk("read", &to, read_regular_file(&to, MOST_BYTES))?;
                return Ok(if found == bytes { Creation::Created } else { Creation::Lost });
            }
            linked => disk("create", &to, linked)?,
        }
        sync_folder(folder)?;
        Ok(Creation::Created)
    }
}

struct LocalStagedFile {
    path: PathBuf,
    prepared: String,
    out: BufWriter<File>,
}

impl Write for LocalStagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl StagedFile for LocalStagedFile {
    fn prepare(self: Box<Self>) -> Result<String> {
        let Self { path, prepared, out } = *self;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error);
        disk("sync", &path, sync(&disk("write", &path, file)?))?;
        sync_folder(path.parent().unwrap_or(&path))?;
        Ok(prepared)
    }
}

/// Moves or removes a file. On Windows that fails while others have it open, such as a virus scanner that
/// looks at each new file: it is tried again for about a second.
fn patiently<T>(mut action: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut pause = FIRST_PAUSE;
    loop {
        match action() {
            Err(error) if cfg!(windows) && is_in_use(&error) && pause <= LONGEST_PAUSE => {
                thread::sleep(pause);
                pause *= 2;
            }
            done => return done,
        }
    }
}

/// See `ERROR_ACCESS_DENIED`, `ERROR_SHARING_VIOLATION` and `ERROR_LOCK_VIOLATION` of Windows.
fn is_in_use(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32 | 33))
}

/// Makes a folder and those around it, each durably.
fn create_folder(path: &Path) -> Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    disk("create", path, fs::create_dir_all(path))?;
    missing.iter().filter_map(|folder| folder.parent()).try_for_each(|parent| {
        sync_folder(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
    })
}

/// Network disks of macOS have no `F_FULLFSYNC`, by which a file is synced there.
fn sync(file: &File) -> io::Result<()> {
    let synced = file.sync_all();
    #[cfg(target_vendor = "apple")]
    if let Err(error) = &synced
        && rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::NOTSUP)
    {
        return Ok(rustix::fs::fsync(file)?);
    }
    synced
}

fn sync_folder(path: &Path) -> Result<()> {
    #[cfg(unix)]
    match File::open(path).and_then(|folder| sync(&folder)) {
        // Some network file systems cannot sync a folder; they order renames themselves.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {}
        synced => disk("sync", path, synced)?,
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Names the file in the error of an operation on the disk.
pub(crate) fn disk<T>(action: &'static str, path: &Path, result: io::Result<T>) -> Result<T> {
    result.map_err(|source| Error::Disk { action, path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
