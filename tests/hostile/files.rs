//! The files of a dataset's own bookkeeping, and their texts with a change.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    seal,
    surroundings::snapshot,
    values::{self, Change, VICTIM},
};

/// Returns the first and the last file of each folder below `_ecstrail`, as paths below the home: those
/// between are like them.
pub(crate) fn of_each_kind(home: &Path) -> Vec<PathBuf> {
    let mut kinds: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for path in snapshot(home, &["events"]).into_keys().filter(|path| path.is_file()) {
        let file = path.strip_prefix(home).unwrap().to_owned();
        kinds.entry(file.with_file_name("")).or_default().push(file);
    }
    let mut kept: BTreeSet<PathBuf> = BTreeSet::new();
    for files in kinds.into_values() {
        kept.extend(files.first().cloned());
        kept.extend(files.last().cloned());
    }
    kept.into_iter().collect()
}

/// Returns the first data file, as a path below the home.
pub(crate) fn data_file(home: &Path) -> PathBuf {
    let files = snapshot(&home.join("events"), &[]).into_keys();
    let mut files = files.filter(|path| path.extension().is_some_and(|ending| ending == "parquet"));
    files.next().unwrap().strip_prefix(home).unwrap().to_owned()
}

/// Returns the text of a file with a change, where it has JSON; `victim` is somebody else's file.
pub(crate) fn changed(
    file: &Path,
    text: &str,
    pointer: &str,
    change: &Change,
    victim: &Path,
) -> Option<String> {
    let victim = victim.display().to_string();
    let changed = |value: &Value, pointer: &str| {
        Some(values::changed(value, pointer, change)?.replace(VICTIM, &victim))
    };
    if file.starts_with("_ecstrail/checkpoint")
        && let Some(inner) = pointer.strip_prefix("/checkpoint")
    {
        let envelope: Value = serde_json::from_str(text).unwrap();
        return changed(&envelope["checkpoint"], inner).map(|text| seal::manifest(&text));
    }
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let has_lines = rest.trim_start().starts_with('{');
    let (first, rest) = if has_lines { (first, rest) } else { (text, "") };
    let value = serde_json::from_str(first).unwrap();
    changed(&value, pointer).map(|line| format!("{line}\n{rest}"))
}

/// Returns the JSON pointers of a file, of its first line if it has lines; none if it is not JSON.
pub(crate) fn pointers(text: &str) -> Vec<String> {
    let whole = serde_json::from_str::<Value>(text);
    let value = whole.or_else(|_| serde_json::from_str(text.lines().next().unwrap_or_default()));
    value.ok().filter(Value::is_object).map(|value| values::pointers(&value)).unwrap_or_default()
}
