//! The actions of a commit in the Delta log, as its protocol writes them
//! (<https://github.com/delta-io/delta/blob/master/PROTOCOL.md#actions>).

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use ecstrail_converter::PARTITION_COLUMNS;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Result},
    log::{
        DataFile,
        delta::{DeltaCommit, DeltaMetadata},
        entry::LogEntry,
    },
};

/// A writer feature that nobody else has: it keeps other programs from writing to the table, and
/// does not concern readers.
const WRITER_FEATURE: &str = "ecstrail";

/// One line of a commit; one row of a checkpoint.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Action {
    CommitInfo(CommitInfo),
    Protocol(Protocol),
    MetaData(MetaData),
    Add(Add),
    Remove(Remove),
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommitInfo {
    timestamp: i64,
    operation: &'static str,
    engine_info: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Protocol {
    min_reader_version: i32,
    min_writer_version: i32,
    writer_features: [&'static str; 2],
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetaData {
    id: String,
    format: Format,
    schema_string: String,
    partition_columns: [&'static str; 2],
    configuration: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize)]
struct Format {
    provider: &'static str,
    options: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Add {
    path: String,
    partition_values: BTreeMap<&'static str, String>,
    size: u64,
    modification_time: i64,
    data_change: bool,
    stats: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Remove {
    path: String,
    deletion_timestamp: i64,
    data_change: bool,
}

/// Returns what says how the table is read and written.
pub(super) fn protocol() -> Action {
    Action::Protocol(Protocol {
        min_reader_version: 1,
        min_writer_version: 7,
        writer_features: ["appendOnly", WRITER_FEATURE],
    })
}

/// Returns what says which columns the table has.
pub(super) fn metadata(metadata: &DeltaMetadata) -> Action {
    Action::MetaData(MetaData {
        id: metadata.id.clone(),
        format: Format { provider: "parquet", options: BTreeMap::new() },
        schema_string: metadata.schema.clone(),
        partition_columns: PARTITION_COLUMNS.map(|column| column.name),
        configuration: BTreeMap::new(),
    })
}

/// Returns the action that adds a data file.
pub(super) fn add(file: &DataFile, modification_time: i64, data_change: bool) -> Result<Action> {
    let key = file.key()?;
    let values = [key.date.to_string(), key.region];
    Ok(Action::Add(Add {
        path: file.path.clone(),
        partition_values: PARTITION_COLUMNS
            .map(|column| column.name)
            .into_iter()
            .zip(values)
            .collect(),
        size: file.bytes,
        modification_time,
        data_change,
        stats: statistics(file).to_string(),
    }))
}

/// Returns the bounds of a file's columns. They leave out NULL; instants are cut to milliseconds,
/// which readers allow for.
fn statistics(file: &DataFile) -> Value {
    let (mut smallest, mut largest) = (Map::new(), Map::new());
    let mut bound = |name: &str, bounds: Option<(String, String)>| {
        if let Some((least, most)) = bounds {
            smallest.insert(name.to_owned(), least.into());
            largest.insert(name.to_owned(), most.into());
        }
    };
    let times = file.event_time.and_then(|(least, most)| Some((instant(least)?, instant(most)?)));
    bound("event_time", times);
    bound("event_name", file.event_name.clone());
    bound("cluster_name", file.cluster_name.clone());
    json!({
        "numRecords": file.rows,
        "minValues": smallest,
        "maxValues": largest,
        "nullCount": {"event_time": file.rows_without_time},
    })
}

/// Returns an instant as statistics have it; `None` outside the years that every reader knows.
fn instant(milliseconds: i64) -> Option<String> {
    let instant: DateTime<Utc> = DateTime::from_timestamp_millis(milliseconds)?;
    let text = instant.to_rfc3339_opts(SecondsFormat::Millis, true);
    text.bytes().all(|byte| byte != b'+').then_some(text).filter(|text| text.len() == 24)
}

/// Returns the actions of an entry; `begun_late` are those of all data files, if the Delta log begins
/// with it and others were before.
pub(super) fn of_commit(
    entry: &LogEntry,
    delta: &DeltaCommit,
    begun_late: Option<Vec<Action>>,
) -> Result<Vec<Action>> {
    let timestamp = committed_at(entry);
    let operation = match (delta.begins, entry.removes.is_empty()) {
        (true, _) => "CREATE TABLE",
        (false, true) => "WRITE",
        (false, false) if entry.adds.is_empty() => "DELETE",
        (false, false) => "OPTIMIZE",
    };
    let engine_info = entry.tool.clone();
    let mut actions = vec![Action::CommitInfo(CommitInfo { timestamp, operation, engine_info })];
    if delta.begins {
        actions.push(protocol());
    }
    actions.extend(delta.metadata.as_ref().map(metadata));
    if let Some(adds) = begun_late {
        actions.extend(adds);
        return Ok(actions);
    }
    let replaces = !entry.removes.is_empty() && !entry.adds.is_empty();
    let data_change = !replaces || delta.changes_values;
    actions.extend(entry.removes.iter().map(|path| {
        let path = path.clone();
        Action::Remove(Remove { path, deletion_timestamp: timestamp, data_change })
    }));
    let adds = entry.adds.iter().map(|file| add(file, timestamp, data_change));
    actions.extend(adds.collect::<Result<Vec<_>>>()?);
    Ok(actions)
}

/// Returns when an entry was committed, in milliseconds since 1970; 0 if it does not say.
pub(super) fn committed_at(entry: &LogEntry) -> i64 {
    let instant = entry.committed_at.as_deref().and_then(|text| text.parse().ok());
    instant.map_or(0, |instant: DateTime<Utc>| instant.timestamp_millis().max(0))
}

/// Returns actions as the bytes of a commit: a line each.
pub(super) fn to_bytes(path: &str, actions: &[Action]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for action in actions {
        serde_json::to_writer(&mut bytes, action)
            .map_err(|error| Error::Damaged { path: path.to_owned(), reason: error.to_string() })?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
