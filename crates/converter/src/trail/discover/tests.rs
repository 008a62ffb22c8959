use std::sync::Arc;

use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory, path::Path};

use super::survey;
use crate::{
    error::Error,
    testing::KeyStore,
    trail::{DiscoverOptions, Discovered, Pattern, Selection, WholeListing, discover},
};

mod pruning;

const FILE: &str = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/27/111122223333_CloudTrail_us-east-1_20260427T0000Z_x.json.gz";

/// Lists a source to its end.
async fn found_below(
    store: &Arc<dyn ObjectStore>,
    prefix: &str,
    options: &DiscoverOptions,
) -> (Vec<String>, Discovered, Vec<Error>) {
    let base_url = format!("s3://bucket/{prefix}/");
    let mut discovery = discover(store, &Path::from(prefix), &base_url, options).await;
    let mut files = Vec::new();
    while let Some(file) = discovery.next().await {
        files.push(file.path.to_string());
    }
    assert_eq!(discovery.failed(), discovery.failures().len() as u64);
    (files, discovery.found(), discovery.into_failures())
}

/// Puts objects of a few bytes into a store in memory; those that end with a colon have none.
async fn bucket(keys: &[&str]) -> Arc<dyn ObjectStore> {
    let store = InMemory::new();
    for key in keys {
        let bytes = if key.ends_with(':') { "" } else { "{}" };
        let path = Path::parse(key.trim_end_matches(':')).unwrap();
        store.put(&path, bytes.into()).await.unwrap();
    }
    Arc::new(store)
}

#[tokio::test]
async fn every_object_is_counted_once() {
    let digest = "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/04/27/d.json.gz";
    let insight = "AWSLogs/111122223333/CloudTrail-Insight/us-east-1/2026/04/27/i.json.gz";
    let empty_log = FILE.replace("_x", "_empty") + ":";
    let keys = [
        FILE,
        &empty_log,
        digest,
        insight,
        "README.md",
        "dataset/_ecstrail/log/0.json",
        "dataset/events/date=2026-04-27/region=x/part.parquet",
        "firehose/2026/04/27/00/stream-1",
        "_SUCCESS:",
        "marker:",
        "lost.json.gz:",
    ];
    let store = bucket(&keys).await;
    let (files, found, failures) = found_below(&store, "", &DiscoverOptions::default()).await;
    assert_eq!(
        files,
        [empty_log.trim_end_matches(':'), FILE, "firehose/2026/04/27/00/stream-1", "lost.json.gz",]
    );
    assert!(failures.is_empty());
    let expected = Discovered {
        log_files: 4,
        digests: 1,
        insights: 1,
        others: 3,
        empty: 2,
        list_requests: 1,
        ..Discovered::default()
    };
    assert_eq!(found, expected);
    assert_eq!(found.listed(), keys.len() as u64);

    // What cannot hold records of the selection is counted, where the structure does not tell.
    let options = DiscoverOptions {
        selection: Selection { from: "2026-04-28".parse().ok(), ..Selection::default() },
        ..DiscoverOptions::default()
    };
    let moved = bucket(&["copy/111122223333_CloudTrail_us-east-1_20260427T0000Z_x.json.gz", "a"]);
    let (files, found, _) = found_below(&moved.await, "", &options).await;
    assert_eq!((files, found.unselected, found.listed()), (vec!["a".to_owned()], 1, 2));
}

#[tokio::test]
async fn patterns_choose_below_the_root() {
    let store = bucket(&["t/a/1.json.gz", "t/a/2.json", "t/b/c/3.json.gz", "t/4.json.gz"]).await;
    for (glob, expected) in [
        ("**/*.gz", vec!["t/4.json.gz", "t/a/1.json.gz", "t/b/c/3.json.gz"]),
        ("*/*", vec!["t/a/1.json.gz", "t/a/2.json"]),
        ("x*", vec![]),
    ] {
        let pattern = Pattern::new(glob).ok();
        let options = DiscoverOptions { pattern, ..DiscoverOptions::default() };
        let (files, found, _) = found_below(&store, "t", &options).await;
        assert_eq!(
            (files, found.listed()),
            (expected.iter().map(ToString::to_string).collect(), expected.len() as u64)
        );
    }
}

#[tokio::test]
async fn a_folder_of_dates_is_a_dataset_only_where_one_is_described() {
    let store = bucket(&[
        "t/a/events/date=2026-04-27/x.json.gz",
        "t/b/_ecstrail/dataset.json",
        "t/b/events/date=2026-04-27/region=us-east-1/x.json",
        "t/b/events/date=2026-04-27/region=us-east-1/y.json",
        "t/b/other/date=2026-04-27/x.json",
        "t/events/date=2026-04-27/x.json",
    ])
    .await;
    let (files, found, _) = found_below(&store, "t", &DiscoverOptions::default()).await;
    let expected = [
        "t/a/events/date=2026-04-27/x.json.gz",
        "t/b/other/date=2026-04-27/x.json",
        "t/events/date=2026-04-27/x.json",
    ];
    assert_eq!(
        (&files[..], found.others, found.listed()),
        (&expected.map(str::to_owned)[..], 3, 6)
    );
}

#[tokio::test]
async fn logs_of_other_services_are_counted_by_service() {
    let account = "AWSLogs/111122223333";
    let keys = [
        FILE.to_owned(),
        format!("{account}/Config/ConfigWritabilityCheckFile:"),
        format!("{account}/Config/us-east-1/2026/4/27/ConfigHistory/x.json.gz"),
        format!("{account}/vpcflowlogs/us-east-1/2026/04/27/x.log.gz"),
        "flat/111122223333_elasticloadbalancing_us-east-1_app.lb_x.log.gz".to_owned(),
    ];
    let store = bucket(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (files, found, _) = found_below(&store, "", &DiscoverOptions::default()).await;
    assert_eq!((files, found.listed()), (vec![FILE.to_owned()], 5));
    let services = [("Config", 2), ("elasticloadbalancing", 1), ("vpcflowlogs", 1)];
    let services = services.map(|(service, files)| (service.to_owned(), files));
    assert_eq!(found.other_services, services.into());
    let (_, found, _) = found_below(&store, account, &DiscoverOptions::default()).await;
    assert_eq!((found.log_files, found.other_services.len()), (1, 2));

    let mut found = Discovered::default();
    for number in 0..1000 {
        found.add_other_service(&format!("service-{number}"), 1);
    }
    assert_eq!((found.other_services.len(), found.listed()), (101, 1000));
    assert_eq!(found.other_services["other"], 900);
}

#[tokio::test]
async fn one_object_is_a_log_file_whatever_its_name() {
    let store = bucket(&["x/README.md", "x/README.md.gz"]).await;
    let path = Path::from("x/README.md");
    let options = DiscoverOptions {
        selection: Selection { from: "2026-04-28".parse().ok(), ..Selection::default() },
        ..DiscoverOptions::default()
    };
    let mut discovery = discover(&store, &path, "s3://bucket/x/", &options).await;
    assert_eq!(discovery.next().await.unwrap().url(), "s3://bucket/x/README.md");
    assert_eq!(discovery.next().await, None);
}

#[tokio::test]
async fn what_cannot_be_listed_is_told_and_does_not_keep_the_rest_back() {
    let keys = KeyStore::new(
        Vec::new(),
        &["a/1.json", "a//2.json", "a//3.json", "a/4\n.json", "b/5.json"],
    );
    let store: Arc<dyn ObjectStore> = Arc::new(WholeListing::new(keys));
    let (files, found, failures) = found_below(&store, "", &DiscoverOptions::default()).await;
    assert_eq!(files, ["a/1.json", "b/5.json"]);
    let told: Vec<_> = failures.iter().map(ToString::to_string).collect();
    assert!(told[0].starts_with(r#"cannot list "a//": no request can carry its name"#), "{told:?}");
    assert!(told[1].starts_with(r#"cannot list "a/4\n.json""#), "{told:?}");
    assert_eq!((found.log_files, found.unaddressable, found.listed(), told.len()), (2, 2, 4, 2));

    // A part of the structure that is not answered: each page is asked for three times.
    let regions = ["eu-west-1", "us-east-1"];
    let trail = crate::testing::Trail::new("AWSLogs/", 1, &regions, "2026-04-01", 3);
    let keys = KeyStore::new(vec![trail], &[]);
    *keys.cut.lock().unwrap() = vec![3, 4, 5];
    let store: Arc<dyn ObjectStore> = Arc::new(WholeListing::new(keys));
    let selection = Selection { from: "2026-04-02".parse().ok(), ..Selection::default() };
    let options = DiscoverOptions { selection, ..DiscoverOptions::default() };
    let (files, _, failures) = found_below(&store, "", &options).await;
    assert_eq!(files.len(), 2);
    assert!(files[0].contains("us-east-1"), "{files:?}");
    let Error::List { location, .. } = &failures[0] else { panic!("{failures:?}") };
    assert!(location.ends_with("AWSLogs/000000000100/CloudTrail/eu-west-1"), "{location}");
    assert_eq!(failures.len(), 1);
}
