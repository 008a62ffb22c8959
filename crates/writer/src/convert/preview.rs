//! What a conversion would read, without reading it: the plan that a dry run shows.

use std::collections::{BTreeMap, HashSet};

use ecstrail_converter::{Discovered, LogFile};
use serde::Serialize;

use super::{
    ConvertOptions, Listing, PreviewedFiles, Source, SourceOutcome,
    plan::{ConversionPlan, Planner},
    window::window_files,
};
use crate::{
    convert::LastDays,
    convert::read::{fetched_bytes, whole_bytes},
    error::{Error, Result},
    log::commit_log::Log,
    progress::Progress,
    storage::{Objects, remote::READ_BYTES},
    workers::thread_count,
};

/// Bytes of a record in a gzipped log file, about; in large ones it takes fewer.
const RECORD_GZIPPED_BYTES: u64 = 283;
/// Bytes of a record as JSON: 1.4 GB for the 1,000,000 records that the README's speed is about.
const RECORD_JSON_BYTES: u64 = 1400;
/// Bytes of an event of Amazon ECS as Parquet with all columns, as the README has it.
const EVENT_PARQUET_BYTES: u64 = 240;
/// Records that a thread reads, selects and sorts in a second, where most are not selected: a guess
/// of the order of magnitude, which depends on the machine.
const RECORDS_PER_SECOND: f64 = 130_000.0;
/// How long S3 takes to begin an answer, about, and how many answers are awaited at once.
const REQUEST_SECONDS: f64 = 0.05;
const CONCURRENT_REQUESTS: f64 = 32.0;

/// What a conversion would do. No object was read.
///
/// The log files of all sources are `to_read + known + known_damaged + other_shards`. A file that several sources
/// have would be read once, and is known where it comes again.
#[derive(Debug, Default, Serialize)]
pub struct Preview {
    /// What was found in each source, in the order given.
    #[serde(skip)]
    pub sources: Vec<SourceOutcome>,
    /// The sum of what was found in all sources, LIST requests among it.
    pub found: Discovered,
    /// Keys, folders or parts of sources that could not be listed.
    pub failed: u64,
    /// Log files that would be read.
    pub to_read: PreviewedFiles,
    /// Log files that were converted before, or would be read through another source.
    pub known: PreviewedFiles,
    /// Log files that were damaged when they were read last, and that would not be read again.
    pub known_damaged: PreviewedFiles,
    /// Log files that other shards would read.
    pub other_shards: PreviewedFiles,
    /// What would be read, by account, region and month, in this order.
    pub groups: Vec<PreviewedGroup>,
    /// GET requests that reading takes, if none is repeated.
    pub get_requests: u64,
    /// What it might take and give.
    pub estimate: Estimate,
}

/// Log files of an account, a region and a month of delivery, by their names; all three are `None`
/// for those without a name that CloudTrail gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewedGroup {
    /// The account.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The month, as `2026-04`.
    pub month: Option<String>,
    /// Log files.
    pub files: u64,
    /// Bytes of them, as stored.
    pub bytes: u64,
}

/// What a conversion might take and give, by sizes and averages alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// Records in the log files: 283 bytes each if gzipped, 1,400 if not.
    pub records: u64,
    /// Bytes of Parquet if every record were an event of Amazon ECS and kept, at 240 each. How many
    /// are kept cannot be known before; often it is a small share.
    pub output_bytes_if_all_kept: u64,
    /// Wall time: 130,000 records a second for each thread, or the answers to the GET requests,
    /// 50 ms each and 32 at once, whatever takes longer. The network's speed is not known.
    pub seconds: f64,
}

/// Lists the sources as a conversion would and leaves out what the dataset knows, if there is one
/// at the place given. Nothing is written, and no log file is read.
pub async fn preview(
    sources: &[Source],
    options: &ConvertOptions,
    dataset: Option<&Objects>,
    progress: &Progress,
) -> Result<Preview> {
    let mut ledger = match dataset {
        None => None,
        Some(objects) => match Log::read(objects).await {
            Ok(log) => Some((objects, log)),
            Err(Error::NotADataset { .. }) => None,
            Err(error) => return Err(error),
        },
    };
    let planner = Planner::new(options);
    let listing = Listing::new(sources.to_vec(), options.selection.clone(), options.late_days);
    let mut listing = listing.of_shard(options.shard);
    if let Some(objects) = dataset.filter(|_| options.since_last) {
        listing = listing.since(LastDays::read(objects, &options.selection).await?);
    }
    let mut preview = Preview::default();
    let mut sums = Sums::default();
    let mut planned = HashSet::new();
    loop {
        let window = listing.next_window(window_files(options), progress).await?;
        if window.is_empty() {
            break;
        }
        let ledger = ledger.as_mut().map(|(objects, log)| (*objects, log));
        let ConversionPlan { to_read, known, known_damaged } =
            planner.plan(window, ledger, &planned).await?;
        preview.known += known;
        preview.known_damaged += known_damaged;
        for listed in &to_read {
            preview.to_read.add(&listed.file);
            sums.add(&listed.file, options);
            if is_below_several(sources, &listed.file) {
                planned.insert(planner.key(listed));
            }
        }
    }
    preview.other_shards = listing.of_other_shards();
    for outcome in listing.finish() {
        preview.take(outcome);
    }
    preview.get_requests = sums.requests;
    preview.estimate = sums.estimate(options);
    preview.groups = sums.groups.into_iter().map(|(name, files)| name.group(files)).collect();
    Ok(preview)
}

/// Returns whether several sources can list a log file: all that has to be remembered.
fn is_below_several(sources: &[Source], file: &LogFile) -> bool {
    if sources.len() < 2 {
        return false;
    }
    let url = file.url();
    sources.iter().filter(|source| url.starts_with(&source.base_url)).count() > 1
}

impl Preview {
    fn take(&mut self, outcome: SourceOutcome) {
        self.found += outcome.found.clone();
        self.failed += outcome.failed;
        self.sources.push(outcome);
    }

    /// Returns whether every log file that was found is accounted for.
    pub fn is_conserved(&self) -> bool {
        let Self { to_read, known, known_damaged, other_shards, .. } = self;
        let accounted = to_read.files + known.files + known_damaged.files + other_shards.files;
        self.found.log_files == accounted
    }
}

/// Account, region and month.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum GroupName {
    Delivered { account: String, region: String, month: String },
    Other,
}

impl GroupName {
    fn of(file: &LogFile) -> Self {
        file.key().map_or(Self::Other, |name| Self::Delivered {
            account: name.account.to_owned(),
            region: name.region.to_owned(),
            month: name.day.format("%Y-%m").to_string(),
        })
    }

    fn group(self, PreviewedFiles { files, bytes }: PreviewedFiles) -> PreviewedGroup {
        let (account, region, month) = match self {
            Self::Delivered { account, region, month } => {
                (Some(account), Some(region), Some(month))
            }
            Self::Other => (None, None, None),
        };
        PreviewedGroup { account, region, month, files, bytes }
    }
}

/// What reading takes, added up.
#[derive(Debug, Default)]
struct Sums {
    groups: BTreeMap<GroupName, PreviewedFiles>,
    requests: u64,
    /// The part of them that goes to a server.
    remote_requests: u64,
    records: u64,
}

impl Sums {
    fn add(&mut self, file: &LogFile, options: &ConvertOptions) {
        self.groups.entry(GroupName::of(file)).or_default().add(file);
        let is_plain = is_plain(&file.source_file);
        let record_bytes = if is_plain { RECORD_JSON_BYTES } else { RECORD_GZIPPED_BYTES };
        self.records += file.bytes.div_ceil(record_bytes);
        let whole_bytes = whole_bytes(fetched_bytes(options.memory_bytes));
        let requests = if file.bytes <= whole_bytes {
            1
        } else {
            // One look at what it is; compressed ones are checked to their end before they are read.
            1 + file.bytes.div_ceil(READ_BYTES) * if is_plain { 1 } else { 2 }
        };
        self.requests += requests;
        if !file.url().starts_with("file:") {
            self.remote_requests += requests;
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn estimate(&self, options: &ConvertOptions) -> Estimate {
        let threads = thread_count(options.threads) as f64;
        let decoding = self.records as f64 / RECORDS_PER_SECOND / threads;
        let waiting = self.remote_requests as f64 * REQUEST_SECONDS / CONCURRENT_REQUESTS;
        Estimate {
            records: self.records,
            output_bytes_if_all_kept: self.records * EVENT_PARQUET_BYTES,
            seconds: decoding.max(waiting),
        }
    }
}

/// Returns whether a file is not compressed, by its name.
fn is_plain(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    matches!(ending.as_str(), "json" | "jsonl" | "ndjson" | "log" | "txt" | "csv")
}

#[cfg(test)]
mod tests;
