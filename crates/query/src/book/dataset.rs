//! What a dataset has of the part that a book is about: accounts and Regions, days without events, the
//! newest event, and what was converted.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use ecstrail_writer::{History, Objects};

use crate::{
    caveat::Scope,
    engine::Engine,
    error::{Error, Result},
    parameter::Bindings,
    session::{Coverage, Session},
};

/// What a dataset has.
#[derive(Debug, Clone, Default)]
pub struct DatasetSummary {
    /// Events of the dataset.
    pub events: u64,
    /// First and last day of the dataset.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Events in the scope of the book.
    pub events_in_scope: u64,
    /// When the newest event of the scope's accounts and Regions happened.
    pub newest_event: Option<DateTime<Utc>>,
    /// When the last commit was made, as its writer says.
    pub last_commit_at: Option<String>,
    /// Log files that were read.
    pub log_files: u64,
    /// Records that could not become a row.
    pub rejects: u64,
    /// The selections of the conversions.
    pub filters: Vec<String>,
    /// Accounts and Regions, the largest first.
    pub places: Vec<Place>,
}

/// An account in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The account; `None` where records do not name one.
    pub account: Option<String>,
    /// The Region.
    pub region: String,
    /// Events in the scope.
    pub events: u64,
    /// First and last day with events, of all days.
    pub days: (NaiveDate, NaiveDate),
    /// First and last day of every stretch of the scope without events, between days with events.
    pub gaps: Vec<(NaiveDate, NaiveDate)>,
}

impl Place {
    /// Number of days without events between days with events.
    pub fn days_without_events(&self) -> u64 {
        let days = |(first, last): &(NaiveDate, NaiveDate)| {
            u64::try_from((*last - *first).num_days() + 1).unwrap_or_default()
        };
        self.gaps.iter().map(days).sum()
    }
}

impl Session {
    /// Returns what the dataset has of a scope.
    ///
    /// # Errors
    /// [`Error::Dataset`] if the log cannot be read.
    pub async fn dataset_summary(
        &self,
        engine: &dyn Engine,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<DatasetSummary> {
        let snapshot = self.snapshot();
        let objects = Objects::new(Arc::clone(self.store()), self.home().clone());
        let history = History::read(&objects).await.map_err(|source| Error::Dataset { source })?;
        let coverage = engine.ask(Coverage::QUERY, &Bindings::default()).await?;
        let coverage = Coverage::of(&coverage);
        let bounds = || coverage.iter().filter_map(Coverage::bounds);
        let days = bounds().map(|days| days.0).min().zip(bounds().map(|days| days.1).max());
        let mut places: Vec<_> =
            coverage.iter().filter_map(|covered| place(covered, scope)).collect();
        places.sort_by(|one, other| {
            other
                .events
                .cmp(&one.events)
                .then_with(|| (&one.account, &one.region).cmp(&(&other.account, &other.region)))
        });
        Ok(DatasetSummary {
            events: snapshot.rows(),
            days,
            events_in_scope: places.iter().map(|place| place.events).sum(),
            newest_event: self.newest_event(engine, scope, now).await?,
            last_commit_at: history.last_commit_at,
            log_files: history.log_files,
            rejects: history.totals.rejects,
            filters: snapshot.selections.clone(),
            places,
        })
    }
}

/// Returns what is in the scope of an account and Region; `None` if the scope is elsewhere.
fn place(covered: &Coverage, scope: &Scope) -> Option<Place> {
    let is_account = scope.account.is_none() || scope.account == covered.account;
    let is_region = scope.region.as_ref().is_none_or(|region| *region == covered.region);
    if !is_account || !is_region {
        return None;
    }
    let is_shown = |day: NaiveDate| {
        scope.from.is_none_or(|from| day >= from) && scope.until.is_none_or(|until| day <= until)
    };
    let within = |(first, last): (NaiveDate, NaiveDate)| {
        let first = scope.from.map_or(first, |from| from.max(first));
        let last = scope.until.map_or(last, |until| until.min(last));
        (first <= last).then_some((first, last))
    };
    Some(Place {
        account: covered.account.clone(),
        region: covered.region.clone(),
        events: covered.days.iter().filter(|(day, _)| is_shown(**day)).map(|(_, rows)| rows).sum(),
        days: covered.bounds()?,
        gaps: covered.gaps().into_iter().filter_map(within).collect(),
    })
}
