//! One log file's bytes become selected records and a tally; nothing is lost between the two.

use std::{
    io::{self, Read},
    ops::ControlFlow,
    sync::Arc,
};

use crate::{
    decode::{Content, Inflater, START_BYTES, Stored, read_error},
    error::{Error, Result},
    limits::Limits,
    records::{LookAlike, SelectedBatch},
    trail::{LogBytes, LogFile, Selection},
};

mod event_source_counts;
mod records;
mod tally;
mod texts;

pub use event_source_counts::EventSourceCounts;
use records::{OpenFile, Records};
pub use tally::FileTally;

/// Takes batches of selected records; `Break` ends the reading.
pub type Sink<'a> = &'a mut dyn FnMut(SelectedBatch) -> ControlFlow<()>;

/// Turns log files into selected records. One converter serves one thread.
#[derive(Debug)]
pub struct Converter {
    selection: Arc<Selection>,
    limits: Limits,
    inflater: Inflater,
    buffer: Vec<u8>,
    records: Records,
}

impl Converter {
    /// Makes a converter that keeps what `selection` says.
    pub fn new(selection: Arc<Selection>, limits: Limits) -> Self {
        Self {
            selection,
            limits,
            inflater: Inflater::new(),
            buffer: Vec::new(),
            records: Records::default(),
        }
    }

    /// Takes the records that were selected and not handed on.
    pub fn take(&mut self) -> SelectedBatch {
        self.records.selected.finish()
    }

    /// Reads all records of a log file. `number` is the file's index in the run's order of names.
    /// Full batches of selected records go to `sink`; what is left stays for
    /// [`take`](Self::take).
    ///
    /// After an error some records of the file may have been selected; they do not count.
    pub fn convert(
        &mut self,
        log_file: &LogFile,
        number: u32,
        bytes: &LogBytes,
        sink: Sink<'_>,
    ) -> Result<FileTally> {
        let (selection, limits) = (Arc::clone(&self.selection), self.limits);
        let mut file = OpenFile::new(log_file, number, &selection, &limits);
        match Content::of(&start_of(bytes).map_err(|error| read_error(error, file.name()))?) {
            Content::Zip => self.read_archive(bytes, &mut file, sink)?,
            content if self.read_whole(content, bytes, &mut file, sink)? => {}
            _ => {
                let stored = Stored {
                    log_file: file.name(),
                    open: &|| Ok(Box::new(bytes.open())),
                    archive: None,
                    limits: &limits,
                    limit_bytes: limits.file_bytes,
                };
                file.tally.sha256 = self.read_stored(&stored, &mut file, sink)?;
            }
        }
        if file.tally.is_look_alike() == Some(LookAlike::QueryColumn) {
            return Err(Error::NoWholeRecords { log_file: file.name().to_owned() });
        }
        Ok(file.finish())
    }
}

fn start_of(bytes: &LogBytes) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    match bytes {
        LogBytes::Whole(stored) => {
            start.extend_from_slice(&stored[..stored.len().min(START_BYTES)]);
        }
        LogBytes::Stream(open) => {
            open().take(START_BYTES as u64).read_to_end(&mut start)?;
        }
    }
    Ok(start)
}

#[cfg(test)]
mod tests;
