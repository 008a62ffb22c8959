//! What a conversion says on stderr: what was not found, not listed or rejected.

use ecstrail_converter::survey;
use ecstrail_query::printable_line;
use ecstrail_writer::{ConvertCounts, Findings, LastDays, Source};

use crate::{args::ConvertArguments, console, trail::Trail};

/// Reports what was not found, and what the source contains instead.
pub(super) async fn nothing_found(trail: &Trail, arguments: &ConvertArguments) {
    let selection = arguments.selection.selection();
    let mut wanted = String::new();
    for (what, names) in [("account", selection.accounts), ("region", selection.regions)] {
        if !names.is_empty() {
            let joined = names.into_iter().collect::<Vec<_>>().join(", ");
            wanted.extend([" of ", what, " ", &joined]);
        }
    }
    for (what, day) in [("from", selection.from), ("until", selection.until)] {
        wanted.extend(day.map(|day| format!(" {what} {day}")));
    }
    let Source { store, path, base_url, .. } = &trail.source;
    let there_is = survey(&store.objects(), path, base_url).await;
    console::note(format!("no log files{wanted} in {}: {there_is}", trail.text));
}

/// Reports what could not be listed, and returns the number.
pub(super) fn failures(
    trail: &Trail,
    failed: u64,
    failures: Vec<ecstrail_converter::Error>,
) -> u64 {
    let told = failures.len() as u64;
    for failure in failures {
        console::error(&trail.explain(failure));
    }
    if failed > told {
        console::note(format!("and {} more that could not be listed", failed - told));
    }
    failed
}

/// Reports which log files were not listed if `--until` limits the days.
pub(super) fn late_days(arguments: &ConvertArguments) {
    let listed = arguments.selection.until.and_then(|until| {
        until.checked_add_days(chrono::Days::new(arguments.selection.late_days.into()))
    });
    if let (Some(until), Some(listed)) = (arguments.selection.until, listed) {
        console::note(format!(
            "log files delivered after {listed} were not listed: if events of days up to {until} \
             were delivered later, raise --late-days"
        ));
    }
}

/// Reports what is not listed, and returns of which sources something was read before.
pub(super) fn last_days(
    sources: &[Source],
    last_days: &LastDays,
    late_days: u32,
    is_told: bool,
) -> Vec<bool> {
    let folders =
        sources.iter().flat_map(|source| last_days.first_days(&source.base_url, late_days));
    let days: Vec<_> = folders.map(|(_, day)| day).collect();
    if let (true, Some(first), Some(last)) = (is_told, days.iter().min(), days.iter().max()) {
        let days = if first == last { first.to_string() } else { format!("{first} to {last}") };
        console::note(format!(
            "{}: listed from the last day that was converted, less --late-days ({days}); log files \
             delivered before were not looked for",
            console::count(sources.len() as u64, "source"),
        ));
    }
    let was_read = |source: &Source| !last_days.first_days(&source.base_url, late_days).is_empty();
    sources.iter().map(was_read).collect()
}

/// Reports accounts and regions that were not there before.
pub(super) fn new_folders(folders: &[String]) {
    const SHOWN: usize = 20;
    for folder in folders.iter().take(SHOWN) {
        console::note(format!("new, listed from its beginning: {folder}"));
    }
    if folders.len() > SHOWN {
        console::note(format!("and {} more that are new", folders.len() - SHOWN));
    }
}

/// Reports every log file that was rejected or is suspicious, and the first rejected records.
pub(super) fn rejects(counts: &ConvertCounts, findings: &Findings, arguments: &ConvertArguments) {
    use ecstrail_converter::{Error, RejectReason};
    for damaged in &findings.damaged {
        let cause = std::error::Error::source(damaged).map(|cause| format!(": {cause}"));
        console::note(format!("rejected file: {damaged}{}", cause.unwrap_or_default()));
    }
    let further = counts.damaged_files - findings.damaged.len() as u64;
    if further > 0 {
        console::note(format!("and {further} more rejected files"));
    }
    let limits = arguments.limits.limits();
    if findings.damaged.iter().any(|error| matches!(error, Error::Damaged { .. }))
        && !limits.salvage
    {
        console::note("to keep the complete records of damaged files, add --salvage");
    }
    let is_limit = |error: &Error| matches!(error, Error::TooLarge { .. } | Error::TooDense { .. });
    if findings.damaged.iter().any(is_limit) {
        console::note("to read these files again after raising a limit, add --retry");
    }
    for (file, suspicion) in &findings.suspicious {
        console::note(format!("suspicious file: {file}: {suspicion}"));
    }
    let suspicions: u64 = counts.suspicions.values().sum();
    let further = suspicions - findings.suspicious.len() as u64;
    if further > 0 {
        console::note(format!("and {further} more findings in suspicious files"));
    }
    for (url, digest) in &findings.disproved {
        console::note(printable_line(&format!("{url} is not what {digest} says")));
    }
    let further = counts.disproved_files - findings.disproved.len() as u64;
    if further > 0 {
        console::note(format!("and {further} more log files that are not what their digests say"));
    }
    for reject in &findings.rejects {
        console::note(format!("rejected record: {reject}"));
    }
    let further = counts.totals.rejects - findings.rejects.len() as u64;
    if further > 0 {
        console::note(format!("and {further} more rejected records"));
    }
    if counts.rejects_by_reason.contains_key(&RejectReason::TooManyPartitions) {
        console::note(
            "if the log files are correct, raise --max-partitions and add --reread to convert \
             these records",
        );
    }
    if counts.totals.rejects > 0 {
        for file in &findings.quarantine {
            let home = &arguments.to;
            console::note(format!(
                "rejected records are saved in {home}/{file} (the first 1,000 per log file), which \
                 convert reads like a log file"
            ));
        }
    }
}
