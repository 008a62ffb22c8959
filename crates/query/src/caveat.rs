//! What a result does not show by itself: arguments with names that do not occur in the dataset,
//! events that were not converted, and reasons for an empty result.

use std::collections::BTreeSet;

use arrow::{array::AsArray, datatypes::Int64Type};
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use ecstrail_converter::EventSources;

use crate::{
    engine::Engine,
    error::Result,
    parameter::{Bindings, Parameter, ParameterType},
    report::Report,
    session::Session,
};

mod converted;
mod names;
mod scope;
mod subject;
#[cfg(test)]
mod tests;
mod text;

use converted::{Converted, Partly};
pub use scope::Scope;
use subject::Subject;
pub(crate) use text::{days_in_words, grouped};

/// Returns the expression over the table `events` with the names that values of a parameter can be,
/// if it names something.
pub fn names_for(parameter: &Parameter) -> Option<&'static str> {
    Subject::of(parameter).map(|subject| subject.names(""))
}

/// A caveat about a result. Its text is one or two sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Caveat {
    /// No event has the name given in an argument.
    UnknownName {
        /// The parameter.
        parameter: String,
        /// The argument, or one of those in it.
        value: String,
        /// Similar names in the dataset, most similar first.
        nearest: Vec<String>,
        /// All names in the dataset, if they are few and none is similar.
        known: Vec<String>,
    },
    /// Events have the name given in an argument, but none in the selected scope.
    OutOfScope {
        /// The parameter.
        parameter: String,
        /// The argument, or one of those in it.
        value: String,
        /// The selected scope.
        scope: Scope,
        /// Where and when the name occurs.
        seen: Seen,
    },
    /// No conversion kept the event sources that columns depend on.
    NotConverted {
        /// The sources; all: every one but those that were kept.
        event_sources: EventSources,
        /// The sources that were kept.
        kept: BTreeSet<String>,
    },
    /// Some conversions kept event sources that others excluded.
    PartlyConverted {
        /// The source; `None`: all but those that every conversion kept.
        event_source: Option<String>,
        /// Descriptions of what the others kept.
        narrow: Vec<String>,
        /// First and last day with events of the source.
        days: Option<(NaiveDate, NaiveDate)>,
        /// First and last day with any events.
        all_days: (NaiveDate, NaiveDate),
    },
    /// Conversions excluded calls by name, or read-only calls.
    CallsLeftOut {
        /// Descriptions of what was kept.
        kept: Vec<String>,
        /// Whether all conversions did.
        always: bool,
    },
    /// Every conversion excluded some of the selected days.
    DaysLeftOut {
        /// First day that was kept, if earlier days are selected.
        first: Option<NaiveDate>,
        /// Last day that was kept, if later days are selected.
        last: Option<NaiveDate>,
    },
    /// Every conversion excluded the selected Region or account.
    PlaceLeftOut {
        /// `region` or `account`.
        what: &'static str,
        /// The selected value.
        asked: String,
        /// The values that were kept.
        kept: BTreeSet<String>,
    },
    /// The dataset has no events.
    EmptyDataset {
        /// Descriptions of what was converted.
        converted: Vec<String>,
    },
    /// All selected days are before or after those of the dataset.
    DaysOutside {
        /// The selected scope.
        scope: Scope,
        /// First and last day of the dataset.
        days: (NaiveDate, NaiveDate),
    },
    /// The selected scope has no events.
    NoEvents {
        /// The selected scope.
        scope: Scope,
        /// First and last day of the dataset.
        days: (NaiveDate, NaiveDate),
    },
    /// The selected scope has events, but none matches.
    NoMatch {
        /// The selected scope.
        scope: Scope,
        /// Events in the scope.
        events: u64,
        /// First and last day with events in the scope.
        days: (NaiveDate, NaiveDate),
        /// Descriptions of what was converted.
        converted: Vec<String>,
    },
}

/// Where and when a name was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// First UTC day.
    pub first: NaiveDate,
    /// Last UTC day.
    pub last: NaiveDate,
    /// Accounts; some, if they are many.
    pub accounts: BTreeSet<String>,
    /// Regions; some, if they are many.
    pub regions: BTreeSet<String>,
}

/// Tolerance for clock differences: a time further than this in the future is not the time of an
/// event.
const FUTURE: TimeDelta = TimeDelta::days(1);

/// What the log does not tell, the engine is asked.
impl Session {
    /// Returns the caveats about a report's result.
    ///
    /// # Errors
    /// Those of [`report`](Self::report): a report that cannot run has no caveats.
    pub async fn caveats(
        &self,
        engine: &dyn Engine,
        report: &Report,
        bindings: &Bindings,
    ) -> Result<Vec<Caveat>> {
        self.check_answerable(report)?;
        let scope = Scope::of(bindings);
        let mut caveats = self.name_caveats(engine, report, bindings).await?;
        let Some(converted) = Converted::read(&self.snapshot().selections) else {
            return Ok(caveats);
        };
        caveats.extend(converted.missing(&report.uses));
        let needs = EventSources::Only(report.needs.clone());
        for partly in [&needs, &report.uses].into_iter().flat_map(|wanted| converted.partly(wanted))
        {
            caveats.extend(self.partly_converted(engine, partly, &scope).await?);
        }
        caveats.extend(converted.left_out(&report.needs, &scope));
        Ok(caveats)
    }

    /// Returns reasons why a result for a part of the dataset may be empty.
    pub async fn why_no_rows(&self, engine: &dyn Engine, scope: &Scope) -> Result<Caveat> {
        let converted = Converted::read(&self.snapshot().selections);
        let converted = converted.map(|converted| converted.in_words()).unwrap_or_default();
        let Some(days) = self.days() else { return Ok(Caveat::EmptyDataset { converted }) };
        let is_outside = scope.from.is_some_and(|from| from > days.1)
            || scope.until.is_some_and(|until| until < days.0);
        let scope = scope.clone();
        if is_outside {
            return Ok(Caveat::DaysOutside { scope, days });
        }
        if scope.is_everything() {
            let events = self.snapshot().rows();
            return Ok(Caveat::NoMatch { scope, events, days, converted });
        }
        let mut bindings = Bindings::default();
        let conditions = scope.conditions(&mut bindings);
        let sql =
            format!("SELECT count(*), min(date), max(date) FROM events WHERE true{conditions}");
        let batches = engine.ask(&sql, &bindings).await?;
        let found = batches.iter().find(|batch| batch.num_rows() > 0).and_then(|batch| {
            let events = batch.column(0).as_primitive::<Int64Type>().value(0);
            let first = names::dates(batch, 1).first().copied()?;
            let last = names::dates(batch, 2).first().copied()?;
            Some((u64::try_from(events).unwrap_or_default(), (first, last)))
        });
        Ok(match found {
            None => Caveat::NoEvents { scope, days },
            Some((events, days)) => Caveat::NoMatch { scope, events, days, converted },
        })
    }

    /// Returns when the newest event of a region and account happened, `None` if there is none: by
    /// its time, or else by the last day with events. Times in the future are ignored.
    pub async fn newest_event(
        &self,
        engine: &dyn Engine,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>> {
        let mut bindings = Bindings::default();
        let conditions = scope.on_all_days().conditions(&mut bindings);
        let latest = (now + FUTURE).to_rfc3339_opts(SecondsFormat::Millis, true);
        bindings.bind_some("latest", ParameterType::Timestamp, Some(&latest));
        let sql = format!(
            "SELECT to_unixtime(max(event_time)) FROM events \
             WHERE event_time <= $latest{conditions}"
        );
        let batches = engine.ask(&sql, &bindings).await?;
        let seconds = batches
            .iter()
            .flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().iter().flatten());
        if let Some(newest) = seconds.max() {
            return Ok(DateTime::from_timestamp(newest, 0));
        }
        let mut bindings = Bindings::default();
        let conditions = scope.on_all_days().conditions(&mut bindings);
        bindings.bind_some("latest", ParameterType::Date, Some(&latest[..10]));
        let sql = format!("SELECT max(date) FROM events WHERE date <= $latest{conditions}");
        let batches = engine.ask(&sql, &bindings).await?;
        let day = batches.iter().flat_map(|batch| names::dates(batch, 0)).max();
        Ok(day.and_then(|day| day.and_hms_opt(23, 59, 59)).map(|instant| instant.and_utc()))
    }

    /// Returns a caveat unless the source has events from the first to the last day that is asked
    /// about: that some conversions left it out does not show which log files they read.
    async fn partly_converted(
        &self,
        engine: &dyn Engine,
        partly: Partly,
        scope: &Scope,
    ) -> Result<Option<Caveat>> {
        let Some(all_days) = self.days() else { return Ok(None) };
        let mut bindings = Bindings::default();
        let conditions = scope.on_all_days().conditions(&mut bindings);
        let condition = if let Some(source) = &partly.event_source {
            bindings.bind_some("source", ParameterType::Text, Some(source));
            "event_source = $source"
        } else {
            let others = partly.others.iter().cloned().collect::<Vec<_>>().join(",");
            bindings.bind_some("others", ParameterType::Text, Some(&others));
            "NOT array_has(string_to_array($others, ','), event_source)"
        };
        let sql = format!("SELECT min(date), max(date) FROM events WHERE {condition}{conditions}");
        let batches = engine.ask(&sql, &bindings).await?;
        let day = |column| batches.iter().flat_map(|batch| names::dates(batch, column)).next();
        let days = day(0).zip(day(1));
        let Partly { event_source, narrow, .. } = partly;
        let first = scope.from.map_or(all_days.0, |from| from.max(all_days.0));
        let last = scope.until.map_or(all_days.1, |until| until.min(all_days.1));
        let is_whole = days.is_some_and(|days| days.0 <= first && last <= days.1);
        Ok((!is_whole).then_some(Caveat::PartlyConverted { event_source, narrow, days, all_days }))
    }

    /// The first and last day of the dataset.
    fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        let snapshot = self.snapshot();
        let days: BTreeSet<_> =
            snapshot.files.iter().filter_map(|file| file.key().ok()).map(|key| key.date).collect();
        days.first().copied().zip(days.last().copied())
    }
}
