//! The human behind a call, where the record shows one.
//!
//! Identity Center: <https://docs.aws.amazon.com/singlesignon/latest/userguide/understanding-key-concepts.html>,
//! source identity: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>.

use super::{arn, session_name::Naming};

/// Roles that Identity Center makes for its permission sets; their sessions have a user's name.
const IDENTITY_CENTER_ROLE: &str = "AWSReservedSSO_";
/// Roles that only services can assume.
const SERVICE_LINKED_ROLE: &str = "AWSServiceRole";

/// What a record says about who is behind its caller.
#[derive(Debug, Default)]
pub(super) struct Credentials<'a> {
    pub(super) kind: Option<&'a str>,
    pub(super) user_name: Option<&'a str>,
    pub(super) arn: Option<&'a str>,
    pub(super) principal_id: Option<&'a str>,
    pub(super) issuer_name: Option<&'a str>,
    pub(super) source_identity: Option<&'a str>,
    pub(super) on_behalf_of: Option<&'a str>,
    pub(super) web_id_provider: Option<&'a str>,
    pub(super) user_agent: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    /// Returns the name of the human: of a session of Identity Center, the source identity, the
    /// user that a service called on behalf of, an IAM user, or a role session whose name somebody
    /// chose. `None` for machines, and for the root user, which has no name.
    pub(super) fn person(&self) -> Option<&'a str> {
        let is_identity_center =
            self.role().is_some_and(|role| role.starts_with(IDENTITY_CENTER_ROLE));
        let of_identity_center = self.session().filter(|_| is_identity_center);
        of_identity_center
            .or_else(|| chosen(self.source_identity))
            .or_else(|| match self.kind {
                Some("IdentityCenterUser") => chosen(self.user_name).or(self.on_behalf_of),
                _ => self.on_behalf_of,
            })
            .or_else(|| match self.kind {
                Some("AssumedRole" | "Role") if !self.is_machine() => chosen(self.session()),
                Some("IAMUser" | "FederatedUser") => {
                    chosen(self.user_name).or_else(|| chosen(self.arn.map(arn::name)))
                }
                Some("SAMLUser") => chosen(self.user_name),
                Some("WebIdentityUser") => chosen(self.user_name).filter(|name| is_address(name)),
                _ => None,
            })
            .filter(|name| !name.is_empty())
    }

    /// Returns whether the session's name varies although nobody chose it, and the role is known.
    pub(super) fn role_of_varying_sessions(&self) -> Option<&'a str> {
        let role = self.role().filter(|role| !role.starts_with(IDENTITY_CENTER_ROLE))?;
        let session = self.session()?;
        (Naming::of(session) == Naming::Varying).then_some(role)
    }

    /// A session of a workload or of a pipeline, whatever it is called.
    fn is_machine(&self) -> bool {
        let is_federated_machine =
            self.web_id_provider.is_some() && !self.session().is_some_and(is_address);
        let runs_in_aws = self.user_agent.is_some_and(|agent| {
            agent.contains("exec-env/AWS_") || agent.contains("exec_env/AWS_")
        });
        is_federated_machine
            || runs_in_aws
            || self.role().is_some_and(|role| role.starts_with(SERVICE_LINKED_ROLE))
    }

    /// The role behind a session: its issuer, or as the caller's ARN names it.
    fn role(&self) -> Option<&'a str> {
        self.issuer_name.or_else(|| Some(self.role_and_session()?.0))
    }

    fn session(&self) -> Option<&'a str> {
        let of_principal =
            self.principal_id.and_then(|id| id.split_once(':')).map(|(_, name)| name);
        of_principal
            .filter(|_| matches!(self.kind, Some("AssumedRole" | "Role")))
            .or_else(|| Some(self.role_and_session()?.1))
    }

    fn role_and_session(&self) -> Option<(&'a str, &'a str)> {
        arn::resource(self.arn?)?.strip_prefix("assumed-role/")?.rsplit_once('/')
    }
}

fn chosen(name: Option<&str>) -> Option<&str> {
    name.filter(|name| Naming::of(name) == Naming::Chosen)
}

fn is_address(name: &str) -> bool {
    name.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SSO: &str = "AWSReservedSSO_AdministratorAccess_0a1b2c3d4e5f6a7b";

    fn session<'a>(role: &'a str, principal_id: &'a str) -> Credentials<'a> {
        Credentials {
            kind: Some("AssumedRole"),
            principal_id: Some(principal_id),
            issuer_name: Some(role),
            ..Credentials::default()
        }
    }

    #[test]
    fn people() {
        let sso_arn =
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0a1b2c3d4e5f6a7b/maria";
        for (credentials, person) in [
            (session(SSO, "AROAX:maria@example.com"), Some("maria@example.com")),
            (session(SSO, "AROAX:123456789012"), Some("123456789012")),
            (
                Credentials {
                    kind: Some("AssumedRole"),
                    arn: Some(sso_arn),
                    ..Credentials::default()
                },
                Some("maria"),
            ),
            (session("Admin", "AROAX:maria"), Some("maria")),
            (session("deploy", "AROAX:botocore-session-1777470000"), None),
            (session("deploy", "AROAX:0123456789abcdef0123456789abcdef"), None),
            (
                Credentials {
                    source_identity: Some("maria"),
                    ..session("deploy", "AROAX:botocore-session-1777470000")
                },
                Some("maria"),
            ),
            (
                Credentials {
                    source_identity: Some("GitHubActions"),
                    ..session("deploy", "AROAX:14512345678")
                },
                None,
            ),
            (
                Credentials {
                    web_id_provider: Some("arn:aws:iam::1:oidc-provider/oidc.eks"),
                    ..session("pods", "AROAX:checkout-reader")
                },
                None,
            ),
            (
                Credentials {
                    web_id_provider: Some("accounts.google.com"),
                    ..session("staff", "AROAX:maria@example.com")
                },
                Some("maria@example.com"),
            ),
            (
                Credentials {
                    user_agent: Some("Boto3/1.34 exec-env/AWS_Lambda_python3.12"),
                    ..session("function", "AROAX:nightly-export")
                },
                None,
            ),
            (
                Credentials {
                    user_agent: Some("aws-cli/2.27 exec-env/CloudShell"),
                    ..session("Admin", "AROAX:maria")
                },
                Some("maria"),
            ),
            (session("AWSServiceRoleForECS", "AROAX:scheduler-of-services"), None),
            (
                Credentials {
                    kind: Some("IAMUser"),
                    user_name: Some("maria"),
                    ..Credentials::default()
                },
                Some("maria"),
            ),
            (
                Credentials {
                    kind: Some("IAMUser"),
                    arn: Some("arn:aws:iam::111122223333:user/team/maria"),
                    ..Credentials::default()
                },
                Some("maria"),
            ),
            (
                Credentials {
                    kind: Some("IAMUser"),
                    user_name: Some("HIDDEN_DUE_TO_SECURITY_REASONS"),
                    ..Credentials::default()
                },
                None,
            ),
            (
                Credentials {
                    kind: Some("FederatedUser"),
                    arn: Some("arn:aws:sts::111122223333:federated-user/bob"),
                    ..Credentials::default()
                },
                Some("bob"),
            ),
            (
                Credentials {
                    kind: Some("IdentityCenterUser"),
                    on_behalf_of: Some("94d8c418"),
                    ..Credentials::default()
                },
                Some("94d8c418"),
            ),
            (
                Credentials {
                    kind: Some("WebIdentityUser"),
                    user_name: Some("system:serviceaccount:prod:checkout"),
                    ..Credentials::default()
                },
                None,
            ),
            (Credentials { kind: Some("Root"), ..Credentials::default() }, None),
            (Credentials { kind: Some("AWSService"), ..Credentials::default() }, None),
            (Credentials::default(), None),
        ] {
            assert_eq!(credentials.person(), person, "{credentials:?}");
        }
    }

    #[test]
    fn sessions_that_are_put_together_by_their_role() {
        for (role, principal_id, expected) in [
            ("task-role", "AROAX:0123456789abcdef0123456789abcdef", Some("task-role")),
            ("task-role", "AROAX:c5cba4eb-5dad-405e-96db-71ef8eefe6a8", Some("task-role")),
            ("deploy", "AROAX:GitHubActions", None),
            ("Admin", "AROAX:maria", None),
            (SSO, "AROAX:123456789012", None),
        ] {
            let credentials = session(role, principal_id);
            assert_eq!(credentials.role_of_varying_sessions(), expected, "{credentials:?}");
        }
    }
}
