//! Nothing outside of the home, and nothing in it that is not ours, is touched.
#![cfg(unix)]

mod lock;

use std::os::unix::fs::symlink;

use super::*;
use crate::{
    dataset::Dataset,
    progress::Progress,
    storage::{Objects, TMP, layout::Transaction},
    testing::{TestHome, source, trail},
    vacuum::VacuumOptions,
};

/// A folder of somebody else's beside the dataset, with a file and a folder in it.
fn victim(folder: &Path) -> PathBuf {
    let victim = folder.join("victim");
    fs::create_dir_all(victim.join("folder")).unwrap();
    fs::write(victim.join("folder/file"), "precious").unwrap();
    fs::write(victim.join("file"), "precious").unwrap();
    victim
}

fn is_whole(victim: &Path) -> bool {
    ["file", "folder/file"]
        .iter()
        .all(|file| fs::read_to_string(victim.join(file)).is_ok_and(|text| text == "precious"))
}

async fn open(home: &Path) -> Result<(Dataset, crate::dataset::Recovery)> {
    let staging = std::sync::Arc::new(LocalStaging::open(home)?);
    let store = std::sync::Arc::new(crate::storage::DiskStore::new());
    let path = object_store::path::Path::from_absolute_path(home).unwrap();
    Dataset::open(Objects::new(store, path), staging).await
}

/// A dataset with a commit, closed.
async fn dataset(home: &Path) {
    let (dataset, _) = open(home).await.unwrap();
    let from = source(trail("a", 20, 0).await, "a");
    let scratch = tempfile::tempdir().unwrap();
    let options = crate::convert::ConvertOptions::new(scratch.path().to_owned());
    dataset.convert(&[from], &options, &std::sync::Arc::new(Progress::default())).await.unwrap();
}

#[tokio::test]
async fn links_in_the_place_of_our_folders_are_not_followed() {
    for link in ["_ecstrail", "_ecstrail/tmp", "_ecstrail/lock", "_ecstrail/log"] {
        let folder = tempfile::tempdir().unwrap();
        let victim = victim(folder.path());
        let home = folder.path().join("home");
        dataset(&home).await;
        let at = home.join(link);
        drop(fs::remove_dir_all(&at));
        drop(fs::remove_file(&at));
        let target = if link.ends_with("lock") { victim.join("file") } else { victim.clone() };
        symlink(target, &at).unwrap();
        let opened = open(&home).await;
        assert!(is_whole(&victim), "{link}");
        // A log without entries is a sound one: what is read through a link does no harm.
        if link != "_ecstrail/log" {
            let error = opened.unwrap_err().to_string();
            assert!(error.contains("is a symbolic link"), "{link}: {error}");
        }
    }
}

#[tokio::test]
async fn only_names_that_we_make_are_cleaned_up() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    dataset(&home).await;
    let ours = Transaction::new(0).name();
    let to_link = layout::new_file_to_link();
    let name = |name: &str| home.join(TMP).join(name);
    for transaction in [&ours, "backup", "00000000-mine", "00000000-0123456789abcdef.old"] {
        fs::create_dir_all(name(transaction)).unwrap();
        fs::write(name(transaction).join("0.parquet"), "x").unwrap();
    }
    for file in [&to_link, "notes.txt", "run-0-1.arrow", "run-x.arrow"] {
        fs::write(name(file), "x").unwrap();
    }
    let victim = victim(folder.path());
    symlink(&victim, name("link")).unwrap();
    symlink(&victim, name(&Transaction::new(0).name())).unwrap();
    // A link with the name of one of ours is told, not followed.
    assert!(matches!(open(&home).await, Err(Error::NotOurs { .. })));
    assert!(is_whole(&victim));
    for entry in fs::read_dir(home.join(TMP)).unwrap() {
        let path = entry.unwrap().path();
        let is_link = fs::symlink_metadata(&path).unwrap().is_symlink();
        if is_link && !path.ends_with("link") {
            fs::remove_file(path).unwrap();
        }
    }

    let (dataset, _) = open(&home).await.unwrap();
    let mut left: Vec<_> = fs::read_dir(home.join(TMP))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    let expected = [
        "00000000-0123456789abcdef.old",
        "00000000-mine",
        "backup",
        "link",
        "notes.txt",
        "run-x.arrow",
    ];
    assert_eq!(left, expected);
    assert!(is_whole(&victim));

    // A vacuum names them, and leaves them.
    let later = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now())
        + chrono::TimeDelta::days(2);
    let plan = dataset.vacuum_plan(&VacuumOptions::default(), later).await.unwrap();
    assert!(plan.deletions.is_empty(), "{plan:?}");
    let foreign: Vec<_> = plan.foreign.iter().map(|file| file.path.as_str()).collect();
    assert!(foreign.contains(&"_ecstrail/tmp/notes.txt"), "{foreign:?}");
    dataset.vacuum(&plan).await.unwrap();
    assert!(name("notes.txt").exists() && name("backup/0.parquet").exists() && is_whole(&victim));
}

#[tokio::test]
async fn what_a_log_entry_names_outside_of_the_home_is_never_touched() {
    let whole = "events/date=2026-04-27/region=us-east-1/part.parquet";
    for (member, value) in [
        ("removes", serde_json::json!(["../victim/file"])),
        ("removes", serde_json::json!([whole, "events/../../victim/file"])),
        ("nonce", serde_json::json!("../../../victim")),
        ("nonce", serde_json::json!("/")),
        ("path", serde_json::json!("../victim/new.parquet")),
        ("prepared", serde_json::json!("../victim/file")),
        ("prepared", serde_json::json!("_ecstrail/tmp/../../../victim/file")),
        ("ledger", serde_json::json!({"path": "../victim/file", "lines": 1, "sha256": ""})),
        ("quarantine", serde_json::json!({"path": "/etc/passwd", "lines": 1, "sha256": ""})),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let victim = victim(folder.path());
        let absolute = victim.join("file").display().to_string();
        for value in [value.clone(), serde_json::json!(absolute), serde_json::json!([absolute])] {
            let home = folder.path().join("home");
            drop(fs::remove_dir_all(&home));
            dataset(&home).await;
            let log = home.join(layout::log_entry(0));
            let mut entry: serde_json::Value =
                serde_json::from_slice(&fs::read(&log).unwrap()).unwrap();
            match member {
                "path" | "prepared" => entry["adds"][0][member] = value.clone(),
                _ => entry[member] = value.clone(),
            }
            fs::write(&log, entry.to_string()).unwrap();
            // As if it had not been settled yet.
            fs::remove_file(home.join(layout::done_marker(0))).unwrap();
            let error = open(&home).await.unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "{member} {value}: {error}");
            assert!(is_whole(&victim), "{member} {value}");
            assert_eq!(fs::read_dir(&victim).unwrap().count(), 2, "{member} {value}");
        }
    }
}
