//! `ecstrail convert`: opens sources and dataset, converts, tells what became of every record.

use std::{sync::Arc, time::Instant};

use anyhow::{Result, bail};
use ecstrail_converter::{Discovered, EventSources, Selection, discover};
use ecstrail_writer::{ConvertOptions, ConvertOutcome, Progress, Source, SourceOutcome};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::{
    args::{ConvertArguments, SummaryFormat},
    bucket::S3,
    commands::writing::{Home, stop_on_interrupt},
    console::{self, ProgressView, count},
    exit::Exit,
    location::Location,
};

pub(crate) async fn run(arguments: ConvertArguments) -> Result<Exit> {
    let format = arguments.format;
    let summary = convert(&arguments).await?;
    match format {
        SummaryFormat::Json => console::result(serde_json::to_string(&summary)?)?,
        SummaryFormat::Text => summary.print(&arguments.to)?,
    }
    Ok(summary.exit())
}

/// Converts and tells on stderr what was refused.
pub(crate) async fn convert(arguments: &ConvertArguments) -> Result<Summary> {
    let started = Instant::now();
    let selection = selection(arguments);
    let mut summary = Summary::default();
    let s3 = S3::new(arguments.s3.clone());
    let locations = open_sources(arguments, &s3, &selection, &mut summary).await?;
    let home = Home::open(&arguments.to, &s3, &arguments.writing).await?;
    if home.recovery.published > 0 {
        console::note(format!("finished {} interrupted commit(s)", home.recovery.published));
    }
    let scratch = home.scratch(arguments.scratch.as_deref())?;
    let mut options = ConvertOptions::new(scratch.path().to_owned());
    options.selection = selection;
    options.threads = arguments.threads;
    options.memory_bytes = arguments.memory;
    options.commit_bytes = arguments.commit_every;
    options.retry = arguments.retry;
    let sources: Vec<Source> = locations.iter().map(source).collect();
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(Arc::clone(&progress));
    let view = ProgressView::begin(Arc::clone(&progress));
    let outcome = home.dataset.convert(&sources, &options, &progress).await;
    drop(view);
    let mut outcome = outcome.map_err(|error| home.explain(error))?;
    tell_refused(&outcome, &arguments.to);
    if let Some(failure) = &outcome.checkpoint_failure {
        let failure = console::with_sources(failure);
        console::note(format!("no checkpoint of the log, the next run tries again: {failure}"));
    }
    for (location, SourceOutcome { found, failure }) in locations.iter().zip(&mut outcome.sources) {
        summary.skipped.take(*found);
        if let Some(failure) = failure.take() {
            console::error(&location.explain(failure));
            summary.missing_sources += 1;
        }
    }
    summary.take(outcome);
    summary.seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    Ok(summary)
}

fn source(location: &Location) -> Source {
    let Location { store, path, base_url, .. } = location.clone();
    Source { store, path, base_url }
}

fn selection(arguments: &ConvertArguments) -> Selection {
    let event_sources = if arguments.event_sources.iter().any(|source| source == "all") {
        EventSources::All
    } else {
        EventSources::Only(arguments.event_sources.iter().cloned().collect())
    };
    Selection {
        event_sources,
        event_names: arguments.event_names.iter().cloned().collect(),
        exclude_read_only: arguments.exclude_read_only,
        from: arguments.from,
        until: arguments.until,
        regions: arguments.regions.iter().cloned().collect(),
        accounts: arguments.accounts.iter().cloned().collect(),
    }
}

/// Opens all sources and looks for a first log file in each, before a dataset is made. A source
/// that is not there or holds none is told and counted; the others are converted all the same.
async fn open_sources(
    arguments: &ConvertArguments,
    s3: &S3,
    selection: &Selection,
    summary: &mut Summary,
) -> Result<Vec<Location>> {
    let mut sources = Vec::new();
    for text in &arguments.sources {
        let location = match Location::source(text, s3).await {
            Ok(location) => location,
            Err(error) if arguments.sources.len() > 1 => {
                console::error(&error);
                summary.missing_sources += 1;
                continue;
            }
            Err(error) => return Err(error),
        };
        let Location { store, path, base_url, .. } = &location;
        let mut discovery = discover(&**store, path, base_url, selection).await;
        match discovery.next().await {
            Ok(None) if discovery.found().unselected == 0 => {
                console::note(format!("no log files below {text}: looked for .json and .json.gz"));
                summary.missing_sources += 1;
                summary.skipped.take(discovery.found());
            }
            Ok(_) => sources.push(location),
            Err(error) => {
                console::error(&location.explain(error));
                summary.missing_sources += 1;
            }
        }
    }
    if sources.is_empty() {
        bail!("nothing to convert: give the folder that holds AWSLogs, or one below it");
    }
    Ok(sources)
}

/// Names every log file that could not be read and the first records that were refused.
fn tell_refused(outcome: &ConvertOutcome, home: &str) {
    for damaged in &outcome.damaged {
        let cause = std::error::Error::source(damaged).map(|cause| format!(": {cause}"));
        console::note(format!("refused file: {damaged}{}", cause.unwrap_or_default()));
    }
    let further = outcome.damaged_files - outcome.damaged.len() as u64;
    if further > 0 {
        console::note(format!("and {further} more refused files"));
    }
    for reject in &outcome.rejects {
        console::note(format!("refused record: {reject}"));
    }
    let further = outcome.totals.rejects - outcome.rejects.len() as u64;
    if further > 0 {
        let files = outcome.quarantine.iter().map(|file| format!("{home}/{file}"));
        let files = files.collect::<Vec<_>>().join(", ");
        console::note(format!("and {further} more refused records, see {files}"));
    }
}

/// What a conversion did, as programs read it. Members are only ever added.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Summary {
    /// Records read: the sum of the next four.
    pub(crate) records: u64,
    /// Records that are new rows of the dataset.
    pub(crate) rows: u64,
    /// Records that the selection does not keep.
    pub(crate) filtered: u64,
    /// Records that the dataset holds already, or that came twice.
    pub(crate) duplicates: u64,
    /// Records that could not become a row.
    pub(crate) rejects: u64,
    /// Log files read.
    pub(crate) files: u64,
    /// Log files that could not be read.
    pub(crate) damaged_files: u64,
    /// Log files that were converted before.
    pub(crate) known_files: u64,
    /// Log files that were damaged before and have not changed.
    pub(crate) known_damaged_files: u64,
    /// Sources that are not there or hold no log files.
    pub(crate) missing_sources: u64,
    /// Files that are no log files of the selection.
    pub(crate) skipped: Skipped,
    /// Bytes of the log files, as stored.
    pub(crate) stored_bytes: u64,
    /// Bytes of the log files, decompressed.
    pub(crate) decompressed_bytes: u64,
    /// Data files written.
    pub(crate) data_files: u64,
    /// Bytes of them.
    pub(crate) data_bytes: u64,
    /// Versions of the commits made.
    pub(crate) commits: Vec<u64>,
    /// Wall time.
    pub(crate) seconds: f64,
}

/// Files that were passed over by their names.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Skipped {
    /// Digest files.
    pub(crate) digests: u64,
    /// Insights files.
    pub(crate) insights: u64,
    /// Files not named like JSON.
    pub(crate) others: u64,
    /// Log files delivered outside the days asked for.
    pub(crate) unselected: u64,
}

impl Skipped {
    fn take(&mut self, found: Discovered) {
        self.digests += found.digests;
        self.insights += found.insights;
        self.others += found.others;
        self.unselected += found.unselected;
    }
}

impl Summary {
    fn take(&mut self, outcome: ConvertOutcome) {
        self.records = outcome.totals.records;
        self.rows = outcome.totals.rows;
        self.filtered = outcome.totals.filtered;
        self.duplicates = outcome.totals.duplicates;
        self.rejects = outcome.totals.rejects;
        self.files = outcome.files;
        self.damaged_files = outcome.damaged_files;
        self.known_files = outcome.known_files;
        self.known_damaged_files = outcome.known_damaged_files;
        self.stored_bytes = outcome.stored_bytes;
        self.decompressed_bytes = outcome.decompressed_bytes;
        self.data_files = outcome.data_files;
        self.data_bytes = outcome.data_bytes;
        self.commits = outcome.commits;
    }

    pub(crate) fn exit(&self) -> Exit {
        let refused = self.rejects + self.damaged_files + self.missing_sources;
        if refused == 0 { Exit::Done } else { Exit::Refused }
    }

    /// Tells people what was done.
    pub(crate) fn print(&self, home: &str) -> Result<()> {
        console::result(format!(
            "Read {} ({}, {} decompressed) in {:.1} s.",
            count(self.files, "log file"),
            HumanBytes(self.stored_bytes),
            HumanBytes(self.decompressed_bytes),
            self.seconds,
        ))?;
        let files = [
            (self.damaged_files, "could not be read, see above"),
            (self.known_files, "in the dataset already"),
            (
                self.known_damaged_files,
                "damaged before and unchanged (--retry reads such files again)",
            ),
            (self.skipped.unselected, "delivered outside the days asked for"),
            (self.skipped.digests, "passed over: digests hold no records"),
            (self.skipped.insights, "passed over: Insights hold no API calls"),
            (self.skipped.others, "passed over: not named like log files"),
        ];
        for (number, why) in files.into_iter().filter(|(number, _)| *number > 0) {
            console::result(format!("{:>14}  {why}", count(number, "file")))?;
        }
        if self.records > 0 {
            let became = [
                (self.records, "records, of these"),
                (self.rows, "are rows now"),
                (self.filtered, "were filtered: not what was asked for"),
                (self.duplicates, "are duplicates: in the dataset already, or delivered twice"),
                (self.rejects, "were refused, see above"),
            ];
            for (number, what) in became {
                console::result(format!("{:>14}  {what}", HumanCount(number).to_string()))?;
            }
        }
        console::result(match self.data_files {
            0 => format!("Nothing new for {home}."),
            files => format!(
                "Wrote {} ({}) below {home}/{}.",
                count(files, "data file"),
                HumanBytes(self.data_bytes),
                ecstrail_writer::EVENTS,
            ),
        })?;
        Ok(())
    }
}
