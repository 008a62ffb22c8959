//! The calls and their answers.

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::{Enumeration, Message, Oneof};

use super::{Nothing, plan::Plan};

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct UserContext {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) user_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub(in crate::engine::spark) struct ExecutePlanRequest {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) session_id: String,
    #[prost(message, required, tag = "2")]
    pub(in crate::engine::spark) user_context: UserContext,
    #[prost(message, required, tag = "3")]
    pub(in crate::engine::spark) plan: Plan,
    #[prost(string, tag = "4")]
    pub(in crate::engine::spark) client_type: String,
    #[prost(string, tag = "6")]
    pub(in crate::engine::spark) operation_id: String,
    #[prost(string, repeated, tag = "7")]
    pub(in crate::engine::spark) tags: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct ExecutePlanResponse {
    #[prost(oneof = "Response", tags = "2, 18")]
    pub(in crate::engine::spark) response: Option<Response>,
}

#[derive(Clone, PartialEq, Eq, Oneof)]
pub(in crate::engine::spark) enum Response {
    #[prost(message, tag = "2")]
    ArrowBatch(ArrowBatch),
    #[prost(message, tag = "18")]
    Progress(ExecutionProgress),
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct ArrowBatch {
    #[prost(int64, tag = "1")]
    pub(in crate::engine::spark) row_count: i64,
    /// A whole stream of Arrow's IPC format.
    #[prost(bytes = "bytes", tag = "2")]
    pub(in crate::engine::spark) data: Bytes,
    /// How many rows came before.
    #[prost(int64, optional, tag = "3")]
    pub(in crate::engine::spark) start_offset: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct ExecutionProgress {
    #[prost(message, repeated, tag = "1")]
    pub(in crate::engine::spark) stages: Vec<StageInfo>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct StageInfo {
    #[prost(int64, tag = "2")]
    pub(in crate::engine::spark) tasks: i64,
    #[prost(int64, tag = "3")]
    pub(in crate::engine::spark) completed_tasks: i64,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct ConfigRequest {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) session_id: String,
    #[prost(message, required, tag = "2")]
    pub(in crate::engine::spark) user_context: UserContext,
    #[prost(message, required, tag = "3")]
    pub(in crate::engine::spark) operation: ConfigOperation,
    #[prost(string, tag = "4")]
    pub(in crate::engine::spark) client_type: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct ConfigOperation {
    #[prost(message, required, tag = "1")]
    pub(in crate::engine::spark) set: Settings,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct Settings {
    #[prost(message, repeated, tag = "1")]
    pub(in crate::engine::spark) pairs: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct KeyValue {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) key: String,
    #[prost(string, tag = "2")]
    pub(in crate::engine::spark) value: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct AnalyzePlanRequest {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) session_id: String,
    #[prost(message, required, tag = "2")]
    pub(in crate::engine::spark) user_context: UserContext,
    #[prost(string, tag = "3")]
    pub(in crate::engine::spark) client_type: String,
    #[prost(message, required, tag = "10")]
    pub(in crate::engine::spark) spark_version: Nothing,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct AnalyzePlanResponse {
    #[prost(message, optional, tag = "8")]
    pub(in crate::engine::spark) spark_version: Option<SparkVersion>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct SparkVersion {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) version: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct InterruptRequest {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) session_id: String,
    #[prost(message, required, tag = "2")]
    pub(in crate::engine::spark) user_context: UserContext,
    #[prost(string, tag = "3")]
    pub(in crate::engine::spark) client_type: String,
    #[prost(enumeration = "InterruptType", tag = "4")]
    pub(in crate::engine::spark) interrupt_type: i32,
    #[prost(oneof = "Interrupted", tags = "5, 6")]
    pub(in crate::engine::spark) interrupted: Option<Interrupted>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
#[repr(i32)]
pub(in crate::engine::spark) enum InterruptType {
    Unspecified = 0,
    All = 1,
    Tag = 2,
    Operation = 3,
}

#[derive(Clone, PartialEq, Eq, Oneof)]
pub(in crate::engine::spark) enum Interrupted {
    #[prost(string, tag = "5")]
    Tag(String),
    #[prost(string, tag = "6")]
    Operation(String),
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct ReleaseSessionRequest {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) session_id: String,
    #[prost(message, required, tag = "2")]
    pub(in crate::engine::spark) user_context: UserContext,
    #[prost(string, tag = "3")]
    pub(in crate::engine::spark) client_type: String,
}

/// What a server says of an error besides its text (`google.rpc.Status`).
#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct ErrorStatus {
    #[prost(message, repeated, tag = "3")]
    pub(in crate::engine::spark) details: Vec<ErrorDetail>,
}

/// One more message, with the name of its kind (`google.protobuf.Any`).
#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct ErrorDetail {
    #[prost(string, tag = "1")]
    pub(in crate::engine::spark) kind: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub(in crate::engine::spark) message: Bytes,
}

/// `google.rpc.ErrorInfo`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(in crate::engine::spark) struct ErrorInfo {
    #[prost(btree_map = "string, string", tag = "3")]
    pub(in crate::engine::spark) metadata: BTreeMap<String, String>,
}
