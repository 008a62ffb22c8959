//! Rows of an engine elsewhere, with the columns and types that a session gives them: engines agree on
//! values, but not on units of time, the widths of numbers, and what may be NULL.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, RecordBatch, RecordBatchOptions},
        compute::{CastOptions, cast_with_options},
        datatypes::{DataType, SchemaRef},
        error::ArrowError,
        util::display::FormatOptions,
    },
    error::DataFusionError,
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::StreamExt;

use crate::{
    error::{Error, Result},
    session::Rows,
};

/// A value that does not fit is an error, not NULL.
const EXACTLY: CastOptions<'_> = CastOptions { safe: false, format_options: FormatOptions::new() };

/// Gives rows the columns of a schema, by their places.
///
/// # Errors
/// [`Error::Query`] if there are more or fewer columns.
pub(crate) fn fitted(rows: Rows, expected: SchemaRef) -> Result<Rows> {
    let found = rows.schema().fields().len();
    if found != expected.fields().len() {
        let problem = format!(
            "the engine returned {found} columns, and the query has {}",
            expected.fields().len()
        );
        return Err(Error::Query { source: problem.into() });
    }
    let schema = Arc::clone(&expected);
    let rows = rows.map(move |batch| fit(batch?, &expected));
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
}

fn fit(batch: RecordBatch, expected: &SchemaRef) -> Result<RecordBatch, DataFusionError> {
    let (_, columns, rows) = batch.into_parts();
    let columns = columns.into_iter().zip(expected.fields());
    let columns = columns.map(|(column, field)| cast(&column, field.data_type()));
    let columns = columns.collect::<Result<_, ArrowError>>()?;
    let rows = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(expected), columns, &rows)?)
}

/// A time without a zone is one of UTC: the engines' sessions are in that zone.
fn cast(column: &ArrayRef, expected: &DataType) -> Result<ArrayRef, ArrowError> {
    if column.data_type() == expected {
        return Ok(Arc::clone(column));
    }
    cast_with_options(column, expected, &EXACTLY)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::{
        array::{
            Array, Decimal128Array, Int32Array, ListArray, StringArray, TimestampMicrosecondArray,
            TimestampMillisecondArray,
        },
        datatypes::{Field, Int32Type, Int64Type, Schema, TimeUnit},
    };
    use futures::{TryStreamExt, executor::block_on, stream};

    use super::*;

    fn rows(columns: Vec<ArrayRef>) -> Rows {
        let fields = columns.iter().map(|column| Field::new("x", column.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
        Box::pin(RecordBatchStreamAdapter::new(schema, stream::iter([Ok(batch)])))
    }

    fn fit_one(column: ArrayRef, expected: DataType) -> Result<ArrayRef, String> {
        let schema = Arc::new(Schema::new(vec![Field::new("y", expected, true)]));
        let rows = fitted(rows(vec![column]), schema).map_err(|error| error.to_string())?;
        let batches: Vec<RecordBatch> =
            block_on(rows.try_collect()).map_err(|error| error.to_string())?;
        Ok(Arc::clone(batches[0].column(0)))
    }

    #[test]
    fn values_get_the_types_of_a_session() {
        let utc = Some("UTC".into());
        let milliseconds = DataType::Timestamp(TimeUnit::Millisecond, utc.clone());
        let time = TimestampMillisecondArray::from(vec![Some(1_777_256_283_500), None]);
        let time: ArrayRef = Arc::new(time.with_timezone("UTC"));
        let times = [
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(1_777_256_283_500_000), None])
                    .with_timezone("Etc/UTC"),
            ) as ArrayRef,
            Arc::new(TimestampMicrosecondArray::from(vec![Some(1_777_256_283_500_000), None])),
        ];
        for given in times {
            assert_eq!(fit_one(given, milliseconds.clone()).unwrap().as_ref(), time.as_ref());
        }
        let whole = Decimal128Array::from(vec![Some(7), None]).with_precision_and_scale(20, 0);
        let fitted = fit_one(Arc::new(whole.unwrap()), DataType::Int64).unwrap();
        assert_eq!(fitted.len(), 2);
        let lists = |given: Vec<Option<Vec<Option<i32>>>>| {
            ListArray::from_iter_primitive::<Int32Type, _, _>(given)
        };
        let given = lists(vec![Some(vec![Some(1), None]), None]);
        let expected = ListArray::from_iter_primitive::<Int64Type, _, _>(vec![
            Some(vec![Some(1), None]),
            None,
        ]);
        let found = fit_one(Arc::new(given), expected.data_type().clone()).unwrap();
        assert_eq!(found.as_ref(), &expected as &dyn Array);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let large = Arc::new(Int32Array::from(vec![300]));
        assert!(fit_one(large, DataType::Int8).unwrap_err().contains("300"));
        let text = Arc::new(StringArray::from(vec!["seven"]));
        assert!(fit_one(text, DataType::Int64).unwrap_err().contains("seven"));
        let schema = Arc::new(Schema::empty());
        let error = fitted(rows(vec![Arc::new(Int32Array::from(vec![1]))]), schema).err().unwrap();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, "the engine returned 1 columns, and the query has 0");
    }
}
