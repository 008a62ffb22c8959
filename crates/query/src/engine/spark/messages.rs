//! The few messages of Spark Connect that we send and read. The numbers of their fields are those of
//! <https://github.com/apache/spark/tree/master/sql/connect/common/src/main/protobuf/spark/connect>;
//! fields that are not here are not sent, and passed over when they are read.

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::{Enumeration, Message, Oneof};

/// A message whose fields we do not need.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Nothing {}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct UserContext {
    #[prost(string, tag = "1")]
    pub(super) user_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ExecutePlanRequest {
    #[prost(string, tag = "1")]
    pub(super) session_id: String,
    #[prost(message, optional, tag = "2")]
    pub(super) user_context: Option<UserContext>,
    #[prost(message, optional, tag = "3")]
    pub(super) plan: Option<Plan>,
    #[prost(string, optional, tag = "4")]
    pub(super) client_type: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) operation_id: Option<String>,
    #[prost(string, repeated, tag = "7")]
    pub(super) tags: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Plan {
    #[prost(oneof = "Operation", tags = "1, 2")]
    pub(super) operation: Option<Operation>,
}

impl Plan {
    /// A query.
    pub(super) fn of(sql: Sql) -> Self {
        Self { operation: Some(Operation::Root(Relation { rows: Some(Rows::Sql(sql)) })) }
    }
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Operation {
    #[prost(message, tag = "1")]
    Root(Relation),
    #[prost(message, tag = "2")]
    Command(Command),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Command {
    #[prost(message, optional, tag = "3")]
    pub(super) create_view: Option<CreateView>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CreateView {
    #[prost(message, optional, tag = "1")]
    pub(super) input: Option<Relation>,
    #[prost(string, tag = "2")]
    pub(super) name: String,
    #[prost(bool, tag = "4")]
    pub(super) replace: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Relation {
    #[prost(oneof = "Rows", tags = "2, 10, 11")]
    pub(super) rows: Option<Rows>,
}

/// Where a relation has its rows from.
#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Rows {
    #[prost(message, tag = "2")]
    Read(Read),
    #[prost(message, tag = "10")]
    Sql(Sql),
    #[prost(message, tag = "11")]
    Local(LocalRelation),
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Read {
    #[prost(message, optional, tag = "2")]
    pub(super) data_source: Option<DataSource>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct DataSource {
    #[prost(string, optional, tag = "1")]
    pub(super) format: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) schema: Option<String>,
    #[prost(string, repeated, tag = "4")]
    pub(super) paths: Vec<String>,
}

/// A query, with the values of its `:name`s. Servers of every version know this field for them.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Sql {
    #[prost(string, tag = "1")]
    pub(super) query: String,
    #[prost(btree_map = "string, message", tag = "2")]
    pub(super) arguments: BTreeMap<String, Literal>,
}

/// Rows that the client has: here always none.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct LocalRelation {
    #[prost(string, optional, tag = "2")]
    pub(super) schema: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Literal {
    #[prost(oneof = "Value", tags = "1, 3, 7, 11, 13, 16, 17")]
    pub(super) value: Option<Value>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Value {
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
pub(super) struct DataType {
    #[prost(oneof = "Kind", tags = "1, 3, 7, 9, 11, 14, 15")]
    pub(super) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Eq, Oneof)]
pub(super) enum Kind {
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

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ExecutePlanResponse {
    #[prost(oneof = "Response", tags = "2, 18")]
    pub(super) response: Option<Response>,
}

#[derive(Clone, PartialEq, Eq, Oneof)]
pub(super) enum Response {
    #[prost(message, tag = "2")]
    ArrowBatch(ArrowBatch),
    #[prost(message, tag = "18")]
    Progress(ExecutionProgress),
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ArrowBatch {
    #[prost(int64, tag = "1")]
    pub(super) row_count: i64,
    /// A whole stream of Arrow's IPC format.
    #[prost(bytes = "bytes", tag = "2")]
    pub(super) data: Bytes,
    /// How many rows came before.
    #[prost(int64, optional, tag = "3")]
    pub(super) start_offset: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ExecutionProgress {
    #[prost(message, repeated, tag = "1")]
    pub(super) stages: Vec<StageInfo>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct StageInfo {
    #[prost(int64, tag = "2")]
    pub(super) tasks: i64,
    #[prost(int64, tag = "3")]
    pub(super) completed_tasks: i64,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ConfigRequest {
    #[prost(string, tag = "1")]
    pub(super) session_id: String,
    #[prost(message, optional, tag = "2")]
    pub(super) user_context: Option<UserContext>,
    #[prost(message, optional, tag = "3")]
    pub(super) operation: Option<ConfigOperation>,
    #[prost(string, optional, tag = "4")]
    pub(super) client_type: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ConfigOperation {
    #[prost(message, optional, tag = "1")]
    pub(super) set: Option<Settings>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Settings {
    #[prost(message, repeated, tag = "1")]
    pub(super) pairs: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct KeyValue {
    #[prost(string, tag = "1")]
    pub(super) key: String,
    #[prost(string, optional, tag = "2")]
    pub(super) value: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct AnalyzePlanRequest {
    #[prost(string, tag = "1")]
    pub(super) session_id: String,
    #[prost(message, optional, tag = "2")]
    pub(super) user_context: Option<UserContext>,
    #[prost(string, optional, tag = "3")]
    pub(super) client_type: Option<String>,
    #[prost(message, optional, tag = "10")]
    pub(super) spark_version: Option<Nothing>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct AnalyzePlanResponse {
    #[prost(message, optional, tag = "8")]
    pub(super) spark_version: Option<SparkVersion>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct SparkVersion {
    #[prost(string, tag = "1")]
    pub(super) version: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct InterruptRequest {
    #[prost(string, tag = "1")]
    pub(super) session_id: String,
    #[prost(message, optional, tag = "2")]
    pub(super) user_context: Option<UserContext>,
    #[prost(string, optional, tag = "3")]
    pub(super) client_type: Option<String>,
    #[prost(enumeration = "InterruptType", tag = "4")]
    pub(super) interrupt_type: i32,
    #[prost(oneof = "Interrupted", tags = "5, 6")]
    pub(super) interrupted: Option<Interrupted>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
#[repr(i32)]
pub(super) enum InterruptType {
    Unspecified = 0,
    All = 1,
    Tag = 2,
    Operation = 3,
}

#[derive(Clone, PartialEq, Eq, Oneof)]
pub(super) enum Interrupted {
    #[prost(string, tag = "5")]
    Tag(String),
    #[prost(string, tag = "6")]
    Operation(String),
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ReleaseSessionRequest {
    #[prost(string, tag = "1")]
    pub(super) session_id: String,
    #[prost(message, optional, tag = "2")]
    pub(super) user_context: Option<UserContext>,
    #[prost(string, optional, tag = "3")]
    pub(super) client_type: Option<String>,
}

/// What a server says of an error besides its text (`google.rpc.Status`).
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ErrorStatus {
    #[prost(message, repeated, tag = "3")]
    pub(super) details: Vec<ErrorDetail>,
}

/// One more message, with the name of its kind (`google.protobuf.Any`).
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ErrorDetail {
    #[prost(string, tag = "1")]
    pub(super) kind: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub(super) message: Bytes,
}

/// `google.rpc.ErrorInfo`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ErrorInfo {
    #[prost(btree_map = "string, string", tag = "3")]
    pub(super) metadata: BTreeMap<String, String>,
}
