//! The answer to a query, page by page: the next page is read once the rows of the one before have
//! been taken.

use std::sync::Arc;

use arrow::{
    array::{RecordBatch, RecordBatchOptions},
    datatypes::{Field, Schema, SchemaRef},
};
use aws_sdk_athena::{
    operation::get_query_results::GetQueryResultsOutput,
    types::{ColumnInfo, Row},
};
use datafusion::{error::DataFusionError, physical_plan::stream::RecordBatchStreamAdapter};
use futures::{StreamExt, stream};

use super::{
    cells::{Kind, array},
    failure::problem,
    queries::Queries,
};
use crate::{
    error::{Error, Result},
    session::Rows,
};

/// Rows of a page: as many as Athena gives at once.
const PAGE: i32 = 1000;

/// Returns the rows of a query that is over.
pub(super) async fn rows(
    queries: Arc<Queries>,
    id: String,
    expected: Option<&SchemaRef>,
) -> Result<Rows> {
    let mut answer = Answer { queries, id, columns: Vec::new(), schema: Arc::new(Schema::empty()) };
    let page = answer.page(None).await?;
    let described = described(&page);
    answer.columns = kinds(described, expected)?;
    let names = names(described, expected);
    let fields = names.iter().zip(&answer.columns);
    let fields = fields.map(|(name, kind)| Field::new(name, kind.data_type(), true));
    answer.schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let mut page = Page::from(page);
    if page.rows.first().is_some_and(|row| is_header(row, &names)) {
        page.rows.remove(0);
    }
    let schema = Arc::clone(&answer.schema);
    let batches = stream::try_unfold((answer, Some(page)), |(answer, page)| async move {
        let Some(page) = page else { return Ok(None) };
        let batch = answer.batch(&page.rows).map_err(outside)?;
        let next = match page.next {
            Some(next) => Some(Page::from(answer.page(Some(next)).await.map_err(outside)?)),
            None => None,
        };
        Ok(Some((batch, (answer, next))))
    });
    let batches = batches.filter(|batch| {
        let has_rows = batch.as_ref().map_or(true, |batch: &RecordBatch| batch.num_rows() > 0);
        async move { has_rows }
    });
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
}

fn outside(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

struct Answer {
    queries: Arc<Queries>,
    id: String,
    columns: Vec<Kind>,
    schema: SchemaRef,
}

struct Page {
    rows: Vec<Row>,
    next: Option<String>,
}

impl From<GetQueryResultsOutput> for Page {
    fn from(output: GetQueryResultsOutput) -> Self {
        let rows = output.result_set.and_then(|set| set.rows).unwrap_or_default();
        Self { rows, next: output.next_token.filter(|token| !token.is_empty()) }
    }
}

impl Answer {
    async fn page(&self, token: Option<String>) -> Result<GetQueryResultsOutput> {
        let Self { queries, id, .. } = self;
        let request = queries.client.get_query_results().query_execution_id(id).max_results(PAGE);
        let answer = request.set_next_token(token).send().await;
        answer.map_err(|error| queries.request("athena:GetQueryResults").failed(&error))
    }

    fn batch(&self, rows: &[Row]) -> Result<RecordBatch> {
        if let Some(row) = rows.iter().find(|row| row.data().len() > self.columns.len()) {
            return Err(problem(format!(
                "a row of the answer has {} values for {} columns",
                row.data().len(),
                self.columns.len()
            )));
        }
        let columns = self.columns.iter().zip(self.schema.fields()).enumerate();
        let columns = columns.map(|(number, (kind, field))| {
            let cells = rows.iter().map(|row| row.data().get(number)?.var_char_value());
            array(kind, field, cells)
        });
        let columns = columns.collect::<Result<_>>()?;
        let count = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &count)
            .map_err(|error| problem(error.to_string()))
    }
}

fn described(page: &GetQueryResultsOutput) -> &[ColumnInfo] {
    let set = page.result_set();
    set.and_then(|set| set.result_set_metadata()).map_or(&[], |metadata| metadata.column_info())
}

/// How the columns are read: as those that are expected, or as Athena describes them. If there are
/// more or fewer than expected, whoever expects them says so.
fn kinds(described: &[ColumnInfo], expected: Option<&SchemaRef>) -> Result<Vec<Kind>> {
    let Some(expected) = expected.filter(|schema| has_as_many(schema, described)) else {
        return Ok(described.iter().map(Kind::of_column).collect());
    };
    let kind = |field: &Arc<Field>| {
        Kind::of_type(field.data_type()).ok_or_else(|| {
            problem(format!(
                "column {:?} has lists or maps, whose texts Athena does not tell apart: join them to \
                 texts, or run this without --engine",
                field.name()
            ))
        })
    };
    expected.fields().iter().map(kind).collect()
}

/// An answer without rows may come without a description.
fn has_as_many(expected: &SchemaRef, described: &[ColumnInfo]) -> bool {
    described.is_empty() || described.len() == expected.fields().len()
}

fn names(described: &[ColumnInfo], expected: Option<&SchemaRef>) -> Vec<String> {
    match expected {
        Some(expected) if described.is_empty() => {
            expected.fields().iter().map(|field| field.name().clone()).collect()
        }
        _ => described.iter().map(|column| column.name().to_owned()).collect(),
    }
}

/// Whether a row names the columns, as the first one does of a SELECT, and not of SHOW.
fn is_header(row: &Row, names: &[String]) -> bool {
    let values = row.data().iter().map(|cell| cell.var_char_value().unwrap_or_default());
    row.data().len() == names.len() && values.eq(names.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;
    use aws_sdk_athena::types::Datum;

    use super::*;

    fn row(cells: &[Option<&str>]) -> Row {
        let cell =
            |text: Option<&str>| Datum::builder().set_var_char_value(text.map(Into::into)).build();
        Row::builder().set_data(Some(cells.iter().copied().map(cell).collect())).build()
    }

    fn column(name: &str, kind: &str) -> ColumnInfo {
        ColumnInfo::builder().name(name).r#type(kind).build().unwrap()
    }

    fn schema(kinds: &[DataType]) -> SchemaRef {
        let fields = kinds.iter().map(|kind| Field::new("y", kind.clone(), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    #[test]
    fn headers_name_all_columns() {
        let names = ["a".to_owned(), "_col1".to_owned()];
        assert!(is_header(&row(&[Some("a"), Some("_col1")]), &names));
        for other in [&[Some("a")][..], &[Some("a"), None], &[Some("_col1"), Some("a")], &[]] {
            assert!(!is_header(&row(other), &names), "{other:?}");
        }
    }

    #[test]
    fn columns_are_what_is_expected_or_described() {
        let described = [column("x", "varchar"), column("z", "bigint")];
        assert_eq!(kinds(&described, None).unwrap(), [Kind::Text, Kind::Integer(DataType::Int64)]);
        let expected = schema(&[DataType::Date32, DataType::Utf8]);
        assert_eq!(kinds(&described, Some(&expected)).unwrap(), [Kind::Date, Kind::Text]);
        assert_eq!(names(&described, Some(&expected)), ["x", "z"]);
        assert_eq!(kinds(&[], Some(&expected)).unwrap(), [Kind::Date, Kind::Text]);
        assert_eq!(names(&[], Some(&expected)), ["y", "y"]);
        assert_eq!(kinds(&described[..1], Some(&expected)).unwrap(), [Kind::Text]);
        let lists = schema(&[DataType::new_list(DataType::Utf8, true), DataType::Utf8]);
        let error = kinds(&described, Some(&lists)).unwrap_err().to_string();
        assert!(error.contains("\"y\" has lists"), "{error}");
    }
}
