//! Amazon Resource Names: `arn:partition:service:region:account:resource`, see
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.

/// Returns whether a text is an ARN.
pub(super) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:")
}

/// Returns the resource part of an ARN, such as `service/production/checkout`.
pub(super) fn resource(arn: &str) -> Option<&str> {
    if is_arn(arn) { arn.splitn(6, ':').nth(5) } else { None }
}

/// Returns the part after the last `/` of an ARN, or the name that was given instead of one.
pub(super) fn name(text: &str) -> &str {
    match resource(text) {
        Some(resource) => resource.rsplit('/').next().unwrap_or(resource),
        None => text,
    }
}

/// Returns the part after the last `/`: the id of a task that was named `cluster/id` as well.
pub(super) fn id(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// Returns the service that a host is of: `ecs` of `ecs.amazonaws.com`, in each partition of AWS.
/// <https://docs.aws.amazon.com/general/latest/gr/rande.html>
pub(super) fn service_of_host(host: Option<&str>) -> Option<&str> {
    [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.cn", ".amazonaws.eu"]
        .iter()
        .find_map(|domain| host?.strip_suffix(domain))
        .filter(|service| !service.contains([' ', '/']))
}

/// Returns the parts of what an ARN of Amazon ECS names, such as `service`, `production` and
/// `checkout`; `None` for other services, and for patterns such as `service/production/*`.
fn ecs_parts(arn: &str) -> Option<Vec<&str>> {
    let is_ecs = arn.split(':').nth(2) == Some("ecs");
    let parts: Vec<_> = resource(arn).filter(|_| is_ecs)?.split('/').collect();
    (!parts.iter().any(|part| part.is_empty() || part.contains('*'))).then_some(parts)
}

/// Returns the cluster's name: of a cluster's ARN, of the long ARN of something in a cluster
/// (`service/cluster/name`), or the name that was given. The short ARN of a service has none.
pub(super) fn cluster(text: &str) -> Option<&str> {
    if !is_arn(text) {
        return Some(text).filter(|name| !name.is_empty());
    }
    match ecs_parts(text)?[..] {
        ["cluster", name] | [_, name, _, ..] => Some(name),
        _ => None,
    }
}

/// Returns the service's name: of a service's ARN, short or long, of the ARN of something that
/// belongs to a service (`task-set/cluster/service/id`), or the name that was given.
pub(super) fn service(text: &str) -> Option<&str> {
    if !is_arn(text) {
        return Some(text).filter(|name| !name.is_empty());
    }
    match ecs_parts(text)?[..] {
        ["service", name]
        | ["service", _, name]
        | ["task-set" | "service-deployment" | "service-revision", _, name, _] => Some(name),
        _ => None,
    }
}

/// Returns the id of a task's ARN, short or long.
pub(super) fn task_id(arn: &str) -> Option<&str> {
    match ecs_parts(arn)?[..] {
        ["task", id] | ["task", _, id] => Some(id),
        _ => None,
    }
}

/// Returns the family of `family`, `family:revision` or a task definition's ARN.
pub(super) fn family(text: &str) -> &str {
    let name = name(text);
    name.split_once(':').map_or(name, |(family, _)| family)
}

/// Returns the revision of `family:revision` or a task definition's ARN.
pub(super) fn revision(text: &str) -> Option<i32> {
    name(text).split_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_arns() {
        let service_arn = "arn:aws:ecs:us-east-1:111122223333:service/production/checkout";
        assert_eq!((name(service_arn), cluster(service_arn)), ("checkout", Some("production")));
        let short = "arn:aws:ecs:us-east-1:111122223333:service/checkout";
        assert_eq!((name(short), cluster(short)), ("checkout", None));
        let own = "arn:aws-cn:ecs:cn-north-1:111122223333:cluster/production";
        assert_eq!((name(own), cluster(own)), ("production", Some("production")));
        assert_eq!((name("checkout"), cluster("production")), ("checkout", Some("production")));
        let definition = "arn:aws:ecs:us-east-1:111122223333:task-definition/checkout:64";
        for (text, expected) in
            [(definition, ("checkout", Some(64))), ("a:7", ("a", Some(7))), ("a", ("a", None))]
        {
            assert_eq!((family(text), revision(text)), expected);
        }
        assert_eq!(resource("arn:aws:ecs"), None);
        assert_eq!(
            (service(service_arn), service("checkout")),
            (Some("checkout"), Some("checkout"))
        );
        assert_eq!((service(short), service(own), service("")), (Some("checkout"), None, None));
        let ecs = |resource: &str| format!("arn:aws:ecs:us-east-1:111122223333:{resource}");
        for (resource, of_cluster, of_service, task) in [
            ("task/production/0123", Some("production"), None, Some("0123")),
            ("task/0123", None, None, Some("0123")),
            ("task/*", None, None, None),
            ("service/production/*", None, None, None),
            ("cluster/*", None, None, None),
            ("task-set/production/checkout/7", Some("production"), Some("checkout"), None),
            (
                "service-deployment/production/checkout/7",
                Some("production"),
                Some("checkout"),
                None,
            ),
            ("container-instance/production/7", Some("production"), None, None),
            ("task-definition/checkout:7", None, None, None),
        ] {
            let arn = ecs(resource);
            assert_eq!(
                (cluster(&arn), service(&arn), task_id(&arn)),
                (of_cluster, of_service, task)
            );
        }
        let role = "arn:aws:iam::111122223333:role/ecs/checkout-task";
        assert_eq!((cluster(role), service(role), task_id(role)), (None, None, None));
        assert_eq!(id("production/0123"), "0123");
    }
}
