//! Who called, in short.
//!
//! Kinds of callers: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>.

use super::arn;

/// What a record says about its caller.
#[derive(Debug, Default)]
pub(super) struct Caller<'a> {
    pub(super) kind: Option<&'a str>,
    pub(super) user_name: Option<&'a str>,
    pub(super) arn: Option<&'a str>,
    pub(super) principal_id: Option<&'a str>,
    pub(super) issuer_name: Option<&'a str>,
    pub(super) invoked_by: Option<&'a str>,
    pub(super) on_behalf_of: Option<&'a str>,
    pub(super) account_id: Option<&'a str>,
    pub(super) source_ip_address: Option<&'a str>,
}

impl Caller<'_> {
    /// Returns `root`, a user's name, `role/session`, a service's host, an account, or `None` if
    /// the record does not say.
    pub(super) fn actor(&self) -> Option<String> {
        let known = match self.kind {
            Some("Root") => Some("root".to_owned()),
            Some("AssumedRole" | "Role") => self.role_and_session(),
            Some("AWSService") => self.invoked_by.map(str::to_owned),
            Some("AWSAccount") => self.account_id.map(str::to_owned),
            Some("IdentityCenterUser") => self.user_name.or(self.on_behalf_of).map(str::to_owned),
            _ => None,
        };
        let host = || {
            self.source_ip_address.filter(|address| arn::service_of_host(Some(address)).is_some())
        };
        let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        known
            .or_else(|| given(self.user_name))
            .or_else(|| given(self.arn.map(arn::name)))
            .or_else(|| given(self.principal_id))
            .or_else(|| given(self.invoked_by))
            .or_else(|| given(host()))
            .or_else(|| given(self.account_id))
    }

    fn role_and_session(&self) -> Option<String> {
        let of_arn = self
            .arn
            .and_then(arn::resource)
            .and_then(|resource| resource.strip_prefix("assumed-role/"));
        let session =
            self.principal_id.and_then(|id| id.split_once(':')).map(|(_, session)| session);
        match (of_arn, self.issuer_name, session) {
            (Some(role_and_session), _, _) => Some(role_and_session.to_owned()),
            (None, Some(role), Some(session)) => Some(format!("{role}/{session}")),
            (None, Some(role), None) => Some(role.to_owned()),
            (None, None, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors() {
        let none = Caller::default;
        for (caller, actor) in [
            (
                Caller {
                    kind: Some("Root"),
                    arn: Some("arn:aws:iam::111122223333:root"),
                    ..none()
                },
                Some("root"),
            ),
            (Caller { kind: Some("IAMUser"), user_name: Some("maria"), ..none() }, Some("maria")),
            (
                Caller {
                    kind: Some("IAMUser"),
                    arn: Some("arn:aws:iam::111122223333:user/team/maria"),
                    ..none()
                },
                Some("maria"),
            ),
            (
                Caller {
                    kind: Some("AssumedRole"),
                    arn: Some("arn:aws:sts::111122223333:assumed-role/Admin/maria@example.com"),
                    ..none()
                },
                Some("Admin/maria@example.com"),
            ),
            (
                Caller {
                    kind: Some("AssumedRole"),
                    arn: Some("arn:aws:sts::123456789012:user/Mary_Major"),
                    principal_id: Some("AIDACKCEVSQ6C2EXAMPLE:account_name"),
                    issuer_name: Some("Mary_Major"),
                    ..none()
                },
                Some("Mary_Major/account_name"),
            ),
            (
                Caller {
                    kind: Some("FederatedUser"),
                    arn: Some("arn:aws:sts::111122223333:federated-user/Bob"),
                    ..none()
                },
                Some("Bob"),
            ),
            (
                Caller {
                    kind: Some("AWSService"),
                    invoked_by: Some("ecs-tasks.amazonaws.com"),
                    ..none()
                },
                Some("ecs-tasks.amazonaws.com"),
            ),
            (
                Caller {
                    kind: Some("AWSAccount"),
                    account_id: Some("444455556666"),
                    principal_id: Some("AIDAX"),
                    ..none()
                },
                Some("444455556666"),
            ),
            (
                Caller { kind: Some("IdentityCenterUser"), on_behalf_of: Some("94d8"), ..none() },
                Some("94d8"),
            ),
            (
                Caller {
                    account_id: Some("111122223333"),
                    invoked_by: Some("ec2.amazonaws.com"),
                    ..none()
                },
                Some("ec2.amazonaws.com"),
            ),
            (Caller { source_ip_address: Some("192.0.2.1"), ..none() }, None),
            (none(), None),
        ] {
            assert_eq!(caller.actor().as_deref(), actor, "{caller:?}");
        }
    }
}
