//! Whether a dataset has ever seen what an argument names, and which of its names are near.

use std::collections::BTreeSet;

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::Date32Type,
    util::display::array_value_to_string,
};
use chrono::NaiveDate;

use super::{Caveat, Scope, Seen, subject::Subject};
use crate::{
    engine::Engine,
    error::{Error, Result},
    parameter::{Bindings, ParameterType},
    report::Report,
    session::Session,
};

/// Names that are compared with an unknown one.
const CANDIDATES: usize = 5000;
/// Names that contain an unknown one, of all that there are.
const CONTAINING: usize = 20;
/// Names that are suggested.
const SUGGESTED: usize = 3;
/// Up to this many names are listed if none is near.
const LISTED: usize = 8;
/// Accounts and regions that are named.
const PLACES: usize = 50;

impl Session {
    /// Returns which arguments of a report name what the dataset does not have, or not in the
    /// scope. A name that is there costs the search for its first row; another one, a scan or two
    /// of its column.
    pub(super) async fn name_caveats(
        &self,
        engine: &dyn Engine,
        report: &Report,
        bindings: &Bindings,
    ) -> Result<Vec<Caveat>> {
        let scope = Scope::of(bindings);
        let mut caveats = Vec::new();
        for parameter in &report.parameters {
            let Some(subject) = Subject::of(parameter) else { continue };
            let Some(text) = bindings.given_text(parameter) else { continue };
            let is_list = parameter.kind == ParameterType::Text && subject != Subject::Actor;
            let values = text.split(',').map(str::trim).filter(|value| !value.is_empty());
            let values = if is_list { values.collect() } else { vec![text.as_str()] };
            for value in values {
                let argument = (parameter.name.as_str(), subject, value);
                caveats.extend(self.name_caveat(engine, argument, &scope).await?);
            }
        }
        Ok(caveats)
    }

    async fn name_caveat(
        &self,
        engine: &dyn Engine,
        (parameter, subject, value): (&str, Subject, &str),
        scope: &Scope,
    ) -> Result<Option<Caveat>> {
        let mut scope = scope.clone();
        match subject {
            Subject::Account => scope.account = None,
            Subject::Region => scope.region = None,
            _ => {}
        }
        if has_name(engine, subject, value, &scope).await? {
            return Ok(None);
        }
        let (parameter, value) = (parameter.to_owned(), value.to_owned());
        if !scope.is_everything()
            && let Some(seen) = seen(engine, subject, &value).await?
        {
            return Ok(Some(Caveat::OutOfScope { parameter, value, scope, seen }));
        }
        let candidates = self.candidates(engine, subject, &value).await?;
        let corrected = subject.form().and_then(|form| form.correction(&value));
        let mut nearest = nearest(corrected.as_deref().unwrap_or(&value), &candidates);
        let known = if nearest.is_empty() && candidates.len() <= LISTED {
            candidates.into_iter().collect()
        } else {
            Vec::new()
        };
        nearest.truncate(SUGGESTED);
        Ok(Some(Caveat::UnknownName { parameter, value, nearest, known }))
    }

    /// Returns names that the dataset has: those that contain the value, and some thousands of all.
    async fn candidates(
        &self,
        engine: &dyn Engine,
        subject: Subject,
        value: &str,
    ) -> Result<BTreeSet<String>> {
        if subject == Subject::Region {
            let snapshot = self.snapshot();
            let keys = snapshot.files.iter().filter_map(|file| file.key().ok());
            return Ok(keys.map(|key| key.region).collect());
        }
        let names =
            format!("(SELECT {} AS name FROM {}) AS n", subject.names(value), subject.table());
        let mut bindings = Bindings::default();
        bindings.bind_some("value", ParameterType::Text, Some(value));
        let containing = format!(
            "SELECT DISTINCT name FROM {names} \
             WHERE position(lower($value) IN lower(name)) > 0 LIMIT {CONTAINING}"
        );
        let some =
            format!("SELECT DISTINCT name FROM {names} WHERE name IS NOT NULL LIMIT {CANDIDATES}");
        let mut candidates = BTreeSet::new();
        for (sql, bindings) in [(containing, &bindings), (some, &Bindings::default())] {
            for batch in engine.ask(&sql, bindings).await? {
                candidates.extend(texts(&batch, 0)?);
            }
        }
        Ok(candidates)
    }
}

async fn has_name(
    engine: &dyn Engine,
    subject: Subject,
    value: &str,
    scope: &Scope,
) -> Result<bool> {
    let mut bindings = Bindings::default();
    bindings.bind_some("value", ParameterType::Text, Some(value));
    let conditions = scope.conditions(&mut bindings);
    let condition = subject.condition();
    let sql = format!("SELECT 1 FROM events WHERE {condition}{conditions} LIMIT 1");
    Ok(engine.ask(&sql, &bindings).await?.iter().any(|batch| batch.num_rows() > 0))
}

/// Returns where and when a name was seen, `None` if it never was.
async fn seen(engine: &dyn Engine, subject: Subject, value: &str) -> Result<Option<Seen>> {
    let mut bindings = Bindings::default();
    bindings.bind_some("value", ParameterType::Text, Some(value));
    let condition = subject.condition();
    let sql = format!(
        "SELECT min(date), max(date), account_id, region FROM events WHERE {condition} \
         GROUP BY account_id, region ORDER BY 3, 4 LIMIT {PLACES}"
    );
    let mut days = BTreeSet::new();
    let (mut accounts, mut regions) = (BTreeSet::new(), BTreeSet::new());
    for batch in engine.ask(&sql, &bindings).await? {
        days.extend(dates(&batch, 0));
        days.extend(dates(&batch, 1));
        accounts.extend(texts(&batch, 2)?);
        regions.extend(texts(&batch, 3)?);
    }
    let bounds = days.first().copied().zip(days.last().copied());
    Ok(bounds.map(|(first, last)| Seen { first, last, accounts, regions }))
}

/// Returns the names that a text may have been meant to be, the nearest first.
fn nearest(text: &str, names: &BTreeSet<String>) -> Vec<String> {
    const SHORTEST_PART: usize = 3;
    let text = text.to_lowercase();
    let within = 2.max(text.chars().count() / 4);
    let rank = |name: &String| {
        let lower = name.to_lowercase();
        if lower == text {
            return Some(0);
        }
        let is_part = |part: &str, whole: &str| part.len() >= SHORTEST_PART && whole.contains(part);
        if is_part(&text, &lower) || is_part(&lower, &text) {
            return Some(1);
        }
        let distance = strsim::osa_distance(&lower, &text);
        // Of a short word nothing would be left.
        (distance <= within && distance < lower.chars().count()).then_some(1 + distance)
    };
    let mut ranked: Vec<_> = names.iter().filter_map(|name| Some((rank(name)?, name))).collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, name)| name.clone()).collect()
}

pub(super) fn dates(batch: &RecordBatch, column: usize) -> Vec<NaiveDate> {
    let dates = batch.column(column).as_primitive::<Date32Type>();
    dates.iter().flatten().filter_map(Date32Type::to_naive_date_opt).collect()
}

fn texts(batch: &RecordBatch, column: usize) -> Result<Vec<String>> {
    let column = batch.column(column);
    let rows = (0..column.len()).filter(|row| column.is_valid(*row));
    let text =
        |row| array_value_to_string(column, row).map_err(|error| Error::query(&error.into()));
    rows.map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_near() {
        let names = ["production", "production-eu", "staging", "UpdateService", "web", "web-2"];
        let names = names.map(str::to_owned).into_iter().collect();
        for (text, expected) in [
            ("prodcution", &["production"][..]),
            ("prod", &["production", "production-eu"]),
            ("PRODUCTION", &["production", "production-eu"]),
            ("updateservice", &["UpdateService"]),
            ("stagign", &["staging"]),
            ("checkout", &[]),
            ("wbe", &["web"]),
            ("x", &[]),
            ("", &[]),
        ] {
            assert_eq!(nearest(text, &names), expected, "{text}");
        }
    }
}
