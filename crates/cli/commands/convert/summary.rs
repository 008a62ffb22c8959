//! The summary of a conversion, for programs and for people. Its numbers of files and records add
//! up.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use anyhow::Result;
use ecstrail_converter::{Discovered, EventSources, LookAlike, RejectReason, Selection, Suspicion};
use ecstrail_query::printable_line;
use ecstrail_writer::ConvertOutcome;
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::{
    console::{self, count},
    exit::Exit,
};

/// Excluded event sources that are named.
const NAMED_EVENT_SOURCES: usize = 20;
/// Other services that people are shown by name.
const NAMED_SERVICES: usize = 12;

/// The summary as JSON. Members are only ever added.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Summary {
    /// Records read: the sum of the next four.
    pub(crate) records: u64,
    /// Records that are new rows of the dataset.
    pub(crate) rows: u64,
    /// Records that the selection does not keep, and what looks like a record and is not.
    pub(crate) filtered: u64,
    /// Records that the dataset holds already, or that came twice.
    pub(crate) duplicates: u64,
    /// Records that could not become a row.
    pub(crate) rejects: u64,
    /// The rejects by reason.
    rejects_by_reason: BTreeMap<RejectReason, u64>,
    /// Part of `filtered`: what looks like a record and is not, in files that hold records too.
    look_alikes: BTreeMap<LookAlike, u64>,
    /// Files that were listed: the sum of the next five, of `skipped` and of `look_alike_files`.
    listed_files: u64,
    /// Log files converted.
    converted_files: u64,
    /// Log files that could not be read.
    pub(crate) damaged_files: u64,
    /// Log files that were converted before.
    known_files: u64,
    /// Log files that were damaged before and have not changed.
    known_damaged_files: u64,
    /// Keys and names that no request can carry.
    unaddressable_files: u64,
    /// Log files read that hold nothing but what looks like records and is not, by what it is.
    look_alike_files: BTreeMap<LookAlike, u64>,
    /// Part of `filtered`: records of excluded event sources, for the 20 sources with the most
    /// records.
    other_event_sources: BTreeMap<String, u64>,
    /// Part of `filtered`: records of further excluded event sources.
    further_event_sources: u64,
    /// Files that were not opened.
    skipped: Skipped,
    /// Log files read: converted, look-alikes and damaged ones.
    pub(crate) files: u64,
    /// Sources, folders and names that could not be listed, and sources without log files.
    pub(crate) missing_sources: u64,
    /// Log files about which something is odd, by what it is.
    suspicions: BTreeMap<Suspicion, u64>,
    /// LIST requests.
    list_requests: u64,
    /// Bytes of the log files, as stored.
    stored_bytes: u64,
    /// Bytes of the log files, decompressed.
    decompressed_bytes: u64,
    /// Data files written.
    data_files: u64,
    /// Bytes of them.
    data_bytes: u64,
    /// Versions of the commits made.
    commits: Vec<u64>,
    /// Wall time.
    pub(crate) seconds: f64,
    /// Part of `filtered`: records of the selected event sources.
    #[serde(skip)]
    excluded: u64,
    /// The selected event sources; empty for all.
    #[serde(skip)]
    event_sources: BTreeSet<String>,
}

/// Files that were skipped by their names.
#[derive(Debug, Default, Serialize)]
struct Skipped {
    /// Digest files.
    digests: u64,
    /// Insights files.
    insights: u64,
    /// Files that are certainly something else.
    others: u64,
    /// Logs of other services of AWS, by the service.
    other_services: BTreeMap<String, u64>,
    /// Log files of other days, regions or accounts.
    unselected: u64,
    /// Objects without a byte.
    empty: u64,
    /// Symbolic links.
    symbolic_links: u64,
    /// FIFOs, sockets, devices.
    special_files: u64,
}

impl Summary {
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
        self.listed_files += found.listed();
        let Skipped {
            digests,
            insights,
            others,
            other_services,
            unselected,
            empty,
            symbolic_links,
            special_files,
        } = &mut self.skipped;
        for (service, files) in found.other_services {
            *other_services.entry(service).or_default() += files;
        }
        *digests += found.digests;
        *insights += found.insights;
        *others += found.others;
        *unselected += found.unselected;
        *empty += found.empty;
        *symbolic_links += found.symbolic_links;
        *special_files += found.special_files;
        self.unaddressable_files += found.unaddressable;
        self.list_requests += found.list_requests;
    }

    pub(super) fn add_outcome(&mut self, outcome: ConvertOutcome) {
        self.records = outcome.totals.records;
        self.rows = outcome.totals.rows;
        self.filtered = outcome.totals.filtered;
        self.duplicates = outcome.totals.duplicates;
        self.rejects = outcome.totals.rejects;
        self.rejects_by_reason = outcome.rejects_by_reason;
        self.excluded = outcome.excluded;
        self.look_alikes = outcome.look_alikes;
        let (frequent, further) = outcome.other_event_sources.most_frequent(NAMED_EVENT_SOURCES);
        self.other_event_sources =
            frequent.into_iter().map(|(name, records)| (name.to_owned(), records)).collect();
        self.further_event_sources = further;
        let look_alike_files: u64 = outcome.look_alike_files.values().sum();
        self.converted_files = outcome.files - outcome.damaged_files - look_alike_files;
        self.look_alike_files = outcome.look_alike_files;
        self.files = outcome.files;
        self.damaged_files = outcome.damaged_files;
        self.known_files = outcome.known_files;
        self.known_damaged_files = outcome.known_damaged_files;
        self.suspicions = outcome.suspicions;
        self.stored_bytes = outcome.stored_bytes;
        self.decompressed_bytes = outcome.decompressed_bytes;
        self.data_files = outcome.data_files;
        self.data_bytes = outcome.data_bytes;
        self.commits = outcome.commits;
    }

    pub(crate) fn exit(&self) -> Exit {
        let losses = self.suspicions.iter().filter(|(suspicion, _)| suspicion.is_loss());
        let lossy_files: u64 = losses.map(|(_, files)| files).sum();
        let refused = self.rejects + self.damaged_files + self.missing_sources + lossy_files;
        if refused == 0 { Exit::Done } else { Exit::Rejects }
    }

    /// Prints the summary for people.
    pub(crate) fn print(&self, home: &str) -> Result<()> {
        console::result(format!(
            "Read {} ({}, {} decompressed) in {:.1} s.",
            count(self.files, "log file"),
            HumanBytes(self.stored_bytes),
            HumanBytes(self.decompressed_bytes),
            self.seconds,
        ))?;
        let skipped = &self.skipped;
        let files = [
            (self.converted_files, "converted"),
            (self.known_files, "already in the dataset"),
            (self.damaged_files, "rejected, see above"),
            (self.known_damaged_files, "rejected before and unchanged (--retry reads them again)"),
            (self.unaddressable_files, "rejected: their names cannot be requested, see above"),
            (skipped.unselected, "skipped: other days, regions or accounts"),
            (skipped.digests, "skipped: digest files, which contain no records"),
            (skipped.insights, "skipped: Insights files, which contain no API calls"),
            (skipped.others, "skipped: not named like log files"),
            (skipped.empty, "skipped: empty and not named like log files"),
            (skipped.symbolic_links, "skipped: symbolic links (--follow-links follows them)"),
            (skipped.special_files, "skipped: not regular files"),
        ];
        line(self.listed_files, "files listed")?;
        for (number, what) in files.into_iter().filter(|(number, _)| *number > 0) {
            line(number, &format!("  {what}"))?;
        }
        let (services, others) = most_frequent(&skipped.other_services, NAMED_SERVICES);
        for (service, number) in services {
            line(number, &format!("  skipped: logs of {service}, not CloudTrail"))?;
        }
        if others > 0 {
            line(others, "  skipped: logs of other services")?;
        }
        for (look_alike, number) in &self.look_alike_files {
            line(*number, &format!("  skipped: {look_alike}"))?;
        }
        if self.records > 0 {
            line(self.records, "records read")?;
            line(self.rows, "  rows written")?;
            line(self.filtered, "  excluded by your filters")?;
            for (look_alike, number) in &self.look_alikes {
                line(*number, &format!("    of which {look_alike}"))?;
            }
            line(self.duplicates, "  duplicates: already in the dataset, or delivered twice")?;
            line(self.rejects, "  rejected, see above")?;
            self.print_why_nothing_is_kept()?;
        }
        console::result(match self.data_files {
            0 => format!("Nothing new to add to {home}."),
            files => format!(
                "Wrote {} ({}) to {home}/{}.",
                count(files, "data file"),
                HumanBytes(self.data_bytes),
                ecstrail_writer::EVENTS,
            ),
        })?;
        Ok(())
    }
}

impl Summary {
    /// Returns why no record was kept; `None` if some were, or if the reason is unknown.
    pub(super) fn why_nothing_is_kept(&self) -> Option<String> {
        if self.rows + self.duplicates > 0 {
            return None;
        }
        let wanted = self.event_sources.iter().cloned().collect::<Vec<_>>().join(", ");
        if self.excluded > 0 {
            let of = if wanted.is_empty() { String::new() } else { format!(" of {wanted}") };
            return Some(format!(
                "No record was kept: --event-name, --exclude-read-only, --from, --until, --region or \
                 --account excluded {}{of}.",
                count(self.excluded, "record"),
            ));
        }
        self.has_other_event_sources().then(|| {
            format!(
                "There are no events of {wanted}, only events of other event sources: add \
                 --event-source NAME to keep those of one, or --event-source all to keep all."
            )
        })
    }

    fn has_other_event_sources(&self) -> bool {
        !self.other_event_sources.is_empty() || self.further_event_sources > 0
    }

    /// Prints why no record was kept, and which event sources the trail has instead.
    fn print_why_nothing_is_kept(&self) -> Result<()> {
        let Some(reason) = self.why_nothing_is_kept() else { return Ok(()) };
        console::result(reason)?;
        if self.excluded > 0 {
            return Ok(());
        }
        let (sources, _) = most_frequent(&self.other_event_sources, NAMED_EVENT_SOURCES);
        for (source, records) in sources {
            line(records, source)?;
        }
        if self.further_event_sources > 0 {
            line(self.further_event_sources, "other event sources, or none")?;
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
