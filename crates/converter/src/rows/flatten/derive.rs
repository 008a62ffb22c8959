//! From a record's slots to the values of its row, by the rule of each column.

use std::borrow::Cow;

use super::{
    arn,
    columns::ColumnBuilder,
    denial::{Failure, denied_resource},
    operation::Operation,
    plan::{Plan, Source},
    slots::{Slots, parse_boolean},
};
use crate::{
    columns::{COLUMNS, Kind, Rule},
    records::{MICROS_PER_MILLI, SelectedRow, json::unescape, parse_event_time},
    rows::Provenance,
};

/// The cluster that Amazon ECS takes where a call names none.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/clusters.html>
const DEFAULT_CLUSTER: &str = "default";

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
                let instant = |token| parse_event_time(&unescape(token).0);
                let millis = self.token_of(column).and_then(instant);
                builder.append_option(millis.map(|millis| millis * MICROS_PER_MILLI));
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

    pub(super) fn text_of(&self, column: usize) -> Option<Cow<'a, str>> {
        let rule = COLUMNS[column].rule;
        match rule {
            Rule::Json | Rule::JsonOrNull => self.token_of(column).map(Cow::Borrowed),
            Rule::Unmapped => self.unmapped.map(Cow::Borrowed),
            Rule::SourceFile => Some(Cow::Borrowed(self.provenance.source_file)),
            Rule::Name => self.part_of(column, |text| Some(arn::name(text))),
            Rule::Family => self.part_of(column, |text| Some(arn::family(text))),
            Rule::Cluster => {
                let named = self.part_of(column, arn::cluster);
                let assumed = || self.assumes_default_cluster().then_some(DEFAULT_CLUSTER);
                named.or_else(|| assumed().map(Cow::Borrowed))
            }
            Rule::Service => self.part_of(column, arn::service),
            Rule::RoleSessionName => self.role_session_name(column),
            Rule::DeniedAction => self.denied_action(column),
            Rule::DeniedResource => {
                let [message] = self.referred(column);
                denied_resource(&message?).map(|resource| Cow::Owned(resource.to_owned()))
            }
            Rule::AccountSetting => {
                let [operation] = self.referred(column);
                let is_about_settings = operation?.contains("AccountSetting");
                self.token_of(column).filter(|_| is_about_settings).map(|token| unescape(token).0)
            }
            Rule::Account => self.account(column),
            Rule::Actor => self.actor(column),
            Rule::ActorGroup => self.actor_group(column),
            Rule::Person => self.person(column),
            Rule::Channel => Some(Cow::Borrowed(self.channel(column))),
            _ => self.token_of(column).map(|token| unescape(token).0),
        }
    }

    /// A part of the texts of the first source that has any such part, if they agree on it.
    fn part_of(&self, column: usize, part: fn(&str) -> Option<&str>) -> Option<Cow<'a, str>> {
        for source in self.sources(column) {
            let texts: Vec<Cow<'a, str>> = match source {
                // A denial can be about `*`, which is nobody's name.
                Source::Column(other) => {
                    self.texts_of(other).into_iter().filter(|text| arn::is_arn(text)).collect()
                }
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
        if COLUMNS[column].rule == Rule::IsWrite {
            return self.is_write(column);
        }
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
    pub(super) fn referred<const N: usize>(&self, column: usize) -> [Option<Cow<'a, str>>; N] {
        let mut sources = self.sources(column);
        std::array::from_fn(|_| match sources.next()? {
            Source::Column(other) if COLUMNS[other].kind == Kind::Boolean => {
                self.token_of(other).map(Cow::Borrowed)
            }
            Source::Column(other) => self.text_of(other),
            Source::Record(_) => None,
        })
    }

    fn denied_action(&self, column: usize) -> Option<Cow<'a, str>> {
        let [message, code, event_source, event_name] = self.referred(column);
        let failure = Failure {
            code: code.as_deref(),
            message: message.as_deref(),
            event_source: event_source.as_deref(),
            event_name: event_name.as_deref(),
        };
        failure.denied_action().map(|action| Cow::Owned(action.into_owned()))
    }

    /// What the call does, as far as its cluster is concerned.
    fn assumes_default_cluster(&self) -> bool {
        let event_source = self.text_of(self.plan.event_source);
        let event_name = self.text_of(self.plan.event_name);
        let operation = Operation {
            event_source: event_source.as_deref(),
            event_name: event_name.as_deref(),
            request: self.token_of(self.plan.request_parameters),
            ..Operation::default()
        };
        operation.assumes_default_cluster()
    }

    fn is_write(&self, column: usize) -> Option<bool> {
        let [read_only, event_type, event_name] = self.referred(column);
        let operation = Operation {
            event_name: event_name.as_deref(),
            event_type: event_type.as_deref(),
            read_only: read_only.as_deref().and_then(parse_boolean),
            ..Operation::default()
        };
        operation.is_write()
    }
}

fn revision(token: &str) -> Option<i32> {
    token.parse().ok().or_else(|| arn::revision(&unescape(token).0))
}
