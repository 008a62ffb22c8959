//! The comment block before a report's SQL: its lines and what each of them declares.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use ecstrail_converter::EventSources;

use super::{Chart, Severity};
use crate::parameter::{DayBound, DefaultValue, Parameter, ParameterType};

/// The keys that a line can begin with, besides `param`.
const KEYS: &str = "title, description, group, severity, param, needs, uses, chart, or reference";

/// Stands for every event source in a `uses` line.
pub(super) const ALL: &str = "all";

/// Splits the leading comment lines from the query. A blank line may stand between them.
pub(super) fn split(text: &str) -> (Vec<&str>, &str) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut header = Vec::new();
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        if !line.starts_with("--") && !line.trim().is_empty() {
            break;
        }
        if !line.trim().is_empty() {
            header.push(line.trim_end());
        }
        rest = after;
    }
    (header, rest)
}

/// The contents of a comment block.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) title: String,
    pub(super) group: Option<String>,
    pub(super) severity: Option<Severity>,
    pub(super) description: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) needs: BTreeSet<String>,
    pub(super) uses: EventSources,
    pub(super) chart: Option<Chart>,
    pub(super) reference: Option<String>,
}

impl Header {
    pub(super) fn read(lines: &[&str]) -> Result<Self, String> {
        let mut header = Self {
            title: String::new(),
            group: None,
            severity: None,
            description: String::new(),
            parameters: Vec::new(),
            needs: BTreeSet::new(),
            uses: EventSources::Only(BTreeSet::new()),
            chart: None,
            reference: None,
        };
        for entry in entries(lines)? {
            header.add(&entry)?;
        }
        if header.title.is_empty() {
            return Err("it has no title: begin with `-- title: …`".to_owned());
        }
        Ok(header)
    }

    fn add(&mut self, entry: &str) -> Result<(), String> {
        if let Some(declaration) = entry.strip_prefix("param ") {
            let parameter = parameter(declaration)?;
            if self.parameters.iter().any(|known| known.name == parameter.name) {
                return Err(format!("parameter {:?} is declared twice", parameter.name));
            }
            self.parameters.push(parameter);
            return Ok(());
        }
        let (key, value) = entry
            .split_once(':')
            .ok_or_else(|| format!("{entry:?} is not of the form `-- key: value`"))?;
        let value = value.trim();
        match key {
            "title" => value.clone_into(&mut self.title),
            "description" => value.clone_into(&mut self.description),
            "group" => self.group = Some(value.to_owned()),
            "severity" => self.severity = Some(value.parse()?),
            "needs" => self.needs.extend(event_sources(value)?),
            "uses" => add_uses(value, &mut self.uses)?,
            "chart" => self.chart = Some(value.parse::<Chart>()?),
            "reference" => self.reference = Some(value.to_owned()),
            _ => return Err(format!("{key:?} is not a known key: use {KEYS}")),
        }
        Ok(())
    }
}

/// Joins continuation lines and removes the dashes.
fn entries(header: &[&str]) -> Result<Vec<String>, String> {
    let mut entries: Vec<String> = Vec::new();
    for line in header {
        let content = line.trim_start_matches("--");
        if let Some(continued) = content.strip_prefix("  ") {
            let entry = entries
                .last_mut()
                .ok_or_else(|| format!("{line:?} has no line before it to continue"))?;
            entry.push(' ');
            entry.push_str(continued.trim_start());
        } else if !content.is_empty() {
            entries.push(content.trim_start().to_owned());
        }
    }
    Ok(entries)
}

/// Adds the event sources of a `uses` line: names, or `all`.
fn add_uses(value: &str, uses: &mut EventSources) -> Result<(), String> {
    match uses {
        _ if value == ALL => *uses = EventSources::All,
        EventSources::All => {}
        EventSources::Only(sources) => sources.extend(event_sources(value)?),
    }
    Ok(())
}

/// Reads names of event sources, separated by commas.
fn event_sources(value: &str) -> Result<BTreeSet<String>, String> {
    let sources = value.split([',', ' ']).filter(|one| !one.is_empty());
    let read = |source: &str| {
        if ParameterType::EventSource.accepts(source) {
            return Ok(source.to_owned());
        }
        Err(format!("{source:?} is not {}", ParameterType::EventSource.expectation()))
    };
    let sources = sources.map(read).collect::<Result<BTreeSet<_>, String>>()?;
    if sources.is_empty() { Err("it names no event source".to_owned()) } else { Ok(sources) }
}

/// Reads `name type [default value]: description`.
fn parameter(declaration: &str) -> Result<Parameter, String> {
    let form =
        || format!("{declaration:?} is not of the form `name type [default value]: description`");
    let (head, description) = declaration
        .split_once(": ")
        .or_else(|| Some((declaration.strip_suffix(':')?, "")))
        .ok_or_else(form)?;
    let mut words = head.splitn(3, ' ');
    let (name, kind) = (words.next().ok_or_else(form)?, words.next().ok_or_else(form)?);
    let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !is_name {
        return Err(format!("{name:?} is not a parameter name: use a-z, 0-9, and _"));
    }
    let kind: ParameterType = kind
        .parse()
        .map_err(|()| format!("{kind:?} is not a type: use {}", ParameterType::names()))?;
    let default = match words.next() {
        None => None,
        Some(rest) => {
            let value = rest.trim().strip_prefix("default ").ok_or_else(form)?.trim();
            Some(if value.eq_ignore_ascii_case("null") {
                DefaultValue::Null
            } else {
                let quoted = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
                DefaultValue::Value(
                    quoted.map_or_else(|| value.to_owned(), |text| text.replace("''", "'")),
                )
            })
        }
    };
    // Any day works: whether a default has its type does not depend on the day.
    if let Some(DefaultValue::Value(value)) = &default
        && kind.value(value, NaiveDate::default(), DayBound::First).is_none()
    {
        return Err(format!("the default {value:?} of {name:?} is not {}", kind.expectation()));
    }
    if let (Some(DefaultValue::Value(value)), Some(named)) = (&default, kind.named())
        && named.read(value).is_none_or(|read| read.value != *value)
    {
        return Err(format!("the default {value:?} of {name:?} is not the short name of a {kind}"));
    }
    Ok(Parameter {
        name: name.to_owned(),
        kind,
        default,
        description: description.trim().to_owned(),
    })
}
