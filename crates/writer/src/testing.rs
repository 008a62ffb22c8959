//! What the crate's tests share: made-up trails, datasets in temporary folders, and one hash over
//! everything that a dataset holds.

use std::{collections::BTreeSet, fmt::Write as _, io::Write, path::Path as DiskPath, sync::Arc};

use arrow::{compute::concat_batches, ipc::writer::StreamWriter};
use ecstrail_converter::{Selection, discover};
use flate2::{Compression, write::GzEncoder};
use object_store::{
    ObjectStore, ObjectStoreExt, local::LocalFileSystem, memory::InMemory, path::Path,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};

use crate::{
    ConvertOptions, ConvertOutcome, Dataset, LocalStaging, Progress, Result, Snapshot, Source,
    Staging, entry::hex,
};

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

    /// Returns a place in a list of `length`.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}

/// Returns a record of event `number`; every tenth is one of Amazon ECS.
pub(crate) fn record(number: u64) -> String {
    let mut numbers = Numbers::new(number);
    let is_ecs = number.is_multiple_of(10);
    let service = if is_ecs { "ecs" } else { ["s3", "sts", "kms"][numbers.place(3)] };
    let name =
        if is_ecs { ["UpdateService", "RunTask", "StopTask"][numbers.place(3)] } else { "Get" };
    let region = ["us-east-1", "eu-west-1"][numbers.place(2)];
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
    for place in (1..order.len()).rev() {
        let other = numbers.place(place + 1);
        order.swap(place, other);
    }
    for (number, events) in order.chunks(200).enumerate() {
        let records: Vec<String> = events.iter().map(|event| record(*event)).collect();
        put_log_file(&*store, prefix, number, &records).await;
    }
    store
}

/// Lists a trail.
pub(crate) async fn source(
    store: Arc<dyn ObjectStore>,
    prefix: &str,
    selection: &Selection,
) -> Source {
    let base_url = format!("memory:///{prefix}/");
    let found = discover(&*store, &Path::from(prefix), &base_url, selection).await.unwrap();
    Source { store, log_files: found.log_files }
}

/// Returns the store of the local disk, and the path of a folder in it.
pub(crate) fn local_store(home: &DiskPath) -> (Arc<dyn ObjectStore>, Path) {
    (Arc::new(LocalFileSystem::new()), Path::from_absolute_path(home).unwrap())
}

pub(crate) fn options(home: &DiskPath) -> ConvertOptions {
    ConvertOptions { threads: 2, ..ConvertOptions::new(home.join("_ecstrail/tmp")) }
}

/// Opens a local dataset, as a command does.
pub(crate) async fn open(home: &DiskPath) -> Result<Dataset> {
    open_with(home, Arc::new(LocalStaging::open(home)?)).await
}

pub(crate) async fn open_with(home: &DiskPath, staging: Arc<dyn Staging>) -> Result<Dataset> {
    let (store, path) = local_store(home);
    Ok(Dataset::open(store, path, staging).await?.0)
}

pub(crate) async fn convert(
    home: &DiskPath,
    source: &Source,
    options: &ConvertOptions,
) -> Result<ConvertOutcome> {
    let dataset = open(home).await?;
    let outcome = dataset
        .convert(std::slice::from_ref(source), options, &Arc::new(Progress::default()))
        .await?;
    assert!(outcome.totals.is_conserved());
    Ok(outcome)
}

pub(crate) async fn snapshot(home: &DiskPath) -> Snapshot {
    let (store, path) = local_store(home);
    Snapshot::open(&*store, &path).await.unwrap()
}

/// Returns the files below `events/`, by path.
pub(crate) fn data_files(home: &DiskPath) -> BTreeSet<String> {
    fn visit(home: &DiskPath, folder: &DiskPath, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                visit(home, &path, found);
            } else {
                found.insert(path.strip_prefix(home).unwrap().display().to_string());
            }
        }
    }
    let mut found = BTreeSet::new();
    visit(home, &home.join("events"), &mut found);
    found
}

/// Hashes all columns of all rows, in the order of partitions, files and rows. The files below
/// `events/` must be exactly those of the snapshot, whole.
pub(crate) async fn ordered_hash(home: &DiskPath) -> String {
    let snapshot = snapshot(home).await;
    let named: BTreeSet<String> = snapshot.files.iter().map(|file| file.path.clone()).collect();
    assert_eq!(data_files(home), named);
    let mut text = String::new();
    for file in &snapshot.files {
        let bytes = std::fs::read(home.join(&file.path)).unwrap();
        assert_eq!(hex(&Sha256::digest(&bytes)), file.sha256);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
        let schema = Arc::clone(reader.schema());
        let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
        let batch = concat_batches(&schema, &batches).unwrap();
        assert_eq!(batch.num_rows() as u64, file.rows);
        let mut writer = StreamWriter::try_new(Vec::new(), &schema).unwrap();
        writer.write(&batch).unwrap();
        let digest = hex(&Sha256::digest(writer.into_inner().unwrap()));
        writeln!(text, "{} {digest}", file.key().unwrap()).unwrap();
    }
    hex(&Sha256::digest(text))
}
