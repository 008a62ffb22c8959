//! Log files that a conversion would read, or leave alone, counted.

use std::ops::AddAssign;

use ecstrail_converter::LogFile;
use serde::Serialize;

/// Log files, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PreviewedFiles {
    /// Log files.
    pub files: u64,
    /// Bytes of them, as stored.
    pub bytes: u64,
}

impl AddAssign for PreviewedFiles {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
    }
}

impl PreviewedFiles {
    pub(super) fn add(&mut self, file: &LogFile) {
        self.files += 1;
        self.bytes += file.bytes;
    }
}
