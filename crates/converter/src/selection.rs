//! Which records a conversion keeps. By default: the events of Amazon ECS.

use std::{collections::BTreeSet, fmt};

use chrono::NaiveDate;

use crate::time;

/// The event source of Amazon ECS.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html>
pub(crate) const ECS_EVENT_SOURCE: &str = "ecs.amazonaws.com";

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

/// Which records a conversion keeps; the others are counted as filtered.
///
/// Its text is part of the ledger's key: the same log file under a wider selection is read again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Kept event sources.
    pub event_sources: EventSources,
    /// Kept values of `eventName`, such as `UpdateService`; empty keeps all.
    pub event_names: BTreeSet<String>,
    /// Whether calls that only read are left out: records whose `readOnly` is true. Records that
    /// do not say so (before `eventVersion` 1.05) are kept.
    pub exclude_read_only: bool,
    /// First UTC day kept, by `eventTime`.
    pub from: Option<NaiveDate>,
    /// Last UTC day kept, by `eventTime`.
    pub until: Option<NaiveDate>,
    /// Kept values of `awsRegion`; empty keeps all.
    pub regions: BTreeSet<String>,
    /// Kept values of `recipientAccountId`; empty keeps all.
    pub accounts: BTreeSet<String>,
}

impl Selection {
    pub(crate) fn keeps_event_source(&self, event_source: Option<&str>) -> bool {
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
        let date = crate::partition::date_of(day);
        self.from.is_none_or(|from| date >= from) && self.until.is_none_or(|until| date <= until)
    }

    pub(crate) fn keeps_region(&self, region: &str) -> bool {
        self.regions.is_empty() || self.regions.contains(region)
    }

    pub(crate) fn keeps_account(&self, account: Option<&str>) -> bool {
        self.accounts.is_empty() || account.is_some_and(|account| self.accounts.contains(account))
    }

    /// Returns whether a log file delivered on `day` can hold records of the selection: CloudTrail
    /// retries a delivery for 30 days, and a record never arrives before it happened.
    pub fn may_hold(&self, delivery_day: NaiveDate) -> bool {
        const RETRY_DAYS: chrono::Days = chrono::Days::new(31);
        let earliest = self.from.is_none_or(|from| delivery_day >= from);
        let latest = self.until.and_then(|until| until.checked_add_days(RETRY_DAYS));
        earliest && latest.is_none_or(|latest| delivery_day <= latest)
    }
}

impl Selection {
    /// Returns whether the text of a selection says that events of a source were kept.
    pub fn text_keeps(text: &str, event_source: &str) -> bool {
        let sources = text.split(' ').find_map(|part| part.strip_prefix(EVENT_SOURCE));
        sources.is_some_and(|sources| {
            sources == ALL || sources.split(',').any(|source| source == event_source)
        })
    }
}

const EVENT_SOURCE: &str = "event-source=";
const ALL: &str = "all";

impl fmt::Display for Selection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(",");
        match &self.event_sources {
            EventSources::All => write!(formatter, "{EVENT_SOURCE}{ALL}")?,
            EventSources::Only(kept) => write!(formatter, "{EVENT_SOURCE}{}", join(kept))?,
        }
        if !self.event_names.is_empty() {
            write!(formatter, " event-name={}", join(&self.event_names))?;
        }
        if self.exclude_read_only {
            formatter.write_str(" exclude-read-only")?;
        }
        if let Some(from) = self.from {
            write!(formatter, " from={from}")?;
        }
        if let Some(until) = self.until {
            write!(formatter, " until={until}")?;
        }
        if !self.regions.is_empty() {
            write!(formatter, " region={}", join(&self.regions))?;
        }
        if !self.accounts.is_empty() {
            write!(formatter, " account={}", join(&self.accounts))?;
        }
        Ok(())
    }
}

/// Returns whether an event source is that of Amazon ECS.
pub(crate) fn is_ecs(event_source: &str) -> bool {
    event_source == ECS_EVENT_SOURCE
}

/// Returns the UTC day of an instant if there is one, else the delivery day.
pub(crate) fn day_of(event_time: Option<i64>, delivery_day: Option<NaiveDate>) -> Option<i32> {
    event_time.map(time::day_of).or_else(|| delivery_day.map(crate::partition::day_of))
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
        selection.event_sources = EventSources::All;
        assert!(Selection::text_keeps(&selection.to_string(), "ecr.amazonaws.com"));
    }

    #[test]
    fn log_files_that_may_hold_records_of_the_days() {
        let day = |text: &str| text.parse().unwrap();
        let selection = Selection {
            from: Some(day("2026-04-10")),
            until: Some(day("2026-04-12")),
            ..Selection::default()
        };
        for (delivered, may_hold) in [
            ("2026-04-09", false),
            ("2026-04-10", true),
            ("2026-05-13", true),
            ("2026-05-14", false),
        ] {
            assert_eq!(selection.may_hold(day(delivered)), may_hold, "{delivered}");
        }
    }
}
