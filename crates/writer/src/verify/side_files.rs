//! The files beside the log: inputs, rejects, and the parts of checkpoints.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use sha2::{Digest, Sha256};

use super::{
    FindingKind, Verification,
    checked_log::{CheckedLog, digest_of},
};
use crate::{
    error::Result,
    log::{
        checkpoint::{self, Manifest},
        entry::SideFile,
    },
    storage::{Objects, digest::hex, layout},
};

pub(super) async fn verify(
    objects: &Objects,
    log: &CheckedLog,
    found: &mut Verification,
) -> Result<()> {
    let of_entries = log.entries.iter().flat_map(|entry| [&entry.ledger, &entry.quarantine]);
    let of_checkpoints = log
        .manifests
        .iter()
        .flat_map(|manifest| manifest.files.iter().chain(manifest.ledger.segments()));
    let mut seen = BTreeSet::new();
    for file in of_entries.flatten().chain(of_checkpoints) {
        // Checkpoints share their parts.
        if seen.insert((&file.path, &file.sha256)) {
            found.side_files += 1;
            compare(objects, file, found).await;
        }
    }
    for manifest in &log.manifests {
        let (Some(expected), Ok(files)) = (
            log.live_at.get(&manifest.version),
            checkpoint::files::read(objects, &manifest.files).await,
        ) else {
            continue;
        };
        if digest_of(&files) != *expected {
            let path = layout::checkpoint(manifest.version);
            let detail = "its list of data files is not that of the log";
            found.find(FindingKind::Changed, path, detail);
        }
    }
    Ok(())
}

/// Returns whether a file is part of a checkpoint that newer ones have replaced since.
async fn is_replaced(objects: &Objects, path: &str) -> bool {
    if layout::segment_version(path).is_none() {
        return false;
    }
    let Ok(versions) = objects.versions(layout::CHECKPOINT, None).await else { return false };
    for version in versions {
        let manifest = Manifest::read(objects, version).await;
        if manifest.is_ok_and(|manifest| manifest.segments().contains(path)) {
            return false;
        }
    }
    true
}

async fn compare(objects: &Objects, file: &SideFile, found: &mut Verification) {
    let mut hash = Sha256::new();
    let read = async {
        let mut pieces = objects.store.get(&objects.at(&file.path)).await?.into_stream();
        while let Some(piece) = pieces.try_next().await? {
            hash.update(&piece);
        }
        Ok::<_, object_store::Error>(())
    };
    let (kind, detail) = match read.await {
        Ok(()) if hex(&hash.finalize()) == file.sha256 => return,
        Ok(()) => (FindingKind::Changed, "its hash is not the one that was committed".to_owned()),
        Err(object_store::Error::NotFound { .. }) if is_replaced(objects, &file.path).await => {
            return;
        }
        Err(object_store::Error::NotFound { .. }) => {
            (FindingKind::Missing, "a commit or a checkpoint names it".to_owned())
        }
        Err(error) => (FindingKind::Unreadable, error.to_string()),
    };
    found.find(kind, file.path.clone(), detail);
}
