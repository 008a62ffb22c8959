//! What is not a file is neither read nor overlooked.

use std::{collections::BTreeSet, os::unix::fs::symlink, process::Command};

use futures::TryStreamExt;
use object_store::ObjectStoreExt;

use super::*;
use crate::{
    error::Error as DatasetError,
    log::Snapshot,
    storage::{LocalStaging, Staging, layout},
    testing::TestHome,
};

fn fifo(path: &DiskPath) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A folder with a file, a link to it, and everything that is neither.
fn odd_folder() -> (tempfile::TempDir, Path) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "text").unwrap();
    symlink("file", at("link")).unwrap();
    fifo(&at("pipe"));
    symlink("pipe", at("link-to-pipe")).unwrap();
    symlink("/dev/zero", at("device")).unwrap();
    symlink("nowhere", at("broken")).unwrap();
    symlink("loop", at("loop")).unwrap();
    symlink("/", at("link-to-root")).unwrap();
    fs::write(at("two\nlines"), "text").unwrap();
    fs::create_dir_all(at("folder/below")).unwrap();
    fs::write(at("folder/below/file"), "text").unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    let path = Path::from_absolute_path(folder.path()).unwrap();
    (folder, path)
}

#[tokio::test]
async fn only_regular_files_are_read() {
    let (_folder, path) = odd_folder();
    let store = DiskStore::new();
    for name in ["file", "link", "folder/below/file"] {
        let at = Path::from(format!("{path}/{name}"));
        assert_eq!(store.get(&at).await.unwrap().bytes().await.unwrap(), "text", "{name}");
        assert_eq!(store.get_range(&at, 1..3).await.unwrap(), "ex", "{name}");
    }
    for name in ["pipe", "link-to-pipe", "device", "socket", "folder", "link-to-root"] {
        let at = path.clone().join(name);
        let errors = [
            store.get(&at).await.unwrap_err(),
            store.head(&at).await.unwrap_err(),
            store.get_range(&at, 0..1).await.unwrap_err(),
        ];
        for error in errors {
            let text = error.to_string();
            assert!(text.contains(name) && text.contains("not a regular file"), "{text}");
        }
    }
    for name in ["broken", "loop", "nothing"] {
        assert!(store.get(&path.clone().join(name)).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn all_is_listed_and_no_link_to_a_folder_followed() {
    let (_folder, path) = odd_folder();
    let store = DiskStore::new();
    let names = |objects: Vec<ObjectMeta>| -> BTreeSet<String> {
        let below = |object: &ObjectMeta| {
            let parts = object.location.prefix_match(&path).unwrap();
            parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/")
        };
        objects.iter().map(below).collect()
    };
    let all = names(store.list(Some(&path)).try_collect().await.unwrap());
    let expected = [
        "broken",
        "device",
        "file",
        "folder/below/file",
        "link",
        "link-to-pipe",
        "link-to-root",
        "loop",
        "pipe",
        "socket",
        "two%0Alines",
    ];
    assert_eq!(all, expected.map(str::to_owned).into());
    let after = store.list_with_offset(Some(&path), &path.clone().join("link-to-pipe"));
    let after = names(after.try_collect().await.unwrap());
    assert_eq!(
        after,
        ["link-to-root", "loop", "pipe", "socket", "two%0Alines"].map(str::to_owned).into()
    );
    let absent = store.list(Some(&path.clone().join("nothing")));
    assert!(absent.try_collect::<Vec<_>>().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_time_that_no_calendar_has_is_an_error() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    let far = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1 << 55);
    fs::File::options().write(true).open(&file).unwrap().set_modified(far).unwrap();
    // Not every file system keeps such a time.
    let is_kept = fs::metadata(&file).unwrap().modified().unwrap() == far;
    let path = Path::from_absolute_path(folder.path()).unwrap();
    let store = DiskStore::new();
    assert_eq!(store.get(&path.clone().join("file")).await.is_err(), is_kept);
    assert_eq!(store.list(Some(&path)).try_collect::<Vec<_>>().await.unwrap().len(), 1);
}

/// Each file of a dataset's bookkeeping, as a pipe that nobody writes to.
#[tokio::test]
async fn a_dataset_of_pipes_is_an_error() {
    let home = TestHome::disk().checkpointed_after(2);
    let (source, options) = crate::testing::three_partitions().await;
    home.convert(&source, &options(&home)).await.unwrap();
    let files: Vec<_> = home.paths("_ecstrail").await.into_iter().collect();
    let folders = ["log/", "checkpoint/", "segment/", "ledger/", "done/", "dataset.json", "lock"];
    for folder in folders {
        assert!(files.iter().any(|file| file[10..].starts_with(folder)), "{folder}: {files:?}");
    }
    let newest = files.iter().rfind(|file| file.starts_with(layout::LOG)).cloned();
    for file in &files {
        let home = home.fork();
        let at = home.path().join(file);
        fs::remove_file(&at).unwrap();
        fifo(&at);
        let opened = Snapshot::open(&home.objects).await;
        let converted = home.open().await;
        // Entries before the newest checkpoint are summed up in it.
        let is_read = *file == layout::DATASET || Some(file) == newest.as_ref();
        if is_read {
            assert!(opened.is_err(), "{file}");
        }
        if is_read || file == layout::LOCK {
            let error = converted.unwrap_err();
            assert!(
                matches!(error, DatasetError::Damaged { .. } | DatasetError::NotOurs { .. }),
                "{file}: {error}"
            );
        }
    }
    // What creates an object reads what is there.
    let staging = LocalStaging::open(home.path()).unwrap();
    let path = layout::log_entry(99);
    fifo(&home.path().join(&path));
    assert!(staging.create(&path, b"x".to_vec()).await.is_err());
}
