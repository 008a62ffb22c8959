//! What a zip archive holds, by its central directory, and each file of it as it is stored.
//! <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

use std::{
    io::{self, BufReader, Read, Seek, SeekFrom},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use flate2::{Crc, bufread::DeflateDecoder};
use zip::{CompressionMethod, ZipArchive, read::ZipFile, result::ZipError};

use crate::source::{LogBytes, ReadSeek};

/// More files than this are not looked for in one archive.
const MOST_MEMBERS: usize = 1_000_000;

/// A file of an archive.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    start: u64,
    stored_bytes: u64,
    bytes: u64,
    checksum: u32,
    is_deflated: bool,
}

/// The name of a file of an archive, which becomes no path; the file, or why it cannot be read.
pub(crate) type Listed = (String, Result<Member, &'static str>);

/// An open archive. All its files are read through one reader, so that small ones beside each other
/// are fetched together.
#[derive(Clone)]
pub(crate) struct Archive(Arc<Mutex<Box<dyn ReadSeek>>>);

impl Archive {
    pub(crate) fn open(stored: &LogBytes) -> Self {
        Self(Arc::new(Mutex::new(stored.open())))
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn ReadSeek>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists the files, without folders.
    pub(crate) fn members(&self) -> io::Result<Vec<Listed>> {
        let damaged = |error: ZipError| match error {
            ZipError::Io(error) => error,
            error => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
        };
        let mut archive = ZipArchive::new(self.clone()).map_err(damaged)?;
        if archive.len() > MOST_MEMBERS {
            let reason = format!("it holds more than {MOST_MEMBERS} files");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        let mut members = Vec::with_capacity(archive.len());
        for number in 0..archive.len() {
            let name = archive.name_for_index(number).and_then(Result::ok);
            let name = name.unwrap_or_default().into_owned();
            let member = match archive.by_index_raw(number) {
                Ok(file) if file.is_dir() => continue,
                Ok(file) if file.encrypted() => Err("it is encrypted"),
                Ok(file) => Member::of(&file).ok_or("it is compressed in an unsupported way"),
                Err(ZipError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    return Err(error);
                }
                Err(_) => Err("its header is damaged"),
            };
            members.push((name, member));
        }
        // Of files with the same name the directory shows the last one only.
        let hidden = self.announced()?.saturating_sub(archive.len());
        let hide = || ("(unknown)".to_owned(), Err("another file has the same name"));
        members.extend(std::iter::repeat_with(hide).take(hidden));
        Ok(members)
    }

    /// Returns how many files the record at the end of the archive announces (4.3.16); 0 where the
    /// number is too large for it.
    fn announced(&self) -> io::Result<usize> {
        const MOST_BYTES: u64 = (1 << 16) + 22;
        let mut stored = self.lock();
        let bytes = stored.seek(SeekFrom::End(0))?;
        stored.seek(SeekFrom::Start(bytes.saturating_sub(MOST_BYTES)))?;
        let mut end = Vec::new();
        stored.read_to_end(&mut end)?;
        let record = memchr::memmem::rfind(&end, b"PK\x05\x06").map(|at| &end[at..]);
        let number = record.and_then(|record| record.get(10..12)).unwrap_or_default();
        Ok(match number {
            [0xff, 0xff] => 0,
            [low, high] => usize::from(u16::from_le_bytes([*low, *high])),
            _ => 0,
        })
    }
}

impl Read for Archive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.lock().read(buffer)
    }
}

impl Seek for Archive {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.lock().seek(to)
    }
}

impl Member {
    fn of(file: &ZipFile<'_, Archive>) -> Option<Self> {
        let method = file.compression();
        let is_deflated = method == CompressionMethod::Deflated;
        let start =
            file.data_start().filter(|_| is_deflated || method == CompressionMethod::Stored);
        Some(Self {
            start: start?,
            stored_bytes: file.compressed_size(),
            bytes: file.size(),
            checksum: file.crc32(),
            is_deflated,
        })
    }

    /// Opens the file as it was before it was put into the archive.
    pub(crate) fn open(&self, archive: &Archive) -> io::Result<Box<dyn Read + Send>> {
        let mut archive = archive.clone();
        archive.seek(SeekFrom::Start(self.start))?;
        let stored = BufReader::new(archive.take(self.stored_bytes));
        let inner: Box<dyn Read + Send> =
            if self.is_deflated { Box::new(DeflateDecoder::new(stored)) } else { Box::new(stored) };
        Ok(Box::new(Verified {
            inner,
            crc: Crc::new(),
            bytes: self.bytes,
            checksum: self.checksum,
        }))
    }
}

/// Compares what was read with size and checksum at its end.
struct Verified {
    inner: Box<dyn Read + Send>,
    crc: Crc,
    /// Bytes that are still to come.
    bytes: u64,
    checksum: u32,
}

impl Read for Verified {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.crc.update(&buffer[..read]);
        let damaged = |reason| Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        match self.bytes.checked_sub(read as u64) {
            None => return damaged("larger than the archive says"),
            Some(left) => self.bytes = left,
        }
        if read == 0 && !buffer.is_empty() {
            if self.bytes > 0 {
                return damaged("smaller than the archive says");
            }
            if self.crc.sum() != self.checksum {
                return damaged("its checksum is wrong");
            }
        }
        Ok(read)
    }
}
