//! Names that a log entry, checkpoint or note says are taken only if they can be the dataset's own:
//! a dataset from somebody else must not reach out of its home.
//!
//! These are given to serde, so that nothing is done before all of a file's names are known good.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error};

use super::{LEDGER, QUARANTINE, SEGMENT, Transaction, is_nonce, partition_of};
use crate::storage::TMP;

/// The largest number of bytes, rows or anything else that is taken from a file.
pub(crate) const MOST: u64 = 1 << 48;

/// Reads the path of a data file.
pub(crate) fn data_file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, "the path of a data file", is_data_file)
}

/// Reads paths of data files.
pub(crate) fn data_files<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    let paths = Vec::<String>::deserialize(deserializer)?;
    match paths.iter().find(|path| !is_data_file(path)) {
        Some(path) => Err(not(path, "the path of a data file")),
        None => Ok(paths),
    }
}

/// Reads the path of a ledger or quarantine file, or of a segment of a checkpoint.
pub(crate) fn side_file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, "the path of a file beside the data", |path| {
        [LEDGER, QUARANTINE, SEGMENT].iter().any(|folder| is_file_in(path, folder))
    })
}

/// Reads a transaction's nonce.
pub(crate) fn nonce<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, "the nonce of a transaction", is_nonce)
}

/// Reads a number of bytes, rows, lines or commits, small enough that sums of such numbers fit into 64
/// bits.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    checked_count(u64::deserialize(deserializer)?)
}

/// Reads numbers of records by what they are.
pub(crate) fn counts<'de, D: Deserializer<'de>, K: Deserialize<'de> + Ord>(
    deserializer: D,
) -> Result<BTreeMap<K, u64>, D::Error> {
    let counts = BTreeMap::deserialize(deserializer)?;
    counts.values().try_for_each(|number| checked_count(*number).map(drop))?;
    Ok(counts)
}

fn checked_count<E: Error>(number: u64) -> Result<u64, E> {
    if number <= MOST {
        return Ok(number);
    }
    Err(E::custom(format_args!("{number} is out of range")))
}

/// Returns whether a path is that of a file in a partition, whatever the file is called.
pub(crate) fn is_data_file(path: &str) -> bool {
    let is_file = path.rsplit_once('/').is_some_and(|(_, name)| is_file_name(name));
    is_file && partition_of(path).is_some()
}

/// Returns whether a path is that of a file which a transaction has prepared on the local disk.
pub(crate) fn is_prepared_file(path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else { return false };
    let transaction = folder.strip_prefix(TMP).and_then(|folder| folder.strip_prefix('/'));
    is_file_name(name) && transaction.is_some_and(|name| Transaction::parse(name).is_some())
}

fn is_file_in(path: &str, folder: &str) -> bool {
    let name = path.strip_prefix(folder).and_then(|name| name.strip_prefix('/'));
    name.is_some_and(is_file_name)
}

/// Letters, digits, `-`, `_` and `.`, the last not at the beginning.
fn is_file_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_plain)
}

fn checked<'de, D: Deserializer<'de>>(
    deserializer: D,
    what: &str,
    is_ours: impl Fn(&str) -> bool,
) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if is_ours(&text) { Ok(text) } else { Err(not(&text, what)) }
}

fn not<E: Error>(text: &str, what: &str) -> E {
    E::custom(format_args!("{text:?} is not {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_stay_in_their_folder() {
        for path in [
            "events/date=2026-04-27/region=us-east-1/part-00000042-0123456789abcdef-0.parquet",
            "events/date=2026-04-27/region=unknown/part.parquet",
        ] {
            assert!(is_data_file(path), "{path}");
        }
        for path in [
            "",
            "events",
            "/etc/passwd",
            "../victim",
            "events/../victim.parquet",
            "events/date=2026-04-27/region=us-east-1/..",
            "events/date=2026-04-27/region=us-east-1/.hidden",
            "events/date=2026-04-27/region=us-east-1/",
            "events/date=2026-04-27/region=../x.parquet",
            "events/date=2026-04-27/region=us-east-1/../../../x.parquet",
            "events/date=2026-04-27/region=us-east-1/a\\..\\b",
            "events/date=2026-04-27/region=us-east-1/a\u{0}b",
            "_ecstrail/dataset.json",
            "events//date=2026-04-27/region=us-east-1/part.parquet",
        ] {
            assert!(!is_data_file(path), "{path}");
        }
        let prepared = "_ecstrail/tmp/00000042-0123456789abcdef/0-0.parquet";
        assert!(is_prepared_file(prepared));
        for path in [
            "../victim",
            "/abs/victim",
            "_ecstrail/tmp/victim",
            "_ecstrail/tmp/00000042-0123456789abcdef",
            "_ecstrail/tmp/00000042-0123456789abcdef/../x",
            "_ecstrail/tmp/../x/y",
            "_ecstrail/tmp/mine/0.parquet",
        ] {
            assert!(!is_prepared_file(path), "{path}");
        }
        let ledger = "_ecstrail/ledger/00000042-0123456789abcdef.jsonl";
        assert!(is_file_in(ledger, LEDGER) && !is_file_in(ledger, SEGMENT));
        assert!(!is_file_in("_ecstrail/ledger/../dataset.json", LEDGER));
        assert!(!is_file_in("_ecstrail/ledger/x/y", LEDGER));
    }

    #[test]
    fn numbers_that_can_be_added_up() {
        use serde::de::{IntoDeserializer, value};
        let read = |number: u64| {
            let deserializer: value::U64Deserializer<value::Error> = number.into_deserializer();
            count(deserializer).is_ok()
        };
        for (number, expected) in [(0, true), (MOST, true), (MOST + 1, false), (u64::MAX, false)] {
            assert_eq!(read(number), expected, "{number}");
        }
        let rejects =
            |json: &str| counts::<_, String>(&mut serde_json::Deserializer::from_str(json));
        assert_eq!(rejects(r#"{"a":1}"#).unwrap().len(), 1);
        assert!(rejects(r#"{"a":1,"b":18446744073709551615}"#).is_err());
    }
}
