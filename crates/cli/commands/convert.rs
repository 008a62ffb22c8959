//! `ecstrail convert`: opens the sources and the dataset, converts, and reports the outcome of
//! every record.

use std::{path::Path, sync::Arc, time::Instant};

use anyhow::{Result, bail};
use ecstrail_writer::{
    CompactOptions, ConvertOptions, LastDays, Listing, Progress, Source, SourceOutcome, preview,
};

use crate::{
    args::{ConvertArguments, SelectionArguments, SummaryFormat},
    bucket::S3,
    clock,
    commands::{
        compact::{self, CompactSummary},
        table,
        writing::Home,
    },
    console::{self, ProgressView},
    destination,
    exit::{Exit, UsageError},
    leaving,
    location::OpenLocation,
    overlap,
    trail::{Opening, Trail},
};

mod digests;
mod follow;
mod notes;
mod plan;
mod summary;

pub(crate) use summary::ConvertSummary;

pub(crate) async fn run(arguments: ConvertArguments) -> Result<Exit> {
    if arguments.shard.is_some() {
        check_shard(&arguments)?;
    }
    if arguments.dry_run {
        return show_plan(&arguments).await;
    }
    if let Some(interval) = arguments.regular.follow {
        if arguments.sources.iter().any(|source| source == "-") {
            let problem = "standard input cannot be followed: give a folder or s3://BUCKET/PREFIX";
            return Err(UsageError(problem.to_owned()).into());
        }
        return follow::run(&arguments, interval).await;
    }
    let summary = convert(&arguments).await?;
    match arguments.format {
        SummaryFormat::Json => {
            console::json(&summary)?;
            if let Some(reason) = summary.why_nothing_is_kept() {
                console::note(reason);
            }
        }
        SummaryFormat::Text => summary.print(&arguments.to)?,
    }
    Ok(summary.exit())
}

/// Checks that nothing is asked of a shard that only a run can do which reads all log files.
fn check_shard(arguments: &ConvertArguments) -> Result<(), UsageError> {
    let is_regular = arguments.regular.since_last();
    let is_stdin = arguments.sources.iter().any(|source| source == "-");
    let problems = [
        (is_stdin, "standard input has no shards: give a folder or s3://BUCKET/PREFIX"),
        (
            is_regular,
            "--shard cannot be used with --since-last or --follow: no shard reads all log files of a \
             day. Convert what is new in one run without --shard",
        ),
        (
            arguments.regular.compact,
            "--shard cannot be used with --compact: run `ecstrail compact` once all shards have ended",
        ),
        (
            arguments.digests.verify,
            "--shard cannot be used with --verify: run `ecstrail verify TRAIL` once for all shards",
        ),
        (
            arguments.writing.single_writer,
            "--shard cannot be used with --single-writer: shards write at the same time. Use a bucket \
             that supports conditional writes, or a single run without --shard",
        ),
    ];
    match problems.into_iter().find(|(is_so, _)| *is_so) {
        Some((_, problem)) => Err(UsageError(problem.to_owned())),
        None => Ok(()),
    }
}

/// Converts, and reports on stderr what was rejected.
pub(crate) async fn convert(arguments: &ConvertArguments) -> Result<ConvertSummary> {
    let started = Instant::now();
    let mut summary = ConvertSummary::new(&arguments.selection.selection());
    let proof = digests::options(arguments)?;
    let s3 = S3::new(arguments.s3.clone());
    let trails = open_trails(arguments, &s3, &mut summary).await?;
    overlap::check(&trails, &arguments.to, &s3).await?;
    let last_days = last_days(arguments, &s3).await?;
    let read_before = last_days.clone();
    let (trails, listing) = begin(trails, last_days, arguments, &mut summary).await?;
    let home = match arguments.shard {
        Some(_) => Home::shared(&arguments.to, &s3, &arguments.writing).await?,
        None => Home::open(&arguments.to, &s3, &arguments.writing).await?,
    };
    if home.recovery.published > 0 {
        let commits = console::count(home.recovery.published, "interrupted commit");
        console::note(format!("published {commits}"));
    }
    if home.recovery.delta_commits > 0 {
        let commits = console::count(home.recovery.delta_commits, "missing commit");
        console::note(format!("wrote {commits} of the Delta log"));
    }
    table::begin(&home, &arguments.to, arguments.table_format).await?;
    let scratch = home.scratch(arguments.scratch.as_deref())?;
    let mut options = options(arguments, scratch.path());
    let progress = Arc::new(Progress::default());
    leaving::cancels(Arc::clone(&progress));
    if let Some(proof) = proof {
        let late_days = arguments.selection.late_days;
        let (verified, named) =
            digests::verify(&trails, &read_before, late_days, &proof, &progress).await?;
        summary.verification = Some(verified);
        options.named = Some(Arc::new(named));
    }
    let view = ProgressView::begin(Arc::clone(&progress));
    let outcome = home.dataset.convert_listing(listing, &options, &progress).await;
    drop(view);
    let mut outcome = outcome.map_err(|error| home.explain(error))?;
    notes::rejects(&outcome.counts, &outcome.findings, arguments);
    if let Some(failure) = &outcome.checkpoint_failure {
        let failure = console::with_sources(failure);
        console::note(format!(
            "could not write a checkpoint of the log (the next run tries again): \
             {failure}"
        ));
    }
    for (trail, source) in trails.iter().zip(&mut outcome.sources) {
        let SourceOutcome { found, failed, failures } = std::mem::take(source);
        summary.add_source(found);
        summary.missing_sources += notes::failures(trail, failed, failures);
    }
    summary.counts = outcome.counts;
    notes::new_folders(&outcome.new_folders);
    summary.new_folders = arguments.regular.since_last().then_some(outcome.new_folders);
    notes::late_days(arguments);
    if arguments.regular.compact {
        summary.compacted = Some(compact(&home, arguments).await?);
    }
    summary.seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    Ok(summary)
}

/// Shows what would be read.
async fn show_plan(arguments: &ConvertArguments) -> Result<Exit> {
    let mut summary = ConvertSummary::default();
    let s3 = S3::new(arguments.s3.clone());
    let trails = open_trails(arguments, &s3, &mut summary).await?;
    overlap::check(&trails, &arguments.to, &s3).await?;
    let sources: Vec<Source> = trails.iter().map(|trail| trail.source.clone()).collect();
    let home = OpenLocation::dataset(&arguments.to, &s3).await?;
    let dataset = home.as_ref().map(OpenLocation::objects);
    let progress = Arc::new(Progress::default());
    let view = ProgressView::begin(Arc::clone(&progress));
    let mut preview =
        preview(&sources, &options(arguments, Path::new("")), dataset.as_ref(), &progress).await?;
    drop(view);
    let mut missing = summary.missing_sources;
    for (trail, source) in trails.iter().zip(std::mem::take(&mut preview.sources)) {
        missing += notes::failures(trail, source.failed, source.failures);
        if source.found.log_files == 0 {
            notes::nothing_found(trail, arguments).await;
            missing += 1;
        }
    }
    notes::late_days(arguments);
    match arguments.format {
        SummaryFormat::Json => console::json(&preview)?,
        SummaryFormat::Text => plan::print(&preview)?,
    }
    Ok(match (preview.found.log_files, missing) {
        (0, _) => Exit::Failed,
        (_, 0) => Exit::Done,
        _ => Exit::Rejects,
    })
}

/// Opens all sources, after checking that their names do not conflict. A missing source is reported
/// and counted, unless it is the only one.
async fn open_trails(
    arguments: &ConvertArguments,
    s3: &S3,
    summary: &mut ConvertSummary,
) -> Result<Vec<Trail>> {
    overlap::check_names(&arguments.sources, &arguments.to)?;
    if let Some(folder) = &arguments.scratch {
        destination::check_folder("--scratch", folder)?;
    }
    let (follow_links, scratch) = (arguments.selection.follow_links, arguments.scratch.as_deref());
    let opening = Opening { s3, follow_links, scratch };
    let mut trails = Vec::new();
    for text in &arguments.sources {
        match opening.open(text).await {
            Ok(trail) => trails.push(trail),
            Err(error) if arguments.sources.len() > 1 => {
                console::error(&error);
                summary.missing_sources += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(trails)
}

/// Looks for a first log file in each source, before a dataset is made. A source without log files
/// is reported and counted; the others are converted.
async fn begin(
    trails: Vec<Trail>,
    last_days: LastDays,
    arguments: &ConvertArguments,
    summary: &mut ConvertSummary,
) -> Result<(Vec<Trail>, Listing)> {
    let sources: Vec<_> = trails.iter().map(|trail| trail.source.clone()).collect();
    let SelectionArguments { late_days, .. } = arguments.selection;
    let is_told = arguments.regular.follow.is_none();
    let was_read = notes::last_days(&sources, &last_days, late_days, is_told);
    let mut listing =
        Listing::new(sources, arguments.selection.selection(), late_days).since(last_days);
    let mut is_found = false;
    for (number, trail) in trails.iter().enumerate() {
        if listing.begin(number).await {
            is_found = true;
        } else if !listing.has_failures(number) {
            // Where something was read before, the log files of the last day should be there still.
            notes::nothing_found(trail, arguments).await;
            summary.missing_sources += 1;
            is_found |= was_read[number];
        }
    }
    if is_found {
        return Ok((trails, listing));
    }
    for (number, failure) in listing.into_failures() {
        console::error(&trails[number].explain(failure));
    }
    bail!("nothing to convert: give the folder that contains AWSLogs, or a folder below it");
}

fn options(arguments: &ConvertArguments, scratch: &Path) -> ConvertOptions {
    let mut options = ConvertOptions::new(scratch.to_owned());
    options.selection = arguments.selection.selection();
    options.late_days = arguments.selection.late_days;
    options.shard = arguments.shard;
    options.since_last = arguments.regular.since_last();
    options.threads = arguments.threads.threads;
    options.memory_bytes = arguments.memory;
    options.commit_bytes = arguments.commit_every;
    options.retry = arguments.retry;
    options.reread = arguments.reread;
    options.limits = arguments.limits.limits();
    options.most_partitions = arguments.limits.max_partitions;
    options.most_rejects = arguments.limits.max_rejects;
    options
}

/// Returns up to which days the trails were read, if only what may be new is wanted.
async fn last_days(arguments: &ConvertArguments, s3: &S3) -> Result<LastDays> {
    if !arguments.regular.since_last() {
        return Ok(LastDays::default());
    }
    let Some(home) = OpenLocation::dataset(&arguments.to, s3).await? else {
        return Ok(LastDays::default());
    };
    let last_days = LastDays::read(&home.objects(), &arguments.selection.selection()).await;
    last_days.map_err(|error| home.explain(error))
}

/// Merges the small data files of days that are over.
async fn compact(home: &Home, arguments: &ConvertArguments) -> Result<CompactSummary> {
    let days = chrono::Days::new(u64::from(arguments.selection.late_days) + 1);
    let options = CompactOptions {
        until: clock::today().checked_sub_days(days),
        memory_bytes: arguments.memory,
        threads: arguments.threads.threads,
        ..CompactOptions::default()
    };
    compact::merge(home, &options).await
}
