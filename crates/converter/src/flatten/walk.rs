//! The walk over a record: its top-level members first, then what is nested in them.

use std::borrow::Cow;

use super::{
    plan::{NodeId, Plan},
    slots::{Slots, Token, parse_boolean},
    unmapped::Unmapped,
};
use crate::{
    COLUMNS, Kind, Rule,
    json::{skip_value, string_end, unescape},
    time::{is_canonical, parse_event_time},
};

impl Plan {
    /// Fills the columns of the top-level members, and collects what has no column.
    pub(super) fn read_top_level(&self, text: &str, slots: &mut Slots, unmapped: &mut Unmapped) {
        for_each_member(text, 0, |key, value| {
            let end = skip_value(text.as_bytes(), value);
            let member = key.start..end;
            let name = &text.as_bytes()[key.start + 1..key.end - 1];
            let node = self.nodes[0].member(name);
            match node.and_then(|node| self.top_level[node].as_ref()) {
                Some(known) => {
                    let token = value..end;
                    unmapped.note_known(known.column);
                    if !is_normal_form(&text[token.clone()], known.column, known.rule) {
                        unmapped.add(member);
                    }
                    slots.forget(known.column);
                    slots.offer(text, known.column, 0, token, 0);
                }
                None => unmapped.add_unknown(name, member),
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
        for_each_member(text, 0, |key, value| {
            let name = &text.as_bytes()[key.start + 1..key.end - 1];
            let is_payload = matches!(name, b"requestParameters" | b"responseElements");
            match self.nodes[0].member(name) {
                Some(node) if self.nodes[node].is_walked() && (is_ecs || !is_payload) => {
                    self.walk(node, text, value, 0, slots)
                }
                _ => skip_value(text.as_bytes(), value),
            }
        });
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
        match text.as_bytes().get(at) {
            Some(b'{') if !known.members.is_empty() => for_each_member(text, at, |key, value| {
                match known.member(&text.as_bytes()[key.start + 1..key.end - 1]) {
                    Some(member) => self.walk(member, text, value, element, slots),
                    None => skip_value(text.as_bytes(), value),
                }
            }),
            Some(b'[') if known.element.is_some() || !known.matching.is_empty() => {
                self.walk_elements(node, text, at, slots)
            }
            Some(b'{' | b'[') | None => skip_value(text.as_bytes(), at),
            Some(_) => {
                let end = skip_value(text.as_bytes(), at);
                for leaf in &known.leaves {
                    slots.offer(text, leaf.column, leaf.rank, at..end, element);
                }
                end
            }
        }
    }

    fn walk_elements(&self, node: NodeId, text: &str, at: usize, slots: &mut Slots) -> usize {
        let known = &self.nodes[node];
        let mut elements = 0;
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
        for leaf in &known.aligned {
            slots.align(leaf.column, leaf.rank, elements);
        }
        end
    }
}

/// Returns whether a top-level member can be rebuilt from its column alone.
fn is_normal_form(token: &str, column: usize, rule: Rule) -> bool {
    let is_text = token.starts_with('"');
    match (rule, COLUMNS[column].kind) {
        (Rule::JsonOrNull, _) => true,
        (Rule::Json, _) => token != "null",
        (Rule::OwnedFlag, _) => is_text && parse_boolean(token).is_some(),
        (_, Kind::Boolean) => !is_text && parse_boolean(token).is_some(),
        (_, Kind::Timestamp) => {
            let (text, _) = unescape(token);
            is_text && is_canonical(&text) && parse_event_time(&text).is_some()
        }
        _ => is_text && unescape(token).1,
    }
}

/// Calls `each` with the key's token and where the value starts, for every member of the object at
/// `at`; `each` returns where the value ends. Returns where the object ends. The text is checked
/// JSON without white space.
fn for_each_member(text: &str, at: usize, mut each: impl FnMut(Token, usize) -> usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = at + 1;
    while bytes.get(at) == Some(&b'"') {
        let key_end = string_end(bytes, at + 1).unwrap_or(bytes.len());
        let end = each(at..key_end, key_end + 1);
        at = if bytes.get(end) == Some(&b',') { end + 1 } else { end };
    }
    at + 1
}

fn for_each_element(text: &str, at: usize, mut each: impl FnMut(usize) -> usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = at + 1;
    while at < bytes.len() && bytes[at] != b']' {
        let end = each(at);
        at = if bytes.get(end) == Some(&b',') { end + 1 } else { end };
    }
    at + 1
}

fn has_member(text: &str, at: usize, name: &str, wanted: &str) -> bool {
    let mut found = false;
    if text.as_bytes().get(at) == Some(&b'{') {
        for_each_member(text, at, |key, value| {
            let end = skip_value(text.as_bytes(), value);
            if unescape(&text[key]).0 == name && text.as_bytes().get(value) == Some(&b'"') {
                found = unescape(&text[value..end]).0 == wanted;
            }
            end
        });
    }
    found
}
