//! The log files of a source that were converted, as the ledger of a dataset has them.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use ecstrail_converter::{KeyName, LogFile, Selection, Suspicion};
use sha2::{Digest, Sha256};

use crate::{
    error::Result,
    log::{commit_log::Log, ledger::for_each_ledger_input},
    proof::{TrailFinding, TrailFindingKind as Kind, read::bytes_of},
    storage::Objects,
};

/// What tells a URL from others: the first half of a SHA-256.
pub(super) type Key = [u8; 16];

/// How a log file was converted.
#[derive(Debug, Clone, Copy)]
struct Version {
    /// Tells size and ETag or modification time.
    stamp: u64,
    /// `None` if that is not the hash of one gzip member.
    sha256: Option<[u8; 32]>,
    /// Whether its rows are in the dataset: it was not damaged, and no repair has forgotten it.
    is_converted: bool,
}

/// All versions of a log file that were converted.
#[derive(Debug, Default)]
struct Versions {
    versions: Vec<Version>,
    is_listed: bool,
}

/// What the ledger says of a log file.
#[derive(Debug)]
pub(super) enum Known {
    /// It was not converted.
    No,
    /// It was, with this hash, and is the same object.
    AsItIs(Option<[u8; 32]>),
    /// It was, with these hashes, and has another size, ETag or time now.
    AsAnother(Vec<[u8; 32]>),
}

/// The log files of a source that were converted.
#[derive(Debug)]
pub(super) struct Converted {
    /// With a slash at its end.
    source_url: String,
    log: Log,
    by_url: HashMap<Key, Versions>,
}

impl Converted {
    /// Reads the whole ledger of a dataset.
    pub(super) async fn read(objects: &Objects, base_url: &str) -> Result<Self> {
        let source_url = format!("{}/", base_url.trim_end_matches('/'));
        let log = Log::read_whole(objects).await?;
        let mut by_url: HashMap<Key, Versions> = HashMap::new();
        let forgotten: HashSet<u64> =
            log.entries.iter().flat_map(|entry| entry.forgets.iter().copied()).collect();
        for entry in &log.entries {
            let Some(file) = &entry.ledger else { continue };
            for_each_ledger_input(objects, file, |input| {
                if !input.url.starts_with(&source_url) {
                    return;
                }
                let is_one_member = !input.suspicions.iter().any(|suspicion| {
                    matches!(
                        suspicion,
                        Suspicion::SeveralMembers
                            | Suspicion::TrailingZeros
                            | Suspicion::TrailingBytes
                            | Suspicion::Salvaged
                    )
                });
                let sha256 = bytes_of(&input.sha256).filter(|_| is_one_member);
                let is_converted = input.damage.is_none() && !forgotten.contains(&entry.version);
                let stamp = stamp(input.bytes, &input.version);
                let known = by_url.entry(key(&input.url)).or_default();
                if let Some(version) =
                    known.versions.iter_mut().find(|version| version.stamp == stamp)
                {
                    version.is_converted |= is_converted;
                } else {
                    known.versions.reserve_exact(1);
                    known.versions.push(Version { stamp, sha256, is_converted });
                }
            })
            .await?;
        }
        Ok(Self { source_url, log, by_url })
    }

    /// Returns what is known of a log file that was listed, and remembers that it was.
    pub(super) fn look_up(&mut self, file: &LogFile) -> Known {
        let Some(known) = self.by_url.get_mut(&key(&file.url())) else { return Known::No };
        known.is_listed = true;
        let stamp = stamp(file.bytes, &file.version());
        match known.versions.iter().find(|version| version.stamp == stamp) {
            Some(version) if version.is_converted => Known::AsItIs(version.sha256),
            None if known.versions.iter().any(|version| version.is_converted) => {
                let hashes = known.versions.iter().filter_map(|version| version.sha256);
                Known::AsAnother(hashes.collect())
            }
            _ => Known::No,
        }
    }

    /// How many log files of the source were converted.
    pub(super) fn len(&self) -> usize {
        self.by_url.len()
    }

    /// Finds log files that were converted and are not in the source any more. Those older than
    /// the oldest one there were deleted on purpose, by all appearances, and are only counted.
    pub(super) async fn vanished(
        &self,
        objects: &Objects,
        selection: &Selection,
        late_days: u32,
        oldest_delivery: Option<DateTime<Utc>>,
    ) -> Result<(Vec<TrailFinding>, u64)> {
        let (mut findings, mut expired) = (BTreeSet::new(), HashSet::new());
        if self.by_url.values().all(|versions| versions.is_listed) {
            return Ok((Vec::new(), 0));
        }
        let oldest_day = oldest_delivery.map(|oldest| oldest.date_naive());
        for entry in &self.log.entries {
            let Some(file) = &entry.ledger else { continue };
            for_each_ledger_input(objects, file, |input| {
                let is_gone =
                    self.by_url.get(&key(&input.url)).is_some_and(|known| !known.is_listed);
                let name = KeyName::parse(&input.url);
                let is_wanted =
                    name.as_ref().is_none_or(|name| selection.may_hold(name, late_days));
                if !is_gone || !is_wanted || !input.url.starts_with(&self.source_url) {
                    return;
                }
                if name.zip(oldest_day).is_some_and(|(name, oldest)| name.day < oldest) {
                    expired.insert(key(&input.url));
                } else {
                    let detail = "it was converted, and is not there any more".to_owned();
                    let url = input.url;
                    findings.insert(TrailFinding { url, kind: Kind::LogVanished, detail });
                }
            })
            .await?;
        }
        Ok((findings.into_iter().collect(), expired.len() as u64))
    }
}

/// Returns the key of a URL.
pub(super) fn key(url: &str) -> Key {
    let digest = Sha256::digest(url);
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

fn stamp(bytes: u64, version: &str) -> u64 {
    let digest = Sha256::digest(format!("{bytes}\0{version}"));
    let mut stamp = [0; 8];
    stamp.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(stamp)
}
