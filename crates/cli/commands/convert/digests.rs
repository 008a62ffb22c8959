//! `ecstrail convert --verify`: the digests of the trails, verified before their log files are read.

use std::sync::Arc;

use anyhow::Result;
use ecstrail_converter::NamedLogFiles;
use ecstrail_query::printable_line;
use ecstrail_writer::{LastDays, Progress, ProofOptions, TrailProof, prove_digests};
use serde::Serialize;

use crate::{
    args::{ConvertArguments, DigestArguments},
    commands::{
        public_keys,
        verify::{TrailFindingSummary, trail_line},
    },
    console::{self, ProgressView},
    trail::Trail,
};

/// What was verified of the digests, for programs.
#[derive(Debug, Default, Serialize)]
pub(super) struct DigestSummary {
    digests: u64,
    digests_valid: u64,
    digests_unproven: u64,
    findings: Vec<TrailFindingSummary>,
    /// Places with digests that could not be listed.
    unlisted: u64,
}

/// Returns how digests are verified; `None` if they are not to be.
pub(super) fn options(arguments: &ConvertArguments) -> Result<Option<ProofOptions>> {
    let DigestArguments { verify, public_keys, no_signatures, copied } = &arguments.digests;
    if !verify {
        return Ok(None);
    }
    Ok(Some(ProofOptions {
        keys: public_keys::read(public_keys, *no_signatures)?,
        selection: arguments.selection.selection(),
        is_copy: *copied,
    }))
}

/// Verifies the digests of all trails; returns the log files that they name.
pub(super) async fn verify(
    trails: &[Trail],
    last_days: &LastDays,
    late_days: u32,
    options: &ProofOptions,
    progress: &Arc<Progress>,
) -> Result<(DigestSummary, NamedLogFiles)> {
    let _view = ProgressView::begin(Arc::clone(progress));
    let mut summary = DigestSummary::default();
    let mut named = NamedLogFiles::new(options.is_copy);
    for trail in trails {
        let (proof, of_trail) =
            prove_digests(&trail.source, options, last_days, late_days, progress).await?;
        summary.add(&proof);
        named.extend(of_trail);
    }
    if summary.digests == 0 && summary.unlisted == 0 {
        console::note(
            "no digest files were found: no log file is proved. Give the folder that contains \
             AWSLogs, and check that log file validation is on for the trail",
        );
    }
    Ok((summary, named))
}

impl DigestSummary {
    fn add(&mut self, proof: &TrailProof) {
        self.digests += proof.digests;
        self.digests_valid += proof.digests_valid;
        self.digests_unproven += proof.digests_unproven;
        self.unlisted += proof.failures.len() as u64;
        for failure in &proof.failures {
            console::note(printable_line(failure));
        }
        for finding in &proof.findings {
            console::note(trail_line(finding));
            self.findings.push(TrailFindingSummary::of(finding));
        }
    }

    /// Whether all digests are what CloudTrail delivered, as far as that could be verified.
    pub(super) fn is_sound(&self) -> bool {
        self.findings.is_empty() && self.unlisted == 0
    }

    /// For people.
    pub(super) fn text(&self, proved: u64, converted: u64) -> String {
        format!(
            "Verified {}, {} of them signed by AWS; they prove {proved} of {} that were read.",
            console::count(self.digests, "digest file"),
            self.digests_valid,
            console::count(converted, "log file"),
        )
    }
}
