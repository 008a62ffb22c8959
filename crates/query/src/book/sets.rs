//! Named sets of reports.

use std::collections::BTreeMap;

/// A set of reports that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSet {
    /// Title of its book.
    pub title: String,
    /// Names of the reports, in their order.
    pub reports: Vec<String>,
}

/// Sets of reports by name.
pub type ReportSets = BTreeMap<String, ReportSet>;

const BUILT_IN: [(&str, &str, &[&str]); 4] = [
    (
        "weekly",
        "Weekly report",
        &[
            "activity-by-day",
            "channels-by-day",
            "deployments",
            "deployment-frequency",
            "rollbacks",
            "desired-count-changes",
            "scaled-to-zero",
            "console-drift",
            "failed-changes",
            "top-errors",
            "placement-failures",
            "placement-failures-by-hour",
            "container-exits",
            "throttled-calls",
            "denied-calls",
            "exec-sessions",
            "first-seen",
            "deletions",
            "gaps",
        ],
    ),
    (
        "security",
        "Security report",
        &[
            "mining-pattern",
            "root-usage",
            "clusters-in-many-regions",
            "credential-endpoint-commands",
            "plain-text-secrets",
            "privileged-task-definitions",
            "task-definition-posture",
            "public-services",
            "unapproved-images",
            "calls-without-mfa",
            "console-drift",
            "task-role-changes",
            "exec-outside-hours",
            "exec-enabled",
            "exec-first-use",
            "exec-sessions",
            "changes-outside-hours",
            "enumeration-bursts",
            "denied-calls",
            "cross-account-calls",
            "role-passing",
            "access-key-activity",
            "first-seen",
            "gaps",
        ],
    ),
    (
        "deployments",
        "Deployment report",
        &[
            "deployment-frequency",
            "deployments",
            "deployment-ledger",
            "deployed-images",
            "rollbacks",
            "forced-redeployments",
            "console-drift",
            "service-network-changes",
            "task-definition-history",
            "task-definition-churn",
            "task-role-changes",
            "desired-count-changes",
            "scaling-conflicts",
            "failed-changes",
            "placement-failures",
            "container-exits",
        ],
    ),
    (
        "audit",
        "Audit report",
        &[
            "activity-by-day",
            "gaps",
            "actors",
            "channels-by-day",
            "events-by-operation",
            "root-usage",
            "calls-without-mfa",
            "cross-account-calls",
            "access-key-activity",
            "denied-calls",
            "deployments",
            "task-definition-history",
            "deregistered-task-definitions",
            "task-role-changes",
            "role-passing",
            "service-network-changes",
            "cluster-settings-changes",
            "account-settings-changes",
            "capacity-provider-changes",
            "tag-history",
            "exec-sessions",
            "failed-changes",
            "deletions",
        ],
    ),
];

/// The sets that come with the program: `weekly`, `security`, `deployments` and `audit`.
pub fn built_in_sets() -> ReportSets {
    let set = |(name, title, reports): (&str, &str, &[&str])| {
        let reports = reports.iter().copied().map(str::to_owned).collect();
        (name.to_owned(), ReportSet { title: title.to_owned(), reports })
    };
    BUILT_IN.into_iter().map(set).collect()
}
