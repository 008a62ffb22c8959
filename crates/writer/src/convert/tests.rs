//! Conversions end to end: the same rows whatever the circumstances, nothing twice, nothing lost.

use std::fmt;

use async_trait::async_trait;
use ecstrail_converter::{EventSources, RejectReason, Selection};
use futures::{StreamExt, stream, stream::BoxStream};
use object_store::{
    CopyOptions, GetOptions, GetRange, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    memory::InMemory, path::Path,
};
use parquet::file::reader::{FileReader, SerializedFileReader};
use proptest::prelude::*;

use super::{findings::DESCRIBED_REJECTS, *};
use crate::testing::{Numbers, TestHome, put_log_file, record, source, trail};

/// What a store does that a good one does not.
#[derive(Debug)]
enum Whim {
    /// Its answers come late and out of order.
    Unsteady,
    /// It replaces an object by a shorter one once the first part of it was read.
    Shrinking,
    /// It lists objects that cannot be read: those of the first log file.
    Losing,
    /// It fails after this many objects of a listing.
    Breaking(usize),
}

fn broken() -> object_store::Error {
    object_store::Error::Generic { store: "Whimsical", source: "broken".into() }
}

/// A store with a whim.
#[derive(Debug)]
struct Whimsical(Whim, Arc<dyn ObjectStore>);

impl fmt::Display for Whimsical {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} {}", self.0, self.1)
    }
}

#[async_trait]
impl ObjectStore for Whimsical {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        self.1.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.1.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> object_store::Result<GetResult> {
        let is_later =
            |range: &GetRange| matches!(range, GetRange::Bounded(range) if range.start > 0);
        match self.0 {
            Whim::Unsteady => {
                let mix = |seed: u64, byte| seed.wrapping_mul(31) ^ u64::from(byte);
                let seed = path.as_ref().bytes().fold(7, mix);
                for _ in 0..Numbers::new(seed).below(300) {
                    tokio::task::yield_now().await;
                }
            }
            Whim::Shrinking if options.range.as_ref().is_some_and(is_later) => {
                self.1.put(path, "{}".into()).await?;
            }
            Whim::Losing if path.as_ref().ends_with("_0000000000000000.json.gz") => {
                let path = path.to_string();
                return Err(object_store::Error::NotFound { path, source: "lost".into() });
            }
            Whim::Shrinking | Whim::Losing | Whim::Breaking(_) => {}
        }
        self.1.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        self.1.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        let listed = self.1.list(prefix);
        match self.0 {
            Whim::Shrinking | Whim::Losing => listed,
            Whim::Breaking(after) => {
                listed.take(after).chain(stream::iter([Err(broken())])).boxed()
            }
            Whim::Unsteady => {
                let shuffled = async move {
                    let mut listed: Vec<_> = listed.collect().await;
                    let mut numbers = Numbers::new(1);
                    for index in (1..listed.len()).rev() {
                        listed.swap(index, numbers.index(index + 1));
                    }
                    stream::iter(listed)
                };
                stream::once(shuffled).flatten().boxed()
            }
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
        self.1.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &Path,
        to: &Path,
        options: CopyOptions,
    ) -> object_store::Result<()> {
        self.1.copy_opts(from, to, options).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_rows_in_the_same_order_whatever_the_threads_the_listing_and_the_memory() {
    let store = trail("a", 100_000, 10).await;
    let in_order = source(Arc::<InMemory>::clone(&store), "a");
    let shuffled = source(Arc::new(Whimsical(Whim::Unsteady, store)), "a");
    let mut hashes = BTreeSet::new();
    for (threads, memory_bytes, source) in [
        (1, 1 << 30, &in_order),
        (2, 1 << 30, &shuffled),
        (8, 1 << 30, &shuffled),
        (2, 4 << 20, &shuffled),
    ] {
        for home in TestHome::all() {
            let options = ConvertOptions { threads, memory_bytes, ..home.options() };
            let outcome = home.convert(source, &options).await.unwrap();
            let expected_duplicates = outcome.counts.totals.records - 100_000;
            assert!(expected_duplicates > 9_000);
            assert_eq!(outcome.counts.totals.rows, 10_000);
            assert_eq!(
                outcome.counts.totals.rows + outcome.counts.totals.duplicates,
                outcome.counts.totals.records - outcome.counts.totals.filtered
            );
            hashes.insert(home.ordered_hash().await);
        }
    }
    assert_eq!(hashes.len(), 1);
}

#[tokio::test]
async fn what_the_dataset_holds_is_not_added_again() {
    for home in TestHome::all() {
        let store = trail("a", 3_000, 0).await;
        let ecs = Selection::default();
        let all = Selection { event_sources: EventSources::All, ..ecs.clone() };
        let first = home
            .convert(&source(Arc::<InMemory>::clone(&store), "a"), &home.options())
            .await
            .unwrap();
        assert_eq!((first.counts.totals.rows, first.counts.commits.as_slice()), (300, &[0][..]));
        let hash = home.ordered_hash().await;

        let again = home
            .convert(&source(Arc::<InMemory>::clone(&store), "a"), &home.options())
            .await
            .unwrap();
        assert_eq!(
            (again.counts.totals.records, again.counts.files, again.counts.known_files),
            (0, 0, first.counts.files)
        );
        assert!(again.counts.commits.is_empty());

        // The same records under other names, as a copy of the trail has them.
        let copy = trail("b", 3_000, 0).await;
        let copied = home.convert(&source(copy, "b"), &home.options()).await.unwrap();
        assert_eq!(
            (copied.counts.totals.rows, copied.counts.totals.duplicates, copied.counts.data_files),
            (0, 300, 0)
        );
        assert_eq!(home.ordered_hash().await, hash);

        let wider = ConvertOptions { selection: all.clone(), ..home.options() };
        let added = home.convert(&source(store, "a"), &wider).await.unwrap();
        assert_eq!((added.counts.totals.rows, added.counts.totals.duplicates), (2_700, 300));
        assert_eq!(home.snapshot().await.rows(), 3_000);
        assert_eq!(
            home.snapshot().await.selections,
            ["event-source=ecs.amazonaws.com", "event-source=all"]
        );
    }
}

#[tokio::test]
async fn a_file_that_lost_nothing_to_days_is_known_under_all_days() {
    let of = |day: &str, is_ecs: bool| {
        let time = format!("\"eventTime\":\"2026-04-0{day}");
        let numbers = (0..400).filter(move |number: &u64| number.is_multiple_of(10) == is_ecs);
        numbers.map(record).filter(move |record| record.contains(&time))
    };
    for every in [1, 100] {
        for home in TestHome::all() {
            let home = home.checkpointed_after(every);
            let store = Arc::new(InMemory::new());
            let whole: Vec<_> = of("2", true).take(2).chain(of("1", false).take(3)).collect();
            let cut: Vec<_> = of("1", true).take(1).chain(of("2", true).skip(2).take(1)).collect();
            let later: Vec<_> = of("3", true).take(2).collect();
            for (number, records) in (1..).zip([whole, cut, later]) {
                put_log_file(&*store, "a", number, &records).await;
            }
            let from = source(store, "a");
            for (day, read, rows) in [
                (Some("2026-04-02"), 3, 5),
                (Some("2026-04-02"), 0, 5),
                // What the second file lost to the days of the first run may be within others.
                (Some("2026-04-01"), 1, 6),
                (None, 0, 6),
                (Some("2026-04-03"), 0, 6),
            ] {
                let selection = Selection {
                    from: day.and_then(|day| day.parse().ok()),
                    ..Selection::default()
                };
                let options = ConvertOptions { selection, ..home.options() };
                let outcome = home.convert(&from, &options).await.unwrap();
                let (counts, snapshot) = (outcome.counts, home.snapshot().await);
                assert_eq!((counts.files, snapshot.rows()), (read, rows), "{day:?}");
                let all = "event-source=ecs.amazonaws.com";
                let selection = options.selection.to_string();
                let noted = |text: &str| snapshot.selections.iter().any(|noted| noted == text);
                assert!(noted(&selection) || noted(all), "{day:?}: {:?}", snapshot.selections);
            }
        }
    }
}

#[tokio::test]
async fn same_id_with_different_content_is_kept() {
    let home = TestHome::disk();
    let store = Arc::new(InMemory::new());
    let one = record(0);
    let other = one.replace("IAMUser", "Root");
    let elsewhere = one.replace("111122223333", "444455556666");
    let records = [one.clone(), other, elsewhere, one];
    put_log_file(&*store, "a", 1, &records).await;
    let source = source(store, "a");
    let outcome = home.convert(&source, &home.options()).await.unwrap();
    assert_eq!((outcome.counts.totals.rows, outcome.counts.totals.duplicates), (3, 1));
}

#[tokio::test]
async fn damaged_files_cost_themselves_and_are_remembered() {
    for home in TestHome::all() {
        let store = trail("a", 400, 0).await;
        let bad = "a/111122223333_CloudTrail_us-east-1_20260401T0000Z_bad.json.gz";
        let put = |bytes: &'static [u8]| {
            let store = Arc::clone(&store);
            async move {
                store.put_opts(&Path::from(bad), bytes.into(), PutOptions::default()).await.unwrap()
            }
        };
        put(b"\x1f\x8b\x08 no").await;
        let list = source(Arc::<InMemory>::clone(&store), "a");
        let outcome = home.convert(&list, &home.options()).await.unwrap();
        assert_eq!((outcome.counts.totals.rows, outcome.findings.damaged.len()), (40, 1));
        assert!(
            outcome.findings.damaged[0].to_string().contains("bad.json.gz is a damaged gzip file")
        );

        let again = home.convert(&list, &home.options()).await.unwrap();
        assert_eq!((again.counts.files, again.counts.known_damaged_files), (0, 1));
        let retry = ConvertOptions { retry: true, ..home.options() };
        let retried = home.convert(&list, &retry).await.unwrap();
        assert_eq!((retried.counts.files, retried.findings.damaged.len()), (1, 1));

        put(b"{\"Records\":[]}").await;
        let mended = home.convert(&list, &home.options()).await.unwrap();
        assert_eq!(
            (mended.counts.files, mended.findings.damaged.len(), mended.counts.totals.records),
            (1, 0, 0)
        );
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_costs_itself_and_is_tried_again() {
    let home = TestHome::disk();
    let store = trail("a", 400, 0).await;
    let losing = Whimsical(Whim::Losing, Arc::<InMemory>::clone(&store) as _);
    let list = source(Arc::new(losing), "a");
    let outcome = home.convert(&list, &home.options()).await.unwrap();
    assert_eq!((outcome.counts.damaged_files, outcome.findings.damaged.len()), (1, 1));
    let error = outcome.findings.damaged[0].to_string();
    assert!(error.starts_with("cannot read AWSLogs/111122223333/"), "{error}");
    let missing = 40 - outcome.counts.totals.rows;
    assert!(missing > 0);
    let list = source(store, "a");
    let again = home.convert(&list, &home.options()).await.unwrap();
    assert_eq!((again.counts.files, again.counts.totals.rows), (1, missing));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_listed_anew_until_all_of_it_was_read() {
    for commit_bytes in [1, 1 << 30] {
        let home = TestHome::memory();
        let store = trail("a", 2000, 0).await;
        let losing = Whimsical(Whim::Losing, Arc::<InMemory>::clone(&store) as _);
        let (losing, whole) = (source(Arc::new(losing), "a"), source(store, "a"));
        let options = ConvertOptions { since_last: true, commit_bytes, ..home.options() };
        let days = async || {
            let objects = home.open().await.unwrap().objects;
            LastDays::read(&objects, &options.selection).await.unwrap()
        };
        let outcome = home.convert(&losing, &options).await.unwrap();
        assert_eq!(outcome.counts.damaged_files, 1);
        // The log file of the first day comes first, and holds back those of later ones.
        assert_eq!(days().await, LastDays::default(), "{commit_bytes}");
        let again = home.convert(&whole, &options).await.unwrap();
        assert_eq!(again.counts.files, 1);
        let first_days = days().await.first_days(&whole.base_url, 1);
        let first_days: Vec<_> = first_days.values().map(ToString::to_string).collect();
        assert_eq!(first_days, ["2026-04-04"], "{commit_bytes}");
        let listing = Listing::new(vec![whole], options.selection.clone(), 1).since(days().await);
        let dataset = home.open().await.unwrap();
        let outcome = dataset.convert_listing(listing, &options, &Arc::default()).await.unwrap();
        assert_eq!((outcome.counts.known_files, outcome.counts.files), (4, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_a_file_that_changes_while_it_is_read_do_not_count() {
    let home = TestHome::disk();
    let store = Arc::new(InMemory::new());
    let lines = |events: std::ops::Range<u64>| {
        events.map(|event| record(event * 10)).collect::<Vec<_>>().join("\n")
    };
    let (big, small) = (Path::from("a/big.json"), Path::from("a/small.json"));
    store.put(&big, lines(0..30_000).into()).await.unwrap();
    store.put(&small, lines(0..10).into()).await.unwrap();
    let shrinking = Arc::new(Whimsical(Whim::Shrinking, Arc::<InMemory>::clone(&store) as _));
    let list = source(shrinking, "a");
    // So little memory that the large file is read in pieces.
    let options = ConvertOptions { memory_bytes: 4 << 20, ..home.options() };
    let outcome = home.convert(&list, &options).await.unwrap();
    assert_eq!((outcome.counts.totals.rows, outcome.counts.totals.records), (10, 10));
    assert_eq!(
        outcome.findings.damaged[0].to_string(),
        "big.json changed while it was read: rerun the command"
    );
    assert_eq!(home.snapshot().await.rows(), 10);
    let list = source(store, "a");
    let again = home.convert(&list, &options).await.unwrap();
    assert_eq!(
        (again.counts.files, again.counts.totals.rejects, again.findings.damaged.len()),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn a_record_with_a_member_twice_leaves_its_neighbours_alone() {
    let home = TestHome::disk();
    let store = Arc::new(InMemory::new());
    let mut records: Vec<String> = (0..6).map(|event| record(event * 10)).collect();
    records.push(records[2].replacen(
        '{',
        r#"{"eventTime":"2026-04-01T00:00:00Z","eventID":"zz","#,
        1,
    ));
    put_log_file(&*store, "a", 1, &records).await;
    put_log_file(&*store, "b", 1, &records).await;
    for (prefix, rows) in [("a", 7), ("b", 0)] {
        let source = source(Arc::<InMemory>::clone(&store), prefix);
        let outcome = home.convert(&source, &home.options()).await.unwrap();
        assert_eq!(
            (outcome.counts.totals.rows, outcome.counts.totals.duplicates),
            (rows, 7 - rows)
        );
    }
}

#[tokio::test]
async fn sources_that_overlap_are_read_once() {
    let home = TestHome::disk();
    let store = trail("a", 400, 0).await;
    let source = source(store, "a");
    let dataset = home.open().await.unwrap();
    let progress = Arc::new(Progress::default());
    let outcome =
        dataset.convert(&[source.clone(), source], &home.options(), &progress).await.unwrap();
    assert_eq!((outcome.counts.totals.rows, outcome.counts.totals.duplicates), (40, 0));
}

#[tokio::test]
async fn however_many_files_are_listed_at_once_the_same_events_are_rows() {
    let store = trail("a", 700, 20).await;
    let list = source(Arc::new(Whimsical(Whim::Unsteady, store)), "a");
    let undisturbed = TestHome::memory();
    let whole = undisturbed.convert(&list, &undisturbed.options()).await.unwrap();
    let expected = undisturbed.event_ids().await;
    for window_files in [1, 3, 5, 100] {
        for every in [2, usize::MAX] {
            let home = TestHome::memory().checkpointed_after(every);
            let options = ConvertOptions { window_files, ..home.options() };
            let outcome = home.convert(&list, &options).await.unwrap();
            assert_eq!((outcome.counts.files, outcome.counts.known_files), (5, 0));
            assert_eq!(outcome.counts.totals, whole.counts.totals);
            assert_eq!(home.event_ids().await, expected);
            assert_eq!(outcome.counts.commits.len(), 5_usize.div_ceil(window_files));
            let again = home.convert(&list, &options).await.unwrap();
            assert_eq!((again.counts.files, again.counts.known_files), (0, 5));
        }
    }
}

#[tokio::test]
async fn what_overlapping_sources_list_is_read_once_whatever_the_window() {
    let store = trail("a", 600, 0).await;
    let bad = "a/111122223333_CloudTrail_us-east-1_20260401T0000Z_bad.json.gz";
    store.put(&Path::from(bad), PutPayload::from("no")).await.unwrap();
    let list = source(store, "a");
    for window_files in [1, 3, 4, 7, 100] {
        for every in [1, usize::MAX] {
            let home = TestHome::memory().checkpointed_after(every);
            let dataset = home.open().await.unwrap();
            let convert = async |retry| {
                let sources = [list.clone(), list.clone(), list.clone()];
                let options = ConvertOptions { window_files, retry, ..home.options() };
                dataset.convert(&sources, &options, &Arc::new(Progress::default())).await.unwrap()
            };
            let counts = |outcome: &ConvertOutcome| {
                assert_eq!(outcome.sources.len(), 3);
                assert!(outcome.sources.iter().all(|source| source.found.log_files == 4));
                let known = outcome.counts.known_files + outcome.counts.known_damaged_files;
                (outcome.counts.files, outcome.counts.damaged_files, known)
            };
            let first = convert(false).await;
            assert_eq!(counts(&first), (4, 1, 8), "{window_files} {every}");
            assert_eq!((first.counts.totals.rows, first.counts.totals.duplicates), (60, 0));
            assert_eq!(counts(&convert(false).await), (0, 0, 12), "{window_files} {every}");
            // Read again once, not once for every source.
            assert_eq!(counts(&convert(true).await), (1, 1, 11), "{window_files} {every}");
        }
    }
}

#[tokio::test]
async fn a_source_that_cannot_be_listed_to_its_end_does_not_keep_the_others_back() {
    let home = TestHome::memory();
    let broken = Whimsical(Whim::Breaking(2), trail("a", 800, 0).await);
    let sources = [source(Arc::new(broken), "a"), source(trail("b", 400, 0).await, "b")];
    let dataset = home.open().await.unwrap();
    let progress = Arc::new(Progress::default());
    let outcome = dataset.convert(&sources, &home.options(), &progress).await.unwrap();
    let found: Vec<u64> = outcome.sources.iter().map(|source| source.found.log_files).collect();
    assert_eq!((found, outcome.counts.files), (vec![2, 2], 4));
    let failures: Vec<_> = outcome.sources.iter().map(|source| &source.failures).collect();
    assert_eq!(failures[0][0].to_string(), "cannot list memory:///a/");
    assert_eq!((failures[0].len(), failures[1].len()), (1, 0));
    assert_eq!((outcome.sources[0].failed, outcome.sources[1].failed), (1, 0));
}

#[tokio::test]
async fn rejects_are_counted_by_reason_in_the_log() {
    for home in TestHome::all() {
        let home = home.checkpointed_after(2);
        let store = Arc::new(InMemory::new());
        for number in 0..3 {
            let records = vec!["1".to_owned(); 600 * (number + 1)];
            put_log_file(&*store, "a", number, &records).await;
        }
        let options = ConvertOptions { commit_bytes: 1, ..home.options() };
        let outcome = home.convert(&source(store, "a"), &options).await.unwrap();
        assert_eq!((outcome.counts.commits.len(), outcome.counts.totals.rejects), (3, 3_600));
        // All of them, though the quarantine lists 1,000 of a file at most, and without it.
        home.staging().unwrap().remove(&outcome.findings.quarantine).await.unwrap();
        let history = crate::log::History::read(&home.objects).await.unwrap();
        assert_eq!(history.rejects, [(RejectReason::NotAnObject, 3_600)].into());
    }
}

#[tokio::test]
async fn rejects_are_listed_in_the_quarantine() {
    for home in TestHome::all() {
        let store = Arc::new(InMemory::new());
        let records = vec!["1".to_owned(); 30];
        put_log_file(&*store, "a", 1, &records).await;
        let source = source(store, "a");
        let outcome = home.convert(&source, &home.options()).await.unwrap();
        assert_eq!(
            (outcome.counts.totals.rejects, outcome.findings.rejects.len()),
            (30, DESCRIBED_REJECTS)
        );
        let lines = home.read(&outcome.findings.quarantine[0]).await;
        let lines = std::str::from_utf8(&lines).unwrap();
        assert_eq!(lines.lines().count(), 30);
        assert!(lines.starts_with(r#"{"source_file":"AWSLogs/111122223333/"#), "{lines}");
        assert!(
            lines.contains(r#""index":29,"byte_offset":70,"reason":"not_an_object""#),
            "{lines}"
        );
    }
}

#[tokio::test]
async fn long_runs_commit_in_batches() {
    for home in TestHome::all() {
        let store = trail("a", 4_000, 10).await;
        let source = source(store, "a");
        let options = ConvertOptions { commit_bytes: 1, ..home.options() };
        let outcome = home.convert(&source, &options).await.unwrap();
        assert_eq!(outcome.counts.commits.len() as u64, outcome.sources[0].found.log_files);
        assert_eq!(outcome.counts.totals.rows, 400);
        assert_eq!(home.snapshot().await.rows(), 400);
        assert_eq!(home.data_files().await.len() as u64, outcome.counts.data_files);
    }
}

#[tokio::test]
async fn a_row_group_holds_only_so_much_text() {
    let home = TestHome::disk();
    let selection = Selection { event_sources: EventSources::All, ..Selection::default() };
    let source = source(trail("a", 10_000, 0).await, "a");
    let options = ConvertOptions { selection, row_group_record_bytes: 100_000, ..home.options() };
    home.convert(&source, &options).await.unwrap();
    let mut row_groups = 0;
    for path in home.data_files().await {
        let file = std::fs::File::open(home.path().join(path)).unwrap();
        let metadata = SerializedFileReader::new(file).unwrap().metadata().clone();
        for group in metadata.row_groups() {
            row_groups += 1;
            assert!(group.num_rows() <= 1024, "{}", group.num_rows());
        }
    }
    assert!(row_groups > home.data_files().await.len(), "{row_groups}");
}

#[tokio::test]
async fn a_cancelled_run_leaves_nothing() {
    for home in TestHome::all() {
        let store = trail("a", 400, 0).await;
        let source = source(store, "a");
        let dataset = home.open().await.unwrap();
        let progress = Arc::new(Progress::default());
        progress.cancel();
        let result = dataset.convert(&[source], &home.options(), &progress).await;
        assert!(matches!(result, Err(Error::Interrupted)));
        assert!(home.data_files().await.is_empty());
        assert!(dataset.staging.transactions().await.unwrap().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever the log files hold and however they overlap: every record is a row, filtered, a
    /// duplicate or a reject, and the rows are the distinct ECS events.
    #[test]
    fn conservation(files in proptest::collection::vec(proptest::collection::vec(0_u64..60, 0..12), 1..6), broken in 0_usize..3) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let home = TestHome::disk();
            let store = Arc::new(InMemory::new());
            for (number, events) in files.iter().enumerate() {
                let mut records: Vec<String> = events.iter().map(|event| record(*event)).collect();
                records.extend((0..broken).map(|_| "\"broken\"".to_owned()));
                put_log_file(&*store, "a", number, &records).await;
            }
            let source = source(store, "a");
            let outcome = home.convert(&source, &home.options()).await.unwrap();
            let events: Vec<u64> = files.iter().flatten().copied().collect();
            let distinct: BTreeSet<u64> = events.iter().copied().filter(|event| event % 10 == 0).collect();
            assert_eq!(outcome.counts.totals.records, (events.len() + broken * files.len()) as u64);
            assert_eq!(outcome.counts.totals.rows, distinct.len() as u64);
            assert_eq!(outcome.counts.totals.rejects, (broken * files.len()) as u64);
            assert_eq!(home.snapshot().await.rows(), distinct.len() as u64);
        });
    }
}
