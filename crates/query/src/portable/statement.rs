//! SQL text as a syntax tree: one query and nothing else, with every `$parameter` given its type
//! before planning, so that a NULL has one too.

use std::{collections::BTreeSet, ops::ControlFlow};

use datafusion::sql::{
    parser::{DFParser, Statement},
    sqlparser::{
        ast::{
            self, BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, SetExpr, TimezoneInfo,
            Value, ValueWithSpan, visit_expressions, visit_expressions_mut,
        },
        dialect::GenericDialect,
        parser::{Parser, ParserError},
        tokenizer::Token,
    },
};

use crate::{
    error::{Cause, Error, Result},
    parameter::{Bindings, ParameterType},
};

mod size;

pub(crate) use size::excess;

/// Parses the text of one query.
pub(crate) fn parse(sql: &str) -> Result<Statement> {
    let malformed = |text: &str| Error::Query { source: Cause::from(text) };
    if let Some(excess) = excess(sql) {
        return Err(malformed(&excess));
    }
    let mut statements = DFParser::parse_sql(sql).map_err(|error| Error::query(&error))?;
    let statement = statements.pop_front().ok_or_else(|| malformed("there is no statement"))?;
    if !statements.is_empty() {
        return Err(malformed("there is more than one statement"));
    }
    match forbidden(&statement) {
        Some(statement) => Err(Error::NotAQuery { statement }),
        None => Ok(statement),
    }
}

/// Returns the first word of a statement that does more than ask.
fn forbidden(statement: &Statement) -> Option<String> {
    let asks = match statement {
        Statement::Explain(explain) => return forbidden(&explain.statement),
        Statement::Statement(statement) => matches!(
            **statement,
            ast::Statement::Query(_)
                | ast::Statement::ShowTables { .. }
                | ast::Statement::ShowColumns { .. }
                | ast::Statement::ExplainTable { .. }
        ),
        _ => false,
    };
    let first_word =
        || statement.to_string().split_whitespace().next().unwrap_or_default().to_owned();
    (!asks).then(first_word)
}

/// Parses a query and narrows it by a condition, which is one expression and no more.
pub(crate) fn narrowed(sql: &str, condition: &str) -> Result<Statement> {
    let mut statement = parse(sql)?;
    let condition = Expr::Nested(Box::new(expression(condition)?));
    if let Statement::Statement(statement) = &mut statement
        && let ast::Statement::Query(query) = &mut **statement
        && let SetExpr::Select(select) = &mut *query.body
    {
        select.selection = Some(match select.selection.take() {
            None => condition,
            Some(known) => Expr::BinaryOp {
                left: Box::new(Expr::Nested(Box::new(known))),
                op: BinaryOperator::And,
                right: Box::new(condition),
            },
        });
    }
    Ok(statement)
}

fn expression(text: &str) -> Result<Expr> {
    let malformed = |problem: String| Error::NotACondition { text: text.to_owned(), problem };
    if let Some(excess) = excess(text) {
        return Err(malformed(excess));
    }
    let parsed = Parser::new(&GenericDialect {}).try_with_sql(text).and_then(|mut parser| {
        let expression = parser.parse_expr()?;
        parser.expect_token(&Token::EOF).map(|_| expression)
    });
    let expression = parsed.map_err(|error| match error {
        ParserError::ParserError(problem) | ParserError::TokenizerError(problem) => {
            malformed(problem)
        }
        ParserError::RecursionLimitExceeded => malformed("it is nested too deeply".to_owned()),
    })?;
    let outcome = visit_expressions(&expression, |inner| match placeholder(inner) {
        Some(name) => ControlFlow::Break(format!("${name} has no value here")),
        None => ControlFlow::Continue(()),
    });
    match outcome {
        ControlFlow::Continue(()) => Ok(expression),
        ControlFlow::Break(problem) => Err(malformed(problem)),
    }
}

/// Returns the query of a statement that is a plain query.
pub(crate) fn query(statement: &Statement) -> Option<&ast::Query> {
    match statement {
        Statement::Statement(statement) => match &**statement {
            ast::Statement::Query(query) => Some(query),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the names behind the `$` in a statement.
pub(crate) fn placeholders(statement: &Statement) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    match statement {
        Statement::Explain(explain) => return placeholders(&explain.statement),
        Statement::Statement(statement) => {
            let _: ControlFlow<()> = visit_expressions(&**statement, |expression| {
                names.extend(placeholder(expression).map(str::to_owned));
                ControlFlow::Continue(())
            });
        }
        _ => {}
    }
    names
}

/// Wraps each `$name` as `CAST($name AS its type)`. A name without a value is an error.
pub(crate) fn declare_types(statement: &mut Statement, bindings: &Bindings) -> Result<()> {
    let statement = match statement {
        Statement::Explain(explain) => return declare_types(&mut explain.statement, bindings),
        Statement::Statement(statement) => statement,
        _ => return Ok(()),
    };
    let outcome = visit_expressions_mut(&mut **statement, |expression| {
        let Some(name) = placeholder(expression) else { return ControlFlow::Continue(()) };
        let Some(kind) = bindings.kind(name) else { return ControlFlow::Break(name.to_owned()) };
        let inner = Box::new(expression.clone());
        *expression = Expr::Cast {
            kind: CastKind::Cast,
            expr: inner,
            data_type: sql_type(kind),
            array: false,
            format: None,
        };
        ControlFlow::Continue(())
    });
    match outcome {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(name) => Err(Error::NoValue { name }),
    }
}

/// Returns the name of an expression that is a `$name`.
pub(crate) fn placeholder(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Value(ValueWithSpan { value: Value::Placeholder(text), .. }) => {
            Some(text.strip_prefix('$').unwrap_or(text))
        }
        _ => None,
    }
}

pub(crate) fn sql_type(kind: ParameterType) -> DataType {
    match kind {
        ParameterType::Text
        | ParameterType::Cluster
        | ParameterType::Service
        | ParameterType::Task
        | ParameterType::TaskDefinition
        | ParameterType::Account
        | ParameterType::Region
        | ParameterType::Actor
        | ParameterType::EventSource
        | ParameterType::EventName
        | ParameterType::TimeZone => DataType::Varchar(None),
        ParameterType::Integer => DataType::BigInt(None),
        ParameterType::Number => DataType::Double(ExactNumberInfo::None),
        ParameterType::Boolean => DataType::Boolean,
        ParameterType::Date => DataType::Date,
        ParameterType::Timestamp => DataType::Timestamp(Some(3), TimezoneInfo::WithTimeZone),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_placeholder_is_cast_to_its_type() {
        let cases = [
            ("SELECT $day", "SELECT CAST($day AS DATE)"),
            (
                "SELECT 1 FROM events WHERE ($cluster IS NULL OR cluster_name = $cluster)",
                "SELECT 1 FROM events WHERE (CAST($cluster AS VARCHAR) IS NULL OR cluster_name = CAST($cluster AS VARCHAR))",
            ),
            ("SELECT 1 LIMIT $limit", "SELECT 1 LIMIT CAST($limit AS BIGINT)"),
            (
                "SELECT * FROM (SELECT $share AS x) AS s WHERE x IN (SELECT $since)",
                "SELECT * FROM (SELECT CAST($share AS DOUBLE) AS x) AS s WHERE x IN (SELECT CAST($since AS TIMESTAMP(3) WITH TIME ZONE))",
            ),
            ("EXPLAIN SELECT $flag", "EXPLAIN SELECT CAST($flag AS BOOLEAN)"),
        ];
        let bindings = Bindings::of(BTreeMap::from([
            ("day", ParameterType::Date),
            ("cluster", ParameterType::Text),
            ("limit", ParameterType::Integer),
            ("share", ParameterType::Number),
            ("since", ParameterType::Timestamp),
            ("flag", ParameterType::Boolean),
        ]));
        for (sql, expected) in cases {
            let mut statement = parse(sql).unwrap();
            declare_types(&mut statement, &bindings).unwrap();
            assert_eq!(statement.to_string(), expected);
        }
        let error = declare_types(&mut parse("SELECT $other").unwrap(), &bindings).unwrap_err();
        assert!(matches!(error, Error::NoValue { name } if name == "other"));
    }

    #[test]
    fn conditions_are_one_expression() {
        for text in [
            "event_name = 'RunTask'",
            "error_code IS NOT NULL AND actor LIKE '%x%' -- why",
            "event_id IN (SELECT event_id FROM events)",
        ] {
            assert!(expression(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "actor =",
            "true) OR (true",
            "true; DROP TABLE events",
            "actor = 'x' UNION SELECT 1",
            "actor = 'x",
            "actor = $actor",
        ] {
            assert!(matches!(expression(text), Err(Error::NotACondition { .. })), "{text}");
        }
    }

    #[test]
    fn a_query_is_narrowed_by_a_condition() {
        for (sql, condition, expected) in [
            ("SELECT 1 FROM events", "a OR b -- why", "SELECT 1 FROM events WHERE (a OR b)"),
            (
                "SELECT 1 FROM events WHERE c OR d",
                "a",
                "SELECT 1 FROM events WHERE (c OR d) AND (a)",
            ),
        ] {
            assert_eq!(narrowed(sql, condition).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn only_questions_are_let_through() {
        for sql in [
            "SELECT 1",
            "EXPLAIN SELECT 1",
            "EXPLAIN ANALYZE SELECT 1",
            "SHOW TABLES",
            "SHOW COLUMNS FROM events",
            "DESCRIBE events",
            "WITH a AS (SELECT 1) SELECT * FROM a;",
            "VALUES (1)",
        ] {
            assert!(parse(sql).is_ok(), "{sql}: {:?}", parse(sql));
        }
        for (sql, word) in [
            ("INSERT INTO events VALUES (1)", "INSERT"),
            ("CREATE TABLE x AS SELECT 1", "CREATE"),
            ("CREATE VIEW x AS SELECT 1", "CREATE"),
            ("CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'", "CREATE"),
            ("COPY events TO '/tmp/x.parquet'", "COPY"),
            ("COPY (SELECT 1) TO '/tmp/x.csv'", "COPY"),
            ("SET datafusion.execution.batch_size = 1", "SET"),
            ("DROP TABLE events", "DROP"),
            ("DELETE FROM events", "DELETE"),
            ("UPDATE events SET region = ''", "UPDATE"),
            ("EXPLAIN INSERT INTO events VALUES (1)", "INSERT"),
            ("PREPARE x AS SELECT 1", "PREPARE"),
        ] {
            let error = parse(sql).unwrap_err();
            assert!(
                matches!(&error, Error::NotAQuery { statement } if statement == word),
                "{sql}: {error:?}"
            );
        }
        for sql in ["", "SELECT 1; SELECT 2", "SELEC 1"] {
            assert!(matches!(parse(sql), Err(Error::Query { .. })), "{sql}");
        }
    }
}
