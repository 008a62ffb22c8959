//! Where log files are read from: what the user typed becomes an open source.

use std::{
    io::{self, IsTerminal},
    path::{MAIN_SEPARATOR, Path as DiskPath, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use ecstrail_converter::{FolderStore, Pattern};
use ecstrail_writer::{Source, TrailStore};
use object_store::{ObjectStoreExt, path::Path};

use crate::{
    bucket::{Access, Bucket, BucketUse, Refusal, S3},
    location::{Location, bucket_url, canonical, folder_url},
    scratch::{self, ScratchFolder},
};

/// The argument that means standard input.
const STANDARD_INPUT: &str = "-";

/// More white space than a program may write in place of nothing.
const MOST_BLANK_BYTES: u64 = 4096;

/// A source of log files.
#[derive(Debug)]
pub(crate) struct Trail {
    /// As the user typed it.
    pub(crate) text: String,
    pub(crate) source: Source,
    pub(crate) location: TrailLocation,
    /// Who reads it, if it asks.
    access: Option<Access>,
    /// What came on standard input; it goes with the run.
    _input: Option<ScratchFolder>,
}

/// Where a source is; of a glob, where it begins.
#[derive(Debug)]
pub(crate) enum TrailLocation {
    /// The whole path on the local disk, links resolved.
    Disk(PathBuf),
    Bucket(String, Path),
    StandardInput,
}

/// How sources are opened.
#[derive(Debug)]
pub(crate) struct Opening<'a> {
    pub(crate) s3: &'a S3,
    /// Follow symbolic links below a folder.
    pub(crate) follow_links: bool,
    /// Folder for what comes on standard input.
    pub(crate) scratch: Option<&'a DiskPath>,
}

impl Opening<'_> {
    /// Opens a folder, a file, a bucket, a glob or standard input.
    pub(crate) async fn open(&self, text: &str) -> Result<Trail> {
        let (source, location, access, input) = match Location::parse(text)? {
            Location::Disk(path) if path == DiskPath::new(STANDARD_INPUT) => {
                let (source, folder) = self.standard_input().await?;
                (source, TrailLocation::StandardInput, None, Some(folder))
            }
            Location::Disk(path) => {
                let (source, whole) = self.on_disk(text, path)?;
                (source, TrailLocation::Disk(whole), None, None)
            }
            Location::Bucket(name, prefix) => {
                let (source, access) = self.in_bucket(text, &name, prefix).await?;
                let location = TrailLocation::Bucket(name, source.path.clone());
                (source, location, Some(access), None)
            }
        };
        Ok(Trail { text: text.to_owned(), source, location, access, _input: input })
    }

    /// An existing path is used as it is, even if it looks like a glob.
    fn on_disk(&self, text: &str, path: PathBuf) -> Result<(Source, PathBuf)> {
        let (path, pattern) = match path.symlink_metadata() {
            // On Windows no name has the characters of patterns.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename
                ) =>
            {
                match Pattern::split(&text.replace(MAIN_SEPARATOR, "/"))? {
                    Some((root, pattern)) => (PathBuf::from(root), Some(pattern)),
                    None => (path, None),
                }
            }
            _ => (path, None),
        };
        if path.metadata().is_ok_and(|found| !found.is_dir() && !found.is_file()) {
            bail!(
                "{text} is a pipe, socket or device, not a file or folder: pipe its content to \
                 `ecstrail convert -`"
            );
        }
        let cannot_find = || format!("cannot find {}", path.display());
        let whole = canonical(&path).with_context(cannot_find)?;
        let (folder, file) = match (whole.is_dir(), whole.parent(), whole.file_name()) {
            (false, Some(parent), Some(name)) => {
                let name = name.to_str().with_context(|| {
                    format!(
                        "the name of {text} is not UTF-8: \
                                                                  rename the file"
                    )
                })?;
                (parent, Path::parse(name)?)
            }
            _ => (whole.as_path(), Path::default()),
        };
        let cannot_open = || format!("cannot open {}", folder.display());
        let store = FolderStore::open(folder).with_context(cannot_open)?;
        let store = if self.follow_links { store.following_links() } else { store };
        let base_url = folder_url(folder)?.to_string();
        Ok((
            Source { store: TrailStore::Folder(Arc::new(store)), path: file, base_url, pattern },
            whole,
        ))
    }

    async fn in_bucket(&self, text: &str, name: &str, prefix: Path) -> Result<(Source, Access)> {
        let (prefix, pattern) = match Pattern::split(text)? {
            None => (prefix, None),
            Some((root, pattern)) => match Location::parse(&root)? {
                Location::Bucket(_, prefix) => (prefix, Some(pattern)),
                Location::Disk(_) => bail!(
                    "{text} has a pattern as the bucket name: name one bucket, \
                                         and use patterns in the prefix"
                ),
            },
        };
        let usage = BucketUse { may_be_anonymous: true, ..BucketUse::default() };
        let Bucket { store, access } = self.s3.open(name, &prefix, usage).await?;
        let is_object = pattern.is_none()
            && !text.ends_with('/')
            && prefix.filename().is_some()
            && store.head(&prefix).await.is_ok();
        let parts = prefix.parts().count() - usize::from(is_object);
        let base_url = bucket_url(name, &prefix.parts().take(parts).collect::<Path>());
        Ok((Source { store: TrailStore::Objects(store), path: prefix, base_url, pattern }, access))
    }

    /// Keeps standard input in a file: it is read from its beginning twice, and archives from their
    /// end.
    async fn standard_input(&self) -> Result<(Source, ScratchFolder)> {
        if io::stdin().is_terminal() {
            bail!("standard input is a terminal: pipe log files to `ecstrail convert -`");
        }
        let folder = self.scratch.map_or_else(std::env::temp_dir, DiskPath::to_owned);
        let made = ScratchFolder::new(&folder)?;
        let file = made.path().join(scratch::STANDARD_INPUT);
        let input = file.clone();
        let kept = tokio::task::spawn_blocking(move || {
            let mut file = std::fs::File::create(file)?;
            io::copy(&mut io::stdin().lock(), &mut file)
        });
        let bytes = kept.await?;
        let bytes = bytes
            .with_context(|| format!("cannot store standard input in {}", folder.display()))?;
        if bytes <= MOST_BLANK_BYTES && std::fs::read(input)?.trim_ascii().is_empty() {
            bail!("standard input is empty: check the command that should write log files to it");
        }
        let store = TrailStore::Folder(Arc::new(FolderStore::open(made.path())?));
        let base_url = "stdin:".to_owned();
        Ok((
            Source { store, path: Path::from(scratch::STANDARD_INPUT), base_url, pattern: None },
            made,
        ))
    }
}

impl Trail {
    /// Fails unless this is a folder with all that is below it.
    ///
    /// # Errors
    /// If it is one file, a pattern or standard input: what is missing is not known of these.
    pub(crate) fn whole(self) -> Result<Self> {
        let is_folder = match &self.location {
            TrailLocation::Disk(path) => path.is_dir(),
            TrailLocation::Bucket(..) => true,
            TrailLocation::StandardInput => false,
        };
        if is_folder && self.source.pattern.is_none() {
            return Ok(self);
        }
        bail!(
            "{} is not a folder: give the folder or s3://BUCKET/PREFIX that contains AWSLogs, or a \
             folder below it",
            self.text
        )
    }

    /// Adds the identity and what it lacks to an error about access.
    pub(crate) fn explain(&self, error: impl Into<anyhow::Error>) -> anyhow::Error {
        let error = error.into();
        match &self.access {
            Some(access) if Refusal::of(&error).is_some() => access.explain(error),
            _ => error,
        }
    }
}
