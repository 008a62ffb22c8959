//! What a source was found to hold, counted.

use std::{collections::BTreeMap, ops::AddAssign};

use serde::Serialize;

/// Other services that are counted by their names.
const NAMED_SERVICES: usize = 100;

/// What a source was found to hold. Each entry that was listed is counted once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Discovered {
    /// Log files to convert.
    pub log_files: u64,
    /// Digest files, which hold no records.
    pub digests: u64,
    /// Insights files, which hold no API calls.
    pub insights: u64,
    /// Files that are surely something else, by their names.
    pub others: u64,
    /// Logs of other services of AWS, by the service's name in the key: `Config`, `vpcflowlogs`.
    /// After 100 of them further services are counted as `other`.
    pub other_services: BTreeMap<String, u64>,
    /// Log files that cannot hold records of the selection, by the day, region and account in their
    /// names. Where whole folders are left out, the files in them are not even listed.
    pub unselected: u64,
    /// Objects without a byte that mark folders, or that something is done.
    pub empty: u64,
    /// Symbolic links that were not followed.
    pub symbolic_links: u64,
    /// FIFOs, sockets and devices.
    pub special_files: u64,
    /// Keys and names that no request can carry; each is a failure too.
    pub unaddressable: u64,
    /// LIST requests, as S3 counts them: 1,000 keys each.
    pub list_requests: u64,
}

impl Discovered {
    /// Returns how many entries were listed: the sum of all counts but the requests.
    pub fn listed(&self) -> u64 {
        self.log_files + self.passed_over()
    }

    /// Returns how many of them are not to be converted.
    pub fn passed_over(&self) -> u64 {
        self.digests
            + self.insights
            + self.others
            + self.other_services.values().sum::<u64>()
            + self.unselected
            + self.empty
            + self.symbolic_links
            + self.special_files
            + self.unaddressable
    }
}

impl Discovered {
    pub(super) fn add_other_service(&mut self, service: &str, files: u64) {
        let is_counted =
            self.other_services.len() < NAMED_SERVICES || self.other_services.contains_key(service);
        let name = if is_counted { service } else { "other" };
        *self.other_services.entry(name.to_owned()).or_default() += files;
    }
}

impl AddAssign for Discovered {
    fn add_assign(&mut self, other: Self) {
        self.log_files += other.log_files;
        self.digests += other.digests;
        self.insights += other.insights;
        self.others += other.others;
        for (service, files) in other.other_services {
            self.add_other_service(&service, files);
        }
        self.unselected += other.unselected;
        self.empty += other.empty;
        self.symbolic_links += other.symbolic_links;
        self.special_files += other.special_files;
        self.unaddressable += other.unaddressable;
        self.list_requests += other.list_requests;
    }
}
