//! The table `events` over the data files of a snapshot: which files a query reads, what is known
//! of them beforehand, and the plan that reads them.
//!
//! The table is made from a store's URL, the dataset's home and the list of files alone, so that
//! another process can make the same one.

use std::{collections::BTreeSet, fmt, sync::Arc};

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::{DataFusionError, Result as PlanResult, project_schema},
    config::TableParquetOptions,
    datasource::{
        TableType,
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
        table_schema::TableSchema,
    },
    execution::object_store::ObjectStoreUrl,
    logical_expr::{Expr, TableProviderFilterPushDown},
    physical_plan::{ExecutionPlan, empty::EmptyExec},
};
use ecstrail_converter::{PARTITION_COLUMNS, arrow_schema};
use ecstrail_writer::{DataFile, PAGE_ROWS, below};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStoreExt, path::Path};

use crate::error::{Error, Result};

mod bounds;
mod checked_reader;
mod dictionary;
mod json_schema;
mod prune;
mod statistics;
#[cfg(test)]
mod tests;

use bounds::FileBounds;
use checked_reader::{Checked, CheckedReaders};
pub use dictionary::{columns_as_json, columns_as_markdown};
pub use json_schema::columns_as_json_schema;

/// The partition's UTC day: a column of the table that is in no file.
pub(crate) const DATE: &str = PARTITION_COLUMNS[0].name;
/// The partition's region: a column of the table that is in no file.
pub(crate) const REGION: &str = PARTITION_COLUMNS[1].name;

/// Up to this many files, each file's statistics travel with the plan. They let `ORDER BY … LIMIT`
/// skip files while it runs, but cost 300 bytes a column and file.
const FILES_WITH_STATISTICS: usize = 4096;

/// A file with more rows has several pages for a column. The tests' pages are small.
pub(crate) const PAGED_ROWS: usize = if cfg!(test) { 20 } else { PAGE_ROWS };

/// Bytes at the end of a file that are read first: the footer of a file with a row group or two, and
/// little that nobody asked for.
const FOOTER_BYTES: usize = 48 << 10;

/// Files whose presence is checked at once.
const CONCURRENT_CHECKS: usize = 32;

/// The events of a dataset, as a table.
pub struct EventsTable {
    store: ObjectStoreUrl,
    home: Path,
    schema: SchemaRef,
    files: Vec<DataFile>,
    bounds: FileBounds,
}

impl EventsTable {
    /// Makes the table of `files`, which are below `home` in the store that is registered at
    /// `store`.
    pub fn try_new(store: ObjectStoreUrl, home: Path, mut files: Vec<DataFile>) -> Result<Self> {
        files.sort_by(|left, right| left.path.cmp(&right.path));
        let bounds = FileBounds::of(&files).map_err(|source| Error::Dataset { source })?;
        let schema = SchemaRef::clone(table_schema(arrow_schema()).table_schema());
        Ok(Self { store, home, schema, files, bounds })
    }

    /// Where the store is registered.
    pub fn store_url(&self) -> &ObjectStoreUrl {
        &self.store
    }

    /// The dataset's home in the store.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The data files, in the order of their paths.
    pub fn files(&self) -> &[DataFile] {
        &self.files
    }

    /// Plans to read a file; `columns` are those of the scan, if its statistics travel with it.
    fn partitioned_file(&self, number: usize, columns: Option<&Schema>) -> PartitionedFile {
        let file = &self.files[number];
        let location = below(&self.home, &file.path);
        let planned = PartitionedFile::new(String::new(), file.bytes)
            .with_partition_values(self.bounds.partition_values(number));
        let mut planned = match columns {
            Some(columns) => planned.with_statistics(Arc::new(statistics::of_file(file, columns))),
            None => planned,
        };
        planned.object_meta.location = location;
        if file.checked.is_empty() {
            return planned;
        }
        let (path, ranges) = (file.path.clone(), file.checked.clone());
        planned.with_extension(Arc::new(Checked { path, ranges }))
    }

    /// Returns how the files are read.
    fn source(
        &self,
        state: &dyn Session,
        files: &[usize],
        schema: TableSchema,
    ) -> PlanResult<ParquetSource> {
        let mut options = TableParquetOptions {
            global: state.config_options().execution.parquet.clone(),
            ..TableParquetOptions::default()
        };
        options.global.pushdown_filters = true;
        options.global.reorder_filters = true;
        // To skip pages takes another read of each file, and a small one has a page for each column.
        options.global.enable_page_index =
            files.iter().any(|&number| self.files[number].rows > PAGED_ROWS as u64);
        options.global.bloom_filter_on_read = true;
        let environment = state.runtime_env();
        let cache = environment.cache_manager.get_file_metadata_cache();
        let readers = CheckedReaders::new(environment.object_store(&self.store)?, cache);
        Ok(ParquetSource::new(schema)
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(readers))
            .with_metadata_size_hint(FOOTER_BYTES))
    }
}

/// Puts the partition columns behind the columns of a file.
fn table_schema(file: SchemaRef) -> TableSchema {
    let partition_columns = vec![
        Arc::new(Field::new(DATE, DataType::Date32, false)),
        Arc::new(Field::new(REGION, DataType::Utf8, false)),
    ];
    TableSchema::builder(file).with_table_partition_cols(partition_columns).build()
}

/// The columns that a scan knows of. The engine keeps something of each column for each file, used or
/// not, and our files have many columns and perhaps a few thousand rows.
struct ScanColumns {
    file: SchemaRef,
    projection: Option<Vec<usize>>,
}

impl ScanColumns {
    /// Takes the columns that are asked for, by their positions in the table; without, all.
    fn of(projection: Option<&Vec<usize>>) -> Self {
        let all = arrow_schema();
        let (columns, Some(asked)) = (all.fields().len(), projection) else {
            return Self { file: all, projection: None };
        };
        let used: BTreeSet<usize> = asked.iter().copied().filter(|&at| at < columns).collect();
        let used: Vec<usize> = used.into_iter().collect();
        let position = |&at: &usize| match used.binary_search(&at) {
            Ok(position) => position,
            Err(_) => used.len() + at - columns,
        };
        let projection = asked.iter().map(position).collect();
        let fields: Fields = used.iter().map(|&at| Arc::clone(&all.fields()[at])).collect();
        Self { file: Arc::new(Schema::new(fields)), projection: Some(projection) }
    }
}

impl fmt::Debug for EventsTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventsTable")
            .field("store", &self.store)
            .field("home", &self.home)
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for EventsTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let (exact, inexact): (Vec<_>, Vec<_>) =
            filters.iter().cloned().partition(prune::is_decided_by_partition);
        let mut kept = prune::files(state, &self.bounds, &self.schema, &exact, &inexact)?;
        if let Some(limit) = limit.filter(|_| inexact.is_empty()) {
            kept = self.enough_for(kept, limit);
        }
        if kept.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&self.schema, projection)?)));
        }
        let ScanColumns { file: columns, projection } = ScanColumns::of(projection);
        self.check_presence(state, &kept, &columns).await?;
        let statistics = statistics::of_table(&self.files, &self.bounds, &kept, &columns);
        let of_files = (kept.len() <= FILES_WITH_STATISTICS).then_some(&*columns);
        let planned = kept.iter().map(|&number| self.partitioned_file(number, of_files)).collect();
        let groups = FileGroup::new(planned).split_files(state.config().target_partitions().max(1));
        let source = self.source(state, &kept, table_schema(columns))?;
        let scan = FileScanConfigBuilder::new(self.store.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection)?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> PlanResult<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| {
            if prune::is_decided_by_partition(filter) {
                TableProviderFilterPushDown::Exact
            } else {
                TableProviderFilterPushDown::Inexact
            }
        };
        Ok(filters.iter().map(support).collect())
    }
}

/// A data file is not what the log names.
#[derive(Debug, thiserror::Error)]
#[error("the data file {path} {what}: `ecstrail verify` lists all problems")]
pub(crate) struct LostFile {
    /// Path below the dataset's home.
    pub(crate) path: String,
    /// What is wrong with it.
    pub(crate) what: String,
}

impl EventsTable {
    /// Checks that files are there from which nothing may be read: rows and times are counted from the
    /// log.
    async fn check_presence(
        &self,
        state: &dyn Session,
        files: &[usize],
        columns: &Schema,
    ) -> PlanResult<()> {
        if columns.fields().iter().any(|column| column.name() != "event_time") {
            return Ok(());
        }
        let store = state.runtime_env().object_store(&self.store)?;
        let files: Vec<_> = files.iter().map(|&number| self.files[number].clone()).collect();
        let checks = stream::iter(files).map(|DataFile { path, bytes, .. }| {
            let (store, location) = (Arc::clone(&store), below(&self.home, &path));
            async move {
                let what = match store.head(&location).await {
                    Ok(found) if found.size == bytes => return Ok(()),
                    Ok(found) => format!("has {} bytes instead of {bytes}", found.size),
                    Err(object_store::Error::NotFound { .. }) => {
                        "is missing, though no commit has removed it".to_owned()
                    }
                    Err(error) => return Err(DataFusionError::ObjectStore(Box::new(error))),
                };
                Err(DataFusionError::External(Box::new(LostFile { path, what })))
            }
        });
        checks.buffer_unordered(CONCURRENT_CHECKS).try_collect().await
    }

    /// Returns the first of `files` that hold `limit` rows.
    fn enough_for(&self, files: Vec<usize>, limit: usize) -> Vec<usize> {
        let limit = limit as u64;
        let mut rows = 0;
        files
            .into_iter()
            .take_while(|&number| {
                let wanted = rows < limit;
                rows += self.files[number].rows;
                wanted
            })
            .collect()
    }
}
