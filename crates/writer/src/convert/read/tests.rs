use std::fs;

use ecstrail_converter::FolderStore;
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore};

use super::*;
use crate::{testing::record, workers::thread_pool};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_local_file_workers_say_what_its_store_says() {
    let trail = tempfile::tempdir().unwrap();
    for name in ["changed.json", "gone.json", "sound.json"] {
        fs::write(trail.path().join(name), record(1)).unwrap();
    }
    let folder = Arc::new(FolderStore::open(trail.path()).unwrap());
    let listed: Vec<_> = folder.list(None).try_collect().await.unwrap();
    fs::write(trail.path().join("changed.json"), record(1_000_000)).unwrap();
    fs::remove_file(trail.path().join("gone.json")).unwrap();

    let stores = [TrailStore::Folder(Arc::clone(&folder)), TrailStore::Objects(folder)];
    let mut outcomes = Vec::new();
    for store in stores {
        let input = |(number, meta): (u32, &ObjectMeta)| {
            let name = meta.location.to_string();
            let file = Arc::new(LogFile::new(meta.clone(), &"file:///trail/".into(), name));
            Input { store: store.clone(), file, number }
        };
        let limits = ReadLimits {
            fetched_bytes: 1 << 20,
            rejected_bytes: 1 << 20,
            file: Limits::default(),
            sort: SortLimits::new(1 << 30, 2),
        };
        let output = read(
            (0..).zip(&listed).map(input).collect(),
            Arc::default(),
            limits,
            thread_pool(2, "read").unwrap(),
            trail.path(),
            Arc::default(),
        );
        let told = |(_, outcome): (u32, FileOutcome)| match outcome {
            Ok(tally) => tally.records.to_string(),
            Err(error) => chain(&error),
        };
        outcomes.push(output.await.unwrap().outcomes.into_iter().map(told).collect::<Vec<_>>());
    }
    let [of_workers, of_store] = &outcomes[..] else { unreachable!() };
    assert_eq!(of_workers, of_store);
    assert!(of_workers[0].starts_with("changed.json changed"), "{of_workers:?}");
    assert!(of_workers[1].starts_with("cannot read gone.json"), "{of_workers:?}");
    assert_eq!(of_workers[2], "1");
}

/// An error with its sources.
fn chain(error: &dyn std::error::Error) -> String {
    let source = error.source().map(|source| format!(": {}", chain(source)));
    format!("{error}{}", source.unwrap_or_default())
}
