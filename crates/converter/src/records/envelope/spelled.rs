//! Names in a text that may be spelled with escapes: `event\\u0053ource`, and with more backslashes
//! where the text is quoted in another one.

/// What begins the escape of an ASCII character.
const ESCAPE: &[u8] = b"\\u00";
/// The digits of the character.
const DIGITS: usize = 2;

/// Returns whether something is true of a text, as it stands or with the letters and digits in it
/// that are escaped.
pub(super) fn holds(text: &[u8], is_so: impl Fn(&[u8]) -> bool) -> bool {
    is_so(text) || (memchr::memmem::find(text, ESCAPE).is_some() && is_so(&without_escapes(text)))
}

/// Replaces the escapes of letters and digits, at any depth of quoting.
fn without_escapes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, ESCAPE) {
        let digits = rest.get(at + ESCAPE.len()..at + ESCAPE.len() + DIGITS);
        let character = digits
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())
            .filter(u8::is_ascii_alphanumeric);
        if let Some(character) = character {
            let before = &rest[..at];
            let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
            out.extend_from_slice(&before[..at - backslashes]);
            out.push(character);
            rest = &rest[at + ESCAPE.len() + DIGITS..];
        } else {
            out.extend_from_slice(&rest[..at + ESCAPE.len()]);
            rest = &rest[at + ESCAPE.len()..];
        }
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_found_however_they_are_escaped() {
        for (text, expected) in [
            (r#"{"eventSource":1}"#, r#"{"eventSource":1}"#),
            (r#"{"event\u0053ource":1}"#, r#"{"eventSource":1}"#),
            (r#"{\"event\\u0053ource\":1}"#, r#"{\"eventSource\":1}"#),
            (r"\u0065\u0076\u0065\u006eT", "evenT"),
            (r"\u00e9\u0022\u000aA\u0041", r"\u00e9\u0022\u000aAA"),
            (r"\u00", r"\u00"),
            (r"\u00x1\u004", r"\u00x1\u004"),
        ] {
            assert_eq!(String::from_utf8(without_escapes(text.as_bytes())).unwrap(), expected);
        }
        let has = |text: &[u8]| memchr::memmem::find(text, b"eventSource").is_some();
        assert!(holds(br#"{"event\u0053ource":1}"#, has));
        assert!(!holds(br#"{"event\u0073ource":1}"#, has));
    }
}
