//! The structure that CloudTrail gives its keys, level by level:
//! `[prefix/]AWSLogs/[o-id/]account/CloudTrail/region/YYYY/MM/DD/`.

use chrono::{Days, NaiveDate};

use crate::trail::{Selection, log_file::is_account, region::is_region};

/// What stands above the accounts.
const AWS_LOGS: &str = "AWSLogs";
/// What stands between account and region. Beside it are digests, Insights and other services.
pub(super) const CLOUD_TRAIL: &str = "CloudTrail";

/// What stands beside it, with the same structure.
pub(super) const DIGESTS: &str = "CloudTrail-Digest";

/// What a folder is in the structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Level {
    /// Above `AWSLogs`, or in something else altogether.
    Above,
    /// `AWSLogs`: holds accounts, and organisations.
    AwsLogs,
    /// An organisation, such as `o-exampleorgid`: holds accounts.
    Organization,
    /// An account.
    Account,
    /// `CloudTrail`: holds regions.
    CloudTrail,
    /// A region, or a year, month or day in it: this part of `YYYY/MM/DD` is known.
    Dates(String),
    /// None of these, below `AWSLogs`.
    Unknown,
}

impl Level {
    /// Returns the level of a folder by its whole path or URL.
    pub(super) fn of(path: &str) -> Self {
        let folders: Vec<&str> = path.split('/').filter(|folder| !folder.is_empty()).collect();
        match folders.iter().rposition(|folder| *folder == AWS_LOGS) {
            None => Self::Above,
            Some(index) => {
                folders[index + 1..].iter().fold(Self::AwsLogs, |level, folder| level.child(folder))
            }
        }
    }

    /// Returns the level of a folder in this one.
    pub(super) fn child(&self, name: &str) -> Self {
        match self {
            Self::Above if name == AWS_LOGS => Self::AwsLogs,
            Self::Above => Self::Above,
            Self::AwsLogs if is_organization(name) => Self::Organization,
            Self::AwsLogs | Self::Organization if is_account(name) => Self::Account,
            Self::Account if name == CLOUD_TRAIL => Self::CloudTrail,
            Self::CloudTrail if is_region(name) => Self::Dates(String::new()),
            Self::Dates(known) if is_date_part(known, name) => {
                let slash = if known.is_empty() { "" } else { "/" };
                Self::Dates(format!("{known}{slash}{name}"))
            }
            _ => Self::Unknown,
        }
    }
}

/// Returns the folder of the account that a file is of, by its path below a source: all digests and log
/// files of the account are below it. Empty if it stands outside the structure, or if the source is
/// this folder or one in it.
pub fn account_folder<'a>(base_url: &str, path: &'a str) -> &'a str {
    let last = path.split('/').filter(|folder| *folder == AWS_LOGS).count();
    let mut level = if last == 0 { Level::of(base_url) } else { Level::Above };
    let (mut seen, mut end) = (0, 0);
    for folder in path.split('/') {
        end += folder.len();
        seen += usize::from(folder == AWS_LOGS);
        // Only what is below the last of them is structure.
        level = if seen < last { Level::Above } else { level.child(folder) };
        if level == Level::Account {
            return &path[..end];
        }
        end += 1;
    }
    ""
}

fn is_organization(name: &str) -> bool {
    let is_id = |id: &str| {
        id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) && !id.is_empty()
    };
    name.strip_prefix("o-").is_some_and(is_id)
}

fn is_date_part(known: &str, name: &str) -> bool {
    let digits = match known.len() {
        0 => 4,
        4 | 7 => 2,
        _ => return false,
    };
    name.len() == digits && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether a folder above `AWSLogs` looks like one of dates (`2026`, `date=…`): such is
/// what others than CloudTrail deliver, and it has no `AWSLogs` in it.
pub(super) fn is_dated(name: &str) -> bool {
    name.contains('=') || is_date_part("", name)
}

/// The delivery days that are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DeliveryDays {
    first: Option<NaiveDate>,
    /// The day after the last one.
    end: Option<NaiveDate>,
}

/// Which names of a folder of dates are listed: those after `after` and before `end`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) after: Option<String>,
    pub(super) end: Option<String>,
}

impl DeliveryDays {
    pub(super) fn new(selection: &Selection, late_days: u32) -> Self {
        let last = selection.last_delivery_day(late_days);
        let end = last.and_then(|last| last.checked_add_days(Days::new(1)));
        Self { first: selection.from, end }
    }

    /// The same days, as far as they are not before this one.
    pub(super) fn beginning(self, day: NaiveDate) -> Self {
        Self { first: self.first.max(Some(day)), ..self }
    }

    pub(super) fn are_limited(self) -> bool {
        self != Self::default()
    }

    /// Returns which names to list in a folder of which this part of `YYYY/MM/DD` is known; `None`
    /// if nothing in it is of these days.
    pub(super) fn span(self, known: &str) -> Option<Span> {
        let text = |day: NaiveDate| day.format("%Y/%m/%d").to_string();
        let mut span = Span::default();
        if let Some(first) = self.first.map(text) {
            match below(&first, known) {
                Some(name) => span.after = Some(name.to_owned()),
                // All of it comes before the first day, or all of it after.
                None if known < first.as_str() && known != first => return None,
                None => {}
            }
        }
        if let Some(end) = self.end.map(text) {
            match below(&end, known) {
                Some(name) => span.end = Some(name.to_owned()),
                None if known >= end.as_str() => return None,
                None => {}
            }
        }
        Some(span)
    }
}

/// Returns the rest of a date, of which this part is known; `None` if it is another one.
fn below<'a>(date: &'a str, known: &str) -> Option<&'a str> {
    if known.is_empty() {
        return Some(date);
    }
    date.strip_prefix(known)?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_by_path() {
        let dates = |known: &str| Level::Dates(known.to_owned());
        for (path, level) in [
            ("s3://bucket/", Level::Above),
            ("s3://bucket/security/logs/", Level::Above),
            ("s3://bucket/AWSLogs/", Level::AwsLogs),
            ("file:///home/AWSLogs/old/logs/AWSLogs/", Level::AwsLogs),
            ("s3://bucket/x/AWSLogs/o-abc123/", Level::Organization),
            ("s3://bucket/AWSLogs/111122223333/", Level::Account),
            ("s3://bucket/AWSLogs/o-abc123/111122223333/CloudTrail/", Level::CloudTrail),
            ("s3://bucket/AWSLogs/111122223333/CloudTrail-Digest/", Level::Unknown),
            ("s3://bucket/AWSLogs/111122223333/Config/us-east-1/", Level::Unknown),
            ("s3://bucket/AWSLogs/backup/", Level::Unknown),
            ("s3://b/AWSLogs/111122223333/CloudTrail/us-gov-west-1/", dates("")),
            ("s3://b/AWSLogs/111122223333/CloudTrail/cn-north-1/2026/", dates("2026")),
            ("s3://b/AWSLogs/111122223333/CloudTrail/us-east-1/2026/04", dates("2026/04")),
            ("s3://b/AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/27/", dates("2026/04/27")),
            ("s3://b/AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/27/x/", Level::Unknown),
        ] {
            assert_eq!(Level::of(path), level, "{path}");
        }
    }

    #[test]
    fn folders_of_accounts() {
        for (base_url, path, folder) in [
            ("s3://b", "AWSLogs/111122223333/CloudTrail/x", "AWSLogs/111122223333"),
            ("s3://b", "p/AWSLogs/o-a1/111122223333/x", "p/AWSLogs/o-a1/111122223333"),
            ("s3://b/AWSLogs", "111122223333/CloudTrail-x/a.json", "111122223333"),
            ("s3://b/AWSLogs/o-a1/", "111122223333/a.json", "111122223333"),
            ("s3://b/AWSLogs/111122223333", "CloudTrail/us-east-1/a.json", ""),
            (
                "s3://b",
                "x/CloudTrail/AWSLogs/b/AWSLogs/111122223333/a",
                "x/CloudTrail/AWSLogs/b/AWSLogs/111122223333",
            ),
            ("s3://b", "AWSLogs/backup/111122223333/a", ""),
            ("s3://b", "111122223333/CloudTrail/a.json", ""),
            ("s3://b", "a.json", ""),
        ] {
            assert_eq!(account_folder(base_url, path), folder, "{base_url} {path}");
        }
    }

    #[test]
    fn spans_of_days() {
        let days = |from: &str, until: &str, late_days| {
            let selection = Selection {
                from: from.parse().ok(),
                until: until.parse().ok(),
                ..Selection::default()
            };
            DeliveryDays::new(&selection, late_days)
        };
        let span = |after: &str, end: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Some(Span { after: some(after), end: some(end) })
        };
        let april = days("2026-04-10", "2026-04-12", 1);
        for (days, known, expected) in [
            (april, "", span("2026/04/10", "2026/04/14")),
            (april, "2025", None),
            (april, "2026", span("04/10", "04/14")),
            (april, "2027", None),
            (april, "2026/03", None),
            (april, "2026/04", span("10", "14")),
            (april, "2026/05", None),
            (april, "2026/04/09", None),
            (april, "2026/04/10", span("", "")),
            (april, "2026/04/13", span("", "")),
            (april, "2026/04/14", None),
            (days("2026-04-10", "", 1), "2027", span("", "")),
            (days("2026-04-10", "", 1), "2026/04", span("10", "")),
            (days("", "2025-12-31", 1), "2026", span("", "01/02")),
            (days("", "2025-12-31", 0), "2026", span("", "01/01")),
            (days("", "2025-12-31", 1), "2024/02", span("", "")),
            (days("", "", 1), "2024/02", span("", "")),
        ] {
            assert_eq!(days.span(known), expected, "{days:?} {known}");
        }
    }
}
