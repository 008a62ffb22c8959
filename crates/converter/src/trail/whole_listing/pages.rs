//! A listing page by page, and what to do with a page that cannot be parsed.

use std::{borrow::Cow, sync::Arc};

use futures::{Stream, StreamExt, stream};
use object_store::{
    Error, ListResult, ObjectMeta, Result,
    list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore},
    path::Path,
};

use super::{
    passing::{Passing, unparsable_key},
    progress::{Progress, Standstill},
};
use crate::error::{
    Unlisted,
    UnlistedReason::{NoPath, NotBelow, OutOfOrder, Repeated, TooMany},
};

/// Keys of a page.
pub(super) const PAGE_KEYS: usize = 1000;
/// Entries of one level that are collected; a listing of the level alone fails beyond.
const MAX_LEVEL_ENTRIES: usize = 10_000;
/// How often a page is requested; the store's client repeats what a server refuses, but not what is
/// cut off on the way.
const ATTEMPTS: usize = 3;

/// A listing without delimiters. It only goes forward: no continuation token is taken twice, and
/// each key to start after comes behind the one before.
pub(super) struct Pages<S> {
    store: Arc<S>,
    prefix: Option<String>,
    position: Position,
    progress: Progress,
    /// The bad key that is being passed over.
    passing: Option<Passing>,
    /// Keys to ask for: fewer while a bad one is being isolated and after it, where more of them
    /// may be.
    keys: usize,
    is_isolating: bool,
    is_done: bool,
}

/// Where a listing continues.
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
            progress: Progress::after(offset),
            passing: None,
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
            Ok(page) => self.take(page),
            Err(error) => match unparsable_key(&error) {
                Some(_) if self.keys > 1 => {
                    self.is_isolating = true;
                    self.keys = self.keys.div_ceil(2);
                    Vec::new()
                }
                Some(key) => self.pass_over(key),
                None => {
                    self.is_done = true;
                    vec![Err(error)]
                }
            },
        }
    }

    /// Passes a page on, and continues after it.
    fn take(&mut self, page: PaginatedListResult) -> Vec<Result<ObjectMeta>> {
        let PaginatedListResult { result, page_token } = page;
        // The bad key is among fewer than that; if it is not the next one, it is gone.
        self.is_isolating &= self.keys > 1;
        self.keys =
            if self.is_isolating { self.keys.div_ceil(2) } else { (self.keys * 2).min(PAGE_KEYS) };
        let was_in_order = self.progress.is_in_order();
        let is_below = |object: &ObjectMeta| is_below(&object.location, self.prefix.as_deref());
        let (below, strays): (Vec<_>, Vec<_>) = result.objects.into_iter().partition(is_below);
        let stray =
            |object: ObjectMeta| Err(Unlisted::new(object.location.as_ref(), NotBelow).into());
        let mut found: Vec<_> = strays.into_iter().map(stray).collect();
        found.extend(self.progress.new_objects(below).into_iter().map(Ok));
        if was_in_order && !self.progress.is_in_order() {
            // Before the keys: who reads no further than a key would not be told otherwise.
            found.insert(0, Err(self.unlisted(OutOfOrder)));
        }
        match page_token {
            None => self.is_done = true,
            Some(token) => match self.progress.go_on(&token) {
                Ok(()) => self.position = Position::Token(token),
                Err(Standstill) => found.push(Err(self.stop())),
            },
        }
        found
    }

    /// Goes on after a key that cannot be parsed and stands next.
    fn pass_over(&mut self, key: &str) -> Vec<Result<ObjectMeta>> {
        let is_known = self.passing.as_ref().is_some_and(|passing| passing.is_of(key));
        let mut told = Vec::new();
        if !is_known {
            let passing = Passing::new(key, self.prefix.as_deref().unwrap_or_default());
            told.push(Err(Unlisted::new(passing.path(), NoPath).into()));
            self.passing = Some(passing);
        }
        let after = self.passing.as_mut().and_then(|passing| {
            let passed = self.progress.passed();
            passing.next_offset(|after| passed.is_none_or(|passed| after > passed))
        });
        self.is_isolating = false;
        self.keys = 2;
        match after {
            Some(after) => {
                self.progress.pass(&after);
                self.position = Position::After(after);
            }
            None => told.push(Err(self.stop())),
        }
        told
    }

    /// Ends a listing that would not get any further.
    fn stop(&mut self) -> Error {
        self.is_done = true;
        self.unlisted(Repeated)
    }

    fn unlisted(&self, reason: crate::error::UnlistedReason) -> Error {
        Unlisted::new(self.prefix.as_deref().unwrap_or("/"), reason).into()
    }
}

/// Lists one level.
pub(super) async fn level<S: PaginatedListStore>(
    store: &S,
    prefix: Option<&Path>,
) -> Result<ListResult> {
    let prefix = folder(prefix);
    let unlisted = |reason| Unlisted::new(prefix.as_deref().unwrap_or("/"), reason);
    let mut level = ListResult { common_prefixes: Vec::new(), objects: Vec::new() };
    let mut progress = Progress::after(None);
    let mut token = None;
    loop {
        let options = PaginatedListOptions {
            delimiter: Some(Cow::Borrowed("/")),
            page_token: token,
            ..PaginatedListOptions::default()
        };
        let PaginatedListResult { result, page_token } =
            page(store, prefix.as_deref(), options).await?;
        let ListResult { common_prefixes, objects } = result;
        let mut paths = common_prefixes.iter().chain(objects.iter().map(|object| &object.location));
        if !paths.all(|path| is_below(path, prefix.as_deref())) {
            return Err(unlisted(NotBelow).into());
        }
        level.common_prefixes.extend(common_prefixes);
        level.objects.extend(objects);
        let Some(next) = page_token else { return Ok(level) };
        if level.common_prefixes.len() + level.objects.len() > MAX_LEVEL_ENTRIES {
            return Err(unlisted(TooMany).into());
        }
        progress.go_on(&next).map_err(|Standstill| unlisted(Repeated))?;
        token = Some(next);
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

/// Returns whether a path is in a folder, given with its slash, or marks the folder itself.
fn is_below(path: &Path, folder: Option<&str>) -> bool {
    let path = path.as_ref();
    folder.is_none_or(|folder| path.starts_with(folder) || folder.strip_suffix('/') == Some(path))
}
