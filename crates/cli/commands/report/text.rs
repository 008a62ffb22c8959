//! What is told about reports: the list of them, and the help of one.

use ecstrail_query::{Catalog, DefaultValue, Parameter, Report};

/// Where lines of prose are broken, in characters.
const WIDTH: usize = 100;

/// Returns the reports by group, one line each.
pub(super) fn list(catalog: &Catalog) -> String {
    let longest = catalog.reports().map(|report| report.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (title, reports) in catalog.groups() {
        text += &format!("{title}\n");
        for report in reports {
            text += &format!("  {:longest$}  {}\n", report.name, report.title);
        }
        text.push('\n');
    }
    text + "What one shows:  ecstrail report NAME --help\n\
            Run one:         ecstrail report NAME --dataset HOME [--set name=value]..."
}

/// Returns what a report shows, and its parameters.
pub(super) fn help(report: &Report) -> String {
    let mut text = format!("{}: {}\n", report.name, report.title);
    if let Some(severity) = report.severity {
        text += &format!("Severity of a row: {severity}\n");
    }
    if !report.description.is_empty() {
        text += &format!("\n{}\n", wrapped(&report.description, 0));
    }
    if !report.needs.is_empty() {
        text += &format!("\nNeeds events of {}.\n", report.needs.join(" and "));
    }
    if !report.parameters.is_empty() {
        text += "\nParameters (--set NAME=VALUE):\n";
    }
    let width = |of: fn(&Parameter) -> &str| {
        report.parameters.iter().map(|one| of(one).len()).max().unwrap_or(0)
    };
    let (names, kinds) = (width(|one| &one.name), width(|one| one.kind.name()));
    for parameter in &report.parameters {
        let default = match &parameter.default {
            None => " [required]".to_owned(),
            Some(DefaultValue::Null) => String::new(),
            Some(DefaultValue::Value(value)) => format!(" [default: {value}]"),
        };
        let described = format!("{}{default}", parameter.description);
        let (name, kind) = (&parameter.name, parameter.kind.name());
        let described = wrapped(&described, names + kinds + 6);
        text += &format!("  {name:names$}  {kind:kinds$}  {described}\n");
    }
    if let Some(reference) = &report.reference {
        text += &format!("\nSee also: {reference}\n");
    }
    let required = report.parameters.iter().filter(|one| one.default.is_none());
    let settings: String = required.map(|one| format!(" --set {}=…", one.name)).collect();
    text + &format!("\nRun it: ecstrail report {} --dataset HOME{settings}", report.name)
}

/// Breaks prose into lines; all but the first are indented.
fn wrapped(prose: &str, indent: usize) -> String {
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
