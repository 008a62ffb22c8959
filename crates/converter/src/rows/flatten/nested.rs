//! What derived columns read from small nested values: the words of a command, the key and the
//! value of a tag.

use std::borrow::Cow;

use crate::records::json::{for_each_element, for_each_member, skip_value, unescape};

/// A tag: its key, and its value if that is a text.
pub(super) type Tag<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// Returns the texts of an array, or nothing of any other value.
pub(super) fn words(token: &str) -> Vec<Cow<'_, str>> {
    let mut words = Vec::new();
    if token.starts_with('[') {
        for_each_element(token, 0, |at| {
            let end = skip_value(token.as_bytes(), at);
            words.extend(text(&token[at..end]));
            end
        });
    }
    words
}

/// Reads `{"key": …, "value": …}`; `None` if there is no key.
pub(super) fn tag(token: &str) -> Option<Tag<'_>> {
    let mut key = None;
    let mut value = None;
    if token.starts_with('{') {
        for_each_member(token, 0, |member, at| {
            let end = skip_value(token.as_bytes(), at);
            match &*member.name(token.as_bytes()) {
                b"key" => key = text(&token[at..end]),
                b"value" => value = text(&token[at..end]),
                _ => {}
            }
            end
        });
    }
    Some((key?, value))
}

fn text(token: &str) -> Option<Cow<'_, str>> {
    token.starts_with('"').then(|| unescape(token).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_commands() {
        for (token, expected) in [
            (r#"["sh","-c","echo \"a b\""]"#, vec!["sh", "-c", "echo \"a b\""]),
            (r#"["a",1,null,["b"],"c"]"#, vec!["a", "c"]),
            ("[]", vec![]),
            (r#""sh""#, vec![]),
            ("null", vec![]),
        ] {
            assert_eq!(words(token), expected, "{token}");
        }
    }

    #[test]
    fn keys_and_values_of_tags() {
        for (token, expected) in [
            (r#"{"key":"team","value":"shop"}"#, Some(("team", Some("shop")))),
            (r#"{"value":"","key":"a\u0062"}"#, Some(("ab", Some("")))),
            (r#"{"k\u0065y":"team","valu\u0065":"shop"}"#, Some(("team", Some("shop")))),
            (r#"{"key":"team"}"#, Some(("team", None))),
            (r#"{"key":"team","value":7}"#, Some(("team", None))),
            (r#"{"key":7,"value":"shop"}"#, None),
            (r#"{"Key":"team","Value":"shop"}"#, None),
            (r#"["team"]"#, None),
            (r#""team""#, None),
        ] {
            let expected = expected.map(|(key, value)| (Cow::from(key), value.map(Cow::from)));
            assert_eq!(tag(token), expected, "{token}");
        }
    }
}
