//! Places for datasets: a folder on the local disk, an object store in memory.

use std::{collections::BTreeSet, fmt::Write as _, path::Path as DiskPath, sync::Arc};

use arrow::{
    array::{AsArray, RecordBatch},
    compute::concat_batches,
    ipc::writer::StreamWriter,
};
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::runtime::Handle;

use super::FaultyStore;
use crate::{
    ConvertOptions, ConvertOutcome, DataFile, Dataset, EVENTS, LocalStaging, Progress, Recovery,
    Result, Snapshot, Source, Staging, StoreOptions, StoreStaging, below, entry::hex, layout::TMP,
};

/// Where a test has its dataset.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) home: Path,
    /// Only of a place in memory.
    faulty: Option<Arc<FaultyStore>>,
    folder: TempDir,
}

impl Place {
    /// Returns an empty place of each kind.
    pub(crate) fn all() -> [Self; 2] {
        [Self::disk(), Self::memory()]
    }

    pub(crate) fn disk() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Path::from_absolute_path(folder.path()).unwrap();
        Self { store: Arc::new(LocalFileSystem::new()), home, faulty: None, folder }
    }

    pub(crate) fn memory() -> Self {
        let store = Arc::new(FaultyStore::default());
        Self {
            store: Arc::<FaultyStore>::clone(&store),
            home: Path::from("some/home"),
            faulty: Some(store),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Returns an empty place of the same kind.
    pub(crate) fn another(&self) -> Self {
        if self.faulty.is_some() { Self::memory() } else { Self::disk() }
    }

    /// Returns the same place in memory, reached through another store.
    pub(crate) fn through(&self, store: FaultyStore) -> Self {
        let store = Arc::new(store);
        Self {
            store: Arc::<FaultyStore>::clone(&store),
            home: self.home.clone(),
            faulty: Some(store),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Returns the store of a place in memory.
    pub(crate) fn memory_store(&self) -> &Arc<FaultyStore> {
        self.faulty.as_ref().unwrap()
    }

    /// Returns the folder of a place on the local disk.
    pub(crate) fn path(&self) -> &DiskPath {
        self.folder.path()
    }

    pub(crate) fn options(&self) -> ConvertOptions {
        ConvertOptions { threads: 2, ..ConvertOptions::new(self.folder.path().join(TMP)) }
    }

    pub(crate) fn staging(&self) -> Result<Arc<dyn Staging>> {
        Ok(match &self.faulty {
            None => Arc::new(LocalStaging::open(self.folder.path())?),
            Some(_) => Arc::new(self.store_staging(StoreOptions::default())),
        })
    }

    pub(crate) fn store_staging(&self, options: StoreOptions) -> StoreStaging {
        let store = Arc::clone(self.memory_store());
        StoreStaging::new(store, self.home.clone(), options, Handle::current())
    }

    /// Opens the dataset, as a command does.
    pub(crate) async fn open(&self) -> Result<Dataset> {
        Ok(self.open_with(self.staging()?).await?.0)
    }

    pub(crate) async fn open_with(&self, staging: Arc<dyn Staging>) -> Result<(Dataset, Recovery)> {
        Dataset::open(Arc::clone(&self.store), self.home.clone(), staging).await
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
        assert!(outcome.totals.is_conserved());
        Ok(outcome)
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        Snapshot::open(&*self.store, &self.home).await.unwrap()
    }

    pub(crate) async fn read(&self, path: &str) -> Bytes {
        self.store.get(&below(&self.home, path)).await.unwrap().bytes().await.unwrap()
    }

    /// Returns the files below `events/`, by path.
    pub(crate) async fn data_files(&self) -> BTreeSet<String> {
        if self.faulty.is_none() {
            // The store of the local disk would not tell all.
            let mut found = BTreeSet::new();
            visit(self.path(), &self.path().join(EVENTS), &mut found);
            return found;
        }
        self.objects(EVENTS).await
    }

    /// Returns the objects in a folder and below it, by path.
    pub(crate) async fn objects(&self, folder: &str) -> BTreeSet<String> {
        let found = self.store.list(Some(&below(&self.home, folder)));
        let name = |location: Path| {
            location.as_ref().strip_prefix(self.home.as_ref()).unwrap()[1..].to_owned()
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

    /// Hashes all columns of all rows, in the order of partitions, files and rows. The files below
    /// `events/` must be exactly those of the snapshot, whole.
    pub(crate) async fn ordered_hash(&self) -> String {
        let snapshot = self.snapshot().await;
        let named: BTreeSet<String> = snapshot.files.iter().map(|file| file.path.clone()).collect();
        assert_eq!(self.data_files().await, named);
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
