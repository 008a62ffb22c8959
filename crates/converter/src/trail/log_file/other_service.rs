//! The logs of other services in a bucket that CloudTrail shares with them.
//!
//! Most services deliver to `[prefix/]AWSLogs/[o-id/]account/service/region/…`, flow logs also to
//! `AWSLogs/aws-account-id=account/aws-service=vpcflowlogs/aws-region=…`, and many names begin with
//! `account_service_region_`:
//!
//! - <https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html>
//! - <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html>
//! - <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html>
//! - <https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html>

use super::is_account;
use crate::trail::{KeyName, region};

const AWS_LOGS: &str = "AWSLogs";
/// Services that do not always have a region's folder below theirs.
const WITHOUT_REGION: [&str; 4] = ["CloudFront", "Config", "GuardDuty", "WAFLogs"];
/// How the names begin of the streams and buckets that AWS WAF may log to.
const WAF: (&str, &str) = ("aws-waf-logs-", "WAFLogs");
/// A name that is longer is not that of a service.
const MOST_BYTES: usize = 64;

/// Returns the service of AWS whose log a file surely is, by its path or URL, if that is not
/// CloudTrail.
pub(crate) fn other_service(path: &str) -> Option<&str> {
    if KeyName::parse(path).is_some() {
        return None;
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let service = of_folders(path).or_else(|| of_name(name));
    service.filter(|service| is_service(service))
}

/// Returns whether a name is that of a region, such as `us-gov-west-1`: `network-firewall` is shaped
/// like one but for the number.
fn is_region(name: &str) -> bool {
    region::is_region(name) && name.ends_with(|last: char| last.is_ascii_digit())
}

/// Returns the service in `AWSLogs/account/service/region/…`.
fn of_folders(path: &str) -> Option<&str> {
    let mut folders = path.rsplit_once('/')?.0.split('/').rev().collect::<Vec<_>>();
    folders.truncate(folders.iter().position(|folder| *folder == AWS_LOGS)?);
    let mut below = folders.into_iter().rev().peekable();
    below.next_if(|folder| folder.starts_with("o-"));
    let account = below.next()?;
    if !is_account(account.strip_prefix("aws-account-id=").unwrap_or(account)) {
        return None;
    }
    let service = below.next()?;
    let service = service.strip_prefix("aws-service=").unwrap_or(service);
    let is_regional =
        |folder: &&str| is_region(folder.strip_prefix("aws-region=").unwrap_or(folder));
    let is_known = WITHOUT_REGION.iter().any(|known| known.eq_ignore_ascii_case(service));
    (is_known || below.next().as_ref().is_some_and(is_regional)).then_some(service)
}

/// Returns the service in `account_service_region_…`.
fn of_name(name: &str) -> Option<&str> {
    let (prefix, service) = WAF;
    if name.starts_with(prefix) {
        return Some(service);
    }
    let mut parts = name.split('_');
    let (account, service, region) = (parts.next()?, parts.next()?, parts.next()?);
    (is_account(account) && is_region(region)).then_some(service)
}

/// Returns whether a name may be that of a service other than CloudTrail: people copy trails to
/// folders of their own, too.
fn is_service(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty()
        && name.len() <= MOST_BYTES
        && name.bytes().all(is_plain)
        && !is_region(name)
        && !name.to_ascii_lowercase().contains("cloudtrail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_by_path() {
        for (path, service) in [
            ("AWSLogs/111122223333/Config/ConfigWritabilityCheckFile", Some("Config")),
            ("a/AWSLogs/o-1/111122223333/Config/us-east-1/2026/4/27/x.json.gz", Some("Config")),
            ("s3://b/AWSLogs/111122223333/GuardDuty/us-east-1/2026/x.jsonl.gz", Some("GuardDuty")),
            ("AWSLogs/111122223333/WAFLogs/cloudfront/acl/2026/x.log.gz", Some("WAFLogs")),
            ("AWSLogs/111122223333/network-firewall/us-east-1/x.log.gz", Some("network-firewall")),
            (
                "AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1/\
                 year=2026/x.log.parquet",
                Some("vpcflowlogs"),
            ),
            (
                "111122223333_elasticloadbalancing_us-east-1_app.lb_x.log.gz",
                Some("elasticloadbalancing"),
            ),
            ("waf/2026/04/27/aws-waf-logs-acl-1-2026-04-27-10-00-00-x", Some("WAFLogs")),
            ("AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/27/x.json.gz", None),
            ("AWSLogs/111122223333/CloudTrail-Aggregated/us-east-1/2026/x.json.gz", None),
            ("AWSLogs/111122223333/my-cloudtrail-copy/us-east-1/x.json.gz", None),
            ("AWSLogs/111122223333/us-east-1/us-east-1/x.json.gz", None),
            ("AWSLogs/111122223333/2026/04/27/x.json.gz", None),
            ("AWSLogs/111122223333/copies/a.json", None),
            ("AWSLogs/Config/us-east-1/a.json", None),
            ("Config/us-east-1/a.json", None),
            (
                "AWSLogs/111122223333/Config/us-east-1/111122223333_CloudTrail_us-east-1_20260427T0220Z_x.json.gz",
                None,
            ),
            ("111122223333_exported_2026.json", None),
        ] {
            assert_eq!(other_service(path), service, "{path}");
        }
    }
}
