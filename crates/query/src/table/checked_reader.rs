//! Reads data files and compares what has no checksum in Parquet with the log: footers, page indexes and
//! bloom filters. Pages have checksums that Parquet's reader compares.

use std::{fmt, ops::Range, sync::Arc};

use bytes::Bytes;
use datafusion::{
    common::Result as PlanResult,
    datasource::{
        listing::PartitionedFile,
        physical_plan::{
            ParquetFileReaderFactory,
            parquet::{CachedParquetFileReaderFactory, CachedParquetMetaData},
        },
    },
    execution::cache::cache_manager::{CachedFileMetadataEntry, FileMetadataCache},
    physical_plan::metrics::ExecutionPlanMetricsSet,
};
use ecstrail_writer::CheckedRange;
use futures::{FutureExt, future::BoxFuture};
use object_store::{ObjectMeta, ObjectStore};
use parquet::{
    arrow::{arrow_reader::ArrowReaderOptions, async_reader::AsyncFileReader},
    errors::{ParquetError, Result},
    file::metadata::{ParquetMetaData, ParquetMetaDataReader},
};

use super::LostFile;

/// Bytes behind the metadata at the end of every file.
const TRAILER_BYTES: usize = 8;

/// What the log says of a file, which travels with the plan.
#[derive(Debug)]
pub(super) struct Checked {
    /// Path below the dataset's home.
    pub(super) path: String,
    /// Not empty; the footer's is the last.
    pub(super) ranges: Vec<CheckedRange>,
}

/// Opens files for a scan.
pub(super) struct CheckedReaders {
    files: CachedParquetFileReaderFactory,
    cache: Arc<FileMetadataCache>,
}

impl CheckedReaders {
    pub(super) fn new(store: Arc<dyn ObjectStore>, cache: Arc<FileMetadataCache>) -> Self {
        Self { files: CachedParquetFileReaderFactory::new(store, Arc::clone(&cache)), cache }
    }
}

impl fmt::Debug for CheckedReaders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CheckedReaders").finish_non_exhaustive()
    }
}

impl ParquetFileReaderFactory for CheckedReaders {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> PlanResult<Box<dyn AsyncFileReader + Send>> {
        let checked = file.extension::<Arc<Checked>>().cloned();
        let object = file.object_meta.clone();
        let reader = self.files.create_reader(partition, file, metadata_size_hint, metrics)?;
        Ok(match checked {
            // An older program wrote the file.
            None => reader,
            Some(checked) => {
                Box::new(CheckedReader { reader, checked, object, cache: Arc::clone(&self.cache) })
            }
        })
    }
}

struct CheckedReader {
    reader: Box<dyn AsyncFileReader + Send>,
    checked: Arc<Checked>,
    object: ObjectMeta,
    cache: Arc<FileMetadataCache>,
}

impl CheckedReader {
    fn check(&self, range: &Range<u64>, bytes: &Bytes) -> Result<()> {
        let mut known = self.checked.ranges.iter();
        match known.find(|known| known.range().as_ref() == Some(range)) {
            Some(known) if !known.matches(bytes) => Err(self.damaged()),
            _ => Ok(()),
        }
    }

    /// Names the file in the error of a store that has less of it.
    fn named(&self, error: ParquetError) -> ParquetError {
        let is_short = error.to_string().to_lowercase().contains("range");
        if is_short { self.damaged() } else { error }
    }

    fn damaged(&self) -> ParquetError {
        let (path, what) = (self.checked.path.clone(), "is not what was committed".to_owned());
        ParquetError::External(Box::new(LostFile { path, what }))
    }
}

impl AsyncFileReader for CheckedReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        async move {
            let bytes =
                self.reader.get_bytes(range.clone()).await.map_err(|error| self.named(error))?;
            self.check(&range, &bytes)?;
            Ok(bytes)
        }
        .boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        async move {
            let fetched = self.reader.get_byte_ranges(ranges.clone()).await;
            let fetched = fetched.map_err(|error| self.named(error))?;
            for (range, bytes) in ranges.iter().zip(&fetched) {
                self.check(range, bytes)?;
            }
            Ok(fetched)
        }
        .boxed()
    }

    /// The log says where the footer begins, so that it takes one request. Page indexes are fetched by
    /// those who use them.
    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>>> {
        async move {
            let cached = self.cache.get(&self.object.location);
            let cached = cached.filter(|cached| cached.is_valid_for(&self.object));
            let known = cached.as_ref().and_then(|cached| {
                cached.file_metadata.as_any().downcast_ref::<CachedParquetMetaData>()
            });
            if let Some(known) = known {
                return Ok(Arc::clone(known.parquet_metadata()));
            }
            let footer = self.checked.ranges.last().and_then(CheckedRange::range);
            let footer = footer.filter(|footer| footer.end == self.object.size);
            let footer = footer.ok_or_else(|| self.damaged())?;
            let bytes = self.get_bytes(footer).await?;
            let thrift = bytes.len().checked_sub(TRAILER_BYTES).and_then(|end| bytes.get(..end));
            let thrift = thrift.ok_or_else(|| self.damaged())?;
            let metadata = Arc::new(ParquetMetaDataReader::decode_metadata(thrift)?);
            let entry = Arc::new(CachedParquetMetaData::new(Arc::clone(&metadata)));
            self.cache.put(
                &self.object.location,
                CachedFileMetadataEntry::new(self.object.clone(), entry),
            );
            Ok(metadata)
        }
        .boxed()
    }
}
