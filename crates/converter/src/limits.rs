//! What a log file and a record may be at most: beyond it they are damaged, or made to do harm.

/// Limits of what is read. What exceeds them is rejected with a reason and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a log file, decompressed.
    pub file_bytes: u64,
    /// Times that a log file may be larger decompressed than stored; counts once more than
    /// [`FREE_BYTES`](Self::FREE_BYTES) came out. CloudTrail's shrink 5 to 20 times.
    pub ratio: u64,
    /// Bytes of one record, or of what it is wrapped in. CloudTrail's own limit is 256 KB, for
    /// events of CloudTrail Lake 1 MB.
    pub record_bytes: usize,
    /// Levels of objects and arrays in a record. The deepest known has 12.
    pub depth: usize,
    /// Whether the whole records of a log file are kept whose compressed stream is damaged.
    pub salvage: bool,
}

impl Limits {
    /// What may come out of any log file, however small it is stored, in bytes.
    pub const FREE_BYTES: u64 = 64 << 20;

    /// What a record may have at most, whatever [`record_bytes`](Self::record_bytes) says, in bytes.
    pub const LARGEST_RECORD: usize = 1 << 30;

    /// Returns how many bytes this many stored bytes may expand to.
    pub(crate) fn expanded_bytes(&self, stored_bytes: u64) -> u64 {
        let expanded = stored_bytes.saturating_mul(self.ratio).max(Self::FREE_BYTES);
        expanded.min(self.file_bytes)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 30,
            ratio: 200,
            record_bytes: 16 << 20,
            depth: 512,
            salvage: false,
        }
    }
}
