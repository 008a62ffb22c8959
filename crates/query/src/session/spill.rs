//! Files for what does not fit into memory. They have no name, so that nothing of them is left,
//! however the process ends.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use datafusion::{
    error::Result,
    execution::{SpillFile, SpillWriter, TempFileFactory},
};
use futures::{Stream, stream};

/// Bytes that are read at once.
const CHUNK: u64 = 128 << 10;

/// Makes files below a folder.
#[derive(Debug)]
pub(super) struct SpillFolder(Arc<Path>);

impl SpillFolder {
    pub(super) fn new(folder: &Path) -> Self {
        Self(folder.into())
    }
}

impl TempFileFactory for SpillFolder {
    fn create_temp_file(&self, _: &str) -> Result<Arc<dyn SpillFile>> {
        let file = tempfile::tempfile_in(&self.0).map_err(|error| explained(&self.0, &error))?;
        let contents = Contents { file, bytes: 0 };
        Ok(Arc::new(Unnamed { folder: Arc::clone(&self.0), contents: Arc::new(contents.into()) }))
    }
}

fn explained(folder: &Path, error: &io::Error) -> io::Error {
    let folder = folder.display();
    let problem = format!("cannot write data that does not fit into memory to {folder}: {error}");
    io::Error::new(error.kind(), problem)
}

/// A file that is gone once nobody has it open.
#[derive(Clone)]
struct Unnamed {
    folder: Arc<Path>,
    contents: Arc<Mutex<Contents>>,
}

struct Contents {
    file: File,
    bytes: u64,
}

impl Unnamed {
    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what stands at `offset`; nothing at the end.
    fn chunk(&self, offset: u64) -> io::Result<Bytes> {
        let mut contents = self.lock();
        contents.file.seek(SeekFrom::Start(offset))?;
        let mut chunk = Vec::new();
        (&contents.file).take(CHUNK).read_to_end(&mut chunk)?;
        Ok(chunk.into())
    }
}

impl SpillFile for Unnamed {
    fn size(&self) -> Option<u64> {
        Some(self.lock().bytes)
    }

    fn read_stream(&self) -> Result<Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>> {
        // Read where it is asked for: what was just written is in the system's cache, and each
        // thread of a pool for reading would keep memory of its own.
        let chunks = stream::try_unfold((self.clone(), 0), |(file, offset)| async move {
            let chunk = file.chunk(offset)?;
            let next = offset + chunk.len() as u64;
            Ok((!chunk.is_empty()).then_some((chunk, (file, next))))
        });
        Ok(Box::pin(chunks))
    }

    fn open_writer(&self) -> Result<Box<dyn SpillWriter>> {
        Ok(Box::new(self.clone()))
    }
}

impl Write for Unnamed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut contents = self.lock();
        let end = contents.bytes;
        contents.file.seek(SeekFrom::Start(end))?;
        let written =
            contents.file.write(bytes).map_err(|error| explained(&self.folder, &error))?;
        contents.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SpillWriter for Unnamed {
    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}
