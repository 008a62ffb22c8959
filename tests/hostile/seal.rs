//! Hashes made right again after a change, so that nothing but the change itself is wrong.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use sha2::{Digest, Sha256};

const LOG: &str = "_ecstrail/log";
const DONE: &str = "_ecstrail/done";
const CHECKPOINT: &str = "_ecstrail/checkpoint";

/// Returns the regular files of a folder, in the order of their names.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Returns SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Returns a manifest of a checkpoint with the right hash of itself; `inner` is what it says.
pub(crate) fn manifest(inner: &str) -> String {
    format!(
        r#"{{"format_version":1,"sha256":"{}","checkpoint":{inner}}}"#,
        sha256(inner.as_bytes())
    )
}

/// Makes the hashes of a dataset right again, all but those in the file that was changed.
pub(crate) fn seal(home: &Path, changed: &Path) {
    let mut heads = BTreeMap::new();
    let mut previous = String::new();
    for path in files(&home.join(LOG)) {
        let mut bytes = fs::read(&path).unwrap();
        if path != changed {
            let mut entry: Value = serde_json::from_slice(&bytes).unwrap();
            entry["previous_sha256"] = previous.into();
            for side in ["ledger", "quarantine"] {
                hash_of_file(home, &mut entry[side]);
            }
            bytes = entry.to_string().into_bytes();
            replace(&path, &bytes);
        }
        previous = sha256(&bytes);
        heads.insert(path.file_name().unwrap().to_owned(), previous.clone());
    }
    for path in files(&home.join(DONE)) {
        let entry = path.with_extension("json");
        if let Some(hash) = heads.get(entry.file_name().unwrap()).filter(|_| path != changed) {
            replace(&path, hash.as_bytes());
        }
    }
    for path in files(&home.join(CHECKPOINT)) {
        if path == changed {
            continue;
        }
        let envelope: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let mut inner = envelope["checkpoint"].clone();
        if let Some(head) = heads.get(path.file_name().unwrap()) {
            inner["head_sha256"] = head.clone().into();
        }
        for_each_side_file(&mut inner, &mut |file| hash_of_file(home, file));
        replace(&path, manifest(&inner.to_string()).as_bytes());
    }
}

/// Writes a file anew; what other names it has keep their bytes.
pub(crate) fn replace(path: &Path, bytes: &[u8]) {
    drop(fs::remove_file(path));
    fs::write(path, bytes).unwrap();
}

fn for_each_side_file(value: &mut Value, each: &mut impl FnMut(&mut Value)) {
    if value.get("sha256").is_some() {
        return each(value);
    }
    match value {
        Value::Object(members) => {
            for value in members.values_mut() {
                for_each_side_file(value, each);
            }
        }
        Value::Array(elements) => {
            for value in elements {
                for_each_side_file(value, each);
            }
        }
        _ => {}
    }
}

fn hash_of_file(home: &Path, file: &mut Value) {
    let bytes = file["path"].as_str().map(|path| home.join(path)).filter(|path| path.is_file());
    if let Some(bytes) = bytes.and_then(|path| fs::read(path).ok()) {
        file["sha256"] = sha256(&bytes).into();
    }
}
