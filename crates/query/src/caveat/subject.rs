//! What the value of a parameter names, in which columns such names stand, and how they are
//! compared there.

use crate::parameter::{Parameter, ParameterType};

/// Something that arguments name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Account,
    CallerAccount,
    Region,
    Cluster,
    Service,
    TaskDefinition,
    Task,
    Actor,
    EventSource,
    EventName,
    AccessKey,
    SourceAddress,
}

/// The names and ids of a caller in one text; what a report compares `$actor` with is among them.
const CALLER: &str = "coalesce(actor, '') || ' ' || coalesce(actor_group, '') || ' ' \
    || coalesce(person, '') || ' ' || coalesce(user_identity_arn, '') || ' ' \
    || coalesce(user_identity_on_behalf_of_user_id, '') || ' ' \
    || coalesce(session_source_identity, '')";

impl Subject {
    /// What a parameter's value names: by its type, or by its name where the type is `text`.
    pub(super) fn of(parameter: &Parameter) -> Option<Self> {
        let by_name = match parameter.name.as_str() {
            "account" | "account_id" => Some(Self::Account),
            "caller_account" => Some(Self::CallerAccount),
            "region" => Some(Self::Region),
            "cluster" | "cluster_name" => Some(Self::Cluster),
            "service" | "service_name" => Some(Self::Service),
            "task_definition" => Some(Self::TaskDefinition),
            "task" | "task_id" => Some(Self::Task),
            "actor" | "person" => Some(Self::Actor),
            "event_source" => Some(Self::EventSource),
            "event_name" => Some(Self::EventName),
            "access_key" => Some(Self::AccessKey),
            "address" | "source_address" => Some(Self::SourceAddress),
            _ => None,
        };
        match parameter.kind {
            ParameterType::Text => by_name,
            ParameterType::Account if by_name == Some(Self::CallerAccount) => by_name,
            ParameterType::Account => Some(Self::Account),
            ParameterType::Region => Some(Self::Region),
            ParameterType::Cluster => Some(Self::Cluster),
            ParameterType::Service => Some(Self::Service),
            ParameterType::TaskDefinition => Some(Self::TaskDefinition),
            ParameterType::Task => Some(Self::Task),
            ParameterType::Actor => Some(Self::Actor),
            ParameterType::EventSource => Some(Self::EventSource),
            ParameterType::EventName => Some(Self::EventName),
            _ => None,
        }
    }

    /// The condition that a row meets that has the name `$value`.
    pub(super) fn condition(self) -> String {
        match self {
            // The session of a task's role has the task's id for its name.
            Self::Task => "(array_has(task_ids, $value) OR role_session_name = $value)".to_owned(),
            Self::TaskDefinition => "(task_definition_family = $value \
                 OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $value)"
                .to_owned(),
            Self::Actor => format!("position(lower($value) IN lower({CALLER})) > 0"),
            Self::SourceAddress => "lower(source_ip_address) = lower($value)".to_owned(),
            _ => format!("{} = $value", self.names("")),
        }
    }

    /// The expression with the names that `value` could have meant.
    pub(super) fn names(self, value: &str) -> &'static str {
        match self {
            Self::Account => "account_id",
            Self::CallerAccount => "user_identity_account_id",
            Self::Region => "region",
            Self::Cluster => "cluster_name",
            Self::Service => "service_name",
            Self::TaskDefinition if value.contains(':') => {
                "task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR)"
            }
            Self::TaskDefinition => "task_definition_family",
            Self::Task => "task_id",
            Self::Actor => "coalesce(person, actor)",
            Self::EventSource => "event_source",
            Self::EventName => "event_name",
            Self::AccessKey => "user_identity_access_key_id",
            Self::SourceAddress => "source_ip_address",
        }
    }

    /// The table, or the view, that [`names`](Self::names) are in.
    pub(super) fn table(self) -> &'static str {
        if self == Self::Task { "tasks" } else { "events" }
    }

    /// The form that such names have, where it is fixed.
    pub(super) fn form(self) -> Option<ParameterType> {
        match self {
            Self::Account | Self::CallerAccount => Some(ParameterType::Account),
            Self::Region => Some(ParameterType::Region),
            Self::EventSource => Some(ParameterType::EventSource),
            _ => None,
        }
    }
}
