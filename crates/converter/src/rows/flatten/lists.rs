//! From a record's slots to the columns that hold several values: lists, and tags by key.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet, hash_map::Entry},
};

use arrow::array::{MapBuilder, StringBuilder};

use super::{
    arn,
    derive::Record,
    nested::{Tag, tag, words},
    plan::Source,
    slots::Token,
};
use crate::{
    columns::{COLUMNS, Kind, Rule},
    records::json::unescape,
};

impl<'a> Record<'a> {
    /// Returns the texts of a column; empty if it has none.
    pub(super) fn list_of(&self, column: usize) -> Vec<Option<Cow<'a, str>>> {
        let mut list: Vec<Option<Cow<'a, str>>> = Vec::new();
        for source in self.sources(column) {
            let found: Vec<_> = match source {
                Source::Column(other) if COLUMNS[other].kind != Kind::TextList => {
                    let named = self.text_of(other);
                    let id = named.as_deref().and_then(arn::task_id);
                    id.map(|id| Some(Cow::Owned(id.to_owned()))).into_iter().collect()
                }
                Source::Column(other) => self.list_of(other),
                Source::Record(rank) => {
                    let tokens = self.tokens(column, rank);
                    tokens.map(|token| token.map(|token| element(column, token))).collect()
                }
            };
            let is_whole = found.len() == list.len() && found.iter().all(Option::is_some);
            if list.is_empty() || is_whole {
                list = found;
            }
            // Where names were given among ARNs, a list of ARNs has gaps that another one fills.
            let has_gaps = COLUMNS[column].rule == Rule::Ids && list.iter().any(Option::is_none);
            if !list.is_empty() && !has_gaps {
                break;
            }
        }
        match COLUMNS[column].rule {
            Rule::Ids => {
                for value in list.iter_mut().flatten() {
                    *value = Cow::Owned(arn::id(value).to_owned());
                }
            }
            Rule::Distinct => {
                let mut seen = HashSet::new();
                list.retain(|value| seen.insert(value.clone()));
            }
            _ => {}
        }
        list
    }

    /// Returns the numbers of a column; empty if it has none.
    pub(super) fn integers_of(&self, column: usize) -> Vec<Option<i32>> {
        let number = |token: Option<&str>| token.and_then(|token| token.parse().ok());
        self.best_tokens(column).map(number).collect()
    }

    /// Appends a map of tags, in the order in which their keys come first.
    pub(super) fn append_tags(
        &self,
        column: usize,
        builder: &mut MapBuilder<StringBuilder, StringBuilder>,
    ) {
        let mut tags: Vec<Tag<'_>> = Vec::new();
        let mut indices = HashMap::new();
        for (key, value) in self.best_tokens(column).flatten().filter_map(tag) {
            match indices.entry(key.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert(tags.len());
                    tags.push((key, value));
                }
                Entry::Occupied(entry) if tags[*entry.get()].1 != value => {
                    tags[*entry.get()].1 = None;
                }
                Entry::Occupied(_) => {}
            }
        }
        for (key, value) in &tags {
            builder.keys().append_value(key);
            builder.values().append_option(value.as_deref());
        }
        // Keys and values were appended in pairs, so that this cannot fail.
        builder.append(!tags.is_empty()).unwrap_or_default();
    }

    fn best_tokens(&self, column: usize) -> impl Iterator<Item = Option<&'a str>> {
        self.slots.rank(column).into_iter().flat_map(move |rank| self.tokens(column, rank))
    }

    /// The tokens of a source, if it is the best that the column has.
    pub(super) fn tokens(&self, column: usize, rank: u8) -> impl Iterator<Item = Option<&'a str>> {
        let values = self.slots.values(column, rank).unwrap_or_default();
        let is_chosen =
            COLUMNS[column].rule != Rule::Containers || self.is_array_of_containers(column, rank);
        let values = if is_chosen { values } else { &[] };
        let text = self.text;
        values.iter().map(move |value: &Option<Token>| Some(&text[value.clone()?]))
    }

    /// Returns whether a source's array is the best in which any column of containers has a value.
    fn is_array_of_containers(&self, column: usize, rank: u8) -> bool {
        let sources = &self.plan.containers;
        let best =
            sources.iter().filter(|(column, rank, _)| self.slots.rank(*column) == Some(*rank));
        let Some(best) = best.map(|(_, _, array)| *array).min() else { return false };
        sources.contains(&(column, rank, best))
    }
}

fn element(column: usize, token: &str) -> Cow<'_, str> {
    match COLUMNS[column].rule {
        Rule::Commands => Cow::Owned(words(token).join(" ")),
        _ => unescape(token).0,
    }
}
