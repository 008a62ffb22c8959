//! Lists the log files below a source.

use std::sync::Arc;

use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};

use crate::{Error, LogFile, ObjectKind, Result, Selection};

/// What a source holds.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Log files to convert, in the order of [`LogFile::plan_key`].
    pub log_files: Vec<Arc<LogFile>>,
    /// Digest files, which hold no records.
    pub digests: u64,
    /// Insights files, which hold no API calls.
    pub insights: u64,
    /// Files that are not named like JSON.
    pub others: u64,
    /// Log files that cannot hold records of the selection, by their key's delivery day.
    pub unselected: u64,
}

/// Lists the log files of a source: everything below `prefix`, or the one object it names.
///
/// `base_url` is the canonical URL of `prefix`: the source itself for a folder, its parent for
/// one object.
pub async fn discover(
    store: &dyn ObjectStore,
    prefix: &Path,
    base_url: &str,
    selection: &Selection,
) -> Result<Discovery> {
    let base_url: Arc<str> = Arc::from(base_url);
    let list_error = |source| Error::List { location: base_url.to_string(), source };
    let mut found = Discovery::default();
    if !prefix.as_ref().is_empty()
        && let Ok(meta) = store.head(prefix).await
    {
        let name = prefix.filename().unwrap_or_default().to_owned();
        found.log_files.push(Arc::new(LogFile::new(meta, &base_url, name)));
        return Ok(found);
    }
    let mut objects = store.list(Some(prefix));
    while let Some(meta) = objects.try_next().await.map_err(list_error)? {
        let below = meta
            .location
            .prefix_match(prefix)
            .map(|parts| parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/"));
        let source_file = below.unwrap_or_else(|| meta.location.to_string());
        match ObjectKind::of(&source_file) {
            ObjectKind::Digest => found.digests += 1,
            ObjectKind::Insight => found.insights += 1,
            ObjectKind::Other => found.others += 1,
            ObjectKind::LogFile => {
                let file = LogFile::new(meta, &base_url, source_file);
                if file.key().is_none_or(|key| selection.may_hold(key.day)) {
                    found.log_files.push(Arc::new(file));
                } else {
                    found.unselected += 1;
                }
            }
        }
    }
    found.log_files.sort_by_cached_key(|file| file.plan_key());
    Ok(found)
}
