//! What a zip archive holds, by its central directory, and each file of it as it is stored.
//! <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::{Crc, bufread::DeflateDecoder};
use zip::{CompressionMethod, ZipArchive, result::ZipError};

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

/// Lists the files of an archive, without its folders.
pub(crate) fn members(stored: &LogBytes) -> io::Result<Vec<Listed>> {
    let damaged = |error: ZipError| match error {
        ZipError::Io(error) => error,
        error => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
    };
    let mut archive = ZipArchive::new(BufReader::new(stored.open())).map_err(damaged)?;
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
            Ok(file) => match (file.compression(), file.data_start()) {
                (
                    method @ (CompressionMethod::Stored | CompressionMethod::Deflated),
                    Some(start),
                ) => Ok(Member {
                    start,
                    stored_bytes: file.compressed_size(),
                    bytes: file.size(),
                    checksum: file.crc32(),
                    is_deflated: method == CompressionMethod::Deflated,
                }),
                _ => Err("it is compressed in a way that is not supported"),
            },
            Err(ZipError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(error);
            }
            Err(_) => Err("its header is damaged"),
        };
        members.push((name, member));
    }
    Ok(members)
}

impl Member {
    /// Opens the file as it was before it was put into the archive.
    pub(crate) fn open(&self, mut archive: Box<dyn ReadSeek>) -> io::Result<Box<dyn Read + Send>> {
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
