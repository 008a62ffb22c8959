//! The named kinds of callers: which role, session, address and user agent each comes with.

use super::{Caller, Channel, Session, address_of, attributes, plain, service};
use crate::calendar::{HOUR, MINUTE, iso};
use crate::json::object;
use crate::world::World;

/// Kinds of callers; names are people, roles, users, sessions, hosts.
#[derive(Clone, Copy)]
pub(crate) enum Who<'a> {
    /// A person in the console, signed in through Identity Center.
    Console(&'a str),
    /// The same person with the AWS CLI, version 2.
    Shell(&'a str),
    /// A person with read-only rights, AWS CLI.
    Reader(&'a str),
    /// An IAM user with an old AWS CLI.
    User(&'a str),
    /// A Python program with a role and a session name.
    Python(&'a str, &'a str),
    /// A Go program on an EC2 instance, by its instance role.
    Go(&'a str, &'a str),
    /// A Java program.
    Java(&'a str, &'a str),
    /// A Node.js program.
    Node(&'a str, &'a str),
    Terraform,
    Cdk,
    CloudFormation,
    GitHub,
    CodePipeline,
    Autoscaling,
    /// ECS itself, through its service-linked role.
    Ecs,
    /// An `EventBridge` rule.
    Rule(&'a str),
    /// The ECS agent of a container instance.
    Agent(&'a str),
    Root,
    /// A task, by its role and task id.
    Task(&'a str, &'a str),
    /// A service that calls in its own name.
    Service(&'a str),
}

const CHROME: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/135.0.0.0 Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:137.0) Gecko/20100101 Firefox/137.0";
const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36 Edg/136.0.0.0";
const SHELLS: [&str; 3] = [
    "aws-cli/2.27.22 md/awscrt#0.26.1 ua/2.1 os/macos#24.4.0 md/arch#arm64 lang/python#3.13.3 md/pyimpl#CPython m/E,b,Z cfg/retry-mode#standard md/installer#exe sid/$session md/prompt#off md/command#$command",
    "aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0-57-generic md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython m/Z,E,b cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.24 sid/$session md/prompt#off md/command#$command",
    "aws-cli/2.22.7 md/awscrt#0.23.3 ua/2.0 os/windows#11 md/arch#amd64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#$command",
];

impl World {
    /// Returns a caller as it shows at a time.
    pub(crate) fn caller(&self, who: Who<'_>, time: i64) -> Caller {
        let account = &self.account;
        match who {
            Who::Console(person) => {
                let agent = [CHROME, FIREFOX, EDGE][person.len() % 3];
                let mut caller = self.person(person, time, agent.to_owned(), Channel::Console);
                caller.console = true;
                caller
            }
            Who::Shell(person) => {
                let session = self.stable(&["shell", person, &iso(time)[..13]]).lower(12);
                let agent = SHELLS[person.len() % 3].replace("$session", &session);
                self.person(person, time, agent, Channel::Cli)
            }
            Who::Reader(person) => self.assume(
                ("ReadOnly", &format!("{person}@example.com")),
                Session { age: 25 * MINUTE, multi_factor: true, ..Session::default() },
                time,
                (address_of(person), SHELLS[1].replace(" sid/$session", "")),
                Channel::Cli,
            ),
            Who::User(user) => {
                let agent =
                    "aws-cli/1.32.101 Python/3.8.10 Linux/5.15.0-105-generic botocore/1.34.101";
                self.user(user, "198.51.100.17".to_owned(), agent, Channel::Cli)
            }
            Who::Python(role, session) => {
                let minor = 34 + role.len() % 6;
                let agent = format!(
                    "Boto3/1.{minor}.23 md/Botocore#1.{minor}.23 ua/2.1 os/linux#6.1.134-152.225.amzn2023.x86_64 md/arch#x86_64 lang/python#3.12.9 md/pyimpl#CPython m/Z,b,e cfg/retry-mode#legacy Botocore/1.{minor}.23"
                );
                let session_facts =
                    Session { age: 40 * MINUTE, bare: role.len() % 2 == 1, ..Session::default() };
                let address = self.stable_in_account(&["nat", role]).address();
                self.assume((role, session), session_facts, time, (address, agent), Channel::Sdk)
            }
            Who::Go(role, instance) => {
                let agent = "aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.2 md/GOOS#linux md/GOARCH#arm64 api/$api#1.56.2 m/E";
                let facts = Session { age: 3 * HOUR, delivery: Some("2.0"), ..Session::default() };
                let mut caller = self.assume(
                    (role, instance),
                    facts,
                    time,
                    (self.stable(&["nat"]).address(), agent.to_owned()),
                    Channel::Sdk,
                );
                caller.old_cipher = 0;
                if instance.ends_with(['0', '1', '2', '3']) {
                    caller.endpoint = Some(format!("vpce-{}", self.stable(&["endpoint"]).hex(17)));
                    caller.address =
                        format!("192.0.2.{}", self.stable(&["inside", instance]).between(10, 250));
                }
                caller
            }
            Who::Java(role, session) => {
                let agent = "aws-sdk-java/2.31.40 md/io#sync md/http#Apache ua/2.1 api/$api#2.31.x os/Linux#6.1.132-147.221.amzn2023.x86_64 lang/java#21.0.6 md/OpenJDK_64-Bit_Server_VM#21.0.6+7-LTS md/vendor#Amazon.com_Inc. md/en_US cfg/auth-source#stat m/D,N";
                let facts = Session { age: 70 * MINUTE, ..Session::default() };
                let place = (self.stable_in_account(&["nat", role]).address(), agent.to_owned());
                self.assume((role, session), facts, time, place, Channel::Sdk)
            }
            Who::Node(role, session) => {
                let agent = "aws-sdk-js/3.758.0 ua/2.1 os/linux#5.10.234-249.amzn2.x86_64 lang/js md/nodejs#22.14.0 api/$api#3.758.0 m/E,n";
                let facts = Session { age: 55 * MINUTE, ..Session::default() };
                let place = (self.stable_in_account(&["nat", role]).address(), agent.to_owned());
                self.assume((role, session), facts, time, place, Channel::Sdk)
            }
            Who::Terraform => {
                let agent = "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.70.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.31.0 ua/2.1 os/linux lang/go#1.23.1 md/GOOS#linux md/GOARCH#amd64 api/$api#1.46.2";
                let facts = Session { age: 4 * MINUTE, ..Session::default() };
                let place = ("198.51.100.64".to_owned(), agent.to_owned());
                self.assume(
                    ("TerraformDeploy", "terraform"),
                    facts,
                    time,
                    place,
                    Channel::Terraform,
                )
            }
            Who::Cdk => {
                let agent = "aws-sdk-js/3.758.0 ua/2.1 os/darwin#24.4.0 lang/js md/nodejs#22.14.0 api/$api#3.758.0 m/E,n aws-cdk/2.1007.0 cdk-hotswap/success-ecs-service";
                let role = format!("cdk-hnb659fds-deploy-role-{account}-{}", self.region);
                let facts = Session { age: 2 * MINUTE, ..Session::default() };
                let place = ("198.51.100.17".to_owned(), agent.to_owned());
                self.assume((&role, "aws-cdk-paulo"), facts, time, place, Channel::Cdk)
            }
            Who::CloudFormation => self.on_behalf(
                ("cloudformation-execution", "AWSCloudFormation", ""),
                "cloudformation.amazonaws.com",
                time,
                Channel::CloudFormation,
            ),
            Who::GitHub => {
                let agent = "aws-sdk-js/3.583.0 ua/2.0 os/linux#6.11.0-1012-azure lang/js md/nodejs#20.19.1 api/$api#3.583.0 amazon-ecs-deploy-task-definition-for-github-actions";
                let provider = format!(
                    "arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
                );
                let facts =
                    Session { age: 2 * MINUTE, web_identity: Some(provider), ..Session::default() };
                let address = self.stable(&["runner", &iso(time)[..13]]).between(180, 250);
                let place = (format!("198.51.100.{address}"), agent.to_owned());
                self.assume(("github-deploy", "GitHubActions"), facts, time, place, Channel::GitHub)
            }
            Who::CodePipeline => {
                let session = self
                    .stable(&["pipeline", &iso(time)[..13]])
                    .between(1_777_000_000_000, 1_777_999_999_999);
                self.on_behalf(
                    ("codepipeline-shop", &session.to_string(), "service-role/"),
                    "codepipeline.amazonaws.com",
                    time,
                    Channel::CodePipeline,
                )
            }
            Who::Autoscaling => {
                let host = "ecs.application-autoscaling.amazonaws.com";
                self.on_behalf(
                    (
                        "AWSServiceRoleForApplicationAutoScaling_ECSService",
                        "AutoScaling-UpdateDesiredCapacity",
                        &format!("aws-service-role/{host}/"),
                    ),
                    host,
                    time,
                    Channel::Autoscaling,
                )
            }
            Who::Ecs => self.on_behalf(
                (
                    "AWSServiceRoleForECS",
                    "ecs-service-scheduler",
                    "aws-service-role/ecs.amazonaws.com/",
                ),
                "ecs.amazonaws.com",
                time,
                Channel::Service,
            ),
            Who::Rule(rule) => {
                let session = self.stable(&["rule", rule]).hex(32);
                self.on_behalf(
                    ("ecsEventsRole", &session, "service-role/"),
                    "events.amazonaws.com",
                    time,
                    Channel::Service,
                )
            }
            Who::Agent(instance) => {
                let agent =
                    "Amazon ECS Agent - v1.85.0 (3d3ae5a1) (linux) (+http://aws.amazon.com/ecs/)";
                let facts = Session { age: 2 * HOUR, delivery: Some("2.0"), ..Session::default() };
                let place = (self.stable(&["nat"]).address(), agent.to_owned());
                self.assume(("ecsInstanceRole", instance), facts, time, place, Channel::Agent)
            }
            Who::Root => {
                let key = self.stable_in_account(&["root", &iso(time)[..10]]).credential("ASIA");
                let arn = format!("arn:aws:iam::{account}:root");
                let identity = object! {
                    "type": "Root",
                    "principalId": account,
                    "arn": arn,
                    "accountId": account,
                    "accessKeyId": key,
                    "sessionContext": object! {
                        "attributes": attributes(time - 11 * MINUTE, true),
                    },
                };
                let mut caller = plain(identity, arn, "203.0.113.150", FIREFOX, Channel::Console);
                caller.console = true;
                caller
            }
            Who::Task(role, task) => {
                let agent = "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64 exec-env/AWS_ECS_FARGATE api/$api#1.32.1";
                let facts = Session { age: 20 * MINUTE, ..Session::default() };
                let place = (self.stable(&["nat"]).address(), agent.to_owned());
                self.assume((role, task), facts, time, place, Channel::Sdk)
            }
            Who::Service(host) => service(host),
        }
    }
}
