//! The log of a dataset once more, as that of a Delta table: which objects each commit has there,
//! and their bytes. They follow from the log alone, so that whoever writes them writes the same.

use std::collections::BTreeMap;

use crate::{
    error::{Error, Result},
    log::{
        DataFile,
        delta::{DeltaCommit, DeltaMetadata},
        entry::LogEntry,
    },
    storage::layout,
};

mod actions;
mod checkpoint;

use actions::{Action, committed_at};

/// A checkpoint is written after so many commits.
const CHECKPOINT_COMMITS: u64 = 100;

/// What one commit has in the Delta log.
#[derive(Debug)]
pub(crate) struct DeltaObjects {
    pub(crate) commit: Object,
    pub(crate) checkpoint: Option<Object>,
    /// What tells readers of the checkpoint.
    pub(crate) last_checkpoint: Option<Object>,
}

/// An object and its bytes.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

/// Returns whether the objects of a commit need the [`DeltaTable`] after it.
pub(crate) fn needs_table(entry: &LogEntry, delta: &DeltaCommit) -> bool {
    entry.version > 0 && (delta.begins || entry.version.is_multiple_of(CHECKPOINT_COMMITS))
}

/// The table as it is after a commit.
#[derive(Debug, Default)]
pub(crate) struct DeltaTable {
    metadata: Option<DeltaMetadata>,
    /// The data files and when they were committed, in milliseconds since 1970.
    files: BTreeMap<String, (DataFile, i64)>,
}

impl DeltaTable {
    /// Returns the table after some entries, the first of the log and those that follow it.
    pub(crate) fn after<'a>(entries: impl IntoIterator<Item = &'a LogEntry>) -> Self {
        let mut table = Self::default();
        for entry in entries {
            let time = committed_at(entry);
            table
                .files
                .extend(entry.adds.iter().map(|file| (file.path.clone(), (file.clone(), time))));
            for path in &entry.removes {
                table.files.remove(path);
            }
            if let Some(DeltaCommit { metadata: Some(metadata), .. }) = &entry.delta {
                table.metadata = Some(metadata.clone());
            }
        }
        table
    }

    fn adds(&self) -> Result<Vec<Action>> {
        self.files.values().map(|(file, time)| actions::add(file, *time, true)).collect()
    }
}

impl DeltaObjects {
    /// Makes the objects of a commit; `table` is the table after it, if the commit
    /// [needs it](needs_table).
    pub(crate) fn of(
        entry: &LogEntry,
        delta: &DeltaCommit,
        table: Option<&DeltaTable>,
    ) -> Result<Self> {
        let version = entry.version;
        let begun_late = table.filter(|_| delta.begins).map(DeltaTable::adds).transpose()?;
        let actions = actions::of_commit(entry, delta, begun_late)?;
        let path = layout::delta_commit(version);
        let bytes = actions::to_bytes(&path, &actions)?;
        let mut objects =
            Self { commit: Object { path, bytes }, checkpoint: None, last_checkpoint: None };
        if let Some(table) = table {
            let path = layout::delta_checkpoint(version);
            let metadata = table.metadata.as_ref().ok_or_else(|| Error::Damaged {
                path: layout::log_entry(version),
                reason: "no entry before it describes the Delta table".to_owned(),
            })?;
            let mut actions = vec![actions::protocol(), actions::metadata(metadata)];
            actions.extend(table.adds()?);
            let bytes = checkpoint::to_bytes(&path, &actions)?;
            objects.checkpoint = Some(Object { path, bytes });
            let text = format!("{{\"version\":{version},\"size\":{}}}", actions.len());
            let path = layout::LAST_DELTA_CHECKPOINT.to_owned();
            objects.last_checkpoint = Some(Object { path, bytes: text.into_bytes() });
        }
        Ok(objects)
    }
}
