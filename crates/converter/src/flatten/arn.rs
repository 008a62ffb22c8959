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

/// Returns the cluster's name: of a cluster's ARN, of the long ARN of something in a cluster
/// (`service/cluster/name`), or the name that was given. The short ARN of a service has none.
pub(super) fn cluster(text: &str) -> Option<&str> {
    let Some(resource) = resource(text) else { return Some(text) };
    let mut parts = resource.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("cluster"), Some(name), None) | (Some(_), Some(name), Some(_)) => Some(name),
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
        let service = "arn:aws:ecs:us-east-1:111122223333:service/production/checkout";
        assert_eq!((name(service), cluster(service)), ("checkout", Some("production")));
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
        assert_eq!(id("production/0123"), "0123");
    }
}
