//! The forms in which users give a cluster, service, task, or task definition (a short name, a
//! path, or an ARN), and the normalized form that reports compare with.
//!
//! The forms of ARNs: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html>

use super::form::is_account;

/// The kind of resource that a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Cluster,
    Service,
    Task,
    TaskDefinition,
}

/// A name in the form that reports compare with, and the other parts of a path or ARN.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Name {
    pub(crate) value: String,
    pub(crate) region: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) cluster: Option<String>,
}

impl Named {
    /// The parameters that a name can set besides its own.
    pub(crate) fn implies(self) -> &'static [&'static str] {
        match self {
            Self::Cluster | Self::TaskDefinition => &["region", "account"],
            Self::Service | Self::Task => &["region", "account", "cluster"],
        }
    }

    /// Reads a name, `None` if it cannot be one.
    pub(crate) fn read(self, text: &str) -> Option<Name> {
        let (mut name, path) = match text.strip_prefix("arn:") {
            None => (Name::default(), text),
            Some(arn) => {
                let mut parts = arn.splitn(5, ':');
                let (_partition, service) = (parts.next()?, parts.next()?);
                let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
                if !(is_plain(region) && is_account(account)) {
                    return None;
                }
                if service != "ecs" || self.without_type(resource).is_none() {
                    return None;
                }
                let name = Name {
                    region: Some(region.to_owned()),
                    account: Some(account.to_owned()),
                    ..Name::default()
                };
                (name, resource)
            }
        };
        let path = self.without_type(path).unwrap_or(path);
        let (cluster, last) = match path.split_once('/') {
            Some((cluster, last)) => (Some(cluster), last),
            None => (None, path),
        };
        let has_cluster = matches!(self, Self::Service | Self::Task);
        if !(self.is_value(last) && cluster.is_none_or(|one| has_cluster && is_plain(one))) {
            return None;
        }
        last.clone_into(&mut name.value);
        name.cluster = cluster.map(str::to_owned);
        Some(name)
    }

    /// The path after `cluster/`, `service/`, and so on, if it has such a prefix.
    fn without_type(self, path: &str) -> Option<&str> {
        let types: &[&str] = match self {
            Self::Cluster => &["cluster"],
            Self::Service => &["service"],
            Self::Task => &["task"],
            Self::TaskDefinition => &["task-definition", "daemon-task-definition"],
        };
        let (first, rest) = path.split_once('/')?;
        types.contains(&first).then_some(rest)
    }

    fn is_value(self, text: &str) -> bool {
        match (self, text.split_once(':')) {
            (Self::TaskDefinition, Some((family, revision))) => {
                let number = revision.parse::<u32>();
                is_plain(family) && number.is_ok_and(|number| number.to_string() == revision)
            }
            _ => is_plain(text),
        }
    }
}

/// Names in Amazon ECS consist of letters, digits, hyphens and underscores.
fn is_plain(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !text.is_empty() && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_people_type_them() {
        let named = |value: &str, cluster: Option<&str>| Name {
            value: value.to_owned(),
            region: Some("eu-west-1".to_owned()),
            account: Some("111122223333".to_owned()),
            cluster: cluster.map(str::to_owned),
        };
        let plain = |value: &str, cluster: Option<&str>| Name {
            region: None,
            account: None,
            ..named(value, cluster)
        };
        let arn = |rest: &str| format!("arn:aws:ecs:eu-west-1:111122223333:{rest}");
        for (named, text, expected) in [
            (Named::Cluster, "production".to_owned(), plain("production", None)),
            (Named::Cluster, arn("cluster/production"), named("production", None)),
            (Named::Cluster, "cluster/production".to_owned(), plain("production", None)),
            (Named::Service, "checkout".to_owned(), plain("checkout", None)),
            (
                Named::Service,
                "production/checkout".to_owned(),
                plain("checkout", Some("production")),
            ),
            (
                Named::Service,
                arn("service/production/checkout"),
                named("checkout", Some("production")),
            ),
            (Named::Service, arn("service/checkout"), named("checkout", None)),
            (
                Named::Service,
                "service/production/checkout".to_owned(),
                plain("checkout", Some("production")),
            ),
            (Named::Task, "8693f327ff8e".to_owned(), plain("8693f327ff8e", None)),
            (
                Named::Task,
                arn("task/production/8693f327ff8e"),
                named("8693f327ff8e", Some("production")),
            ),
            (Named::TaskDefinition, "checkout".to_owned(), plain("checkout", None)),
            (Named::TaskDefinition, "checkout:54".to_owned(), plain("checkout:54", None)),
            (Named::TaskDefinition, arn("task-definition/checkout:54"), named("checkout:54", None)),
            (Named::TaskDefinition, arn("daemon-task-definition/logs:3"), named("logs:3", None)),
            (
                Named::Cluster,
                "arn:aws-cn:ecs:eu-west-1:111122223333:cluster/a_b-1".to_owned(),
                named("a_b-1", None),
            ),
        ] {
            assert_eq!(named.read(&text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_rejected() {
        for (named, text) in [
            (Named::Cluster, ""),
            (Named::Cluster, "x' OR 1=1 --"),
            (Named::Cluster, "production/checkout"),
            (Named::Cluster, "arn:aws:ecs:eu-west-1:111122223333:service/production/checkout"),
            (Named::Cluster, "arn:aws:eks:eu-west-1:111122223333:cluster/production"),
            (Named::Cluster, "arn:aws:ecs:eu-west-1"),
            (Named::Cluster, "arn:aws:ecs:::cluster/production"),
            (Named::Cluster, "arn:aws:ecs:eu-west-1:12:cluster/production"),
            (Named::TaskDefinition, "checkout:054"),
            (Named::TaskDefinition, "checkout:+54"),
            (Named::Service, "a/b/c"),
            (Named::Service, "checkout:54"),
            (Named::Task, "arn:aws:ecs:eu-west-1:111122223333:task/production/"),
            (Named::TaskDefinition, "checkout:latest"),
            (Named::TaskDefinition, "checkout:54:1"),
            (Named::TaskDefinition, "production/checkout"),
        ] {
            assert_eq!(named.read(text), None, "{text}");
        }
    }
}
