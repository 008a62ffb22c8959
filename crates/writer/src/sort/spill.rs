//! Sorted runs on disk: Arrow IPC files with an index of their batches in memory.

use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    array::Array,
    error::ArrowError,
    ipc::{reader::FileReader, writer::FileWriter},
};
use ecstrail_converter::{PartitionKey, SelectedBatch, SelectedBuilder, SelectedRow};

use crate::{
    error::{Error, Result},
    storage::staging::disk,
};

/// Rows of a batch.
const BATCH_ROWS: usize = 2048;
/// What a row takes beside its record's text.
const ROW_BYTES: usize = 128;

/// The partitions of the first and the last row of something sorted.
#[derive(Debug)]
struct Bounds {
    first: (i32, String),
    last: (i32, String),
}

impl Bounds {
    fn at((day, region): (i32, &str)) -> Self {
        Self { first: (day, region.to_owned()), last: (day, region.to_owned()) }
    }

    fn widen(&mut self, (day, region): (i32, &str)) {
        if (self.last.0, self.last.1.as_str()) != (day, region) {
            self.last = (day, region.to_owned());
        }
    }
}

/// A file that goes when it is dropped.
#[derive(Debug)]
struct SpilledFile(PathBuf);

impl Drop for SpilledFile {
    fn drop(&mut self) {
        // Left over, it goes with its transaction's folder.
        drop(std::fs::remove_file(&self.0));
    }
}

/// Writes rows, given in their order, as a run. Dropped before its end, it leaves no file.
pub(super) struct SpillWriter {
    // Closed before the file goes.
    writer: FileWriter<BufWriter<File>>,
    file: SpilledFile,
    batch_bytes: usize,
    builder: SelectedBuilder,
    open: Option<Bounds>,
    index: Vec<Bounds>,
    largest_batch_bytes: usize,
}

impl SpillWriter {
    pub(super) fn create(path: PathBuf, batch_bytes: usize) -> Result<Self> {
        if let Some(folder) = path.parent() {
            disk("create", folder, std::fs::create_dir_all(folder))?;
        }
        let created = disk("create", &path, File::create(&path))?;
        let file = SpilledFile(path);
        let writer = FileWriter::try_new_buffered(created, &SelectedBatch::schema())
            .map_err(|source| failed(&file.0, source))?;
        Ok(Self {
            writer,
            file,
            batch_bytes,
            builder: SelectedBuilder::default(),
            open: None,
            index: Vec::new(),
            largest_batch_bytes: 0,
        })
    }

    pub(super) fn push(&mut self, row: &SelectedRow<'_>) -> Result<()> {
        let rows = self.builder.rows() + 1;
        let bytes = self.builder.text_bytes() + row.record.len() + rows * ROW_BYTES;
        if rows > BATCH_ROWS || bytes > self.batch_bytes {
            self.flush()?;
        }
        let partition = (row.day, row.region);
        self.open.get_or_insert_with(|| Bounds::at(partition)).widen(partition);
        self.builder.push(row);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let Some(bounds) = self.open.take() else { return Ok(()) };
        let batch = self.builder.finish();
        let bytes = self.batch_bytes_of(&batch)?;
        self.largest_batch_bytes = self.largest_batch_bytes.max(bytes);
        self.writer.write(batch.batch()).map_err(|source| failed(&self.file.0, source))?;
        self.index.push(bounds);
        Ok(())
    }

    fn batch_bytes_of(&self, batch: &SelectedBatch) -> Result<usize> {
        let columns = batch.batch().columns().iter();
        let bytes = columns.map(|column| column.to_data().get_slice_memory_size());
        bytes.sum::<Result<_, _>>().map_err(|source| failed(&self.file.0, source))
    }

    /// Returns the run, if it has rows.
    pub(super) fn finish(mut self) -> Result<Option<SpilledRun>> {
        self.flush()?;
        let Self { mut writer, file, index, largest_batch_bytes, .. } = self;
        writer.finish().map_err(|source| failed(&file.0, source))?;
        let bytes = disk("read", &file.0, writer.get_ref().get_ref().metadata())?.len();
        let (Some(first), Some(last)) = (index.first(), index.last()) else { return Ok(None) };
        let key = |(day, region): &(i32, String)| PartitionKey::new(*day, region);
        let bounds = (key(&first.first), key(&last.last));
        let reader = Mutex::new(None);
        Ok(Some(SpilledRun { reader, file, index, bounds, largest_batch_bytes, bytes }))
    }
}

fn failed(path: &Path, source: ArrowError) -> Error {
    Error::Arrow { what: path.display().to_string(), source }
}

/// A run on disk. Its file is opened when its first batch is read, and goes when the run is dropped.
#[derive(Debug)]
pub(crate) struct SpilledRun {
    reader: Mutex<Option<Box<FileReader<File>>>>,
    file: SpilledFile,
    index: Vec<Bounds>,
    bounds: (PartitionKey, PartitionKey),
    /// Bytes in memory of the largest batch.
    pub(super) largest_batch_bytes: usize,
    /// Bytes of the file.
    pub(super) bytes: u64,
}

impl SpilledRun {
    /// Returns the partitions of the first and the last row.
    pub(super) fn bounds(&self) -> &(PartitionKey, PartitionKey) {
        &self.bounds
    }

    /// Returns the number of the first batch with a row of a partition, or of a later one.
    pub(super) fn first_batch(&self, (day, region): (i32, &str)) -> usize {
        self.index.partition_point(|batch| (batch.last.0, batch.last.1.as_str()) < (day, region))
    }

    /// Returns whether a batch begins in a partition, or before it.
    pub(super) fn begins_by(&self, batch: usize, (day, region): (i32, &str)) -> bool {
        let first = self.index.get(batch).map(|bounds| &bounds.first);
        first.is_some_and(|first| (first.0, first.1.as_str()) <= (day, region))
    }

    pub(super) fn batch(&self, number: usize) -> Result<Arc<SelectedBatch>> {
        let path = &self.file.0;
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = match &mut *reader {
            Some(reader) => reader,
            closed => {
                let file = disk("open", path, File::open(path))?;
                let opened = FileReader::try_new(file, None);
                closed.insert(Box::new(opened.map_err(|source| failed(path, source))?))
            }
        };
        reader.set_index(number).map_err(|source| failed(path, source))?;
        let missing = || ArrowError::IpcError(format!("batch {number} is missing"));
        let batch = reader.next().ok_or_else(missing).and_then(|batch| batch);
        let batch = batch.and_then(SelectedBatch::try_new);
        batch.map(Arc::new).map_err(|source| failed(path, source))
    }
}
