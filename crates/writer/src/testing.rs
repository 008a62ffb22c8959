//! What the crate's tests share: made-up trails, and homes for datasets.

use std::{collections::BTreeSet, io::Write, sync::Arc};

use ecstrail_converter::Selection;
use flate2::{Compression, write::GzEncoder};
use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory, path::Path};

use crate::convert::{ConvertOptions, Source, TrailStore};

mod commits;
mod faults;
mod home;
mod mortal;
mod tiers;

pub(crate) use commits::{commit, data_file, entry, log_file};
pub(crate) use faults::{Conditions, Fault, FaultyStore};
pub(crate) use home::{TestHome, sorted};
pub(crate) use mortal::{Accident, Mortal};
pub(crate) use tiers::{assert_tried, stride};

/// A small generator of numbers, so that every run makes the same trail.
#[derive(Debug, Clone)]
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below `limit` (splitmix64).
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Returns an index into a list of `length`.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}

/// Returns a record of event `number`; every tenth is one of Amazon ECS.
pub(crate) fn record(number: u64) -> String {
    let mut numbers = Numbers::new(number);
    let is_ecs = number.is_multiple_of(10);
    let service = if is_ecs { "ecs" } else { ["s3", "sts", "kms"][numbers.index(3)] };
    let name =
        if is_ecs { ["UpdateService", "RunTask", "StopTask"][numbers.index(3)] } else { "Get" };
    let region = ["us-east-1", "eu-west-1"][numbers.index(2)];
    let (day, second) = (1 + numbers.below(4), numbers.below(86_400));
    let time =
        format!("2026-04-0{day}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60);
    let payload =
        format!(r#"{{"cluster":"c{}","service":"s{}"}}"#, numbers.below(3), numbers.below(9));
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","userName":"u{}"}},"eventTime":"{time}","eventSource":"{service}.amazonaws.com","eventName":"{name}","awsRegion":"{region}","sourceIPAddress":"192.0.2.{}","requestParameters":{payload},"responseElements":null,"eventID":"{:016x}","readOnly":false,"eventType":"AwsApiCall","recipientAccountId":"111122223333"}}"#,
        numbers.below(20),
        numbers.below(250),
        numbers.below(u64::MAX),
    )
}

/// Puts a log file with these records into a store, as CloudTrail names it.
pub(crate) async fn put_log_file(
    store: &dyn ObjectStore,
    prefix: &str,
    number: usize,
    records: &[String],
) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(format!(r#"{{"Records":[{}]}}"#, records.join(",")).as_bytes()).unwrap();
    let day = 1 + number % 5;
    let path = format!(
        "{prefix}/AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/0{day}/111122223333_CloudTrail_us-east-1_202604{day:02}T0000Z_{number:016}.json.gz"
    );
    store.put(&Path::from(path), encoder.finish().unwrap().into()).await.unwrap();
}

/// Makes a trail of `events` events in files of 200 records; `repeated` of a hundred are delivered
/// again in another file.
pub(crate) async fn trail(prefix: &str, events: u64, repeated: u64) -> Arc<InMemory> {
    let store = Arc::new(InMemory::new());
    let mut numbers = Numbers::new(events);
    let mut order: Vec<u64> = (0..events).collect();
    order.extend(
        (0..events * repeated / 100).map(|_| numbers.below(events)).collect::<BTreeSet<_>>(),
    );
    for index in (1..order.len()).rev() {
        let other = numbers.index(index + 1);
        order.swap(index, other);
    }
    for (number, events) in order.chunks(200).enumerate() {
        let records: Vec<String> = events.iter().map(|event| record(*event)).collect();
        put_log_file(&*store, prefix, number, &records).await;
    }
    store
}

/// Returns a trail as a source.
pub(crate) fn source(store: Arc<dyn ObjectStore>, prefix: &str) -> Source {
    let base_url = format!("memory:///{prefix}/");
    Source { store: TrailStore::Objects(store), path: Path::from(prefix), base_url, pattern: None }
}

/// Three partitions of two log files, each of these a commit.
pub(crate) async fn three_partitions() -> (Source, impl Fn(&TestHome) -> ConvertOptions) {
    let selection = Selection {
        until: "2026-04-03".parse().ok(),
        regions: ["us-east-1".to_owned()].into(),
        ..Selection::default()
    };
    let source = source(trail("a", 250, 20).await, "a");
    let options = move |home: &TestHome| ConvertOptions {
        commit_bytes: 1,
        threads: 1,
        // Small bloom filters: most of the time goes into them.
        row_group_rows: 1000,
        selection: selection.clone(),
        ..home.options()
    };
    (source, options)
}
