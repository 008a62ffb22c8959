//! The rows that a data file holds already, by the columns that tell duplicates: what a merge
//! compares new rows with.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray, UInt32Array,
        new_null_array,
    },
    compute::cast,
    datatypes::DataType,
    error::ArrowError,
};
use ecstrail_converter::SelectedBatch;
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
};

use crate::{Error, Result, remote::RemoteFile};

/// The columns that tell duplicates, by their names in the column table.
const COLUMNS: [&str; 4] = ["event_time", "event_id", "record_hash", "recipient_account_id"];

/// Rows of one data file, in their order.
pub(crate) struct ExistingRows {
    path: String,
    batches: ParquetRecordBatchReader,
}

impl ExistingRows {
    pub(crate) fn open(file: RemoteFile) -> Result<Self> {
        let path = file.path.to_string();
        let parquet = |source| Error::Parquet { path: path.clone(), source };
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(parquet)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), COLUMNS);
        let batches = builder.with_projection(mask).build().map_err(parquet)?;
        Ok(Self { path, batches })
    }

    pub(crate) fn next_batch(&mut self) -> Result<Option<Arc<SelectedBatch>>> {
        let batch = self.batches.next().map(|batch| batch.and_then(|batch| selected(&batch)));
        let arrow = |source| Error::Arrow { what: self.path.clone(), source };
        batch.transpose().map(|batch| batch.map(Arc::new)).map_err(arrow)
    }
}

/// Places committed rows before every new row that equals them: `index` is -1.
fn selected(batch: &RecordBatch) -> Result<SelectedBatch, ArrowError> {
    let rows = batch.num_rows();
    let column = |name: &str, kind: &DataType| match batch.column_by_name(name) {
        Some(column) => cast(column, kind),
        None => Ok(new_null_array(kind, rows)),
    };
    let empty: ArrayRef = Arc::new(StringArray::from(vec![""; rows]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from(vec![0; rows])),
        Arc::clone(&empty),
        column("event_time", &DataType::Int64)?,
        column("event_id", &DataType::Utf8)?,
        column("record_hash", &DataType::Int64)?,
        Arc::new(UInt32Array::from(vec![0; rows])),
        Arc::new(Int64Array::from(vec![-1; rows])),
        Arc::new(Int64Array::from(vec![0; rows])),
        column("recipient_account_id", &DataType::Utf8)?,
        empty,
    ];
    debug_assert!(columns.iter().all(|column| column.len() == rows));
    SelectedBatch::try_new(RecordBatch::try_new(SelectedBatch::schema(), columns)?)
}
