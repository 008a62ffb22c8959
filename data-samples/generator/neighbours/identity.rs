//! Credentials, keys and secrets: sts, kms, secretsmanager, ssm, iam, signin.

use super::Scene;
use crate::calendar::{HOUR, shown};
use crate::json::{Json, object};
use crate::record::{Call, HIDDEN, resource};

impl Scene<'_> {
    /// The task gets its role's credentials; asked for by ecs-tasks.
    pub(crate) fn assume_task_role(&mut self, role: &str) -> Call {
        let (world, task) = (self.world, self.task);
        let arn = world.role_arn(role);
        let response = object! {
            "credentials": object! {
                "accessKeyId": world.task_key(role, task),
                "sessionToken": self.random.base64(96),
                "expiration": shown(self.time + 6 * HOUR),
            },
            "assumedRoleUser": object! {
                "assumedRoleId": format!("{}:{task}", world.role_id(role)),
                "arn": format!("arn:aws:sts::{}:assumed-role/{role}/{task}", world.account),
            },
        };
        Call::new("sts", "AssumeRole")
            .reads()
            .request(object! {
                "roleArn": arn,
                "roleSessionName": task,
                "durationSeconds": 21_600,
            })
            .response(response)
            .resources(&[resource(&arn, "AWS::IAM::Role", Some(&world.account))])
            .shared(self.random.guid())
    }

    /// A pipeline outside of AWS trades its token for a role.
    pub(crate) fn assume_by_web_identity(&mut self, role: &str, session: &str) -> Call {
        let world = self.world;
        let arn = world.role_arn(role);
        Call::new("sts", "AssumeRoleWithWebIdentity")
            .reads()
            .request(object! {
                "roleArn": arn,
                "roleSessionName": session,
                "durationSeconds": 3600,
            })
            .response(object! {
                "subjectFromWebIdentityToken": "repo:example-shop/shop:ref:refs/heads/main",
                "assumedRoleUser": object! {
                    "assumedRoleId": format!("{}:{session}", world.role_id(role)),
                    "arn": format!("arn:aws:sts::{}:assumed-role/{role}/{session}", world.account),
                },
                "credentials": object! {
                    "accessKeyId": self.random.credential("ASIA"),
                    "sessionToken": self.random.base64(96),
                    "expiration": shown(self.time + HOUR),
                },
                "provider": format!(
                    "arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com",
                    world.account
                ),
                "audience": "sts.amazonaws.com",
            })
            .resources(&[resource(&arn, "AWS::IAM::Role", Some(&world.account))])
    }

    pub(crate) fn caller_identity(&mut self) -> Call {
        Call::new("sts", "GetCallerIdentity")
            .host(format!("sts.{}.amazonaws.com", self.world.region))
    }

    /// The execution role opens a secret's key before the task starts.
    pub(crate) fn decrypt(&mut self) -> Call {
        let secret = self.world.secret_arn(&self.service.name);
        let version = self.world.stable(&["secret version", &self.service.name]).guid();
        Call::new("kms", "Decrypt")
            .request(object! {
                "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
                "encryptionContext":
                    object! { "SecretARN": secret, "SecretVersionId": version },
            })
            .resources(&[resource(
                &self.world.key_arn(),
                "AWS::KMS::Key",
                Some(&self.world.account),
            )])
            .additional(object! { "keyMaterialId": self.world.stable(&["key material"]).hex(64) })
    }

    pub(crate) fn data_key(&mut self) -> Call {
        let object = format!("arn:aws:s3:::{}/{}", self.bucket(), self.random.hex(8));
        Call::new("kms", "GenerateDataKey")
            .reads()
            .request(object! {
                "keyId": self.world.key_arn(),
                "keySpec": "AES_256",
                "encryptionContext": object! { "aws:s3:arn": object },
            })
            .resources(&[resource(
                &self.world.key_arn(),
                "AWS::KMS::Key",
                Some(&self.world.account),
            )])
            .additional(object! { "keyMaterialId": self.world.stable(&["key material"]).hex(64) })
    }

    /// KMS turns a key over by itself: only an account and a service are named as the caller.
    pub(crate) fn rotated_key(&mut self) -> Call {
        let key = self.world.key_arn();
        Call::new("kms", "RotateKey")
            .writes()
            .resources(&[resource(&key, "AWS::KMS::Key", Some(&self.world.account))])
            .details(object! {
                "rotationType": "AUTOMATIC",
                "keyOrigin": "AWS_KMS",
                "previousKeyMaterialId": self.random.hex(64),
                "currentKeyMaterialId": self.random.hex(64),
            })
    }

    pub(crate) fn secret_value(&mut self) -> Call {
        Call::new("secretsmanager", "GetSecretValue")
            .request(object! { "secretId": self.world.secret_arn(&self.service.name) })
    }

    pub(crate) fn parameters(&mut self) -> Call {
        let name = &self.service.name;
        let parameter = self.place("ssm", &format!("parameter/{name}/feature-flags"));
        Call::new("ssm", "GetParameters")
            .request(object! {
                "names": [format!("/{name}/feature-flags"), format!("/{name}/limits")],
                "withDecryption": true,
            })
            .resources(&[object! { "accountId": self.world.account, "ARN": parameter }])
    }

    /// ECS Exec opens its channel as a session of Systems Manager.
    pub(crate) fn start_session(&mut self, cluster: &str, session: &str) -> Call {
        let runtime =
            format!("{}-{}", self.task, self.world.stable(&["runtime", self.task]).digits(10));
        Call::new("ssm", "StartSession")
            .request(object! {
                "target": format!("ecs:{cluster}_{}_{runtime}", self.task),
                "documentName": "AmazonECS-ExecuteInteractiveCommand",
                "parameters": HIDDEN,
            })
            .response(object! {
                "sessionId": session,
                "tokenValue": HIDDEN,
                "streamUrl": format!(
                    "wss://ssmmessages.{}.amazonaws.com/v1/data-channel/{session}",
                    self.world.region
                ),
            })
    }

    pub(crate) fn control_channel(&mut self) -> Call {
        Call::new("ssmmessages", "CreateControlChannel")
            .request(object! {
                "messageSchemaVersion": "1.0",
                "requestId": self.random.guid(),
            })
            .response(object! { "messageSchemaVersion": "1.0", "tokenValue": HIDDEN })
    }

    pub(crate) fn role(&mut self) -> Call {
        let role = &self.service.task_role;
        Call::new("iam", "GetRole")
            .request(object! { "roleName": role })
            .host("iam.amazonaws.com".to_owned())
    }

    pub(crate) fn role_policies(&mut self) -> Call {
        Call::new("iam", "ListAttachedRolePolicies")
            .request(object! { "roleName": self.service.task_role, "maxItems": 100 })
            .host("iam.amazonaws.com".to_owned())
    }

    pub(crate) fn changed_policy(&mut self) -> Call {
        let role = &self.service.task_role;
        let bucket = self.bucket();
        let policy = format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::{bucket}/*\"}}]}}"
        );
        Call::new("iam", "PutRolePolicy")
            .request(object! {
                "roleName": role,
                "policyName": "storage",
                "policyDocument": policy,
            })
            .host("iam.amazonaws.com".to_owned())
    }

    pub(crate) fn console_sign_in(&mut self, multi_factor: bool) -> Call {
        let region = &self.world.region;
        Call::new("signin", "ConsoleLogin")
            .kind("AwsConsoleSignIn")
            .response(object! { "ConsoleLogin": "Success" })
            .additional(object! {
                "LoginTo": format!("https://console.aws.amazon.com/ecs/v2?region={region}&state=hashArgs%23&isauthcode=true"),
                "MobileVersion": "No",
                "MFAUsed": if multi_factor { "Yes" } else { "No" },
            })
    }

    pub(crate) fn denied_secret(&mut self, caller: &crate::callers::Caller) -> Call {
        let secret = self.world.secret_arn(&self.service.name);
        self.secret_value().denied(caller, "secretsmanager:GetSecretValue", &secret)
    }

    pub(crate) fn empty() -> Json {
        Json::verbatim("{}")
    }
}
