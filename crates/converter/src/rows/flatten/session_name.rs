//! Names of role sessions that no human chose: tasks, instances, SDKs, services and pipelines call
//! their sessions by ids and words of their own.

use std::sync::LazyLock;

use regex::RegexSet;

/// Whose doing a session's name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// Somebody's choice, for all that the name shows.
    Chosen,
    /// Always the same name: of a service or a pipeline.
    Fixed,
    /// Another name each time, such as a task's id.
    Varying,
}

/// Names that are another one in each session.
const VARYING: &[&str] = &[
    // Tasks of Amazon ECS, rules of EventBridge, executions of Step Functions.
    r"^[0-9A-Za-z]{32}$",
    r"^[0-9a-f]{16,}$",
    // Tasks before long ARNs, builds of CodeBuild, pods of Amazon EKS, and others that add one.
    r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    // Instances of EC2, and those that Systems Manager manages.
    r"^m?i-[0-9a-f]{8,17}$",
    // Instants and the numbers of runs.
    r"^[0-9]{9,}$",
    // SDKs and the AWS CLI, where the caller gives no name.
    r"(?i)^(botocore|aws-?cli|aws-go-sdk|aws-sdk(-[a-z0-9]+)*|aws-dotnet-sdk|dotnet-sdk|boto3?)(-session)?(-[0-9a-f.]+)?$",
    r"(?i)^aws-sdk-[a-z0-9]+-(session-)?[0-9a-z]+$",
    r"^(default-)?session[-_]?[0-9]{9,}$",
    // Runs of pipelines.
    r"(?i)^(github|git-?lab|jenkins|circle-?ci|buildkite|bitbucket|azure|terraform|tfc|spacelift|pulumi)[-_a-z]*[-_/]?[0-9]{4,}$",
    r"(?i)^(terraform-)?run-[0-9a-z]{16}$",
    // Lambda functions of old, sessions of AWS Glue and Amazon Redshift.
    r"^awslambda_[0-9]+_[0-9]+$",
];

/// Names that are the same in every session.
const FIXED: &[&str] = &[
    // Services: AWSCloudFormation, AWSConfig-Describe, AmazonECSServiceScheduler, …
    r"^(AWS|Amazon)[A-Z]",
    r"^(aws-cdk|cdk)-",
    r"(?i)^(ecs-service-scheduler|ecs-deployment|AutoScaling|ElasticLoadBalancing|code-?(build|pipeline|deploy)|glue-?jobrunnersession|sagemaker|step-?functions|states|events|scheduler|EKSGetTokenAuth|eks-[a-z0-9-]+|CognitoIdentityCredentials|RedshiftIamRoleSession|spot-?fleet|batch|lambda|ssm|ec2|backup|config)$",
    // Pipelines and tools.
    r"(?i)^(git-?hub(-?actions?)?|git-?lab(-?(ci|runner))?|jenkins|circle-?ci|buildkite|bitbucket(-?pipelines?)?|travis(-?ci)?|azure-?(devops|pipelines?)|terraform(-?cloud)?|tfc|tofu|opentofu|atlantis|spacelift|env0|pulumi|crossplane|argo-?(cd|workflows)?|flux(-?cd)?|octopus|teamcity|tekton|ci|ci-?cd|pipeline)([-_./:].*)?$",
    // What AWS hides, and what is no name.
    r"^(HIDDEN_DUE_TO_SECURITY_REASONS|ANONYMOUS_PRINCIPAL|Anonymous)$",
    r"^\s*$",
];

static PATTERNS: LazyLock<RegexSet> = LazyLock::new(|| {
    // A pattern that does not compile is found by the tests of this file.
    RegexSet::new(VARYING.iter().chain(FIXED)).unwrap_or_default()
});

impl Naming {
    /// Judges the name of a role session.
    pub(super) fn of(session: &str) -> Self {
        match PATTERNS.matches(session).iter().next() {
            Some(pattern) if pattern < VARYING.len() => Self::Varying,
            Some(_) => Self::Fixed,
            None => Self::Chosen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_in_use() {
        assert_eq!(PATTERNS.len(), VARYING.len() + FIXED.len());
    }

    #[test]
    fn names_that_machines_give_each_time() {
        for session in [
            "0123456789abcdef0123456789abcdef",
            "c5cba4eb-5dad-405e-96db-71ef8eefe6a8",
            "C5CBA4EB-5DAD-405E-96DB-71EF8EEFE6A8",
            "i-0123456789abcdef0",
            "i-1a2b3c4d",
            "mi-0123456789abcdef0",
            "1777470000",
            "14512345678",
            "botocore-session-1777470000",
            "aws-go-sdk-1777470000123456789",
            "aws-sdk-js-session-1777470000123",
            "aws-sdk-java-1777470000123",
            "aws-sdk-php-1777470000",
            "aws-sdk-ruby-session",
            "AWS-CLI-session-1777470000",
            "AWSCodeBuild-c5cba4eb-5dad-405e-96db-71ef8eefe6a8",
            "eks-prod-checkout-c5cba4eb-5dad-405e-96db-71ef8eefe6a8",
            "GitHubActions-14512345678",
            "github-run-14512345678",
            "gitlab-runner-4711001",
            "terraform-run-AbCdEfGh12345678",
            "run-AbCdEfGh12345678",
            "AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEf",
        ] {
            assert_eq!(Naming::of(session), Naming::Varying, "{session}");
        }
    }

    #[test]
    fn names_that_machines_give_always() {
        for session in [
            "AWSCloudFormation",
            "AWSConfig-Describe",
            "AmazonECSServiceScheduler",
            "ecs-service-scheduler",
            "AutoScaling",
            "GitHubActions",
            "github-actions",
            "GitLab-CI",
            "jenkins",
            "jenkins-production",
            "terraform",
            "atlantis",
            "aws-cdk-runner",
            "EKSGetTokenAuth",
            "CognitoIdentityCredentials",
            "HIDDEN_DUE_TO_SECURITY_REASONS",
            "",
        ] {
            assert_eq!(Naming::of(session), Naming::Fixed, "{session}");
        }
    }

    #[test]
    fn names_that_people_choose() {
        for session in [
            "maria@example.com",
            "maria",
            "maria-admin",
            "m.garcia",
            "jenkinson",
            "Amazonas",
            "gitta",
            "12345",
            "session-of-maria",
            "i-love-ecs",
            "awsome",
            "ed",
            "cicero",
        ] {
            assert_eq!(Naming::of(session), Naming::Chosen, "{session}");
        }
    }
}
