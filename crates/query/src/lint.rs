//! The portable part of SQL: what every engine that reads a dataset understands alike. All saved
//! reports keep to it, so that the same text runs elsewhere.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::{
    ast::{
        BinaryOperator, CastKind, Expr, Query, Select, SetExpr, Value, ValueWithSpan, Visit,
        Visitor,
    },
    dialect::GenericDialect,
    parser::Parser,
};

use crate::{statement, table::DATE};

/// Functions that other engines lack or mean differently, or that ask a clock.
const FOREIGN_FUNCTIONS: [&str; 7] =
    ["date_bin", "now", "current_date", "current_timestamp", "current_time", "today", "unnest"];

/// Returns what in a query other engines would not understand, in words; nothing if it is
/// portable.
pub fn portability_problems(sql: &str) -> Vec<String> {
    let mut linter = Linter::default();
    match Parser::parse_sql(&GenericDialect {}, sql) {
        Ok(statements) => {
            let _: ControlFlow<()> = statements.visit(&mut linter);
        }
        Err(error) => linter.problems.push(error.to_string()),
    }
    linter.problems
}

#[derive(Default)]
struct Linter {
    problems: Vec<String>,
}

impl Linter {
    fn found(&mut self, problem: impl Into<String>) {
        let problem = problem.into();
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn compare_date(&mut self, column: &Expr, others: &[&Expr]) {
        if is_date(column) && !others.iter().all(|other| is_date_operand(other)) {
            self.found("date is compared with something else than a string or a parameter");
        }
    }
}

impl Visitor for Linter {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if !matches!(
            *query.body,
            SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::SetOperation { .. }
        ) {
            self.found("not a SELECT");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        if select.qualify.is_some() {
            self.found("QUALIFY");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::Cast { kind: CastKind::DoubleColon, .. } => self.found(":: instead of CAST"),
            Expr::ILike { .. } => self.found("ILIKE instead of lower(…) LIKE"),
            Expr::Interval(_) => self.found("an interval"),
            Expr::Function(function) => {
                let name = function.name.to_string().to_ascii_lowercase();
                if FOREIGN_FUNCTIONS.contains(&name.as_str()) {
                    self.found(format!("the function {name}"));
                }
            }
            Expr::BinaryOp { left, op, right } if is_comparison(op) => {
                self.compare_date(left, &[right]);
                self.compare_date(right, &[left]);
            }
            Expr::Between { expr, low, high, .. } => self.compare_date(expr, &[low, high]),
            Expr::InList { expr, list, .. } => {
                self.compare_date(expr, &list.iter().collect::<Vec<_>>());
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn is_comparison(operator: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(operator, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

fn is_date(expression: &Expr) -> bool {
    match expression {
        Expr::Identifier(name) => name.value.eq_ignore_ascii_case(DATE),
        Expr::CompoundIdentifier(names) => {
            names.last().is_some_and(|name| name.value.eq_ignore_ascii_case(DATE))
        }
        _ => false,
    }
}

fn is_date_operand(expression: &Expr) -> bool {
    let is_text = matches!(
        expression,
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(_), .. })
    );
    is_text || statement::placeholder(expression).is_some() || is_date(expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_travels_and_what_does_not() {
        for sql in [
            "SELECT date, count(*) FROM events WHERE date >= '2026-04-27' GROUP BY date ORDER BY 1",
            "SELECT 1 FROM events WHERE ($from IS NULL OR date >= $from) AND date IN ('2026-04-27')",
            "SELECT 1 FROM events AS a JOIN events AS b ON a.date = b.date",
            "WITH a AS (SELECT CAST(date AS VARCHAR) AS day FROM events) SELECT * FROM a UNION ALL SELECT '' AS day",
        ] {
            assert_eq!(portability_problems(sql), Vec::<String>::new(), "{sql}");
        }
        for (sql, problem) in [
            ("SELECT event_time::date FROM events", ":: instead of CAST"),
            ("SELECT 1 FROM events WHERE actor ILIKE '%a%'", "ILIKE"),
            ("SELECT 1 FROM events QUALIFY row_number() OVER () = 1", "QUALIFY"),
            ("SELECT date_bin(INTERVAL '1 hour', event_time) FROM events", "date_bin"),
            ("SELECT event_time + INTERVAL '1 day' FROM events", "an interval"),
            ("SELECT 1 FROM (SELECT 1 FROM events WHERE event_time < now()) AS a", "now"),
            ("SELECT 1 FROM events WHERE date >= DATE '2026-04-27'", "date is compared"),
            (
                "SELECT 1 FROM events WHERE date BETWEEN '2026-04-27' AND current_date",
                "date is compared",
            ),
            (
                "SELECT 1 FROM events AS e WHERE CAST('2026-04-27' AS DATE) <= e.date",
                "date is compared",
            ),
            ("SELECT unnest(task_ids) FROM events", "unnest"),
            ("SELECT", "arser"),
        ] {
            let problems = portability_problems(sql);
            assert!(problems.iter().any(|found| found.contains(problem)), "{sql}: {problems:?}");
        }
    }
}
