//! UTF-16 text with a byte order mark, as Windows PowerShell's `>` writes it, as UTF-8.

use std::{
    io::{self, Read},
    sync::Arc,
};

use super::Observed;

const PIECE_BYTES: usize = 64 << 10;

/// The order of the two bytes of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endian {
    Little,
    Big,
}

/// Turns UTF-16 into UTF-8, without the byte order mark. A surrogate that stands alone, or half a
/// unit at the end, becomes U+FFFD and is reported.
pub(super) struct Utf16Reader<R> {
    units: R,
    endian: Endian,
    observed: Arc<Observed>,
    /// Bytes that are not decoded yet: half a unit, or a unit that awaits its second half.
    pending: Vec<u8>,
    text: Vec<u8>,
    position: usize,
    is_started: bool,
    is_ended: bool,
}

impl<R: Read> Utf16Reader<R> {
    pub(super) fn new(units: R, endian: Endian, observed: Arc<Observed>) -> Self {
        Self {
            units,
            endian,
            observed,
            pending: Vec::new(),
            text: Vec::new(),
            position: 0,
            is_started: false,
            is_ended: false,
        }
    }

    pub(super) fn into_units(self) -> R {
        self.units
    }

    fn fill(&mut self) -> io::Result<()> {
        let before = self.pending.len();
        (&mut self.units).take(PIECE_BYTES as u64).read_to_end(&mut self.pending)?;
        self.is_ended = self.pending.len() == before;
        let unit = |pair: &[u8]| match (self.endian, pair) {
            (Endian::Little, &[low, high]) => u16::from_le_bytes([low, high]),
            (Endian::Big, &[high, low]) => u16::from_be_bytes([high, low]),
            _ => 0xFFFD,
        };
        let mut whole = self.pending.len() / 2 * 2;
        let last = self.pending[..whole].chunks_exact(2).next_back().map(unit);
        if !self.is_ended && last.is_some_and(|last| (0xD800..0xDC00).contains(&last)) {
            whole -= 2;
        }
        let end = if self.is_ended { self.pending.len() } else { whole };
        self.text.clear();
        self.position = 0;
        for character in char::decode_utf16(self.pending[..end].chunks(2).map(unit)) {
            let is_mark = !std::mem::replace(&mut self.is_started, true)
                && character.as_ref().is_ok_and(|character| *character == '\u{feff}');
            if is_mark {
                continue;
            }
            let character = character.unwrap_or_else(|_| {
                self.observed.invalid_utf16();
                char::REPLACEMENT_CHARACTER
            });
            let mut bytes = [0; 4];
            self.text.extend_from_slice(character.encode_utf8(&mut bytes).as_bytes());
        }
        if end % 2 == 1 {
            self.observed.invalid_utf16();
        }
        self.pending.drain(..end);
        Ok(())
    }
}

impl<R: Read> Read for Utf16Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.position == self.text.len() && !self.is_ended {
            self.fill()?;
        }
        let mut text = &self.text[self.position..];
        let read = text.read(buffer)?;
        self.position += read;
        Ok(read)
    }
}
