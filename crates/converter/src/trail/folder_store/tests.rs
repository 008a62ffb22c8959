use std::{
    ffi::OsStr,
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, symlink},
        net::UnixListener,
    },
    process::Command,
};

use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use tempfile::TempDir;

use super::*;
use crate::{
    error::Unlisted,
    trail::{DiscoverOptions, discover},
};

const FILE: &str = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/27/111122223333_CloudTrail_us-east-1_20260427T0000Z_x.json.gz";

/// Makes a folder with files of two bytes.
fn folder(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        write(&folder, file);
    }
    folder
}

fn write(folder: &TempDir, file: impl AsRef<OsStr>) {
    let path = folder.path().join(DiskPath::new(file.as_ref()));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "{}").unwrap();
}

/// Lists everything: the paths, and what was told instead of paths.
async fn listed(store: &FolderStore, prefix: Option<&str>) -> (Vec<String>, Vec<String>) {
    let mut objects = store.list(prefix.map(Path::from).as_ref());
    let (mut paths, mut told) = (Vec::new(), Vec::new());
    while let Some(object) = objects.next().await {
        match object {
            Ok(object) => paths.push(object.location.to_string()),
            Err(error) => told.push(Unlisted::of(error).unwrap().to_string()),
        }
    }
    (paths, told)
}

#[tokio::test]
async fn names_of_every_kind_can_be_read_or_are_told() {
    let good = [
        "a b.json",
        "a#b.json",
        "a%2fb.json",
        "a[1].json",
        "a~.json",
        "q?*.json",
        "ü.json",
        "\\x.json",
        "d e/{f}.json",
        "a..json",
        "%.json",
    ];
    let bad = ["new\nline.json", "x.json#1", "tab\t/inside.json"];
    let folder = folder(&good);
    for name in bad {
        write(&folder, name);
    }
    write(&folder, OsStr::from_bytes(b"latin\xfc.json"));
    let store = FolderStore::open(folder.path()).unwrap();
    let (paths, told) = listed(&store, None).await;
    let mut expected = good.to_vec();
    expected.sort_unstable();
    assert_eq!(paths, expected);
    assert_eq!(told.len(), bad.len() + 1);
    for path in ["new\\nline.json\"", "x.json#1\"", "tab\\t/inside.json\"", "latin\\xFC.json\""] {
        assert!(told.iter().any(|told| told.contains(path)), "{path} {told:?}");
    }
    for path in &paths {
        let path = Path::parse(path).unwrap();
        let read = store.get(&path).await.unwrap();
        // A read insists on the version that was listed.
        let of_listing: Vec<_> =
            store.list(None).filter_map(|object| async { object.ok() }).collect().await;
        let listed = of_listing.into_iter().find(|object| object.location == path).unwrap();
        assert_eq!(listed, read.meta);
        assert_eq!(read.bytes().await.unwrap(), "{}");
    }
    // A level has no room for what it cannot name.
    assert!(store.list_with_delimiter(None).await.is_err());
    let level = store.list_with_delimiter(Some(&Path::parse("d e").unwrap())).await.unwrap();
    assert_eq!(level.objects.len(), 1);
}

#[tokio::test]
async fn links_and_special_files_are_counted_and_never_opened() {
    let folder = folder(&["a/1.json", "a/2.json", FILE]);
    let path = |name: &str| folder.path().join(name);
    symlink(path("a"), path("loop")).unwrap();
    symlink(folder.path(), path("a/up")).unwrap();
    symlink(path("a/1.json"), path("again.json")).unwrap();
    symlink(path("nowhere"), path("dangling.json")).unwrap();
    assert!(Command::new("mkfifo").arg(path("fifo.json")).status().unwrap().success());
    let _socket = UnixListener::bind(path("socket")).unwrap();
    let store = FolderStore::open(folder.path()).unwrap();
    assert!(store.head(&Path::from("fifo.json")).await.is_err());
    assert!(store.get(&Path::from("fifo.json")).await.is_err());

    // With the structure to walk, and without.
    for from in [None, "2026-04-27".parse().ok()] {
        let mut options = DiscoverOptions::default();
        options.selection.from = from;
        let shared: Arc<dyn ObjectStore> = Arc::new(store.clone());
        let mut discovery = discover(&shared, &Path::ROOT, "file:///x/", &options).await;
        let mut files = Vec::new();
        while let Some(file) = discovery.next().await {
            files.push(file.source_file);
        }
        assert_eq!(files, [FILE, "a/1.json", "a/2.json"]);
        let found = discovery.found();
        assert_eq!((found.symbolic_links, found.special_files, found.listed()), (4, 2, 9));
        assert_eq!(discovery.failed(), 0);
    }

    let (paths, told) = listed(&store.following_links(), None).await;
    let expected = [FILE, "a/1.json", "a/2.json", "again.json", "loop/1.json", "loop/2.json"];
    assert_eq!(paths, expected);
    let loops =
        told.iter().filter(|told| told.contains("points to a folder that contains it")).count();
    assert_eq!((loops, told.len()), (2, 5), "{told:?}");
    assert!(told.iter().any(|told| told.contains("dangling.json")), "{told:?}");
}

#[tokio::test]
async fn what_vanishes_or_cannot_be_read_is_told() {
    let names: Vec<String> =
        (0..3000).map(|number| format!("d{}/{number:04}", number / 1500)).collect();
    let folder = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let store = FolderStore::open(folder.path()).unwrap();
    let mut objects = store.list(None);
    let first = objects.next().await.unwrap().unwrap();
    assert_eq!(first.location.as_ref(), "d0/0000");
    // The first trip is over: the rest of this folder is known by name, the next one is not.
    fs::remove_file(folder.path().join("d0/1400")).unwrap();
    fs::remove_dir_all(folder.path().join("d1")).unwrap();
    let rest: Vec<_> = objects.collect().await;
    let told: Vec<String> =
        rest.iter().filter_map(|object| object.as_ref().err().map(ToString::to_string)).collect();
    assert_eq!((rest.len() - told.len(), told.len()), (1498, 2), "{told:?}");
    assert!(told[0].contains("d0/1400\": No such file"), "{told:?}");
    assert!(told[1].contains("d1\": No such file"), "{told:?}");

    // Somebody whom permissions bind is told, too.
    let locked = folder.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::write(locked.join("x"), "{}").unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let may_all = fs::read_dir(&locked).is_ok();
    let (paths, told) = listed(&store, None).await;
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!((paths.len(), told.len()), if may_all { (1500, 0) } else { (1499, 1) });

    // The root itself.
    fs::remove_dir_all(folder.path()).unwrap();
    let (paths, told) = listed(&store, None).await;
    assert_eq!((paths.len(), told.len()), (0, 1), "{told:?}");
    let (paths, told) = listed(&store, Some("d0")).await;
    assert_eq!((paths.len(), told.len()), (0, 0), "{told:?}");
}

#[tokio::test]
async fn order_and_offsets_are_those_of_a_bucket() {
    let names = ["a.b/1", "a/1", "a/2/x", "a-b", "a0", "b/c/1", "b/c.d", "z", "é/1"];
    let folder = folder(&names);
    let store = FolderStore::open(folder.path()).unwrap();
    let bucket = object_store::memory::InMemory::new();
    for name in names {
        bucket.put(&Path::parse(name).unwrap(), "{}".into()).await.unwrap();
    }
    let paths = |objects: Vec<ObjectMeta>| -> Vec<String> {
        objects.into_iter().map(|object| object.location.to_string()).collect()
    };
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    assert_eq!(listed(&store, None).await.0, sorted);
    for prefix in [None, Some(Path::from("a")), Some(Path::from("b/c")), Some(Path::from("no"))] {
        for offset in ["a", "a/1", "a/2", "a0", "b/c", "b/c.d", "c", "z"] {
            let (prefix, offset) = (prefix.as_ref(), Path::from(offset));
            let ours = store.list_with_offset(prefix, &offset).try_collect().await.unwrap();
            let theirs = bucket.list_with_offset(prefix, &offset).try_collect().await.unwrap();
            assert_eq!(paths(ours), paths(theirs), "{prefix:?} {offset}");
        }
        let ours = store.list_with_delimiter(prefix.as_ref()).await.unwrap();
        let theirs = bucket.list_with_delimiter(prefix.as_ref()).await.unwrap();
        assert_eq!(ours.common_prefixes.len(), theirs.common_prefixes.len());
        assert_eq!(paths(ours.objects), paths(theirs.objects));
    }
}

#[tokio::test]
async fn nothing_is_ever_written() {
    let folder = folder(&["a"]);
    let store = FolderStore::open(folder.path()).unwrap();
    let (a, b) = (Path::from("a"), Path::from("b"));
    assert!(store.put(&b, "x".into()).await.is_err());
    assert!(store.put_multipart(&b).await.is_err());
    assert!(store.delete(&a).await.is_err());
    assert!(store.copy(&a, &b).await.is_err());
    assert!(store.rename(&a, &b).await.is_err());
    assert_eq!(listed(&store, None).await.0, ["a"]);
}

#[tokio::test]
async fn a_time_that_no_calendar_has_costs_the_file() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    write(&folder, "a.json");
    write(&folder, "b.json");
    let far = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1 << 55);
    let file = File::options().write(true).open(folder.path().join("a.json")).unwrap();
    file.set_modified(far).unwrap();
    // Not every file system keeps such a time.
    let is_kept = file.metadata().unwrap().modified().unwrap() == far;
    let store = FolderStore::open(&folder).unwrap();
    assert_eq!(listed(&store, None).await.0, ["a.json", "b.json"]);
    assert_eq!(store.get(&Path::from("a.json")).await.is_err(), is_kept);
    assert!(store.get(&Path::from("b.json")).await.is_ok());
}

#[tokio::test]
async fn a_listed_file_is_read_unless_it_has_changed() {
    let folder = folder(&["a b.json", "%2fü.json", "d/[1]#.json"]);
    let store = FolderStore::open(folder.path()).unwrap();
    let listed: Vec<_> = store.list(None).try_collect().await.unwrap();
    assert_eq!(listed.len(), 3);
    for found in listed {
        let etag = found.e_tag.as_deref().unwrap();
        let read = || store.read_listed(&found.location, etag, found.size);
        assert_eq!(read().as_deref(), Some(&b"{}"[..]));
        assert_eq!(store.read_listed(&found.location, etag, 1), None);
        assert_eq!(store.read_listed(&found.location, "0-0-2", 2), None);
        let path = folder.path().join(found.location.as_ref());
        fs::write(&path, "[]").unwrap();
        let later = std::time::SystemTime::now() + std::time::Duration::from_mins(1);
        File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        assert_eq!(read(), None);
        fs::remove_file(&path).unwrap();
        assert_eq!(read(), None);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_eq!(read(), None);
    }
}
