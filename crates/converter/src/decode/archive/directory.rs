//! The central directory of one archive: its files, and which bytes are accounted for by them.

use std::{collections::HashMap, io, ops::Range};

use zip::{CompressionMethod, ZipArchive, read::ZipFileEntry, result::ZipError};

use super::{
    Archive,
    header::{self, Header},
};

/// More files than this are not looked for in one archive.
const MOST_MEMBERS: usize = 1_000_000;
/// What stands in front of an archive that could have been split (8.5.4).
const SPANNING_MARKERS: [&[u8]; 2] = [b"PK\x07\x08", b"PK00"];
/// What a folder may have of its own: the compressed form of nothing.
const EMPTY_BYTES: u64 = 2;

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Where its bytes are in the whole file.
    pub(super) stored: Range<u64>,
    pub(super) bytes: u64,
    pub(super) checksum: u32,
    pub(super) is_deflated: bool,
}

/// The name of a file of an archive, which becomes no path; the file, or why it cannot be read.
pub(crate) type Listed = (String, Result<Member, &'static str>);

/// The directory of one archive.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// Where the archive begins in the whole file.
    pub(super) start: u64,
    pub(super) members: Vec<Listed>,
    /// What belongs to a file or to the directory, within the section.
    accounted: Vec<Range<u64>>,
}

/// What the directory says of a file.
struct Entry {
    name: String,
    /// As it stands there.
    header_name: Vec<u8>,
    header_start: u64,
    stored_bytes: u64,
    bytes: u64,
    checksum: u32,
    /// Or why it cannot be read.
    is_deflated: Result<bool, &'static str>,
    is_folder: bool,
}

impl Entry {
    fn new(entry: &ZipFileEntry<'_>, header_name: Vec<u8>) -> Self {
        let is_deflated = match entry.compression() {
            _ if entry.encrypted() => Err("it is encrypted"),
            CompressionMethod::Deflated => Ok(true),
            CompressionMethod::Stored => Ok(false),
            _ => Err("it is compressed in an unsupported way"),
        };
        let (stored_bytes, bytes) = (entry.compressed_size(), entry.size());
        Self {
            name: entry.name().unwrap_or_default().into_owned(),
            header_name,
            header_start: entry.header_start(),
            stored_bytes,
            bytes,
            checksum: entry.crc32(),
            is_deflated,
            is_folder: entry.is_dir() && bytes == 0 && stored_bytes <= EMPTY_BYTES,
        }
    }
}

impl Entry {
    /// Reads a header that the reader of archives keeps to itself: as the only one of an archive.
    fn hidden(
        mut header: Vec<u8>,
        header_name: Vec<u8>,
        archive: &ZipArchive<Archive>,
    ) -> io::Result<Self> {
        header.extend(header::end_of_one(header.len()));
        let alone = ZipArchive::new(io::Cursor::new(header)).map_err(damaged)?;
        let entry = alone.by_index_data(0).map_err(damaged)?;
        let mut entry = Self::new(&entry, header_name);
        entry.header_start = entry.header_start.saturating_add(archive.offset());
        Ok(entry)
    }
}

impl Directory {
    /// Reads the directory at the end of a section: all headers that stand there, also of files that
    /// have the name of another one, and more of them than it says.
    pub(super) fn read(archive: &Archive) -> io::Result<Self> {
        let zip = ZipArchive::new(archive.clone()).map_err(damaged)?;
        let start = archive.section.start.saturating_add(zip.offset());
        let mut directory = Self { start, ..Self::default() };
        let mut known = HashMap::with_capacity(zip.len());
        for number in 0..zip.len() {
            let entry = zip.by_index_data(number).map_err(damaged)?;
            known.insert(entry.central_header_start(), number);
        }
        // Files stand elsewhere than the directory, and are looked at after it: each way of reading
        // on fetches much at once.
        let (mut entries, mut end) = (Vec::with_capacity(zip.len()), zip.central_directory_start());
        while let Some(header) = Header::central(archive, end)? {
            if entries.len() == MOST_MEMBERS {
                let reason = format!("it holds more than {MOST_MEMBERS} files");
                return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
            }
            entries.push(match known.get(&end) {
                Some(number) => {
                    Entry::new(&zip.by_index_data(*number).map_err(damaged)?, header.name)
                }
                None => Entry::hidden(archive.bytes(end, header.end - end)?, header.name, &zip)?,
            });
            directory.accounted.push(end..header.end);
            end = header.end;
        }
        directory.accounted.extend(header::end(archive, end)?);
        for entry in entries {
            directory.enter(archive, entry)?;
        }
        let marker = archive.bytes(0, 4)?;
        if SPANNING_MARKERS.contains(&&marker[..]) {
            directory.accounted.push(0..4);
        }
        Ok(directory)
    }

    /// Enters a file.
    fn enter(&mut self, archive: &Archive, entry: Entry) -> io::Result<()> {
        let Entry { name, header_name, header_start, stored_bytes, bytes, checksum, .. } = entry;
        let member = match Header::local(archive, header_start)? {
            Some(local) => {
                let end = local.end.saturating_add(stored_bytes);
                let descriptor =
                    header::descriptor_bytes(archive, end, checksum, stored_bytes, bytes)?;
                self.accounted.push(header_start..end.saturating_add(descriptor));
                let absolute = |at: u64| archive.section.start.saturating_add(at);
                let stored = absolute(local.end)..absolute(end);
                match entry.is_deflated {
                    _ if header_name != local.name => {
                        Err("the name before it is not the one in the directory")
                    }
                    Ok(is_deflated) => Ok(Member { stored, bytes, checksum, is_deflated }),
                    Err(reason) => Err(reason),
                }
            }
            None => Err("its header is damaged"),
        };
        if member.is_err() || !entry.is_folder {
            self.members.push((name, member));
        }
        Ok(())
    }

    /// Returns which parts of the archive's section, in the whole file, belong to none of its files
    /// and not to the directory.
    pub(super) fn unaccounted(&self, section: &Range<u64>) -> Vec<Range<u64>> {
        let bytes = section.end - section.start;
        let mut accounted = self.accounted.clone();
        accounted.push(bytes..bytes);
        accounted.sort_unstable_by_key(|range| range.start);
        let mut end = 0;
        let mut unaccounted = Vec::new();
        for range in accounted {
            if range.start.min(bytes) > end {
                unaccounted.push(section.start + end..section.start + range.start.min(bytes));
            }
            end = end.max(range.end);
        }
        unaccounted
    }
}

fn damaged(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => error,
        error => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
    }
}
