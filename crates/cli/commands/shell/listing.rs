//! What the commands show that list something: commands, tables, columns, reports.

use anyhow::Result;
use ecstrail_query::{
    Catalog, DefaultValue, Parameter, ParameterType, Report, Table, printable_line, tables,
};

use super::dot_command::{COMMANDS, DotCommand};
use crate::{commands::report::wrapped, exit::UsageError};

/// Returns what a command lists, if it lists something.
///
/// # Errors
/// If nothing is like what was asked for.
pub(super) fn text(command: &DotCommand, catalog: &Catalog) -> Result<Option<String>> {
    let none = |what: &str, text: &Option<String>, command: &str| {
        let text = text.as_deref().unwrap_or_default();
        UsageError(format!("no {what} {text:?}: `{command}` without a text shows all"))
    };
    Ok(Some(match command {
        DotCommand::Help(None) => commands(),
        DotCommand::Help(Some(name)) => match described(name) {
            Some(text) => text,
            None => report(catalog.get(name)?),
        },
        DotCommand::Tables => tables_of(&tables()),
        DotCommand::Columns(like) => columns(&tables(), like.as_deref())
            .ok_or_else(|| none("column is like", like, ".columns"))?,
        DotCommand::Reports(text) => reports(catalog, text.as_deref())?
            .ok_or_else(|| none("report is about", text, ".reports"))?,
        _ => return Ok(None),
    }))
}

/// Returns the commands, and what else can be typed.
fn commands() -> String {
    let usages: Vec<_> =
        COMMANDS.iter().map(|command| format!("{} {}", command.name, command.arguments)).collect();
    let widest = usages.iter().map(String::len).max().unwrap_or(0);
    let lines = usages.iter().zip(&COMMANDS);
    let lines = lines.map(|(usage, command)| format!("{usage:widest$}  {}", command.about));
    let mut lines: Vec<_> = lines.collect();
    lines.push(
        "\nAnything else is SQL, up to a semicolon, on one line or more. Tab completes names and values,\n\
         Ctrl-R searches the history, Ctrl-C drops what is typed or cancels what runs, Ctrl-D leaves.\n\
         Queries read one snapshot of the dataset, until `.refresh`."
            .to_owned(),
    );
    lines.join("\n")
}

/// Returns what one command is about.
fn described(name: &str) -> Option<String> {
    let name = name.trim_start_matches('.');
    let command = COMMANDS.iter().find(|command| command.name[1..] == *name)?;
    Some(format!("{} {}\n  {}", command.name, command.arguments, command.about))
}

/// Returns the tables and views.
fn tables_of(tables: &[Table]) -> String {
    let widest = tables.iter().map(|table| table.name.len()).max().unwrap_or(0);
    let mut lines: Vec<_> = tables
        .iter()
        .map(|table| format!("{:widest$}  {}", table.name, table.description))
        .collect();
    lines.push(
        "\n`events` is the table; the others are views over it, with all of its columns and some of their \
         own.\n`.columns` shows the columns."
            .to_owned(),
    );
    lines.join("\n")
}

/// Returns the columns whose names are like a text: that have it in them, or that match it where `%`
/// stands for anything.
fn columns(tables: &[Table], like: Option<&str>) -> Option<String> {
    let is_meant = |name: &str| like.is_none_or(|like| is_like(name, like));
    let found: Vec<_> = tables
        .iter()
        .flat_map(|table| table.columns.iter().map(move |column| (table, column)))
        .filter(|(_, column)| is_meant(column.name))
        .collect();
    let names: Vec<_> = found
        .iter()
        .map(|(table, column)| match column.kind {
            Some(kind) => format!("{} {kind}", column.name),
            None => format!("{} (in {})", column.name, table.name),
        })
        .collect();
    let widest = names.iter().map(String::len).max()?;
    let lines = names.iter().zip(&found).map(|(name, (_, column))| {
        format!("{name:widest$}  {}", wrapped(&column.description, widest + 2))
    });
    Some(lines.map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n"))
}

fn is_like(name: &str, like: &str) -> bool {
    let like = like.to_ascii_lowercase();
    let Some((first, rest)) = like.split_once('%') else { return name.contains(&like) };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let mut parts = rest.split('%').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return name.ends_with(part);
        }
        match name.find(part) {
            Some(at) => name = &name[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Returns the reports by topic: all, or those with a text in their name, title or description.
fn reports(catalog: &Catalog, text: Option<&str>) -> Result<Option<String>> {
    let text = text.map(str::to_lowercase);
    let is_meant = |report: &Report| {
        text.as_ref().is_none_or(|text| {
            let topic = report.group.as_deref().unwrap_or_default();
            [&*report.name, &*report.title, &*report.description, topic]
                .iter()
                .any(|known| known.to_lowercase().contains(text))
        })
    };
    let mut lines = Vec::new();
    for (title, reports) in catalog.groups()? {
        let reports: Vec<_> = reports.into_iter().filter(|report| is_meant(report)).collect();
        if reports.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(title.to_owned());
        let name = |report: &Report| printable_line(&report.name);
        let widest = reports.iter().map(|report| name(report).chars().count()).max().unwrap_or(0);
        let line = |report: &Report| format!("  {:widest$}  {}", name(report), report.title);
        lines.extend(reports.into_iter().map(line));
    }
    if lines.is_empty() {
        return Ok(None);
    }
    lines.push("\n`.help NAME` shows what a report is about, and its parameters.".to_owned());
    Ok(Some(lines.join("\n")))
}

/// Returns what a report shows, and its parameters.
fn report(report: &Report) -> String {
    let name = printable_line(&report.name);
    let mut lines = vec![format!("{name}: {}", report.title)];
    if !report.description.is_empty() {
        lines.push(format!("\n{}", wrapped(&report.description, 0)));
    }
    let usage = |one: &Parameter| format!("{}={}", one.name, one.kind.name().to_uppercase());
    if !report.parameters.is_empty() {
        lines.push("\nParameters:".to_owned());
        let widest = report.parameters.iter().map(|one| usage(one).len()).max().unwrap_or(0);
        lines.extend(report.parameters.iter().map(|one| {
            let default = match &one.default {
                None => " [required]".to_owned(),
                Some(DefaultValue::Null) => String::new(),
                Some(DefaultValue::Value(value)) => format!(" [default: {value}]"),
            };
            let described = wrapped(&format!("{}{default}", one.description), widest + 4);
            format!("  {:widest$}  {described}", usage(one))
        }));
        if report.parameters.iter().any(|one| one.kind == ParameterType::Date) {
            let days = format!("A DATE is a UTC day: {}.", ecstrail_query::DAY_FORMS);
            lines.push(format!("\n{}", wrapped(&days, 0)));
        }
    }
    let required = report.parameters.iter().filter(|one| one.default.is_none());
    let run = [name].into_iter().chain(required.map(usage)).collect::<Vec<_>>().join(" ");
    lines.push(format!("\nRun it: .report {run}"));
    lines.join("\n")
}
