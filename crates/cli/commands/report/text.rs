//! The list of reports, and the help of one report.

use std::collections::BTreeSet;

use anyhow::Result;
use ecstrail_converter::EventSources;
use ecstrail_query::{
    Catalog, DAY_FORMS, DefaultValue, Parameter, ParameterType, Report, printable_line,
};

use crate::{args::option_of, config::Config};

/// Maximum length of a line of prose, in characters.
const WIDTH: usize = 100;

/// Returns the reports by group, one line each.
pub(super) fn list(catalog: &Catalog) -> Result<String> {
    let name = |report: &Report| printable_line(&report.name);
    let names = catalog.reports()?.into_iter().map(name);
    let longest = names.map(|name| name.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (title, reports) in catalog.groups()? {
        lines.push(title.to_owned());
        let line = |report: &Report| format!("  {:longest$}  {}", name(report), report.title);
        lines.extend(reports.into_iter().map(line));
        lines.push(String::new());
    }
    lines.push("Get help:  ecstrail report NAME --help".to_owned());
    lines.push("Run one:   ecstrail report NAME --dataset HOME [--PARAMETER VALUE]...".to_owned());
    Ok(lines.join("\n"))
}

/// Returns what a report shows, and its parameters with what the config file has for them.
pub(super) fn help(report: &Report, config: &Config) -> String {
    let name = printable_line(&report.name);
    let mut lines = vec![format!("{name}: {}", report.title)];
    lines.extend(report.severity.map(|severity| format!("Severity: {severity}")));
    if !report.description.is_empty() {
        lines.push(format!("\n{}", wrapped(&report.description, 0)));
    }
    if !report.needs.is_empty() {
        lines.push(format!("\nRequires events of {}.", listed(&report.needs)));
    }
    match &report.uses {
        EventSources::All => {
            lines.push("\nSome columns also use events of all other event sources.".to_owned());
        }
        EventSources::Only(sources) if sources.is_empty() => {}
        EventSources::Only(sources) => {
            lines.push(format!("\nSome columns also use events of {}.", listed(sources)));
        }
    }
    if !report.parameters.is_empty() {
        lines.push("\nParameters:".to_owned());
        lines.extend(parameters(report, config));
        if report.parameters.iter().any(|one| one.kind == ParameterType::Date) {
            let days = format!("A DATE is a UTC day: {DAY_FORMS}; weeks begin on Monday.");
            lines.push(format!("\n{}", wrapped(&days, 0)));
        }
    }
    let remembered = config.parameters_of(report);
    if !remembered.is_empty() {
        let place = printable_line(&config.shown());
        lines.push(format!("\nDefaults marked with config are in {place}."));
    }
    lines.extend(report.reference.as_ref().map(|page| format!("\nSee also: {page}")));
    let is_missing =
        |one: &&Parameter| one.default.is_none() && !remembered.contains_key(one.name.as_str());
    let required = report.parameters.iter().filter(is_missing);
    let required: Vec<_> = required.map(|one| format!(" {}", usage(one))).collect();
    let required = required.concat();
    lines.push(format!("\nRun it: ecstrail report {name} --dataset HOME{required}"));
    lines.push("Options of all reports (--format, --limit …): ecstrail report --help".to_owned());
    lines.join("\n")
}

fn listed(event_sources: &BTreeSet<String>) -> String {
    event_sources.iter().map(String::as_str).collect::<Vec<_>>().join(" and ")
}

fn parameters(report: &Report, config: &Config) -> Vec<String> {
    let (parameters, remembered) = (&report.parameters, config.parameters_of(report));
    let usages: Vec<_> = parameters.iter().map(usage).collect();
    let widest = usages.iter().map(|usage| usage.chars().count()).max().unwrap_or(0);
    let line = |(usage, parameter): (&String, &Parameter)| {
        let default = match (remembered.get(parameter.name.as_str()), &parameter.default) {
            (Some(one), _) => {
                format!(" [config, line {}: {}]", one.line, printable_line(&one.value))
            }
            (None, None) => " [required]".to_owned(),
            (None, Some(DefaultValue::Null)) => String::new(),
            (None, Some(DefaultValue::Value(value))) => format!(" [default: {value}]"),
        };
        let described = format!("{}{default}", parameter.description);
        format!("  {usage:widest$}  {}", wrapped(&described, widest + 4))
    };
    usages.iter().zip(parameters).map(line).collect()
}

/// Returns a parameter as it is given on the command line.
fn usage(parameter: &Parameter) -> String {
    let (option, kind) = (option_of(parameter), parameter.kind.name().to_uppercase());
    let is_on = parameter.default == Some(DefaultValue::Value("true".to_owned()));
    match (option.ends_with('='), parameter.kind) {
        (true, _) => format!("{option}{kind}"),
        (false, ParameterType::Boolean) if is_on => format!("{option}=false"),
        (false, ParameterType::Boolean) => option,
        (false, _) => format!("{option} {kind}"),
    }
}

/// Breaks prose into lines; all but the first are indented.
pub(crate) fn wrapped(prose: &str, indent: usize) -> String {
    let mut text = String::new();
    let mut used = indent;
    for word in prose.split_whitespace() {
        let length = word.chars().count();
        if used > indent && used + 1 + length > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            used = indent;
        } else if used > indent {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += length;
    }
    text
}
