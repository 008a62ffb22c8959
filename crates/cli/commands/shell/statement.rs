//! What was typed, or read from a file, as commands and statements: those that are whole, and what is
//! still without an end.

use ecstrail_query::{SqlTokenKind, sql_tokens};

/// A text in its parts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Input<'a> {
    /// What can be run, in order, with the byte that it begins at.
    pub(crate) entries: Vec<(usize, Entry<'a>)>,
    /// What is missing at the end, if a statement has begun.
    pub(crate) missing: Option<Missing>,
}

/// Something to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    /// A line that begins with a dot.
    Command(&'a str),
    /// A statement, without its semicolon.
    Sql(&'a str),
}

/// What has to come before a statement is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Semicolon,
    /// The end of a text.
    Quote,
    /// The end of a name in quotes.
    DoubleQuote,
    /// The end of a comment.
    EndOfComment,
}

impl Missing {
    /// The prompt for the next line, as wide as the first one.
    pub(crate) fn prompt(self) -> &'static str {
        match self {
            Self::Semicolon => "     ...> ",
            Self::Quote => "       '> ",
            Self::DoubleQuote => "       \"> ",
            Self::EndOfComment => "      /*> ",
        }
    }
}

/// Splits a text at the semicolons that end statements, and at the ends of lines with a command.
/// Comments before them are left out.
pub(crate) fn split(text: &str) -> Input<'_> {
    let mut entries = Vec::new();
    // Pieces of the text from `base` on; `next` is the first one that is not in an entry.
    let (mut base, mut tokens, mut next) = (0, sql_tokens(text), 0);
    loop {
        while tokens.get(next).is_some_and(|token| {
            token.kind == SqlTokenKind::Semicolon
                || (token.kind == SqlTokenKind::Comment && !token.is_open)
        }) {
            next += 1;
        }
        let Some(first) = tokens.get(next) else { return Input { entries, missing: None } };
        let start = base + first.range.start;
        if text[start..].starts_with('.') {
            let line = text[start..].lines().next().unwrap_or_default();
            entries.push((start, Entry::Command(line.trim_end())));
            let end = start + line.len();
            next = tokens.partition_point(|token| base + token.range.end <= end);
            // A quote in a command is not one of SQL.
            if tokens.get(next).is_some_and(|token| base + token.range.start < end) {
                (base, tokens, next) = (end, sql_tokens(&text[end..]), 0);
            }
            continue;
        }
        let rest = &tokens[next..];
        let Some(end) = rest.iter().position(|token| token.kind == SqlTokenKind::Semicolon) else {
            let missing = match rest.last() {
                Some(last) if last.is_open => match last.kind {
                    SqlTokenKind::QuotedName => Missing::DoubleQuote,
                    SqlTokenKind::Comment => Missing::EndOfComment,
                    _ => Missing::Quote,
                },
                _ => Missing::Semicolon,
            };
            return Input { entries, missing: Some(missing) };
        };
        let sql = &text[start..base + rest[end].range.start];
        entries.push((start, Entry::Sql(sql.trim_end())));
        next += end + 1;
    }
}

/// Returns the line, from 1, that a byte of a text is in.
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    1 + text[..byte].matches('\n').count()
}
