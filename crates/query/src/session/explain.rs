//! The result of EXPLAIN, one row per line: the engine returns each whole plan as a single cell.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray, RecordBatch, StringArray},
        datatypes::{DataType, Field, Schema},
        error::ArrowError,
    },
    error::DataFusionError,
};
use futures::StreamExt;

use super::{Rows, adapt};

/// Splits plans into lines, under the name of each plan.
pub(super) fn by_line(rows: Rows) -> Rows {
    let schema = Arc::new(Schema::new(vec![Field::new("plan", DataType::Utf8, false)]));
    let lines = Arc::clone(&schema);
    let split = move |batch: Result<RecordBatch, DataFusionError>| {
        let column = Arc::new(StringArray::from(lines_of(&batch?))) as ArrayRef;
        let split: Result<_, ArrowError> = RecordBatch::try_new(Arc::clone(&lines), vec![column]);
        split.map_err(DataFusionError::from)
    };
    adapt(schema, rows.map(split))
}

fn lines_of(batch: &RecordBatch) -> Vec<String> {
    let texts = |column: usize| {
        batch.columns().get(column).and_then(|column| column.as_string_opt::<i32>())
    };
    let (Some(names), Some(plans)) = (texts(0), texts(1)) else { return Vec::new() };
    let mut lines = Vec::new();
    for (name, plan) in names.iter().zip(plans) {
        lines.push(name.unwrap_or_default().to_owned());
        lines.extend(plan.unwrap_or_default().lines().map(|line| format!("  {line}")));
    }
    lines
}
