//! Which reports a book has, and which of the given arguments each of them gets.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::sets::ReportSets;
use crate::{
    error::Error,
    parameter::{Arguments, Bindings},
    report::{Catalog, Report},
};

/// A report of a book, with its parameters bound.
#[derive(Debug, Clone)]
pub struct Selection<'a> {
    /// The report.
    pub report: &'a Report,
    /// The values of its parameters.
    pub bindings: Bindings,
    /// Arguments that the report has no parameter for: its rows are not limited by them.
    pub not_limited_by: Vec<String>,
}

/// Returns the reports that `names` stand for, each once, and a title for their book. A name is that of
/// a set or of a report; a set comes first. Each report gets the arguments that it has parameters for, and
/// what `fill` adds to them.
///
/// # Errors
/// [`Error::UnknownInBook`] for a name that is neither, [`Error::SetInSet`] for a set of sets,
/// [`Error::NoReportHas`] for an argument that no report has a parameter for, and those of
/// [`Report::bind`].
pub fn select<'a, E: From<Error>>(
    catalog: &'a Catalog,
    sets: &ReportSets,
    names: &[String],
    arguments: &Arguments,
    today: NaiveDate,
    mut fill: impl FnMut(&Report, &mut Arguments) -> Result<(), E>,
) -> Result<(Vec<Selection<'a>>, String), E> {
    let mut reports: Vec<&Report> = Vec::new();
    let mut titles = BTreeSet::new();
    for name in names {
        let members = match sets.get(name) {
            Some(set) => {
                titles.insert(set.title.clone());
                set.reports.as_slice()
            }
            None => std::slice::from_ref(name),
        };
        for member in members {
            let is_set = sets.contains_key(name);
            let report = catalog.get(member).map_err(|error| match error {
                Error::UnknownReport { .. } if is_set && sets.contains_key(member) => {
                    Error::SetInSet { set: name.clone(), member: member.clone() }
                }
                error => unknown(error, sets),
            })?;
            if !is_set {
                titles.insert(report.title.clone());
            }
            if !reports.iter().any(|known| known.name == report.name) {
                reports.push(report);
            }
        }
    }
    let has = |report: &Report, name: &str| report.parameters.iter().any(|one| one.name == *name);
    if let Some(name) =
        arguments.keys().find(|name| !reports.iter().any(|report| has(report, name)))
    {
        return Err(Error::NoReportHas { name: name.clone() }.into());
    }
    let select = |report: &'a Report| -> Result<Selection<'a>, E> {
        let (own, others): (Vec<_>, Vec<_>) =
            arguments.iter().partition(|(name, _)| has(report, name));
        let mut own: Arguments =
            own.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        fill(report, &mut own)?;
        Ok(Selection {
            report,
            bindings: report.bind(&own, today)?,
            not_limited_by: others.into_iter().map(|(name, _)| name.clone()).collect(),
        })
    };
    let selections = reports.into_iter().map(select).collect::<Result<Vec<_>, E>>()?;
    let mut titles = titles.into_iter();
    let title = match (titles.next(), titles.next()) {
        (Some(title), None) => title,
        _ => "Report book".to_owned(),
    };
    Ok((selections, title))
}

/// Says of an unknown report that it is no set either, and which one may be meant.
fn unknown(error: Error, sets: &ReportSets) -> Error {
    /// How similar the name of a set is at least.
    const SIMILAR: f64 = 0.85;
    let Error::UnknownReport { name, nearest } = error else { return error };
    let similarity = |set: &&String| strsim::jaro_winkler(set, &name);
    let set = sets.keys().max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
    let set = set.filter(|set| similarity(set) >= SIMILAR).cloned();
    Error::UnknownInBook { nearest: set.or(nearest), name }
}
