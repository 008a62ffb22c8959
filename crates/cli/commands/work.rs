//! The work of a query in words: `--explain`.

use std::{cmp::Reverse, time::Duration};

use ecstrail_query::{Parts, Session, Stage, Work};
use indicatif::{HumanBytes, HumanCount};

/// Stages that take less are not worth a word.
const SHORTEST: Duration = Duration::from_micros(500);

/// Returns a line for each thing that is known of a query.
pub(crate) fn in_words(work: &Work, session: &Session) -> Vec<String> {
    let files = &session.snapshot().files;
    let (files, bytes) = (files.len() as u64, files.iter().map(|file| file.bytes).sum());
    let mut lines = Vec::new();
    let mut line = |name: &str, value: String| lines.push(format!("{name:<12}{value}"));
    if work.scans == 0 {
        line("data files", format!("none of {} needed", HumanCount(files)));
    } else {
        line("data files", data_files(work, files));
        line("row groups", row_groups(work));
        if work.pages != Parts::default() {
            line("pages", format!("{}, by page indexes", parts(work.pages)));
        }
        if work.file_parts.pruned > 0 {
            let skipped = HumanCount(work.file_parts.pruned);
            line("later on", format!("{skipped} parts of data files skipped while the query ran"));
        }
        let (read, planned) = (HumanBytes(work.bytes), HumanBytes(work.file_bytes));
        line(
            "bytes",
            format!("{read} read, of {planned} in these files and {} in all", HumanBytes(bytes)),
        );
        line("rows", rows(work));
    }
    if work.spilled_bytes > 0 {
        line("on disk", format!("{}, since memory was short", HumanBytes(work.spilled_bytes)));
    }
    let running = work.total.saturating_sub(work.until_started);
    line("time", format!("{} to plan, {} to run", time(work.until_started), time(running)));
    let stages = stages(work);
    if !stages.is_empty() {
        line("CPU time", stages.join(", "));
    }
    lines
}

fn data_files(work: &Work, files: u64) -> String {
    let ruled_out = (work.files < files).then_some(
        ", the others ruled out by the log's days, Regions, times and names, or by LIMIT",
    );
    let scans = (work.scans > 1).then(|| format!("; {} scans", work.scans));
    let (ruled_out, scans) = (ruled_out.unwrap_or_default(), scans.unwrap_or_default());
    // LIMIT may end a query before it has read them all.
    format!("{} of {} needed{ruled_out}{scans}", HumanCount(work.files), HumanCount(files))
}

fn row_groups(work: &Work) -> String {
    let (bounds, filters) = (work.row_groups.pruned, work.filtered_row_groups.pruned);
    let read = work.row_groups.read.saturating_sub(filters);
    let reasons = [(bounds, "their bounds"), (filters, "bloom filters")];
    let reasons = reasons.iter().filter(|(ruled_out, _)| *ruled_out > 0);
    let reasons: Vec<String> = reasons
        .map(|(ruled_out, by)| format!(", {} ruled out by {by}", HumanCount(*ruled_out)))
        .collect();
    format!("{}{}", parts(Parts { read, pruned: bounds + filters }), reasons.concat())
}

fn parts(parts: Parts) -> String {
    format!("{} of {} read", HumanCount(parts.read), HumanCount(parts.read + parts.pruned))
}

fn rows(work: &Work) -> String {
    let left_out = (work.rows_left_out > 0)
        .then(|| format!(", {} more looked at and left out", HumanCount(work.rows_left_out)));
    format!("{} from data files{}", HumanCount(work.rows), left_out.unwrap_or_default())
}

fn stages(work: &Work) -> Vec<String> {
    let mut stages: Vec<_> = work.stages.iter().filter(|(_, took)| **took >= SHORTEST).collect();
    stages.sort_by_key(|(_, took)| Reverse(**took));
    let words = |(stage, took): (&Stage, &Duration)| {
        let stage = match stage {
            Stage::Reading => "reading",
            Stage::Filtering => "conditions and expressions",
            Stage::Joining => "joins",
            Stage::Grouping => "grouping",
            Stage::Sorting => "sorting",
            Stage::Windows => "window functions",
            Stage::Other => "everything else",
        };
        format!("{stage} {}", time(*took))
    };
    stages.into_iter().map(words).collect()
}

fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1000.0) } else { format!("{seconds:.2} s") }
}
