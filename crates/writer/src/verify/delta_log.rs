//! The Delta log, which says nothing but what the log says.

use super::{FindingKind, Verification};
use crate::{
    delta::{DeltaObjects, DeltaTable, Object, needs_table},
    error::Result,
    log::{commit_log::Log, description::tool},
    storage::Objects,
};

pub(super) async fn verify(objects: &Objects, log: &Log, found: &mut Verification) -> Result<()> {
    let Some(delta) = log.delta() else { return Ok(()) };
    let until = log.unsettled().map(|entry| entry.version).min().unwrap_or(log.next_version());
    let mut last_checkpoint = None;
    for (number, entry) in log.entries.iter().enumerate() {
        if !(delta.since..until).contains(&entry.version) {
            continue;
        }
        let commit = log.delta_commit_of(entry).unwrap_or_default();
        let table = needs_table(entry, &commit).then(|| DeltaTable::after(&log.entries[..=number]));
        let expected = DeltaObjects::of(entry, &commit, table.as_ref())?;
        found.delta_commits += 1;
        compare(objects, &expected.commit, true, found).await?;
        if let Some(checkpoint) = &expected.checkpoint {
            // Its bytes depend on the version of the Parquet library.
            compare(objects, checkpoint, entry.tool == tool(), found).await?;
        }
        last_checkpoint = expected.last_checkpoint.or(last_checkpoint);
    }
    match last_checkpoint {
        // A later commit may have written a newer one since.
        Some(last) if Log::read(objects).await?.next_version() == log.next_version() => {
            compare(objects, &last, true, found).await
        }
        _ => Ok(()),
    }
}

async fn compare(
    objects: &Objects,
    expected: &Object,
    is_exact: bool,
    found: &mut Verification,
) -> Result<()> {
    let path = expected.path.as_str();
    match objects.read(path).await? {
        None => {
            let detail = "`ecstrail table --add delta` writes it again";
            found.find(FindingKind::Missing, path, detail);
        }
        Some(bytes) if is_exact && *bytes != *expected.bytes => {
            found.find(FindingKind::Changed, path, "it does not say what the log says");
        }
        Some(_) => {}
    }
    Ok(())
}
