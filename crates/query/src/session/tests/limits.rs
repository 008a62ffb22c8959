//! What a query may take: depth, memory, disk.

use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::arrow::array::AsArray;

use super::*;

/// Rows of some two kilobytes, of which a part is to be sorted by.
const WIDE: &str = "SELECT lpad(CAST(abs(value * 7919 % 20011) AS VARCHAR), 6, '0') AS key, \
                    repeat('x', 2000) AS rest FROM generate_series(1, 20000) AS numbers(value)";

async fn session(options: SessionOptions) -> Session {
    let dataset = Dataset::of(&partitions());
    let url = Url::parse("file:///").unwrap();
    let store = Arc::new(object_store::local::LocalFileSystem::new());
    Session::open(store, &url, dataset.home(), options).await.unwrap()
}

/// On the stack that a process begins with: the program plans on its first thread.
#[test]
fn what_is_let_through_can_be_planned() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let plan = move || runtime.block_on(plan_the_largest());
    std::thread::Builder::new().stack_size(8 << 20).spawn(plan).unwrap().join().unwrap();
}

async fn plan_the_largest() {
    let dataset = Dataset::of(&partitions());
    let session = dataset.session().await;
    for (first, link, links) in [
        ("SELECT 1 FROM events WHERE actor = 'x'", " OR actor = 'x'", 499),
        ("SELECT 1 FROM events WHERE (actor = 'x')", " OR (actor = 'x' AND region <> 'y')", 600),
        ("SELECT 1", " + 1", 999),
        ("SELECT 'a'", " || 'a'", 999),
        ("SELECT 1", " IS NULL", 999),
        ("SELECT 1", "::int", 999),
        ("SELECT 1", " UNION ALL SELECT 1", 249),
        ("SELECT 1", " EXCEPT SELECT 2", 100),
        ("SELECT 1 FROM (SELECT 1) AS a", " CROSS JOIN (SELECT 1) AS a#", 60),
    ] {
        let chain = |links: usize| {
            let links = (0..links).map(|number| link.replace('#', &number.to_string()));
            format!("{first}{}", links.collect::<String>())
        };
        let sql = chain(links);
        let outcome = session.sql(&sql, &Bindings::default()).await;
        assert!(outcome.is_ok(), "{first}{link}: {}", outcome.err().unwrap());
        let sql = chain(100_000);
        let outcome = session.sql(&sql, &Bindings::default()).await;
        assert!(matches!(outcome, Err(Error::Query { .. })), "{first}{link}");
    }
}

#[tokio::test]
async fn what_does_not_fit_into_memory_is_sorted_on_disk_and_has_no_name() {
    let scratch = tempfile::tempdir().unwrap();
    let options = SessionOptions { scratch: scratch.path().to_owned(), ..options(16 << 20) };
    let session = session(options).await;
    let sql = format!("{WIDE} ORDER BY key");
    let mut rows = session.sql(&sql, &Bindings::default()).await.unwrap();
    let mut keys = Vec::new();
    while let Some(batch) = rows.next().await {
        let batch = batch.unwrap();
        keys.extend(batch["key"].as_string::<i32>().iter().map(|key| key.unwrap().to_owned()));
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    }
    assert_eq!(keys.len(), 20_000);
    assert!(keys.is_sorted());
}

#[tokio::test]
async fn where_nothing_can_be_written_the_folder_is_named() {
    let options = SessionOptions { scratch: "/nowhere".into(), ..options(16 << 20) };
    let session = session(options).await;
    let outcome = session.sql(&format!("{WIDE} ORDER BY key"), &Bindings::default()).await;
    let Err(Error::Query { source }) = outcome else { panic!("an answer") };
    let expected = "cannot write data that does not fit into memory to /nowhere: ";
    assert!(source.to_string().contains(expected), "{source}");
}

#[tokio::test]
async fn what_cannot_be_done_within_the_memory_says_so() {
    let session = session(options(16 << 20)).await;
    for sql in [
        format!("SELECT array_agg(rest) FROM ({WIDE})"),
        format!("SELECT string_agg(rest, ',') FROM ({WIDE})"),
        format!("SELECT 1 FROM ({WIDE}) AS a JOIN ({WIDE}) AS b ON a.rest = b.rest || 'y'"),
    ] {
        let outcome = session.sql(&sql, &Bindings::default()).await;
        assert!(matches!(outcome, Err(Error::Memory { .. })), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_process_holds_counts_too() {
    static LOOKS: AtomicUsize = AtomicUsize::new(0);
    let sql = format!("{WIDE} ORDER BY key");
    let too_much_at_first: fn() -> Option<usize> =
        || Some(if LOOKS.fetch_add(1, Ordering::Relaxed) == 0 { usize::MAX } else { 0 });
    for (held_bytes, is_answered) in [
        (Some((|| Some(usize::MAX)) as fn() -> Option<usize>), false),
        (Some(too_much_at_first), true),
        (Some(|| Some(1 << 20)), true),
        (Some(|| None), true),
        (None, true),
    ] {
        let session = session(SessionOptions { held_bytes, ..options(64 << 20) }).await;
        let outcome = match session.sql(&sql, &Bindings::default()).await {
            Ok(rows) => rows.try_collect::<Vec<_>>().await.map_err(|error| Error::query(&error)),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(batches) => {
                assert!(is_answered);
                assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 20_000);
            }
            Err(error) => {
                assert!(!is_answered, "{error}");
                assert!(matches!(error, Error::Memory { .. }), "{error}");
            }
        }
    }
}
