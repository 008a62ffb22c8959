//! Text from log files in HTML and SVG: it never becomes an element, an attribute or an entity, and
//! characters that a browser would not show, or that change the direction of text, are shown by
//! their code.

use std::fmt::Write as _;

use super::terminal::is_invisible;

/// Appends a text to the content of an element that keeps line breaks and tabs. Codes are marked, so
/// that a text that contains the same letters is not mistaken for one.
pub(crate) fn push_text(out: &mut String, text: &str) {
    for character in text.chars() {
        if is_invisible(character) && !matches!(character, '\n' | '\t') {
            let _ = write!(out, "<span class=\"u\">\\u{{{:x}}}</span>", u32::from(character));
        } else {
            push_character(out, character);
        }
    }
}

/// Appends a text to an attribute's value, or to an element that contains only text, as one line.
pub(crate) fn push_line(out: &mut String, text: &str) {
    for character in text.chars() {
        if is_invisible(character) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
        } else {
            push_character(out, character);
        }
    }
}

/// Returns a text as [`push_line`] appends it.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_line(&mut out, text);
    out
}

fn push_character(out: &mut String, character: char) {
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        for (text, content, one_line) in [
            ("é🤖 a&amp;b", "é🤖 a&amp;amp;b", "é🤖 a&amp;amp;b"),
            ("</td><script>", "&lt;/td&gt;&lt;script&gt;", "&lt;/td&gt;&lt;script&gt;"),
            ("\" onload='x'", "&quot; onload=&#39;x&#39;", "&quot; onload=&#39;x&#39;"),
            ("a\n\tb", "a\n\tb", "a\\u{a}\\u{9}b"),
            (
                "\u{202e}\0",
                r#"<span class="u">\u{202e}</span><span class="u">\u{0}</span>"#,
                r"\u{202e}\u{0}",
            ),
        ] {
            let mut out = String::new();
            push_text(&mut out, text);
            assert_eq!(out, content, "{text:?}");
            assert_eq!(line(text), one_line, "{text:?}");
        }
    }
}
