//! A trail compared with what was converted of it: what is new, what changed, what is gone.

use std::sync::Arc;

use ecstrail_converter::{DigestName, LogFile, ObjectKind, Selection, Wanted};
use futures::{StreamExt, stream};

use crate::{
    convert::{LastDays, Source},
    error::{Error, Result},
    progress::{Progress, Stage},
    proof::{
        Hours, TrailFinding, TrailFindingKind as Kind,
        converted::{Converted, Known},
        read::{self, CONCURRENT_READS, Hashed},
    },
    storage::Objects,
};

/// A trail beside the dataset that was made of it.
#[derive(Debug, Clone, Default)]
pub struct TrailComparison {
    /// Log files in the trail.
    pub log_files: u64,
    /// Of these, log files that were not converted, by any selection.
    pub unconverted: u64,
    /// The first of them.
    pub first_unconverted: Option<String>,
    /// Log files that were converted and are not there any more, older than all that are.
    pub expired: u64,
    /// Log files that changed or vanished since they were converted.
    pub findings: Vec<TrailFinding>,
    /// When log files and digests were delivered.
    pub hours: Hours,
    /// What could not be listed.
    pub failures: Vec<String>,
}

/// Compares a trail with what a dataset says was converted of it. Reads only log files that have
/// another size, `ETag` or time than when they were converted.
///
/// # Errors
/// Errors of the dataset's log.
pub async fn compare_trail(
    source: &Source,
    dataset: &Objects,
    progress: &Arc<Progress>,
) -> Result<TrailComparison> {
    progress.enter(Stage::Listing);
    let mut converted = Converted::read(dataset, &source.base_url).await?;
    let mut comparison = TrailComparison::default();
    let mut oldest = None;
    let mut changed = Vec::new();
    let mut discovery =
        source.discover_digests(&Selection::default(), 0, &LastDays::default(), Wanted::Both).await;
    while let Some((kind, file)) = discovery.next_of_any_kind().await {
        if progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        progress.list();
        if kind == ObjectKind::Digest {
            if let Some(name) = DigestName::parse(&file.source_file) {
                comparison.hours.add_digest(&name);
            }
            continue;
        }
        comparison.log_files += 1;
        let delivered = file.delivered_at();
        oldest = oldest.into_iter().chain(delivered).min();
        let known = converted.look_up(&file);
        let hour = comparison.hours.of_log_file(&file.source_file);
        match known {
            Known::No => {
                if let Some(hour) = hour {
                    hour.unconverted += 1;
                }
                comparison.unconverted += 1;
                comparison.first_unconverted.get_or_insert_with(|| file.url());
            }
            Known::AsItIs(_) | Known::AsAnother(_) => {
                if let Some(hour) = hour {
                    hour.converted += 1;
                }
                // Of what CloudTrail has not named, not even the form is known.
                if let Known::AsAnother(before) = known
                    && file.key().is_some()
                {
                    changed.push((file, before));
                }
            }
        }
    }
    comparison.findings = replaced(source, changed).await;
    // What could not be listed may be there.
    let (vanished, expired) = if discovery.failed() == 0 {
        converted.vanished(dataset, &Selection::default(), 0, oldest).await?
    } else {
        (Vec::new(), 0)
    };
    comparison.expired = expired;
    for finding in &vanished {
        if let Some(hour) = comparison.hours.of_log_file(&finding.url) {
            hour.vanished += 1;
        }
    }
    comparison.findings.extend(vanished);
    comparison.findings.sort();
    comparison.failures = discovery.into_failures().iter().map(ToString::to_string).collect();
    Ok(comparison)
}

/// Reads log files that have another size, `ETag` or time now, and finds those with other content.
async fn replaced(source: &Source, files: Vec<(LogFile, Vec<[u8; 32]>)>) -> Vec<TrailFinding> {
    let store = source.store.objects();
    let reads = files.into_iter().map(|(file, before)| {
        let store = Arc::clone(&store);
        async move { (read::hash(&*store, &file.path).await, file, before) }
    });
    let reads = stream::iter(reads.collect::<Vec<_>>()).buffer_unordered(CONCURRENT_READS);
    let findings = reads.filter_map(|(hashed, file, before)| async move {
        let detail = hashed.is_other_than(&before)?;
        Some(TrailFinding { url: file.url(), kind: Kind::LogReplaced, detail: detail.to_owned() })
    });
    findings.collect().await
}

impl Hashed {
    /// Says what is wrong with a log file that was converted with one of these hashes.
    pub(super) fn is_other_than(&self, before: &[[u8; 32]]) -> Option<&'static str> {
        match self {
            _ if before.is_empty() => None,
            Self::Sha256(hash) | Self::NotGzip(hash) if before.contains(hash) => None,
            Self::Sha256(_) | Self::NotGzip(_) => Some(
                "its content is not what was converted, and CloudTrail never changes a log file",
            ),
            Self::Truncated(_) | Self::Missing | Self::Wrong(..) => {
                Some("it is not the file that was converted, and cannot be compared with it")
            }
        }
    }
}
