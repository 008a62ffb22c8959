//! Per column, the values of the best source that one walk over a record has met so far.

use super::{
    arn::is_arn,
    nested::{tag, words},
    plan::{Leaf, NodeId},
};
use crate::{
    columns::{Column, Kind, Rule},
    records::{json::unescape, parse_event_time},
};

/// Where a value's token stands in the record's text.
pub(super) type Token = std::ops::Range<usize>;

const NO_SOURCE: u8 = u8::MAX;

/// A column takes up to this many values of a record; with more it is NULL, and the JSON columns
/// alone have them. CloudTrail's own limit of 100 KB a member keeps real records far below.
pub(super) const MAX_VALUES: usize = 10_000;

/// What the best source of a column holds.
#[derive(Debug)]
struct Slot {
    kind: Kind,
    rule: Rule,
    rank: u8,
    values: Vec<Option<Token>>,
    /// There were too many values.
    is_given_up: bool,
}

/// The slots of one record.
#[derive(Debug)]
pub(super) struct Slots {
    columns: Vec<Slot>,
    used: Vec<usize>,
    /// Elements seen so far of a place in the record whose lists are aligned, with all the arrays
    /// that stand there: those of `tasks[].containers[]` follow one another.
    elements: Vec<(NodeId, usize)>,
}

impl Slots {
    pub(super) fn new(columns: &[Column]) -> Self {
        let slots = columns.iter().map(|column| Slot {
            kind: column.kind,
            rule: column.rule,
            rank: NO_SOURCE,
            values: Vec::new(),
            is_given_up: false,
        });
        Self { columns: slots.collect(), used: Vec::new(), elements: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.elements.clear();
        for column in self.used.drain(..) {
            self.columns[column].begin(NO_SOURCE);
        }
    }

    /// Returns the columns that have a value, some of them twice.
    pub(super) fn used(&self) -> &[usize] {
        &self.used
    }

    /// Forgets what a column was offered: of a member that stands twice the last one counts.
    pub(super) fn forget(&mut self, column: usize) {
        self.columns[column].begin(NO_SOURCE);
    }

    /// Offers a value to a column: a better source replaces, an equal one adds. `element` is the
    /// value's place in the array that it was found in.
    pub(super) fn offer(
        &mut self,
        text: &str,
        column: usize,
        rank: u8,
        token: Token,
        element: usize,
    ) {
        let slot = &mut self.columns[column];
        if rank > slot.rank || !slot.accepts(&text[token.clone()]) {
            return;
        }
        if slot.rank == NO_SOURCE {
            self.used.push(column);
        }
        if rank < slot.rank {
            slot.begin(rank);
        }
        let index = if slot.rule.is_aligned() { element } else { slot.values.len() };
        if index >= MAX_VALUES {
            slot.give_up();
        } else if !slot.is_given_up {
            slot.values.resize(index, None);
            slot.values.push(Some(token));
        }
    }

    /// Returns how many elements the arrays at a place in the record had so far.
    pub(super) fn elements_at(&self, node: NodeId) -> usize {
        self.elements.iter().find(|(other, _)| *other == node).map_or(0, |(_, elements)| *elements)
    }

    /// Fills up the aligned lists at the end of an array, of the last of `elements` at its place.
    pub(super) fn align(&mut self, node: NodeId, leaves: &[Leaf], elements: usize) {
        if leaves.is_empty() {
            return;
        }
        self.elements.retain(|(other, _)| *other != node);
        self.elements.push((node, elements));
        for leaf in leaves {
            let slot = &mut self.columns[leaf.column];
            if slot.rank == leaf.rank && !slot.is_given_up {
                if elements > MAX_VALUES {
                    slot.give_up();
                } else {
                    slot.values.resize(elements, None);
                }
            }
        }
    }

    /// Returns the rank of a column's best source.
    pub(super) fn rank(&self, column: usize) -> Option<u8> {
        Some(self.columns[column].rank).filter(|rank| *rank != NO_SOURCE)
    }

    /// Returns the values of a column's best source, if that source has this rank.
    pub(super) fn values(&self, column: usize, rank: u8) -> Option<&[Option<Token>]> {
        let slot = &self.columns[column];
        (slot.rank == rank).then_some(&slot.values[..])
    }

    /// Returns the one value on which a column's best source agrees.
    pub(super) fn best<'a>(&self, text: &'a str, column: usize) -> Option<&'a str> {
        let values = self.columns[column].values.iter().flatten();
        let mut tokens = values.map(|token| &text[token.clone()]);
        let first = tokens.next()?;
        tokens.all(|token| is_same_value(token, first)).then_some(first)
    }
}

impl Slot {
    fn begin(&mut self, rank: u8) {
        self.rank = rank;
        self.values.clear();
        self.is_given_up = false;
    }

    fn give_up(&mut self) {
        self.values.clear();
        self.is_given_up = true;
    }

    /// Returns whether a token has the column's type. A value of another type (the text
    /// `HIDDEN_DUE_TO_SECURITY_REASONS` where a list was) leaves the column as it is.
    fn accepts(&self, token: &str) -> bool {
        let is_text = token.starts_with('"');
        match (self.rule, self.kind) {
            (Rule::Arn | Rule::Arns | Rule::AlignedArns, _) => {
                is_text && is_arn(&unescape(token).0)
            }
            (Rule::Revision, _) => is_text || token.parse::<i32>().is_ok(),
            (Rule::Commands, _) => !words(token).is_empty(),
            (Rule::OwnedUnlessEmpty, _) => is_text && token != "\"\"",
            (Rule::Tags, _) => tag(token).is_some(),
            (_, Kind::Text | Kind::TextList | Kind::TextMap) => is_text,
            (_, Kind::Json) => token != "null",
            (_, Kind::Boolean) => parse_boolean(token).is_some(),
            (_, Kind::Integer | Kind::IntegerList) => token.parse::<i32>().is_ok(),
            (_, Kind::Long) => token.parse::<i64>().is_ok(),
            (_, Kind::Timestamp) => is_text && parse_event_time(&unescape(token).0).is_some(),
        }
    }
}

fn is_same_value(one: &str, other: &str) -> bool {
    let is_text = |token: &str| token.starts_with('"');
    one == other || (is_text(one) && is_text(other) && unescape(one).0 == unescape(other).0)
}

/// Reads `true` and `"true"`, which CloudTrail has both used, and `"True"`, which programs make of
/// it that hand records on.
pub(crate) fn parse_boolean(token: &str) -> Option<bool> {
    let of_text = |text: &str| match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    };
    match token {
        "true" => Some(true),
        "false" => Some(false),
        _ if token.starts_with('"') => of_text(&unescape(token).0),
        _ => None,
    }
}
