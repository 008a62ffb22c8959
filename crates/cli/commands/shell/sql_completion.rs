//! What the Tab key offers within SQL.

use ecstrail_query::{SQL_KEYWORDS, SqlToken, SqlTokenKind, sql_tokens};

use super::vocabulary::{Offer, TableWords, ValueContext, Vocabulary};

/// What a statement can begin with.
const BEGINNINGS: [&str; 6] = ["DESCRIBE", "EXPLAIN", "SELECT", "SHOW", "VALUES", "WITH"];

/// Returns what can stand at the byte `cursor` of a text with statements.
pub(crate) fn in_sql(text: &str, cursor: usize, vocabulary: &Vocabulary) -> Offer {
    let tokens = sql_tokens(text);
    let is_end = |token: &SqlToken| token.kind == SqlTokenKind::Semicolon;
    let first = tokens.iter().rposition(|token| is_end(token) && token.range.end <= cursor);
    let tokens = &tokens[first.map_or(0, |end| end + 1)..];
    let tokens = &tokens[..tokens.iter().position(is_end).unwrap_or(tokens.len())];
    let tokens: Vec<_> = tokens
        .iter()
        .map(|token| Piece { kind: token.kind, text: &text[token.range.clone()], token })
        .collect();
    // Where the cursor is: in a piece or at its end, or between two.
    let at = tokens.partition_point(|piece| piece.token.range.end < cursor);
    let touched = tokens.get(at).filter(|piece| piece.token.range.start < cursor);
    let before = &tokens[..at];
    let (start, prefix) = match touched {
        None => (cursor, ""),
        Some(piece) => {
            let start = piece.token.range.start;
            let is_inside = piece.token.is_open || cursor < piece.token.range.end;
            match piece.kind {
                SqlTokenKind::Keyword | SqlTokenKind::Name => (start, &text[start..cursor]),
                SqlTokenKind::Text if is_inside && piece.text.starts_with('\'') => {
                    return value(before, start + 1, &text[start + 1..cursor], vocabulary);
                }
                SqlTokenKind::Sign if !is_inside => {
                    let before = &tokens[..=at];
                    return Offer::words(cursor, "", candidates(before, &tokens, "", vocabulary));
                }
                _ => return Offer::NOTHING,
            }
        }
    };
    Offer::words(start, prefix, candidates(before, &tokens, prefix, vocabulary))
}

/// A piece of a statement with its text.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    kind: SqlTokenKind,
    text: &'a str,
    token: &'a SqlToken,
}

impl Piece<'_> {
    fn is(&self, keyword: &str) -> bool {
        self.kind == SqlTokenKind::Keyword && self.text.eq_ignore_ascii_case(keyword)
    }

    fn is_name(&self) -> bool {
        matches!(self.kind, SqlTokenKind::Name | SqlTokenKind::QuotedName)
    }

    fn name(&self) -> String {
        match self.kind {
            SqlTokenKind::QuotedName => self.text.trim_matches('"').to_owned(),
            _ => self.text.to_ascii_lowercase(),
        }
    }
}

/// Offers a value of the column that a text is compared with.
fn value(before: &[Piece<'_>], start: usize, prefix: &str, vocabulary: &Vocabulary) -> Offer {
    let mut compared = before.iter().rev().skip_while(|piece| {
        ["IN", "NOT", "LIKE", "ILIKE"].iter().any(|word| piece.is(word))
            || piece.kind == SqlTokenKind::Text
            || (piece.kind == SqlTokenKind::Sign
                && ["=", "<>", "!=", "<", ">", "<=", ">=", "(", ","].contains(&piece.text))
    });
    let column = compared.next().filter(|piece| piece.is_name()).map(Piece::name);
    let events = vocabulary.tables.first();
    let column =
        column.filter(|column| events.is_some_and(|events| events.columns.contains(column)));
    column.map_or(Offer::NOTHING, |expression| Offer::Values {
        start,
        expression,
        prefix: prefix.replace("''", "'"),
        context: ValueContext::SqlText,
    })
}

/// Returns what can follow the pieces before the cursor, best first.
fn candidates(
    before: &[Piece<'_>],
    statement: &[Piece<'_>],
    prefix: &str,
    vocabulary: &Vocabulary,
) -> Vec<String> {
    let named = named(statement, vocabulary);
    let Some(last) = before.last() else {
        return keywords(&BEGINNINGS, before, prefix);
    };
    if last.text == "." {
        let qualifier = before.iter().rev().nth(1).map(Piece::name);
        let table = named.iter().find(|(name, _)| qualifier.as_ref() == Some(name));
        let table = table.map(|(_, table)| *table);
        let table = table.or_else(|| {
            vocabulary.tables.iter().find(|table| qualifier.as_ref() == Some(&table.name))
        });
        return table.map(|table| table.columns.clone()).unwrap_or_default();
    }
    if is_table_expected(before) {
        let tables = vocabulary.tables.iter().map(|table| table.name.clone());
        return tables.chain(subqueries(statement)).collect();
    }
    let is_after_value = last.is_name()
        || matches!(last.kind, SqlTokenKind::Text | SqlTokenKind::Number)
        || last.text == ")"
        || last.text == "*";
    if is_after_value {
        return keywords(&SQL_KEYWORDS, before, prefix);
    }
    let mut found: Vec<String> = match &named[..] {
        [] => vocabulary.columns(),
        named => named.iter().flat_map(|(_, table)| table.columns.clone()).collect(),
    };
    found.extend(named.iter().map(|(name, _)| name.clone()));
    if !prefix.is_empty() {
        found.extend(vocabulary.functions.iter().map(|name| format!("{name}(")));
    }
    found.extend(keywords(&SQL_KEYWORDS, before, prefix));
    found
}

/// Whether the name of a table comes next.
fn is_table_expected(before: &[Piece<'_>]) -> bool {
    let Some(last) = before.last() else { return false };
    if ["FROM", "JOIN", "DESCRIBE"].iter().any(|word| last.is(word)) {
        return true;
    }
    // In a list of tables.
    let mut depth = 0;
    let clause = before.iter().rev().find(|piece| {
        match piece.text {
            ")" => depth += 1,
            "(" => depth -= 1,
            _ => {}
        }
        depth <= 0 && piece.kind == SqlTokenKind::Keyword && !piece.is("AS")
    });
    last.text == "," && clause.is_some_and(|clause| clause.is("FROM"))
}

/// Returns the tables that a statement names, by their names in it.
fn named<'a>(statement: &[Piece<'_>], vocabulary: &'a Vocabulary) -> Vec<(String, &'a TableWords)> {
    let mut found: Vec<(String, &TableWords)> = Vec::new();
    for (at, piece) in statement.iter().enumerate() {
        let table =
            vocabulary.tables.iter().find(|table| piece.is_name() && table.name == piece.name());
        let Some(table) = table else { continue };
        if !is_table_expected(&statement[..at]) {
            continue;
        }
        let after = &statement[at + 1..];
        let after =
            if after.first().is_some_and(|piece| piece.is("AS")) { &after[1..] } else { after };
        let alias = after.first().filter(|piece| piece.is_name()).map(Piece::name);
        let name = alias.unwrap_or_else(|| table.name.clone());
        if found.iter().all(|(known, _)| *known != name) {
            found.push((name, table));
        }
    }
    found
}

/// Returns the names of subqueries that a statement begins with: `WITH name AS (`.
fn subqueries(statement: &[Piece<'_>]) -> Vec<String> {
    let subqueries = statement
        .windows(3)
        .filter(|three| three[0].is_name() && three[1].is("AS") && three[2].text == "(");
    subqueries.map(|three| three[0].name()).collect()
}

/// Returns keywords in the letters that are typed.
fn keywords(known: &[&str], before: &[Piece<'_>], prefix: &str) -> Vec<String> {
    let typed = before.iter().find(|piece| piece.kind == SqlTokenKind::Keyword);
    let typed = if prefix.is_empty() { typed.map_or("", |piece| piece.text) } else { prefix };
    let is_lower = typed.contains(|character: char| character.is_ascii_lowercase());
    let letters =
        |word: &&str| if is_lower { word.to_ascii_lowercase() } else { (*word).to_owned() };
    known.iter().map(letters).collect()
}
