//! The reports as other engines keep them: prepared statements of Athena and Trino, macros of
//! `DuckDB`.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    error::{Error, Result},
    portable::{Dialect, MACRO_PREFIX, Values, is_reserved, literal},
    report::{Catalog, Report},
};

use super::{TableEngine, literal::sql};

/// Returns the statements that save every report in an engine, in which the table `events` and the
/// views exist.
///
/// # Errors
/// [`Error::NoSavedReports`] if the engine keeps none, [`Error::NotPortable`] if a report uses SQL
/// that other engines do not support, [`Error::SameName`] if two reports would have one name,
/// [`Error::NameNotTaken`] if the engine does not take a name.
pub fn reports_as_statements(engine: TableEngine, catalog: &Catalog) -> Result<String> {
    let saved = match engine {
        TableEngine::Athena | TableEngine::Trino => prepared_statement,
        TableEngine::DuckDb => macro_statement,
        // The template has them.
        TableEngine::CloudFormation => return Ok(String::new()),
        _ => return Err(Error::NoSavedReports { engine: engine.name() }),
    };
    let mut text = String::new();
    for (name, report) in named(engine, catalog)? {
        text += &saved(&name, report)?;
        text.push('\n');
    }
    Ok(text)
}

/// Returns the reports by the names that an engine takes. None takes hyphens, and `DuckDB` does not tell
/// upper from lower case.
pub(super) fn named(engine: TableEngine, catalog: &Catalog) -> Result<BTreeMap<String, &Report>> {
    let mut named: BTreeMap<String, &Report> = BTreeMap::new();
    for report in catalog.reports()? {
        let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
        let name: String = report.name.to_lowercase().chars().map(letter).collect();
        if engine != TableEngine::DuckDb && !is_identifier(&name) {
            let (engine, report) = (engine.name(), report.name.clone());
            return Err(Error::NameNotTaken { engine, report });
        }
        if let Some(other) = named.insert(name, report) {
            return Err(Error::SameName {
                engine: engine.name(),
                first: other.name.clone(),
                second: report.name.clone(),
            });
        }
    }
    Ok(named)
}

/// Whether Athena takes it as the name of a prepared statement, without quotes
/// (<https://docs.aws.amazon.com/athena/latest/APIReference/API_CreatePreparedStatement.html>).
fn is_identifier(name: &str) -> bool {
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    begins && (2..=256).contains(&name.len()) && !is_reserved(name)
}

/// A report's query with a `?` for each value that it is executed with, and the parameters that
/// these are, in their order.
pub(super) fn with_positions(report: &Report) -> Result<(String, Vec<String>)> {
    let translated = report.translated(Dialect::Athena, Values::Named)?;
    Ok((translated.sql, translated.positions))
}

fn prepared_statement(name: &str, report: &Report) -> Result<String> {
    let (query, positions) = with_positions(report)?;
    let using = if positions.is_empty() {
        String::new()
    } else {
        format!(" USING {}", positions.join(", "))
    };
    let title = &report.title;
    Ok(format!("-- {title}\n-- EXECUTE {name}{using}\nPREPARE {name} FROM\n{query};\n"))
}

fn macro_statement(name: &str, report: &Report) -> Result<String> {
    let query = report.translated(Dialect::DuckDb, Values::Macro)?.sql;
    let (mut required, mut optional) = (Vec::new(), Vec::new());
    for parameter in &report.parameters {
        let name = format!("{MACRO_PREFIX}{}", parameter.name);
        match parameter.fixed_default() {
            Some(value) => optional.push(format!("{name} := {}", literal(&value, Dialect::DuckDb))),
            None => required.push(name),
        }
    }
    required.append(&mut optional);
    let parameters = required.join(", ");
    let mut about = report.title.clone();
    for parameter in &report.parameters {
        // Writing to a String cannot fail.
        let _ = write!(about, "\n{MACRO_PREFIX}{}: {}", parameter.name, parameter.description);
    }
    Ok(format!(
        "CREATE OR REPLACE MACRO \"{name}\"({parameters}) AS TABLE\n{query};\n\
         COMMENT ON MACRO TABLE \"{name}\" IS {};\n",
        sql(&about)
    ))
}
