//! Saved reports: SQL with a comment block in front that any editor and engine reads past.
//!
//! ```text
//! -- title: Who deployed what, and when
//! -- description: What follows in lines that begin with `--` and two or more spaces
//! --   belongs to the line before.
//! -- param cluster text default null: Cluster name; all when left out
//! -- needs: ecs.amazonaws.com
//! SELECT …
//! ```

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::{Arguments, Bindings, DefaultValue, Error, Parameter, Result, statement};

#[cfg(test)]
mod tests;

/// A saved question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Name: that of its file, without `.sql`.
    pub name: String,
    /// What it tells, in a few words.
    pub title: String,
    /// What it tells, and how to read it; may be empty.
    pub description: String,
    /// What it asks for, in the order declared.
    pub parameters: Vec<Parameter>,
    /// Event sources that must have been converted for it to tell anything.
    pub needs: Vec<String>,
    /// How to draw it, if it says so.
    pub chart: Option<String>,
    /// The query, with `$name` where a parameter stands.
    pub sql: String,
}

impl Report {
    /// Reads the text of a report.
    ///
    /// # Errors
    /// [`Error::MalformedReport`] if the comment block does not keep to the form, the text is not
    /// one query, or the parameters declared are not those used.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let malformed =
            |problem: String| Error::MalformedReport { report: name.to_owned(), problem };
        let (header, sql) = split(text);
        let mut report = Self {
            name: name.to_owned(),
            title: String::new(),
            description: String::new(),
            parameters: Vec::new(),
            needs: Vec::new(),
            chart: None,
            sql: sql.trim().to_owned(),
        };
        for entry in entries(&header).map_err(malformed)? {
            report.read_entry(&entry).map_err(malformed)?;
        }
        if report.title.is_empty() {
            return Err(malformed("it has no title: begin with `-- title: …`".to_owned()));
        }
        report.check_query().map_err(malformed)?;
        Ok(report)
    }

    /// Checks the arguments and returns the values that the query is bound to. Days such as `7d`
    /// are counted from `today`.
    pub fn bind(&self, arguments: &Arguments, today: NaiveDate) -> Result<Bindings> {
        for name in arguments.keys() {
            if !self.parameters.iter().any(|parameter| parameter.name == *name) {
                return Err(self.unknown_parameter(name));
            }
        }
        let mut bindings = Bindings::default();
        for parameter in &self.parameters {
            let (report, name) = (self.name.clone(), parameter.name.clone());
            let value = match (arguments.get(&name), &parameter.default) {
                (Some(value), _) | (None, Some(DefaultValue::Value(value))) => Some(value),
                (None, Some(DefaultValue::Null)) => None,
                (None, None) => return Err(Error::MissingArgument { report, name }),
            };
            let text = value.map(String::as_str);
            if !bindings.bind(&name, parameter.kind, text, today) {
                let value = text.unwrap_or_default().to_owned();
                return Err(Error::WrongValue { report, name, value, kind: parameter.kind });
            }
        }
        Ok(bindings)
    }

    fn unknown_parameter(&self, name: &str) -> Error {
        let names: Vec<_> = self.parameters.iter().map(|known| known.name.as_str()).collect();
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Error::UnknownParameter { report: self.name.clone(), name: name.to_owned(), known }
    }

    fn read_entry(&mut self, entry: &str) -> Result<(), String> {
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
        let value = value.trim().to_owned();
        match key {
            "title" => self.title = value,
            "description" => self.description = value,
            "needs" => self
                .needs
                .extend(value.split([',', ' ']).filter(|one| !one.is_empty()).map(str::to_owned)),
            "chart" => self.chart = Some(value),
            _ => {
                return Err(format!(
                    "{key:?} is not known here: use title, description, param, needs or chart"
                ));
            }
        }
        Ok(())
    }

    fn check_query(&self) -> Result<(), String> {
        let statement = statement::parse(&self.sql).map_err(|error| match error {
            Error::Query { source } => source.to_string(),
            other => other.to_string(),
        })?;
        if statement::query(&statement).is_none() {
            return Err("it is not a query".to_owned());
        }
        let used = statement::placeholders(&statement);
        let declared: BTreeSet<_> =
            self.parameters.iter().map(|known| known.name.clone()).collect();
        if let Some(name) = used.difference(&declared).next() {
            return Err(format!("${name} is used, but not declared: add `-- param {name} …`"));
        }
        if let Some(name) = declared.difference(&used).next() {
            return Err(format!("parameter {name:?} is declared, but ${name} is not used"));
        }
        Ok(())
    }
}

/// Splits the leading comment lines from the query. A blank line may stand between them.
fn split(text: &str) -> (Vec<&str>, &str) {
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

/// Joins the lines that continue others, and drops the dashes.
fn entries(header: &[&str]) -> Result<Vec<String>, String> {
    let mut entries: Vec<String> = Vec::new();
    for line in header {
        let content = line.trim_start_matches("--");
        if let Some(continued) = content.strip_prefix("  ") {
            let entry = entries.last_mut().ok_or_else(|| format!("{line:?} continues no line"))?;
            entry.push(' ');
            entry.push_str(continued.trim_start());
        } else if !content.is_empty() {
            entries.push(content.trim_start().to_owned());
        }
    }
    Ok(entries)
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
        return Err(format!("{name:?} is no name for a parameter: use a-z, 0-9 and _"));
    }
    let kind: crate::ParameterType = kind.parse().map_err(|()| {
        format!("{kind:?} is no type: use text, integer, number, boolean, date or timestamp")
    })?;
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
    // Any day will do: whether a default is of its type does not depend on it.
    if let Some(DefaultValue::Value(value)) = &default
        && kind.value(value, NaiveDate::default()).is_none()
    {
        return Err(format!("the default {value:?} of {name:?} is not {}", kind.expectation()));
    }
    Ok(Parameter {
        name: name.to_owned(),
        kind,
        default,
        description: description.trim().to_owned(),
    })
}
