//! From a record's slots to the values of its row, by the rule of each column.

use std::borrow::Cow;

use super::{
    Provenance,
    actor::Caller,
    arn,
    channel::Signals,
    columns::ColumnBuilder,
    plan::{Plan, Source},
    slots::{Slots, parse_boolean},
};
use crate::{COLUMNS, Kind, Rule, SelectedRow, json::unescape, time::parse_event_time};

/// How IAM words a denial, before the action; the resource follows after ` on resource: `.
const NOT_AUTHORIZED: &str = "is not authorized to perform: ";

/// A record, walked.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) plan: &'static Plan,
    pub(super) text: &'a str,
    pub(super) slots: &'a Slots,
    pub(super) selected: &'a SelectedRow<'a>,
    pub(super) provenance: Provenance<'a>,
    pub(super) unmapped: Option<&'a str>,
}

impl<'a> Record<'a> {
    /// Appends the record's value of a column.
    pub(super) fn append(&self, column: usize, builder: &mut ColumnBuilder) {
        match builder {
            ColumnBuilder::Text(builder) => builder.append_option(self.text_of(column)),
            ColumnBuilder::Boolean(builder) => builder.append_option(self.boolean_of(column)),
            ColumnBuilder::Integer(builder) => builder.append_option(self.integer_of(column)),
            ColumnBuilder::Long(builder) => builder.append_option(self.long_of(column)),
            ColumnBuilder::Timestamp(builder) => {
                builder.append_option(
                    self.token_of(column).and_then(|token| parse_event_time(&unescape(token).0)),
                );
            }
            ColumnBuilder::TextList(builder) => {
                let list = self.list_of(column);
                builder.append_option((!list.is_empty()).then_some(list));
            }
            ColumnBuilder::IntegerList(builder) => {
                let list = self.integers_of(column);
                builder.append_option((!list.is_empty()).then_some(list));
            }
            ColumnBuilder::TextMap(builder) => self.append_tags(column, builder),
        }
    }

    /// The token on which the best source agrees.
    fn token_of(&self, column: usize) -> Option<&'a str> {
        self.slots.best(self.text, column)
    }

    pub(super) fn sources(&self, column: usize) -> impl Iterator<Item = Source> + use<> {
        self.plan.sources[column].iter().copied()
    }

    fn text_of(&self, column: usize) -> Option<Cow<'a, str>> {
        let rule = COLUMNS[column].rule;
        match rule {
            Rule::Json | Rule::JsonOrNull => self.token_of(column).map(Cow::Borrowed),
            Rule::Unmapped => self.unmapped.map(Cow::Borrowed),
            Rule::SourceFile => Some(Cow::Borrowed(self.provenance.source_file)),
            Rule::Name => self.part_of(column, |text| Some(arn::name(text))),
            Rule::Family => self.part_of(column, |text| Some(arn::family(text))),
            Rule::Cluster => self.part_of(column, arn::cluster),
            Rule::RoleSessionName => self.role_session_name(column),
            Rule::DeniedAction => self.denied(column, NOT_AUTHORIZED),
            Rule::DeniedResource => self.denied(column, " on resource: "),
            Rule::Actor => self.actor(column),
            Rule::Channel => Some(Cow::Borrowed(self.channel(column))),
            _ => self.token_of(column).map(|token| unescape(token).0),
        }
    }

    /// A part of the texts of the first source that has any such part, if they agree on it.
    fn part_of(&self, column: usize, part: fn(&str) -> Option<&str>) -> Option<Cow<'a, str>> {
        for source in self.sources(column) {
            let texts = match source {
                Source::Column(other) => self.texts_of(other),
                Source::Record(rank) => {
                    self.tokens(column, rank).flatten().map(|token| unescape(token).0).collect()
                }
            };
            let Some(first) = texts.first() else { continue };
            let Some(found) = part(first) else { continue };
            if texts.iter().any(|text| part(text) != Some(found)) {
                return None;
            }
            return match first {
                Cow::Borrowed(text) => part(text).map(Cow::Borrowed),
                Cow::Owned(_) => Some(Cow::Owned(found.to_owned())),
            };
        }
        None
    }

    /// The texts of a column, be it a list or not.
    fn texts_of(&self, column: usize) -> Vec<Cow<'a, str>> {
        match COLUMNS[column].kind {
            Kind::TextList => self.list_of(column).into_iter().flatten().collect(),
            _ => self.text_of(column).into_iter().collect(),
        }
    }

    fn boolean_of(&self, column: usize) -> Option<bool> {
        self.token_of(column).and_then(parse_boolean)
    }

    fn integer_of(&self, column: usize) -> Option<i32> {
        if COLUMNS[column].rule != Rule::Revision {
            return self.token_of(column)?.parse().ok();
        }
        let mut revisions = self.sources(column).find_map(|source| {
            let found: Vec<_> = match source {
                Source::Column(other) => vec![arn::revision(&self.text_of(other)?)],
                Source::Record(rank) => self.tokens(column, rank).flatten().map(revision).collect(),
            };
            found.iter().any(Option::is_some).then_some(found)
        })?;
        revisions.dedup();
        if revisions.len() == 1 { revisions[0] } else { None }
    }

    fn long_of(&self, column: usize) -> Option<i64> {
        match COLUMNS[column].rule {
            Rule::RecordHash => Some(self.selected.record_hash),
            Rule::SourceIndex => Some(self.selected.index),
            Rule::SourceOffset => Some(self.selected.byte_offset),
            _ => self.token_of(column)?.parse().ok(),
        }
    }

    /// The texts of the columns that a derived column refers to, in the order of its sources.
    fn referred<const N: usize>(&self, column: usize) -> [Option<Cow<'a, str>>; N] {
        let mut sources = self.sources(column);
        std::array::from_fn(|_| match sources.next()? {
            Source::Column(other) if COLUMNS[other].kind == Kind::Boolean => {
                self.token_of(other).map(Cow::Borrowed)
            }
            Source::Column(other) => self.text_of(other),
            Source::Record(_) => None,
        })
    }

    fn role_session_name(&self, column: usize) -> Option<Cow<'a, str>> {
        let [kind, principal_id] = self.referred(column);
        let principal_id = principal_id.filter(|_| kind.as_deref() == Some("AssumedRole"))?;
        principal_id.split_once(':').map(|(_, session)| Cow::Owned(session.to_owned()))
    }

    /// The word of an error message after `before`, if it says that an action was not allowed.
    fn denied(&self, column: usize, before: &str) -> Option<Cow<'a, str>> {
        let [message] = self.referred(column);
        let message = message?;
        let denial = &message[message.find(NOT_AUTHORIZED)?..];
        let (_, rest) = denial.split_once(before)?;
        let word = rest.split_whitespace().next()?.trim_end_matches(['.', ',', ';']);
        (!word.is_empty()).then(|| Cow::Owned(word.to_owned()))
    }

    fn actor(&self, column: usize) -> Option<Cow<'a, str>> {
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

    fn channel(&self, column: usize) -> &'static str {
        let [
            user_agent,
            invoked_by,
            source_ip_address,
            from_console,
            event_type,
            identity_type,
            issuer_name,
            role_session_name,
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
        };
        signals.channel()
    }
}

fn revision(token: &str) -> Option<i32> {
    token.parse().ok().or_else(|| arn::revision(&unescape(token).0))
}
