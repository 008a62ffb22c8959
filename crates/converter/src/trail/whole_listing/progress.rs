//! Whether a listing gets any further: a server may repeat itself, ignore where to start, or have
//! no order.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use object_store::{ObjectMeta, path::Path};

/// Pages in turn that may bring nothing new. S3 answers with empty ones where it passes over many
/// deleted keys.
const MOST_IDLE_PAGES: usize = 1000;

/// The listing would not get any further.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Standstill;

/// What a listing has met so far.
#[derive(Debug)]
pub(super) struct Progress {
    /// Hashes of the continuation tokens and of the pages: 16 bytes a page of 1,000 keys.
    seen: HashSet<u64>,
    hasher: RandomState,
    /// The key to start after that was given last: what comes before was not asked for.
    offset: Option<String>,
    /// The greatest key that was listed.
    greatest: Option<String>,
    /// The greatest key before the offset that a server listed all the same.
    greatest_skipped: Option<String>,
    is_in_order: bool,
    idle_pages: usize,
}

impl Progress {
    /// Begins a listing after a key, if one is given.
    pub(super) fn after(offset: Option<&Path>) -> Self {
        Self {
            seen: HashSet::new(),
            hasher: RandomState::new(),
            offset: offset.map(ToString::to_string),
            greatest: None,
            greatest_skipped: None,
            is_in_order: true,
            idle_pages: 0,
        }
    }

    /// Returns whether all keys came in their order so far.
    pub(super) fn is_in_order(&self) -> bool {
        self.is_in_order
    }

    /// Returns the greatest key that was listed or passed over.
    pub(super) fn passed(&self) -> Option<&str> {
        self.offset.as_deref().max(self.greatest.as_deref())
    }

    /// Notes that the listing starts after a key.
    pub(super) fn pass(&mut self, offset: &str) {
        self.idle_pages = 0;
        self.offset = Some(offset.to_owned());
    }

    /// Returns the objects of a page that are new: those after the offset, unless the page as a
    /// whole was listed before.
    pub(super) fn new_objects(&mut self, page: Vec<ObjectMeta>) -> Vec<ObjectMeta> {
        // `a` and `a/` are the same path.
        let keys: Vec<(&Path, u64)> =
            page.iter().map(|object| (&object.location, object.size)).collect();
        if !keys.is_empty() && !self.seen.insert(self.hasher.hash_one(("page", keys))) {
            return Vec::new();
        }
        let mut new = page;
        new.retain(|object| {
            let key = object.location.as_ref();
            let is_new = self.offset.as_ref().is_none_or(|offset| comes_after(key, offset));
            if is_new {
                self.is_in_order &=
                    self.greatest.as_ref().is_none_or(|greatest| !comes_before(key, greatest));
            }
            // A server that ignores where to start gets there all the same.
            let greatest = if is_new { &mut self.greatest } else { &mut self.greatest_skipped };
            let is_greatest = greatest.as_deref().is_none_or(|greatest| greatest < key);
            if is_greatest {
                *greatest = Some(key.to_owned());
            }
            if is_new || is_greatest {
                self.idle_pages = 0;
            }
            is_new
        });
        new
    }

    /// Notes that the listing continues at a continuation token, if that makes progress.
    pub(super) fn go_on(&mut self, token: &str) -> Result<(), Standstill> {
        self.idle_pages += 1;
        let is_new = self.seen.insert(self.hasher.hash_one(("token", token)));
        if is_new && self.idle_pages <= MOST_IDLE_PAGES { Ok(()) } else { Err(Standstill) }
    }
}

/// Returns whether a key comes before another one. A slash at its end is not known, and it comes
/// later with one.
fn comes_before(path: &str, key: &str) -> bool {
    path.bytes().chain([b'/']).lt(key.bytes())
}

fn comes_after(path: &str, key: &str) -> bool {
    path != key && !comes_before(path, key)
}
