//! The log files that digests name, for those who read them.

use std::{collections::HashMap, sync::Arc};

use super::{Place, PlaceForm};
use crate::trail::LogFile;

/// What digests say of a log file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DigestVerdict {
    /// It is what this digest, by its URL, says.
    Proved(Arc<str>),
    /// It is, but whether AWS signed the digest is not known.
    Unproven,
    /// It is not.
    Changed(Arc<str>),
    /// No digest names it, or none yet.
    Unnamed,
}

/// What digests state of a log file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stated {
    /// `None` for what is no hash.
    hashes: Vec<Option<[u8; 32]>>,
    /// The first of the digests.
    digest: Arc<str>,
    is_proved: bool,
}

/// The log files that digests name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedLogFiles {
    is_copy: bool,
    by_place: HashMap<Place, Stated>,
}

impl NamedLogFiles {
    /// Begins with none, of a trail where CloudTrail put it or of a copy.
    pub fn new(is_copy: bool) -> Self {
        Self { is_copy, by_place: HashMap::new() }
    }

    /// Adds a log file, with the hashes that digests state of it, and the first of these digests.
    /// `is_proved`: AWS signed one of them.
    pub fn add(
        &mut self,
        place: Place,
        hashes: Vec<Option<[u8; 32]>>,
        digest: Arc<str>,
        is_proved: bool,
    ) {
        let new = Stated { hashes, digest, is_proved };
        match self.by_place.get_mut(&place) {
            None => drop(self.by_place.insert(place, new)),
            // What AWS signed counts more than what anybody may have written.
            Some(known) if known.is_proved != is_proved => {
                if is_proved {
                    *known = new;
                }
            }
            Some(known) => known.hashes.extend(new.hashes),
        }
    }

    /// Adds those of another trail.
    pub fn extend(&mut self, others: Self) {
        for (place, Stated { hashes, digest, is_proved }) in others.by_place {
            self.add(place, hashes, digest, is_proved);
        }
    }

    /// Says what the digests say of a log file whose content has a hash. `is_one_member`: nothing
    /// stands behind its first gzip member, which alone is what digests are about.
    pub fn verdict(&self, file: &LogFile, sha256: [u8; 32], is_one_member: bool) -> DigestVerdict {
        let url = file.url();
        let place = Place::of_url(&url, PlaceForm::of(&url, self.is_copy));
        match self.by_place.get(&place) {
            None => DigestVerdict::Unnamed,
            Some(Stated { hashes, digest, is_proved }) => {
                let is_same = hashes.iter().all(|hash| *hash == Some(sha256));
                let digest = Arc::clone(digest);
                match (is_same && is_one_member, is_proved) {
                    (true, true) => DigestVerdict::Proved(digest),
                    (true, false) => DigestVerdict::Unproven,
                    (false, _) => DigestVerdict::Changed(digest),
                }
            }
        }
    }
}
