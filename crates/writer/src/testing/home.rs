//! Places for datasets: a folder on the local disk, an object store in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path as DiskPath,
    sync::Arc,
};

use arrow::{
    array::{AsArray, RecordBatch},
    compute::{SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch},
    ipc::writer::StreamWriter,
};
use bytes::Bytes;
use ecstrail_converter::{PartitionKey, arrow_schema};
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::runtime::Handle;

use super::FaultyStore;
use crate::{
    compact::{CompactOptions, CompactionOutcome},
    convert::{ConvertOptions, ConvertOutcome, Source},
    dataset::{Dataset, Recovery},
    error::Result,
    log::{DataFile, Snapshot, checkpoint::CheckpointRule},
    progress::Progress,
    storage::{
        DiskStore, EVENTS, LocalStaging, Objects, Staging, StoreOptions, StoreStaging, TMP,
        digest::hex,
    },
};

const OFTEN: CheckpointRule =
    CheckpointRule { commits: 2, inputs: u64::MAX, segment_keys: 3, segment_files: 2 };

/// Where a test has its dataset.
#[derive(Debug)]
pub(crate) struct TestHome {
    pub(crate) objects: Objects,
    /// When its datasets are checkpointed: often, so that every test meets checkpoints.
    pub(crate) checkpoints: CheckpointRule,
    /// Only of a home in memory.
    faulty: Option<Arc<FaultyStore>>,
    folder: TempDir,
}

impl TestHome {
    /// Returns an empty home of each kind.
    pub(crate) fn all() -> [Self; 2] {
        [Self::disk(), Self::memory()]
    }

    pub(crate) fn disk() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Path::from_absolute_path(folder.path()).unwrap();
        let objects = Objects::new(Arc::new(DiskStore::new()), home);
        Self { objects, checkpoints: OFTEN, faulty: None, folder }
    }

    pub(crate) fn memory() -> Self {
        let store = Arc::new(FaultyStore::default());
        Self {
            objects: Objects::new(Arc::<FaultyStore>::clone(&store), Path::from("some/home")),
            checkpoints: OFTEN,
            faulty: Some(store),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Returns an empty home of the same kind.
    pub(crate) fn another(&self) -> Self {
        let another = if self.faulty.is_some() { Self::memory() } else { Self::disk() };
        another.checkpointed_after(self.checkpoints.commits)
    }

    /// Returns the same home, where a checkpoint is due after this many commits.
    pub(crate) fn checkpointed_after(mut self, commits: usize) -> Self {
        self.checkpoints.commits = commits;
        self
    }

    /// Returns another home that holds the same at this moment.
    pub(crate) fn fork(&self) -> Self {
        let Some(faulty) = &self.faulty else {
            let copy = Self::disk();
            let mut paths = BTreeSet::new();
            visit(self.path(), self.path(), &mut paths);
            for path in paths {
                let to = copy.path().join(&path);
                std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                std::fs::copy(self.path().join(&path), to).unwrap();
            }
            return copy;
        };
        self.through(faulty.fork())
    }

    /// Returns the same home in memory, reached through another store.
    pub(crate) fn through(&self, store: FaultyStore) -> Self {
        let store = Arc::new(store);
        Self {
            objects: Objects::new(Arc::<FaultyStore>::clone(&store), self.objects.home.clone()),
            checkpoints: self.checkpoints,
            faulty: Some(store),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Returns the store of a home in memory.
    pub(crate) fn memory_store(&self) -> &Arc<FaultyStore> {
        self.faulty.as_ref().unwrap()
    }

    pub(crate) fn is_disk(&self) -> bool {
        self.faulty.is_none()
    }

    /// Returns the folder of a home on the local disk.
    pub(crate) fn path(&self) -> &DiskPath {
        self.folder.path()
    }

    pub(crate) fn options(&self) -> ConvertOptions {
        // The files of a made-up trail come whenever they like.
        let options = ConvertOptions::new(self.folder.path().join(TMP));
        ConvertOptions { threads: 2, late_days: 31, ..options }
    }

    pub(crate) fn staging(&self) -> Result<Arc<dyn Staging>> {
        Ok(match &self.faulty {
            None => Arc::new(LocalStaging::open(self.folder.path())?),
            Some(_) => Arc::new(self.store_staging(StoreOptions::default())),
        })
    }

    pub(crate) fn store_staging(&self, options: StoreOptions) -> StoreStaging {
        let store = Arc::clone(self.memory_store());
        StoreStaging::new(store, self.objects.home.clone(), options, Handle::current())
    }

    /// Opens the dataset, as a command does.
    pub(crate) async fn open(&self) -> Result<Dataset> {
        Ok(self.open_with(self.staging()?).await?.0)
    }

    pub(crate) async fn open_with(&self, staging: Arc<dyn Staging>) -> Result<(Dataset, Recovery)> {
        let opened = Dataset::open(self.objects.clone(), staging).await;
        opened.map(|(dataset, recovery)| {
            (Dataset { checkpoints: self.checkpoints, ..dataset }, recovery)
        })
    }

    pub(crate) async fn convert(
        &self,
        source: &Source,
        options: &ConvertOptions,
    ) -> Result<ConvertOutcome> {
        let outcome = self
            .open()
            .await?
            .convert(std::slice::from_ref(source), options, &Arc::new(Progress::default()))
            .await?;
        assert!(outcome.counts.totals.is_conserved());
        let listed: u64 = outcome.sources.iter().map(|source| source.found.log_files).sum();
        assert_eq!(
            listed,
            outcome.counts.files + outcome.counts.known_files + outcome.counts.known_damaged_files
        );
        Ok(outcome)
    }

    /// Compacts, as a command does.
    pub(crate) async fn compact(&self, options: &CompactOptions) -> Result<CompactionOutcome> {
        self.open().await?.compact(options, &Arc::new(Progress::default())).await
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        Snapshot::open(&self.objects).await.unwrap()
    }

    pub(crate) async fn read(&self, path: &str) -> Bytes {
        self.objects.store.get(&self.objects.at(path)).await.unwrap().bytes().await.unwrap()
    }

    /// Returns the files below `events/`, by path.
    pub(crate) async fn data_files(&self) -> BTreeSet<String> {
        if self.faulty.is_none() {
            // The store of the local disk would not tell all.
            let mut found = BTreeSet::new();
            visit(self.path(), &self.path().join(EVENTS), &mut found);
            return found;
        }
        self.paths(EVENTS).await
    }

    /// Returns the objects in a folder and below it, by path.
    pub(crate) async fn paths(&self, folder: &str) -> BTreeSet<String> {
        let found = self.objects.store.list(Some(&self.objects.at(folder)));
        let name = |location: Path| {
            location.as_ref().strip_prefix(self.objects.home.as_ref()).unwrap()[1..].to_owned()
        };
        found.map_ok(|found| name(found.location)).try_collect().await.unwrap()
    }

    /// Asserts that nothing is left of runs that are over.
    pub(crate) async fn assert_tidy(&self) {
        let left = self.open().await.unwrap().staging.transactions().await.unwrap();
        assert!(left.is_empty(), "{left:?}");
        if let Some(store) = &self.faulty {
            assert_eq!(store.open_uploads(), Vec::<String>::new());
        }
    }

    /// The files below `events/` must be exactly those of the snapshot.
    pub(crate) async fn assert_no_other_files(&self) {
        let snapshot = self.snapshot().await;
        let named: BTreeSet<String> = snapshot.files.iter().map(|file| file.path.clone()).collect();
        assert_eq!(self.data_files().await, named);
    }

    /// Hashes all columns of all rows, in the order of partitions, files and rows. The files below
    /// `events/` must be exactly those of the snapshot, whole.
    pub(crate) async fn ordered_hash(&self) -> String {
        self.assert_no_other_files().await;
        let snapshot = self.snapshot().await;
        let mut text = String::new();
        for file in &snapshot.files {
            let batch = self.rows(file).await;
            let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
            writer.write(&batch).unwrap();
            let digest = hex(&Sha256::digest(writer.into_inner().unwrap()));
            writeln!(text, "{} {digest}", file.key().unwrap()).unwrap();
        }
        hex(&Sha256::digest(text))
    }

    /// Returns all columns of the rows of each partition, in the order that a data file has them.
    pub(crate) async fn sorted_rows(&self) -> BTreeMap<PartitionKey, RecordBatch> {
        let partitions = self.partitions().await.into_iter();
        partitions.map(|(key, batch)| (key, sorted(&batch))).collect()
    }

    /// Returns the rows of each partition, in the order of files and rows.
    pub(crate) async fn partitions(&self) -> BTreeMap<PartitionKey, RecordBatch> {
        let mut batches: BTreeMap<PartitionKey, Vec<RecordBatch>> = BTreeMap::new();
        for file in &self.snapshot().await.files {
            let batch = self.rows(file).await;
            batches.entry(file.key().unwrap()).or_default().push(batch);
        }
        let whole = |batches: Vec<_>| concat_batches(&arrow_schema(), &batches).unwrap();
        batches.into_iter().map(|(key, batches)| (key, whole(batches))).collect()
    }

    /// Returns the ids of all events, sorted.
    pub(crate) async fn event_ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for file in &self.snapshot().await.files {
            let batch = self.rows(file).await;
            let column = batch.column_by_name("event_id").unwrap().as_string::<i32>();
            ids.extend(column.iter().map(|id| id.unwrap().to_owned()));
        }
        ids.sort();
        ids
    }

    /// Reads a data file, which must be as the log says.
    pub(crate) async fn rows(&self, file: &DataFile) -> RecordBatch {
        let bytes = self.read(&file.path).await;
        assert_eq!(hex(&Sha256::digest(&bytes)), file.sha256);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
        let schema = Arc::clone(reader.schema());
        let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
        let batch = concat_batches(&schema, &batches).unwrap();
        assert_eq!(batch.num_rows() as u64, file.rows);
        batch
    }
}

/// Sorts rows as a data file has them.
pub(crate) fn sorted(batch: &RecordBatch) -> RecordBatch {
    let column = |name: &str| SortColumn {
        values: Arc::clone(batch.column_by_name(name).unwrap()),
        options: Some(SortOptions { descending: false, nulls_first: true }),
    };
    let names = ["event_time", "event_id", "record_hash", "recipient_account_id", "source_file"];
    let mut columns: Vec<_> = names.into_iter().map(column).collect();
    columns.push(column("source_record_index"));
    take_record_batch(batch, &lexsort_to_indices(&columns, None).unwrap()).unwrap()
}

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
