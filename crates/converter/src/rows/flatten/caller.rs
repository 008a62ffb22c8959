//! From a record's slots to the columns about its caller: whose call it is, who is behind it, how it
//! came.

use std::borrow::Cow;

use super::{
    actor::Caller, channel::Signals, derive::Record, person::Credentials, slots::parse_boolean,
};
use crate::trail::account_of;

impl<'a> Record<'a> {
    pub(super) fn role_session_name(&self, column: usize) -> Option<Cow<'a, str>> {
        let [kind, principal_id] = self.referred(column);
        let principal_id = principal_id.filter(|_| kind.as_deref() == Some("AssumedRole"))?;
        principal_id.split_once(':').map(|(_, session)| Cow::Owned(session.to_owned()))
    }

    pub(super) fn account(&self, column: usize) -> Option<Cow<'a, str>> {
        let [recipient, source_file, caller] = self.referred(column);
        let source_file = source_file.unwrap_or_default();
        let account = account_of(recipient.as_deref(), &source_file, caller.as_deref());
        account.map(|account| Cow::Owned(account.to_owned()))
    }

    pub(super) fn person(&self, column: usize) -> Option<Cow<'a, str>> {
        let [
            kind,
            user_name,
            arn,
            principal_id,
            issuer_name,
            source_identity,
            on_behalf_of,
            web_id_provider,
            user_agent,
        ] = self.referred(column);
        let credentials = Credentials {
            kind: kind.as_deref(),
            user_name: user_name.as_deref(),
            arn: arn.as_deref(),
            principal_id: principal_id.as_deref(),
            issuer_name: issuer_name.as_deref(),
            source_identity: source_identity.as_deref(),
            on_behalf_of: on_behalf_of.as_deref(),
            web_id_provider: web_id_provider.as_deref(),
            user_agent: user_agent.as_deref(),
        };
        credentials.person().map(|person| Cow::Owned(person.to_owned()))
    }

    pub(super) fn actor_group(&self, column: usize) -> Option<Cow<'a, str>> {
        let [kind, arn, principal_id, issuer_name, actor] = self.referred(column);
        let credentials = Credentials {
            kind: kind.as_deref(),
            arn: arn.as_deref(),
            principal_id: principal_id.as_deref(),
            issuer_name: issuer_name.as_deref(),
            ..Credentials::default()
        };
        let role = credentials.role_of_varying_sessions();
        role.map(|role| Cow::Owned(format!("{role}/*"))).or(actor)
    }

    pub(super) fn actor(&self, column: usize) -> Option<Cow<'a, str>> {
        let [
            kind,
            user_name,
            arn,
            principal_id,
            issuer_name,
            invoked_by,
            on_behalf_of,
            account_id,
            source_ip_address,
        ] = self.referred(column);
        let caller = Caller {
            kind: kind.as_deref(),
            user_name: user_name.as_deref(),
            arn: arn.as_deref(),
            principal_id: principal_id.as_deref(),
            issuer_name: issuer_name.as_deref(),
            invoked_by: invoked_by.as_deref(),
            on_behalf_of: on_behalf_of.as_deref(),
            account_id: account_id.as_deref(),
            source_ip_address: source_ip_address.as_deref(),
        };
        caller.actor().map(Cow::Owned)
    }

    pub(super) fn channel(&self, column: usize) -> &'static str {
        let [
            user_agent,
            invoked_by,
            source_ip_address,
            from_console,
            event_type,
            identity_type,
            issuer_name,
            role_session_name,
            web_id_provider,
        ] = self.referred(column);
        let signals = Signals {
            user_agent: user_agent.as_deref(),
            invoked_by: invoked_by.as_deref(),
            source_ip_address: source_ip_address.as_deref(),
            from_console: from_console.as_deref().and_then(parse_boolean) == Some(true),
            event_type: event_type.as_deref(),
            identity_type: identity_type.as_deref(),
            issuer_name: issuer_name.as_deref(),
            role_session_name: role_session_name.as_deref(),
            web_id_provider: web_id_provider.as_deref(),
        };
        signals.channel()
    }
}
