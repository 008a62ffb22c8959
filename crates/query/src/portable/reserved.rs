//! Reserved words, which cannot be names in a report.

/// Words that at least one engine reserves: as names they would have to be quoted, and engines
/// quote names differently.
pub(super) const RESERVED: [&str; 40] = [
    "all",
    "any",
    "array",
    "asc",
    "case",
    "column",
    "constraint",
    "cross",
    "cube",
    "current_date",
    "default",
    "desc",
    "describe",
    "distinct",
    "do",
    "end",
    "except",
    "filter",
    "first",
    "for",
    "from",
    "grouping",
    "intersect",
    "lambda",
    "last",
    "lateral",
    "limit",
    "offset",
    "only",
    "order",
    "pivot",
    "range",
    "row",
    "rows",
    "show",
    "skip",
    "table",
    "user",
    "values",
    "window",
];

/// Returns whether at least one engine reserves a word.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}
