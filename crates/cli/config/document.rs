//! The text of a config file becomes values, each with the line that it stands on. What is not known,
//! or not of its type, is an error that names the line.

use std::collections::BTreeMap;

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{
    keys::{DEFAULT_PROFILE, KEYS, key},
    value::{self, Base},
};

/// What is wrong with a config file.
#[derive(Debug)]
pub(super) struct Problem {
    /// Line, from 1 on; `None` if it is the file as a whole.
    pub(super) line: Option<usize>,
    pub(super) text: String,
}

/// A value, as it is given on the command line.
#[derive(Debug, Clone)]
pub(crate) struct Written<T = String> {
    pub(crate) value: T,
    pub(crate) line: usize,
}

/// Values of report parameters by name.
pub(super) type Parameters = BTreeMap<String, Written>;

/// What a profile, or the file beside its profiles, says.
#[derive(Debug, Default)]
pub(super) struct Layer {
    /// By the key's name.
    pub(super) values: BTreeMap<&'static str, Written>,
    pub(super) parameters: Parameters,
    /// By the report's name.
    pub(super) reports: BTreeMap<String, Parameters>,
    pub(super) sets: BTreeMap<String, Written<Vec<String>>>,
}

/// A config file.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) default_profile: Option<Written>,
    pub(super) top: Layer,
    pub(super) profiles: BTreeMap<String, Layer>,
}

/// Tables by their first word.
const PARAMETERS: &str = "parameters";
const REPORTS: &str = "reports";
const SETS: &str = "sets";
const PROFILES: &str = "profiles";

/// Days are given each time: an answer that is short because of a file is not noticed.
const DAYS: [&str; 2] = ["from", "until"];

/// Parts of the names of keys that hold secrets.
const SECRETS: [&str; 5] = ["secret", "password", "token", "access_key", "credential"];

/// Names in one table, at most.
const MOST_NAMES: usize = 1000;

impl Document {
    /// Reads the text of a config file.
    pub(super) fn parse(text: &str, base: &Base) -> Result<Self, Problem> {
        let lines = Lines(text);
        let parsed = DeTable::parse(text).map_err(|error| Problem {
            line: error.span().map(|span| lines.of(span.start)),
            text: error.message().to_owned(),
        })?;
        let mut document = Self::default();
        for (name, value) in parsed.get_ref() {
            let line = lines.of_key(name);
            match name.get_ref().as_ref() {
                DEFAULT_PROFILE => {
                    let text = value.get_ref().as_str().filter(|text| !text.is_empty());
                    let text = text.ok_or_else(|| lines.wrong(name, value, "text"))?;
                    document.default_profile = Some(Written { value: text.to_owned(), line });
                }
                PROFILES => {
                    for (name, value) in lines.table(name, value)? {
                        let mut layer = Layer::default();
                        for (key, value) in lines.table(name, value)? {
                            layer.add(key, value, &lines, base, true)?;
                        }
                        document.profiles.insert(name.get_ref().to_string(), layer);
                    }
                }
                _ => document.top.add(name, value, &lines, base, false)?,
            }
        }
        Ok(document)
    }
}

impl Layer {
    fn add(
        &mut self,
        name: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        lines: &Lines<'_>,
        base: &Base,
        is_profile: bool,
    ) -> Result<(), Problem> {
        let line = lines.of_key(name);
        match name.get_ref().as_ref() {
            PARAMETERS => self.parameters = lines.parameters(name, value)?,
            REPORTS => {
                for (report, value) in lines.table(name, value)? {
                    let parameters = lines.parameters(report, value)?;
                    self.reports.insert(report.get_ref().to_string(), parameters);
                }
            }
            SETS => {
                for (set, value) in lines.table(name, value)? {
                    let reports = lines.names(set, value)?;
                    let line = lines.of_key(set);
                    self.sets.insert(set.get_ref().to_string(), Written { value: reports, line });
                }
            }
            other => {
                let Some(key) = key(other) else {
                    let text = unknown(other, is_profile);
                    return Err(Problem { line: Some(line), text });
                };
                let text = value::of_key(key, value.get_ref(), base)
                    .map_err(|text| Problem { line: Some(lines.of_value(value)), text })?;
                self.values.insert(key.name, Written { value: text, line });
            }
        }
        Ok(())
    }
}

/// Says which key may have been meant.
fn unknown(name: &str, is_profile: bool) -> String {
    let lower = name.to_ascii_lowercase().replace('-', "_");
    if is_profile && [DEFAULT_PROFILE, PROFILES].contains(&name) {
        return format!("{name} cannot be in a profile: write it above the first table");
    }
    if SECRETS.iter().any(|secret| lower.contains(secret)) {
        return format!(
            "{name} is not a key: credentials do not belong here. ecstrail finds them as the AWS CLI \
             does; name a profile of ~/.aws/config with aws_profile"
        );
    }
    if lower == "profile" {
        return "profile is not a key: use aws_profile for a profile of ~/.aws/config, or \
                default_profile for a profile of this file"
            .to_owned();
    }
    let words = KEYS.iter().map(|key| key.name);
    let words = words.chain([PARAMETERS, REPORTS, SETS]);
    let words = words.chain([DEFAULT_PROFILE, PROFILES].into_iter().filter(|_| !is_profile));
    let words: Vec<&str> = words.collect();
    match nearest(&lower, words.iter().copied()) {
        Some(near) => format!("{name:?} is not a key: use {near}"),
        None => format!(
            "{name:?} is not a key. The keys are {}. A parameter of a report belongs below \
             [parameters]",
            words.join(", ")
        ),
    }
}

/// Returns the name that is most like another, if one is.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let within = 2.max(name.chars().count() / 3);
    let distances = known.map(|known| (strsim::damerau_levenshtein(name, known), known));
    distances.filter(|(distance, _)| *distance <= within).min().map(|(_, known)| known)
}

/// The text, by which an offset becomes a line.
struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn of(&self, offset: usize) -> usize {
        let before = self.0.as_bytes().iter().take(offset);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    fn of_key(&self, key: &Spanned<DeString<'_>>) -> usize {
        self.of(key.span().start)
    }

    fn of_value(&self, value: &Spanned<DeValue<'_>>) -> usize {
        self.of(value.span().start)
    }

    fn problem(&self, key: &Spanned<DeString<'_>>, text: String) -> Problem {
        Problem { line: Some(self.of_key(key)), text }
    }

    fn wrong(
        &self,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
    ) -> Problem {
        let (name, found) = (key.get_ref(), value::kind_of(value.get_ref()));
        self.problem(key, format!("{name} is {found}: give {expected}"))
    }

    /// The members of a table.
    fn table<'t, 'i>(
        &self,
        name: &Spanned<DeString<'_>>,
        value: &'t Spanned<DeValue<'i>>,
    ) -> Result<&'t DeTable<'i>, Problem> {
        let expected = || {
            let header = name.get_ref();
            self.wrong(name, value, &format!("a table, which begins with [{header}]"))
        };
        let table = value.get_ref().as_table().ok_or_else(expected)?;
        if table.len() > MOST_NAMES {
            let text = format!("{} has more than {MOST_NAMES} entries", name.get_ref());
            return Err(self.problem(name, text));
        }
        if let Some((empty, _)) = table.iter().find(|(name, _)| name.get_ref().trim().is_empty()) {
            return Err(self.problem(empty, format!("a name in {} is empty", name.get_ref())));
        }
        Ok(table)
    }

    fn parameters(
        &self,
        name: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Parameters, Problem> {
        let mut parameters = Parameters::new();
        for (name, value) in self.table(name, value)? {
            // As people write the option.
            let parameter = name.get_ref().replace('-', "_");
            if DAYS.contains(&parameter.as_str()) {
                let text = format!(
                    "{parameter} cannot be remembered: reports would leave days out without \
                     being asked to. Give --{parameter} each time"
                );
                return Err(self.problem(name, text));
            }
            let text = value::of_parameter(&parameter, value.get_ref())
                .map_err(|text| self.problem(name, text))?;
            let written = Written { value: text, line: self.of_key(name) };
            if parameters.insert(parameter, written).is_some() {
                let text = format!("{} is given twice", name.get_ref());
                return Err(self.problem(name, text));
            }
        }
        Ok(parameters)
    }

    fn names(
        &self,
        name: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<String>, Problem> {
        let expected = "a list of report names, such as [\"rollbacks\", \"exec-sessions\"]";
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong(name, value, expected))?;
        let mut names = Vec::new();
        for item in list {
            let report = item.get_ref().as_str().filter(|report| !report.is_empty());
            names.push(report.ok_or_else(|| self.wrong(name, item, expected))?.to_owned());
        }
        if names.is_empty() || names.len() > MOST_NAMES {
            let text = format!("{} names {} reports: give {expected}", name.get_ref(), names.len());
            return Err(self.problem(name, text));
        }
        Ok(names)
    }
}
