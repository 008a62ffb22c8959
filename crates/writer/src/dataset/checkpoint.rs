//! Writing a checkpoint: its segments first, the manifest last.

use super::old_checkpoints::remove_old;
use crate::{
    dataset::Dataset,
    error::{Error, Result},
    log::{
        checkpoint::{CheckpointRule, Manifest, files},
        commit_log::Log,
        ledger::Tiers,
        segment::SegmentWriter,
    },
    storage::{Creation, layout},
};

impl CheckpointRule {
    /// Returns whether enough was committed since the last checkpoint for another, and all of
    /// it is settled.
    fn is_due(&self, log: &Log) -> bool {
        let ledgers = log.entries.iter().filter_map(|entry| entry.ledger.as_ref());
        let inputs: u64 = ledgers.map(|ledger| ledger.lines).sum();
        (log.entries.len() >= self.commits || inputs >= self.inputs)
            && !log.entries.is_empty()
            && log.unsettled().next().is_none()
    }
}

impl Dataset {
    /// Writes a checkpoint of the log, if one is due, and continues from it. Removes those that are
    /// not needed any more.
    ///
    /// Nothing depends on it: what was committed stands. If it fails, the next commit tries again.
    pub(crate) async fn checkpoint_if_due(&self, log: &mut Log) -> Result<()> {
        if !self.checkpoints.is_due(log) {
            return Ok(());
        }
        let written = self.objects.versions(layout::CHECKPOINT, None).await?;
        if written.last().copied() > log.checkpoint_version() {
            // Somebody else was faster. Segments of the checkpoint before may be gone.
            *log = self.log().await?;
            let is_written = written.contains(&(log.next_version() - 1));
            if !self.checkpoints.is_due(log) || is_written {
                return Ok(());
            }
        }
        let manifest = loop {
            match self.write_segments(log).await {
                Err(Error::Damaged { path, .. })
                    if layout::segment_version(&path).is_some()
                        && log.distrust(&self.objects).await? =>
                {
                    if log.unsettled().next().is_some() {
                        return Ok(());
                    }
                }
                manifest => break manifest?,
            }
        };
        let path = layout::checkpoint(manifest.version);
        // Another run wrote the same first.
        if self.staging.create(&path, manifest.to_bytes()?).await? == Creation::Lost {
            return Ok(());
        }
        log.rebase(manifest);
        remove_old(self).await
    }

    async fn write_segments(&self, log: &Log) -> Result<Manifest> {
        let version = log.next_version() - 1;
        let mut writer = SegmentWriter::new(&*self.staging, version);
        let before = log.manifest();
        let before_files = before.map(|manifest| manifest.files.as_slice()).unwrap_or_default();
        let live = log.files();
        let CheckpointRule { segment_files, segment_keys, .. } = self.checkpoints;
        let files = files::write(&mut writer, live.values(), before_files, segment_files).await?;
        let mut ledger = before.map_or_else(Tiers::default, |manifest| manifest.ledger.clone());
        if ledger.inputs.is_none() {
            let mut whole = Log::read_whole(&self.objects).await?;
            whole.entries.retain(|entry| Some(entry.version) <= log.checkpoint_version());
            ledger.begin_inputs(&self.objects, &whole.entries, &mut writer, segment_keys).await?;
        }
        ledger.add(&self.objects, &log.entries, &mut writer, segment_keys).await?;
        let head_sha256 = log.head_sha256.clone();
        Ok(Manifest { version, head_sha256, files, ledger, summary: log.summary() })
    }
}
