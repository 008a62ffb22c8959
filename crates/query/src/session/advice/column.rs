//! Advice on a column that is not there. People bring the names of the record, such as
//! `userIdentity.arn`: the column table says which column holds that.

use datafusion::{common::Column, sql::sqlparser::ast::Ident};
use ecstrail_converter::{COLUMNS, Kind};

use super::{
    Names,
    nearest::{either, nearest},
};
use crate::portable::VIEWS;

/// Columns that are named at most.
const SHOWN: usize = 8;
/// Columns that are proposed at most for a path of the record.
const PROPOSED: usize = 3;

/// What elsewhere holds the record as it was, without other letters.
const WHOLE_RECORD: [&str; 4] = ["eventjson", "rawevent", "record", "message"];

/// Returns what an unknown column may have been meant to be.
pub(super) fn unknown(field: &Column, valid: &[Column], names: &Names) -> String {
    let flat = field.flat_name().replace('"', "");
    let written = names.written(&flat);
    let shown = written.map_or_else(|| flat.clone(), |parts| joined(parts, "."));
    let tables = valid.iter().filter_map(|column| column.relation.as_ref());
    let tables: Vec<_> = tables.map(|table| table.table().to_lowercase()).collect();
    let mut path: Vec<_> = match written {
        Some(parts) => parts.iter().map(|part| part.value.as_str()).collect(),
        None => flat.split('.').collect(),
    };
    let is_qualified = path.len() > 1 && tables.contains(&path[0].to_lowercase());
    if is_qualified {
        path.remove(0);
    }
    let missing = format!("there is no column {shown}");
    if valid.is_empty() {
        return format!("{missing}: the query has no table, add FROM events");
    }
    let has = |name: &str| valid.iter().any(|column| column.name == name);
    if WHOLE_RECORD.contains(&key(&path.concat()).as_str()) {
        return format!(
            "{missing}: no column has the whole record, use request_parameters, response_elements, user_identity and \
             the others that have its members as JSON text"
        );
    }
    let proposed = of_record(&path, has);
    if !proposed.is_empty() {
        let qualified = |name: &String| match (is_qualified, written) {
            (true, Some([table, ..])) => format!("{}.{name}", table.value),
            _ => name.clone(),
        };
        let proposed: Vec<_> = proposed.iter().map(qualified).collect();
        return format!("{missing}: use {}", either(proposed.iter().map(String::as_str)));
    }
    let near = nearest(&path.join("_"), valid.iter().map(|column| column.name.as_str()));
    let quoted = written.filter(|parts| parts.iter().all(|part| part.quote_style == Some('"')));
    if let (Some([text]), true) = (quoted, near.is_empty()) {
        return format!(
            "\"{0}\" in double quotes is the name of a column: write text in single quotes, '{0}'",
            text.value
        );
    }
    let name = path.last().copied().unwrap_or_default().to_lowercase();
    if names.aliases.contains(&name) {
        return format!(
            "{name} is a name that SELECT gives, which WHERE and the other columns do not know: repeat its expression, \
             filter groups with HAVING, or filter around the query, as in SELECT * FROM (SELECT …) AS t WHERE {name} > 1"
        );
    }
    let qualifier = (path.len() > 1 && !is_qualified).then(|| path[0]);
    if let Some(qualifier) = qualifier.filter(|_| has(&name)) {
        return format!(
            "{missing}: no table is called {qualifier} here, and a table with an alias is called by its alias alone"
        );
    }
    let has_it = |view: &&crate::portable::View| view.columns().iter().any(|(own, _)| *own == name);
    if let Some(view) = VIEWS.iter().find(has_it) {
        return format!("{missing} here: it is a column of the view {}", view.name);
    }
    if !near.is_empty() {
        return format!("{missing}: did you mean {}?", either(near));
    }
    let mut columns: Vec<_> = valid.iter().map(|column| column.name.as_str()).collect();
    columns.dedup();
    if columns.len() <= SHOWN {
        format!("{missing} here: there are {}", columns.join(", "))
    } else {
        format!("{missing}: DESCRIBE events lists the columns")
    }
}

/// As [`unknown`], for a path of the record that has so many parts that the engine does not look it up.
pub(super) fn beyond_most_parts(parts: &[Ident], names: &Names) -> String {
    let first = parts.first().map(|part| part.value.to_lowercase()).unwrap_or_default();
    let table = if names.table_aliases.contains(&first) { first } else { "events".to_owned() };
    let columns: Vec<_> =
        COLUMNS.iter().map(|column| Column::new(Some(table.clone()), column.name)).collect();
    unknown(&Column::new_unqualified(joined(parts, ".")), &columns, names)
}

fn joined(parts: &[Ident], between: &str) -> String {
    let parts: Vec<_> = parts.iter().map(|part| part.value.as_str()).collect();
    parts.join(between)
}

/// Letters and digits in lowercase: `eventName`, `eventname` and `event_name` are one.
fn key(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// Returns the columns that hold what stands at a path of the record, or how it is read from one.
fn of_record(path: &[&str], has: impl Fn(&str) -> bool) -> Vec<String> {
    let wanted = key(&path.concat());
    let holds = |source: &&str| {
        let is_plain = !source.starts_with('@') && !source.contains("[?");
        let list = source.strip_suffix("[]").unwrap_or(source);
        is_plain && !list.contains("[]") && key(list) == wanted
    };
    let known = || COLUMNS.iter().filter(|column| has(column.name));
    let columns =
        known().filter(|column| key(column.name) == wanted || column.sources.iter().any(holds));
    let columns: Vec<_> = columns.map(|column| column.name.to_owned()).take(PROPOSED).collect();
    let [first, members @ ..] = path else { return columns };
    if members.is_empty() || !columns.is_empty() {
        return columns;
    }
    let whole = known().find(|column| {
        let sources = column.sources.iter().copied();
        column.kind == Kind::Json
            && sources.chain([column.name]).any(|source| key(source) == key(first))
    });
    let Some(whole) = whole.map(|column| column.name) else { return Vec::new() };
    let read = match members {
        [member] => format!("{whole} ->> '{member}'"),
        _ => format!("json_extract_scalar({whole}, '$.{}')", members.join(".")),
    };
    // Members of JSON are told apart by their case, which SQL does not keep.
    let spelled = if members.concat().chars().any(char::is_uppercase) {
        ""
    } else {
        ", with names spelled as in the record"
    };
    vec![format!("{read}{spelled}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_record_are_columns() {
        for (path, expected) in [
            ("eventName", "event_name"),
            ("eventtime", "event_time"),
            ("sourceIPAddress", "source_ip_address"),
            ("userIdentity.arn", "user_identity_arn"),
            ("useridentity", "user_identity"),
            ("userIdentity.sessionContext.sessionIssuer.userName", "session_issuer_user_name"),
            ("additionalEventData.MFAUsed", "additional_event_data ->> 'MFAUsed'"),
            ("requestParameters.desiredCount", "requested_desired_count"),
            (
                "requestparameters.bucketname",
                "request_parameters ->> 'bucketname', with names spelled as in the record",
            ),
            (
                "requestParameters.tagSet.items",
                "json_extract_scalar(request_parameters, '$.tagSet.items')",
            ),
            ("nonsense", ""),
            ("nonsense.arn", ""),
        ] {
            let path: Vec<_> = path.split('.').collect();
            let proposed = of_record(&path, |_| true);
            assert_eq!(either(proposed.iter().map(String::as_str)), expected, "{path:?}");
        }
    }
}
