//! The names on axes and of series, each kept once and made harmless.

use std::collections::HashMap;

use crate::format::printable_line;

/// Different names that are kept; later ones count as one.
const MOST_NAMES: usize = 5_000;
/// Characters of a name that are kept.
const MOST_CHARACTERS: usize = 120;
/// The name that stands for those beyond [`MOST_NAMES`].
const MORE_NAMES: &str = "(further names)";

/// The number of a name.
pub(super) type NameId = u32;

/// Every different name once.
#[derive(Debug, Default)]
pub(super) struct Names {
    list: Vec<String>,
    ids: HashMap<String, NameId>,
}

impl Names {
    pub(super) fn name(&self, id: NameId) -> &str {
        usize::try_from(id).ok().and_then(|id| self.list.get(id)).map_or("", String::as_str)
    }

    pub(super) fn id(&mut self, name: &str) -> NameId {
        let mut name: String = name.chars().take(MOST_CHARACTERS + 1).collect();
        if name.chars().count() > MOST_CHARACTERS {
            name.pop();
            name.push('…');
        }
        let name = printable_line(&name);
        if let Some(id) = self.ids.get(&name) {
            return *id;
        }
        let name = if self.list.len() < MOST_NAMES { name } else { MORE_NAMES.to_owned() };
        let next = NameId::try_from(self.list.len()).unwrap_or(NameId::MAX);
        let id = *self.ids.entry(name.clone()).or_insert(next);
        if id == next {
            self.list.push(name);
        }
        id
    }
}
