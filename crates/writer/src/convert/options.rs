//! What a conversion is given: its sources and how to convert them.

use std::{path::PathBuf, sync::Arc};

use ecstrail_converter::{LogFile, Selection};
use object_store::ObjectStore;

/// How to convert.
#[derive(Debug, Clone)]
pub struct ConvertOptions {
    /// Which records become rows.
    pub selection: Selection,
    /// Worker threads; 0 takes one a core.
    pub threads: usize,
    /// Memory for log files and records, in bytes; what does not fit is sorted on disk.
    pub memory_bytes: usize,
    /// Stored bytes of log files after which a commit is made.
    pub commit_bytes: u64,
    /// Size at which a data file ends.
    pub target_file_bytes: u64,
    /// Encoded bytes at which a row group ends.
    pub row_group_bytes: usize,
    /// Bytes of records, as text, at which a row group ends: readers take thousands of rows at
    /// once, and offsets into text have 32 bits.
    pub row_group_record_bytes: usize,
    /// Rows at which a row group ends.
    pub row_group_rows: usize,
    /// Whether log files that were damaged when they were last read are read again.
    pub retry: bool,
    /// Folder for sorted runs; inside the dataset's own temporary folder if it is local.
    pub scratch: PathBuf,
}

impl ConvertOptions {
    /// Returns the defaults, with a folder for sorted runs.
    pub fn new(scratch: PathBuf) -> Self {
        Self {
            selection: Selection::default(),
            threads: 0,
            memory_bytes: 1 << 30,
            commit_bytes: 1 << 30,
            target_file_bytes: 256 << 20,
            row_group_bytes: 64 << 20,
            row_group_record_bytes: 512 << 20,
            row_group_rows: 128 << 10,
            retry: false,
            scratch,
        }
    }
}

/// Log files of one source, and the store that has them.
#[derive(Debug, Clone)]
pub struct Source {
    /// Reads the log files.
    pub store: Arc<dyn ObjectStore>,
    /// The log files, in the order in which they shall be read.
    pub log_files: Vec<Arc<LogFile>>,
}
