//! The few messages of Spark Connect that we send and read. The numbers of their fields are those of
//! <https://github.com/apache/spark/tree/master/sql/connect/common/src/main/protobuf/spark/connect>;
//! fields that are not here are not sent, and passed over when they are read.

use prost::Message;

mod calls;
mod plan;
#[cfg(test)]
mod tests;

pub(super) use calls::{
    AnalyzePlanRequest, AnalyzePlanResponse, ArrowBatch, ConfigOperation, ConfigRequest, ErrorInfo,
    ErrorStatus, ExecutePlanRequest, ExecutePlanResponse, ExecutionProgress, InterruptRequest,
    InterruptType, Interrupted, KeyValue, ReleaseSessionRequest, Response, Settings, UserContext,
};
#[cfg(test)]
pub(super) use calls::{ErrorDetail, SparkVersion, StageInfo};
pub(super) use plan::{
    Command, CreateView, DataSource, DataType, Kind, Literal, LocalRelation, Operation, Plan, Read,
    Relation, Rows, Sql, Value,
};

/// A message whose fields we do not need.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Nothing {}
