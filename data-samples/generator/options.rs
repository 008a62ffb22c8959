//! The command line.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use chrono::NaiveDate;
use clap::Parser;

use crate::calendar::{DAY, start_of};
use crate::json::{Json, object};
use crate::places::{MOST_ACCOUNTS, REGIONS};

/// Writes a CloudTrail trail of Amazon ECS and its neighbours: made up, but true to life in sizes,
/// shapes and stories.
///
/// The same options give the same bytes on every run and every machine. Next to the log files
/// stand manifest.json (what a reader of the trail has to find, counted from the plan) and stories.jsonl
/// (what happened, event by event).
#[derive(Parser)]
#[command(name = "generate", max_term_width = 100)]
pub(crate) struct Options {
    /// Folder to write to; made if absent, refused if not empty
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: PathBuf,
    /// Number of unique records, exactly
    #[arg(long, default_value_t = 10_000)]
    pub(crate) events: u64,
    /// Number of accounts
    #[arg(long, default_value_t = 2)]
    pub(crate) accounts: usize,
    /// Number of regions that each account works in; stories stray into one more
    #[arg(long, default_value_t = 2)]
    pub(crate) regions: usize,
    /// First day, in UTC
    #[arg(long, value_name = "DATE", default_value = "2026-04-26")]
    pub(crate) from: NaiveDate,
    /// Number of days
    #[arg(long, default_value_t = 3)]
    pub(crate) days: i64,
    /// Share of records that are of ECS, 0 to 1; the rest are of its neighbours
    #[arg(long, value_name = "SHARE", default_value = "0.1", value_parser = per_million)]
    pub(crate) ecs_share: u64,
    /// Share of records delivered a second time, byte for byte, in another file, 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0.01", value_parser = per_million)]
    pub(crate) duplicates: u64,
    /// Seed of everything that is left to chance
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Organization id, a level of the path above the account, such as o-exampleorgid
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
}

/// Shares are kept as whole numbers, so that no machine rounds them differently.
pub(crate) const MILLION: u64 = 1_000_000;

fn per_million(text: &str) -> Result<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    ensure!(fraction.len() <= 6, "at most 6 digits after the point");
    let share = whole.parse::<u64>()? * MILLION + format!("{fraction:0<6}").parse::<u64>()?;
    ensure!(share <= MILLION, "not between 0 and 1");
    Ok(share)
}

impl Options {
    /// Refuses what cannot be generated.
    pub(crate) fn check(&self) -> Result<()> {
        if self.to.exists() && self.to.read_dir()?.next().is_some() {
            bail!("{} is not empty", self.to.display());
        }
        ensure!((1..=MOST_ACCOUNTS).contains(&self.accounts), "1 to {MOST_ACCOUNTS} accounts");
        ensure!((1..=REGIONS.len()).contains(&self.regions), "1 to {} regions", REGIONS.len());
        ensure!((1..=3660).contains(&self.days), "1 to 3660 days");
        let safe = self.organization.as_deref().unwrap_or_default();
        ensure!(
            safe.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
            "an organization id has letters, digits and hyphens"
        );
        Ok(())
    }

    /// Returns the first second of the trail and the first after it.
    pub(crate) fn span(&self) -> (i64, i64) {
        let start = start_of(self.from);
        (start, start + self.days * DAY)
    }

    /// Returns the number of unique records of ECS.
    pub(crate) fn ecs_events(&self) -> u64 {
        let exact = u128::from(self.events) * u128::from(self.ecs_share);
        let rounded = (exact + u128::from(MILLION / 2)) / u128::from(MILLION);
        u64::try_from(rounded).unwrap_or(self.events)
    }

    /// Returns the options as the manifest tells them.
    pub(crate) fn told(&self) -> Json {
        let share = |millionths: u64| {
            Json::verbatim(format!("{}.{:06}", millionths / MILLION, millionths % MILLION))
        };
        object! {
            "events": self.events,
            "accounts": self.accounts,
            "regions": self.regions,
            "from": self.from.to_string(),
            "days": self.days,
            "ecs_share": share(self.ecs_share),
            "duplicates": share(self.duplicates),
            "seed": self.seed,
            "organization": self.organization,
        }
    }
}
