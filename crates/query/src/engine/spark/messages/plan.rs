//! What a server is to run: a query with its values, or a view to make.

use std::collections::BTreeMap;

use prost::{Message, Oneof};

use super::Nothing;

#[derive(Clone, PartialEq, Message)]
pub(in crate::engine::spark) struct Plan {
    #[prost(oneof = "Operation", tags = "1, 2")]
    pub(in crate::engine::spark) operation: Option<Operation>,
}

impl Plan {
    /// A query.
    pub(in crate::engine::spark) fn of(sql: Sql) -> Self {
        Self { operation: Some(Operation::Root(Relation { rows: Some(Rows::Sql(sql)) })) }
    }
}

#[derive(Clone, PartialEq, Oneof)]
pub(in crate::engine::spark) enum Operation {
    #[prost(message, tag = "1")]
    Root(Relation),
    #[prost(message, tag = "2")]
    Command(Command),
}

#[derive(Clone, PartialEq, Message)]
pub(in crate::engine::spark) struct Command {
    #[prost(message, required, tag = "3")]
    pub(in crate::engine::spark) create_view: CreateView,
}

#[derive(Clone, PartialEq, Message)]
pub(in crate::engine::spark) struct CreateView {
    #[prost(message, required, tag = "1")]
    pub(in crate::engine::spark) input: Relation,
    #[prost(string, tag = "2")]
    pub(in crate::engine::spark) name: String,
    #[prost(bool, tag = "4")]
    pub(in crate::engine::spark) replace: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(in crate::engine::spark) struct Relation {
    #[prost(oneof = "Rows", tags = "2, 10, 11")]
    pub(in crate::engine::spark) rows: Option<Rows>,
}

/// Where a relation has its rows from.
#[derive(Clone, PartialEq, Oneof)]
pub(in crate::engine::spark) enum Rows {
    #[prost(message, tag = "2")]
    Read(Read),
    #[prost(message, tag = "10")]
    Sql(Sql),
    #[prost(message, tag = "11")]
    Local(LocalRelation),
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct Read {
    #[prost(message, required, tag = "2")]
    pub(in crate::engine::spark) data_source: DataSource,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct DataSource {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) format: String,
    #[prost(string, tag = "2")]
    pub(in crate::engine::spark) schema: String,
    #[prost(string, repeated, tag = "4")]
    pub(in crate::engine::spark) paths: Vec<String>,
}

/// A query, with the values of its `:name`s. Servers of every version know this field for them.
#[derive(Clone, PartialEq, Message)]
pub(in crate::engine::spark) struct Sql {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) query: String,
    #[prost(btree_map = "string, message", tag = "2")]
    pub(in crate::engine::spark) arguments: BTreeMap<String, Literal>,
}

/// Rows that the client has: here always none.
#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct LocalRelation {
    #[prost(string, tag = "2")]
    pub(in crate::engine::spark) schema: String,
}

#[derive(Clone, PartialEq, Message)]
pub(in crate::engine::spark) struct Literal {
    #[prost(oneof = "Value", tags = "1, 3, 7, 11, 13, 16, 17")]
    pub(in crate::engine::spark) value: Option<Value>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(in crate::engine::spark) enum Value {
    #[prost(message, tag = "1")]
    Null(DataType),
    #[prost(bool, tag = "3")]
    Boolean(bool),
    #[prost(int64, tag = "7")]
    Long(i64),
    #[prost(double, tag = "11")]
    Double(f64),
    #[prost(string, tag = "13")]
    Text(String),
    /// Days since 1970.
    #[prost(int32, tag = "16")]
    Date(i32),
    /// Microseconds since 1970.
    #[prost(int64, tag = "17")]
    Timestamp(i64),
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct DataType {
    #[prost(oneof = "Kind", tags = "1, 3, 7, 9, 11, 14, 15")]
    pub(in crate::engine::spark) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Eq, Oneof)]
pub(in crate::engine::spark) enum Kind {
    #[prost(message, tag = "1")]
    Null(Nothing),
    #[prost(message, tag = "3")]
    Boolean(Nothing),
    #[prost(message, tag = "7")]
    Long(Nothing),
    #[prost(message, tag = "9")]
    Double(Nothing),
    #[prost(message, tag = "11")]
    Text(Nothing),
    #[prost(message, tag = "14")]
    Date(Nothing),
    #[prost(message, tag = "15")]
    Timestamp(Nothing),
}
