//! What a zip archive holds, by its central directory, and each file of it as it is stored; also
//! concatenated archives, and bytes that belong to none of their files.
//! <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

use std::{
    io::{self, BufReader, Read, Seek, SeekFrom},
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use flate2::{Crc, bufread::DeflateDecoder};

use crate::trail::{LogBytes, ReadSeek};

mod directory;
mod header;

use directory::Directory;
pub(crate) use directory::{Listed, Member};

/// More archives than this are not looked for in one file.
const MOST_ARCHIVES: usize = 16;

/// A section of an open file, the whole of it at first. All sections are read through one reader, so
/// that small files beside each other are fetched together.
#[derive(Clone)]
pub(crate) struct Archive {
    file: Arc<Mutex<Box<dyn ReadSeek>>>,
    section: Range<u64>,
    /// Where the next read begins, in the section.
    at: u64,
}

/// What all archives in a file hold.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// How many archives there are, one behind the other.
    pub(crate) archives: usize,
    /// The files, without folders; archives in the order of their places.
    pub(crate) members: Vec<Listed>,
    /// What is neither a file nor a part of a directory, in order.
    pub(crate) strays: Vec<Range<u64>>,
    /// Whether there are zeros beside these.
    pub(crate) is_padded: bool,
}

impl Archive {
    pub(crate) fn open(stored: &LogBytes) -> io::Result<Self> {
        let mut file = stored.open();
        let bytes = file.seek(SeekFrom::End(0))?;
        Ok(Self { file: Arc::new(Mutex::new(file)), section: 0..bytes, at: 0 })
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn ReadSeek>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn section(&self, section: Range<u64>) -> Self {
        Self { file: Arc::clone(&self.file), section, at: 0 }
    }

    /// Lists the files, and what belongs to none of them. What stands beside an archive may be
    /// another one.
    pub(crate) fn contents(&self) -> io::Result<Contents> {
        let mut contents = Contents::default();
        let mut directories = vec![Directory::read(self)?];
        let mut rest = directories[0].unaccounted(&self.section);
        while let Some(section) = rest.pop() {
            let archive = self.section(section.clone());
            if directories.len() < MOST_ARCHIVES && archive.is_archive()? {
                match Directory::read(&archive) {
                    Ok(directory) => {
                        rest.extend(directory.unaccounted(&section));
                        directories.push(directory);
                        continue;
                    }
                    Err(error) if error.kind() != io::ErrorKind::InvalidData => return Err(error),
                    Err(_) => {}
                }
            }
            if archive.is_zero()? {
                contents.is_padded = true;
            } else {
                contents.strays.push(section);
            }
        }
        contents.strays.sort_unstable_by_key(|stray| stray.start);
        contents.archives = directories.len();
        directories.sort_by_key(|directory| directory.start);
        contents.members =
            directories.into_iter().flat_map(|directory| directory.members).collect();
        Ok(contents)
    }

    fn is_archive(&self) -> io::Result<bool> {
        let start = self.bytes(0, 4)?;
        Ok(matches!(&start[..], [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6]))
    }

    fn is_zero(&self) -> io::Result<bool> {
        let mut reader = BufReader::new(self.clone());
        let mut byte = [0];
        while reader.read(&mut byte)? > 0 {
            if byte != [0] {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads these bytes of the section; fewer at its end.
    fn bytes(&self, at: u64, bytes: u64) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        let mut archive = self.clone();
        archive.seek(SeekFrom::Start(at))?;
        archive.take(bytes).read_to_end(&mut read)?;
        Ok(read)
    }
}

impl Read for Archive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let offset = self.section.start.saturating_add(self.at);
        let left = usize::try_from(self.section.end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        if wanted == 0 {
            return Ok(0);
        }
        let mut file = self.lock();
        file.seek(SeekFrom::Start(offset))?;
        let read = file.read(&mut buffer[..wanted])?;
        drop(file);
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Archive {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(target) => Some(target),
            SeekFrom::End(distance) => {
                (self.section.end - self.section.start).checked_add_signed(distance)
            }
            SeekFrom::Current(distance) => self.at.checked_add_signed(distance),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

impl Member {
    /// Opens the file as it was before it was put into the archive.
    pub(crate) fn open(&self, archive: &Archive) -> Box<dyn Read + Send> {
        let stored = BufReader::new(archive.section(self.stored.clone()));
        let inner: Box<dyn Read + Send> =
            if self.is_deflated { Box::new(DeflateDecoder::new(stored)) } else { Box::new(stored) };
        Box::new(Verified { inner, crc: Crc::new(), bytes: self.bytes, checksum: self.checksum })
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
                return damaged("its checksum does not match");
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
