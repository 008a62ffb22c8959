use std::sync::Arc;

use object_store::{ObjectStoreExt, memory::InMemory, path::Path};

use super::*;
use crate::testing::{TestHome, put_log_file, record, source};

/// A preview of one source for a home.
async fn previewed(home: &TestHome, source: &Source, options: &ConvertOptions) -> Preview {
    let dataset = Some(&home.objects);
    let preview = preview(std::slice::from_ref(source), options, dataset, &Progress::default())
        .await
        .unwrap();
    assert!(preview.is_conserved());
    let of_groups = preview.groups.iter().fold(PreviewedFiles::default(), |sum, group| {
        PreviewedFiles { files: sum.files + group.files, bytes: sum.bytes + group.bytes }
    });
    assert_eq!(of_groups, preview.to_read);
    preview
}

#[tokio::test]
async fn a_preview_is_what_the_conversion_then_reads() {
    for home in TestHome::all() {
        let store = Arc::new(InMemory::new());
        for number in 0..6 {
            put_log_file(&*store, "a", number, &[record(10), record(number as u64)]).await;
        }
        store.put(&Path::from("a/other.json"), "{}".into()).await.unwrap();
        store.put(&Path::from("a/bad.json.gz"), vec![0x1f, 0x8b, 0].into()).await.unwrap();
        store.put(&Path::from("a/README.md"), "hello".into()).await.unwrap();
        let source = source(store, "a");
        let mut options = ConvertOptions { window_files: 3, ..home.options() };

        let before = previewed(&home, &source, &options).await;
        assert_eq!((before.to_read.files, before.known.files, before.found.others), (8, 0, 1));
        assert_eq!((before.get_requests, before.found.list_requests), (8, 1));
        let first = &before.groups[0];
        assert_eq!(
            (
                first.account.as_deref(),
                first.region.as_deref(),
                first.month.as_deref(),
                first.files
            ),
            (Some("111122223333"), Some("us-east-1"), Some("2026-04"), 6)
        );
        assert_eq!((&before.groups[1].account, before.groups[1].files), (&None, 2));
        // Nothing is made where there is no dataset.
        assert!(Log::read(&home.objects).await.is_err());

        let outcome = home.convert(&source, &options).await.unwrap();
        assert_eq!(
            (outcome.counts.files, outcome.counts.stored_bytes),
            (before.to_read.files, before.to_read.bytes)
        );
        let after = previewed(&home, &source, &options).await;
        assert_eq!((after.to_read.files, after.known.files, after.known_damaged.files), (0, 7, 1));
        assert_eq!((after.get_requests, after.estimate), (0, Estimate::default()));
        options.retry = true;
        assert_eq!(previewed(&home, &source, &options).await.to_read.files, 1);
    }
}

#[tokio::test]
async fn large_files_are_read_in_ranges() {
    let store = Arc::new(InMemory::new());
    let large = usize::try_from(READ_BYTES).unwrap() + 1;
    for (name, bytes) in [("a/large.json.gz", large), ("a/large.json", large), ("a/small.gz", 1415)]
    {
        store.put(&Path::from(name), vec![0; bytes].into()).await.unwrap();
    }
    let home = TestHome::memory();
    let options = ConvertOptions { memory_bytes: 64 << 20, ..home.options() };
    let found = previewed(&home, &source(store, "a"), &options).await;
    assert_eq!(found.get_requests, (1 + 4) + (1 + 2) + 1);
    let records = (large as u64).div_ceil(283) + (large as u64).div_ceil(1400) + 5;
    assert_eq!(found.estimate.records, records);
    assert_eq!(found.estimate.output_bytes_if_all_kept, records * 240);
    assert!(found.estimate.seconds > 8.0 * 0.05 / 32.0);
    let text = serde_json::to_value(&found).unwrap();
    assert_eq!(text["found"]["log_files"], 3);
    assert_eq!(text["groups"][0]["month"], serde_json::Value::Null);
}

/// Sources that overlap in part: what is below several of them would be read once, whatever windows
/// it is listed in, as the conversion then does.
#[tokio::test]
async fn what_overlapping_sources_list_is_counted_as_the_conversion_counts_it() {
    let store = Arc::new(InMemory::new());
    for number in 0..4 {
        put_log_file(&*store, "a/b", number, &[record(number as u64)]).await;
        put_log_file(&*store, "a/bc", number, &[record(10 + number as u64)]).await;
    }
    let shared = || Arc::<InMemory>::clone(&store);
    let (outer, inner) = (source(shared(), "a"), source(shared(), "a/b"));
    let twice = source(shared(), "a/b");
    for sources in [[&outer, &inner, &twice], [&inner, &outer, &twice], [&inner, &twice, &outer]] {
        let sources = sources.map(Clone::clone);
        for window_files in [1, 3, 4, 7, 100] {
            for reread in [false, true] {
                let home = TestHome::memory();
                let options = ConvertOptions { window_files, ..home.options() };
                let progress = Arc::new(Progress::default());
                let dataset = home.open().await.unwrap();
                let both = async |options: &ConvertOptions| {
                    let dry = preview(&sources, options, Some(&home.objects), &progress);
                    let dry = dry.await.unwrap();
                    assert!(dry.is_conserved());
                    let real = dataset.convert(&sources, options, &progress).await.unwrap();
                    assert_eq!(
                        (dry.to_read.files, dry.to_read.bytes, dry.known.files),
                        (real.counts.files, real.counts.stored_bytes, real.counts.known_files),
                        "{window_files} {reread}"
                    );
                    assert_eq!(dry.sources.len(), real.sources.len());
                    dry.to_read.files
                };
                assert_eq!(both(&options).await, 8);
                let again = both(&ConvertOptions { reread, ..options.clone() }).await;
                assert_eq!(again == 0, !reread);
            }
        }
    }
}

/// Without a dataset there is no ledger, and overlapping sources are counted all the same.
#[tokio::test]
async fn what_overlapping_sources_list_is_counted_once_without_a_dataset() {
    let store = Arc::new(InMemory::new());
    for number in 0..3 {
        put_log_file(&*store, "a", number, &[record(number as u64)]).await;
    }
    let list = source(store, "a");
    for window_files in [1, 2, 100] {
        let options = ConvertOptions { window_files, ..TestHome::memory().options() };
        let sources = [list.clone(), list.clone()];
        let found = preview(&sources, &options, None, &Progress::default()).await.unwrap();
        assert!(found.is_conserved());
        assert_eq!((found.to_read.files, found.known.files, found.get_requests), (3, 3, 3));
        assert_eq!(found.groups.iter().map(|group| group.files).sum::<u64>(), 3);
    }
}
