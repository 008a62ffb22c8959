//! Which names and series are drawn by name, and which are summed up as others.

use std::collections::BTreeMap;

use super::names::{NameId, Names};

/// Series that have a color of their own.
pub(super) const MOST_SERIES: usize = 8;

/// The largest of many names, and a place for all others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranking {
    /// The names as they are shown; the last one may stand for all others.
    pub(super) shown: Vec<String>,
    /// How many names the last one stands for; 0 if every name is shown.
    pub(super) others: usize,
    places: BTreeMap<NameId, usize>,
}

impl Ranking {
    /// Ranks names by their totals. If there are more than `most`, the last place is for the others.
    pub(super) fn of(totals: &BTreeMap<NameId, f64>, names: &Names, most: usize) -> Self {
        let mut ranked: Vec<_> = totals.iter().map(|(id, total)| (*id, *total)).collect();
        ranked.sort_by(|one, other| {
            other.1.total_cmp(&one.1).then_with(|| names.name(one.0).cmp(names.name(other.0)))
        });
        let kept = if ranked.len() > most { most.saturating_sub(1) } else { ranked.len() };
        let others = ranked.len() - kept;
        let mut shown: Vec<_> =
            ranked[..kept].iter().map(|(id, _)| names.name(*id).to_owned()).collect();
        if others > 0 {
            shown.push(format!("{others} others"));
        }
        let places = ranked.iter().take(kept).enumerate().map(|(place, (id, _))| (*id, place));
        Self { shown, others, places: places.collect() }
    }

    /// The place of a name, which may be that of the others.
    pub(super) fn place(&self, id: NameId) -> usize {
        self.places.get(&id).copied().unwrap_or(self.shown.len().saturating_sub(1))
    }
}
