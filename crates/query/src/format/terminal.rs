//! Text from log files on a terminal: control, formatting and direction characters could move the
//! cursor, change colours or show one thing for another, so they are shown by their code.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

/// Shows each character that a terminal would act on, or not show at all, as `\u{…}`.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_invisible(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Controls (C0, DEL and C1), line separators, what changes direction, and what is not shown: all
/// that Unicode calls default-ignorable (variation selectors and tags among it), and the marks that
/// only tell how others are drawn.
pub(super) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Makes lines of text harmless for a terminal.
pub fn printable(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// Makes a text harmless for a terminal, and one line: with a line break of its own it could pass for
/// two lines of ours.
pub fn printable_line(text: &str) -> String {
    visible(text)
}

/// Makes JSON harmless for a terminal: harmful characters are escaped, and it is the same JSON.
pub fn printable_json(json: &str) -> String {
    let mut units = [0; 2];
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if is_invisible(character) && character != '\n' {
            let units = character.encode_utf16(&mut units);
            text.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            text.push(character);
        }
    }
    text
}

/// Passes JSON on to a terminal, as [`printable_json`] makes it.
#[derive(Debug)]
pub struct TerminalJson<W>(
    /// The terminal.
    pub W,
);

impl<W: Write> Write for TerminalJson<W> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        let text = printable_json(&String::from_utf8_lossy(json));
        self.0.write_all(text.as_bytes())?;
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Passes delimited text on to a terminal; of what it would act on, only tabs and the ends of lines
/// get through.
#[derive(Debug)]
pub struct TerminalText<W>(
    /// The terminal.
    pub W,
);

impl<W: Write> Write for TerminalText<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let shown = String::from_utf8_lossy(text);
        let lines = shown.split('\n').map(|line| {
            let line = line.strip_suffix('\r').unwrap_or(line);
            line.split('\t').map(visible).collect::<Vec<_>>().join("\t")
        });
        self.0.write_all(lines.collect::<Vec<_>>().join("\n").as_bytes())?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_do_harm_is_shown_by_its_code() {
        let text = "a\u{9b}31m\u{202e}é🤖\n";
        let mut out = TerminalJson(Vec::new());
        out.write_all(text.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(out.0).unwrap(), "a\\u009b31m\\u202eé🤖\n");
        assert_eq!(printable(text), "a\\u{9b}31m\\u{202e}é🤖\n");
        assert_eq!(printable_line(text), "a\\u{9b}31m\\u{202e}é🤖\\u{a}");
        let json = serde_json::json!(["\u{85}\u{2028}\u{2066}\u{61c}\u{e0041}\n\u{7f}\"", "é🤖"]);
        let shown = printable_json(&json.to_string());
        assert_eq!(shown, r#"["\u0085\u2028\u2066\u061c\udb40\udc41\n\u007f\"","é🤖"]"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), json);
    }
}
