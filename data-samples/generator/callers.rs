//! Who calls, by which way: the identities and user agents of people, tools and services.

mod kinds;

use crate::calendar::{DAY, HOUR, MINUTE, iso};
use crate::json::{Json, Object, object};
use crate::places::PEOPLE;
use crate::world::World;

pub(crate) use kinds::Who;

/// How a call arrived, as the manifest counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Channel {
    Agent,
    Autoscaling,
    Cdk,
    Cli,
    CloudFormation,
    CodePipeline,
    Console,
    GitHub,
    Sdk,
    Service,
    Terraform,
}

impl Channel {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Autoscaling => "autoscaling",
            Self::Cdk => "cdk",
            Self::Cli => "cli",
            Self::CloudFormation => "cloudformation",
            Self::CodePipeline => "codepipeline",
            Self::Console => "console",
            Self::GitHub => "github-actions",
            Self::Sdk => "sdk",
            Self::Service => "service",
            Self::Terraform => "terraform",
        }
    }
}

/// A caller at one time, everything rendered.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) identity: Json,
    pub(crate) arn: String,
    pub(crate) address: String,
    /// May hold `$api` and `$command`.
    pub(crate) agent: String,
    pub(crate) channel: Channel,
    pub(crate) console: bool,
    pub(crate) encrypted: bool,
    /// How often in a thousand it speaks TLS 1.2.
    pub(crate) old_cipher: u64,
    pub(crate) endpoint: Option<String>,
}

/// What an assumed role's identity is made of, beyond role and session.
#[derive(Default)]
struct Session<'a> {
    path: &'a str,
    age: i64,
    multi_factor: bool,
    invoked_by: Option<&'a str>,
    delivery: Option<&'a str>,
    web_identity: Option<String>,
    on_behalf_of: Option<Json>,
    source_identity: Option<&'a str>,
    bare: bool,
}

impl World {
    /// Returns the id of a role, the same wherever the role appears.
    pub(crate) fn role_id(&self, role: &str) -> String {
        self.stable_in_account(&["role", role]).credential("AROA")
    }

    /// Returns the access key of a task's credentials, the same where they are given and used.
    pub(crate) fn task_key(&self, role: &str, task: &str) -> String {
        self.stable(&["session key", role, task]).credential("ASIA")
    }

    /// An IAM user with a long-lived key.
    pub(crate) fn user(
        &self,
        user: &str,
        address: String,
        agent: &str,
        channel: Channel,
    ) -> Caller {
        let arn = format!("arn:aws:iam::{}:user/ci/{user}", self.account);
        let identity = object! {
            "type": "IAMUser",
            "principalId": self.stable_in_account(&["user", user]).credential("AIDA"),
            "arn": arn,
            "accountId": self.account,
            "accessKeyId": self.stable_in_account(&["key", user]).credential("AKIA"),
            "userName": user,
        };
        Caller { address, ..plain(identity, arn, "", agent, channel) }
    }

    fn person(&self, person: &str, time: i64, agent: String, channel: Channel) -> Caller {
        let store = self.stable_in_account(&["identity store"]).digits(10);
        let on_behalf_of = object! {
            "userId": self.stable_in_account(&["identity center", person]).guid(),
            "identityStoreArn":
                format!("arn:aws:identitystore::111122223333:identitystore/d-{}", &store),
        };
        let facts = Session {
            path: "aws-reserved/sso.amazonaws.com/eu-west-1/",
            age: 25 * MINUTE,
            on_behalf_of: Some(on_behalf_of),
            ..Session::default()
        };
        let role = "AWSReservedSSO_AdministratorAccess_0a1b2c3d4e5f6a7b";
        let session = format!("{person}@example.com");
        self.assume((role, &session), facts, time, (address_of(person), agent), channel)
    }

    fn on_behalf(
        &self,
        (role, session, path): (&str, &str, &str),
        host: &str,
        time: i64,
        channel: Channel,
    ) -> Caller {
        let facts = Session { path, invoked_by: Some(host), ..Session::default() };
        let place = (host.to_owned(), host.to_owned());
        let mut caller = self.assume((role, session), facts, time, place, channel);
        caller.encrypted = false;
        caller
    }

    /// A SAML session of a person, or a role session from any address: what the named kinds lack.
    pub(crate) fn role_session(
        &self,
        role: (&str, &str),
        time: i64,
        address: &str,
        (agent, channel): (&str, Channel),
        source_identity: Option<&str>,
    ) -> Caller {
        let facts = Session { age: 12 * MINUTE, source_identity, ..Session::default() };
        self.assume(role, facts, time, (address.to_owned(), agent.to_owned()), channel)
    }

    fn assume(
        &self,
        (role, session): (&str, &str),
        facts: Session<'_>,
        time: i64,
        (address, agent): (String, String),
        channel: Channel,
    ) -> Caller {
        let account = &self.account;
        let id = self.role_id(role);
        let arn = format!("arn:aws:sts::{account}:assumed-role/{role}/{session}");
        // A session's credentials last; they are taken again every so often.
        let began = (time - facts.age).div_euclid(2 * HOUR) * 2 * HOUR
            + self.stable(&["began", role, session]).between(0, HOUR);
        let began = began.min(time - facts.age.min(MINUTE));
        let key = (!matches!(channel, Channel::Autoscaling)).then(|| {
            if is_task(session) {
                return self.task_key(role, session);
            }
            let (day, hour) = ((began / DAY).to_string(), (began % DAY / 7200).to_string());
            self.stable(&["session key", role, session, &day, &hour]).credential("ASIA")
        });
        let mut context = Object::new();
        context.member(
            "sessionIssuer",
            &object! {
                "type": "Role",
                "principalId": id,
                "arn": format!("arn:aws:iam::{account}:role/{}{role}", facts.path),
                "accountId": account,
                "userName": role,
            },
        );
        if let Some(provider) = facts.web_identity {
            let data =
                object! { "federatedProvider": provider, "attributes": Json::verbatim("{}") };
            context.member("webIdFederationData", &data);
        } else if facts.bare {
            context.member("webIdFederationData", &Json::verbatim("{}"));
        }
        context
            .member("attributes", &attributes(began, facts.multi_factor))
            .member("sourceIdentity", &facts.source_identity)
            .member("ec2RoleDelivery", &facts.delivery);
        let identity = object! {
            "type": "AssumedRole",
            "principalId": format!("{id}:{session}"),
            "arn": arn,
            "accountId": account,
            "accessKeyId": key,
            "sessionContext": context.end(),
            "invokedBy": facts.invoked_by,
            "onBehalfOf": facts.on_behalf_of,
        };
        Caller { address, ..plain(identity, arn, "", &agent, channel) }
    }
}

/// Returns `sessionContext.attributes`.
pub(crate) fn attributes(began: i64, multi_factor: bool) -> Json {
    object! {
        "creationDate": iso(began),
        "mfaAuthenticated": if multi_factor { "true" } else { "false" },
    }
}

/// A caller from its rendered identity, over TLS and not from the console.
pub(crate) fn plain(
    identity: Json,
    arn: String,
    address: &str,
    agent: &str,
    channel: Channel,
) -> Caller {
    Caller {
        identity,
        arn,
        address: address.to_owned(),
        agent: agent.to_owned(),
        channel,
        console: false,
        encrypted: true,
        old_cipher: 12,
        endpoint: None,
    }
}

/// A service that calls in its own name.
pub(crate) fn service(host: &str) -> Caller {
    let identity = object! { "type": "AWSService", "invokedBy": host };
    Caller { encrypted: false, ..plain(identity, host.to_owned(), host, host, Channel::Service) }
}

/// A service that records an event of its own; its identity is an account and a host, no more.
pub(crate) fn service_event(account: &str, source: &str) -> Caller {
    let host = format!("{source}.amazonaws.com");
    let identity = object! { "accountId": account, "invokedBy": host };
    Caller { identity, ..service(&host) }
}

/// Returns whether a session is named by the id of a task.
fn is_task(session: &str) -> bool {
    session.len() == 32 && session.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn address_of(person: &str) -> String {
    let known = PEOPLE.iter().find(|(name, _)| *name == person);
    known.map_or("203.0.113.200", |(_, address)| address).to_owned()
}
