//! The ways in: web identity, SAML, federation, Identity Center, root, other accounts.

use super::Tale;
use crate::calendar::{HOUR, MINUTE, shown};
use crate::callers::{Caller, Channel, Who, attributes, plain, service, service_event};
use crate::json::{Json, object};
use crate::record::{Call, resource};

const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:138.0) Gecko/20100101 Firefox/138.0";

/// Someone known only by the token of an identity provider.
pub(super) fn web_identity(tale: &mut Tale<'_>, provider: &str, subject: &str) -> Caller {
    let identity = object! {
        "type": "WebIdentityUser",
        "principalId": format!(
            "arn:aws:iam::{}:oidc-provider/{provider}:sts.amazonaws.com:{subject}",
            tale.world.account
        ),
        "userName": subject,
        "identityProvider":
            format!("arn:aws:iam::{}:oidc-provider/{provider}", tale.world.account),
    };
    let agent = "aws-sdk-nodejs/2.1396.0 linux/v20.19.1 configure-aws-credentials-for-github-actions promise";
    let address = format!("198.51.100.{}", tale.random.between(180, 250));
    plain(identity, subject.to_owned(), &address, agent, Channel::GitHub)
}

/// Root at the sign-in page: the access key is there, but empty.
pub(super) fn root_signs_in(tale: &mut Tale<'_>) -> Caller {
    let account = &tale.world.account;
    let arn = format!("arn:aws:iam::{account}:root");
    let identity = object! {
        "type": "Root",
        "principalId": account,
        "arn": arn,
        "accountId": account,
        "accessKeyId": "",
    };
    let mut caller = plain(identity, arn, "203.0.113.150", BROWSER, Channel::Console);
    caller.encrypted = false;
    caller
}

/// SAML, a federated user, an Identity Center user, an IAM user in the console.
pub(super) fn many_ways_in(tale: &mut Tale<'_>) {
    let about = ("production", "storefront");
    tale.about(about.0, about.1);
    let account = tale.world.account.clone();
    let provider = format!("arn:aws:iam::{account}:saml-provider/ExampleCorp");
    let identity = object! {
        "type": "SAMLUser",
        "principalId": format!("{}:mateo@example.com", tale.random.base64(27)),
        "userName": "mateo@example.com",
        "identityProvider": provider,
    };
    let saml =
        plain(identity, "mateo@example.com".to_owned(), "203.0.113.131", BROWSER, Channel::Console);
    let role = tale.world.role_arn("Operations");
    let call = Call::new("sts", "AssumeRoleWithSAML")
        .reads()
        .request(object! {
            "sAMLAssertionID": format!("_{}", tale.random.guid()),
            "roleSessionName": "mateo@example.com",
            "durationSeconds": 3600,
            "roleArn": role,
            "principalArn": provider,
        })
        .response(object! {
            "credentials": object! {
                "accessKeyId": tale.random.credential("ASIA"),
                "sessionToken": tale.random.base64(96),
                "expiration": shown(tale.clock + HOUR),
            },
            "assumedRoleUser": object! {
                "assumedRoleId": format!("{}:mateo@example.com", tale.world.role_id("Operations")),
                "arn": format!("arn:aws:sts::{account}:assumed-role/Operations/mateo@example.com"),
            },
            "issuer": "https://sign-in.example.com/saml",
            "nameQualifier": tale.random.base64(27),
            "audience": "https://signin.aws.amazon.com/saml",
            "subject": "mateo@example.com",
            "subjectType": "persistent",
        })
        .resources(&[resource(&role, "AWS::IAM::Role", Some(&account))]);
    tale.call_as(&saml, call, "a SAML user takes a role");
    let mut operator = tale.world.role_session(
        ("Operations", "mateo@example.com"),
        tale.clock,
        "203.0.113.131",
        (BROWSER, Channel::Console),
        Some("mateo"),
    );
    operator.console = true;
    let call = Call::ecs("DescribeClusters")
        .request(object! { "clusters": [about.0], "include": ["SETTINGS", "TAGS"] });
    tale.call_as(&operator, call, "and looks at the cluster");

    let began = tale.clock - 30 * MINUTE;
    let arn = format!("arn:aws:sts::{account}:federated-user/ana");
    let issuer = object! {
        "type": "IAMUser",
        "principalId": tale.world.stable_in_account(&["user", "broker"]).credential("AIDA"),
        "arn": format!("arn:aws:iam::{account}:user/broker"),
        "accountId": account,
        "userName": "broker",
    };
    let identity = object! {
        "type": "FederatedUser",
        "principalId": format!("{account}:ana"),
        "arn": arn,
        "accountId": account,
        "accessKeyId": tale.random.credential("ASIA"),
        "sessionContext": object! {
            "sessionIssuer": issuer,
            "webIdFederationData": Json::verbatim("{}"),
            "attributes": attributes(began, false),
        },
    };
    let federated = plain(
        identity,
        arn,
        "203.0.113.132",
        "aws-sdk-java/1.12.782 Linux/5.10.233 OpenJDK_64-Bit_Server_VM/17.0.14+7-LTS java/17.0.14 vendor/Amazon.com_Inc. cfg/retry-mode/legacy",
        Channel::Sdk,
    );
    let call =
        Call::ecs("ListServices").request(object! { "cluster": about.0, "launchType": "FARGATE" });
    tale.call_as(&federated, call, "a federated user lists services");

    let store = "arn:aws:identitystore::111122223333:identitystore/d-9067000000";
    let user = tale.random.guid();
    let identity = object! {
        "type": "IdentityCenterUser",
        "accountId": account,
        "onBehalfOf": object! { "userId": user, "identityStoreArn": store },
        "credentialId": tale.random.guid(),
    };
    let center = plain(identity, user.clone(), "203.0.113.133", BROWSER, Channel::Console);
    let call = Call::ecs("DescribeServices")
        .request(object! { "cluster": about.0, "services": [about.1] });
    tale.call_as(&center, call, "an Identity Center user reads a service");

    let arn = format!("arn:aws:iam::{account}:user/arnav");
    let identity = object! {
        "type": "IAMUser",
        "principalId": tale.world.stable_in_account(&["user", "arnav"]).credential("AIDA"),
        "arn": arn,
        "accountId": account,
        "accessKeyId": tale.random.credential("ASIA"),
        "userName": "arnav",
        "sessionContext": object! {
            "sessionIssuer": Json::verbatim("{}"),
            "webIdFederationData": Json::verbatim("{}"),
            "attributes": attributes(began, false),
        },
    };
    let mut person =
        plain(identity, arn, "203.0.113.134", "console.amazonaws.com", Channel::Console);
    person.console = true;
    let call = Call::ecs("ListClusters").request(object! { "maxResults": 100 });
    tale.call_as(&person, call, "an IAM user lists clusters in the console");

    let call = Call::ecs("DescribeClusters").request(object! {
        "clusters": [tale.world.cluster_arn(about.0)],
        "include": ["SETTINGS", "TAGS"],
    });
    tale.call_as(&service("config.amazonaws.com"), call, "Config takes stock");
    let call = tale.beside(about, "", |scene| scene.expired_image());
    tale.call_as(&service_event(&account, "ecr"), call, "the registry removes an image by itself");
    tale.fact(
        "identity_types",
        &[
            "SAMLUser",
            "AssumedRole",
            "FederatedUser",
            "IdentityCenterUser",
            "IAMUser",
            "AWSService",
        ],
    );
}

/// Another account takes a role here; a second call is made by it directly, and denied.
pub(super) fn cross_account(tale: &mut Tale<'_>) {
    let name = tale.cast[0].clone();
    let about = ("production", name.as_str());
    tale.about(about.0, about.1);
    let account = tale.world.account.clone();
    let other = if account == "111122223333" { "444455556666" } else { "111122223333" };
    let principal = format!("{}:auditor", tale.random.credential("AROA"));
    let identity = object! {
        "type": "AWSAccount",
        "principalId": principal,
        "accountId": other,
    };
    let agent = "Boto3/1.38.23 md/Botocore#1.38.23 ua/2.1 os/linux#6.1.134 md/arch#x86_64 lang/python#3.12.9 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.38.23";
    let arn = format!("arn:aws:sts::{other}:assumed-role/AuditCollector/auditor");
    let stranger = plain(identity, arn.clone(), "192.0.2.180", agent, Channel::Sdk);
    let role = tale.world.role_arn("AuditFromOutside");
    let call = Call::new("sts", "AssumeRole")
        .reads()
        .request(object! {
            "roleArn": role,
            "roleSessionName": "auditor",
            "externalId": tale.random.guid(),
            "durationSeconds": 3600,
        })
        .response(object! {
            "credentials": object! {
                "accessKeyId": tale.random.credential("ASIA"),
                "sessionToken": tale.random.base64(96),
                "expiration": shown(tale.clock + HOUR),
            },
            "assumedRoleUser": object! {
                "assumedRoleId": format!("{}:auditor", tale.world.role_id("AuditFromOutside")),
                "arn": format!("arn:aws:sts::{account}:assumed-role/AuditFromOutside/auditor"),
            },
        })
        .resources(&[resource(&role, "AWS::IAM::Role", Some(&account))])
        .shared(tale.random.guid());
    tale.call_as(&stranger, call, "an account from outside takes a role");
    let auditor = tale.world.role_session(
        ("AuditFromOutside", "auditor"),
        tale.clock,
        "192.0.2.180",
        (agent, Channel::Sdk),
        None,
    );
    let call = Call::ecs("DescribeServices")
        .request(object! { "cluster": about.0, "services": [about.1] });
    tale.call_as(&auditor, call, "and reads a service with it");
    let resource = tale.world.cluster_arn(about.0);
    let call = Call::ecs("ListTagsForResource")
        .fails("AccessDenied", format!("User: {arn} is not authorized to perform: ecs:ListTagsForResource on resource: {resource} because no resource-based policy allows the ecs:ListTagsForResource action"))
        .shared(tale.random.guid());
    tale.call_as(&stranger, call, "a call made directly by the other account is denied");
    let call = tale.beside(about, "", |scene| scene.caller_identity());
    tale.call(Who::Python("AuditCollector", "auditor"), call, "the audit goes on");
    tale.fact("other_account", other);
}
