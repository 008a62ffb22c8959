//! How many partitions a commit may have, and the outcome of the others.

use std::{io::Write, sync::Arc};

use flate2::{Compression, write::GzEncoder};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, memory::InMemory, path::Path};

use super::*;
use crate::{
    convert::ConvertOptions,
    sort::PartitionSummary,
    testing::{TestHome, put_log_file, source},
};

fn log_file(name: &str, bytes: u64) -> LogFile {
    let meta = ObjectMeta {
        location: Path::from(name),
        last_modified: chrono::DateTime::UNIX_EPOCH,
        size: bytes,
        e_tag: None,
        version: None,
    };
    LogFile::new(meta, &"file:///".into(), name.to_owned())
}

fn named(day: u64, region: &str, number: u64) -> LogFile {
    let name = format!("111122223333_CloudTrail_{region}_202604{day:02}T0000Z_{number}.json.gz");
    log_file(&name, 1 << 20)
}

#[test]
fn a_commit_may_have_what_its_log_files_let_expect() {
    let trail: Vec<LogFile> = (1..=30)
        .flat_map(|day| ["us-east-1", "eu-west-1"].map(|region| (day, region)))
        .flat_map(|(day, region)| (0..9).map(move |number| named(day, region, number)))
        .collect();
    let bomb = log_file("bomb.json.gz", 86 << 10);
    for (what, files, expected) in [
        ("nothing", vec![], 4000),
        ("a trail, however many its files", trail.iter().collect(), 4000 + 120),
        ("a small file without a name", vec![&bomb], 4000 + 172),
        ("both", trail.iter().chain([&bomb]).collect(), 4000 + 120 + 172),
        ("an export of ours", vec![&named(1, "unknown", 1)], 4000 + 2048),
        ("an export", vec![&log_file("lake.csv.gz", 5 << 20)], 4000 + 10_240),
        ("a large export", vec![&log_file("lake.csv.gz", 5 << 30)], 4000 + 29_280),
    ] as [(&str, Vec<&LogFile>, usize); 7]
    {
        assert_eq!(expected_partitions(files), expected, "{what}");
    }
    // Two years of 30 regions.
    let regions: Vec<String> = (0..30).map(|number| format!("xx-region-{number}")).collect();
    let files: Vec<LogFile> = (0..730)
        .flat_map(|day| regions.iter().map(move |region| (day, region)))
        .map(|(day, region)| {
            let day = chrono::NaiveDate::default() + chrono::Days::new(20_000 + day);
            let day = day.format("%Y%m%d");
            log_file(&format!("111122223333_CloudTrail_{region}_{day}T0000Z_1.json.gz"), 500)
        })
        .collect();
    assert!(expected_partitions(&files) > 21_900);
}

#[test]
fn those_with_the_fewest_records_are_beyond_the_limit() {
    let key = |day| PartitionKey::new(day, "us-east-1");
    let partitions: Partitions = [(1, 5), (2, 1), (3, 9), (4, 1), (5, 1), (6, 2)]
        .into_iter()
        .map(|(day, rows)| (key(day), PartitionSummary { rows, event_time: None }))
        .collect();
    for (most, expected) in [
        (6, vec![]),
        (5, vec![5]),
        (4, vec![4, 5]),
        (3, vec![2, 4, 5]),
        (2, vec![2, 4, 5, 6]),
        (1, vec![1, 2, 4, 5, 6]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(key).collect();
        assert_eq!(beyond(&partitions, most), expected, "{most}");
    }
}

fn record(id: usize, day: usize, region: &str) -> String {
    let date = chrono::NaiveDate::default() + chrono::Days::new(20_000 + day as u64);
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"{date}T10:00:00Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"{region}","eventID":"{id:08}"}}"#
    )
}

/// A store with some honest log files, and one with a record for each of many days and regions.
async fn bombed(partitions: usize) -> Arc<InMemory> {
    let store = Arc::new(InMemory::new());
    for file in 0..4 {
        let honest = (0..30).map(|number| record(file * 100 + number, file, "us-east-1"));
        put_log_file(&*store, "a", file, &honest.collect::<Vec<_>>()).await;
    }
    let bomb = (0..partitions).map(|number| {
        record(1_000_000 + number, 10_000 + number / 3, ["aa-b-1", "aa-c-1", "aa-d-1"][number % 3])
    });
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bomb.collect::<Vec<_>>().join("\n").as_bytes()).unwrap();
    let bomb = encoder.finish().unwrap();
    store.put(&Path::from("a/bomb.json.gz"), bomb.into()).await.unwrap();
    store
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_small_partitions_cost_their_own_records_alone() {
    let store: Arc<dyn ObjectStore> = bombed(6000).await;
    let list = source(store, "a");
    let mut seen = BTreeSet::new();
    for (threads, memory_bytes) in [(1, 1 << 30), (2, 1 << 30), (8, 1 << 30), (2, 1 << 20)] {
        let home = TestHome::memory();
        let options = ConvertOptions {
            threads,
            memory_bytes,
            most_partitions: Some(10),
            row_group_rows: 1000,
            ..home.options()
        };
        let outcome = home.convert(&list, &options).await.unwrap();
        let totals = outcome.counts.totals;
        // The four of the trail, and six of the other file.
        assert_eq!((totals.rows, totals.rejects, outcome.counts.data_files), (126, 5994, 10));
        assert_eq!(
            outcome.counts.rejects_by_reason,
            [(RejectReason::TooManyPartitions, 5994)].into()
        );
        let first = outcome.findings.rejects[0].to_string();
        assert_eq!(
            first,
            "bomb.json.gz: record 6 at byte 942: its day and Region are beyond the limit of \
             partitions for a commit (date=2052-02-22/region=aa-b-1)"
        );
        seen.insert((
            home.ordered_hash().await,
            outcome.findings.rejects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ));

        let lines = home.read(&outcome.findings.quarantine[0]).await;
        let lines = std::str::from_utf8(&lines).unwrap();
        assert_eq!(lines.lines().count(), 1000);
        assert!(lines.contains(r#""index":6,"#) && lines.contains(r#""index":1005,"#), "{threads}");
        assert!(!lines.contains(r#""index":1006,"#));
    }
    assert_eq!(seen.len(), 1);

    // With a higher limit they are added, and nothing twice.
    let home = TestHome::memory();
    let limited = |most| ConvertOptions { most_partitions: Some(most), ..home.options() };
    let store: Arc<dyn ObjectStore> = bombed(40).await;
    let list = source(store, "a");
    let outcome = home.convert(&list, &limited(10)).await.unwrap();
    assert_eq!((outcome.counts.totals.rows, outcome.counts.totals.rejects), (126, 34));
    let again = ConvertOptions { reread: true, ..limited(44) };
    let outcome = home.convert(&list, &again).await.unwrap();
    assert_eq!(
        (
            outcome.counts.totals.rows,
            outcome.counts.totals.rejects,
            outcome.counts.totals.duplicates
        ),
        (34, 0, 126)
    );
}
