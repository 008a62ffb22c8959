//! Commits without a conversion: what the log and the ledger say, without any data.

use std::collections::BTreeMap;

use chrono::DateTime;
use ecstrail_converter::LogFile;
use object_store::{ObjectMeta, path::Path};

use crate::{
    dataset::Dataset,
    log::{
        DataFile, Totals,
        commit_log::Log,
        description::FORMAT_VERSION,
        entry::{LogEntry, now},
        ledger::LedgerInput,
        lines::JsonLines,
    },
    storage::{
        digest::sha256_hex,
        layout::{self, Transaction},
    },
};

/// Returns an entry that follows the log, without files or inputs.
pub(crate) fn entry(log: &Log, selection: &str) -> LogEntry {
    let transaction = Transaction::new(log.next_version());
    LogEntry {
        format_version: FORMAT_VERSION,
        version: transaction.version,
        nonce: transaction.nonce.clone(),
        prepared_for: None,
        previous_sha256: log.head_sha256.clone(),
        description_sha256: log.empty_entry(&transaction).description_sha256,
        tool: "a test".to_owned(),
        schema_version: 1,
        selection: selection.to_owned(),
        shard: None,
        totals: Totals::default(),
        rejects: BTreeMap::new(),
        committed_at: Some(now()),
        adds: Vec::new(),
        removes: Vec::new(),
        ledger: None,
        quarantine: None,
        forgets: Vec::new(),
        listed: BTreeMap::new(),
        delta: log.empty_entry(&transaction).delta,
    }
}

/// Returns a log file like no other.
pub(crate) fn log_file(number: u64) -> LogFile {
    let meta = ObjectMeta {
        location: Path::from(format!("a/{number}.json")),
        last_modified: DateTime::default(),
        size: number,
        e_tag: Some(format!("\"{number}\"")),
        version: None,
    };
    LogFile::new(meta, &"memory:///a/".into(), format!("{number}.json"))
}

/// Returns a data file like no other.
pub(crate) fn data_file(number: u64) -> DataFile {
    DataFile {
        path: format!("events/date=2026-04-27/region=us-east-1/part-{number:08}.parquet"),
        schema_version: 1,
        bytes: number,
        rows: 1,
        rows_without_time: 0,
        event_time: None,
        event_name: None,
        cluster_name: None,
        sha256: sha256_hex(&number.to_le_bytes()),
        checked: Vec::new(),
        prepared: "somewhere".to_owned(),
    }
}

/// Commits and publishes log files, each with whether it is damaged. The commit adds the data file
/// with the number of its version and removes the one of the version before, every third time.
pub(crate) async fn commit(dataset: &Dataset, selection: &str, inputs: &[(u64, bool)]) -> LogEntry {
    let Dataset { staging, .. } = dataset;
    let mut entry = entry(&dataset.log().await.unwrap(), selection);
    let transaction = entry.transaction();
    let mut lines = JsonLines::new(transaction.ledger());
    for (number, is_damaged) in inputs {
        let file = log_file(*number);
        let input = LedgerInput {
            url: file.url(),
            bytes: file.bytes,
            version: file.version(),
            damage: is_damaged.then(|| "damaged".to_owned()),
            ..LedgerInput::default()
        };
        lines.push(&input).unwrap();
    }
    let (ledger, bytes) = lines.take().unwrap();
    staging.write(&ledger.path, bytes).await.unwrap();
    entry.ledger = Some(ledger);
    entry.adds.push(data_file(entry.version));
    if entry.version % 3 == 2 {
        entry.removes.push(data_file(entry.version - 1).path);
    }
    let bytes = entry.to_bytes().unwrap();
    let digest = sha256_hex(&bytes);
    staging.create(&layout::log_entry(entry.version), bytes).await.unwrap();
    staging.create(&layout::done_marker(entry.version), digest.into_bytes()).await.unwrap();
    entry
}
