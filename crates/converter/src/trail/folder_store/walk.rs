//! The walk through a folder, entry by entry.

use std::{
    borrow::Cow,
    cmp::Ordering,
    fs::Metadata,
    io,
    path::{MAIN_SEPARATOR, Path as DiskPath, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use futures::{StreamExt, stream, stream::BoxStream};
use object_store::{ListResult, ObjectMeta, Result, local::LocalFileSystem, path::Path};
use walkdir::{DirEntry, IntoIter, WalkDir};

use crate::{
    error::{
        Unlisted,
        UnlistedReason::{Loop, NoPath, SpecialFile, SymbolicLink, TooMany, Unreadable},
    },
    trail::instant_of,
};

/// Entries that one trip to a blocking thread brings.
const BATCH: usize = 1024;
/// Entries of one level that are collected; a listing of the level alone fails beyond.
const MAX_LEVEL_ENTRIES: usize = 10_000;

/// What is below a folder, in the order of whole paths.
pub(super) struct Walk {
    root: Arc<PathBuf>,
    inner: Arc<LocalFileSystem>,
    start: PathBuf,
    entries: WalkDir,
    /// Only what comes after it is listed.
    after: Option<Path>,
}

/// A walk that has begun.
struct Walking {
    walk: Walk,
    entries: IntoIter,
}

impl Walk {
    pub(super) fn new(
        root: Arc<PathBuf>,
        inner: Arc<LocalFileSystem>,
        prefix: Option<&Path>,
        after: Option<Path>,
        follows_links: bool,
    ) -> Self {
        let start = prefix.map_or_else(|| root.to_path_buf(), |prefix| root.join(prefix.as_ref()));
        let entries =
            WalkDir::new(&start).min_depth(1).follow_links(follows_links).sort_by(in_order);
        Self { root, inner, start, entries, after }
    }

    /// Walks on blocking threads, as far as somebody asks.
    pub(super) fn stream(self) -> BoxStream<'static, Result<ObjectMeta>> {
        stream::unfold(Some(self.begin()), |walking| async {
            let mut walking = walking?;
            let batch = tokio::task::spawn_blocking(|| {
                let batch: Vec<_> = walking.by_ref().take(BATCH).collect();
                (batch, walking)
            });
            match batch.await {
                Ok((batch, _)) if batch.is_empty() => None,
                Ok((batch, walking)) => Some((batch, Some(walking))),
                Err(error) => Some((vec![Err(error.into())], None)),
            }
        })
        .flat_map(stream::iter)
        .boxed()
    }

    /// Lists one level.
    pub(super) fn level(mut self) -> Result<ListResult> {
        self.entries = self.entries.max_depth(1);
        let start = self.start.clone();
        let mut level = ListResult { common_prefixes: Vec::new(), objects: Vec::new() };
        let mut walking = self.begin();
        while let Some(entry) = walking.next_entry() {
            match entry? {
                Entry::Folder(folder) => level.common_prefixes.push(folder),
                Entry::File(file) => level.objects.push(file),
                Entry::UnnamedFolder(unlisted) => return Err(unlisted.into()),
            }
            if level.common_prefixes.len() + level.objects.len() > MAX_LEVEL_ENTRIES {
                return Err(Unlisted::new(start, TooMany).into());
            }
        }
        Ok(level)
    }

    fn begin(self) -> Walking {
        let entries = self.entries;
        let walk = Self { entries: WalkDir::new(""), ..self };
        Walking { entries: entries.into_iter(), walk }
    }

    /// Returns an entry's path in the store, if it has one by which it can be read.
    fn location(&self, path: &DiskPath) -> Result<Path, Unlisted> {
        let location = self
            .below_root(path)
            .and_then(|below| Path::parse(&below).ok())
            .filter(|location| is_plain(location) || self.is_read_by(location, path));
        location.ok_or_else(|| Unlisted::new(path, NoPath))
    }

    /// With the separator of stores: on Windows that of paths is a character of a name for them.
    fn below_root<'a>(&self, path: &'a DiskPath) -> Option<Cow<'a, str>> {
        let root = self.root.as_os_str().as_encoded_bytes();
        let below = path.as_os_str().as_encoded_bytes().strip_prefix(root)?;
        let below = std::str::from_utf8(below).ok()?.trim_start_matches(['/', MAIN_SEPARATOR]);
        Some(match MAIN_SEPARATOR {
            '/' => Cow::Borrowed(below),
            separator => Cow::Owned(below.replace(separator, "/")),
        })
    }

    fn is_read_by(&self, location: &Path, path: &DiskPath) -> bool {
        self.inner.path_to_filesystem(location).is_ok_and(|round| round == path)
    }

    /// Returns whether nothing in a folder comes after the offset.
    fn is_before(&self, folder: &DiskPath) -> bool {
        let Some(after) = &self.after else { return false };
        self.below_root(folder).is_some_and(|below| {
            let below = format!("{below}/");
            below.as_str() < after.as_ref() && !after.as_ref().starts_with(&below)
        })
    }
}

enum Entry {
    Folder(Path),
    /// A folder that has no path in the store; nothing in it has one either.
    UnnamedFolder(Unlisted),
    File(ObjectMeta),
}

impl Walking {
    fn next_entry(&mut self) -> Option<Result<Entry>> {
        loop {
            let entry = match self.entries.next()? {
                Ok(entry) => entry,
                Err(error) if self.is_absent_start(&error) => continue,
                Err(error) => return Some(Err(unlisted(error).into())),
            };
            let kind = entry.file_type();
            if kind.is_dir() && self.walk.is_before(entry.path()) {
                self.entries.skip_current_dir();
                continue;
            }
            let location = match self.walk.location(entry.path()) {
                Err(unlisted) if kind.is_dir() => {
                    return Some(Ok(Entry::UnnamedFolder(unlisted)));
                }
                Err(unlisted) => return Some(Err(unlisted.into())),
                Ok(location) => location,
            };
            if kind.is_dir() {
                return Some(Ok(Entry::Folder(location)));
            }
            if self.walk.after.as_ref().is_some_and(|after| location <= *after) {
                continue;
            }
            if kind.is_symlink() {
                return Some(Err(Unlisted::new(entry.path(), SymbolicLink).into()));
            }
            if !kind.is_file() {
                return Some(Err(Unlisted::new(entry.path(), SpecialFile).into()));
            }
            return Some(describe(&entry, location).map(Entry::File).map_err(Into::into));
        }
    }

    /// A prefix that is not there holds nothing. A root that is gone is another matter.
    fn is_absent_start(&self, error: &walkdir::Error) -> bool {
        let is_absent = error.io_error().is_some_and(|error| {
            matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        });
        error.depth() == 0 && is_absent && self.walk.start != *self.walk.root
    }
}

impl Iterator for Walking {
    type Item = Result<ObjectMeta>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_entry()? {
                // Their entries are reported one by one.
                Ok(Entry::Folder(_) | Entry::UnnamedFolder(_)) => {}
                Ok(Entry::File(file)) => return Some(Ok(file)),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Returns whether a path has nothing but characters that URLs leave alone: the store, which makes a
/// URL of it, then reads the file of just this path.
fn is_plain(location: &Path) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=".contains(&byte);
    location.as_ref().bytes().all(is_plain)
}

/// Orders entries as whole paths are ordered: `a.b` comes before what is in the folder `a`.
fn in_order(a: &DirEntry, b: &DirEntry) -> Ordering {
    // Those of one folder: what comes before their names is the same, and quicker compared than cut.
    fn path(entry: &DirEntry) -> &[u8] {
        entry.path().as_os_str().as_encoded_bytes()
    }
    fn end(entry: &DirEntry) -> &[u8] {
        if entry.file_type().is_dir() { b"/" } else { b"" }
    }
    let shared = path(a).len().min(path(b).len());
    path(a)[..shared].cmp(&path(b)[..shared]).then_with(|| {
        let rest = |entry| path(entry)[shared..].iter().chain(end(entry));
        rest(a).cmp(rest(b))
    })
}

/// Describes a file exactly as the store does that reads it: a read insists on the `ETag`.
fn describe(entry: &DirEntry, location: Path) -> Result<ObjectMeta, Unlisted> {
    let metadata = entry.metadata().map_err(unlisted)?;
    let unreadable = |error| Unlisted::new(entry.path(), Unreadable(error));
    let modified = metadata.modified().map_err(unreadable)?;
    Ok(ObjectMeta {
        location,
        last_modified: instant_of(modified),
        size: metadata.len(),
        e_tag: Some(etag(&metadata, modified)),
        version: None,
    })
}

/// Returns the `ETag` that the store gives a file.
pub(super) fn etag(metadata: &Metadata, modified: SystemTime) -> String {
    let microseconds =
        modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_micros();
    format!("{:x}-{microseconds:x}-{:x}", inode(metadata), metadata.len())
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

fn unlisted(error: walkdir::Error) -> Unlisted {
    let path = error.path().unwrap_or(DiskPath::new("")).to_owned();
    let is_loop = error.loop_ancestor().is_some();
    match error.into_io_error() {
        Some(error) if !is_loop => Unlisted::new(path, Unreadable(error)),
        _ => Unlisted::new(path, Loop),
    }
}
