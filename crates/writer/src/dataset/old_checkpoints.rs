//! Removing checkpoints that newer ones have replaced, and segments that no checkpoint names.
//!
//! A reader may be at an old one, or a writer that is about to write a manifest may build on it.
//! So the newest two stay, and both readers and writers turn to a newer one, or to the log, if a
//! segment is gone.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore};

use crate::{
    dataset::Dataset,
    error::{Error, Result},
    log::checkpoint::Manifest,
    storage::{Objects, layout},
};

/// Checkpoints that stay.
const KEPT: usize = 2;

/// Removes what the newest checkpoints do not need.
pub(super) async fn remove_old(dataset: &Dataset) -> Result<()> {
    dataset.staging.remove(&old(&dataset.objects).await?).await
}

/// Returns the paths of what the newest checkpoints do not need.
pub(crate) async fn old(objects: &Objects) -> Result<Vec<String>> {
    let written = objects.versions(layout::CHECKPOINT, None).await?;
    let kept = &written[written.len().saturating_sub(KEPT)..];
    let mut manifests = Vec::new();
    for version in kept {
        match Manifest::read(objects, *version).await {
            Ok(manifest) => manifests.push(manifest),
            // Nobody can say what a damaged one needs.
            Err(Error::Damaged { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
    }
    let folder = objects.at(layout::SEGMENT);
    let error = |source| Error::Store { action: "list", path: layout::SEGMENT.to_owned(), source };
    let found: Vec<ObjectMeta> =
        objects.store.list(Some(&folder)).try_collect().await.map_err(error)?;
    let names = found.iter().filter_map(|found| found.location.filename());
    let segments = names.map(|name| format!("{}/{name}", layout::SEGMENT)).collect();
    Ok(removable(&written, &manifests, segments))
}

/// Returns the paths of what can be removed: manifests before those that are kept, and segments
/// that none of these names. What was written for a newer checkpoint than the first of them may be
/// named by one that is still to come.
pub(crate) fn removable(written: &[u64], kept: &[Manifest], segments: Vec<String>) -> Vec<String> {
    let Some(first) = kept.iter().map(|manifest| manifest.version).min() else {
        return Vec::new();
    };
    let named: BTreeSet<&str> = kept.iter().flat_map(Manifest::segments).collect();
    let mut paths: Vec<String> = written
        .iter()
        .filter(|version| **version < first)
        .map(|version| layout::checkpoint(*version))
        .collect();
    if kept.len() == KEPT {
        paths.extend(segments.into_iter().filter(|path| {
            layout::segment_version(path).is_some_and(|version| version < first)
                && !named.contains(path.as_str())
        }));
    }
    paths
}
