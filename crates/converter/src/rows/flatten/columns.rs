//! One Arrow builder a column, by the column's kind.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayBuilder, ArrayRef, BooleanBuilder, Int32Builder, Int64Builder, ListBuilder,
        MapBuilder, MapFieldNames, StringBuilder, TimestampMicrosecondBuilder,
    },
    datatypes::DataType,
};

use crate::columns::Kind;

/// The open values of one column.
#[derive(Debug)]
pub(super) enum ColumnBuilder {
    Text(StringBuilder),
    Boolean(BooleanBuilder),
    Integer(Int32Builder),
    Long(Int64Builder),
    Timestamp(TimestampMicrosecondBuilder),
    TextList(ListBuilder<StringBuilder>),
    IntegerList(ListBuilder<Int32Builder>),
    TextMap(MapBuilder<StringBuilder, StringBuilder>),
}

impl ColumnBuilder {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text | Kind::Json => Self::Text(StringBuilder::new()),
            Kind::Boolean => Self::Boolean(BooleanBuilder::new()),
            Kind::Integer => Self::Integer(Int32Builder::new()),
            Kind::Long => Self::Long(Int64Builder::new()),
            Kind::Timestamp => Self::Timestamp(
                TimestampMicrosecondBuilder::new().with_data_type(kind.arrow_type()),
            ),
            Kind::TextList => Self::TextList(list_builder(kind, StringBuilder::new())),
            Kind::IntegerList => Self::IntegerList(list_builder(kind, Int32Builder::new())),
            Kind::TextMap => Self::TextMap(map_builder(kind)),
        }
    }

    /// Number of rows so far.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Text(builder) => builder.len(),
            Self::Boolean(builder) => builder.len(),
            Self::Integer(builder) => builder.len(),
            Self::Long(builder) => builder.len(),
            Self::Timestamp(builder) => builder.len(),
            Self::TextList(builder) => builder.len(),
            Self::IntegerList(builder) => builder.len(),
            Self::TextMap(builder) => builder.len(),
        }
    }

    /// Appends NULL up to this many rows.
    pub(super) fn fill(&mut self, rows: usize) {
        let missing = rows.saturating_sub(self.rows());
        if missing == 0 {
            return;
        }
        match self {
            Self::Text(builder) => builder.append_nulls(missing),
            Self::Boolean(builder) => builder.append_nulls(missing),
            Self::Integer(builder) => builder.append_nulls(missing),
            Self::Long(builder) => builder.append_nulls(missing),
            Self::Timestamp(builder) => builder.append_nulls(missing),
            Self::TextList(builder) => builder.append_nulls(missing),
            Self::IntegerList(builder) => builder.append_nulls(missing),
            // Keys and values are appended in pairs, so that this cannot fail.
            Self::TextMap(builder) => builder.append_nulls(missing).unwrap_or_default(),
        }
    }

    /// Takes the values. Texts get room for as many again: a builder that grows from nothing copies
    /// what it has over and over.
    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => {
                let (rows, bytes) = (builder.len(), builder.values_slice().len());
                let values = Arc::new(builder.finish());
                *builder = StringBuilder::with_capacity(rows, bytes);
                values
            }
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Long(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
            Self::TextList(builder) => Arc::new(builder.finish()),
            Self::IntegerList(builder) => Arc::new(builder.finish()),
            Self::TextMap(builder) => Arc::new(builder.finish()),
        }
    }
}

fn list_builder<B: ArrayBuilder>(kind: Kind, values: B) -> ListBuilder<B> {
    let builder = ListBuilder::new(values);
    match kind.arrow_type() {
        DataType::List(element) => builder.with_field(element),
        _ => builder,
    }
}

fn map_builder(kind: Kind) -> MapBuilder<StringBuilder, StringBuilder> {
    let mut names = MapFieldNames::default();
    if let DataType::Map(entry, _) = kind.arrow_type()
        && let DataType::Struct(fields) = entry.data_type()
        && let [key, value] = &fields[..]
    {
        names = MapFieldNames {
            entry: entry.name().clone(),
            key: key.name().clone(),
            value: value.name().clone(),
        };
    }
    MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new())
}
