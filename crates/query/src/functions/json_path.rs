//! The paths that Athena's JSON functions take (`$.a.b[0]["c"]`), and the way along one through a JSON
//! text. Only what the path passes is read; the rest of the text is checked and skipped.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Member(String),
    /// From 0.
    Element(usize),
}

/// Reads a path. The error says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, String> {
    let wrong = |problem: &str| {
        Err(format!(
            "the JSON path '{text}' {problem}: write it as '$.member', '$.a.b[0]' or '$[\"a b\"]'"
        ))
    };
    let Some(mut rest) = text.trim().strip_prefix('$') else {
        return wrong("does not begin with $");
    };
    let mut steps = Vec::new();
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '.' => {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let name = &rest[..end];
                if name.is_empty() {
                    return wrong("has no name after a dot");
                }
                if name.contains('*') {
                    return wrong("has a wildcard, which is not supported");
                }
                let quoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
                steps.push(Step::Member(quoted.unwrap_or(name).to_owned()));
                rest = &rest[end..];
            }
            '[' => {
                let quote = rest.chars().next().filter(|first| ['"', '\''].contains(first));
                let (step, after) = match quote {
                    Some(quote) => match rest[1..].split_once(quote) {
                        Some((name, after)) => (Step::Member(name.to_owned()), after),
                        None => return wrong("has a quote that is not closed"),
                    },
                    None => {
                        let end = rest.find(']').unwrap_or(rest.len());
                        let number = rest[..end].trim();
                        match number.parse() {
                            Ok(number) => (Step::Element(number), &rest[end..]),
                            Err(_) if number == "*" => {
                                return wrong("has a wildcard, which is not supported");
                            }
                            Err(_) => return wrong("has something other than a number in [ ]"),
                        }
                    }
                };
                steps.push(step);
                match after.strip_prefix(']') {
                    Some(after) => rest = after,
                    None => return wrong("has a [ that is not closed"),
                }
            }
            _ => return wrong("has something other than . or [ after a name"),
        }
    }
    Ok(steps)
}

/// Returns the JSON text at a path; none if the text is not JSON or does not have the path.
pub(super) fn find<'a>(json: &'a str, steps: &[Step]) -> Option<&'a str> {
    let mut found: &RawValue = serde_json::from_str(json).ok()?;
    for step in steps {
        let mut reader = serde_json::Deserializer::from_str(found.get());
        found = At(step).deserialize(&mut reader).ok()??;
    }
    Some(found.get())
}

/// Returns a value as text: a string without its quotes, any other as its JSON; JSON's null is none.
pub(super) fn unquoted(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'n' => None,
        b'"' => serde_json::from_str::<String>(json).ok().map(Cow::Owned),
        _ => Some(Cow::Borrowed(json)),
    }
}

/// Returns whether a JSON text is an object or array.
pub(super) fn is_nested(json: &str) -> bool {
    json.starts_with(['{', '['])
}

/// Returns the JSON texts of the elements of an array; none if the text is not an array.
pub(super) fn elements(json: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json).ok()
}

/// Returns how many members or elements a value has; none for a string, number or boolean.
pub(super) fn size(json: &str) -> usize {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Counted {
        Elements(Vec<IgnoredAny>),
        Members(std::collections::HashMap<String, IgnoredAny>),
    }
    match serde_json::from_str(json) {
        Ok(Counted::Elements(elements)) => elements.len(),
        Ok(Counted::Members(members)) => members.len(),
        Err(_) => 0,
    }
}

struct At<'s>(&'s Step);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<Name<'de>>()? {
            match self.0 {
                Step::Member(wanted) if found.is_none() && name.0 == wanted.as_str() => {
                    found = Some(members.next_value()?);
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let Step::Element(wanted) = self.0 else {
            while elements.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(None);
        };
        for _ in 0..*wanted {
            if elements.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let found = elements.next_element()?;
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

/// A member's name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_or_explained() {
        let member = |name: &str| Step::Member(name.to_owned());
        for (text, expected) in [
            ("$", vec![]),
            ("$.a.b[0][\"c d\"]", vec![member("a"), member("b"), Step::Element(0), member("c d")]),
            ("$['a.b'].c", vec![member("a.b"), member("c")]),
            ("$.\"a\".tag-key", vec![member("a"), member("tag-key")]),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        for (text, problem) in [
            ("a.b", "does not begin with $"),
            ("$.", "no name after a dot"),
            ("$..a", "no name after a dot"),
            ("$.a[*]", "a wildcard"),
            ("$.*", "a wildcard"),
            ("$.a[-1]", "other than a number"),
            ("$.a[\"b]", "a quote that is not closed"),
            ("$.a[\"b\"", "a [ that is not closed"),
            ("$.a[0", "a [ that is not closed"),
            ("$a", "other than . or ["),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(problem) && error.contains(text), "{error}");
        }
    }

    #[test]
    fn values_are_found_by_their_path() {
        let json = r#"{"a": {"b": [1, {"c d": "x\"y"}], "b": 2}, "e\u0041": null, "f": 1.50}"#;
        for (path, expected) in [
            ("$.a.b[1][\"c d\"]", Some(r#""x\"y""#)),
            ("$.a.b[0]", Some("1")),
            ("$.a.b[2]", None),
            ("$.a.b.c", None),
            ("$.a[0]", None),
            ("$.eA", Some("null")),
            ("$.f", Some("1.50")),
            ("$.g", None),
        ] {
            assert_eq!(find(json, &parse(path).unwrap()), expected, "{path}");
        }
        for broken in ["", "{", "{\"a\": 1", "{\"a\": 1} x", "nonsense"] {
            assert_eq!(find(broken, &parse("$.a").unwrap()), None, "{broken}");
        }
        assert_eq!(unquoted("\"a\\nb\"").as_deref(), Some("a\nb"));
        assert_eq!(unquoted("null"), None);
        assert_eq!(unquoted("[1]").as_deref(), Some("[1]"));
    }
}
