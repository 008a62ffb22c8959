//! How a call arrived, from documented signals: which service called on somebody's behalf, what
//! the user agent says, whether the credentials came from the console or a pipeline.

use super::arn::service_of_host;

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
    pub(super) web_id_provider: Option<&'a str>,
}

const SCALING_ROLE: &str = "AWSServiceRoleForApplicationAutoScaling_ECSService";

/// How the user agents of consoles begin.
const CONSOLE_AGENTS: [&str; 9] = [
    "AWS-Console",
    "AWSConsole",
    "aws-console",
    "EC2ConsoleFrontend",
    "ECSConsole",
    "Mozilla/",
    "RDS Console",
    "S3Console",
    "signin.amazonaws.",
];

impl Signals<'_> {
    /// Returns the channel. A service in between counts more than the pipeline, the pipeline more
    /// than the tool, the tool more than the console session whose credentials it may have borrowed.
    pub(super) fn channel(&self) -> &'static str {
        let agent = self.user_agent.unwrap_or_default().trim_start_matches('[');
        let hosts = [self.invoked_by, self.source_ip_address, self.user_agent];
        let through =
            |service: &str| hosts.iter().any(|host| service_of_host(*host) == Some(service));
        let says = |word: &str| agent.contains(word);
        if through("cloudformation") {
            "cloudformation"
        } else if through("codepipeline") {
            "codepipeline"
        } else if through("ecs.application-autoscaling")
            || through("application-autoscaling")
            || through("autoscaling")
            || self.issuer_name == Some(SCALING_ROLE)
        {
            "autoscaling"
        } else if agent.starts_with("Amazon ECS Agent") {
            "agent"
        } else if self.is_provided_by("token.actions.githubusercontent.com")
            || self.is_provided_by("/_services/token")
            || says("for-github-actions")
            || self.role_session_name == Some("GitHubActions")
        {
            "github-actions"
        } else if self.is_provided_by("gitlab") {
            "gitlab"
        } else if says("crossplane") || says("upbound-provider-aws") {
            "crossplane"
        } else if says("Pulumi/") || says("pulumi/") || says("pulumi-aws") {
            "pulumi"
        } else if says("Terraform/")
            || says("terraform/")
            || says("terraform-provider-aws")
            || says("OpenTofu/")
        {
            "terraform"
        } else if says("aws-cdk/") || says("cdk-cli/") {
            "cdk"
        } else if self.is_console(agent) {
            "console"
        } else if self.is_service() {
            "service"
        } else if agent.starts_with("aws-cli/") {
            "cli"
        } else if says("aws-sdk") || says("Boto3/") || says("Botocore/") || says("APN/") {
            "sdk"
        } else {
            "unknown"
        }
    }

    /// Returns whether the credentials came from an identity provider whose ARN or URL has a part.
    /// That of a GitHub server of one's own ends with `/_services/token`.
    fn is_provided_by(&self, part: &str) -> bool {
        self.web_id_provider.is_some_and(|provider| provider.contains(part))
    }

    fn is_console(&self, agent: &str) -> bool {
        self.from_console
            || matches!(self.event_type, Some("AwsConsoleAction" | "AwsConsoleSignIn"))
            || agent.starts_with("console.amazonaws.")
            || CONSOLE_AGENTS.iter().any(|console| agent.starts_with(console))
            || (agent.starts_with("console.") && service_of_host(Some(agent)).is_some())
            || agent.contains("S3Console")
    }

    fn is_service(&self) -> bool {
        let is_service =
            |text: &str| service_of_host(Some(text)).is_some() || text.starts_with("AWS Internal");
        self.identity_type == Some("AWSService")
            || self.event_type == Some("AwsServiceEvent")
            || [self.invoked_by, self.source_ip_address, self.user_agent]
                .into_iter()
                .flatten()
                .any(is_service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels() {
        let agent = |agent| Signals { user_agent: Some(agent), ..Signals::default() };
        let federated =
            |provider| Signals { web_id_provider: Some(provider), ..agent("aws-cli/2.27.1") };
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
            (agent("[Mozilla/5.0 (X11; Linux x86_64)]"), "console"),
            (agent("console.amazonaws.cn"), "console"),
            (agent("console.ec2.amazonaws.com"), "console"),
            (agent("signin.amazonaws.cn"), "console"),
            (agent("EC2ConsoleFrontend, aws-internal/3"), "console"),
            (agent("RDS Console"), "console"),
            (agent("[S3Console/0.4, aws-internal/3]"), "console"),
            (agent("cloudformation.amazonaws.com.cn"), "cloudformation"),
            (agent("ecs.amazonaws.com.cn"), "service"),
            (agent("ecs.amazonaws.eu"), "service"),
            (agent("terraform/0.6.11 aws-sdk-go/1.1.0 (go1.5.2; linux; amd64)"), "terraform"),
            (agent("APN/1.0 HashiCorp/1.0 OpenTofu/1.8.0 aws-sdk-go-v2/1.30"), "terraform"),
            (agent("APN/1.0 Pulumi/1.0 PulumiAWS/6.0 aws-sdk-go-v2/1.30"), "pulumi"),
            (agent("aws-sdk-go-v2/1.30 pulumi-aws/6.50"), "pulumi"),
            (agent("crossplane-provider-aws/v0.50 aws-sdk-go/1.44"), "crossplane"),
            (agent("upbound-provider-aws/1.14 aws-sdk-go-v2/1.30"), "crossplane"),
            (
                federated("arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"),
                "github-actions",
            ),
            (
                federated("arn:aws:iam::1:oidc-provider/git.example.com/_services/token"),
                "github-actions",
            ),
            (federated("arn:aws:iam::1:oidc-provider/gitlab.com"), "gitlab"),
            (federated("arn:aws:iam::1:oidc-provider/gitlab.example.com"), "gitlab"),
            (
                federated("arn:aws:iam::1:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/1"),
                "cli",
            ),
            (Signals::default(), "unknown"),
        ] {
            assert_eq!(signals.channel(), channel, "{signals:?}");
        }
    }
}
