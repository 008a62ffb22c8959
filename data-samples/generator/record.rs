//! One CloudTrail record: a call, who made it, and what it looks like in a log file.

use std::borrow::Cow;

use crate::calendar::iso;
use crate::callers::{Caller, Channel};
use crate::json::{Json, Object, object};
use crate::random::Random;

pub(crate) const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// One call to an API, before it is known who made it.
pub(crate) struct Call {
    source: &'static str,
    name: Cow<'static, str>,
    request: Json,
    response: Json,
    error: Option<(&'static str, String)>,
    read_only: bool,
    resources: Option<Json>,
    additional: Option<Json>,
    details: Option<Json>,
    kind: &'static str,
    api_version: Option<&'static str>,
    host: Option<String>,
    data: bool,
    shared: Option<String>,
}

impl Call {
    /// A call to a service, named by the first part of its host; its name tells whether it reads.
    pub(crate) fn new(source: &'static str, name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        let reads = ["Get", "List", "Describe", "Discover", "Head", "Batch", "Decrypt"];
        Self {
            source,
            read_only: reads.iter().any(|verb| name.starts_with(verb)),
            name,
            request: Json::null(),
            response: Json::null(),
            error: None,
            resources: None,
            additional: None,
            details: None,
            kind: "AwsApiCall",
            api_version: None,
            host: None,
            data: false,
            shared: None,
        }
    }

    /// A call to ECS.
    pub(crate) fn ecs(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new("ecs", name)
    }

    pub(crate) fn request(mut self, request: Json) -> Self {
        self.request = request;
        self
    }

    pub(crate) fn response(mut self, response: Json) -> Self {
        self.response = response;
        self
    }

    /// Makes the call fail: request and response are not shown then.
    pub(crate) fn fails(mut self, code: &'static str, message: impl Into<String>) -> Self {
        self.error = Some((code, message.into()));
        self.request = Json::null();
        self.response = Json::null();
        self
    }

    /// Makes the call be denied to a caller.
    pub(crate) fn denied(self, caller: &Caller, action: &str, resource: &str) -> Self {
        let message = format!(
            "User: {} is not authorized to perform: {action} on resource: {resource} because no \
             identity-based policy allows the {action} action",
            caller.arn
        );
        self.fails("AccessDenied", message)
    }

    pub(crate) fn reads(mut self) -> Self {
        self.read_only = true;
        self
    }

    pub(crate) fn writes(mut self) -> Self {
        self.read_only = false;
        self
    }

    pub(crate) fn resources(mut self, resources: &[Json]) -> Self {
        let mut object = Object::new();
        object.member("resources", resources);
        let text = object.end();
        let list = text.text().trim_start_matches("{\"resources\":");
        self.resources = Some(Json::verbatim(&list[..list.len() - 1]));
        self
    }

    pub(crate) fn additional(mut self, data: Json) -> Self {
        self.additional = Some(data);
        self
    }

    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn details(mut self, details: Json) -> Self {
        self.details = Some(details);
        self.kind = "AwsServiceEvent";
        self
    }

    pub(crate) fn api_version(mut self, version: &'static str) -> Self {
        self.api_version = Some(version);
        self
    }

    /// Names the host that was called, where it is not `<source>.<region>.amazonaws.com`.
    pub(crate) fn host(mut self, host: String) -> Self {
        self.host = Some(host);
        self
    }

    /// Makes it a data event.
    pub(crate) fn data(mut self) -> Self {
        self.data = true;
        self
    }

    pub(crate) fn shared(mut self, id: String) -> Self {
        self.shared = Some(id);
        self
    }
}

/// Returns an element of `resources`.
pub(crate) fn resource(arn: &str, kind: &str, account: Option<&str>) -> Json {
    object! { "accountId": account, "type": kind, "ARN": arn }
}

/// A finished record, and what is counted of it.
pub(crate) struct Record {
    pub(crate) time: i64,
    pub(crate) source: &'static str,
    pub(crate) name: Cow<'static, str>,
    pub(crate) error: Option<&'static str>,
    pub(crate) channel: Channel,
    pub(crate) id: String,
    pub(crate) text: String,
}

impl Record {
    /// Returns whether the record is of ECS.
    pub(crate) fn is_ecs(&self) -> bool {
        self.source == "ecs"
    }

    /// Writes the record of a call.
    pub(crate) fn new(
        call: Call,
        caller: &Caller,
        (account, region): (&str, &str),
        time: i64,
        random: &mut Random,
    ) -> Self {
        let id = random.guid();
        let version = event_version(&call, caller, random);
        let mut record = Object::new();
        record
            .member("eventVersion", version)
            .member("userIdentity", &caller.identity)
            .member("eventTime", &iso(time))
            .member("eventSource", &format!("{}.amazonaws.com", call.source))
            .member("eventName", &*call.name)
            .member("awsRegion", region)
            .member("sourceIPAddress", &caller.address)
            .member("userAgent", &user_agent(&call, caller));
        if let Some((code, message)) = &call.error {
            record.member("errorCode", *code).member("errorMessage", message);
        }
        record
            .member("requestParameters", &call.request)
            .member("responseElements", &call.response)
            .member("additionalEventData", &call.additional);
        if call.kind == "AwsApiCall" {
            let request_id = if call.source == "s3" { random.upper(16) } else { random.guid() };
            record.member("requestID", &request_id);
        }
        record
            .member("eventID", &id)
            .member("readOnly", &call.read_only)
            .member("resources", &call.resources)
            .member("eventType", call.kind)
            .member("apiVersion", &call.api_version)
            .member("managementEvent", &!call.data)
            .member("recipientAccountId", account)
            .member("serviceEventDetails", &call.details)
            .member("sharedEventID", &call.shared);
        if let Some(endpoint) = &caller.endpoint {
            record.member("vpcEndpointId", endpoint).member("vpcEndpointAccountId", account);
        }
        record.member("eventCategory", if call.data { "Data" } else { "Management" });
        if caller.encrypted && call.kind == "AwsApiCall" {
            let host =
                call.host.unwrap_or_else(|| format!("{}.{region}.amazonaws.com", call.source));
            let old = random.chance(caller.old_cipher);
            record.member(
                "tlsDetails",
                &object! {
                    "tlsVersion": if old { "TLSv1.2" } else { "TLSv1.3" },
                    "cipherSuite":
                        if old { "ECDHE-RSA-AES128-GCM-SHA256" } else { "TLS_AES_128_GCM_SHA256" },
                    "clientProvidedHostHeader": host,
                    "keyExchange": (version == "1.11" && !old && call.source != "s3")
                        .then_some(if caller.old_cipher < 10 { "X25519MLKEM768" } else { "x25519" }),
                },
            );
        }
        record.member("sessionCredentialFromConsole", &caller.console.then_some("true"));
        let mut text = record.end().text().to_owned();
        if random.chance(6) {
            // The narrow no-break space that newer Java runtimes write.
            text = text.replace(" AM\"", "\u{202f}AM\"").replace(" PM\"", "\u{202f}PM\"");
        }
        Self {
            time,
            source: call.source,
            name: call.name,
            error: call.error.map(|(code, _)| code),
            channel: caller.channel,
            id,
            text,
        }
    }
}

const ECS_VERSIONS: [(u64, &str); 3] = [(88, "1.11"), (8, "1.10"), (4, "1.09")];

fn event_version(call: &Call, caller: &Caller, random: &mut Random) -> &'static str {
    match call.source {
        "ecs" if caller.channel == Channel::Agent => "1.09",
        "ecs" => random.weighted::<&str>(&ECS_VERSIONS),
        "s3" | "kms" | "secretsmanager" | "elasticloadbalancing" | "dynamodb" => "1.11",
        "ec2" | "iam" | "autoscaling" | "ssm" | "application-autoscaling" => "1.10",
        "lambda" | "cloudformation" | "codedeploy" => "1.09",
        _ => "1.08",
    }
}

/// Fills in what a user agent tells of the call: `$api` and `$command`.
fn user_agent(call: &Call, caller: &Caller) -> String {
    if !caller.agent.contains('$') {
        return caller.agent.clone();
    }
    let mut command = String::with_capacity(40);
    for letter in call.name.chars() {
        if letter.is_ascii_uppercase() && !command.is_empty() {
            command.push('-');
        }
        command.push(letter.to_ascii_lowercase());
    }
    caller
        .agent
        .replace("$api", call.source)
        .replace("$command", &format!("{}.{command}", call.source))
}
