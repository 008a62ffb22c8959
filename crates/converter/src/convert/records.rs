//! Each record of a text is selected, filtered or rejected; what wraps records is unwrapped.

use std::{cell::Cell, ops::Range};

use super::{FileTally, Sink};
use crate::{
    error::{Error, Result},
    limits::Limits,
    records::{
        LookAlike, Reject, RejectReason, SelectedBuilder, Suspicion,
        canonical::Canonical,
        envelope::{self, Wrapped},
        object::Object,
        split::{Found, Splitter},
    },
    trail::{KeyName, LogFile, Selection, calendar, log_file::should_have_records},
};

mod judge;

use judge::Verdict;

/// Bytes of a reject that are copied.
pub(super) const MAX_REJECT_BYTES: usize = 1 << 20;
/// Bytes of all rejects of a log file that are copied.
const MAX_REJECTS_BYTES: usize = 8 << 20;
/// Record bytes after which a batch is handed on.
const BATCH_BYTES: usize = 2 << 20;
/// Objects and texts within each other that are followed: a subscription to a log group that has
/// what a queue got.
const MOST_WRAPPED: usize = 8;

/// A log file whose records are being read.
pub(super) struct OpenFile<'a> {
    pub(super) log_file: &'a LogFile,
    pub(super) number: u32,
    pub(super) selection: &'a Selection,
    pub(super) limits: &'a Limits,
    /// The file of an archive that is being read.
    pub(super) member: Option<String>,
    /// The day of delivery by the name of the log file, or of the file in the archive, in days since
    /// 1970-01-01.
    delivery_day: Option<i32>,
    /// Whether a record is of a day far from that.
    has_distant_days: Cell<bool>,
    pub(super) tally: FileTally,
    /// Damage that continues in the next piece, so far.
    damage: Option<Vec<u8>>,
    /// Bytes of rejects that may still be copied.
    copied_bytes: usize,
    /// Bytes that came out of the files of an archive, sound or not.
    pub(super) expanded_bytes: u64,
    /// Bytes that may still come out of what is compressed within records.
    inflated_bytes: Cell<u64>,
}

impl<'a> OpenFile<'a> {
    pub(super) fn new(
        log_file: &'a LogFile,
        number: u32,
        selection: &'a Selection,
        limits: &'a Limits,
    ) -> Self {
        Self {
            log_file,
            number,
            selection,
            limits,
            member: None,
            delivery_day: delivery_day(&log_file.source_file),
            has_distant_days: Cell::new(false),
            tally: FileTally::default(),
            damage: None,
            copied_bytes: MAX_REJECTS_BYTES,
            expanded_bytes: 0,
            inflated_bytes: Cell::new(limits.expanded_bytes(log_file.bytes)),
        }
    }

    pub(super) fn name(&self) -> &'a str {
        &self.log_file.source_file
    }

    /// Begins with a file of the archive.
    pub(super) fn enter_member(&mut self, name: &str) {
        self.delivery_day = delivery_day(name).or_else(|| delivery_day(&self.log_file.source_file));
        self.member = Some(name.to_owned());
    }

    /// Returns the outcome of the file.
    pub(super) fn finish(mut self) -> FileTally {
        if self.has_distant_days.get() {
            self.tally.suspicions.insert(Suspicion::DistantDays);
        }
        self.tally
    }

    /// Returns whether the file, or the file of the archive, is named like one with records.
    pub(super) fn should_have_records(&self) -> bool {
        should_have_records(self.member.as_deref().unwrap_or(self.name()))
    }

    /// Counts a rejected record. Returns whether its bytes are to be kept.
    pub(super) fn reject(&mut self, byte_offset: u64, reason: RejectReason) -> bool {
        let tally = &mut self.tally;
        tally.rejected += 1;
        *tally.rejected_by_reason.entry(reason).or_default() += 1;
        let is_described = tally.rejects.len() < Reject::MOST_DESCRIBED;
        if is_described {
            tally.rejects.push(Reject {
                source_file: self.log_file.source_file.clone(),
                index: tally.records,
                byte_offset,
                reason,
                detail: self.member.clone(),
                record: None,
            });
        }
        tally.records += 1;
        is_described
    }

    /// Counts a rejected record, and copies it.
    pub(super) fn reject_with(&mut self, byte_offset: u64, reason: RejectReason, record: &[u8]) {
        if self.reject(byte_offset, reason) {
            self.copy(record);
        }
    }

    /// Copies the bytes of the reject described last.
    fn copy(&mut self, record: &[u8]) {
        if !record.is_empty()
            && record.len() <= self.copied_bytes.min(MAX_REJECT_BYTES)
            && let Some(reject) = self.tally.rejects.last_mut()
        {
            self.copied_bytes -= record.len();
            reject.record = Some(record.to_owned());
        }
    }

    /// Copies the bytes from one record to the next between which there is damage, once it is over.
    fn add_damage(&mut self, bytes: &[u8], is_over: bool) {
        let mut damage = self.damage.take().unwrap_or_default();
        if damage.len() <= MAX_REJECT_BYTES {
            damage.extend_from_slice(&bytes[..bytes.len().min(MAX_REJECT_BYTES + 1)]);
        }
        if is_over {
            self.copy(damage.trim_ascii_end());
        } else {
            self.damage = Some(damage);
        }
    }

    /// Counts something that looks like a record and is not.
    pub(super) fn pass_over(&mut self, look_alike: LookAlike) {
        *self.tally.look_alikes.entry(look_alike).or_default() += 1;
        self.tally.filtered += 1;
        self.tally.records += 1;
    }
}

/// The day of delivery in the name of a log file.
fn delivery_day(name: &str) -> Option<i32> {
    KeyName::parse(name).map(|name| calendar::day_of(name.day))
}

/// Where a piece of text stands in the decompressed file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    /// Offset of the piece, or of the outermost object around it.
    pub(super) base: u64,
    /// How many objects wrap it.
    pub(super) depth: usize,
    /// The instant that the innermost one gives, in milliseconds since 1970-01-01.
    pub(super) time: Option<i64>,
}

impl Scope {
    fn offset(self, at: usize) -> u64 {
        if self.depth == 0 { self.base + at as u64 } else { self.base }
    }
}

/// The records selected so far, and the buffers to check one.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) selected: SelectedBuilder,
    canonical: Canonical,
    compacted: Vec<u8>,
}

impl Records {
    /// Reads the records of a piece of text; `last` says that no piece follows.
    pub(super) fn read_piece(
        &mut self,
        splitter: &mut Splitter,
        piece: &[u8],
        last: bool,
        scope: Scope,
        file: &mut OpenFile<'_>,
        sink: Sink<'_>,
    ) -> Result<()> {
        // Damage that continues or began here, and whose end is not known yet.
        let mut damage = file.damage.as_ref().map(|_| splitter.position);
        loop {
            let found = splitter.next(piece, last);
            let at = match &found {
                Found::Record(range) | Found::Text(range) => range.start,
                Found::Broken(at, _) => *at,
                Found::End => piece.len(),
                Found::NeedMore => splitter.position,
            };
            if let Some(start) = damage.take() {
                let is_over = !matches!(found, Found::NeedMore);
                file.add_damage(&piece[start..at.max(start)], is_over);
            }
            match found {
                Found::End | Found::NeedMore => return Ok(()),
                Found::Broken(at, reason) => {
                    let is_described = file.reject(scope.offset(at), reason);
                    damage = is_described.then_some(at);
                }
                Found::Text(range) => {
                    let offset = scope.offset(range.start);
                    let token = &piece[range];
                    match envelope::unwrap_text(token).map(Wrapped::Text) {
                        Some(wrapped) => {
                            self.read_wrapped(wrapped, token, offset, scope, file, sink)?;
                        }
                        None if splitter.is_in_row() => file.pass_over(LookAlike::QueryColumn),
                        None => file.reject_with(offset, RejectReason::NotAnObject, token),
                    }
                }
                Found::Record(range) => {
                    self.read_object(splitter, piece, range, scope, file, sink)?;
                }
            }
            if self.selected.text_bytes() >= BATCH_BYTES && sink(self.selected.finish()).is_break()
            {
                return Err(Error::Stopped { log_file: file.name().to_owned() });
            }
        }
    }

    fn read_object(
        &mut self,
        splitter: &Splitter,
        piece: &[u8],
        range: Range<usize>,
        scope: Scope,
        file: &mut OpenFile<'_>,
        sink: Sink<'_>,
    ) -> Result<()> {
        let offset = scope.offset(range.start);
        let record = &piece[range];
        let object = Object::new(piece, &splitter.members);
        let is_in_row = splitter.is_in_row();
        match self.judge(object, record, splitter.depth(), offset, scope, file) {
            Verdict::Wraps(wrapped) => {
                let time = envelope::time_of(object).or(scope.time);
                let scope = Scope { time, ..scope };
                return self.read_wrapped(wrapped, record, offset, scope, file, sink);
            }
            Verdict::Rejected(RejectReason::NotCloudTrail) if is_in_row && object.is_cell() => {
                file.pass_over(LookAlike::QueryColumn);
                return Ok(());
            }
            Verdict::Rejected(reason) => {
                file.reject_with(offset, reason, record);
                return Ok(());
            }
            Verdict::LookAlike(look_alike) => {
                file.pass_over(look_alike);
                return Ok(());
            }
            Verdict::Selected => file.tally.selected += 1,
            verdict @ (Verdict::Excluded | Verdict::OutOfBounds) => {
                file.tally.filtered += 1;
                file.tally.excluded += 1;
                file.tally.out_of_bounds += u64::from(matches!(verdict, Verdict::OutOfBounds));
            }
            Verdict::OtherEventSource(event_source) => {
                file.tally.filtered += 1;
                file.tally.other_event_sources.add(event_source.as_deref(), 1);
            }
        }
        file.tally.records += 1;
        Ok(())
    }

    /// Reads the records in what an object or a string wraps.
    fn read_wrapped(
        &mut self,
        wrapped: Wrapped<'_>,
        around: &[u8],
        offset: u64,
        scope: Scope,
        file: &mut OpenFile<'_>,
        sink: Sink<'_>,
    ) -> Result<()> {
        let record_bytes = file.limits.record_bytes;
        let reason = match wrapped {
            Wrapped::Text(_) if scope.depth == MOST_WRAPPED => RejectReason::TooWrapped,
            Wrapped::Text(text) if text.len() > record_bytes => RejectReason::TooLarge,
            Wrapped::Text(text) => {
                let within = Scope { base: offset, depth: scope.depth + 1, ..scope };
                let mut splitter = Splitter::new(record_bytes);
                return self.read_piece(&mut splitter, &text, true, within, file, sink);
            }
            Wrapped::Broken(reason) => reason,
            Wrapped::Elsewhere => RejectReason::Elsewhere,
        };
        file.reject_with(offset, reason, around);
        Ok(())
    }
}
