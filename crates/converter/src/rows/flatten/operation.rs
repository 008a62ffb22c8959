//! What an operation does, by its name: whether it changes something, and whether Amazon ECS takes
//! the cluster named `default` where the call names none.

use crate::{
    records::json::{for_each_member, skip_value},
    trail::selection::is_ecs,
};

/// First words of operations that only read: those of Amazon ECS by its API model, those of other
/// services as CloudTrail has marked them `readOnly` since `eventVersion` 1.05.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
const READING_VERBS: [&str; 32] = [
    "Assume",
    "BatchCheck",
    "BatchDescribe",
    "BatchGet",
    "BatchList",
    "Check",
    "Decode",
    "Decrypt",
    "Describe",
    "Detect",
    "Discover",
    "Encrypt",
    "Estimate",
    "Filter",
    "GenerateDataKey",
    "GenerateRandom",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Preview",
    "Query",
    "Read",
    "Retrieve",
    "Scan",
    "Search",
    "Select",
    "Simulate",
    "Test",
    "Validate",
    "Verify",
    "View",
];

/// Operations of Amazon ECS whose request may leave the cluster out, in the order of the alphabet.
/// Those of capacity providers and gateways are not among them: without a cluster they are about
/// the account. <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Operations.html>
pub(super) const ASSUMING_DEFAULT_CLUSTER: [&str; 39] = [
    "CreateCluster",
    "CreateExpressGatewayService",
    "CreateService",
    "CreateTaskSet",
    "DeleteAttributes",
    "DeleteCluster",
    "DeleteService",
    "DeleteTaskSet",
    "DeregisterContainerInstance",
    "DescribeClusters",
    "DescribeContainerInstances",
    "DescribeServices",
    "DescribeTaskSets",
    "DescribeTasks",
    "DiscoverPollEndpoint",
    "ExecuteCommand",
    "GetTaskProtection",
    "ListAttributes",
    "ListContainerInstances",
    "ListServiceDeployments",
    "ListServices",
    "ListTasks",
    "PutAttributes",
    "PutClusterCapacityProviders",
    "RegisterContainerInstance",
    "RunTask",
    "StartTask",
    "StopTask",
    "SubmitAttachmentStateChanges",
    "SubmitContainerStateChange",
    "SubmitTaskStateChange",
    "UpdateCluster",
    "UpdateClusterSettings",
    "UpdateContainerAgent",
    "UpdateContainerInstancesState",
    "UpdateService",
    "UpdateServicePrimaryTaskSet",
    "UpdateTaskProtection",
    "UpdateTaskSet",
];

/// What a record says about its operation.
#[derive(Debug, Default)]
pub(super) struct Operation<'a> {
    pub(super) event_source: Option<&'a str>,
    pub(super) event_name: Option<&'a str>,
    pub(super) event_type: Option<&'a str>,
    pub(super) read_only: Option<bool>,
    /// The token of `requestParameters`, if it is there and not null.
    pub(super) request: Option<&'a str>,
}

impl Operation<'_> {
    /// Returns whether the call changes something: what the record says of itself, else what its
    /// name says. `None` for events that are no calls of an API.
    pub(super) fn is_write(&self) -> Option<bool> {
        if let Some(read_only) = self.read_only {
            return Some(!read_only);
        }
        let is_call = matches!(self.event_type, None | Some("AwsApiCall" | "AwsVpceEvents"));
        let name = self.event_name.filter(|name| is_call && !name.is_empty())?;
        Some(!READING_VERBS.iter().any(|verb| begins_with_word(name, verb)))
    }

    /// Returns whether the call is about the cluster named `default`, because it names none.
    /// CloudTrail says `omitted` of a request that was too large to be recorded.
    pub(super) fn assumes_default_cluster(&self) -> bool {
        let assumes = |name: &str| ASSUMING_DEFAULT_CLUSTER.binary_search(&name).is_ok();
        self.event_source.is_some_and(is_ecs)
            && self.event_name.is_some_and(assumes)
            && self.request.is_some_and(names_no_cluster)
    }
}

fn begins_with_word(name: &str, word: &str) -> bool {
    name.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn names_no_cluster(request: &str) -> bool {
    if !request.starts_with('{') {
        return false;
    }
    let mut names_none = true;
    for_each_member(request, 0, |key, value| {
        let end = skip_value(request.as_bytes(), value);
        let is_given = !matches!(&request[value..end], "null" | "\"\"" | "[]");
        let is_telling = matches!(
            &*key.name(request.as_bytes()),
            b"cluster" | b"clusters" | b"clusterName" | b"clusterArn" | b"omitted"
        );
        names_none &= !(is_telling && is_given);
        end
    });
    names_none
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_by_what_the_record_says_and_by_name() {
        let ecs = "ecs.amazonaws.com";
        for (source, name, kind, read_only, expected) in [
            (ecs, "UpdateService", None, None, Some(true)),
            (ecs, "UpdateService", Some("AwsApiCall"), Some(true), Some(false)),
            (ecs, "ListTasks", Some("AwsApiCall"), None, Some(false)),
            (ecs, "ListTasks", Some("AwsApiCall"), Some(false), Some(true)),
            (ecs, "DiscoverPollEndpoint", None, None, Some(false)),
            (ecs, "SubmitTaskStateChange", None, None, Some(true)),
            ("ec2.amazonaws.com", "RunInstances", None, None, Some(true)),
            ("lambda.amazonaws.com", "ListFunctions20150331", None, None, Some(false)),
            ("s3.amazonaws.com", "HeadObject", None, None, Some(false)),
            ("sts.amazonaws.com", "AssumeRole", None, None, Some(false)),
            ("kms.amazonaws.com", "GenerateDataKeyWithoutPlaintext", None, None, Some(false)),
            ("s3.amazonaws.com", "GetObject", Some("AwsVpceEvents"), None, Some(false)),
            ("s3.amazonaws.com", "PutObject", Some("AwsVpceEvents"), None, Some(true)),
            ("ses.amazonaws.com", "Gettysburg", None, None, Some(true)),
            ("signin.amazonaws.com", "ConsoleLogin", Some("AwsConsoleSignIn"), None, None),
            (
                "signin.amazonaws.com",
                "ConsoleLogin",
                Some("AwsConsoleSignIn"),
                Some(false),
                Some(true),
            ),
            (ecs, "SomethingHappened", Some("AwsServiceEvent"), None, None),
            (ecs, "", None, None, None),
        ] {
            let operation = Operation {
                event_source: Some(source),
                event_name: Some(name),
                event_type: kind,
                read_only,
                request: None,
            };
            assert_eq!(operation.is_write(), expected, "{operation:?}");
        }
        assert_eq!(Operation::default().is_write(), None);
    }

    #[test]
    fn the_default_cluster_is_assumed_only_where_a_request_names_none() {
        for (name, request, expected) in [
            ("RunTask", Some("{}"), true),
            ("RunTask", Some(r#"{"cluster":null,"count":1}"#), true),
            ("RunTask", Some(r#"{"cluster":""}"#), true),
            ("DescribeClusters", Some(r#"{"clusters":[]}"#), true),
            ("RunTask", Some(r#"{"cluster":"production"}"#), false),
            ("RunTask", Some(r#"{"\u0063luster":"production"}"#), false),
            ("RunTask", Some(r#"{"cluster":7}"#), false),
            ("DescribeClusters", Some(r#"{"clusters":["a","b"]}"#), false),
            ("RunTask", None, false),
            ("RunTask", Some(r#""HIDDEN_DUE_TO_SECURITY_REASONS""#), false),
            ("RunTask", Some(r#"{"omitted":true,"reason":"requestParameters too large"}"#), false),
            ("RegisterTaskDefinition", Some("{}"), false),
            ("CreateCapacityProvider", Some("{}"), false),
            ("CallOfTomorrow", Some("{}"), false),
        ] {
            let operation = Operation {
                event_source: Some("ecs.amazonaws.com"),
                event_name: Some(name),
                request,
                ..Operation::default()
            };
            assert_eq!(operation.assumes_default_cluster(), expected, "{operation:?}");
        }
        assert!(ASSUMING_DEFAULT_CLUSTER.is_sorted());
    }
}
