//! `ecstrail verify TRAIL`: whether a trail is what CloudTrail delivered, by its digest files.

use std::sync::Arc;

use anyhow::{Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use ecstrail_converter::ChainName;
use ecstrail_query::printable_line;
use ecstrail_writer::{
    Progress, ProofOptions, TrailFinding, TrailFindingKind as Kind, TrailProof, prove_trail,
};
use serde::Serialize;

use crate::{
    args::{SummaryFormat, VerifyArguments},
    bucket::S3,
    commands::{public_keys, rows},
    console::{self, ProgressView, count},
    exit::Exit,
    leaving,
    trail::{Opening, Trail, TrailLocation},
};

/// What was verified, for programs. Documented in the reference.
#[derive(Debug, Serialize)]
struct TrailSummary<'a> {
    digests: u64,
    digests_valid: u64,
    digests_unproven: u64,
    log_files: u64,
    log_files_valid: u64,
    log_files_unproven: u64,
    log_files_from_ledger: u64,
    log_files_unjudged: u64,
    elsewhere: u64,
    converted: u64,
    expired: u64,
    unlisted: &'a [String],
    chains: Vec<ChainSummary<'a>>,
    gaps: Vec<GapSummary<'a>>,
    findings: Vec<TrailFindingSummary>,
}

#[derive(Debug, Serialize)]
struct ChainSummary<'a> {
    account: &'a str,
    region: &'a str,
    trail: &'a str,
    home_region: &'a str,
    backfill: bool,
    digests: u64,
    valid: u64,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Debug, Serialize)]
struct GapSummary<'a> {
    account: &'a str,
    region: &'a str,
    trail: &'a str,
    backfill: bool,
    from: String,
    to: String,
}

/// A file that is not what it should be, for programs.
#[derive(Debug, Serialize)]
pub(crate) struct TrailFindingSummary {
    url: String,
    kind: &'static str,
    detail: String,
}

impl TrailFindingSummary {
    pub(crate) fn of(finding: &TrailFinding) -> Self {
        let TrailFinding { url, kind, detail } = finding;
        Self { url: url.clone(), kind: kind.name(), detail: detail.clone() }
    }
}

pub(super) async fn run(text: &str, arguments: &VerifyArguments) -> Result<Exit> {
    let keys = public_keys::read(&arguments.public_keys, arguments.no_signatures)?;
    let s3 = S3::new(arguments.s3.clone());
    let trail =
        Opening { s3: &s3, follow_links: false, scratch: None }.open(text).await?.whole()?;
    let home = match &arguments.dataset {
        Some(dataset) => Some((rows::open_location(dataset, &s3).await?, dataset)),
        None => None,
    };
    let dataset = home.as_ref().map(|(location, _)| location.objects());
    let options =
        ProofOptions { keys, selection: arguments.selection(), is_copy: arguments.copied };
    let progress = Arc::new(Progress::default());
    leaving::cancels(Arc::clone(&progress));
    let view = ProgressView::begin(Arc::clone(&progress));
    let proof = prove_trail(&trail.source, &options, dataset.as_ref(), &progress).await;
    drop(view);
    let proof = match (proof, &home) {
        (Ok(proof), _) => proof,
        (Err(error), Some((location, dataset))) => {
            return Err(rows::explain(location, dataset, &s3, error).await);
        }
        (Err(error), None) => return Err(error.into()),
    };
    check_found(&proof, &trail)?;
    match arguments.format {
        SummaryFormat::Json => console::json(&TrailSummary::of(&proof))?,
        SummaryFormat::Text => console::result(text_of(&proof, arguments, &trail))?,
    }
    Ok(match (proof.findings.is_empty(), proof.failures.is_empty()) {
        (false, _) => Exit::Threshold,
        (true, true) => Exit::Done,
        (true, false) => Exit::Failed,
    })
}

/// Nothing to verify is an error: a mistyped path must not look like a sound trail.
fn check_found(proof: &TrailProof, trail: &Trail) -> Result<()> {
    for failure in &proof.failures {
        console::note(printable_line(failure));
    }
    if proof.digests > 0 || !proof.findings.is_empty() {
        return Ok(());
    }
    let text = &trail.text;
    if proof.found.log_files == 0 {
        bail!("{text} has no digest files and no log files of these accounts, Regions and days");
    }
    bail!(
        "{text} has {} and no digest files of these accounts, Regions and days: verify what \
         contains AWSLogs, with the folders `CloudTrail` and `CloudTrail-Digest`; if there are none, \
         log file validation is not on for this trail",
        count(proof.found.log_files, "log file"),
    );
}

impl<'a> TrailSummary<'a> {
    fn of(proof: &'a TrailProof) -> Self {
        let chains = proof.chains.iter().map(|chain| {
            let ChainName { account, region, trail, home_region, is_backfill } = &chain.name;
            ChainSummary {
                account,
                region,
                trail,
                home_region,
                backfill: *is_backfill,
                digests: chain.digests,
                valid: chain.valid,
                from: chain.from.map(time),
                to: chain.to.map(time),
            }
        });
        let gaps = proof.gaps.iter().map(|gap| GapSummary {
            account: &gap.chain.account,
            region: &gap.chain.region,
            trail: &gap.chain.trail,
            backfill: gap.chain.is_backfill,
            from: time(gap.from),
            to: time(gap.to),
        });
        let findings = proof.findings.iter().map(TrailFindingSummary::of);
        Self {
            digests: proof.digests,
            digests_valid: proof.digests_valid,
            digests_unproven: proof.digests_unproven,
            log_files: proof.log_files,
            log_files_valid: proof.log_files_valid,
            log_files_unproven: proof.log_files_unproven,
            log_files_from_ledger: proof.log_files_from_ledger,
            log_files_unjudged: proof.log_files_unjudged,
            elsewhere: proof.elsewhere,
            converted: proof.converted,
            expired: proof.expired,
            unlisted: &proof.failures,
            chains: chains.collect(),
            gaps: gaps.collect(),
            findings: findings.collect(),
        }
    }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn text_of(proof: &TrailProof, arguments: &VerifyArguments, trail: &Trail) -> String {
    let mut lines: Vec<_> = proof.findings.iter().map(trail_line).collect();
    for gap in &proof.gaps {
        let (from, to) = (time(gap.from), time(gap.to));
        lines.push(format!(
            "{} has no digests from {from} to {to}: log file validation was off, or there are only \
             backfill digests",
            named(&gap.chain)
        ));
    }
    for chain in &proof.chains {
        let signed = match (arguments.no_signatures, chain.valid == chain.digests) {
            (true, _) => String::new(),
            (false, true) => ", all signed by AWS".to_owned(),
            (false, false) => format!(", {} signed by AWS", chain.valid),
        };
        let times = chain.from.zip(chain.to);
        let times = times.map(|(from, to)| format!(", {} to {}", time(from), time(to)));
        lines.push(format!(
            "{}: {}{signed}{}",
            named(&chain.name),
            count(chain.digests, "digest"),
            times.unwrap_or_default()
        ));
    }
    let unproven = match proof.log_files_unproven {
        0 => String::new(),
        files => format!(", {files} as digests say whose signatures were not verified"),
    };
    lines.push(format!(
        "{} named by digests, {} proved{unproven}{}.",
        count(proof.log_files, "log file"),
        proof.log_files_valid,
        match proof.log_files_from_ledger {
            0 => String::new(),
            files => format!(" ({files} by the hash in the dataset, without reading them)"),
        },
    ));
    lines.extend(notes(proof, arguments, trail));
    lines.push(match proof.findings.len() as u64 {
        0 => "No problem found.".to_owned(),
        findings => format!("{} found.", count(findings, "problem")),
    });
    lines.join("\n")
}

/// What this run could not tell.
fn notes(proof: &TrailProof, arguments: &VerifyArguments, trail: &Trail) -> Vec<String> {
    let mut notes = Vec::new();
    if arguments.no_signatures {
        notes.push("Signatures were not verified.".to_owned());
    } else if proof.digests_unproven > 0 {
        notes.push(format!(
            "{} not proved, since the signature is not known: that of the newest digest of a chain \
             is only in the object's metadata. Keep it beside the digest: `aws s3api head-object \
             --bucket BUCKET --key KEY > DIGEST.json.gz.metadata.json`.",
            count(proof.digests_unproven, "digest"),
        ));
    }
    if let Some(dataset) = arguments.dataset.as_ref().filter(|_| proof.converted == 0) {
        notes.push(format!(
            "No log file of this trail was converted into {dataset} under this URL: every log file was \
             read."
        ));
    }
    let moved = proof.findings.iter().filter(|finding| finding.kind == Kind::DigestMoved).count();
    let is_in_bucket = matches!(trail.location, TrailLocation::Bucket(..));
    if moved > 0 && moved as u64 == proof.digests && !arguments.copied && is_in_bucket {
        notes.push(
            "All digests are of another bucket: for a copied trail, add --copied.".to_owned(),
        );
    }
    if proof.log_files_unjudged > 0 {
        notes.push(format!(
            "{} delivered when no valid digest covers the time: not proved.",
            count(proof.log_files_unjudged, "log file"),
        ));
    }
    if proof.elsewhere > 0 {
        notes.push(format!(
            "{} named by digests outside of this source: not verified.",
            count(proof.elsewhere, "file"),
        ));
    }
    if proof.expired > 0 {
        notes.push(format!(
            "{} converted before are older than everything in the trail, and not there any more.",
            count(proof.expired, "log file"),
        ));
    }
    notes
}

fn named(chain: &ChainName) -> String {
    let ChainName { account, region, trail, is_backfill, .. } = chain;
    let backfill = if *is_backfill { " (backfill)" } else { "" };
    printable_line(&format!("{account} {region} {trail}{backfill}"))
}

/// A finding for people.
pub(crate) fn trail_line(finding: &TrailFinding) -> String {
    let what = match finding.kind {
        Kind::DigestMissing | Kind::LogMissing | Kind::LogVanished => "is missing",
        Kind::DigestMoved => "was moved",
        Kind::DigestUnreadable | Kind::LogUnreadable => "cannot be read",
        Kind::DigestKeyUnknown => "cannot be verified",
        Kind::DigestUnlinked => "is not in the chain",
        Kind::DigestTrailing | Kind::LogTrailing => "was extended",
        Kind::LogUnnamed => "is not named",
        _ => "was changed",
    };
    printable_line(&format!("{} {what}: {}", finding.url, finding.detail))
}
