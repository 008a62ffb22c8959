//! Which records a conversion keeps. By default: the events of Amazon ECS.

use std::{collections::BTreeSet, fmt};

use chrono::{Days, NaiveDate};

use crate::trail::KeyName;

mod parse;

pub use parse::ParseSelectionError;

/// The event source of Amazon ECS.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html>
pub(crate) const ECS_EVENT_SOURCE: &str = "ecs.amazonaws.com";

/// What global services give as `awsRegion`, in each partition of AWS.
const GLOBAL_REGIONS: [&str; 4] = ["us-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"];

/// The event sources whose records are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventSources {
    /// Every record of every service.
    All,
    /// Records whose `eventSource` is one of these, such as `ecs.amazonaws.com`.
    Only(BTreeSet<String>),
}

impl Default for EventSources {
    fn default() -> Self {
        Self::Only(BTreeSet::from([ECS_EVENT_SOURCE.to_owned()]))
    }
}

/// What a selection decides by, as the columns of a row have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectionFacts<'a> {
    /// `event_source`.
    pub event_source: Option<&'a str>,
    /// `event_name`.
    pub event_name: Option<&'a str>,
    /// `read_only`.
    pub read_only: Option<bool>,
    /// `date`.
    pub date: NaiveDate,
    /// `region`.
    pub region: &'a str,
    /// `account_id`.
    pub account: Option<&'a str>,
}

/// Which records a conversion keeps; the others are counted as filtered.
///
/// Its text is part of the ledger's key: the same log file under a wider selection is read again, unless
/// the narrower one left out none of its records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Kept event sources.
    pub event_sources: EventSources,
    /// Kept values of `eventName`, such as `UpdateService`; empty keeps all.
    pub event_names: BTreeSet<String>,
    /// Whether calls that only read are left out: records whose `readOnly` is true, also as text.
    /// Records that do not say so (before `eventVersion` 1.06 or so) are kept.
    pub exclude_read_only: bool,
    /// First UTC day kept, by `eventTime`.
    pub from: Option<NaiveDate>,
    /// Last UTC day kept, by `eventTime`.
    pub until: Option<NaiveDate>,
    /// Kept values of `awsRegion`; empty keeps all.
    pub regions: BTreeSet<String>,
    /// Accounts whose events are kept, by [`account_of`](crate::trail::account_of); empty keeps all.
    pub accounts: BTreeSet<String>,
}

impl Selection {
    /// Returns whether records of an event source are kept, as far as the source decides.
    pub fn keeps_event_source(&self, event_source: Option<&str>) -> bool {
        match &self.event_sources {
            EventSources::All => true,
            EventSources::Only(kept) => event_source.is_some_and(|source| kept.contains(source)),
        }
    }

    pub(crate) fn keeps_event_name(&self, event_name: Option<&str>) -> bool {
        self.event_names.is_empty()
            || event_name.is_some_and(|name| self.event_names.contains(name))
    }

    pub(crate) fn keeps_day(&self, day: i32) -> bool {
        self.keeps_date(crate::trail::calendar::date_of(day))
    }

    fn keeps_date(&self, date: NaiveDate) -> bool {
        self.from.is_none_or(|from| date >= from) && self.until.is_none_or(|until| date <= until)
    }

    pub(crate) fn keeps_region(&self, region: &str) -> bool {
        self.regions.is_empty() || self.regions.contains(region)
    }

    pub(crate) fn keeps_account(&self, account: Option<&str>) -> bool {
        self.accounts.is_empty() || account.is_some_and(|account| self.accounts.contains(account))
    }

    /// Returns whether the record of a row is kept.
    pub fn keeps(&self, row: &SelectionFacts<'_>) -> bool {
        self.keeps_event_source(row.event_source)
            && self.keeps_event_name(row.event_name)
            && !(self.exclude_read_only && row.read_only == Some(true))
            && self.keeps_date(row.date)
            && self.keeps_region(row.region)
            && self.keeps_account(row.account)
    }

    /// Returns whether a log file with such a name can hold records of the selection, if none is
    /// delivered more than `late_days` days after the day it happened on.
    pub fn may_hold(&self, name: &KeyName<'_>, late_days: u32) -> bool {
        let earliest = self.from.is_none_or(|from| name.day >= from);
        let latest = self.last_delivery_day(late_days).is_none_or(|latest| name.day <= latest);
        let regions = self.delivering_regions();
        let is_region = regions.is_empty() || regions.contains(name.region);
        let is_account = self.accounts.is_empty() || self.accounts.contains(name.account);
        earliest && latest && is_region && is_account
    }

    /// Returns the last UTC day on which records of the selection may be delivered.
    pub(crate) fn last_delivery_day(&self, late_days: u32) -> Option<NaiveDate> {
        self.until?.checked_add_days(Days::new(late_days.into()))
    }

    /// Returns the regions that deliver the kept records; empty for all.
    ///
    /// A global service's records say [`GLOBAL_REGIONS`], but until November 2021 any region could
    /// deliver them. Those of Amazon ECS are delivered by the region that they name.
    pub(crate) fn delivering_regions(&self) -> &BTreeSet<String> {
        static ALL_REGIONS: BTreeSet<String> = BTreeSet::new();
        let is_ecs_only = matches!(
            &self.event_sources, EventSources::Only(kept) if kept.iter().all(|source| is_ecs(source))
        );
        let is_global = GLOBAL_REGIONS.iter().any(|region| self.regions.contains(*region));
        if is_ecs_only || !is_global { &self.regions } else { &ALL_REGIONS }
    }
}

impl Selection {
    /// Whether days, Regions or accounts are excluded.
    pub fn has_bounds(&self) -> bool {
        let days = self.from.is_some() || self.until.is_some();
        days || !self.regions.is_empty() || !self.accounts.is_empty()
    }

    /// Returns the text of a selection as it would be without days, Regions and accounts.
    pub fn text_without_bounds(text: &str) -> String {
        text_without(text, &[FROM, UNTIL, REGION, ACCOUNT])
    }

    /// Returns the text of a selection as it would be without days.
    pub fn text_without_days(text: &str) -> String {
        text_without(text, &[FROM, UNTIL])
    }

    /// Returns the first day that the text of a selection names, such as `2026-04-27`.
    pub fn first_day_in_text(text: &str) -> Option<&str> {
        text.split(' ').find_map(|part| part.strip_prefix(FROM))
    }

    /// Returns whether the text of a selection says that events of a source were kept.
    pub fn text_keeps(text: &str, event_source: &str) -> bool {
        let sources = text.split(' ').find_map(|part| part.strip_prefix(EVENT_SOURCE));
        sources.is_some_and(|sources| {
            sources == ALL || sources.split(',').any(|source| source == event_source)
        })
    }
}

fn text_without(text: &str, bounds: &[&str]) -> String {
    let is_bound = |part: &&str| bounds.iter().any(|bound| part.starts_with(bound));
    text.split(' ').filter(|part| !is_bound(part)).collect::<Vec<_>>().join(" ")
}

const EVENT_SOURCE: &str = "event-source=";
const ALL: &str = "all";
const EVENT_NAME: &str = "event-name=";
const EXCLUDE_READ_ONLY: &str = "exclude-read-only";
const FROM: &str = "from=";
const UNTIL: &str = "until=";
const REGION: &str = "region=";
const ACCOUNT: &str = "account=";

impl fmt::Display for Selection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(",");
        match &self.event_sources {
            EventSources::All => write!(formatter, "{EVENT_SOURCE}{ALL}")?,
            EventSources::Only(kept) => write!(formatter, "{EVENT_SOURCE}{}", join(kept))?,
        }
        if !self.event_names.is_empty() {
            write!(formatter, " {EVENT_NAME}{}", join(&self.event_names))?;
        }
        if self.exclude_read_only {
            write!(formatter, " {EXCLUDE_READ_ONLY}")?;
        }
        if let Some(from) = self.from {
            write!(formatter, " {FROM}{from}")?;
        }
        if let Some(until) = self.until {
            write!(formatter, " {UNTIL}{until}")?;
        }
        if !self.regions.is_empty() {
            write!(formatter, " {REGION}{}", join(&self.regions))?;
        }
        if !self.accounts.is_empty() {
            write!(formatter, " {ACCOUNT}{}", join(&self.accounts))?;
        }
        Ok(())
    }
}

/// Returns whether an event source is that of Amazon ECS.
pub(crate) fn is_ecs(event_source: &str) -> bool {
    event_source == ECS_EVENT_SOURCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_what_they_say() {
        let mut selection = Selection::default();
        assert_eq!(selection.to_string(), "event-source=ecs.amazonaws.com");
        selection.from = "2026-04-27".parse().ok();
        selection.regions = BTreeSet::from(["us-east-1".to_owned(), "eu-west-1".to_owned()]);
        let text = selection.to_string();
        assert_eq!(
            text,
            "event-source=ecs.amazonaws.com from=2026-04-27 region=eu-west-1,us-east-1"
        );
        assert!(Selection::text_keeps(&text, "ecs.amazonaws.com"));
        assert!(!Selection::text_keeps(&text, "ecr.amazonaws.com"));
        selection.event_names = BTreeSet::from(["RunTask".to_owned(), "StopTask".to_owned()]);
        selection.exclude_read_only = true;
        assert_eq!(
            selection.to_string(),
            "event-source=ecs.amazonaws.com event-name=RunTask,StopTask exclude-read-only \
             from=2026-04-27 region=eu-west-1,us-east-1"
        );
        assert_eq!(
            Selection::text_without_bounds(&selection.to_string()),
            "event-source=ecs.amazonaws.com event-name=RunTask,StopTask exclude-read-only"
        );
        assert_eq!(Selection::text_without_bounds(""), "");
        assert_eq!(
            Selection::text_without_days(&selection.to_string()),
            "event-source=ecs.amazonaws.com event-name=RunTask,StopTask exclude-read-only \
             region=eu-west-1,us-east-1"
        );
        assert_eq!(Selection::first_day_in_text(&selection.to_string()), Some("2026-04-27"));
        assert_eq!(Selection::first_day_in_text("event-source=all"), None);
        selection.event_sources = EventSources::All;
        assert!(Selection::text_keeps(&selection.to_string(), "ecr.amazonaws.com"));
    }

    #[test]
    fn rows_that_are_kept() {
        let row = SelectionFacts {
            event_source: Some("ecs.amazonaws.com"),
            event_name: Some("RunTask"),
            read_only: Some(false),
            date: "2026-04-27".parse().unwrap(),
            region: "us-east-1",
            account: Some("111122223333"),
        };
        for (selection, other) in [
            ("event-source=ecs.amazonaws.com", SelectionFacts { event_source: None, ..row }),
            (
                "event-source=all event-name=RunTask,StopTask",
                SelectionFacts { event_name: Some("ListTasks"), ..row },
            ),
            ("event-source=all exclude-read-only", SelectionFacts { read_only: Some(true), ..row }),
            (
                "event-source=all from=2026-04-27 until=2026-04-27",
                SelectionFacts { date: "2026-04-28".parse().unwrap(), ..row },
            ),
            ("event-source=all region=us-east-1", SelectionFacts { region: "eu-west-1", ..row }),
            ("event-source=all account=111122223333", SelectionFacts { account: None, ..row }),
        ] {
            let selection: Selection = selection.parse().unwrap();
            assert_eq!([row, other].map(|row| selection.keeps(&row)), [true, false], "{selection}");
        }
    }

    #[test]
    fn log_files_that_may_hold_records() {
        let day = |text: &str| text.parse().unwrap();
        let mut selection = Selection {
            from: Some(day("2026-04-10")),
            until: Some(day("2026-04-12")),
            regions: BTreeSet::from(["us-east-1".to_owned()]),
            accounts: BTreeSet::from(["111122223333".to_owned()]),
            ..Selection::default()
        };
        let may_hold = |selection: &Selection, delivered, region, account, late_days| {
            let name = KeyName { day: day(delivered), region, account };
            selection.may_hold(&name, late_days)
        };
        let (home, abroad, ours) = ("us-east-1", "eu-west-1", "111122223333");
        for (delivered, region, account, late_days, expected) in [
            ("2026-04-09", home, ours, 1, false),
            ("2026-04-10", home, ours, 1, true),
            ("2026-04-13", home, ours, 1, true),
            ("2026-04-14", home, ours, 1, false),
            ("2026-04-14", home, ours, 2, true),
            ("2026-04-12", home, ours, 0, true),
            ("2026-04-13", home, ours, 0, false),
            ("9999-12-31", home, ours, u32::MAX, true),
            ("2026-04-11", abroad, ours, 1, false),
            ("2026-04-11", home, "444455556666", 1, false),
        ] {
            let found = may_hold(&selection, delivered, region, account, late_days);
            assert_eq!(found, expected, "{delivered} {region} {account} {late_days}");
        }
        selection.event_sources = EventSources::All;
        assert!(may_hold(&selection, "2026-04-11", abroad, ours, 1));
        selection.regions = BTreeSet::from(["us-east-2".to_owned()]);
        assert!(!may_hold(&selection, "2026-04-11", abroad, ours, 1));
    }
}
