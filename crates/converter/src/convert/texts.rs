//! The texts of a log file: one in memory, one that is read in pieces, or all of an archive's.

use std::{io::Read, mem, sync::Arc};

use sha2::{Digest, Sha256};

use super::{Converter, OpenFile, Sink, records::Scope};
use crate::{
    decode::{
        Content, Observed, Stored, Text,
        archive::{Archive, Contents},
        damaged,
        table::{Row, Table},
    },
    error::{Error, Result},
    records::{LookAlike, RejectReason, Suspicion, split::Splitter},
    trail::{LogBytes, ObjectKind},
};

/// How much of a large file is read at once. Little where it is fuzzed: there small files must have
/// many pieces.
const PIECE_BYTES: usize = if cfg!(fuzzing) { 61 } else { 8 << 20 };

const OUTERMOST: Scope = Scope { base: 0, depth: 0, time: None };

impl Converter {
    /// Reads a log file in memory that is plain or one sound gzip member. Returns false, without
    /// having read anything, if it is not.
    pub(super) fn read_whole(
        &mut self,
        content: Content,
        bytes: &LogBytes,
        file: &mut OpenFile<'_>,
        sink: Sink<'_>,
    ) -> Result<bool> {
        let LogBytes::Whole(stored) = bytes else { return Ok(false) };
        let mut buffer = mem::take(&mut self.buffer);
        let text = match content {
            Content::Json => &stored[..],
            Content::Gzip if self.inflater.inflate(stored, &mut buffer) => &buffer[..],
            _ => return Ok(false),
        };
        let inflated = Content::of(&text[..text.len().min(crate::decode::START_BYTES)]);
        if inflated != Content::Json {
            return Ok(false);
        }
        if text.len() as u64 > file.limits.file_bytes {
            let (log_file, limit_bytes) = (file.name().to_owned(), file.limits.file_bytes);
            return Err(Error::TooLarge { log_file, limit_bytes });
        }
        let mut splitter = Splitter::new(file.limits.record_bytes);
        self.records.read_piece(&mut splitter, text, true, OUTERMOST, file, sink)?;
        file.tally.decompressed_bytes = text.len() as u64;
        file.tally.sha256 = Sha256::digest(text).into();
        if buffer.capacity() <= PIECE_BYTES {
            self.buffer = buffer;
        }
        Ok(true)
    }

    /// Reads a text in pieces, a compressed one in two passes: one verifies it to its end, one reads
    /// its records. Returns the hash of the decompressed bytes.
    pub(super) fn read_stored(
        &mut self,
        stored: &Stored<'_>,
        file: &mut OpenFile<'_>,
        sink: Sink<'_>,
    ) -> Result<[u8; 32]> {
        let observed = Arc::new(Observed::default());
        let mut text = stored.text(u64::MAX, &observed)?;
        let container = text.container;
        let not_json = |found| {
            let log_file = file.name().to_owned();
            Err(Error::NotJson { log_file, found })
        };
        match text.content {
            Content::Foreign(found) => return not_json(found),
            Content::Zip => return not_json("an archive in a compressed file"),
            Content::Gzip | Content::Zstandard | Content::Utf16(_) => {
                return not_json("a compressed file in UTF-16");
            }
            Content::Blank
                if container.is_none() || (file.should_have_records() && !file.limits.salvage) =>
            {
                text.skip().map_err(|error| stored.error(error, container))?;
                return Err(Error::Empty { log_file: file.name().to_owned() });
            }
            Content::EventHistory => {
                text.skip().map_err(|error| stored.error(error, container))?;
                let (bytes, sha256) = text.finish();
                file.pass_over(LookAlike::EventHistoryCsv);
                file.tally.decompressed_bytes += bytes;
                return Ok(sha256);
            }
            Content::Blank | Content::Json | Content::Table => {}
        }
        let mut verified = None;
        if container.is_some() {
            let failure = text.skip().err().map(|error| stored.error(error, container));
            let whole = text.finish();
            file.expanded_bytes += whole.0;
            if let Some(error) = failure {
                if !file.limits.salvage || !matches!(error, Error::Damaged { .. }) {
                    return Err(error);
                }
                file.tally.suspicions.insert(Suspicion::Salvaged);
            }
            verified = Some(whole);
            text = stored.text(whole.0, &Arc::default())?;
        }
        let is_of_subscriptions = match text.content {
            Content::Table => self.read_table(&mut text, stored, file, sink).map(|()| false)?,
            _ => self.read_pieces(&mut text, stored, file, sink)?,
        };
        let (bytes, sha256) = text.finish();
        if verified.is_some_and(|verified| verified != (bytes, sha256)) {
            return Err(Error::Changed { log_file: file.name().to_owned() });
        }
        file.tally.decompressed_bytes += bytes;
        // Firehose writes a member for each batch that CloudWatch Logs sends it.
        let is_normal =
            |suspicion: &Suspicion| is_of_subscriptions && *suspicion == Suspicion::SeveralMembers;
        let suspicions = suspicions(&observed).filter(|suspicion| !is_normal(suspicion));
        file.tally.suspicions.extend(suspicions);
        Ok(sha256)
    }

    /// Returns whether all that was read is data of subscriptions of CloudWatch Logs.
    fn read_pieces(
        &mut self,
        text: &mut Text,
        stored: &Stored<'_>,
        file: &mut OpenFile<'_>,
        sink: Sink<'_>,
    ) -> Result<bool> {
        let mut splitter = Splitter::new(file.limits.record_bytes);
        let mut scope = Scope { base: file.tally.decompressed_bytes, ..OUTERMOST };
        let mut piece = Vec::new();
        loop {
            let before = piece.len();
            let read = text.take(PIECE_BYTES as u64).read_to_end(&mut piece);
            read.map_err(|error| stored.error(error, None))?;
            let last = piece.len() == before;
            self.records.read_piece(&mut splitter, &piece, last, scope, file, sink)?;
            if last {
                return Ok(splitter.is_of_subscriptions());
            }
            scope.base += splitter.drain(&mut piece) as u64;
        }
    }

    /// Reads the records in a column of CSV.
    fn read_table(
        &mut self,
        text: &mut Text,
        stored: &Stored<'_>,
        file: &mut OpenFile<'_>,
        sink: Sink<'_>,
    ) -> Result<()> {
        let start = file.tally.decompressed_bytes;
        let mut table = Table::new(&mut *text, file.limits.record_bytes);
        while let Some(Row { offset, cell, time }) =
            table.next_row().map_err(|error| stored.error(error, None))?
        {
            let within = Scope { base: start + offset, depth: 1, time };
            match cell {
                Ok(cell) if cell.trim_ascii().is_empty() => {
                    file.reject(within.base, RejectReason::NotCloudTrail);
                }
                Ok(cell) => {
                    let mut splitter = Splitter::new(file.limits.record_bytes);
                    self.records.read_piece(&mut splitter, cell, true, within, file, sink)?;
                }
                Err(reason) => {
                    file.reject(within.base, reason);
                }
            }
        }
        // One that ended early has a hash all the same.
        text.skip().map_err(|error| stored.error(error, None))
    }

    /// Reads all files of an archive. One that cannot be read is a reject; the others are read.
    pub(super) fn read_archive(
        &mut self,
        bytes: &LogBytes,
        file: &mut OpenFile<'_>,
        sink: Sink<'_>,
    ) -> Result<()> {
        let limits = *file.limits;
        let log_file = file.name();
        let zip_error = |error| damaged(error, "zip", log_file);
        let archive = Archive::open(bytes).map_err(zip_error)?;
        let Contents { archives, members, strays, is_padded } =
            archive.contents().map_err(zip_error)?;
        let most = limits.expanded_bytes(file.log_file.bytes);
        let mut hash = Sha256::new();
        for (name, member) in members {
            let below = name
                .split('/')
                .filter(|part| !matches!(*part, "" | "." | ".."))
                .collect::<Vec<_>>()
                .join("/");
            if matches!(ObjectKind::of(&below), ObjectKind::Other | ObjectKind::OtherService) {
                file.pass_over(LookAlike::OtherFile);
                continue;
            }
            let rejected = match member {
                Err(reason) => Some(reason.to_owned()),
                Ok(member) => {
                    let stored = Stored {
                        log_file,
                        open: &|| Ok(member.open(&archive)),
                        archive: Some("zip"),
                        limits: &limits,
                        limit_bytes: most.saturating_sub(file.expanded_bytes),
                    };
                    file.enter_member(&name);
                    match self.read_stored(&stored, file, sink) {
                        Ok(sha256) => {
                            hash.update(sha256);
                            None
                        }
                        Err(error) => Some(error.of_member().ok_or(error)?),
                    }
                }
            };
            if let Some(reason) = rejected {
                file.member = Some(format!("{name}: {reason}"));
                file.reject(file.tally.decompressed_bytes, RejectReason::DamagedMember);
            }
        }
        for stray in strays {
            file.member = Some(format!("bytes {} to {}", stray.start, stray.end - 1));
            file.reject(file.tally.decompressed_bytes, RejectReason::NotInDirectory);
        }
        if archives > 1 {
            file.tally.suspicions.insert(Suspicion::SeveralArchives);
        }
        if is_padded {
            file.tally.suspicions.insert(Suspicion::TrailingZeros);
        }
        file.tally.sha256 = hash.finalize().into();
        Ok(())
    }
}

fn suspicions(observed: &Observed) -> impl Iterator<Item = Suspicion> {
    [
        (observed.has_further_members(), Suspicion::SeveralMembers),
        (observed.is_padded(), Suspicion::TrailingZeros),
        (observed.has_trailing_bytes(), Suspicion::TrailingBytes),
        (observed.has_invalid_utf16(), Suspicion::InvalidUtf16),
    ]
    .into_iter()
    .filter_map(|(is_so, suspicion)| is_so.then_some(suspicion))
}
