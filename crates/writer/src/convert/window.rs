//! Lists the sources, a window of log files at a time: however many there are, only so many are in
//! memory.

use std::sync::Arc;

use ecstrail_converter::Discovery;

use super::{ConvertOptions, Source, SourceOutcome};
use crate::{Error, Result, progress::Progress, read::Input};

/// What a log file takes in memory while it is planned, about.
const FILE_BYTES: usize = 640;
/// The smallest window, however little memory there is.
const LEAST_FILES: usize = 10_000;

/// Returns how many log files a window has.
pub(super) fn window_files(options: &ConvertOptions) -> usize {
    match options.window_files {
        0 => (options.memory_bytes / 8 / FILE_BYTES).max(LEAST_FILES),
        files => files,
    }
}

/// The log files of all sources, one source after the other.
pub(super) struct Listing<'a> {
    sources: &'a [Source],
    options: &'a ConvertOptions,
    /// The source that is being listed: the one after those in `outcomes`.
    open: Option<Discovery>,
    outcomes: Vec<SourceOutcome>,
}

impl<'a> Listing<'a> {
    pub(super) fn new(sources: &'a [Source], options: &'a ConvertOptions) -> Self {
        Self { sources, options, open: None, outcomes: Vec::new() }
    }

    /// Lists so many further log files; none if there are no more. What cannot be listed does not
    /// keep the rest back.
    pub(super) async fn next_window(
        &mut self,
        files: usize,
        progress: &Progress,
    ) -> Result<Vec<Input>> {
        let mut window = Vec::new();
        while window.len() < files
            && let Some(source) = self.sources.get(self.outcomes.len())
        {
            if progress.is_cancelled() {
                return Err(Error::Interrupted);
            }
            let mut open = match self.open.take() {
                Some(open) => open,
                None => source.discover(self.options).await,
            };
            match open.next().await {
                Some(file) => {
                    let (store, file) = (Arc::clone(&source.store), Arc::new(file));
                    window.push(Input { store, file, number: 0 });
                    self.open = Some(open);
                }
                None => self.outcomes.push(open.into()),
            }
        }
        Ok(window)
    }

    /// Returns what became of each source.
    pub(super) fn finish(self) -> Vec<SourceOutcome> {
        self.outcomes
    }
}
