//! What is told about reports: the list of them, and the help of one.

use ecstrail_query::{Catalog, DefaultValue, Parameter, Report};

/// Where lines of prose are broken, in characters.
const WIDTH: usize = 100;

/// Returns the reports by group, one line each.
pub(super) fn list(catalog: &Catalog) -> String {
    let longest = catalog.reports().map(|report| report.name.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (title, reports) in catalog.groups() {
        lines.push(title.to_owned());
        let line = |report: &Report| format!("  {:longest$}  {}", report.name, report.title);
        lines.extend(reports.into_iter().map(line));
        lines.push(String::new());
    }
    lines.push("What one shows:  ecstrail report NAME --help".to_owned());
    lines.push(
        "Run one:         ecstrail report NAME --dataset HOME [--set name=value]...".to_owned(),
    );
    lines.join("\n")
}

/// Returns what a report shows, and its parameters.
pub(super) fn help(report: &Report) -> String {
    let mut lines = vec![format!("{}: {}", report.name, report.title)];
    lines.extend(report.severity.map(|severity| format!("Severity of a row: {severity}")));
    if !report.description.is_empty() {
        lines.push(format!("\n{}", wrapped(&report.description, 0)));
    }
    if !report.needs.is_empty() {
        lines.push(format!("\nNeeds events of {}.", report.needs.join(" and ")));
    }
    if !report.parameters.is_empty() {
        lines.push("\nParameters (--set NAME=VALUE):".to_owned());
        lines.extend(parameters(&report.parameters));
    }
    lines.extend(report.reference.as_ref().map(|page| format!("\nSee also: {page}")));
    let required = report.parameters.iter().filter(|one| one.default.is_none());
    let settings: Vec<_> = required.map(|one| format!(" --set {}=…", one.name)).collect();
    let settings = settings.concat();
    lines.push(format!("\nRun it: ecstrail report {} --dataset HOME{settings}", report.name));
    lines.join("\n")
}

fn parameters(parameters: &[Parameter]) -> impl Iterator<Item = String> {
    let names = parameters.iter().map(|one| one.name.len()).max().unwrap_or(0);
    let kinds = parameters.iter().map(|one| one.kind.name().len()).max().unwrap_or(0);
    parameters.iter().map(move |parameter| {
        let default = match &parameter.default {
            None => " [required]".to_owned(),
            Some(DefaultValue::Null) => String::new(),
            Some(DefaultValue::Value(value)) => format!(" [default: {value}]"),
        };
        let described = format!("{}{default}", parameter.description);
        let (name, kind) = (&parameter.name, parameter.kind.name());
        format!("  {name:names$}  {kind:kinds$}  {}", wrapped(&described, names + kinds + 6))
    })
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
