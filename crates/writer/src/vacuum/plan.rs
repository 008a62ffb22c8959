//! What is deleted: a function of what was found, the grace and the time alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    VacuumOptions,
    facts::{VacuumReason, Verdict},
};

/// What a vacuum would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VacuumPlan {
    /// What would be deleted, in the order of the paths.
    pub deletions: Vec<Leftover>,
    /// Names of transactions that might still be committed and are kept from it first; what they
    /// have prepared is among the deletions.
    pub fenced: Vec<String>,
    /// Files that are not ours, below `events/`, where other engines may stumble over them, and
    /// among temporary files. They stay.
    pub foreign: Vec<ForeignFile>,
}

/// Something that nobody needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Path below the dataset's home.
    pub path: String,
    /// Bytes of the object. An upload that was begun counts as its note; its parts are unknown.
    pub bytes: u64,
    /// Why nobody needs it.
    pub reason: VacuumReason,
}

/// A file that is not ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignFile {
    /// Path below the dataset's home.
    pub path: String,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Files and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VacuumCount {
    /// Number of files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl VacuumCount {
    pub(super) fn of(leftovers: &[Leftover], reason: VacuumReason) -> Self {
        let of_reason = leftovers.iter().filter(|leftover| leftover.reason == reason);
        of_reason.fold(Self::default(), |count, leftover| Self {
            files: count.files + 1,
            bytes: count.bytes + leftover.bytes,
        })
    }
}

impl VacuumPlan {
    /// What would be deleted for a reason.
    pub fn count(&self, reason: VacuumReason) -> VacuumCount {
        VacuumCount::of(&self.deletions, reason)
    }

    /// Returns whether nothing would be deleted.
    pub fn is_empty(&self) -> bool {
        self.deletions.is_empty()
    }
}

/// An object that is not simply kept.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) written: DateTime<Utc>,
    pub(super) verdict: Verdict,
}

/// Plans to delete what is old enough. A transaction that may be alive is as old as its youngest
/// object.
pub(super) fn plan(found: Vec<Found>, options: &VacuumOptions, now: DateTime<Utc>) -> VacuumPlan {
    let is_old = |written: DateTime<Utc>| {
        (now - written).to_std().is_ok_and(|age| age >= options.older_than)
    };
    let mut plan = VacuumPlan::default();
    let mut undecided: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for found in found {
        match &found.verdict {
            Verdict::Foreign => {
                plan.foreign.push(ForeignFile { path: found.path, bytes: found.bytes });
            }
            Verdict::Delete(reason) if is_old(found.written) => {
                plan.deletions.push(leftover(&found, *reason));
            }
            Verdict::Keep | Verdict::Delete(_) => {}
            Verdict::Undecided(_, transaction) => {
                undecided.entry(transaction.clone()).or_default().push(found);
            }
        }
    }
    for (transaction, found) in undecided {
        if !found.iter().all(|found| is_old(found.written)) {
            continue;
        }
        plan.fenced.push(transaction);
        for found in &found {
            if let Verdict::Undecided(reason, _) = &found.verdict {
                plan.deletions.push(leftover(found, *reason));
            }
        }
    }
    plan.deletions.sort_by(|a, b| a.path.cmp(&b.path));
    plan.foreign.sort_by(|a, b| a.path.cmp(&b.path));
    plan
}

fn leftover(found: &Found, reason: VacuumReason) -> Leftover {
    Leftover { path: found.path.clone(), bytes: found.bytes, reason }
}
