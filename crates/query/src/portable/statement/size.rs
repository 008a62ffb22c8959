//! Limits on the size of a query. The engine walks trees of operators and tables on the stack:
//! longer chains would end the process or keep it planning for minutes.

use datafusion::sql::sqlparser::{
    dialect::GenericDialect,
    keywords::Keyword,
    tokenizer::{Token, Tokenizer},
};

/// Words and signs between two commas, brackets or clauses. A chain of operators is a tree as deep
/// as it is long, and each of them is a word or a sign.
const MOST_IN_AN_EXPRESSION: usize = 2000;

/// Tables, subqueries and joins. Each can be a level of the plan.
const MOST_RELATIONS: usize = 250;

/// Bytes of a name. The engine compares one that it does not know with all that it does.
const LONGEST_NAME: usize = 1000;

/// What begins an expression, or something else that no chain of operators goes across.
const BOUNDARIES: [Keyword; 12] = [
    Keyword::BY,
    Keyword::ELSE,
    Keyword::FROM,
    Keyword::HAVING,
    Keyword::LIMIT,
    Keyword::ON,
    Keyword::QUALIFY,
    Keyword::SELECT,
    Keyword::THEN,
    Keyword::VALUES,
    Keyword::WHEN,
    Keyword::WHERE,
];

/// What stands between two brackets, or outside of all.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    /// Words and signs since the last boundary.
    words: usize,
    /// Whether commas separate tables.
    is_from: bool,
}

/// Returns which limit a query exceeds, if any. Text that cannot be tokenized is left to the
/// parser.
pub(crate) fn excess(sql: &str) -> Option<String> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().ok()?;
    let mut outer = Vec::new();
    let mut level = Level::default();
    let (mut longest, mut relations) = (0, 0);
    let mut last = Keyword::NoKeyword;
    for token in tokens {
        let keyword = match &token {
            Token::Whitespace(_) => continue,
            Token::Word(word) if word.value.len() > LONGEST_NAME => {
                let bytes = word.value.len();
                return Some(format!(
                    "a name of {bytes} bytes is too long: the limit is {LONGEST_NAME} bytes"
                ));
            }
            Token::Word(word) => word.keyword,
            _ => Keyword::NoKeyword,
        };
        level.words += 1;
        longest = longest.max(level.words);
        match token {
            Token::LParen | Token::LBracket => {
                // A common table expression: SELECT follows, but its name makes a level, too.
                relations += usize::from(last == Keyword::AS);
                outer.push(std::mem::take(&mut level));
            }
            Token::RParen | Token::RBracket => level = outer.pop().unwrap_or_default(),
            Token::Comma => {
                relations += usize::from(level.is_from);
                level.words = 0;
            }
            _ if BOUNDARIES.contains(&keyword) => {
                level = Level { words: 0, is_from: keyword == Keyword::FROM };
                relations += usize::from(matches!(keyword, Keyword::SELECT | Keyword::VALUES));
            }
            _ => relations += usize::from(keyword == Keyword::JOIN),
        }
        last = keyword;
    }
    if longest > MOST_IN_AN_EXPRESSION {
        return Some(format!(
            "an expression of {longest} words and signs is too long: at most \
             {MOST_IN_AN_EXPRESSION} are allowed between two commas or brackets; list many values \
             as `column IN (…)`"
        ));
    }
    (relations > MOST_RELATIONS).then(|| {
        format!(
            "{relations} tables and subqueries are too many for one query: the limit is \
             {MOST_RELATIONS}; split the query into several"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(first: &str, link: &str, links: usize) -> String {
        format!("{first}{}", link.repeat(links))
    }

    #[test]
    fn what_chains_is_bounded() {
        for (first, link, most) in [
            ("SELECT 1 FROM events WHERE a = 'x'", " OR a = 'x'", 499),
            ("SELECT 1 FROM events WHERE a <> 'x'", " AND a <> 'x'", 499),
            ("SELECT 1", " + 1", 999),
            ("SELECT 'a'", " || 'a'", 999),
            ("SELECT 1", " IS NULL", 999),
            ("SELECT 1", "::int", 999),
            ("SELECT now()", " AT TIME ZONE 'UTC'", 499),
            ("SELECT ", "- ", 2000),
            ("SELECT a", ".b", 999),
            ("SELECT 1", " UNION ALL SELECT 1", 249),
            ("SELECT 1", " EXCEPT VALUES (1)", 249),
            ("SELECT 1 FROM a", " CROSS JOIN b", 249),
            ("SELECT 1 FROM a", ", b", 249),
            ("WITH a AS (SELECT 1)", ", b AS (SELECT 1)", 124),
            ("SELECT ", "a", 1000),
        ] {
            assert_eq!(excess(&chain(first, link, most)), None, "{first}{link}");
            assert!(excess(&chain(first, link, most + 1)).is_some(), "{first}{link}");
        }
    }

    #[test]
    fn what_only_lists_is_not() {
        for (first, link) in [
            ("SELECT 1 FROM events WHERE a IN ('x'", ", 'x'"),
            ("SELECT 1", ", a + 1"),
            ("SELECT CASE", " WHEN a = 1 THEN 2"),
            ("SELECT 1 FROM (VALUES (1)", ", (1)"),
            ("SELECT 1 -- ", "a OR "),
        ] {
            assert_eq!(excess(&chain(first, link, 100_000)), None, "{first}{link}");
        }
        assert_eq!(excess("SELECT 'not ended"), None);
        assert_eq!(excess(&format!("SELECT \"{}\"", "ä".repeat(500))), None);
        assert!(excess(&format!("SELECT \"{}\"", "ä".repeat(501))).is_some());
    }
}
