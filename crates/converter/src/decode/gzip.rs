//! All members of a gzip stream (RFC 1952), and what stands behind the last one.
//!
//! CloudTrail writes one member. A further one, or bytes behind it, are how somebody could add to a
//! log file without touching what was there, so they are reported.

use std::{
    io::{self, BufRead, Read},
    sync::Arc,
};

use flate2::bufread::GzDecoder;

use super::Observed;

/// Decompresses all members.
pub(super) struct GzipMembers<R> {
    /// `None` after the last member.
    member: Option<GzDecoder<Restored<R>>>,
    observed: Arc<Observed>,
}

impl<R: BufRead> GzipMembers<R> {
    pub(super) fn new(stored: R, observed: Arc<Observed>) -> Self {
        let restored = Restored { start: [0; 2], left: 0, rest: stored };
        Self { member: Some(GzDecoder::new(restored)), observed }
    }
}

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut stored) = self.member.take().map(GzDecoder::into_inner) else { break };
            let mut magic = [0; 2];
            match read_up_to(&mut stored, &mut magic)? {
                2 if magic == [0x1f, 0x8b] => {
                    self.observed.further_member();
                    (stored.start, stored.left) = (magic, 2);
                    self.member = Some(GzDecoder::new(stored));
                }
                0 => {}
                start => {
                    let is_zero = magic[..start] == [0; 2][..start] && only_zeros(&mut stored)?;
                    io::copy(&mut stored, &mut io::sink())?;
                    self.observed.trailing(is_zero);
                }
            }
        }
        Ok(0)
    }
}

/// Reads on, to the end or to a byte that is not zero.
fn only_zeros(stored: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let available = stored.fill_buf()?;
        if available.is_empty() {
            return Ok(true);
        }
        if available.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        let read = available.len();
        stored.consume(read);
    }
}

fn read_up_to(stored: &mut impl Read, buffer: &mut [u8; 2]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match stored.read(&mut buffer[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// A reader to which up to two bytes were given back.
struct Restored<R> {
    start: [u8; 2],
    /// How many of them are still to be read.
    left: usize,
    rest: R,
}

impl<R: BufRead> Read for Restored<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Restored<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.left {
            0 => self.rest.fill_buf(),
            left => Ok(&self.start[2 - left..]),
        }
    }

    fn consume(&mut self, bytes: usize) {
        match self.left {
            0 => self.rest.consume(bytes),
            left => self.left = left - bytes,
        }
    }
}
