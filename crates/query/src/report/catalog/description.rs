//! Descriptions of the reports: Markdown tables for people, JSON for programs.

use std::collections::BTreeSet;

use ecstrail_converter::EventSources;
use serde::Serialize;

use super::{
    super::{Report, Severity, header::ALL},
    Catalog,
};
use crate::{
    error::Result,
    format::printable_line,
    parameter::{DefaultValue, Parameter},
};

#[derive(Debug, Serialize)]
struct Described<'a> {
    name: &'a str,
    title: &'a str,
    group: Option<&'a str>,
    severity: Option<&'static str>,
    description: &'a str,
    parameters: Vec<DescribedParameter<'a>>,
    /// Event sources that must have been converted.
    needs: &'a BTreeSet<String>,
    /// Event sources that individual columns depend on; `all` for every one.
    uses: Vec<&'a str>,
    chart: Option<String>,
    reference: Option<&'a str>,
    sql: &'a str,
}

#[derive(Debug, Serialize)]
struct DescribedParameter<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    required: bool,
    default: Option<&'a str>,
    description: &'a str,
}

impl Catalog {
    /// Returns every report with everything that it declares, as a JSON array.
    ///
    /// # Errors
    /// Those of [`reports`](Self::reports).
    pub fn as_json(&self) -> Result<String> {
        let groups = self.groups()?;
        let reports = groups.iter().flat_map(|(_, reports)| reports);
        let described: Vec<_> = reports.map(|report| describe(report)).collect();
        // Plain texts and lists cannot fail to be JSON.
        Ok(serde_json::to_string_pretty(&described).unwrap_or_default())
    }

    /// Returns a Markdown table of the reports for each group.
    ///
    /// # Errors
    /// Those of [`reports`](Self::reports).
    pub fn as_markdown(&self) -> Result<String> {
        let mut lines = Vec::new();
        for (title, reports) in self.groups()? {
            lines.push(format!("### {title}\n"));
            lines.push("| report | title | parameters | severity |".to_owned());
            lines.push("|---|---|---|---|".to_owned());
            lines.extend(reports.into_iter().map(row));
            lines.push(String::new());
        }
        Ok(lines.join("\n"))
    }
}

fn row(report: &Report) -> String {
    let parameters: Vec<_> =
        report.parameters.iter().map(|parameter| format!("`{}`", parameter.name)).collect();
    let (name, title) = (printable_line(&report.name), report.title.replace('|', "\\|"));
    let severity = report.severity.map(Severity::name).unwrap_or_default();
    format!("| `{name}` | {title} | {} | {severity} |", parameters.join(" "))
}

fn describe(report: &Report) -> Described<'_> {
    Described {
        name: &report.name,
        title: &report.title,
        group: report.group.as_deref(),
        severity: report.severity.map(Severity::name),
        description: &report.description,
        parameters: report.parameters.iter().map(describe_parameter).collect(),
        needs: &report.needs,
        uses: match &report.uses {
            EventSources::All => vec![ALL],
            EventSources::Only(sources) => sources.iter().map(String::as_str).collect(),
        },
        chart: report.chart.as_ref().map(ToString::to_string),
        reference: report.reference.as_deref(),
        sql: &report.sql,
    }
}

fn describe_parameter(parameter: &Parameter) -> DescribedParameter<'_> {
    DescribedParameter {
        name: &parameter.name,
        kind: parameter.kind.name(),
        required: parameter.default.is_none(),
        default: match &parameter.default {
            Some(DefaultValue::Value(value)) => Some(value),
            Some(DefaultValue::Null) | None => None,
        },
        description: &parameter.description,
    }
}
