//! What is remembered for reports: values of their parameters, and whether these exist.

use std::{collections::BTreeMap, path::Path};

use ecstrail_query::{Arguments, Catalog, Error, Report, built_in_sets};

use super::{Config, Remembered, document::nearest};
use crate::{clock, exit::UsageError};

impl Config {
    /// Returns what is remembered for the parameters of a report, by the parameter's name.
    pub(crate) fn parameters_of<'a>(
        &'a self,
        report: &'a Report,
    ) -> BTreeMap<&'a str, &'a Remembered> {
        let own = self.reports.get(&report.name);
        let remembered = report.parameters.iter().filter_map(|parameter| {
            let name = parameter.name.as_str();
            let own = own.and_then(|own| own.get(name));
            Some((name, own.or_else(|| self.parameters.get(name))?))
        });
        remembered.collect()
    }

    /// Adds to the arguments of a report what is remembered for its other parameters, and returns
    /// the names of those. An argument that is given takes precedence over a remembered one that
    /// contradicts it, such as an ARN over the Region.
    ///
    /// # Errors
    /// [`UsageError`] if a remembered value is not one of its parameter.
    pub(crate) fn fill(
        &self,
        report: &Report,
        arguments: &mut Arguments,
    ) -> Result<Vec<String>, UsageError> {
        let mut taken: Vec<(String, Remembered)> = self
            .parameters_of(report)
            .into_iter()
            .filter(|(name, _)| !arguments.contains_key(*name))
            .map(|(name, remembered)| (name.to_owned(), remembered.clone()))
            .collect();
        let given = arguments.clone();
        let today = clock::today();
        loop {
            arguments.clone_from(&given);
            for (name, remembered) in &taken {
                arguments.insert(name.clone(), remembered.value.clone());
            }
            let index = |wanted: &str| taken.iter().position(|(name, _)| name == wanted);
            match report.bind(arguments, today) {
                Err(Error::Contradiction { name, other, .. }) => {
                    let Some(index) = index(other).or_else(|| index(&name)) else { break };
                    taken.remove(index);
                }
                Err(Error::WrongValue { name, value, expected, .. }) => {
                    let Some(index) = index(&name) else { break };
                    let problem = format!("{name} is {value:?}, which is not {expected}");
                    return Err(self.at(&taken[index].1, problem));
                }
                _ => break,
            }
        }
        Ok(taken.into_iter().map(|(name, _)| name).collect())
    }

    /// Checks that the reports and parameters that the file names exist.
    ///
    /// # Errors
    /// [`UsageError`] for the first one that does not.
    pub(crate) fn check(&self, catalog: &Catalog) -> anyhow::Result<()> {
        if self.parameters.is_empty() && self.reports.is_empty() && self.sets.is_empty() {
            return Ok(());
        }
        let known = catalog.parameters()?;
        for (name, remembered) in &self.parameters {
            if known.iter().all(|parameter| parameter.name != *name) {
                let names = known.iter().map(|parameter| parameter.name.as_str());
                let near = nearest(name, names).map(|near| format!(": use {near}"));
                let problem = format!(
                    "no report has a parameter {name:?}{}",
                    near.as_deref()
                        .unwrap_or(". `ecstrail report NAME --help` lists those of a report")
                );
                return Err(self.at(remembered, problem).into());
            }
        }
        for (name, parameters) in &self.reports {
            for (parameter, remembered) in parameters {
                let report = self.report(catalog, name, remembered)?;
                let mut names = report.parameters.iter().map(|parameter| parameter.name.as_str());
                if names.clone().all(|known| known != parameter) {
                    let near = nearest(parameter, names.clone());
                    let all = || names.by_ref().collect::<Vec<_>>().join(", ");
                    let near = near.map_or_else(all, ToOwned::to_owned);
                    let problem =
                        format!("report {name:?} has no parameter {parameter:?}: use {near}");
                    return Err(self.at(remembered, problem).into());
                }
            }
        }
        let built_in = built_in_sets();
        for (name, set) in &self.sets {
            for member in &set.value {
                let is_set = self.sets.contains_key(member) || built_in.contains_key(member);
                if is_set && catalog.get(member).is_err() {
                    let error = Error::SetInSet { set: name.clone(), member: member.clone() };
                    return Err(self.at(set, error.to_string()).into());
                }
                self.report(catalog, member, set)?;
            }
        }
        Ok(())
    }

    /// Says where the folder of reports is named, if the file names it and it cannot be read.
    pub(crate) fn about_queries(
        &self,
        folder: Option<&Path>,
        error: anyhow::Error,
    ) -> anyhow::Error {
        match self.values.get("queries") {
            Some(queries) if folder == Some(Path::new(&queries.value)) => {
                self.at(queries, format!("queries: {error:#}")).into()
            }
            _ => error,
        }
    }

    fn report<'c, T>(
        &self,
        catalog: &'c Catalog,
        name: &str,
        place: &Remembered<T>,
    ) -> anyhow::Result<&'c Report> {
        catalog.get(name).map_err(|error| match error {
            Error::UnknownReport { .. } => self.at(place, error.to_string()).into(),
            error => error.into(),
        })
    }
}
