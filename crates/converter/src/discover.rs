//! Lists the log files below a source, one after the other: there may be millions.

use std::{fmt, sync::Arc};

use futures::{StreamExt, TryStreamExt, future, stream, stream::BoxStream};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, path::Path};

use crate::{Error, LogFile, ObjectKind, Result, Selection};

/// What a source was found to hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Discovered {
    /// Log files to convert.
    pub log_files: u64,
    /// Digest files, which hold no records.
    pub digests: u64,
    /// Insights files, which hold no API calls.
    pub insights: u64,
    /// Files that are not named like JSON.
    pub others: u64,
    /// Log files that cannot hold records of the selection, by their key's delivery day.
    pub unselected: u64,
}

/// A source that is being listed.
pub struct Discovery {
    objects: BoxStream<'static, object_store::Result<ObjectMeta>>,
    prefix: Path,
    base_url: Arc<str>,
    selection: Selection,
    /// Whether the source is one object, which is a log file whatever its name.
    is_object: bool,
    found: Discovered,
}

impl fmt::Debug for Discovery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("Discovery");
        fields.field("base_url", &self.base_url).field("found", &self.found).finish_non_exhaustive()
    }
}

/// Begins to list the log files of a source: everything below `prefix`, or the one object it
/// names. They come in the store's order.
///
/// `base_url` is the canonical URL of `prefix`: the source itself for a folder, its parent for
/// one object.
pub async fn discover(
    store: &dyn ObjectStore,
    prefix: &Path,
    base_url: &str,
    selection: &Selection,
) -> Discovery {
    let object = if prefix.as_ref().is_empty() { None } else { store.head(prefix).await.ok() };
    let is_object = object.is_some();
    let objects = match object {
        Some(meta) => stream::once(future::ready(Ok(meta))).boxed(),
        None => store.list(Some(prefix)),
    };
    Discovery {
        objects,
        prefix: prefix.clone(),
        base_url: Arc::from(base_url),
        selection: selection.clone(),
        is_object,
        found: Discovered::default(),
    }
}

impl Discovery {
    /// Returns the next log file, `None` after the last.
    ///
    /// # Errors
    /// [`Error::List`] if the store could not go on; the listing is over then.
    pub async fn next(&mut self) -> Result<Option<LogFile>> {
        loop {
            let next = self.objects.try_next().await;
            let list_error = |source| Error::List { location: self.base_url.to_string(), source };
            let Some(meta) = next.map_err(list_error)? else { return Ok(None) };
            let source_file = self.source_file(&meta.location);
            let kind =
                if self.is_object { ObjectKind::LogFile } else { ObjectKind::of(&source_file) };
            match kind {
                ObjectKind::Digest => self.found.digests += 1,
                ObjectKind::Insight => self.found.insights += 1,
                ObjectKind::Other => self.found.others += 1,
                ObjectKind::LogFile => {
                    let file = LogFile::new(meta, &self.base_url, source_file);
                    let may_hold = |day| self.is_object || self.selection.may_hold(day);
                    if file.key().is_none_or(|key| may_hold(key.day)) {
                        self.found.log_files += 1;
                        return Ok(Some(file));
                    }
                    self.found.unselected += 1;
                }
            }
        }
    }

    /// Returns what was found so far.
    pub fn found(&self) -> Discovered {
        self.found
    }

    /// Returns an object's path below the source.
    fn source_file(&self, location: &Path) -> String {
        if self.is_object {
            return location.filename().unwrap_or_default().to_owned();
        }
        let below = location.prefix_match(&self.prefix);
        let below =
            below.map(|parts| parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>());
        below.map_or_else(|| location.to_string(), |parts| parts.join("/"))
    }
}
