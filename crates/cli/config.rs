//! What people set once: the config file, with profiles. The command line takes precedence over the
//! environment, and the environment over the file.

use std::{collections::BTreeMap, ffi::OsStr, path::PathBuf};

use ecstrail_query::printable_line;

use crate::exit::UsageError;
use document::{Document, Layer, Problem, Written, nearest};
use value::Base;

mod document;
pub(crate) mod keys;
mod options;
mod place;
mod reports;
mod value;

pub(crate) use keys::variable;
pub(crate) use place::{Place, with_tilde};

/// What is remembered, with the chosen profile in place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    /// The file, if one is looked for.
    pub(crate) place: Option<Place>,
    /// Whether the file exists.
    pub(crate) exists: bool,
    pub(crate) profile: Option<Profile>,
    /// Names of all profiles.
    pub(crate) profiles: Vec<String>,
    /// Values by the key's name, as the option takes them.
    pub(crate) values: BTreeMap<&'static str, Remembered>,
    pub(crate) parameters: BTreeMap<String, Remembered>,
    /// Parameters by the report's name.
    pub(crate) reports: BTreeMap<String, BTreeMap<String, Remembered>>,
    /// Named sets of reports.
    pub(crate) sets: BTreeMap<String, Remembered<Vec<String>>>,
    problem: Option<UsageError>,
}

/// A value of the file, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Remembered<T = String> {
    pub(crate) value: T,
    pub(crate) line: usize,
    /// The profile that says it.
    pub(crate) profile: Option<String>,
}

/// The chosen profile, and who chose it.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) chosen_by: ChosenBy,
}

/// Who chose a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChosenBy {
    CommandLine,
    Environment,
    /// The file, on this line.
    File(usize),
}

impl Config {
    /// Reads the config file. `profile` is the profile that the command line names; an empty name
    /// means none.
    pub(crate) fn load(profile: Option<&OsStr>) -> Self {
        let mut config = Self::default();
        config.problem = config.read(profile).err();
        config
    }

    /// Returns what is wrong with the file; nothing of it is remembered then.
    pub(crate) fn problem(&self) -> Option<&UsageError> {
        self.problem.as_ref()
    }

    fn read(&mut self, profile: Option<&OsStr>) -> Result<(), UsageError> {
        self.place = Place::find().map_err(UsageError)?;
        let mut document = Document::default();
        if let Some(place) = self.place.clone() {
            // What cannot be read exists.
            self.exists = true;
            let text = place.read().map_err(|text| at(&place, &Problem { line: None, text }))?;
            self.exists = text.is_some();
            if let Some(text) = text {
                let folder = place.path.parent().map(PathBuf::from).unwrap_or_default();
                let base = Base { folder, home: place::home() };
                document = Document::parse(&text, &base).map_err(|problem| at(&place, &problem))?;
            }
        }
        self.profiles = document.profiles.keys().cloned().collect();
        let layer = self.choose(profile, &mut document)?;
        self.add(document.top, None);
        if let (Some(layer), Some(profile)) = (layer, self.profile.clone()) {
            self.add(layer, Some(&profile.name));
        }
        Ok(())
    }

    /// Finds out which profile is chosen, and returns what it says.
    fn choose(
        &mut self,
        given: Option<&OsStr>,
        document: &mut Document,
    ) -> Result<Option<Layer>, UsageError> {
        let variable = keys::PROFILE.variable().map(|(_, name)| name);
        let (name, chosen_by) = match (given, &variable, &document.default_profile) {
            (Some(name), ..) => (name.to_string_lossy().into_owned(), ChosenBy::CommandLine),
            (None, Some(name), _) => (name.to_string_lossy().into_owned(), ChosenBy::Environment),
            (None, None, Some(Written { value, line })) => (value.clone(), ChosenBy::File(*line)),
            (None, None, None) => return Ok(None),
        };
        if name.is_empty() {
            return Ok(None);
        }
        if let Some(layer) = document.profiles.remove(&name) {
            self.profile = Some(Profile { name, chosen_by });
            return Ok(Some(layer));
        }
        let who = match chosen_by {
            ChosenBy::CommandLine => keys::PROFILE.option,
            ChosenBy::Environment => keys::PROFILE.environment[0],
            ChosenBy::File(_) => keys::PROFILE.name,
        };
        let known = match nearest(&name, self.profiles.iter().map(String::as_str)) {
            Some(near) => format!("use {near}"),
            None if self.profiles.is_empty() => format!("add [profiles.{name}]"),
            None => format!("its profiles are {}", self.profiles.join(", ")),
        };
        let text = format!(
            "{who} names the profile {name:?}, which is not in this file: {known}. A profile of \
             ~/.aws/config is given with --profile"
        );
        let line = if let ChosenBy::File(line) = chosen_by { Some(line) } else { None };
        Err(match &self.place {
            Some(place) => at(place, &Problem { line, text }),
            None => UsageError(format!(
                "{who} names the profile {name:?}, and there is no config file: {} is empty",
                place::VARIABLE
            )),
        })
    }

    /// Puts what a layer says over what is known.
    fn add(&mut self, layer: Layer, profile: Option<&str>) {
        let values = layer.values.into_iter().map(|(key, value)| (key, remember(value, profile)));
        self.values.extend(values);
        let named = |parameters: BTreeMap<String, Written>| {
            let parameters = parameters.into_iter();
            parameters.map(|(name, value)| (name, remember(value, profile))).collect::<Vec<_>>()
        };
        self.parameters.extend(named(layer.parameters));
        for (report, parameters) in layer.reports {
            self.reports.entry(report).or_default().extend(named(parameters));
        }
        let sets = layer.sets.into_iter().map(|(name, set)| (name, remember(set, profile)));
        self.sets.extend(sets);
    }

    /// Returns the folder of reports that the file names.
    pub(crate) fn queries(&self) -> Option<PathBuf> {
        self.values.get("queries").map(|queries| PathBuf::from(&queries.value))
    }

    /// Says what is wrong with a value, and where it stands.
    fn at<T>(&self, remembered: &Remembered<T>, text: String) -> UsageError {
        let line = Some(remembered.line);
        match &self.place {
            Some(place) => at(place, &Problem { line, text }),
            None => UsageError(text),
        }
    }

    /// Returns the path of the file as people write it, with the profile if one is chosen.
    pub(crate) fn shown(&self) -> String {
        let path = self.place.as_ref().map(Place::shown).unwrap_or_default();
        match &self.profile {
            Some(profile) => format!("{path} (profile {})", profile.name),
            None => path,
        }
    }
}

fn remember<T>(written: Written<T>, profile: Option<&str>) -> Remembered<T> {
    let profile = profile.map(ToOwned::to_owned);
    Remembered { value: written.value, line: written.line, profile }
}

/// Names the file and the line of a problem.
fn at(place: &Place, problem: &Problem) -> UsageError {
    let line = problem.line.map(|line| format!(", line {line}")).unwrap_or_default();
    UsageError(format!("{}{line}: {}", printable_line(&place.shown()), problem.text))
}
