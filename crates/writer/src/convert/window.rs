//! Lists the sources, a window of log files at a time: however many there are, only one window is
//! in memory.

use std::{collections::BTreeMap, sync::Arc};

use ecstrail_converter::{Discovery, LogFile, Selection, Shard};

use super::{ConvertOptions, LastDays, PreviewedFiles, Source, SourceOutcome, TrailStore};
use crate::{
    error::{Error, Result},
    progress::{Progress, Stage},
};

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

/// A log file that was listed, and the store that has it.
#[derive(Debug, Clone)]
pub(super) struct ListedFile {
    pub(super) store: TrailStore,
    pub(super) file: Arc<LogFile>,
}

/// The log files of all sources, one source after the other. A source can be looked at before a
/// dataset is made; what was listed then is not listed again.
#[derive(Debug)]
pub struct Listing {
    sources: Vec<Source>,
    selection: Selection,
    late_days: u32,
    last_days: LastDays,
    shard: Option<Shard>,
    /// What was listed and belongs to other shards.
    of_other_shards: PreviewedFiles,
    /// By the number of their source.
    begun: BTreeMap<usize, Begun>,
    outcomes: Vec<SourceOutcome>,
}

/// A source that is being listed.
#[derive(Debug)]
struct Begun {
    discovery: Discovery,
    /// The log file that was looked at.
    next: Option<LogFile>,
}

impl Listing {
    /// Makes a listing of the sources for a conversion with these options.
    pub fn new(sources: Vec<Source>, selection: Selection, late_days: u32) -> Self {
        Self {
            sources,
            selection,
            late_days,
            last_days: LastDays::default(),
            shard: None,
            of_other_shards: PreviewedFiles::default(),
            begun: BTreeMap::new(),
            outcomes: Vec::new(),
        }
    }

    /// Lists folders that were read before from their last days on, less the late days.
    #[must_use]
    pub fn since(self, last_days: LastDays) -> Self {
        Self { last_days, ..self }
    }

    /// Leaves log files to other shards.
    pub(super) fn of_shard(self, shard: Option<Shard>) -> Self {
        Self { shard, ..self }
    }

    /// Returns what was listed so far and belongs to other shards.
    pub(super) fn of_other_shards(&self) -> PreviewedFiles {
        self.of_other_shards
    }

    /// Begins to list a source, by its number in the order given. Returns whether it has a log file
    /// of the selection.
    pub async fn begin(&mut self, source: usize) -> bool {
        let mut discovery =
            self.sources[source].discover(&self.selection, self.late_days, &self.last_days).await;
        let next = discovery.next().await;
        let is_found = next.is_some();
        self.begun.insert(source, Begun { discovery, next });
        is_found
    }

    /// Returns whether part of a source that was begun could not be listed.
    pub fn has_failures(&self, source: usize) -> bool {
        self.begun.get(&source).is_some_and(|begun| begun.discovery.failed() > 0)
    }

    /// Returns what could not be listed of all that was begun, by the number of its source.
    pub fn into_failures(self) -> impl Iterator<Item = (usize, ecstrail_converter::Error)> {
        self.begun.into_iter().flat_map(|(source, begun)| {
            begun.discovery.into_failures().into_iter().map(move |failure| (source, failure))
        })
    }

    /// Lists up to this many more log files; none if there are no more. What cannot be listed does
    /// not keep the rest back.
    pub(super) async fn next_window(
        &mut self,
        files: usize,
        progress: &Progress,
    ) -> Result<Vec<ListedFile>> {
        let mut window = Vec::new();
        progress.enter(Stage::Listing);
        while window.len() < files
            && let Some(source) = self.sources.get(self.outcomes.len())
        {
            if progress.is_cancelled() {
                return Err(Error::Interrupted);
            }
            let number = self.outcomes.len();
            let mut begun = if let Some(begun) = self.begun.remove(&number) {
                begun
            } else {
                let discovery =
                    source.discover(&self.selection, self.late_days, &self.last_days).await;
                Begun { discovery, next: None }
            };
            let next = match begun.next.take() {
                Some(next) => Some(next),
                None => begun.discovery.next().await,
            };
            match next {
                Some(file) => {
                    progress.list();
                    if self.shard.is_some_and(|shard| !shard.owns(&file)) {
                        self.of_other_shards.add(&file);
                        self.begun.insert(number, begun);
                        continue;
                    }
                    let (store, file) = (source.store.clone(), Arc::new(file));
                    window.push(ListedFile { store, file });
                    self.begun.insert(number, begun);
                }
                None => self.outcomes.push(begun.discovery.into()),
            }
        }
        Ok(window)
    }

    /// Up to which days folders had been read.
    pub(super) fn last_days(&self) -> &LastDays {
        &self.last_days
    }

    /// Returns whether part of what was listed so far could not be, or symbolic links were not
    /// followed.
    pub(super) fn is_partly_listed(&self) -> bool {
        let begun = self.begun.values().any(|Begun { discovery, .. }| {
            discovery.failed() > 0 || discovery.found().symbolic_links > 0
        });
        let ended = self
            .outcomes
            .iter()
            .any(|outcome| outcome.failed > 0 || outcome.found.symbolic_links > 0);
        begun || ended
    }

    /// Returns the folders that were not read before, if others were.
    pub(super) fn new_folders(&self, listed: &LastDays) -> Vec<String> {
        if self.last_days == LastDays::default() {
            return Vec::new();
        }
        listed.not_in(&self.last_days).folders()
    }

    /// Returns the outcome of each source.
    pub(super) fn finish(self) -> Vec<SourceOutcome> {
        self.outcomes
    }
}
