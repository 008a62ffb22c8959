//! `ecstrail demo`: converts the built-in samples and runs reports on them, so that a newcomer sees
//! the whole workflow within seconds.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use clap::Parser;
use ecstrail_writer::read_regular_file;
use include_dir::{Dir, include_dir};

use crate::{
    args::{self, Command, DemoArguments},
    commands::{convert, report},
    config::Config,
    console, destination,
    exit::Exit,
};

static SAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data-samples/trail");

/// What cannot be converted in the samples: two records and a truncated file.
const EXPECTED_REJECTS: u64 = 2;
const EXPECTED_DAMAGED_FILES: u64 = 1;

pub(crate) async fn run(arguments: DemoArguments) -> Result<Exit> {
    destination::check_folder("--to", &arguments.to)?;
    let trail = arguments.to.join("trail");
    let dataset = arguments.to.join("dataset").display().to_string();
    write_samples(&SAMPLES, &trail)?;
    let trail = trail.display().to_string();
    say("Converting a small sample trail, with some files damaged on purpose:")?;
    let command = parse(&["convert", &trail, "--to", &dataset])?;
    let Command::Convert(convert_arguments) = command else { return Ok(Exit::Failed) };
    let summary = convert::convert(&convert_arguments).await?;
    summary.print(&dataset)?;
    for report in ["activity-by-day", "deployments", "denied-calls"] {
        say("")?;
        let command = parse(&["report", report, "--dataset", &dataset])?;
        let Command::Report(mut report_arguments) = command else { return Ok(Exit::Failed) };
        report_arguments.output.no_pager = true;
        Box::pin(report::run(report_arguments, &Config::default())).await?;
    }
    say("")?;
    say("Next, try your own trail:")?;
    for line in [
        "ecstrail convert FOLDER-WITH-AWSLogs --to my-dataset".to_owned(),
        "ecstrail report deployments --dataset my-dataset --service checkout".to_owned(),
        "ecstrail report                       (lists the reports)".to_owned(),
        format!(
            "ecstrail query \"SELECT channel, count(*) FROM events GROUP BY channel\" -d {dataset}"
        ),
    ] {
        console::result(format!("  {line}"))?;
    }
    let is_new = summary.counts.files > 0;
    let rejects = (summary.counts.totals.rejects, summary.counts.damaged_files);
    if is_new && rejects != (EXPECTED_REJECTS, EXPECTED_DAMAGED_FILES) {
        console::note(
            "the samples were not converted as expected: rerun the command with --to and \
                       an empty folder",
        );
        return Ok(Exit::Rejects);
    }
    Ok(Exit::Done)
}

/// Reads a command as if it had been typed, and shows it.
fn parse(words: &[&str]) -> Result<Command> {
    say(&format!("$ ecstrail {}", words.join(" ")))?;
    Ok(args::Arguments::try_parse_from(["ecstrail"].iter().chain(words))?.command)
}

fn say(line: &str) -> Result<()> {
    Ok(console::result(line)?)
}

/// Writes the samples, leaving files alone that are there already.
fn write_samples(samples: &Dir<'_>, folder: &Path) -> Result<()> {
    for file in samples.files() {
        let path = folder.join(file.path());
        let found = fs::symlink_metadata(&path);
        if found.as_ref().is_ok_and(|found| !found.is_file()) {
            bail!("{} exists and is not a file: give another folder with --to", path.display());
        }
        let most = file.contents().len() as u64;
        if read_regular_file(&path, most).is_ok_and(|found| found == file.contents()) {
            continue;
        }
        let cannot = || format!("cannot write {}", path.display());
        fs::create_dir_all(path.parent().unwrap_or(folder)).with_context(cannot)?;
        fs::write(&path, file.contents()).with_context(cannot)?;
    }
    samples.dirs().try_for_each(|samples| write_samples(samples, folder))
}
