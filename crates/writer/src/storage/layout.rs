//! Every name in a dataset is made here.
//!
//! ```text
//! events/date=2026-04-27/region=us-east-1/part-<transaction>-<number>.parquet   data, nothing else
//! _ecstrail/dataset.json             what the dataset is
//! _ecstrail/log/<20 digits>.json     the commit log
//! _ecstrail/done/<20 digits>         the entry's files are published
//! _ecstrail/done/<20 digits>.removed what the entry removes is deleted
//! _ecstrail/checkpoint/<20 digits>.json       the log summed up, to that entry
//! _ecstrail/segment/<transaction>-<number>.…  the parts that checkpoints name
//! _ecstrail/ledger/<transaction>.jsonl      the inputs of one entry
//! _ecstrail/quarantine/<transaction>.jsonl  the rejects of one entry
//! _ecstrail/tmp/<transaction>/…      prepared files, sorted runs; on local disks
//! _ecstrail/txn/<transaction>/…      notes of begun uploads; in object stores
//! _delta_log/<20 digits>.json        the commit log once more, for readers of Delta tables
//! _delta_log/<20 digits>.checkpoint.parquet   the Delta table as it was after that entry
//! ```

use ecstrail_converter::PartitionKey;

pub(crate) mod parsed;

/// The folder that other engines are pointed at.
pub const EVENTS: &str = "events";
pub(crate) const DATASET: &str = "_ecstrail/dataset.json";
pub(crate) const LOG: &str = "_ecstrail/log";
pub(crate) const DONE: &str = "_ecstrail/done";
pub(crate) const CHECKPOINT: &str = "_ecstrail/checkpoint";
pub(crate) const SEGMENT: &str = "_ecstrail/segment";
/// Prepared files and sorted runs, while they are needed.
pub const TMP: &str = "_ecstrail/tmp";
/// Notes of begun uploads.
pub(crate) const TXN: &str = "_ecstrail/txn";
pub(crate) const LOCK: &str = "_ecstrail/lock";
pub(crate) const LEDGER: &str = "_ecstrail/ledger";
pub(crate) const QUARANTINE: &str = "_ecstrail/quarantine";
/// Where readers of Delta tables look for the log, by its protocol.
pub(crate) const DELTA_LOG: &str = "_delta_log";
pub(crate) const LAST_DELTA_CHECKPOINT: &str = "_delta_log/_last_checkpoint";

const NONCE_DIGITS: usize = 16;

/// A transaction: the log version that it wants to become, and a nonce that nobody else has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub(crate) version: u64,
    pub(crate) nonce: String,
}

impl Transaction {
    pub(crate) fn new(version: u64) -> Self {
        let nonce = uuid::Uuid::new_v4().simple().to_string();
        Self { version, nonce: nonce[..NONCE_DIGITS].to_owned() }
    }

    /// The name, as in paths: `00000042-0123456789abcdef`.
    pub(crate) fn name(&self) -> String {
        format!("{:08}-{}", self.version, self.nonce)
    }

    /// Reads a transaction's name; `None` for whatever is not exactly as [`name`](Self::name) makes
    /// it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (version, nonce) = name.split_once('-')?;
        let transaction = Self { version: version.parse().ok()?, nonce: nonce.to_owned() };
        (is_nonce(nonce) && transaction.name() == name).then_some(transaction)
    }

    /// The path of a data file; `prefix` and `number` are its own within the partition.
    pub(crate) fn data_file(&self, key: &PartitionKey, prefix: &str, number: usize) -> String {
        format!("{EVENTS}/{key}/part-{}-{prefix}{number}.parquet", self.name())
    }

    /// Reads the transaction from the path of a data file; `None` if it is not one of ours.
    pub(crate) fn of_data_file(path: &str) -> Option<Self> {
        partition_of(path)?;
        let (_, name) = path.rsplit_once('/')?;
        let name = name.strip_prefix("part-")?.strip_suffix(".parquet")?;
        let mut parts = name.splitn(3, '-');
        let (version, nonce, number) = (parts.next()?, parts.next()?, parts.next()?);
        let transaction = Self::parse(&format!("{version}-{nonce}"))?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        number.split('-').all(is_number).then_some(transaction)
    }

    /// Reads the transaction from the path of a ledger or quarantine file.
    pub(crate) fn of_side_file(path: &str) -> Option<Self> {
        let (_, name) = path.rsplit_once('/')?;
        let transaction = Self::parse(name.strip_suffix(".jsonl")?)?;
        let is_ours = path == transaction.ledger() || path == transaction.quarantine();
        is_ours.then_some(transaction)
    }

    pub(crate) fn ledger(&self) -> String {
        format!("{LEDGER}/{}.jsonl", self.name())
    }

    pub(crate) fn quarantine(&self) -> String {
        format!("{QUARANTINE}/{}.jsonl", self.name())
    }

    /// A part of a checkpoint of the version; the nonce is the part's own.
    pub(crate) fn segment(&self, number: usize, extension: &str) -> String {
        format!("{SEGMENT}/{}-{number}.{extension}", self.name())
    }
}

fn is_nonce(text: &str) -> bool {
    text.len() == NONCE_DIGITS && is_lower_hex(text)
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// A name for a file that is about to be linked to where it belongs.
pub(crate) fn new_file_to_link() -> String {
    format!("{TO_LINK}{}", uuid::Uuid::new_v4().simple())
}

/// Returns whether a name is one that [`new_file_to_link`] makes.
pub(crate) fn is_file_to_link(name: &str) -> bool {
    name.strip_prefix(TO_LINK).is_some_and(|id| id.len() == 32 && is_lower_hex(id))
}

const TO_LINK: &str = "create-";

/// A name for a sorted run on disk: the `number`th of a worker.
pub(crate) fn sorted_run(worker: usize, number: usize) -> String {
    format!("run-{worker}-{number}.arrow")
}

/// A name for what sorted runs are merged into: the `number`th of a round.
pub(crate) fn merged_run(round: usize, number: usize) -> String {
    format!("merged-{round}-{number}.arrow")
}

/// Returns whether a name is one that [`sorted_run`] or [`merged_run`] makes.
pub(crate) fn is_sorted_run(name: &str) -> bool {
    let numbers = name.strip_prefix("run-").or_else(|| name.strip_prefix("merged-"));
    let numbers = numbers.and_then(|name| name.strip_suffix(".arrow"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    numbers
        .and_then(|numbers| numbers.split_once('-'))
        .is_some_and(|(worker, number)| is_number(worker) && is_number(number))
}

/// Returns whether a name among the temporary files of a local disk is one of ours: in a dataset's
/// folder for them, or where a run was told to keep what does not fit into memory.
pub fn is_temporary(name: &str) -> bool {
    Transaction::parse(name).is_some() || is_file_to_link(name) || is_sorted_run(name)
}

/// Returns the partition of a file by its path, whatever the file is called.
pub(crate) fn partition_of(path: &str) -> Option<PartitionKey> {
    let (folder, _) = path.rsplit_once('/')?;
    folder.strip_prefix(EVENTS)?.strip_prefix('/')?.parse().ok()
}

/// The place of a transaction's temporary files.
pub(crate) fn temporary(transaction: &str) -> String {
    format!("{TMP}/{transaction}")
}

/// The place of a transaction's notes of begun uploads.
pub(crate) fn notes(transaction: &str) -> String {
    format!("{TXN}/{transaction}")
}

/// Returns the folder's name of what a transaction keeps in a folder of its own: temporary files
/// and notes.
pub(crate) fn transaction_folder(path: &str) -> Option<&str> {
    let below = |folder| path.strip_prefix(folder)?.strip_prefix('/')?.split('/').next();
    below(TMP).or_else(|| below(TXN))
}

pub(crate) fn log_entry(version: u64) -> String {
    format!("{LOG}/{version:020}.json")
}

pub(crate) fn done_marker(version: u64) -> String {
    format!("{DONE}/{version:020}")
}

pub(crate) fn checkpoint(version: u64) -> String {
    format!("{CHECKPOINT}/{version:020}.json")
}

/// A commit of the Delta log.
pub(crate) fn delta_commit(version: u64) -> String {
    format!("{DELTA_LOG}/{version:020}.json")
}

pub(crate) fn delta_checkpoint(version: u64) -> String {
    format!("{DELTA_LOG}/{version:020}.checkpoint.parquet")
}

/// Reads the version of the checkpoint that a segment was written for from the segment's name.
pub(crate) fn segment_version(path: &str) -> Option<u64> {
    let name = path.strip_prefix(SEGMENT)?.strip_prefix('/')?;
    let (transaction, _) = name.rsplit_once('-')?;
    Transaction::parse(transaction).map(|transaction| transaction.version)
}

/// Says that what an entry removes is deleted. Only of entries that delete after publishing.
pub(crate) fn removed_marker(version: u64) -> String {
    format!("{}{REMOVED}", done_marker(version))
}

/// Reads the version from the path of a marker that [`done_marker`] makes.
pub(crate) fn done_version_of(path: &str) -> Option<u64> {
    version_of(path.strip_prefix(DONE)?.strip_prefix('/')?)
}

/// Reads the version from the name of a marker that [`removed_marker`] makes.
pub(crate) fn removed_version_of(name: &str) -> Option<u64> {
    version_of(name.strip_suffix(REMOVED)?)
}

pub(crate) const REMOVED: &str = ".removed";

/// Reads the version from the name of a log entry, done marker or checkpoint.
pub(crate) fn version_of(name: &str) -> Option<u64> {
    let name = name.rsplit('/').next()?;
    let digits = name.strip_suffix(".json").unwrap_or(name);
    let version = (digits.len() == 20).then(|| digits.parse().ok()).flatten();
    version.filter(|version| *version < parsed::MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_is_read_from_them() {
        let transaction = Transaction::new(42);
        assert_eq!(Transaction::parse(&transaction.name()), Some(transaction.clone()));
        assert_ne!(Transaction::new(42), transaction);
        assert_eq!(version_of(&log_entry(42)), Some(42));
        assert_eq!(version_of(&done_marker(42)), Some(42));
        assert_eq!(version_of(&checkpoint(42)), Some(42));
        assert_eq!(segment_version(&transaction.segment(7, "keys")), Some(42));
        assert_eq!(segment_version(&transaction.ledger()), None);
        assert_eq!(version_of("_ecstrail/log/00000000000000000042.json#1"), None);
        let key = "date=2026-04-27/region=us-east-1".parse().unwrap();
        let file = transaction.data_file(&key, "", 3);
        assert!(file.starts_with("events/date=2026-04-27/region=us-east-1/part-00000042-"));
        assert!(file.ends_with("-3.parquet"));
        assert_eq!(version_of(&removed_marker(42)), None);
        assert_eq!(removed_version_of(&removed_marker(42)), Some(42));
        assert_eq!(removed_version_of(&done_marker(42)), None);
    }

    #[test]
    fn only_our_own_names_are_taken_for_ours() {
        let transaction = Transaction::new(42);
        let key = "date=2026-04-27/region=us-east-1".parse().unwrap();
        for prefix in ["", "7-"] {
            let file = transaction.data_file(&key, prefix, 3);
            assert_eq!(Transaction::of_data_file(&file), Some(transaction.clone()), "{file}");
        }
        for path in [transaction.ledger(), transaction.quarantine()] {
            assert_eq!(Transaction::of_side_file(&path), Some(transaction.clone()), "{path}");
        }
        let name = transaction.name();
        for path in [
            format!("events/part-{name}-0.parquet"),
            format!("events/date=2026-04-27/region=us-east-1/x/part-{name}-0.parquet"),
            format!("events/date=2026-04-27/region=us-east-1/part-{name}-x.parquet"),
            format!("events/date=2026-04-27/region=us-east-1/part-{name}-.parquet"),
            format!("events/date=2026-04-27/region=us-east-1/part-{name}.parquet"),
            format!("events/date=2026-04-27/region=us-east-1/part-{name}-0.parquet.tmp"),
            "events/date=2026-04-27/region=us-east-1/part-00000000-a-0.parquet".to_owned(),
            "events/date=2026-04-27/region=us-east-1/part-42-0123456789abcdef-0.parquet".to_owned(),
            "events/date=2026-04-27/region=us-east-1/part-00042-0123456789abcdef-0.parquet"
                .to_owned(),
        ] {
            assert_eq!(Transaction::of_data_file(&path), None, "{path}");
        }
        for path in [format!("_ecstrail/tmp/{name}.jsonl"), "_ecstrail/ledger/x.jsonl".to_owned()] {
            assert_eq!(Transaction::of_side_file(&path), None, "{path}");
        }
    }
}
