//! The fast way to decompress what CloudTrail delivers: a small gzip file of one member, in one go.

use libdeflater::{DecompressionError, Decompressor};

use super::WHOLE_BYTES;

const GZIP_MAGIC: &[u8] = b"\x1f\x8b\x08";
/// A gzip member's header and trailer without content.
const SMALLEST_MEMBER_BYTES: usize = 18;
/// Deflate cannot do better, so a larger claim is wrong.
const MOST_RATIO: usize = 1040;

/// Decompresses small gzip files into one buffer that lives on.
pub(crate) struct Inflater {
    decompressor: Decompressor,
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Inflater")
    }
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self { decompressor: Decompressor::new() }
    }

    /// Decompresses `stored` into `out` if it is one sound member with nothing behind it. Returns
    /// false for all else, damage included: that is left to the thorough decoder.
    ///
    /// The decoder does not say where the member ended, so the stream's own last 8 bytes must be
    /// the checksum and the size of what came out, and no second member may begin anywhere.
    pub(crate) fn inflate(&mut self, stored: &[u8], out: &mut Vec<u8>) -> bool {
        let Some((body, trailer)) = stored.split_last_chunk::<8>() else { return false };
        let [c0, c1, c2, c3, s0, s1, s2, s3] = *trailer;
        let checksum = u32::from_le_bytes([c0, c1, c2, c3]);
        let size = u32::from_le_bytes([s0, s1, s2, s3]) as usize;
        let second = stored.get(SMALLEST_MEMBER_BYTES..).unwrap_or_default();
        if size > WHOLE_BYTES.min(stored.len().saturating_mul(MOST_RATIO))
            || body.is_empty()
            || memchr::memmem::find(second, GZIP_MAGIC).is_some()
        {
            return false;
        }
        out.resize(size, 0);
        let inflated: Result<usize, DecompressionError> =
            self.decompressor.gzip_decompress(stored, out);
        inflated == Ok(size) && libdeflater::crc32(out) == checksum
    }
}
