//! JSON text as bytes: where values end, what strings say, and the text without white space.
//!
//! Values are never parsed into numbers or trees here, so that number spellings, lone surrogates
//! and depth survive. All functions are iterative; [`value_end`] and [`string_end`] accept any
//! bytes, the others expect text that has been checked.

use std::{borrow::Cow, ops::Range};

use memchr::memchr2;

mod brackets;

pub(crate) use brackets::Brackets;
use brackets::skip_container;

/// Returns the first position at or after `at` that is not JSON white space.
pub(crate) fn skip_white_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// Returns the position after a string's closing quote; `at` is the position after the opening
/// one. `None` if the text ends first.
pub(crate) fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The name of a member, as a token with its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// Where the token stands.
    pub(crate) token: Range<usize>,
    /// Whether there are escapes in it: `event\u0053ource` is the name `eventSource`.
    pub(crate) is_escaped: bool,
}

impl Key {
    /// Returns the key that begins at `at`; `None` if it does not end.
    pub(crate) fn at(text: &[u8], start: usize) -> Option<Self> {
        let (mut at, mut is_escaped) = (start + 1, false);
        loop {
            at += memchr2(b'"', b'\\', text.get(at..)?)?;
            if text[at] == b'"' {
                return Some(Self { token: start..at + 1, is_escaped });
            }
            is_escaped = true;
            at += 2;
        }
    }

    /// Returns the name that the key spells in its text.
    pub(crate) fn name<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let inner = &text[self.token.start + 1..self.token.end - 1];
        let token = self.is_escaped.then(|| std::str::from_utf8(&text[self.token.clone()]).ok());
        match token.flatten().map(unescape) {
            Some((Cow::Owned(name), _)) => Cow::Owned(name.into_bytes()),
            _ => Cow::Borrowed(inner),
        }
    }

    /// Returns whether this is the key of a member.
    #[inline]
    pub(crate) fn is(&self, name: &str, text: &[u8]) -> bool {
        if self.is_escaped {
            return *self.name(text) == *name.as_bytes();
        }
        // Most lengths differ, and most texts need not be looked at.
        self.token.len() == name.len() + 2
            && &text[self.token.start + 1..self.token.end - 1] == name.as_bytes()
    }
}

/// How the search for the end of a value ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The value ends before this position.
    At(usize),
    /// The text ends inside the value.
    Missing,
    /// The brackets do not match.
    Broken,
}

/// Finds the end of the value that starts at `at`, by strings and brackets alone.
pub(crate) fn value_end(text: &[u8], at: usize, brackets: &mut Brackets) -> End {
    match text.get(at) {
        None => End::Missing,
        Some(b'"') => string_end(text, at + 1).map_or(End::Missing, End::At),
        Some(b'{' | b'[') => brackets.container_end(text, at),
        Some(_) => scalar_end(text, at),
    }
}

fn scalar_end(text: &[u8], start: usize) -> End {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.' => at += 1,
            _ if at == start => return End::Broken,
            _ => return End::At(at),
        }
    }
    End::Missing
}

/// Returns where the value at `at` ends, in text that has been checked.
pub(crate) fn skip_value(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(b'"') => string_end(text, at + 1).unwrap_or(text.len()),
        Some(b'{' | b'[') => skip_container(text, at),
        _ => match scalar_end(text, at) {
            End::At(end) => end,
            End::Missing | End::Broken => text.len(),
        },
    }
}

/// Calls `each` with the key and where the value starts, for every member of the object at `at`;
/// `each` returns where the value ends. Returns where the object ends. The text is checked
/// JSON without white space.
pub(crate) fn for_each_member(
    text: &str,
    at: usize,
    mut each: impl FnMut(Key, usize) -> usize,
) -> usize {
    let bytes = text.as_bytes();
    let mut at = at + 1;
    while bytes.get(at) == Some(&b'"') {
        let Some(key) = Key::at(bytes, at) else { break };
        let value = key.token.end + 1;
        let end = each(key, value);
        at = if bytes.get(end) == Some(&b',') { end + 1 } else { end };
    }
    at + 1
}

/// Calls `each` with where the value starts, for every element of the array at `at`; otherwise as
/// [`for_each_member`].
pub(crate) fn for_each_element(
    text: &str,
    at: usize,
    mut each: impl FnMut(usize) -> usize,
) -> usize {
    let bytes = text.as_bytes();
    let mut at = at + 1;
    while at < bytes.len() && bytes[at] != b']' {
        let end = each(at);
        at = if bytes.get(end) == Some(&b',') { end + 1 } else { end };
    }
    at + 1
}

/// Returns the text of a string token without quotes, with its escapes resolved. The flag is
/// false if a lone surrogate had to become U+FFFD.
pub(crate) fn unescape(token: &str) -> (Cow<'_, str>, bool) {
    unescape_as(token, |_, text| text.push(char::REPLACEMENT_CHARACTER))
}

/// Returns the JSON that a string token holds as its text. A lone surrogate can only stand in one of
/// the strings in there, as an escape.
pub(crate) fn unescape_json(token: &str) -> Cow<'_, str> {
    let keep = |escape: &str, text: &mut String| {
        text.push('\\');
        text.push_str(escape);
    };
    unescape_as(token, keep).0
}

/// Resolves escapes; `lone` is given those of lone surrogates, without the backslash.
fn unescape_as(token: &str, lone: impl Fn(&str, &mut String)) -> (Cow<'_, str>, bool) {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
    let Some(first) = memchr::memchr(b'\\', inner.as_bytes()) else {
        return (Cow::Borrowed(inner), true);
    };
    let mut text = String::with_capacity(inner.len());
    text.push_str(&inner[..first]);
    let mut whole = true;
    let mut rest = &inner[first..];
    while let Some(escape) = rest.strip_prefix('\\') {
        let (character, length) = escaped_character(escape);
        match character {
            Some(character) => text.push(character),
            None => lone(escape.get(..length).unwrap_or_default(), &mut text),
        }
        whole &= character.is_some();
        rest = escape.get(length..).unwrap_or_default();
        let next = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        text.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    (Cow::Owned(text), whole)
}

/// Reads one escape, without its backslash: its character (`None` for a lone surrogate) and how
/// many bytes it takes.
fn escaped_character(escape: &str) -> (Option<char>, usize) {
    let simple = |character| (Some(character), 1);
    match escape.as_bytes().first() {
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b'u') => {
            let high = hexadecimal(escape, 1);
            let low =
                escape.get(5..7).filter(|text| *text == "\\u").map(|_| hexadecimal(escape, 7));
            match (high, low) {
                (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) => {
                    (char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), 11)
                }
                _ => (char::from_u32(high), 5),
            }
        }
        Some(&byte) => simple(char::from(byte)),
        None => (None, 0),
    }
}

fn hexadecimal(text: &str, at: usize) -> u32 {
    text.get(at..at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0xFFFD)
}

/// Appends the text without the white space between its tokens.
pub(crate) fn compact(text: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            b'"' => {
                let end = string_end(text, at + 1).unwrap_or(text.len());
                out.extend_from_slice(&text[at..end]);
                at = end;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
}

/// Appends a string token whose text is `text`, with the fewest escapes that JSON needs.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_values() {
        let mut open = Brackets::default();
        for (text, expected) in [
            (r#"{"a":[1,{"b":"}"}]} ,"#, End::At(19)),
            (r#""a\"b" "#, End::At(6)),
            ("12.50e-3,", End::At(8)),
            ("null}", End::At(4)),
            ("null", End::Missing),
            (r#"{"a":[1}]"#, End::Broken),
            (r#"{"a":"b"#, End::Missing),
            (",", End::Broken),
            ("", End::Missing),
        ] {
            assert_eq!(value_end(text.as_bytes(), 0, &mut open), expected, "{text}");
        }
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert_eq!(value_end(deep.as_bytes(), 0, &mut open), End::At(2_000_000));
        assert_eq!(open.deepest, 1_000_000);
        assert_eq!(skip_value(deep.as_bytes(), 0), 2_000_000);
        assert_eq!(skip_value(br#"{"a":[1,{"b":"}"}],"c":null},"#, 0), 28);
    }

    #[test]
    fn escapes_are_resolved_and_lone_surrogates_flagged() {
        for (token, text, whole) in [
            (r#""plain""#, "plain", true),
            (r#""""#, "", true),
            (r#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz", true),
            (r#""\u0041\u00e9\u202f""#, "Aé\u{202f}", true),
            (r#""\ud83e\udd16!""#, "🤖!", true),
            (r#""a\ud800b""#, "a\u{fffd}b", false),
            (r#""\udc00\ud800""#, "\u{fffd}\u{fffd}", false),
            (r#""\ud800\u0041""#, "\u{fffd}A", false),
            (r#""\u0000""#, "\0", true),
        ] {
            assert_eq!(unescape(token), (Cow::Borrowed(text), whole), "{token}");
        }
    }

    #[test]
    fn keys_and_the_names_that_they_spell() {
        for (text, name, is_escaped) in [
            (&br#""eventSource":1"#[..], &b"eventSource"[..], false),
            (br#""":1"#, b"", false),
            (br#""event\u0053ource":1"#, b"eventSource", true),
            (br#""\u0065vent\u0053ourc\u0065":1"#, b"eventSource", true),
            (br#""a\"b\\\/":1"#, br#"a"b\/"#, true),
            (br#""\u00e9\ud83e\udd16":1"#, "é🤖".as_bytes(), true),
            (br#""\ud800\q\u00":1"#, "\u{fffd}q\u{fffd}".as_bytes(), true),
            (b"\"\xff\\u0041\":1", b"\xff\\u0041", true),
        ] {
            let key = Key::at(text, 0).unwrap();
            assert_eq!((&*key.name(text), key.is_escaped), (name, is_escaped));
            assert_eq!(key.token.end, text.len() - 2);
            assert!(std::str::from_utf8(name).map_or(true, |name| key.is(name, text)));
            assert!(!key.is("eventsource", text));
        }
        for text in [&b"\""[..], br#""abc"#, br#""abc\""#, br#""abc\"#] {
            assert_eq!(Key::at(text, 0), None);
        }
    }

    #[test]
    fn compacting_keeps_every_token() {
        let mut out = Vec::new();
        compact(b" { \"a b\" :\t[ 1.0 , \"x\\\" y\" ]\r\n}", &mut out);
        assert_eq!(out, br#"{"a b":[1.0,"x\" y"]}"#);
    }
}
