//! How a call arrived, from documented signals: which service called on somebody's behalf, what
//! the user agent says, whether the credentials came from the console.

/// What a record says about the way a call took.
#[derive(Debug, Default)]
pub(super) struct Signals<'a> {
    pub(super) user_agent: Option<&'a str>,
    pub(super) invoked_by: Option<&'a str>,
    pub(super) source_ip_address: Option<&'a str>,
    pub(super) from_console: bool,
    pub(super) event_type: Option<&'a str>,
    pub(super) identity_type: Option<&'a str>,
    pub(super) issuer_name: Option<&'a str>,
    pub(super) role_session_name: Option<&'a str>,
}

const SCALING_ROLE: &str = "AWSServiceRoleForApplicationAutoScaling_ECSService";

impl Signals<'_> {
    /// Returns the channel. A service in between counts more than the tool, the tool more than the
    /// console session whose credentials it may have borrowed.
    pub(super) fn channel(&self) -> &'static str {
        let agent = self.user_agent.unwrap_or_default();
        let hosts = [self.invoked_by, self.source_ip_address, self.user_agent];
        let through = |host: &str| hosts.contains(&Some(host));
        let says = |word: &str| agent.contains(word);
        if through("cloudformation.amazonaws.com") {
            "cloudformation"
        } else if through("codepipeline.amazonaws.com") {
            "codepipeline"
        } else if through("ecs.application-autoscaling.amazonaws.com")
            || through("application-autoscaling.amazonaws.com")
            || through("autoscaling.amazonaws.com")
            || self.issuer_name == Some(SCALING_ROLE)
        {
            "autoscaling"
        } else if agent.starts_with("Amazon ECS Agent") {
            "agent"
        } else if says("for-github-actions") || self.role_session_name == Some("GitHubActions") {
            "github-actions"
        } else if says("Terraform/") || says("terraform-provider-aws/") {
            "terraform"
        } else if says("aws-cdk/") || says("cdk-cli/") {
            "cdk"
        } else if self.is_console(agent) {
            "console"
        } else if self.is_service() {
            "service"
        } else if agent.trim_start_matches('[').starts_with("aws-cli/") {
            "cli"
        } else if says("aws-sdk") || says("Boto3/") || says("Botocore/") || says("APN/") {
            "sdk"
        } else {
            "unknown"
        }
    }

    fn is_console(&self, agent: &str) -> bool {
        self.from_console
            || matches!(self.event_type, Some("AwsConsoleAction" | "AwsConsoleSignIn"))
            || (agent.starts_with("console.") && agent.ends_with("amazonaws.com"))
            || agent.starts_with("signin.amazonaws.com")
            || agent.starts_with("AWS-Console")
            || agent.contains("S3Console")
            || agent.starts_with("Mozilla/")
    }

    fn is_service(&self) -> bool {
        let is_host = |text: Option<&str>| {
            text.is_some_and(|text| {
                text.ends_with(".amazonaws.com") || text.starts_with("AWS Internal")
            })
        };
        self.identity_type == Some("AWSService")
            || self.event_type == Some("AwsServiceEvent")
            || [self.invoked_by, self.source_ip_address, self.user_agent].into_iter().any(is_host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels() {
        let agent = |agent| Signals { user_agent: Some(agent), ..Signals::default() };
        for (signals, channel) in [
            (agent("console.amazonaws.com"), "console"),
            (agent("Mozilla/5.0 (X11; Linux x86_64; rv:137.0) Gecko/20100101"), "console"),
            (Signals { from_console: true, ..agent("aws-internal/3") }, "console"),
            (Signals { event_type: Some("AwsConsoleSignIn"), ..agent("Mozilla/5.0") }, "console"),
            (
                agent("aws-cli/2.15.30 md/awscrt#0.19.19 ua/2.0 md/command#ecs.update-service"),
                "cli",
            ),
            (agent("[aws-cli/2.0.45 Python/3.7.3]"), "cli"),
            (agent("Boto3/1.34.0 md/Botocore#1.34.0"), "sdk"),
            (agent("aws-sdk-go-v2/1.30.3 os/linux"), "sdk"),
            (
                agent(
                    "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.70.0",
                ),
                "terraform",
            ),
            (
                Signals { from_console: true, ..agent("APN/1.0 HashiCorp/1.0 Terraform/1.9.8") },
                "terraform",
            ),
            (agent("aws-sdk-js/3.600.0 aws-cdk/2.160.0"), "cdk"),
            (
                agent("amazon-ecs-deploy-task-definition-for-github-actions aws-sdk-nodejs/2.1"),
                "github-actions",
            ),
            (
                Signals { role_session_name: Some("GitHubActions"), ..agent("aws-cli/2.15.30") },
                "github-actions",
            ),
            (agent("Amazon ECS Agent - v1.85.0 (cb9b0e3f) (+http://aws.amazon.com/ecs/)"), "agent"),
            (agent("cloudformation.amazonaws.com"), "cloudformation"),
            (
                Signals { invoked_by: Some("codepipeline.amazonaws.com"), ..Signals::default() },
                "codepipeline",
            ),
            (
                Signals {
                    issuer_name: Some(SCALING_ROLE),
                    ..agent("ecs.application-autoscaling.amazonaws.com")
                },
                "autoscaling",
            ),
            (Signals { invoked_by: Some("ecs.amazonaws.com"), ..Signals::default() }, "service"),
            (Signals { identity_type: Some("AWSService"), ..Signals::default() }, "service"),
            (agent("AWS Internal"), "service"),
            (agent("curl/8.5.0"), "unknown"),
            (Signals::default(), "unknown"),
        ] {
            assert_eq!(signals.channel(), channel, "{signals:?}");
        }
    }
}
