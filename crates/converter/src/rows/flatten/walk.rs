//! The walk over a record: its top-level members first, then what is nested in them.

use std::borrow::Cow;

use super::{
    plan::{NodeId, Plan},
    slots::{Slots, parse_boolean},
    unmapped::Unmapped,
};
use crate::{
    columns::{COLUMNS, Kind, Rule},
    records::{
        json::{for_each_element, for_each_member, skip_value, unescape},
        parse_event_time,
        time::is_canonical,
    },
};

impl Plan {
    /// Fills the columns of the top-level members, and collects what has no column.
    pub(super) fn read_top_level(&self, text: &str, slots: &mut Slots, unmapped: &mut Unmapped) {
        for_each_member(text, 0, |key, value| {
            let end = skip_value(text.as_bytes(), value);
            let member = key.token.start..end;
            let name = key.name(text.as_bytes());
            if key.is_escaped {
                unmapped.note_escaped();
            }
            let node = self.nodes[0].members.get(&name);
            match node.and_then(|node| self.top_level[node]) {
                Some(column) => {
                    let token = value..end;
                    unmapped.note_known(column);
                    if !is_normal_form(&text[token.clone()], column) {
                        unmapped.add(member);
                    }
                    slots.forget(column);
                    slots.offer(text, column, 0, token, 0);
                }
                None => unmapped.add_unknown(&name, member),
            }
            end
        });
    }

    /// Returns the record's `eventSource`.
    pub(super) fn event_source<'a>(&self, text: &'a str, slots: &Slots) -> Option<Cow<'a, str>> {
        slots.best(text, self.event_source).map(|token| unescape(token).0)
    }

    /// Fills the columns of nested members; those of requests and responses only if the event is
    /// one of Amazon ECS.
    pub(super) fn read_members(&self, text: &str, slots: &mut Slots, is_ecs: bool) {
        for (name, node) in self.nodes[0].members.iter() {
            let is_payload = matches!(name.as_str(), "requestParameters" | "responseElements");
            if !self.nodes[*node].is_walked() || (is_payload && !is_ecs) {
                continue;
            }
            // Of a member that stands twice the last one counts: it is in the member's own slot.
            let column = self.top_level[*node];
            let value = column.and_then(|column| slots.values(column, 0)?.first()?.clone());
            if let Some(value) = value {
                self.walk(*node, text, value.start, 0, slots);
            }
        }
    }

    /// Walks the value at `at`; returns where it ends.
    fn walk(
        &self,
        node: NodeId,
        text: &str,
        at: usize,
        element: usize,
        slots: &mut Slots,
    ) -> usize {
        let known = &self.nodes[node];
        let end = match text.as_bytes().get(at) {
            Some(b'{') if !known.members.is_empty() => for_each_member(text, at, |key, value| {
                match known.members.get(&key.name(text.as_bytes())) {
                    Some(member) => self.walk(member, text, value, element, slots),
                    None => skip_value(text.as_bytes(), value),
                }
            }),
            Some(b'[') if known.element.is_some() || !known.matching.is_empty() => {
                self.walk_elements(node, text, at, slots)
            }
            _ => skip_value(text.as_bytes(), at),
        };
        for leaf in &known.leaves {
            slots.offer(text, leaf.column, leaf.rank, at..end, element);
        }
        end
    }

    fn walk_elements(&self, node: NodeId, text: &str, at: usize, slots: &mut Slots) -> usize {
        let known = &self.nodes[node];
        let mut elements = slots.elements_at(node);
        let end = for_each_element(text, at, |start| {
            for (member, value, matching) in &known.matching {
                if has_member(text, start, member, value) {
                    self.walk(*matching, text, start, elements, slots);
                }
            }
            let end = match known.element {
                Some(element) => self.walk(element, text, start, elements, slots),
                None => skip_value(text.as_bytes(), start),
            };
            elements += 1;
            end
        });
        slots.align(node, &known.aligned, elements);
        end
    }
}

/// Returns whether a top-level member can be rebuilt from its column alone.
fn is_normal_form(token: &str, column: usize) -> bool {
    let is_text = token.starts_with('"');
    match (COLUMNS[column].rule, COLUMNS[column].kind) {
        (Rule::JsonOrNull, _) => true,
        (Rule::Json, _) => token != "null",
        (Rule::OwnedFlag, _) => matches!(token, "\"true\"" | "\"false\""),
        (Rule::OwnedUnlessEmpty, _) => is_text && token != "\"\"" && unescape(token).1,
        (_, Kind::Boolean) => !is_text && parse_boolean(token).is_some(),
        (_, Kind::Timestamp) => {
            let (text, _) = unescape(token);
            is_text && is_canonical(&text) && parse_event_time(&text).is_some()
        }
        _ => is_text && unescape(token).1,
    }
}

/// Returns whether the object at `at` has a member with this value: a text, or a token such as
/// `true`.
fn has_member(text: &str, at: usize, name: &str, wanted: &str) -> bool {
    let mut found = false;
    if text.as_bytes().get(at) == Some(&b'{') {
        for_each_member(text, at, |key, value| {
            let end = skip_value(text.as_bytes(), value);
            if key.is(name, text.as_bytes()) {
                let token = &text[value..end];
                found = if token.starts_with('"') {
                    unescape(token).0 == wanted
                } else {
                    token == wanted
                };
            }
            end
        });
    }
    found
}
