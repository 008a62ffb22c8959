//! The values that are in effect, and where each one comes from.

use std::{collections::BTreeMap, env};

use ecstrail_query::printable_line;
use serde::Serialize;
use url::Url;

use crate::config::{
    ChosenBy, Config, Place, Remembered,
    keys::{KEYS, Key, Kind, PROFILE},
    with_tilde,
};

/// What is in effect, for programs. Documented in the reference.
#[derive(Debug, Serialize)]
pub(super) struct Effective {
    path: Option<String>,
    exists: bool,
    problem: Option<String>,
    profile: Option<Value>,
    profiles: Vec<String>,
    values: Vec<Value>,
    parameters: Vec<Value>,
    reports: BTreeMap<String, Vec<Value>>,
    sets: Vec<Set>,
}

/// A value and its origin.
#[derive(Debug, Serialize)]
struct Value {
    name: String,
    /// `null` if there is none, or if it is not shown.
    #[serde(rename = "value")]
    text: Option<String>,
    #[serde(flatten)]
    origin: Origin,
}

/// A named set of reports.
#[derive(Debug, Serialize)]
struct Set {
    name: String,
    reports: Vec<String>,
    #[serde(flatten)]
    origin: Origin,
}

/// Where a value comes from.
#[derive(Debug, Serialize)]
struct Origin {
    from: From,
    /// The variable of the environment.
    variable: Option<&'static str>,
    profile: Option<String>,
    /// Line of the file.
    line: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum From {
    CommandLine,
    Environment,
    Profile,
    File,
    Default,
}

impl Effective {
    pub(super) fn of(config: &Config, problem: Option<String>) -> Self {
        let parameters = |parameters: &BTreeMap<String, Remembered>| {
            let value = |(name, remembered): (&String, &Remembered)| Value {
                name: name.clone(),
                text: Some(remembered.value.clone()),
                origin: Origin::of(remembered),
            };
            parameters.iter().map(value).collect::<Vec<_>>()
        };
        let reports = config.reports.iter();
        let sets = config.sets.iter().map(|(name, set)| Set {
            name: name.clone(),
            reports: set.value.clone(),
            origin: Origin::of(set),
        });
        Self {
            path: config.place.as_ref().map(|place| place.path.display().to_string()),
            exists: config.exists,
            problem,
            profile: profile(config),
            profiles: config.profiles.clone(),
            values: KEYS.iter().map(|key| value(config, key)).collect(),
            parameters: parameters(&config.parameters),
            reports: reports.map(|(name, own)| (name.clone(), parameters(own))).collect(),
            sets: sets.collect(),
        }
    }

    /// Returns the values for people, aligned.
    pub(super) fn text(&self, config: &Config) -> String {
        let mut lines = vec![match (&config.place, self.exists) {
            (None, _) => {
                "There is no config file: ECSTRAIL_CONFIG is empty, or HOME is not set.".to_owned()
            }
            (Some(place), true) => format!("Config file: {}", place.shown()),
            (Some(place), false) => format!(
                "Config file: {}, which does not exist. Create it with `ecstrail config init`.",
                Place::shown(place)
            ),
        }];
        if let Some(profile) = &self.profile {
            let name = profile.text.as_deref().unwrap_or_default();
            lines.push(format!("Profile: {name}, chosen by {}", profile.origin.chosen()));
        } else if !self.profiles.is_empty() {
            lines.push(format!("Profile: none of {}", self.profiles.join(", ")));
        }
        let table = |title: String, values: &[Value], lines: &mut Vec<String>| {
            lines.push(String::new());
            lines.push(title);
            lines.extend(aligned(values));
        };
        table("Options".to_owned(), &self.values, &mut lines);
        if !self.parameters.is_empty() {
            table("Report parameters".to_owned(), &self.parameters, &mut lines);
        }
        for (report, parameters) in &self.reports {
            table(format!("Parameters of {report}"), parameters, &mut lines);
        }
        let sets = self.sets.iter().map(|set| Value {
            name: set.name.clone(),
            text: Some(set.reports.join(" ")),
            origin: Origin { profile: set.origin.profile.clone(), ..set.origin },
        });
        let sets: Vec<_> = sets.collect();
        if !sets.is_empty() {
            table("Sets of reports".to_owned(), &sets, &mut lines);
        }
        lines.join("\n")
    }
}

/// Values below each other: name, value, origin.
fn aligned(values: &[Value]) -> Vec<String> {
    /// Values that are longer do not widen the others' column.
    const WIDEST: usize = 40;
    let shown = values.iter().map(|value| {
        let text = printable_line(&with_tilde(value.text.as_deref().unwrap_or("-")));
        (printable_line(&value.name), text, value.origin.words())
    });
    let shown: Vec<_> = shown.collect();
    let count = |text: &String| text.chars().count();
    let names = shown.iter().map(|(name, ..)| count(name)).max().unwrap_or(0);
    let texts = shown.iter().map(|(_, text, _)| count(text)).filter(|width| *width <= WIDEST);
    let texts = texts.max().unwrap_or(0);
    let line = |(name, text, origin)| format!("  {name:names$}  {text:texts$}  {origin}");
    shown.into_iter().map(line).collect()
}

fn profile(config: &Config) -> Option<Value> {
    let profile = config.profile.as_ref()?;
    let origin = match profile.chosen_by {
        ChosenBy::CommandLine => Origin::new(From::CommandLine),
        ChosenBy::Environment => {
            let variable = PROFILE.environment.first().copied();
            Origin { variable, ..Origin::new(From::Environment) }
        }
        ChosenBy::File(line) => Origin { line: Some(line), ..Origin::new(From::File) },
    };
    Some(Value { name: PROFILE.name.to_owned(), text: Some(profile.name.clone()), origin })
}

fn value(config: &Config, key: &Key) -> Value {
    /// An empty one means that no pager is wanted.
    const PAGER: &str = "PAGER";
    let name = key.name.to_owned();
    let has_no_pager = || env::var_os(PAGER).is_some_and(|pager| pager.is_empty());
    if key.kind == Kind::Switch && has_no_pager() {
        let origin = Origin { variable: Some(PAGER), ..Origin::new(From::Environment) };
        return Value { name, text: Some(false.to_string()), origin };
    }
    if let Some((variable, text)) = key.variable() {
        let text = match key.kind {
            // Keys are used instead of a profile.
            Kind::Name if variable.ends_with("_ID") => None,
            Kind::Server => Some(without_password(&text.to_string_lossy())),
            _ => Some(text.to_string_lossy().into_owned()),
        };
        let origin = Origin { variable: Some(variable), ..Origin::new(From::Environment) };
        return Value { name, text, origin };
    }
    if let Some(remembered) = config.values.get(key.name) {
        return Value {
            name,
            text: Some(remembered.value.clone()),
            origin: Origin::of(remembered),
        };
    }
    let default = Some(key.default.to_owned()).filter(|default| default != "none");
    Value { name, text: default, origin: Origin::new(From::Default) }
}

/// Leaves out who signs in at a server.
fn without_password(text: &str) -> String {
    match Url::parse(text) {
        Ok(mut url) if url.password().is_some() || !url.username().is_empty() => {
            let is_clean = url.set_password(None).is_ok() && url.set_username("").is_ok();
            if is_clean { url.to_string() } else { String::new() }
        }
        _ => text.to_owned(),
    }
}

impl Origin {
    fn new(from: From) -> Self {
        Self { from, variable: None, profile: None, line: None }
    }

    fn of<T>(remembered: &Remembered<T>) -> Self {
        let from = if remembered.profile.is_some() { From::Profile } else { From::File };
        let line = Some(remembered.line);
        Self { line, profile: remembered.profile.clone(), ..Self::new(from) }
    }

    fn words(&self) -> String {
        let line = self.line.unwrap_or_default();
        match self.from {
            From::CommandLine => "command line".to_owned(),
            From::Environment => {
                format!("environment: {}", self.variable.unwrap_or_default())
            }
            From::Profile => {
                format!("profile {}, line {line}", self.profile.as_deref().unwrap_or_default())
            }
            From::File => format!("file, line {line}"),
            From::Default => "default".to_owned(),
        }
    }

    /// Who chose a profile.
    fn chosen(&self) -> String {
        match self.from {
            From::CommandLine => PROFILE.option.to_owned(),
            From::Environment => self.variable.unwrap_or_default().to_owned(),
            _ => format!("{}, line {}", PROFILE.name, self.line.unwrap_or_default()),
        }
    }
}
