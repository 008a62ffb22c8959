//! Envelopes that no table knows: some member, whatever its name, holds whole records.

use serde_json::{Deserializer, value::RawValue};

use super::{Wrapped, looks_like_json, names_any, spelled, text_of};
use crate::records::{RejectReason, object::Object};

/// Returns what an object of an unknown shape wraps: the one text with records among its members,
/// else the one object or array. With several of them it cannot be known which one counts.
pub(crate) fn unwrap_unknown(object: Object<'_>) -> Option<Wrapped<'_>> {
    let values: Vec<&[u8]> = object.values().filter(|value| names_whole_records(value)).collect();
    let (strings, containers): (Vec<_>, Vec<_>) =
        values.into_iter().partition(|value| value.starts_with(b"\""));
    let mut texts: Vec<_> = strings.into_iter().filter_map(text_of).collect();
    texts.retain(|text| looks_like_json(text) && is_json(text));
    if texts.is_empty() {
        texts.extend(containers.into_iter().filter_map(text_of));
    }
    let first = texts.pop()?;
    if texts.is_empty() {
        Some(Wrapped::Text(first))
    } else {
        Some(Wrapped::Broken(RejectReason::Ambiguous))
    }
}

/// Returns whether a value has the names of members that tell records, also where quotes are
/// escaped. `eventSource` alone stands in much else.
fn names_whole_records(value: &[u8]) -> bool {
    spelled::holds(value, |value| {
        names_any(value, &["eventVersion"])
            || (names_any(value, &["eventSource"]) && names_any(value, &["eventName"]))
    })
}

/// Returns whether a text is JSON, one value after the other: a filter's pattern is not, though it
/// begins with a bracket and has the same names.
fn is_json(text: &[u8]) -> bool {
    Deserializer::from_slice(text).into_iter::<&RawValue>().all(|value| value.is_ok())
}
