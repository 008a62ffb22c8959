//! Saved reports: SQL preceded by a comment block, which editors and engines ignore.
//!
//! ```text
//! -- title: Who deployed what, and when
//! -- group: deployments
//! -- description: One or more lines. A line that begins with `--` and two or more spaces
//! --   continues the previous line.
//! -- param cluster text default null: Cluster name; default: all
//! -- needs: ecs.amazonaws.com
//! -- uses: sts.amazonaws.com
//! SELECT …
//! ```
//!
//! The parameters of [`Parameter::standard`] need no declaration.

use std::{collections::BTreeSet, fmt, str::FromStr};

use chrono::NaiveDate;
use datafusion::sql::parser::Statement;
use ecstrail_converter::EventSources;

use crate::{
    error::{Error, Result},
    parameter::{Arguments, Bindings, DayBound, DefaultValue, Name, Parameter, parse_day},
    portable::{Dialect, Translation, Values, problems_of, statement, translate},
};
use header::Header;

mod catalog;
mod chart;
mod header;
#[cfg(test)]
mod tests;

pub use catalog::Catalog;
pub use chart::{Chart, ChartKind};

/// A saved report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Name: that of its file, without `.sql`.
    pub name: String,
    /// Short title.
    pub title: String,
    /// Topic, such as `deployments`.
    pub group: Option<String>,
    /// Severity of its rows, if each row is a finding.
    pub severity: Option<Severity>,
    /// What a row is and how to read it; may be empty.
    pub description: String,
    /// Parameters: first the standard ones that the report uses without declaring them, then the
    /// declared ones in order.
    pub parameters: Vec<Parameter>,
    /// Event sources that the report requires.
    pub needs: BTreeSet<String>,
    /// Event sources that individual columns depend on. Without them those columns are NULL.
    pub uses: EventSources,
    /// Chart of the rows, if declared.
    pub chart: Option<Chart>,
    /// URL of the relevant documentation page.
    pub reference: Option<String>,
    /// The query, with `$name` for each parameter.
    pub sql: String,
    /// The query's syntax tree.
    statement: Statement,
}

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information.
    Info,
    /// Review when convenient.
    Low,
    /// Review.
    Medium,
    /// Review soon.
    High,
    /// Review immediately.
    Critical,
}

impl Severity {
    /// Every severity, the lowest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name, as in a report's text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|severity| severity.name() == text);
        named.ok_or_else(|| {
            format!("{text:?} is not a severity: use {}", Self::ALL.map(Self::name).join(", "))
        })
    }
}

impl Report {
    /// Reads the text of a report.
    ///
    /// # Errors
    /// [`Error::MalformedReport`] if the comment block is malformed, the text is not a single
    /// query, or the declared parameters are not the ones used.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let malformed = |problem| malformed(name, problem);
        let (lines, sql) = header::split(text);
        let header = Header::read(&lines).map_err(malformed)?;
        let sql = sql.trim();
        let statement = statement::parse(sql).map_err(|error| match error {
            Error::Query { source } => malformed(source.to_string()),
            other => malformed(other.to_string()),
        })?;
        if statement::query(&statement).is_none() {
            return Err(malformed("it is not a query".to_owned()));
        }
        let used = statement::placeholders(&statement);
        let parameters = with_standard(header.parameters, &used);
        check_names(&parameters, &used).map_err(malformed)?;
        Ok(Self {
            name: name.to_owned(),
            title: header.title,
            group: header.group,
            severity: header.severity,
            description: header.description,
            parameters,
            needs: header.needs,
            uses: header.uses,
            chart: header.chart,
            reference: header.reference,
            sql: sql.to_owned(),
            statement,
        })
    }

    /// Returns the parameters that a report's header declares, without looking at the query.
    pub(crate) fn declared_parameters(name: &str, text: &str) -> Result<Vec<Parameter>> {
        let header = Header::read(&header::split(text).0);
        header.map(|header| header.parameters).map_err(|problem| malformed(name, problem))
    }

    /// The query's syntax tree, as it was parsed.
    pub(crate) fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Checks the arguments and returns the values to bind. Days such as `7d` are counted back from
    /// `today`. Names of clusters, services, tasks, and task definitions are normalized, and an ARN
    /// also sets `region`, `account`, and `cluster`.
    pub fn bind(&self, arguments: &Arguments, today: NaiveDate) -> Result<Bindings> {
        for name in arguments.keys() {
            if !self.parameters.iter().any(|parameter| parameter.name == *name) {
                return Err(self.unknown_parameter(name));
            }
        }
        let arguments = self.in_one_form(arguments)?;
        self.check_days(&arguments, today)?;
        let mut bindings = Bindings::default();
        for parameter in &self.parameters {
            let name = &parameter.name;
            let value = match (arguments.get(name), &parameter.default) {
                (Some(value), _) | (None, Some(DefaultValue::Value(value))) => Some(value),
                (None, Some(DefaultValue::Null)) => None,
                (None, None) => {
                    let (report, name) = (self.name.clone(), name.clone());
                    return Err(Error::MissingArgument { report, name });
                }
            };
            let text = value.map(String::as_str);
            if !bindings.bind(name, parameter.kind, text, today) {
                return Err(self.wrong_value(parameter, text.unwrap_or_default()));
            }
        }
        Ok(bindings)
    }

    /// Returns the report as SQL for another engine, preceded by its title in a comment.
    ///
    /// Without arguments, parameters remain parameters, and comments describe them; names are
    /// compared as short names, not as ARNs. With arguments, each parameter is written into the
    /// SQL as a literal: the given value or the default.
    ///
    /// # Errors
    /// [`Error::NotPortable`] if the query uses SQL that other engines do not support, and those of
    /// [`bind`](Self::bind).
    pub fn sql_for(
        &self,
        dialect: Dialect,
        arguments: &Arguments,
        today: NaiveDate,
    ) -> Result<String> {
        let mut lines = vec![format!("-- {}", self.title)];
        lines.extend(dialect.session().map(|set| format!("-- in a session with: {set}")));
        if arguments.is_empty() {
            let translated = self.translated(dialect, Values::Named)?;
            lines.extend(self.parameter_lines(dialect, &translated));
            lines.push(translated.sql);
        } else {
            let bindings = self.bind(arguments, today)?;
            lines.push(self.translated_with(dialect, Values::Written, &bindings)?.sql);
        }
        Ok(lines.join("\n"))
    }

    /// Checks that other engines support the query.
    ///
    /// # Errors
    /// [`Error::NotPortable`].
    pub(crate) fn portable(&self) -> Result<()> {
        let problems = problems_of(&self.statement);
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::NotPortable { report: self.name.clone(), problems: problems.join("; ") })
    }

    /// Returns the query in an engine's SQL, with parameters that have no values.
    pub(crate) fn translated(&self, dialect: Dialect, values: Values) -> Result<Translation> {
        self.translated_with(dialect, values, &Bindings::declared(&self.parameters))
    }

    /// Returns the query in an engine's SQL, with the parameters' defaults written into it.
    pub(crate) fn translated_with_defaults(&self, dialect: Dialect) -> Result<Translation> {
        // What depends on the day has no fixed default.
        let bindings = self.bind(&Arguments::new(), NaiveDate::default())?;
        self.translated_with(dialect, Values::Written, &bindings)
    }

    fn translated_with(
        &self,
        dialect: Dialect,
        values: Values,
        bindings: &Bindings,
    ) -> Result<Translation> {
        if dialect != Dialect::DataFusion {
            self.portable()?;
        }
        translate(self.statement.clone(), bindings, values, dialect)
    }

    fn parameter_lines(&self, dialect: Dialect, translated: &Translation) -> Vec<String> {
        if !translated.positions.is_empty() {
            let positions = translated.positions.join(", ");
            return vec![format!("-- execution parameters, in this order: {positions}")];
        }
        let sign = if dialect == Dialect::Spark { ':' } else { '$' };
        let line = |parameter: &Parameter| {
            let (name, kind, what) = (&parameter.name, parameter.kind, &parameter.description);
            format!("-- {sign}{name} {kind}: {what}")
        };
        self.parameters.iter().map(line).collect()
    }

    /// Rejects an empty range of days, which would otherwise look as if nothing was found.
    fn check_days(&self, arguments: &Arguments, today: NaiveDate) -> Result<()> {
        let day = |name: &str| {
            let text = arguments.get(name)?;
            Some((text, parse_day(text, today, DayBound::of(name))?))
        };
        match (day("from"), day("until")) {
            (Some((from, first)), Some((until, last))) if first > last => Err(Error::NoDays {
                report: self.name.clone(),
                from: from.clone(),
                until: until.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Normalizes names, and adds the other parts of an ARN.
    fn in_one_form(&self, arguments: &Arguments) -> Result<Arguments> {
        let mut normal = arguments.clone();
        let mut names: Vec<(&Parameter, Name)> = Vec::new();
        for parameter in &self.parameters {
            let (Some(named), Some(text)) =
                (parameter.kind.named(), arguments.get(&parameter.name))
            else {
                continue;
            };
            let name = named.read(text).ok_or_else(|| self.wrong_value(parameter, text))?;
            normal.insert(parameter.name.clone(), name.value.clone());
            names.push((parameter, name));
        }
        for (parameter, name) in names {
            for (other, value) in
                [("region", name.region), ("account", name.account), ("cluster", name.cluster)]
            {
                let Some(value) = value else { continue };
                let given = normal.entry(other.to_owned()).or_insert_with(|| value.clone());
                if *given != value {
                    return Err(Error::Contradiction {
                        report: self.name.clone(),
                        name: parameter.name.clone(),
                        value: arguments[&parameter.name].clone(),
                        other,
                        given: given.clone(),
                    });
                }
            }
        }
        Ok(normal)
    }

    fn wrong_value(&self, parameter: &Parameter, value: &str) -> Error {
        Error::WrongValue {
            report: self.name.clone(),
            name: parameter.name.clone(),
            value: value.to_owned(),
            expected: parameter.kind.expectation(),
            correction: parameter.kind.correction(value),
        }
    }

    fn unknown_parameter(&self, name: &str) -> Error {
        let names: Vec<_> = self.parameters.iter().map(|known| known.name.as_str()).collect();
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Error::UnknownParameter { report: self.name.clone(), name: name.to_owned(), known }
    }
}

fn malformed(name: &str, problem: String) -> Error {
    Error::MalformedReport { report: name.to_owned(), problem }
}

/// Puts the standard parameters that a query uses before those that its header declares. One that
/// the header declares counts as declared there.
fn with_standard(declared: Vec<Parameter>, used: &BTreeSet<String>) -> Vec<Parameter> {
    let is_declared = |name: &str| declared.iter().any(|known| known.name == name);
    let mut parameters: Vec<_> = Parameter::standard()
        .filter(|standard| used.contains(&standard.name) && !is_declared(&standard.name))
        .collect();
    parameters.extend(declared);
    parameters
}

/// Checks that the parameters are those that the query uses. A name may be given as an ARN, which
/// sets other parameters: the report must have them as well.
fn check_names(parameters: &[Parameter], used: &BTreeSet<String>) -> Result<(), String> {
    let is_known = |name: &str| parameters.iter().any(|known| known.name == name);
    if let Some(name) = used.iter().find(|name| !is_known(name)) {
        return Err(format!("${name} is used, but not declared: add `-- param {name} …`"));
    }
    for Parameter { name, kind, .. } in parameters {
        if !used.contains(name) {
            return Err(format!("parameter {name:?} is declared, but ${name} is not used"));
        }
        let implied = kind.named().map_or(&[][..], |named| named.implies());
        if let Some(missing) = implied.iter().find(|name| !is_known(name)) {
            return Err(format!(
                "parameter {name:?} is a {kind}, which can be given as an ARN: \
                 filter by ${missing} as well"
            ));
        }
    }
    Ok(())
}
