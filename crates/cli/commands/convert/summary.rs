//! The summary of a conversion, for programs and for people. Its numbers of files and records add
//! up.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use anyhow::Result;
use ecstrail_converter::{Discovered, EventSources, Selection};
use ecstrail_query::printable_line;
use ecstrail_writer::ConvertCounts;
use indicatif::{HumanBytes, HumanCount};
use serde::{Serialize, Serializer};

use super::digests::DigestSummary;
use crate::{
    commands::compact::CompactSummary,
    console::{self, count},
    exit::Exit,
};

/// Other services that people are shown by name.
const NAMED_SERVICES: usize = 12;

/// The summary as JSON. Members are only ever added.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ConvertSummary {
    #[serde(flatten)]
    pub(crate) counts: ConvertCounts,
    /// What all sources were found to hold. The files that were listed are those read, those known,
    /// those skipped and those that no request can carry.
    #[serde(flatten, serialize_with = "serialize_found")]
    found: Discovered,
    /// Sources, folders and names that could not be listed, and sources without log files.
    pub(crate) missing_sources: u64,
    /// URLs of the folders of Regions that are new, if only what may be new was listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) new_folders: Option<Vec<String>>,
    /// What was verified of the digests, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) verification: Option<DigestSummary>,
    /// What was merged afterwards, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compacted: Option<CompactSummary>,
    /// Wall time.
    pub(crate) seconds: f64,
    /// The selected event sources; empty for all.
    #[serde(skip)]
    event_sources: BTreeSet<String>,
}

fn serialize_found<S: Serializer>(found: &Discovered, serializer: S) -> Result<S::Ok, S::Error> {
    /// Files that were skipped by their names.
    #[derive(Serialize)]
    struct Skipped<'a> {
        digests: u64,
        insights: u64,
        others: u64,
        other_services: &'a BTreeMap<String, u64>,
        unselected: u64,
        empty: u64,
        symbolic_links: u64,
        special_files: u64,
    }
    #[derive(Serialize)]
    struct Found<'a> {
        listed_files: u64,
        unaddressable_files: u64,
        skipped: Skipped<'a>,
        list_requests: u64,
    }
    let skipped = Skipped {
        digests: found.digests,
        insights: found.insights,
        others: found.others,
        other_services: &found.other_services,
        unselected: found.unselected,
        empty: found.empty,
        symbolic_links: found.symbolic_links,
        special_files: found.special_files,
    };
    let (listed_files, unaddressable_files) = (found.listed(), found.unaddressable);
    let list_requests = found.list_requests;
    Found { listed_files, unaddressable_files, skipped, list_requests }.serialize(serializer)
}

impl ConvertSummary {
    /// Makes the summary of a conversion that has not begun.
    pub(super) fn new(selection: &Selection) -> Self {
        let event_sources = match &selection.event_sources {
            EventSources::All => BTreeSet::new(),
            EventSources::Only(kept) => kept.clone(),
        };
        Self { event_sources, ..Self::default() }
    }

    /// Adds what a source was found to hold.
    pub(super) fn add_source(&mut self, found: Discovered) {
        self.found += found;
    }

    pub(crate) fn exit(&self) -> Exit {
        let losses = self.counts.suspicions.iter().filter(|(suspicion, _)| suspicion.is_loss());
        let lossy_files: u64 = losses.map(|(_, files)| files).sum();
        let rejected = self.counts.totals.rejects + self.counts.damaged_files;
        let not_merged = self.compacted.as_ref().map_or(0, CompactSummary::not_rewritten);
        let problems = rejected + self.missing_sources + lossy_files + not_merged;
        let is_proved = self.verification.as_ref().is_none_or(DigestSummary::is_sound);
        if !is_proved || self.counts.disproved_files > 0 {
            return Exit::Threshold;
        }
        if problems == 0 { Exit::Done } else { Exit::Rejects }
    }

    /// Prints the summary for people.
    pub(crate) fn print(&self, home: &str) -> Result<()> {
        let Self { counts, found, .. } = self;
        let totals = &counts.totals;
        console::result(format!(
            "Read {} ({}, {} decompressed) in {:.1} s.",
            count(counts.files, "log file"),
            HumanBytes(counts.stored_bytes),
            HumanBytes(counts.decompressed_bytes),
            self.seconds,
        ))?;
        let files = [
            (counts.converted_files, "converted"),
            (counts.known_files, "already in the dataset"),
            (counts.damaged_files, "rejected, see above"),
            (
                counts.known_damaged_files,
                "rejected before and unchanged (--retry reads them again)",
            ),
            (counts.other_shard_files, "left to other shards"),
            (found.unaddressable, "rejected: their names cannot be requested, see above"),
            (found.unselected, "skipped: other days, Regions or accounts"),
            (found.digests, "skipped: digest files, which contain no records"),
            (found.insights, "skipped: Insights files, which contain no API calls"),
            (found.others, "skipped: not named like log files"),
            (found.empty, "skipped: empty and not named like log files"),
            (found.symbolic_links, "skipped: symbolic links (--follow-links follows them)"),
            (found.special_files, "skipped: not regular files"),
        ];
        line(found.listed(), "files listed")?;
        for (number, what) in files.into_iter().filter(|(number, _)| *number > 0) {
            line(number, &format!("  {what}"))?;
        }
        let (services, others) = most_frequent(&found.other_services, NAMED_SERVICES);
        for (service, number) in services {
            line(number, &format!("  skipped: logs of {service}, not CloudTrail"))?;
        }
        if others > 0 {
            line(others, "  skipped: logs of other services")?;
        }
        for (look_alike, number) in &counts.look_alike_files {
            line(*number, &format!("  skipped: {look_alike}"))?;
        }
        if totals.records > 0 {
            line(totals.records, "records read")?;
            line(totals.rows, "  rows written")?;
            line(totals.filtered, "  excluded by your filters")?;
            for (look_alike, number) in &counts.look_alikes {
                line(*number, &format!("    of which {look_alike}"))?;
            }
            line(totals.duplicates, "  duplicates: already in the dataset, or delivered twice")?;
            line(totals.rejects, "  rejected, see above")?;
            self.print_why_nothing_is_kept()?;
        }
        console::result(match counts.data_files {
            0 => format!("Nothing new to add to {home}."),
            files => format!(
                "Wrote {} ({}) to {home}/{}.",
                count(files, "data file"),
                HumanBytes(counts.data_bytes),
                ecstrail_writer::EVENTS,
            ),
        })?;
        if let Some(verification) = &self.verification {
            console::result(verification.text(counts.proved_files, counts.files))?;
        }
        if let Some(compacted) = &self.compacted {
            console::result(compacted.text())?;
        }
        Ok(())
    }

    /// Says what was done in one line.
    pub(super) fn line(&self) -> String {
        let Self { counts, .. } = self;
        let mut parts = vec![
            count(counts.files, "log file"),
            format!("{} added", count(counts.totals.rows, "row")),
        ];
        let rejects = counts.totals.rejects + counts.damaged_files;
        if rejects > 0 {
            parts.push(format!("{rejects} rejected"));
        }
        if self.missing_sources > 0 {
            parts.push(format!("{} not listed", count(self.missing_sources, "place")));
        }
        if let Some(compacted) = self.compacted.as_ref().filter(|it| it.files_before() > 0) {
            parts.push(format!("{} merged", count(compacted.files_before(), "data file")));
        }
        format!("{} in {:.1} s", parts.join(", "), self.seconds)
    }
}

impl ConvertSummary {
    /// Returns why no record was kept; `None` if some were, or if the reason is unknown.
    pub(super) fn why_nothing_is_kept(&self) -> Option<String> {
        let counts = &self.counts;
        if counts.totals.rows + counts.totals.duplicates > 0 {
            return None;
        }
        let wanted = self.event_sources.iter().cloned().collect::<Vec<_>>().join(", ");
        if counts.excluded > 0 {
            let of = if wanted.is_empty() { String::new() } else { format!(" of {wanted}") };
            return Some(format!(
                "No record was kept: --event-name, --exclude-read-only, --from, --until, --region or \
                 --account excluded {}{of}.",
                count(counts.excluded, "record"),
            ));
        }
        (counts.other_event_sources.records() > 0).then(|| {
            format!(
                "There are no events of {wanted}, only events of other event sources: add \
                 --event-source NAME to keep those of one, or --event-source all to keep all."
            )
        })
    }

    /// Prints why no record was kept, and which event sources the trail has instead.
    fn print_why_nothing_is_kept(&self) -> Result<()> {
        let Some(reason) = self.why_nothing_is_kept() else { return Ok(()) };
        console::result(reason)?;
        if self.counts.excluded > 0 {
            return Ok(());
        }
        let (sources, further) = self.counts.other_event_sources();
        for (source, records) in sources {
            line(records, source)?;
        }
        if further > 0 {
            line(further, "other event sources, or none")?;
        }
        Ok(())
    }
}

/// Returns the names with the largest numbers, in this order, and the sum of the other numbers.
fn most_frequent(numbers: &BTreeMap<String, u64>, most: usize) -> (Vec<(&str, u64)>, u64) {
    let mut named: Vec<_> = numbers.iter().map(|(name, number)| (name.as_str(), *number)).collect();
    named.sort_by_key(|(name, number)| (Reverse(*number), *name));
    let others = named.iter().skip(most).map(|(_, number)| number).sum();
    named.truncate(most);
    (named, others)
}

fn line(number: u64, what: &str) -> Result<()> {
    let (number, what) = (HumanCount(number).to_string(), printable_line(what));
    Ok(console::result(format!("{number:>14}  {what}"))?)
}
