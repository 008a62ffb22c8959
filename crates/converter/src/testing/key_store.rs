//! A bucket whose keys are computed when a page is requested. Requests are counted.

use std::{
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore},
    path::Path,
};

use super::Trail;

const PAGE_KEYS: usize = 1000;

/// How a server is not what it should be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Oddity {
    #[default]
    None,
    /// Its answers are read as XML 1.1: line separators become line feeds.
    LineFeeds,
    /// `start-after` is ignored.
    IgnoresStart,
    /// Each page is that of the beginning, with the same continuation token.
    SameToken,
    /// Each page is that of the beginning, with a new continuation token.
    SamePage,
    /// Each page is empty, with a new continuation token.
    EmptyPages,
    /// A page lists keys of elsewhere as well.
    Strays,
    /// The keys of a page come backwards.
    Backwards,
}

/// Lists keys as S3 does; everything else is an error.
#[derive(Debug, Default)]
pub(crate) struct KeyStore {
    trails: Vec<Trail>,
    /// Sorted.
    keys: Vec<String>,
    requests: AtomicU64,
    /// Requests that are cut off, by their number.
    pub(crate) cut: Mutex<Vec<u64>>,
    oddity: Oddity,
}

impl KeyStore {
    /// Makes a bucket with trails, in the order of their prefixes, and other keys.
    pub(crate) fn new(trails: Vec<Trail>, keys: &[&str]) -> Self {
        let mut keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
        keys.sort();
        Self { trails, keys, ..Self::default() }
    }

    pub(crate) fn with(self, oddity: Oddity) -> Self {
        Self { oddity, ..self }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// Returns the keys after `after`, in order.
    fn keys_after(&self, after: String) -> impl Iterator<Item = String> {
        let index = self.keys.partition_point(|key| *key <= after);
        let trails = self.trails.iter().flat_map(move |trail| {
            (trail.index_after(&after)..trail.files()).map(|index| trail.key(index))
        });
        let (mut trails, mut keys) = (trails.peekable(), self.keys[index..].iter().peekable());
        std::iter::from_fn(move || match (trails.peek(), keys.peek()) {
            (Some(of_trail), Some(key)) if of_trail < *key => trails.next(),
            (_, Some(_)) => keys.next().cloned(),
            _ => trails.next(),
        })
    }
}

impl fmt::Display for KeyStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyStore")
    }
}

#[async_trait]
impl PaginatedListStore for KeyStore {
    async fn list_paginated(
        &self,
        prefix: Option<&str>,
        options: PaginatedListOptions,
    ) -> Result<PaginatedListResult> {
        let request = self.requests.fetch_add(1, Relaxed);
        if self.cut.lock().unwrap().contains(&request) {
            return Err(Error::Generic { store: "KeyStore", source: "cut off".into() });
        }
        let prefix = prefix.unwrap_or_default();
        let oddity = self.oddity;
        let after = match oddity {
            Oddity::IgnoresStart => options.page_token,
            Oddity::SameToken | Oddity::SamePage => None,
            _ => options.page_token.or(options.offset),
        };
        let after = after.unwrap_or_default();
        let most = options.max_keys.unwrap_or(PAGE_KEYS).min(PAGE_KEYS);
        let (mut found, mut folders) = (Vec::new(), Vec::new());
        let mut last = if after.as_str() < prefix { prefix.to_owned() } else { after };
        let is_prefix = last == prefix && self.keys.contains(&last);
        let mut keys = itself(is_prefix, &last).chain(self.keys_after(last.clone()));
        let mut is_truncated = false;
        while let Some(key) = keys.next().filter(|key| key.starts_with(prefix)) {
            if found.len() + folders.len() == most {
                is_truncated = true;
                break;
            }
            let folder = options.delimiter.as_ref().and_then(|_| {
                let slash = key[prefix.len()..].find('/')?;
                Some(key[..=prefix.len() + slash].to_owned())
            });
            if let Some(folder) = folder {
                last = format!("{folder}{}", char::MAX);
                keys = itself(false, "").chain(self.keys_after(last.clone()));
                folders.push(folder);
            } else {
                last.clone_from(&key);
                found.push(key);
            }
        }
        match oddity {
            Oddity::LineFeeds => found
                .iter_mut()
                .chain(&mut folders)
                .for_each(|key| *key = key.replace(['\u{85}', '\u{2028}'], "\n")),
            Oddity::EmptyPages => found.clear(),
            Oddity::Strays => found.push("elsewhere/1.json".to_owned()),
            Oddity::Backwards => found.reverse(),
            _ => {}
        }
        let page_token = match oddity {
            Oddity::SameToken => Some("token".to_owned()),
            Oddity::SamePage | Oddity::EmptyPages => Some(format!("token {request}")),
            _ => is_truncated.then_some(last),
        };
        let object = |key: String| {
            // As the client of S3 does it: one bad key costs the page.
            Ok(ObjectMeta {
                size: u64::from(!key.ends_with('/')) * 100,
                location: Path::parse(key)?,
                last_modified: chrono::DateTime::UNIX_EPOCH,
                e_tag: Some("etag".to_owned()),
                version: None,
            })
        };
        let folder = |folder: String| Ok(Path::parse(folder)?);
        let result = ListResult {
            common_prefixes: folders.into_iter().map(folder).collect::<Result<_>>()?,
            objects: found.into_iter().map(object).collect::<Result<_>>()?,
        };
        Ok(PaginatedListResult { result, page_token })
    }
}

/// Returns a key that is listed before those after it, if it is one.
fn itself(is_key: bool, key: &str) -> std::option::IntoIter<String> {
    is_key.then(|| key.to_owned()).into_iter()
}

fn unsupported<T>() -> Result<T> {
    Err(Error::NotFound { path: String::new(), source: "nothing but listings".into() })
}

#[async_trait]
impl ObjectStore for KeyStore {
    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        unsupported()
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        unsupported()
    }

    async fn get_opts(&self, _: &Path, _: GetOptions) -> Result<GetResult> {
        unsupported()
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        paths
    }

    fn list(&self, _: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        Box::pin(futures::stream::once(async { unsupported() }))
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        unsupported()
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        unsupported()
    }
}
