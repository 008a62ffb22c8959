//! Which data files, of now and of before, can have had a row: by their partition and times, and by what
//! they hold as far as they are there.

use std::{collections::BTreeSet, sync::Arc};

use ecstrail_converter::RowKey;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::runtime::Handle;

use super::RowFacts;
use crate::{
    data_file::existing::{CheckedFiles, ExistingRows, NewRow, NewRows},
    error::{Error, Result},
    log::{DataFile, entry::LogEntry},
    storage::{EVENTS, Objects, layout, remote::RemoteFile},
    workers::joined,
};

/// Data files that are read at once.
const CONCURRENT_READS: usize = 16;

/// A data file that can have had the row.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) file: &'a DataFile,
    /// Whether it has the row: true, or unknown because the file is gone.
    pub(super) has_row: bool,
    is_live: bool,
}

/// The data files that can have had a row.
#[derive(Debug)]
pub(super) struct Candidates<'a>(Vec<Candidate<'a>>);

impl<'a> Candidates<'a> {
    /// Finds them among all that the log names.
    ///
    /// # Errors
    /// If a data file of now cannot be read. What was replaced is read only if it is still there, as
    /// with a Delta log.
    pub(super) async fn find(
        objects: &Objects,
        entries: &'a [LogEntry],
        row: &RowFacts,
    ) -> Result<Self> {
        let removed: BTreeSet<&str> =
            entries.iter().flat_map(|entry| &entry.removes).map(String::as_str).collect();
        let folder = format!("{EVENTS}/{}", row.partition);
        let there: BTreeSet<String> = objects.paths(&folder, None).await?.into_iter().collect();
        let looked_for = Arc::new(row.clone());
        let new = NewRows::Few(vec![NewRow::of(row.event_time, row.event_id.clone())]);
        let files = entries.iter().flat_map(|entry| &entry.adds);
        let files = files.filter(|file| {
            layout::partition_of(&file.path).as_ref() == Some(&row.partition) && new.may_be_in(file)
        });
        let mut reads = stream::iter(files)
            .map(|file| {
                let is_live = !removed.contains(file.path.as_str());
                let is_there = is_live || there.contains(&file.path);
                let (row, remote) = (Arc::clone(&looked_for), remote(objects, file));
                let committed = file.clone();
                async move {
                    if !is_there {
                        return Ok(Some(Candidate { file, has_row: false, is_live }));
                    }
                    let reading =
                        tokio::task::spawn_blocking(move || has_row(&committed, remote, &row));
                    let has_row = match joined(reading.await)? {
                        Ok(has_row) => has_row,
                        Err(error) if is_live => return Err(error),
                        Err(_) => return Ok(Some(Candidate { file, has_row: false, is_live })),
                    };
                    Ok::<_, Error>(has_row.then_some(Candidate { file, has_row, is_live }))
                }
            })
            .buffered(CONCURRENT_READS);
        let mut candidates = Vec::new();
        while let Some(candidate) = reads.try_next().await? {
            candidates.extend(candidate);
        }
        Ok(Self(candidates))
    }

    /// The data file of now that has the row.
    pub(super) fn live(&self) -> Option<&'a DataFile> {
        self.0.iter().find(|candidate| candidate.is_live).map(|candidate| candidate.file)
    }

    /// The candidates among the files that a commit adds.
    pub(super) fn added_by(&self, entry: &LogEntry) -> impl Iterator<Item = &Candidate<'a>> {
        let adds: BTreeSet<&str> = entry.adds.iter().map(|file| file.path.as_str()).collect();
        self.0.iter().filter(move |candidate| adds.contains(candidate.file.path.as_str()))
    }
}

fn remote(objects: &Objects, file: &DataFile) -> RemoteFile {
    RemoteFile {
        store: Arc::clone(&objects.store),
        path: objects.at(&file.path),
        bytes: file.bytes,
        etag: None,
        runtime: Handle::current(),
    }
}

/// Returns whether a data file has a row. Blocking.
fn has_row(committed: &DataFile, file: RemoteFile, row: &RowFacts) -> Result<bool> {
    let new = NewRows::Few(vec![NewRow::of(row.event_time, row.event_id.clone())]);
    let key = RowKey {
        event_time: row.event_time,
        event_id: row.event_id.as_deref(),
        record_hash: row.record_hash,
        recipient_account_id: row.recipient_account_id.as_deref(),
        source_file: 0,
        index: 0,
    };
    let checked = CheckedFiles::default();
    let Some(mut rows) = ExistingRows::open(committed, file, &new, &checked)? else {
        return Ok(false);
    };
    while let Some(batch) = rows.next_batch()? {
        if (0..batch.rows()).any(|number| batch.key(number).is_same_event(&key)) {
            return Ok(true);
        }
    }
    Ok(false)
}
