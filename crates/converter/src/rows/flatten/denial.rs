//! What was denied to whom: the action and the resource that an error message names.
//!
//! The messages: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>.

use std::borrow::Cow;

use super::arn::service_of_host;

/// How messages word a denial, before the action.
const NOT_AUTHORIZED: &str = "not authorized to perform";
const ON_RESOURCE: &str = " on resource: ";

/// Services whose actions have another prefix than the host that is their event source.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
const PREFIXES: [(&str, &str); 4] = [
    ("email", "ses"),
    ("monitoring", "cloudwatch"),
    ("streams.dynamodb", "dynamodb"),
    ("tagging", "tag"),
];

/// What a record says about its failure.
#[derive(Debug, Default)]
pub(super) struct Failure<'a> {
    pub(super) code: Option<&'a str>,
    pub(super) message: Option<&'a str>,
    pub(super) event_source: Option<&'a str>,
    pub(super) event_name: Option<&'a str>,
}

impl<'a> Failure<'a> {
    /// Returns the action that was denied, as `service:Action`: the one in the message, else the
    /// call itself if its error says that it was not allowed.
    pub(super) fn denied_action(&self) -> Option<Cow<'a, str>> {
        let named = self.message.and_then(action);
        match named {
            Some(action) if action.contains(':') => Some(Cow::Borrowed(action)),
            Some(action) => Some(self.with_prefix(action)),
            None if self.is_denial() => self.event_name.map(|name| self.with_prefix(name)),
            None => None,
        }
    }

    /// Returns whether the call was not allowed, by its error's code.
    fn is_denial(&self) -> bool {
        self.code.is_some_and(|code| {
            ["AccessDenied", "Unauthorized", "NotAuthorized", "AuthorizationError"]
                .iter()
                .any(|word| code.contains(word))
        })
    }

    fn with_prefix(&self, action: &'a str) -> Cow<'a, str> {
        let Some(service) = service_of_host(self.event_source) else {
            return Cow::Borrowed(action);
        };
        let known = PREFIXES.iter().find(|(host, _)| *host == service);
        let prefix = known.map_or(service, |(_, prefix)| prefix);
        Cow::Owned(format!("{prefix}:{action}"))
    }
}

/// Returns the resource that a message says it was not allowed on.
pub(super) fn denied_resource(message: &str) -> Option<&str> {
    let denial = &message[message.find(NOT_AUTHORIZED)?..];
    let (_, rest) = denial.split_once(ON_RESOURCE)?;
    word(rest)
}

/// The action in a message: `…perform: ecs:RunTask on…`, `…perform ecs:RunTask`, and not the
/// `this operation` or `the action` of messages that name none.
fn action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(NOT_AUTHORIZED)?;
    let (is_named, rest) = match rest.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let word = word(rest)?;
    let is_action =
        word.contains(':') || word.starts_with(|letter: char| letter.is_ascii_uppercase());
    (is_named || is_action).then_some(word)
}

/// The first word, without the signs around it.
fn word(text: &str) -> Option<&str> {
    let word = text.split_whitespace().next()?;
    let is_sign = |letter: char| matches!(letter, '.' | ',' | ';' | '"' | '\'' | '`');
    Some(word.trim_matches(is_sign)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_in_one_form() {
        let user = "User: arn:aws:sts::1:assumed-role/R/s";
        let ec2 = Some("ec2.amazonaws.com");
        for (code, message, source, name, expected) in [
            (
                Some("AccessDenied"),
                format!("{user} is not authorized to perform: ecs:RunTask on resource: *"),
                Some("ecs.amazonaws.com"),
                "RunTask",
                Some("ecs:RunTask"),
            ),
            (
                None,
                format!("{user} is not authorized to perform ecs:RunTask."),
                None,
                "x",
                Some("ecs:RunTask"),
            ),
            (
                Some("AccessDenied"),
                format!("{user} is not authorized to perform: GetPasswordData"),
                ec2,
                "GetPasswordData",
                Some("ec2:GetPasswordData"),
            ),
            (
                Some("Client.UnauthorizedOperation"),
                "You are not authorized to perform this operation.".to_owned(),
                ec2,
                "GetPasswordData",
                Some("ec2:GetPasswordData"),
            ),
            (
                Some("AccessDenied"),
                String::new(),
                Some("monitoring.amazonaws.com"),
                "PutMetricData",
                Some("cloudwatch:PutMetricData"),
            ),
            (
                Some("AccessDenied"),
                "Access Denied".to_owned(),
                Some("ecs.amazonaws.com.cn"),
                "ListClusters",
                Some("ecs:ListClusters"),
            ),
            (
                Some("AccessDeniedException"),
                format!(
                    "{user} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/x"
                ),
                Some("ecs.amazonaws.com"),
                "RunTask",
                Some("iam:PassRole"),
            ),
            (Some("ClientException"), "TaskDefinition not found.".to_owned(), ec2, "x", None),
            (None, String::new(), ec2, "x", None),
        ] {
            let failure = Failure {
                code,
                message: Some(&message),
                event_source: source,
                event_name: Some(name),
            };
            assert_eq!(failure.denied_action().as_deref(), expected, "{failure:?}");
        }
    }

    #[test]
    fn resources() {
        for (message, expected) in [
            (
                "User: x is not authorized to perform: ecs:RunTask on resource: arn:aws:ecs:r:1:task-definition/c:1 because no",
                Some("arn:aws:ecs:r:1:task-definition/c:1"),
            ),
            ("User: x is not authorized to perform: ecs:RunTask on resource: *.", Some("*")),
            ("User: x is not authorized to perform: ecs:RunTask", None),
            ("it depends on resource: x", None),
        ] {
            assert_eq!(denied_resource(message), expected, "{message}");
        }
    }
}
