//! One Arrow builder a column, by the column's kind.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanBuilder, Int32Builder, Int64Builder, ListBuilder, StringBuilder,
        TimestampMillisecondBuilder,
    },
    datatypes::{DataType, Field},
};

use crate::Kind;

/// The open values of one column.
#[derive(Debug)]
pub(super) enum ColumnBuilder {
    Text(StringBuilder),
    Boolean(BooleanBuilder),
    Integer(Int32Builder),
    Long(Int64Builder),
    Timestamp(TimestampMillisecondBuilder),
    TextList(ListBuilder<StringBuilder>),
}

impl ColumnBuilder {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text | Kind::Json => Self::Text(StringBuilder::new()),
            Kind::Boolean => Self::Boolean(BooleanBuilder::new()),
            Kind::Integer => Self::Integer(Int32Builder::new()),
            Kind::Long => Self::Long(Int64Builder::new()),
            Kind::Timestamp => Self::Timestamp(
                TimestampMillisecondBuilder::new().with_data_type(Kind::Timestamp.arrow_type()),
            ),
            Kind::TextList => {
                Self::TextList(ListBuilder::new(StringBuilder::new()).with_field(Field::new(
                    "element",
                    DataType::Utf8,
                    true,
                )))
            }
        }
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Long(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
            Self::TextList(builder) => Arc::new(builder.finish()),
        }
    }
}
