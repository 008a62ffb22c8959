//! A trail of any size: its keys are computed from their index.

use chrono::{Days, NaiveDate};

/// The folders of an account, in the order of their keys.
const SERVICES: [&str; 3] = ["CloudTrail-Digest", "CloudTrail", "elasticloadbalancing"];

/// A day, and its spellings in a folder and in a name.
#[derive(Debug, Clone)]
struct Day(NaiveDate, String, String);

/// A trail that delivers a fixed number of files per day, account and region.
#[derive(Debug, Clone)]
pub(crate) struct Trail {
    /// What its keys begin with: `logs/AWSLogs/o-exampleorg/`.
    prefix: String,
    accounts: Vec<String>,
    regions: Vec<&'static str>,
    days: Vec<Day>,
    files_a_day: usize,
}

impl Trail {
    pub(crate) fn new(
        prefix: &str,
        accounts: usize,
        regions: &[&'static str],
        first_day: &str,
        days: u64,
    ) -> Self {
        let first_day: NaiveDate = first_day.parse().unwrap();
        Self {
            prefix: prefix.to_owned(),
            accounts: (0..accounts).map(|number| format!("{:012}", 100 + number)).collect(),
            regions: regions.to_vec(),
            days: (0..days)
                .map(|day| first_day + Days::new(day))
                .map(|day| {
                    Day(day, day.format("%Y/%m/%d").to_string(), day.format("%Y%m%d").to_string())
                })
                .collect(),
            files_a_day: 1,
        }
    }

    pub(crate) fn with_files_a_day(self, files_a_day: usize) -> Self {
        Self { files_a_day, ..self }
    }

    /// Files of all services.
    pub(crate) fn files(&self) -> usize {
        self.accounts.len() * SERVICES.len() * self.files_of_a_service()
    }

    fn files_of_a_service(&self) -> usize {
        self.regions.len() * self.days.len() * self.files_a_day
    }

    pub(crate) fn key(&self, index: usize) -> String {
        let (index, number) = (index / self.files_a_day, index % self.files_a_day);
        let (index, day) = (index / self.days.len(), &self.days[index % self.days.len()]);
        let (index, region) =
            (index / self.regions.len(), self.regions[index % self.regions.len()]);
        let (account, service) =
            (&self.accounts[index / SERVICES.len()], SERVICES[index % SERVICES.len()]);
        self.spell(account, service, region, day, number)
    }

    fn spell(
        &self,
        account: &str,
        service: &str,
        region: &str,
        Day(_, folder, name): &Day,
        number: usize,
    ) -> String {
        let prefix = &self.prefix;
        format!(
            "{prefix}{account}/{service}/{region}/{folder}/\
             {account}_{service}_{region}_{name}T0005Z_{number:016}.json.gz"
        )
    }

    /// Returns the index of the first key after `key`.
    pub(crate) fn index_after(&self, key: &str) -> usize {
        let (mut low, mut high) = (0, self.files());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.key(middle).as_str() <= key { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Returns the keys of log files that are of these accounts, regions and days of delivery; an
    /// empty list takes all.
    pub(crate) fn log_files(
        &self,
        accounts: &[&str],
        regions: &[&str],
        is_day: impl Fn(NaiveDate) -> bool,
    ) -> Vec<String> {
        let mut keys = Vec::new();
        for account in &self.accounts {
            for region in &self.regions {
                let is_account = accounts.is_empty() || accounts.contains(&account.as_str());
                if !is_account || !(regions.is_empty() || regions.contains(region)) {
                    continue;
                }
                for day in self.days.iter().filter(|day| is_day(day.0)) {
                    let numbers = 0..self.files_a_day;
                    keys.extend(
                        numbers
                            .map(|number| self.spell(account, "CloudTrail", region, day, number)),
                    );
                }
            }
        }
        keys
    }
}
