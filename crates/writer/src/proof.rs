//! Proof that a trail is what CloudTrail delivered: its digest files, signed by AWS and linked into
//! chains, and the log files that they name. Also whether it still is what was converted.
//!
//! What `aws cloudtrail validate-logs` finds is found, and what it does not look for: log files that
//! no digest names, digests that the links pass by.

use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use ecstrail_converter::{
    ChainName, Discovered, NamedLogFiles, ObjectKind, PublicKeys, Selection, Wanted, account_folder,
};

use crate::{
    convert::{LastDays, Source},
    error::{Error, Result},
    progress::{Progress, Stage},
    storage::Objects,
};

mod account;
mod bounds;
mod chain;
mod comparison;
mod converted;
mod coverage;
mod finding;
mod hours;
mod read;
mod returning;
#[cfg(test)]
mod tests;

use account::Account;
use bounds::Bounds;
pub use comparison::{TrailComparison, compare_trail};
use converted::Converted;
pub use finding::{TrailFinding, TrailFindingKind};
pub use hours::{Hour, Hours};
pub use returning::{Returning, look_for_inputs};

/// Days after a day within which log files are looked for that its digests name.
const LATE_DAYS: u32 = 1;

/// How a trail is verified.
#[derive(Debug, Clone, Default)]
pub struct ProofOptions {
    /// The keys that digests are verified with; `None` verifies hashes and links alone.
    pub keys: Option<PublicKeys>,
    /// Accounts, regions and days of delivery; all else of the selection is not asked.
    pub selection: Selection,
    /// Whether the trail is a copy in a bucket other than the one that CloudTrail delivered to.
    pub is_copy: bool,
}

/// What was verified of a trail, and what is wrong.
#[derive(Debug, Clone, Default)]
pub struct TrailProof {
    /// Digest files that were read.
    pub digests: u64,
    /// Digest files that AWS signed, where CloudTrail put them.
    pub digests_valid: u64,
    /// Digest files whose signature is not known.
    pub digests_unproven: u64,
    /// Log files that digests name which are not invalid.
    pub log_files: u64,
    /// Of these, log files that are what a digest says that AWS signed.
    pub log_files_valid: u64,
    /// Of these, log files that are what digests say whose signatures are not known.
    pub log_files_unproven: u64,
    /// Of these, log files that were not read, since the dataset knows their hash.
    pub log_files_from_ledger: u64,
    /// Log files that no valid digest covers: before the first, after the last, or in a gap.
    pub log_files_unjudged: u64,
    /// Digests and log files that a digest names outside the source.
    pub elsewhere: u64,
    /// Log files of the source that were converted, if a dataset was given.
    pub converted: u64,
    /// Log files that were converted and are not there any more, older than all that are.
    pub expired: u64,
    /// When the oldest log file that is there was delivered, by its name.
    pub oldest_delivery: Option<DateTime<Utc>>,
    /// The chains, in order.
    pub chains: Vec<ChainProof>,
    /// Times for which there are no digests, since validation of log files was off.
    pub gaps: Vec<DigestGap>,
    /// What is wrong, in the order of the URLs.
    pub findings: Vec<TrailFinding>,
    /// What the source was found to hold.
    pub found: Discovered,
    /// What could not be listed.
    pub failures: Vec<String>,
}

/// One chain of digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainProof {
    /// Which it is.
    pub name: ChainName,
    /// Digest files.
    pub digests: u64,
    /// Digest files that AWS signed.
    pub valid: u64,
    /// Beginning of the first one's time.
    pub from: Option<DateTime<Utc>>,
    /// End of the last one's time.
    pub to: Option<DateTime<Utc>>,
}

/// A time without digests in a chain that began anew after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestGap {
    /// The chain.
    pub chain: ChainName,
    /// Beginning.
    pub from: DateTime<Utc>,
    /// End.
    pub to: DateTime<Utc>,
}

impl TrailProof {
    /// Counts a log file that is what digests say.
    fn count_same(&mut self, is_proved: bool) {
        if is_proved {
            self.log_files_valid += 1;
        } else {
            self.log_files_unproven += 1;
        }
    }

    fn find(&mut self, kind: TrailFindingKind, url: impl Into<String>, detail: impl Into<String>) {
        self.findings.push(TrailFinding { url: url.into(), kind, detail: detail.into() });
    }
}

/// Verifies a trail. With a dataset, log files that it has read need not be read again, and those
/// that changed or vanished since are found.
///
/// Memory: some 300 bytes for each digest and each log file of one account, and some 100 for each
/// log file that was converted.
///
/// # Errors
/// Errors of the dataset's log. What is wrong with the trail is a finding.
pub async fn prove_trail(
    source: &Source,
    options: &ProofOptions,
    dataset: Option<&Objects>,
    progress: &Arc<Progress>,
) -> Result<TrailProof> {
    progress.enter(Stage::Listing);
    let mut converted = match dataset {
        Some(objects) => Some(Converted::read(objects, &source.base_url).await?),
        None => None,
    };
    let bounds = Bounds::new(&options.selection);
    // What was delivered just before a day is named by a digest of that day.
    let selection = Selection {
        from: options.selection.from.and_then(|from| from.checked_sub_days(Days::new(1))),
        ..options.selection.clone()
    };
    let mut discovery =
        source.discover_digests(&selection, LATE_DAYS, &LastDays::default(), Wanted::Both).await;
    let mut proof = TrailProof::default();
    let mut account = Account::new(String::new(), source, options, bounds);
    while let Some((kind, file)) = discovery.next_of_any_kind().await {
        if progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        progress.list();
        if let Some(delivered) = file.delivered_at() {
            proof.oldest_delivery =
                Some(proof.oldest_delivery.map_or(delivered, |oldest| oldest.min(delivered)));
        }
        let folder = account_folder(&source.base_url, &file.source_file);
        if folder != account.folder {
            let next = Account::new(folder.to_owned(), source, options, bounds);
            std::mem::replace(&mut account, next)
                .finish(&mut converted, &mut proof, progress)
                .await?;
        }
        if kind == ObjectKind::Digest {
            account.digest(file);
        } else {
            account.log_file(file, &mut converted, &mut proof, progress).await?;
        }
    }
    account.finish(&mut converted, &mut proof, progress).await?;
    // What could not be listed may be there.
    if let (Some(converted), Some(objects)) =
        (&converted, dataset.filter(|_| discovery.failed() == 0))
    {
        proof.converted = converted.len() as u64;
        let oldest = proof.oldest_delivery.filter(|_| options.selection.from.is_none());
        let (vanished, expired) =
            converted.vanished(objects, &options.selection, LATE_DAYS, oldest).await?;
        proof.findings.extend(vanished);
        proof.expired = expired;
    }
    proof.found = discovery.found();
    proof.failures = discovery.into_failures().iter().map(ToString::to_string).collect();
    proof.findings.sort();
    proof.findings.dedup();
    proof.chains.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(proof)
}

/// Verifies the digests of a trail alone, and returns the log files that they name: for those who read
/// the log files anyway. `last_days`: older digests are not asked.
///
/// # Errors
/// [`Error::Interrupted`]. What is wrong with digests is a finding.
pub async fn prove_digests(
    source: &Source,
    options: &ProofOptions,
    last_days: &LastDays,
    late_days: u32,
    progress: &Arc<Progress>,
) -> Result<(TrailProof, NamedLogFiles)> {
    progress.enter(Stage::Listing);
    let mut bounds = Bounds::new(&options.selection).with_late_days(late_days);
    bounds.is_recent = *last_days != LastDays::default();
    let selection = &options.selection;
    let wanted = Wanted::DigestFiles;
    let mut discovery = source.discover_digests(selection, late_days, last_days, wanted).await;
    let mut proof = TrailProof::default();
    let mut named = NamedLogFiles::new(options.is_copy);
    let mut account = Account::new(String::new(), source, options, bounds);
    while let Some((kind, file)) = discovery.next_of_any_kind().await {
        if progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        if kind != ObjectKind::Digest {
            continue;
        }
        let folder = account_folder(&source.base_url, &file.source_file);
        if folder != account.folder {
            let next = Account::new(folder.to_owned(), source, options, bounds);
            let done = std::mem::replace(&mut account, next);
            done.finish_digests(&mut named, &mut proof, progress).await?;
        }
        account.digest(file);
    }
    account.finish_digests(&mut named, &mut proof, progress).await?;
    proof.found = discovery.found();
    proof.failures = discovery.into_failures().iter().map(ToString::to_string).collect();
    proof.findings.sort();
    Ok((proof, named))
}
