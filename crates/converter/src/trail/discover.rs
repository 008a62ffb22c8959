//! Lists the log files below a source, one after the other: there may be millions.

use std::{collections::BTreeMap, fmt, sync::Arc};

use chrono::NaiveDate;
use futures::{StreamExt, future, stream, stream::BoxStream};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, path::Path};

use crate::{
    error::{Error, Unlisted, UnlistedReason},
    trail::{
        DigestName, LogFile, ObjectKind, Selection,
        log_file::{dataset_home, other_service, should_have_records},
    },
};

mod found;
mod lister;
mod pattern;
mod structure;
mod survey;
mod walk;

pub use found::Discovered;
use lister::Lister;
pub use pattern::Pattern;
use structure::Level;
pub use structure::account_folder;
pub use survey::{Survey, survey};
use walk::{Item, Limits, walk};

/// Failures that a listing describes; further ones are only counted.
const DESCRIBED_FAILURES: usize = 100;
/// What tells a dataset, below its home.
const DATASET: &str = "_ecstrail/dataset.json";

/// What is listed.
#[derive(Debug, Clone)]
pub struct DiscoverOptions {
    /// The records that are wanted: what cannot hold any is not listed, or counted as unselected.
    pub selection: Selection,
    /// How many days after a record's own day its log file may be delivered; records in files
    /// delivered later are missed where the selection has a last day. 1 by default.
    pub late_days: u32,
    /// The files that are meant, by their paths below the source; others are not even counted.
    pub pattern: Option<Pattern>,
    /// From which delivery day on the folders of regions are listed, by their paths below the source;
    /// others from the selection's first day.
    pub first_days: BTreeMap<String, NaiveDate>,
    /// Which files are wanted.
    pub wanted: Wanted,
}

/// The files that are wanted of a trail; others are only counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Log files.
    #[default]
    LogFiles,
    /// Digest files.
    DigestFiles,
    /// Both.
    Both,
}

impl Wanted {
    fn digest_files(self) -> bool {
        self != Self::LogFiles
    }

    fn log_files(self) -> bool {
        self != Self::DigestFiles
    }
}

impl Default for DiscoverOptions {
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            late_days: 1,
            pattern: None,
            first_days: BTreeMap::new(),
            wanted: Wanted::LogFiles,
        }
    }
}

/// A source that is being listed.
pub struct Discovery {
    items: BoxStream<'static, Item>,
    lister: Lister,
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    base_url: Arc<str>,
    options: DiscoverOptions,
    /// The place below the source that was asked last whether it is a dataset's home, and if it is.
    home: Option<(String, bool)>,
    /// Whether the source is one object, which is a log file whatever its name.
    is_object: bool,
    found: Discovered,
    failures: Vec<Error>,
    failed: u64,
}

impl fmt::Debug for Discovery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = formatter.debug_struct("Discovery");
        fields.field("base_url", &self.base_url).field("found", &self.found).finish_non_exhaustive()
    }
}

/// Begins to list the log files of a source: everything below `prefix`, or the one object it
/// names. They come in the order of their whole paths, which the store's own listings must have:
/// buckets and a [`FolderStore`](crate::trail::FolderStore) do.
///
/// If the selection limits days, regions or accounts, the structure of a trail's keys is walked, so
/// that the rest is not even listed; where there is none, everything is listed and judged by name.
/// A file without a name that CloudTrail gives is never left out by its name, only with the folder
/// of an account, region or day.
///
/// `base_url` is the canonical URL of `prefix`: the source itself for a folder, its parent for
/// one object.
pub async fn discover(
    store: &Arc<dyn ObjectStore>,
    prefix: &Path,
    base_url: &str,
    options: &DiscoverOptions,
) -> Discovery {
    let lister = Lister::new(store);
    let object = if prefix.as_ref().is_empty() { None } else { store.head(prefix).await.ok() };
    let is_object = object.is_some();
    let items = if let Some(meta) = object {
        stream::once(future::ready(Ok(meta))).boxed()
    } else {
        let (level, limits) = (Level::of(base_url), Limits::new(options));
        walk(lister.clone(), prefix.clone(), level, limits)
    };
    Discovery {
        items,
        lister,
        store: Arc::clone(store),
        home: None,
        prefix: prefix.clone(),
        base_url: Arc::from(base_url),
        options: options.clone(),
        is_object,
        found: Discovered::default(),
        failures: Vec::new(),
        failed: 0,
    }
}

impl Discovery {
    /// Returns the next log file, `None` after the last. What cannot be listed is kept for
    /// [`failures`](Self::failures), and does not keep the rest back.
    pub async fn next(&mut self) -> Option<LogFile> {
        while let Some((kind, file)) = self.next_of_any_kind().await {
            if kind == ObjectKind::LogFile {
                return Some(file);
            }
        }
        None
    }

    /// As [`next`](Self::next), but returns whatever files are
    /// [`wanted`](DiscoverOptions::wanted).
    pub async fn next_of_any_kind(&mut self) -> Option<(ObjectKind, LogFile)> {
        while let Some(item) = self.items.next().await {
            match item {
                Ok(meta) => {
                    if let Some(found) = self.judge(meta).await {
                        return Some(found);
                    }
                }
                Err((folder, error)) => self.note(&folder, error),
            }
        }
        None
    }

    /// Returns what was found so far.
    pub fn found(&self) -> Discovered {
        Discovered { list_requests: self.lister.requests(), ..self.found.clone() }
    }

    /// Returns what could not be listed so far, each naming its place: the first 100.
    pub fn failures(&self) -> &[Error] {
        &self.failures
    }

    /// Returns how many keys, folders or parts of the source could not be listed so far.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// Gives the failures away.
    pub fn into_failures(self) -> Vec<Error> {
        self.failures
    }

    /// Counts an object; returns it if it is a log file of the selection, or a digest file that is
    /// wanted.
    async fn judge(&mut self, meta: ObjectMeta) -> Option<(ObjectKind, LogFile)> {
        let source_file = self.source_file(&meta.location);
        if self.is_object {
            self.found.log_files += 1;
            return Some((ObjectKind::LogFile, LogFile::new(meta, &self.base_url, source_file)));
        }
        if self.options.pattern.as_ref().is_some_and(|pattern| !pattern.matches(&source_file)) {
            return None;
        }
        let kind = match self.other_service(&source_file) {
            Some(service) => {
                self.found.add_other_service(&service, 1);
                return None;
            }
            None if self.is_in_dataset(&source_file).await => ObjectKind::Other,
            None => ObjectKind::of(&source_file),
        };
        let found = &mut self.found;
        let count = match kind {
            ObjectKind::Digest
                if self.options.wanted.digest_files()
                    && DigestName::parse(&source_file).is_some() =>
            {
                found.digests += 1;
                return Some((kind, LogFile::new(meta, &self.base_url, source_file)));
            }
            ObjectKind::Digest => &mut found.digests,
            ObjectKind::Insight => &mut found.insights,
            ObjectKind::Other | ObjectKind::OtherService => &mut found.others,
            ObjectKind::LogFile if meta.size == 0 && !should_have_records(&source_file) => {
                &mut found.empty
            }
            ObjectKind::LogFile => {
                let mut file = LogFile::new(meta, &self.base_url, source_file);
                let DiscoverOptions { selection, late_days, pattern, .. } = &self.options;
                file.is_of_pattern = pattern.is_some();
                if file.key().is_none_or(|name| selection.may_hold(&name, *late_days)) {
                    found.log_files += 1;
                    return Some((kind, file));
                }
                &mut found.unselected
            }
        };
        *count += 1;
        None
    }

    /// Returns the service whose log a file is, where that is not CloudTrail; the source may be the
    /// folder of an account, or one in it.
    fn other_service(&self, source_file: &str) -> Option<String> {
        let url = format!("{}/{source_file}", self.base_url.trim_end_matches('/'));
        other_service(&url).map(ToOwned::to_owned)
    }

    /// Returns whether a file is one of a dataset below the source: other tools, too, write to
    /// `events/date=…`.
    async fn is_in_dataset(&mut self, source_file: &str) -> bool {
        let Some(home) = dataset_home(source_file) else { return false };
        if let Some((_, is_dataset)) = self.home.as_ref().filter(|(asked, _)| asked == home) {
            return *is_dataset;
        }
        let parts = home.split('/').chain(DATASET.split('/')).filter(|part| !part.is_empty());
        let path = parts.fold(self.prefix.clone(), Path::join);
        let is_dataset = self.store.head(&path).await.is_ok();
        self.home = Some((home.to_owned(), is_dataset));
        is_dataset
    }

    /// Counts what could not be handed on.
    fn note(&mut self, folder: &Path, error: object_store::Error) {
        let failure = match Unlisted::of(error) {
            Ok(Unlisted { reason: UnlistedReason::SymbolicLink, .. }) => {
                self.found.symbolic_links += 1;
                return;
            }
            Ok(Unlisted { reason: UnlistedReason::SpecialFile, .. }) => {
                self.found.special_files += 1;
                return;
            }
            Ok(unlisted) => {
                let is_unaddressable = matches!(unlisted.reason, UnlistedReason::NoPath);
                self.found.unaddressable += u64::from(is_unaddressable);
                Error::Unlisted(unlisted)
            }
            Err(source) => {
                let location = format!("{}{}", self.base_url, self.source_file(folder));
                Error::List { location, source }
            }
        };
        self.failed += 1;
        if self.failures.len() < DESCRIBED_FAILURES {
            self.failures.push(failure);
        }
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

#[cfg(test)]
mod tests;
