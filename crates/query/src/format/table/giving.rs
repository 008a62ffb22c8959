//! What of a table gives way where there is no room. Identifiers, instants, numbers and names never
//! do; free text and the registries of images do.

use std::borrow::Cow;

use arrow::datatypes::DataType;

use super::super::width::{cut, width};

/// How a column's cells become shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Giving {
    /// Not at all.
    Never,
    /// Text whose cells decide: prose and JSON do, one word does not.
    Undecided,
    /// The end is cut.
    Prose,
    /// Registry and path are cut, so that name and tag stay; then the end.
    Images,
}

/// Words in the names of columns whose values are free text.
const PROSE: [&str; 16] = [
    "addendum",
    "command",
    "commands",
    "description",
    "detail",
    "details",
    "elements",
    "meaning",
    "message",
    "messages",
    "parameters",
    "reason",
    "reasons",
    "request",
    "response",
    "unmapped",
];

/// Last words in the names of columns whose values are never cut, whatever they hold.
const IDENTIFIERS: [&str; 27] = [
    "account",
    "accounts",
    "actor",
    "actors",
    "address",
    "addresses",
    "arn",
    "arns",
    "cluster",
    "clusters",
    "day",
    "human",
    "id",
    "ids",
    "key",
    "name",
    "names",
    "person",
    "persons",
    "principal",
    "region",
    "regions",
    "service",
    "services",
    "source",
    "time",
    "user",
];

impl Giving {
    /// Returns what the name and the type of a column tell.
    pub(super) fn of(name: &str, kind: &DataType) -> Self {
        let is_text = matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        let name = name.to_ascii_lowercase();
        let has = |words: &[&str]| name.split('_').any(|word| words.contains(&word));
        let last = name.rsplit('_').next().unwrap_or_default();
        if kind.is_numeric() || kind.is_temporal() || IDENTIFIERS.contains(&last) {
            Self::Never
        } else if has(&["image", "images"]) {
            Self::Images
        } else if has(&PROSE) || name == "user_agent" {
            Self::Prose
        } else if is_text {
            Self::Undecided
        } else {
            Self::Never
        }
    }

    /// Takes note of a cell.
    pub(super) fn look_at(&mut self, cell: &str) {
        if *self == Self::Undecided && is_prose(cell) {
            *self = Self::Prose;
        }
    }

    /// Returns whether cells are never cut.
    pub(super) fn is_whole(self) -> bool {
        matches!(self, Self::Never | Self::Undecided)
    }

    /// Returns the columns of the terminal without which a cell cannot be told from others; at most
    /// `narrowest` where the end gives way.
    pub(super) fn least(self, cell: &str, narrowest: usize) -> usize {
        match self {
            Self::Never | Self::Undecided => width(cell),
            Self::Prose => width(cell).min(narrowest),
            Self::Images => width(&without_registries(cell)).min(narrowest.saturating_mul(2)),
        }
    }

    /// Returns a cell as it is shown within a width; what is cut shows that it is.
    pub(super) fn shown(self, cell: &str, room: usize) -> Cow<'_, str> {
        match self {
            Self::Never | Self::Undecided => Cow::Borrowed(cell),
            Self::Prose => cut(cell, room),
            Self::Images if width(cell) <= room => Cow::Borrowed(cell),
            Self::Images => {
                let short = without_registries(cell);
                Cow::Owned(cut(&short, room).into_owned())
            }
        }
    }
}

/// Words with spaces between them, or JSON. A list has its spaces behind commas.
fn is_prose(cell: &str) -> bool {
    cell.starts_with(['{', '[']) || cell.replace(", ", ",").contains(' ')
}

fn without_registries(images: &str) -> String {
    let short = |image: &str| match image.rsplit_once('/') {
        Some((_, name)) => format!("…/{name}"),
        None => image.to_owned(),
    };
    images.split(", ").map(short).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, cell: &str) -> Giving {
        let mut giving = Giving::of(name, &DataType::Utf8);
        giving.look_at(cell);
        giving
    }

    #[test]
    fn names_and_cells_tell_what_gives_way() {
        for (name, cell, expected) in [
            ("reason", "x", Giving::Prose),
            ("stopped_reason", "x", Giving::Prose),
            ("error_message", "x", Giving::Prose),
            ("user_agent", "x", Giving::Prose),
            ("request_parameters", "x", Giving::Prose),
            ("container_images", "x", Giving::Images),
            ("image_before", "x", Giving::Images),
            ("actor", "role with spaces", Giving::Never),
            ("person", "Jane Doe", Giving::Never),
            ("service", "a b", Giving::Never),
            ("request_id", "a b", Giving::Never),
            ("REQUEST_ID", "a b", Giving::Never),
            ("task_ids", "a, b", Giving::Never),
            ("account_id", "{}", Giving::Never),
            ("task_definition", "checkout:33", Giving::Undecided),
            ("security_groups", "sg-1, sg-2", Giving::Undecided),
            ("whatever", "one_word", Giving::Undecided),
            ("whatever", "two words", Giving::Prose),
            ("whatever", "a, b c", Giving::Prose),
            ("whatever", "{\"a\":1}", Giving::Prose),
        ] {
            assert_eq!(of(name, cell), expected, "{name} {cell}");
        }
        assert_eq!(Giving::of("reason_count", &DataType::Int64), Giving::Never);
    }

    #[test]
    fn cells_become_shorter() {
        let image = "444455556666.dkr.ecr.us-east-1.amazonaws.com/shop/billing:2026.4.63";
        let two = format!("{image}, nginx:1.27");
        for (giving, cell, room, expected) in [
            (Giving::Never, "identifier", 3, "identifier"),
            (Giving::Undecided, "identifier", 3, "identifier"),
            (Giving::Prose, "some words", 10, "some words"),
            (Giving::Prose, "some words", 6, "some …"),
            (Giving::Images, image, 80, image),
            (Giving::Images, image, 30, "…/billing:2026.4.63"),
            (Giving::Images, &two, 40, "…/billing:2026.4.63, nginx:1.27"),
            (Giving::Images, &two, 20, "…/billing:2026.4.63…"),
            (Giving::Images, "nginx:1.27", 5, "ngin…"),
        ] {
            assert_eq!(giving.shown(cell, room), expected, "{cell} in {room}");
        }
    }
}
