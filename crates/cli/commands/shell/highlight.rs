//! SQL in colors, as it is typed. Only escapes are added: the text is as wide as before.

use std::fmt::Write as _;

use ecstrail_query::{SqlTokenKind, sql_tokens};

const RESET: &str = "\x1b[0m";
const COMMAND: &str = "\x1b[1m";
const BRACKET: &str = "\x1b[1;7m";

/// Returns the color of a piece, if it has one.
fn color(kind: SqlTokenKind) -> Option<&'static str> {
    match kind {
        SqlTokenKind::Keyword => Some("\x1b[1;34m"),
        SqlTokenKind::Text => Some("\x1b[32m"),
        SqlTokenKind::Number => Some("\x1b[36m"),
        SqlTokenKind::Parameter => Some("\x1b[35m"),
        SqlTokenKind::Comment => Some("\x1b[90m"),
        _ => None,
    }
}

/// Colors a line, which follows other lines of the same statement. The bracket at the cursor, or
/// before it, is shown with the one that belongs to it.
pub(crate) fn highlighted(before: &str, line: &str, cursor: Option<usize>) -> String {
    if before.is_empty() && line.trim_start().starts_with('.') {
        let name = line.find(|character: char| character.is_whitespace() && character != ' ');
        let name = name.or_else(|| {
            line.trim_start().find(' ').map(|at| at + line.len() - line.trim_start().len())
        });
        let (name, rest) = line.split_at(name.unwrap_or(line.len()));
        return format!("{COMMAND}{name}{RESET}{rest}");
    }
    let text = format!("{before}{line}");
    let tokens = sql_tokens(&text);
    let brackets = cursor.map(|cursor| pair(&text, before.len() + cursor)).unwrap_or_default();
    let mut shown = String::with_capacity(2 * line.len());
    let mut last = before.len();
    for token in &tokens {
        let start = token.range.start.max(before.len());
        let end = token.range.end;
        if end <= start {
            continue;
        }
        shown.push_str(&text[last..start]);
        let color =
            if brackets.contains(&token.range.start) { Some(BRACKET) } else { color(token.kind) };
        let piece = &text[start..end];
        // Writing to a String cannot fail.
        let _ = match color {
            Some(color) => write!(shown, "{color}{piece}{RESET}"),
            None => write!(shown, "{piece}"),
        };
        last = end;
    }
    shown.push_str(&text[last..]);
    shown
}

/// Returns where the bracket at the cursor, or before it, and the one that belongs to it are.
fn pair(text: &str, cursor: usize) -> Vec<usize> {
    let tokens = sql_tokens(text);
    let brackets: Vec<_> = tokens
        .iter()
        .filter(|token| token.kind == SqlTokenKind::Sign)
        .filter_map(|token| Some((token.range.start, text[token.range.clone()].chars().next()?)))
        .filter(|(_, sign)| "()[]".contains(*sign))
        .collect();
    let at = brackets.iter().position(|(start, _)| *start == cursor);
    let at = at.or_else(|| brackets.iter().position(|(start, _)| start + 1 == cursor));
    let Some(at) = at else { return Vec::new() };
    let partner = if is_opening(brackets[at].1) {
        partner(brackets[at..].iter())
    } else {
        partner(brackets[..=at].iter().rev())
    };
    partner.map(|partner| vec![brackets[at].0, partner]).unwrap_or_default()
}

/// Returns where the first bracket is closed, or opened, by a later one.
fn partner<'a>(mut brackets: impl Iterator<Item = &'a (usize, char)>) -> Option<usize> {
    let mut depth = 0;
    let partner = brackets.find(|(_, sign)| {
        depth += if is_opening(*sign) { 1 } else { -1 };
        depth == 0
    });
    partner.map(|(start, _)| *start)
}

fn is_opening(sign: char) -> bool {
    "([".contains(sign)
}
