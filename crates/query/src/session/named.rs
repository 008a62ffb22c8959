//! Rows whose columns are called by what was typed.

use std::sync::Arc;

use datafusion::arrow::{
    array::{RecordBatch, RecordBatchOptions},
    datatypes::{FieldRef, Fields, Schema},
};
use futures::StreamExt;

use super::{Rows, adapt};
use crate::portable::statement::TypedNames;

/// Calls the columns of rows by what was typed.
pub(super) fn named_as_typed(rows: Rows, names: &TypedNames) -> Rows {
    let schema = rows.schema();
    let fields = schema.fields();
    let field = |(column, field): (usize, &FieldRef)| match names.get(column, fields.len()) {
        Some(name) => Arc::new(field.as_ref().clone().with_name(name)),
        None => Arc::clone(field),
    };
    let fields: Fields = fields.iter().enumerate().map(field).collect();
    let named = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let batch_schema = Arc::clone(&named);
    let rows = rows.map(move |batch| {
        let (_, columns, rows) = batch?.into_parts();
        let rows = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&batch_schema), columns, &rows)?)
    });
    adapt(named, rows)
}
