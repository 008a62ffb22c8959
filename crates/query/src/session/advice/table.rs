//! Advice on a table that is not there.

use super::{
    Names,
    nearest::{either, nearest},
};
use crate::portable::VIEWS;

/// Returns what an unknown table may have been meant to be.
pub(super) fn unknown(name: &str, names: &Names) -> String {
    let name = ["datafusion.", "public."]
        .iter()
        .fold(name, |name, catalog| name.strip_prefix(catalog).unwrap_or(name));
    let last = name.rsplit('.').next().unwrap_or(name);
    let views = || VIEWS.iter().map(|view| view.name);
    if is_trail(last) {
        return format!(
            "there is no table {name}: the events of the trail are in the table events"
        );
    }
    let tables = names.tables.iter().map(String::as_str).chain(["events"]).chain(views());
    let near = nearest(last, tables);
    if near.is_empty() {
        let views: Vec<_> = views().collect();
        format!(
            "there is no table {name}: the events are in the table events, and there are views over it: {}",
            views.join(", ")
        )
    } else {
        format!("there is no table {name}: did you mean {}?", either(near))
    }
}

/// Whether a name is one that Athena's or CloudTrail Lake's tables of events have; an event data store is
/// called by its ID.
fn is_trail(name: &str) -> bool {
    let lower = name.to_lowercase();
    let parts: Vec<_> = lower.split('-').map(str::len).collect();
    let is_store = parts == [8, 4, 4, 4, 12];
    is_store || ["trail", "event_data_store", "eds"].iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_athena_and_lake_are_known() {
        for name in [
            "cloudtrail_logs",
            "default.cloudtrail_logs_pp",
            "my_trail",
            "EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE",
            "01234567-89ab-cdef-0123-456789abcdef",
        ] {
            let told = unknown(name, &Names::default());
            let is_told = told.contains("are in the table events");
            assert!(is_told, "{name}: {told}");
        }
        let told = unknown("containrs", &Names::default());
        assert_eq!(told, "there is no table containrs: did you mean containers?");
    }
}
