//! The objects that ECS returns, as CloudTrail shows them.

pub(crate) mod cluster;
pub(crate) mod service;
pub(crate) mod task;
pub(crate) mod task_definition;
