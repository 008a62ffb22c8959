//! Per column, the values of the best source that one walk over a record has met so far.

use crate::{Column, Kind, Rule, flatten::arn::is_arn, json::unescape, time::parse_event_time};

/// Where a value's token stands in the record's text.
pub(super) type Token = std::ops::Range<usize>;

const NO_SOURCE: u8 = u8::MAX;

/// What the best source of a column holds.
#[derive(Debug)]
struct Slot {
    kind: Kind,
    rule: Rule,
    rank: u8,
    values: Vec<Option<Token>>,
}

/// The slots of one record.
#[derive(Debug)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    used: Vec<usize>,
}

impl Slots {
    pub(super) fn new(columns: &[Column]) -> Self {
        let slots = columns.iter().map(|column| Slot {
            kind: column.kind,
            rule: column.rule,
            rank: NO_SOURCE,
            values: Vec::new(),
        });
        Self { slots: slots.collect(), used: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        for column in self.used.drain(..) {
            let slot = &mut self.slots[column];
            slot.rank = NO_SOURCE;
            slot.values.clear();
        }
    }

    /// Forgets what a column was offered: of a member that stands twice the last one counts.
    pub(super) fn forget(&mut self, column: usize) {
        self.slots[column].rank = NO_SOURCE;
        self.slots[column].values.clear();
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
        let slot = &mut self.slots[column];
        if rank > slot.rank || !slot.accepts(&text[token.clone()]) {
            return;
        }
        if slot.rank == NO_SOURCE {
            self.used.push(column);
        }
        if rank < slot.rank {
            slot.rank = rank;
            slot.values.clear();
        }
        if slot.rule == Rule::Aligned {
            slot.values.resize(element, None);
        }
        slot.values.push(Some(token));
    }

    /// Fills up an aligned list at the end of its array of `elements`.
    pub(super) fn align(&mut self, column: usize, rank: u8, elements: usize) {
        let slot = &mut self.slots[column];
        if slot.rank == rank {
            slot.values.resize(elements, None);
        }
    }

    /// Returns the values of a column's best source, if that source has this rank.
    pub(super) fn values(&self, column: usize, rank: u8) -> Option<&[Option<Token>]> {
        let slot = &self.slots[column];
        (slot.rank == rank).then_some(&slot.values[..])
    }

    /// Returns the one value on which a column's best source agrees, if that source has this rank.
    pub(super) fn agreed<'a>(&self, text: &'a str, column: usize, rank: u8) -> Option<&'a str> {
        self.values(column, rank)?;
        self.best(text, column)
    }

    /// Returns the one value on which a column's best source agrees.
    pub(super) fn best<'a>(&self, text: &'a str, column: usize) -> Option<&'a str> {
        let values = self.slots[column].values.iter().flatten();
        let mut tokens = values.map(|token| &text[token.clone()]);
        let first = tokens.next()?;
        tokens.all(|token| token == first).then_some(first)
    }
}

impl Slot {
    /// Returns whether a token has the column's type. A value of another type (the text
    /// `HIDDEN_DUE_TO_SECURITY_REASONS` where a list was) leaves the column as it is.
    fn accepts(&self, token: &str) -> bool {
        let is_text = token.starts_with('"');
        match (self.rule, self.kind) {
            (Rule::Arn | Rule::Arns, _) => is_text && is_arn(&unescape(token).0),
            (Rule::Revision, _) => is_text || token.parse::<i32>().is_ok(),
            (_, Kind::Text | Kind::TextList) => is_text,
            (_, Kind::Json) => token != "null",
            (_, Kind::Boolean) => parse_boolean(token).is_some(),
            (_, Kind::Integer) => token.parse::<i32>().is_ok(),
            (_, Kind::Long) => token.parse::<i64>().is_ok(),
            (_, Kind::Timestamp) => is_text && parse_event_time(&unescape(token).0).is_some(),
        }
    }
}

/// Reads `true` and `"true"`: CloudTrail has used both.
pub(super) fn parse_boolean(token: &str) -> Option<bool> {
    match token {
        "true" | "\"true\"" => Some(true),
        "false" | "\"false\"" => Some(false),
        _ => None,
    }
}
