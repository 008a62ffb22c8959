//! What no report's SQL may depend on: columns that old records lack, ids that may stand twice or
//! nowhere, and what is derived once, at conversion.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::{
    ast::{
        DuplicateTreatment, Expr, Function, FunctionArguments, GroupByExpr, JoinConstraint,
        JoinOperator, Select, Statement, Visit, Visitor, WindowType, visit_expressions,
    },
    dialect::GenericDialect,
    parser::Parser,
};

use super::{PACK, words};

/// Columns that reports leave alone, and what they ask instead.
const COLUMNS: [(&str, &str); 2] =
    [("read_only", "is_write"), ("recipient_account_id", "account_id")];

/// Texts that stand for a fact that a column has, and the column.
const TEXTS: [(&str, &str); 4] = [
    ("coalesce(cluster_name", "cluster_name"),
    ("regexp_like(role_session_name", "person, actor_group"),
    ("botocore-session", "person, actor_group"),
    ("AWSReservedSSO_", "person"),
];

/// What tells one row from all others.
const KEY: &str = "record_hash";

#[test]
fn facts_are_asked_of_the_columns_that_have_them() {
    for report in PACK.catalog.reports().unwrap() {
        let words = words(&report.sql);
        for (column, instead) in COLUMNS {
            assert!(!words.contains(column), "{} asks {column}: ask {instead}", report.name);
        }
        for (text, instead) in TEXTS {
            assert!(!report.sql.contains(text), "{} has {text}: ask {instead}", report.name);
        }
    }
}

#[test]
fn nothing_rests_on_the_id_of_an_event() {
    for report in PACK.catalog.reports().unwrap() {
        let found = uses_of_event_id(&report.sql);
        assert_eq!(found, Vec::<String>::new(), "{}: use {KEY}", report.name);
    }
    for sql in [
        "SELECT 1 FROM a JOIN b ON a.event_id = b.x",
        "SELECT 1 FROM a LEFT JOIN b ON b.x = coalesce(event_id, '')",
        "SELECT count(DISTINCT event_id) FROM a",
        "SELECT max(x) OVER (PARTITION BY event_id) FROM a",
        "SELECT lag(event_id) OVER (ORDER BY event_time) FROM a",
        "SELECT event_id, count(*) FROM a GROUP BY event_id",
        "SELECT 1 FROM a WHERE event_id IN (SELECT event_id FROM b)",
    ] {
        assert_eq!(uses_of_event_id(sql).len(), 1, "{sql}");
    }
    for sql in [
        "SELECT event_id FROM a ORDER BY event_time, event_id",
        "SELECT lag(x) OVER (ORDER BY event_time, event_id) FROM a",
        "SELECT event_id FROM a WHERE event_id = $event_id",
        "SELECT shared_event_id, min(event_id) FROM a GROUP BY shared_event_id",
    ] {
        assert_eq!(uses_of_event_id(sql), Vec::<String>::new(), "{sql}");
    }
}

/// Returns where a query takes `event_id` for something that every event has, and alone.
fn uses_of_event_id(sql: &str) -> Vec<String> {
    let mut finder = Finder::default();
    let statements = Parser::parse_sql(&GenericDialect {}, sql).unwrap();
    let _: ControlFlow<()> = Visit::visit(&statements as &Vec<Statement>, &mut finder);
    finder.found
}

#[derive(Default)]
struct Finder {
    found: Vec<String>,
}

impl Finder {
    fn look(&mut self, clause: &str, expression: &Expr) {
        let is_id = visit_expressions(expression, |inner| match name(inner) {
            Some("event_id") => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        if is_id.is_break() {
            self.found.push(format!("{clause} {expression}"));
        }
    }
}

impl Visitor for Finder {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for join in select.from.iter().flat_map(|from| &from.joins) {
            if let JoinOperator::Join(JoinConstraint::On(condition))
            | JoinOperator::Inner(JoinConstraint::On(condition))
            | JoinOperator::Left(JoinConstraint::On(condition))
            | JoinOperator::LeftOuter(JoinConstraint::On(condition))
            | JoinOperator::FullOuter(JoinConstraint::On(condition)) = &join.join_operator
            {
                self.look("JOIN", condition);
            }
        }
        if let GroupByExpr::Expressions(keys, _) = &select.group_by
            && !keys.iter().any(|key| name(key) == Some(KEY))
        {
            for key in keys {
                self.look("GROUP BY", key);
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::Function(function) => self.function(function),
            Expr::InSubquery { expr, .. } => self.look("IN", expr),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Finder {
    fn function(&mut self, function: &Function) {
        if let Some(WindowType::WindowSpec(window)) = &function.over {
            window.partition_by.iter().for_each(|key| self.look("PARTITION BY", key));
        }
        let FunctionArguments::List(list) = &function.args else { return };
        let is_key = list.duplicate_treatment == Some(DuplicateTreatment::Distinct)
            || ["lag", "lead"].contains(&function.name.to_string().as_str());
        if is_key {
            for argument in crate::portable::arguments(function) {
                self.look(&function.name.to_string(), argument);
            }
        }
    }
}

/// The last part of a name.
fn name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Identifier(name) => Some(&name.value),
        Expr::CompoundIdentifier(names) => names.last().map(|name| name.value.as_str()),
        _ => None,
    }
}
