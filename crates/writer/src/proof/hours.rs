//! When log files and digests of a trail were delivered, hour by hour.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use ecstrail_converter::{DigestName, KeyName, delivery_time};

use crate::{
    error::Result,
    log::{commit_log::Log, ledger::for_each_ledger_input},
    proof::converted::key,
    storage::Objects,
};

/// Seconds of an hour.
const HOUR: i64 = 3600;

/// What was delivered in one hour, by the names of the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hour {
    /// Log files that were converted.
    pub converted: u64,
    /// Log files in the trail that were not.
    pub unconverted: u64,
    /// Log files that were converted, and are not in the trail any more.
    pub vanished: u64,
    /// Digests that name the log files of this hour. They are written for every hour, also for one
    /// without log files.
    pub digests: u64,
}

/// Account and region, and what was delivered of them, by hours since 1970-01-01T00:00:00Z. Hours in
/// which nothing was are missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours(pub BTreeMap<(String, String), BTreeMap<i64, Hour>>);

impl Hours {
    /// Returns the hours in which the log files of a dataset were delivered. Reads its whole ledger.
    ///
    /// # Errors
    /// Errors of the log.
    pub async fn read(objects: &Objects) -> Result<Self> {
        let log = Log::read_whole(objects).await?;
        let mut hours = Self::default();
        let mut counted = HashSet::new();
        for entry in &log.entries {
            let Some(file) = &entry.ledger else { continue };
            for_each_ledger_input(objects, file, |input| {
                if counted.insert(key(&input.url))
                    && let Some(hour) = hours.of_log_file(&input.url)
                {
                    hour.converted += 1;
                }
            })
            .await?;
        }
        Ok(hours)
    }

    /// The hour of a log file, by its name.
    pub(super) fn of_log_file(&mut self, path: &str) -> Option<&mut Hour> {
        let name = KeyName::parse(path)?;
        let delivered = delivery_time(path)?;
        Some(self.at(name.account, name.region, delivered))
    }

    /// Adds a digest.
    pub(super) fn add_digest(&mut self, name: &DigestName) {
        let hour = name.end.timestamp().div_euclid(HOUR) - 1;
        let scope = (name.chain.account.clone(), name.chain.region.clone());
        self.0.entry(scope).or_default().entry(hour).or_default().digests += 1;
    }

    fn at(&mut self, account: &str, region: &str, time: DateTime<Utc>) -> &mut Hour {
        let scope = (account.to_owned(), region.to_owned());
        let hour = time.timestamp().div_euclid(HOUR);
        self.0.entry(scope).or_default().entry(hour).or_default()
    }
}
