//! What Athena is asked: statements that only read, with the views that they name in front of them,
//! since Athena's catalog has none unless somebody made them.

use crate::{
    error::{Cause, Error, Result},
    portable::{Dialect, SqlToken, SqlTokenKind, VIEWS, View, sql_tokens},
};

mod tables;

/// Words that begin a statement of Athena's catalog, which names no view of ours.
const ABOUT_THE_CATALOG: [&str; 3] = ["DESC", "DESCRIBE", "SHOW"];
/// What a query begins with.
const QUERIES: [&str; 5] = ["(", "SELECT", "TABLE", "VALUES", "WITH"];

/// Returns the statement as Athena is asked: without a semicolon at its end, and with the views that
/// it reads as common table expressions. All of these are within one line, so that Athena counts the
/// lines of a query as its author does.
///
/// # Errors
/// [`Error::NotAQuery`] for a statement that does not only read.
pub(super) fn asked(sql: &str) -> Result<String> {
    let words = Words::of(sql)?;
    let Some(first) = words.upper(0) else {
        return Err(malformed(
            "there is no statement: write a query, such as SELECT count(*) FROM events",
        ));
    };
    let sql = &sql[..words.end()];
    if ABOUT_THE_CATALOG.contains(&&*first) {
        return Ok(sql.to_owned());
    }
    let begin = if first == "EXPLAIN" { words.explained() } else { 0 };
    match words.upper(begin) {
        Some(word) if QUERIES.contains(&&*word) => {}
        word => return Err(Error::NotAQuery { statement: word.unwrap_or(first) }),
    }
    let defined = tables::defined(&words, begin);
    let read = tables::read(&words);
    let is_needed = |view: &&View| {
        let is_named = |names: &[String]| names.iter().any(|name| name == view.name);
        is_named(&read) && !is_named(&defined)
    };
    let needed: Vec<_> = VIEWS.iter().filter(is_needed).map(expression).collect::<Result<_>>()?;
    if needed.is_empty() {
        return Ok(sql.to_owned());
    }
    let (at, before, after) = match words.after_with(begin) {
        Some(at) => (at, " ", ","),
        None => (words.start(begin), "WITH ", " "),
    };
    Ok(format!("{}{before}{}{after}{}", &sql[..at], needed.join(", "), &sql[at..]))
}

fn expression(view: &View) -> Result<String> {
    let query = view.query(Dialect::Athena)?;
    let query: Vec<_> = query.lines().map(str::trim).collect();
    Ok(format!("{} AS ({})", view.name, query.join(" ")))
}

fn malformed(problem: &str) -> Error {
    Error::Query { source: Cause::from(problem) }
}

/// The pieces of one statement, without comments.
struct Words<'a> {
    sql: &'a str,
    tokens: Vec<SqlToken>,
}

impl<'a> Words<'a> {
    fn of(sql: &'a str) -> Result<Self> {
        let mut tokens = sql_tokens(sql);
        // What is a comment here may be none there.
        let nests = |token: &SqlToken| {
            token.kind == SqlTokenKind::Comment
                && sql[token.range.clone()]
                    .strip_prefix("/*")
                    .is_some_and(|text| text.contains("/*"))
        };
        if tokens.iter().any(nests) {
            return Err(malformed("a comment is in a comment, which Athena does not read as one"));
        }
        tokens.retain(|token| token.kind != SqlTokenKind::Comment);
        while tokens.last().is_some_and(|token| token.kind == SqlTokenKind::Semicolon) {
            tokens.pop();
        }
        if tokens.iter().any(|token| token.kind == SqlTokenKind::Semicolon) {
            return Err(malformed(
                "there is more than one statement: run them one by one, without ; between them",
            ));
        }
        Ok(Self { sql, tokens })
    }

    fn text(&self, index: usize) -> Option<&'a str> {
        self.tokens.get(index).map(|token| &self.sql[token.range.clone()])
    }

    fn upper(&self, index: usize) -> Option<String> {
        self.text(index).map(str::to_ascii_uppercase)
    }

    fn is(&self, index: usize, word: &str) -> bool {
        self.text(index).is_some_and(|text| text.eq_ignore_ascii_case(word))
    }

    /// A name in the form that names are compared in: Athena knows no upper case in them.
    fn name(&self, index: usize) -> Option<String> {
        let text = self.text(index)?.to_lowercase();
        match self.tokens[index].kind {
            SqlTokenKind::Name => Some(text),
            SqlTokenKind::QuotedName => {
                let inner = text.strip_prefix('"')?.strip_suffix('"')?;
                Some(inner.replace("\"\"", "\""))
            }
            _ => None,
        }
    }

    fn start(&self, index: usize) -> usize {
        self.tokens.get(index).map_or(self.sql.len(), |token| token.range.start)
    }

    /// Where the last piece ends.
    fn end(&self) -> usize {
        self.tokens.last().map_or(0, |token| token.range.end)
    }

    /// The first word of what an EXPLAIN explains.
    fn explained(&self) -> usize {
        let mut index = 1;
        while self.is(index, "ANALYZE") || self.is(index, "VERBOSE") {
            index += 1;
        }
        let is_query = self.upper(index + 1).is_some_and(|word| QUERIES.contains(&&*word));
        if self.is(index, "(") && !is_query { self.behind_group(index) } else { index }
    }

    /// The index behind the parenthesis that is opened at one.
    fn behind_group(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for index in open..self.tokens.len() {
            match self.text(index) {
                Some("(") => depth += 1,
                Some(")") => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return index + 1;
            }
        }
        self.tokens.len()
    }

    /// The index of the first name that a WITH defines.
    fn first_defined(&self, begin: usize) -> Option<usize> {
        let is_recursive = self.is(begin + 1, "RECURSIVE");
        self.is(begin, "WITH").then_some(begin + 1 + usize::from(is_recursive))
    }

    /// The byte behind WITH or WITH RECURSIVE.
    fn after_with(&self, begin: usize) -> Option<usize> {
        let first = self.first_defined(begin)?;
        Some(self.tokens[first - 1].range.end)
    }
}

#[cfg(test)]
mod tests;
