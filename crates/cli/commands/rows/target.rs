//! Where rows go: stdout, a file that is there once it is whole, or something else that has a name.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, IsTerminal, Stdout, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::leaving::Leaving;

/// Something that is written to. A file that is not committed is never seen.
#[derive(Debug)]
pub(crate) enum Target {
    Stdout(Stdout),
    /// A pipe, a device or a link, which nothing can take the place of: `/dev/stdout`, a FIFO.
    InPlace(File),
    /// A file that grows.
    End(End),
    File {
        temporary: NamedTempFile,
        path: PathBuf,
        leaving: Leaving,
    },
}

/// The end of a file. What was there stays; what is not committed is taken back.
#[derive(Debug)]
pub(crate) struct End {
    file: File,
    /// Bytes that were there.
    before: u64,
    is_committed: bool,
}

impl Drop for End {
    fn drop(&mut self) {
        if !self.is_committed {
            // There is nobody to tell: what failed before is told.
            drop(self.file.set_len(self.before));
        }
    }
}

impl Target {
    /// Opens stdout, if there is no path.
    pub(crate) fn open(path: Option<&Path>) -> io::Result<Self> {
        let Some(path) = path else { return Ok(Self::Stdout(io::stdout())) };
        let found = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            found => Some(found?),
        };
        if found.as_ref().is_some_and(|found| !found.is_file()) {
            return Ok(Self::InPlace(File::create(path)?));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        // Told here, without a temporary name.
        fs::metadata(folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".ecstrail-").suffix(".tmp");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let (temporary, leaving) = Leaving::make(|| builder.tempfile_in(folder))?;
        if let Some(found) = found {
            // Who may not write to the file may not replace it, and who may not read it, still may
            // not.
            OpenOptions::new().write(true).open(path)?;
            temporary.as_file().set_permissions(found.permissions())?;
        }
        Ok(Self::File { temporary, path: path.to_owned(), leaving })
    }

    /// Opens a file to write behind what is in it.
    pub(crate) fn open_end(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Ok(Self::InPlace(file));
        }
        Ok(Self::End(End { file, before: found.len(), is_committed: false }))
    }

    pub(crate) fn is_terminal(&self) -> bool {
        match self {
            Self::Stdout(stdout) => stdout.is_terminal(),
            Self::InPlace(file) => file.is_terminal(),
            Self::End(_) | Self::File { .. } => false,
        }
    }

    /// Makes what was written seen.
    pub(crate) fn commit(self) -> io::Result<()> {
        match self {
            Self::Stdout(_) | Self::InPlace(_) => {}
            Self::End(mut end) => end.is_committed = true,
            Self::File { temporary, path, leaving } => {
                temporary.persist(path)?;
                drop(leaving);
            }
        }
        Ok(())
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(stdout) => stdout,
            Self::InPlace(file) | Self::End(End { file, .. }) => file,
            Self::File { temporary, .. } => temporary,
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}
