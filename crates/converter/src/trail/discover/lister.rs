//! A store as it is listed: one level, or all that is below. Counts the requests that this takes.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use futures::{StreamExt, stream::BoxStream};
use object_store::{ListResult, ObjectMeta, ObjectStore, Result, path::Path};

/// Keys that S3 lists with one request.
pub(super) const KEYS_PER_REQUEST: u64 = 1000;

/// Lists a store.
#[derive(Debug, Clone)]
pub(super) struct Lister {
    store: Arc<dyn ObjectStore>,
    requests: Arc<AtomicU64>,
}

/// What stands in a level.
#[derive(Debug)]
pub(super) enum Child {
    Folder { path: Path, name: String },
    Object(ObjectMeta),
}

impl Lister {
    pub(super) fn new(store: &Arc<dyn ObjectStore>) -> Self {
        Self { store: Arc::clone(store), requests: Arc::default() }
    }

    /// Returns the LIST requests made so far, as S3 counts them.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// Lists one level, in the order in which all that is below is listed.
    pub(super) async fn level(&self, folder: &Path) -> Result<Vec<Child>> {
        let level = self.store.list_with_delimiter(Some(folder)).await;
        let entries =
            level.as_ref().map_or(1, |level| level.common_prefixes.len() + level.objects.len());
        self.requests.fetch_add((entries as u64).div_ceil(KEYS_PER_REQUEST).max(1), Relaxed);
        let ListResult { common_prefixes, objects } = level?;
        let folders = common_prefixes.into_iter().map(|path| {
            let name = path.filename().unwrap_or_default().to_owned();
            (format!("{path}/"), Child::Folder { path, name })
        });
        let objects =
            objects.into_iter().map(|object| (object.location.to_string(), Child::Object(object)));
        let mut children: Vec<_> = folders.chain(objects).collect();
        children.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(children.into_iter().map(|(_, child)| child).collect())
    }

    /// Lists all that is below a folder, after a path if one is given.
    pub(super) fn below(
        &self,
        folder: &Path,
        after: Option<&Path>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let objects = match after {
            Some(after) => self.store.list_with_offset(Some(folder), after),
            None => self.store.list(Some(folder)),
        };
        let requests = Arc::clone(&self.requests);
        requests.fetch_add(1, Relaxed);
        let count = move |(index, object)| {
            // The first page was counted before it was known to hold anything.
            if index > 0 && index % KEYS_PER_REQUEST == 0 {
                requests.fetch_add(1, Relaxed);
            }
            object
        };
        futures::stream::iter(0..).zip(objects).map(count).boxed()
    }
}
