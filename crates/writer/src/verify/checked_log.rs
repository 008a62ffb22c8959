//! The log with every hash compared: entries, markers, and what checkpoints say of entries.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};

use super::{FindingKind, Verification};
use crate::{
    error::{Error, Result},
    log::{DataFile, checkpoint::Manifest, description::parse_description, entry::LogEntry},
    storage::{
        Objects,
        digest::{hex, is_sha256, sha256_hex},
        layout,
    },
};

/// Entries that are fetched at once.
const CONCURRENT_READS: usize = 16;

/// The log, as far as it can be read.
#[derive(Debug, Default)]
pub(super) struct CheckedLog {
    /// The entries that can be read.
    pub(super) entries: Vec<LogEntry>,
    /// The checkpoints that can be read.
    pub(super) manifests: Vec<Manifest>,
    /// The data files after the last published entry that can be reached.
    pub(super) live: BTreeMap<String, DataFile>,
    /// The digest of the data files after the entry of each checkpoint.
    pub(super) live_at: BTreeMap<u64, String>,
}

/// What one file says the hash of an entry is.
struct Claim {
    path: String,
    sha256: String,
}

/// An entry as it is found.
struct Found {
    version: u64,
    /// `None` if it is missing.
    sha256: Option<String>,
    entry: Option<LogEntry>,
}

impl CheckedLog {
    pub(super) async fn read(objects: &Objects, found: &mut Verification) -> Result<Self> {
        let description = objects.read(layout::DATASET).await?;
        let description =
            description.ok_or_else(|| Error::NotADataset { home: objects.home.to_string() })?;
        if let Err(error) = parse_description(&description) {
            found.find(FindingKind::Changed, layout::DATASET, reason(&error));
        }
        let mut log = Self::default();
        let mut claims: BTreeMap<u64, Vec<Claim>> = BTreeMap::new();
        // What a checkpoint covers has its marker in the later listing, and what has a marker is in the
        // listing of entries.
        let checkpoints = objects.versions(layout::CHECKPOINT, None).await?;
        let mut done = markers(objects, &mut claims).await?;
        for version in checkpoints {
            let path = layout::checkpoint(version);
            let manifest = match objects.read(&path).await {
                // A newer one has replaced it since.
                Ok(None) => continue,
                Ok(Some(bytes)) => parse_manifest(version, &bytes),
                Err(error) => Err(error),
            };
            found.checkpoints += 1;
            match manifest {
                Ok(manifest) => {
                    let sha256 = manifest.head_sha256.clone();
                    claims.entry(version).or_default().push(Claim { path, sha256 });
                    log.manifests.push(manifest);
                }
                Err(error) => found.find(FindingKind::Changed, path, reason(&error)),
            }
        }
        let entries = entries(objects, claims.keys().copied().collect(), found).await?;
        let sha256 = sha256_hex(&description);
        let known = entries.iter().filter_map(|found| found.entry.as_ref());
        let mut known =
            known.filter_map(|entry| Some((entry.version, entry.description_sha256.as_ref()?)));
        if let Some((version, _)) = known.find(|(_, known)| **known != sha256) {
            let detail = format!("its hash differs from the one in {}", layout::log_entry(version));
            found.find(FindingKind::Changed, layout::DATASET, detail);
        }
        for version in entries.iter().map(|entry| entry.version) {
            // Published since the markers were listed, it may be.
            let path = layout::done_marker(version);
            if !done.contains(&version)
                && let Some(bytes) = objects.read(&path).await?
            {
                let sha256 = String::from_utf8_lossy(&bytes).into_owned();
                claims.entry(version).or_default().push(Claim { path, sha256 });
                done.insert(version);
            }
        }
        for entry in entries.iter().filter_map(|found| found.entry.as_ref()) {
            if let Some(before) = entry.version.checked_sub(1) {
                let (path, sha256) =
                    (layout::log_entry(entry.version), entry.previous_sha256.clone());
                claims.entry(before).or_default().push(Claim { path, sha256 });
            }
        }
        for entry in &entries {
            compare(entry, claims.get(&entry.version).map_or(&[], Vec::as_slice), found);
        }
        log.apply(entries, &done, found);
        Ok(log)
    }

    /// Follows the log as readers do, and notes what they would not see.
    fn apply(&mut self, entries: Vec<Found>, done: &BTreeSet<u64>, found: &mut Verification) {
        let checkpoints: BTreeSet<u64> =
            self.manifests.iter().map(|manifest| manifest.version).collect();
        let last_done = done.last().copied();
        let last_covered = checkpoints.last().copied();
        let mut reached = true;
        for Found { version, entry, .. } in entries {
            let was_done = last_done.is_some_and(|last| version < last)
                || last_covered.is_some_and(|last| version <= last);
            let is_done = was_done || done.contains(&version);
            if was_done && !done.contains(&version) {
                let detail = "a later commit or a checkpoint says that this one is published";
                found.find(FindingKind::Missing, layout::done_marker(version), detail);
            }
            let Some(entry) = entry else {
                reached = false;
                continue;
            };
            if reached && is_done {
                entry.apply(&mut self.live);
                if checkpoints.contains(&version) {
                    self.live_at.insert(version, digest_of(&self.live));
                }
            }
            found.unpublished += u64::from(!is_done);
            self.entries.push(entry);
        }
    }
}

/// Reads a manifest, which has to be as it is written: its hash is of what it says alone.
fn parse_manifest(version: u64, bytes: &[u8]) -> Result<Manifest> {
    let manifest = Manifest::parse(version, bytes)?;
    if manifest.to_bytes()? != *bytes {
        let path = layout::checkpoint(version);
        return Err(Error::Damaged { path, reason: "it is not as it was written".to_owned() });
    }
    Ok(manifest)
}

/// Reads the markers: which entries are done, and their hashes.
async fn markers(
    objects: &Objects,
    claims: &mut BTreeMap<u64, Vec<Claim>>,
) -> Result<BTreeSet<u64>> {
    let paths = objects.paths(layout::DONE, None).await?;
    let mut markers = stream::iter(paths)
        .map(|path| async move { Ok::<_, Error>((objects.read(&path).await?, path)) })
        .buffered(CONCURRENT_READS);
    let mut done = BTreeSet::new();
    while let Some((bytes, path)) = markers.try_next().await? {
        let published = layout::version_of(&path).filter(|_| !path.ends_with(layout::REMOVED));
        let Some(version) = published.or_else(|| layout::removed_version_of(&path)) else {
            continue;
        };
        if published.is_some() {
            done.insert(version);
        }
        let sha256 = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        claims.entry(version).or_default().push(Claim { path, sha256 });
    }
    Ok(done)
}

/// Reads every entry that there is, or that something says there was.
async fn entries(
    objects: &Objects,
    mut versions: BTreeSet<u64>,
    found: &mut Verification,
) -> Result<Vec<Found>> {
    versions.extend(objects.versions(layout::LOG, None).await?);
    let mut bodies = stream::iter(versions)
        .map(|version| async move {
            Ok::<_, Error>((version, objects.read(&layout::log_entry(version)).await))
        })
        .buffered(CONCURRENT_READS);
    let mut entries = Vec::new();
    while let Some((version, bytes)) = bodies.try_next().await? {
        let next = entries.last().map_or(0, |last: &Found| last.version + 1);
        if version > next {
            let detail = format!("there are no entries from {next} to {}", version - 1);
            found.find(FindingKind::Missing, layout::log_entry(next), detail);
            entries.push(Found { version: version - 1, sha256: None, entry: None });
        }
        let path = layout::log_entry(version);
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                found.find(FindingKind::Unreadable, path, reason(&error));
                entries.push(Found { version, sha256: None, entry: None });
                continue;
            }
        };
        let Some(bytes) = bytes else {
            found.find(
                FindingKind::Missing,
                path,
                "later entries, a marker or a checkpoint name it",
            );
            entries.push(Found { version, sha256: None, entry: None });
            continue;
        };
        found.log_entries += 1;
        let entry = match LogEntry::parse(&path, &bytes) {
            Ok(entry) if entry.version == version => Some(entry),
            Ok(_) => {
                found.find(FindingKind::Changed, path, "it says that it is another version");
                None
            }
            Err(error) => {
                found.find(FindingKind::Changed, path, reason(&error));
                None
            }
        };
        entries.push(Found { version, sha256: Some(sha256_hex(&bytes)), entry });
    }
    Ok(entries)
}

/// Compares an entry with what other files say its hash is. If one of them agrees with it, the others
/// are wrong. If none does, it is; or the only other one that says anything.
fn compare(entry: &Found, claims: &[Claim], found: &mut Verification) {
    let Some(sha256) = &entry.sha256 else { return };
    let path = layout::log_entry(entry.version);
    let (agreeing, other): (Vec<_>, Vec<_>) =
        claims.iter().partition(|claim| claim.sha256 == *sha256);
    let plausible = other.iter().filter(|claim| is_sha256(claim.sha256.as_bytes())).count();
    if agreeing.is_empty() && plausible > 0 {
        let names: Vec<_> = other.iter().map(|claim| claim.path.as_str()).collect();
        let detail = format!("it has another hash by {}", names.join(" and "));
        found.find(FindingKind::Changed, path.clone(), detail);
    }
    let is_doubtful = !agreeing.is_empty() || other.len() == 1;
    for claim in other.iter().filter(|claim| is_doubtful || !is_sha256(claim.sha256.as_bytes())) {
        let detail = format!("it does not have the hash of {path}");
        found.find(FindingKind::Changed, claim.path.clone(), detail);
    }
}

/// Returns a hash of which data files there are, by what tells them apart.
pub(super) fn digest_of(files: &BTreeMap<String, DataFile>) -> String {
    let mut hash = Sha256::new();
    for DataFile { path, sha256, rows, .. } in files.values() {
        hash.update(format!("{path}\0{sha256}\0{rows}\n"));
    }
    hex(&hash.finalize())
}

/// What is wrong with a file, without its path.
pub(super) fn reason(error: &Error) -> String {
    match error {
        Error::Damaged { reason, .. } => reason.clone(),
        Error::NotRewritten { source, .. } => source.to_string(),
        Error::Store { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}
