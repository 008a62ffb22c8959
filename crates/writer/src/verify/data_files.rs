//! The data files: their bytes, their rows, and the records that the rows were made from.

use std::sync::Arc;

use bytes::Bytes;
use ecstrail_converter::Rebuilder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::{Finding, FindingKind, VerifyOptions, checked_log::reason};
use crate::{
    compact::read::RowReader,
    data_file::footer::{fetch, read_footer},
    error::{Error, Result},
    log::DataFile,
    progress::Progress,
    storage::{
        Objects,
        digest::hex,
        remote::{READ_BYTES, RemoteFile},
    },
    workers::{joined, thread_pool},
};

/// Bytes at a file's end that are kept for its footer.
const END_BYTES: u64 = 512 << 10;

/// Verifies files, several at once.
pub(super) async fn verify(
    objects: &Objects,
    files: Vec<DataFile>,
    options: &VerifyOptions,
    progress: &Arc<Progress>,
) -> Result<Vec<Finding>> {
    let pool = thread_pool(options.threads, "verify")?;
    let (objects, progress) = (objects.clone(), Arc::clone(progress));
    let (records, runtime) = (options.records, Handle::current());
    let verifying = tokio::task::spawn_blocking(move || {
        pool.install(|| {
            let found = files.into_par_iter().map(|file| {
                if progress.is_cancelled() {
                    return Err(Error::Interrupted);
                }
                let remote = RemoteFile {
                    store: Arc::clone(&objects.store),
                    path: objects.at(&file.path),
                    bytes: file.bytes,
                    etag: None,
                    runtime: runtime.clone(),
                };
                let finding = verify_file(&file, &remote, records);
                progress.read(file.bytes, file.rows, file.rows);
                Ok(finding)
            });
            found.filter_map(Result::transpose).collect::<Result<Vec<_>>>()
        })
    });
    joined(verifying.await)?
}

fn verify_file(file: &DataFile, remote: &RemoteFile, records: bool) -> Option<Finding> {
    let (kind, detail) = match check(file, remote) {
        Ok(None) if records => match check_records(file, remote) {
            Ok(()) => return None,
            Err(error) => kind_of(&error),
        },
        Ok(None) => return None,
        Ok(Some(detail)) => (FindingKind::Changed, detail),
        Err(error) => kind_of(&error),
    };
    Some(Finding { path: file.path.clone(), kind, detail })
}

fn kind_of(error: &Error) -> (FindingKind, String) {
    let kind = match error {
        Error::Store { source: object_store::Error::NotFound { .. }, .. } => {
            return (FindingKind::Missing, "the log names it".to_owned());
        }
        Error::Store { .. } => FindingKind::Unreadable,
        _ => FindingKind::Changed,
    };
    (kind, reason(error))
}

/// Compares size, hash and number of rows; returns the difference, if there is one.
fn check(file: &DataFile, remote: &RemoteFile) -> Result<Option<String>> {
    let size = remote.size().map_err(|source| Error::Store {
        action: "read",
        path: file.path.clone(),
        source,
    })?;
    if size != file.bytes {
        return Ok(Some(format!("it has {size} bytes instead of {}", file.bytes)));
    }
    let mut hash = Sha256::new();
    let (mut at, mut end) = (0, Bytes::new());
    while at < file.bytes {
        // The last piece holds most footers.
        let rest = file.bytes - at;
        let length = if rest <= READ_BYTES + END_BYTES { rest } else { READ_BYTES };
        end = fetch(remote, &file.path, at, at + length)?;
        hash.update(&end);
        at += length;
    }
    if hex(&hash.finalize()) != file.sha256 {
        return Ok(Some("its hash is not the one that was committed".to_owned()));
    }
    let held = file.bytes - end.len() as u64;
    for checked in &file.checked {
        let Some(range) = checked.range().filter(|range| range.end <= file.bytes) else {
            return Ok(Some("the log has a checksum of what is behind its end".to_owned()));
        };
        let place = |at: u64| usize::try_from(at.checked_sub(held)?).ok();
        let bytes = match place(range.start).zip(place(range.end)) {
            Some((from, to)) => end.slice(from..to),
            None => fetch(remote, &file.path, range.start, range.end)?,
        };
        if !checked.matches(&bytes) {
            let detail = format!("a checksum in the log does not match bytes {range:?}");
            return Ok(Some(detail));
        }
    }
    let unreadable = |error: parquet::errors::ParquetError| Error::Damaged {
        path: file.path.clone(),
        reason: error.to_string(),
    };
    let footer = read_footer(remote, &file.path, &mut end, unreadable)?;
    let rows = u64::try_from(footer.file_metadata().num_rows()).unwrap_or_default();
    Ok((rows != file.rows).then(|| format!("it has {rows} rows instead of {}", file.rows)))
}

/// Rebuilds the record of every row.
fn check_records(file: &DataFile, remote: &RemoteFile) -> Result<()> {
    let mut rows = RowReader::open(file, remote.clone())?;
    let mut rebuilder = Rebuilder::new();
    while let Some(batch) = rows.next_batch()? {
        rebuilder.records(&batch, |_, _| {}).map_err(|error| Error::Damaged {
            path: file.path.clone(),
            reason: error.to_string(),
        })?;
    }
    Ok(())
}
