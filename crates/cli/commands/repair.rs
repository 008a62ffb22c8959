//! `ecstrail repair`: takes lost or damaged data files out of a dataset.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::{Result, bail};
use ecstrail_query::printable_line;
use ecstrail_writer::{
    EVENTS, Finding, FindingKind, Objects, Progress, RepairPlan, Returning, VerifyOptions,
    look_for_inputs, plan_repair,
};
use serde::Serialize;

use crate::{
    args::{RepairArguments, SummaryFormat},
    bucket::S3,
    commands::{rows, verify, writing::Home},
    console::{self, ProgressView, count},
    exit::Exit,
    leaving,
    trail::Opening,
};

/// What was done, or would be, for programs. Documented in the reference.
#[derive(Debug, Serialize)]
struct RepairSummary {
    dry_run: bool,
    files: Vec<String>,
    rows: u64,
    forgotten_commits: Vec<u64>,
    forgotten_log_files: u64,
    lost_ledgers: Vec<String>,
    commit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<SourceSummary>,
    /// Paths of files with problems that are not repaired.
    not_repaired: Vec<String>,
}

/// What the trail still has of the log files that are forgotten.
#[derive(Debug, Serialize)]
struct SourceSummary {
    there: u64,
    gone: u64,
    first_gone: Vec<String>,
    rows_of_gone: u64,
    elsewhere: u64,
}

pub(crate) async fn run(arguments: RepairArguments) -> Result<Exit> {
    let s3 = S3::new(arguments.home.s3.clone());
    let location = rows::open_location(&arguments.home.dataset, &s3).await?;
    let options = VerifyOptions { records: false, threads: arguments.threads.threads };
    let explained =
        async |error| rows::explain(&location, &arguments.home.dataset, &s3, error).await;
    let damage = match verify::verified(&location, &options).await {
        Ok(verification) => Damage::of(verification.findings)?,
        Err(error) => return Err(explained(error).await),
    };
    let (plan, commit) = if arguments.dry_run || damage.files.is_empty() {
        match plan_repair(&location.objects(), &damage.files).await {
            Ok(plan) => (plan, None),
            Err(error) => return Err(explained(error).await),
        }
    } else {
        let home = Home::existing(&arguments.home).await?;
        home.dataset.repair(&damage.files).await.map_err(|error| home.explain(error))?
    };
    for finding in &damage.others {
        console::note(format!("not repaired: {}", verify::line(finding)));
    }
    let mut summary = RepairSummary::of(&plan, commit, &damage, arguments.dry_run);
    if let Some(source) = &arguments.source {
        summary.source = Some(look_for(source, &s3, &location.objects(), &plan).await?);
    }
    match arguments.home.format {
        SummaryFormat::Json => console::json(&summary)?,
        SummaryFormat::Text => console::result(summary.text())?,
    }
    for ledger in &plan.lost_ledgers {
        console::note(format!(
            "{} is lost or damaged as well: to bring all rows back, convert with --reread",
            printable_line(ledger)
        ));
    }
    let is_left = !damage.others.is_empty() || (arguments.dry_run && !plan.files.is_empty());
    Ok(if is_left { Exit::Threshold } else { Exit::Done })
}

/// Looks whether a trail still has the log files that are forgotten.
async fn look_for(
    text: &str,
    s3: &S3,
    objects: &Objects,
    plan: &RepairPlan,
) -> Result<SourceSummary> {
    let trail = Opening { s3, follow_links: false, scratch: None }.open(text).await?.whole()?;
    let progress = Arc::new(Progress::default());
    leaving::cancels(Arc::clone(&progress));
    let _view = ProgressView::begin(Arc::clone(&progress));
    let found = look_for_inputs(&trail.source, objects, &plan.forgets, &progress).await;
    let Returning { there, gone, first_gone, rows_of_gone, elsewhere } =
        found.map_err(|error| trail.explain(error))?;
    Ok(SourceSummary { there, gone, first_gone, rows_of_gone, elsewhere })
}

/// What is wrong with a dataset.
struct Damage {
    /// Data files that are lost or are not what was committed.
    files: BTreeSet<String>,
    others: Vec<Finding>,
}

impl Damage {
    /// # Errors
    /// If a data file cannot be read: it may be whole, and nothing is thrown away because a disk or
    /// a network fails.
    fn of(findings: Vec<Finding>) -> Result<Self> {
        let is_data = |finding: &Finding| finding.path.starts_with(EVENTS);
        let unreadable = |finding: &&Finding| finding.kind == FindingKind::Unreadable;
        if let Some(finding) = findings.iter().filter(unreadable).find(|finding| is_data(finding)) {
            let problem = verify::line(finding);
            bail!("{problem}. Nothing was changed: repeat the command once it can be read");
        }
        let is_lost = |finding: &Finding| {
            matches!(finding.kind, FindingKind::Missing | FindingKind::Changed) && is_data(finding)
        };
        let (lost, others): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_lost);
        Ok(Self { files: lost.into_iter().map(|finding| finding.path).collect(), others })
    }
}

impl RepairSummary {
    fn of(plan: &RepairPlan, commit: Option<u64>, damage: &Damage, dry_run: bool) -> Self {
        Self {
            dry_run,
            files: plan.files.iter().map(|file| file.path.clone()).collect(),
            rows: plan.rows(),
            forgotten_commits: plan.forgets.clone(),
            forgotten_log_files: plan.inputs,
            lost_ledgers: plan.lost_ledgers.clone(),
            commit,
            source: None,
            not_repaired: damage.others.iter().map(|finding| finding.path.clone()).collect(),
        }
    }

    fn text(&self) -> String {
        if self.files.is_empty() {
            return "No data file is lost or damaged.".to_owned();
        }
        let (took, forgot) =
            if self.dry_run { ("Would take", "Would forget") } else { ("Took", "Forgot") };
        let mut lines = vec![format!(
            "{took} {} with {} out of the dataset:",
            count(self.files.len() as u64, "data file"),
            count(self.rows, "row"),
        )];
        lines.extend(self.files.iter().map(|path| format!("  {}", printable_line(path))));
        lines.push(format!("{forgot} {}.", count(self.forgotten_log_files, "log file")));
        match &self.source {
            Some(source) => lines.extend(source.lines()),
            None => lines.push(
                "Whether the trail still has them was not checked: give --source TRAIL.".to_owned(),
            ),
        }
        lines.push(if self.dry_run {
            "Nothing was changed.".to_owned()
        } else {
            "Convert the same trails again to bring the rows back. Rows that are there are not added \
             again."
                .to_owned()
        });
        lines.join("\n")
    }
}

impl SourceSummary {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "The trail still has {} that rows were made of.",
            count(self.there, "log file"),
        )];
        if self.gone > 0 {
            lines.push(format!(
                "{} gone from it, with {} that do not come back if they were in these data files:",
                count(self.gone, "log file"),
                count(self.rows_of_gone, "row"),
            ));
            lines.extend(self.first_gone.iter().map(|url| format!("  {}", printable_line(url))));
            let further = self.gone - self.first_gone.len() as u64;
            if further > 0 {
                lines.push(format!("  and {further} more"));
            }
        }
        if self.elsewhere > 0 {
            lines.push(format!("{} are of other trails.", count(self.elsewhere, "log file")));
        }
        lines
    }
}
