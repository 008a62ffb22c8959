//! `ecstrail repair`: takes lost or damaged data files out of a dataset.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use ecstrail_query::printable_line;
use ecstrail_writer::{EVENTS, Finding, FindingKind, RepairPlan, VerifyOptions, plan_repair};
use serde::Serialize;

use crate::{
    args::{RepairArguments, SummaryFormat},
    bucket::S3,
    commands::{rows, verify, writing::Home},
    console::{self, count},
    exit::Exit,
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
    /// Paths of files with problems that are not repaired.
    not_repaired: Vec<String>,
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
    let summary = RepairSummary::of(&plan, commit, &damage, arguments.dry_run);
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
