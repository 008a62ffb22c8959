//! A listing page by page, and what to do with a page that is refused.

use std::{borrow::Cow, sync::Arc};

use futures::{Stream, StreamExt, stream};
use object_store::{
    Error, ListResult, ObjectMeta, Result,
    list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore},
    path::{self, Path},
};

use crate::{
    Unlisted,
    unlisted::UnlistedReason::{NoPath, TooMany},
};

/// Keys of a page.
pub(super) const PAGE_KEYS: usize = 1000;
/// Entries of one level that are collected; a listing of the level alone fails beyond.
const MAX_LEVEL_ENTRIES: usize = 10_000;
/// How often a page is asked for; the store's client repeats what a server refuses, but not what
/// is cut off on the way.
const ATTEMPTS: usize = 3;

/// A listing without delimiters.
pub(super) struct Pages<S> {
    store: Arc<S>,
    prefix: Option<String>,
    position: Position,
    /// Keys to ask for: fewer while a bad one is being isolated and after it, where more of them
    /// may be.
    keys: usize,
    is_isolating: bool,
    is_done: bool,
}

/// Where a listing goes on.
enum Position {
    Beginning,
    /// After a key, which there need not be.
    After(String),
    /// Where the store says; a key that was listed is not known to the last character.
    Token(String),
}

impl<S: PaginatedListStore> Pages<S> {
    pub(super) fn new(store: Arc<S>, prefix: Option<&Path>, offset: Option<&Path>) -> Self {
        Self {
            store,
            prefix: folder(prefix),
            position: offset.map_or(Position::Beginning, |key| Position::After(key.to_string())),
            keys: PAGE_KEYS,
            is_isolating: false,
            is_done: false,
        }
    }

    pub(super) fn stream(self) -> impl Stream<Item = Result<ObjectMeta>> + Send {
        stream::unfold(self, |mut pages| async {
            if pages.is_done {
                return None;
            }
            let found = pages.next().await;
            Some((found, pages))
        })
        .flat_map(stream::iter)
    }

    /// Lists the next page, or some keys of it, or tells why that is not possible.
    async fn next(&mut self) -> Vec<Result<ObjectMeta>> {
        let mut options = PaginatedListOptions {
            max_keys: (self.keys < PAGE_KEYS).then_some(self.keys),
            ..PaginatedListOptions::default()
        };
        match &self.position {
            Position::Beginning => {}
            Position::After(key) => options.offset = Some(key.clone()),
            Position::Token(token) => options.page_token = Some(token.clone()),
        }
        match page(&*self.store, self.prefix.as_deref(), options).await {
            Ok(PaginatedListResult { result, page_token }) => {
                match page_token {
                    Some(token) => self.position = Position::Token(token),
                    None => self.is_done = true,
                }
                // The bad key is among fewer than that; if it is not the next one, it is gone.
                self.is_isolating &= self.keys > 1;
                self.keys = if self.is_isolating {
                    self.keys.div_ceil(2)
                } else {
                    (self.keys * 2).min(PAGE_KEYS)
                };
                result.objects.into_iter().map(Ok).collect()
            }
            Err(Error::InvalidPath { .. }) if self.keys > 1 => {
                self.is_isolating = true;
                self.keys = self.keys.div_ceil(2);
                Vec::new()
            }
            Err(error) => {
                let passed = self.pass_over(error);
                self.is_done = passed.is_err();
                vec![Err(passed.map_or_else(|error| error, Error::from))]
            }
        }
    }

    /// Goes on after a key that cannot be parsed and stands next.
    fn pass_over(&mut self, error: Error) -> Result<Unlisted> {
        let Error::InvalidPath {
            source:
                path::Error::EmptySegment { path: key }
                | path::Error::BadSegment { path: key, .. }
                | path::Error::NonUnicode { path: key, .. },
        } = &error
        else {
            return Err(error);
        };
        let folder = bad_folder(key, self.prefix.as_deref().unwrap_or_default());
        // No key in the folder can be parsed, and none beside it comes before this.
        let after = folder.map_or_else(|| key.clone(), |folder| format!("{folder}{}", char::MAX));
        if matches!(&self.position, Position::After(before) if *before >= after) {
            return Err(error);
        }
        let unlisted = Unlisted::new(folder.unwrap_or(key), NoPath);
        self.position = Position::After(after);
        self.is_isolating = false;
        self.keys = 2;
        Ok(unlisted)
    }
}

/// Lists one level.
pub(super) async fn level<S: PaginatedListStore>(
    store: &S,
    prefix: Option<&Path>,
) -> Result<ListResult> {
    let prefix = folder(prefix);
    let mut level = ListResult { common_prefixes: Vec::new(), objects: Vec::new() };
    let mut token = None;
    loop {
        let options = PaginatedListOptions {
            delimiter: Some(Cow::Borrowed("/")),
            page_token: token,
            ..PaginatedListOptions::default()
        };
        let PaginatedListResult { result, page_token } =
            page(store, prefix.as_deref(), options).await?;
        level.common_prefixes.extend(result.common_prefixes);
        level.objects.extend(result.objects);
        token = page_token;
        if token.is_none() {
            return Ok(level);
        }
        if level.common_prefixes.len() + level.objects.len() > MAX_LEVEL_ENTRIES {
            return Err(Unlisted::new(prefix.unwrap_or_default(), TooMany).into());
        }
    }
}

async fn page<S: PaginatedListStore>(
    store: &S,
    prefix: Option<&str>,
    options: PaginatedListOptions,
) -> Result<PaginatedListResult> {
    let mut attempt = 1;
    loop {
        match store.list_paginated(prefix, options.clone()).await {
            Err(Error::Generic { .. }) if attempt < ATTEMPTS => attempt += 1,
            answer => return answer,
        }
    }
}

fn folder(prefix: Option<&Path>) -> Option<String> {
    prefix.filter(|prefix| !prefix.as_ref().is_empty()).map(|prefix| format!("{prefix}/"))
}

/// Returns the first folder on the way to a key, with its slash, in which no key can be parsed.
fn bad_folder<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    let slashes = key.match_indices('/').map(|(place, _)| place);
    let mut folders = slashes.map(|slash| &key[..=slash]);
    folders.find(|folder| folder.len() > prefix.len() && Path::parse(format!("{folder}x")).is_err())
}
