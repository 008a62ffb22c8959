//! The portable subset of SQL, which every engine that reads a dataset understands the same way.
//! All built-in reports stay within it, so that the same text runs in other engines.

use std::ops::ControlFlow;

use datafusion::sql::{
    parser,
    sqlparser::{
        ast::{
            BinaryOperator, CastKind, DataType, DateTimeField, Distinct, Expr, Function, Ident,
            JoinConstraint, JoinOperator, LimitClause, OrderByKind, Query, Select, SelectItem,
            SetExpr, Statement, TableFactor, UnaryOperator, Value, ValueWithSpan, Visit, Visitor,
        },
        dialect::GenericDialect,
        parser::Parser,
    },
};

use super::{
    functions,
    reserved::RESERVED,
    syntax::{arguments, is_comparison, is_date, is_name_or_number, is_text},
};
use crate::portable::statement;

mod grouping;
mod meaning;
#[cfg(test)]
mod tests;

/// Returns descriptions of what other engines would not understand, or would understand
/// differently, in a query; empty if the query is portable.
pub fn portability_problems(sql: &str) -> Vec<String> {
    if let Some(excess) = statement::excess(sql) {
        return vec![excess];
    }
    let mut linter = Linter::default();
    match Parser::parse_sql(&GenericDialect {}, sql) {
        Ok(statements) => {
            let _: ControlFlow<()> = statements.visit(&mut linter);
        }
        Err(error) => linter.found(error.to_string()),
    }
    linter.problems
}

/// As [`portability_problems`], for a parsed query.
pub(crate) fn problems_of(statement: &parser::Statement) -> Vec<String> {
    let mut linter = Linter::default();
    match statement {
        parser::Statement::Statement(statement) => {
            let _: ControlFlow<()> = statement.visit(&mut linter);
        }
        _ => linter.found("not a query"),
    }
    linter.problems
}

#[derive(Default)]
struct Linter {
    problems: Vec<String>,
}

impl Visitor for Linter {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        if !matches!(statement, Statement::Query(_)) {
            self.found("not a query");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if !matches!(
            *query.body,
            SetExpr::Select(_)
                | SetExpr::Query(_)
                | SetExpr::SetOperation { .. }
                | SetExpr::Values(_)
        ) {
            self.found("not a SELECT");
        }
        if query.with.as_ref().is_some_and(|with| with.recursive) || query.fetch.is_some() {
            self.found("RECURSIVE or FETCH");
        }
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.name(&table.alias.name);
        }
        let order = query.order_by.as_ref().map(|order| &order.kind);
        if let Some(OrderByKind::Expressions(expressions)) = order
            && !expressions.iter().all(|one| is_name_or_number(&one.expr))
        {
            self.found("ORDER BY something other than names or numbers of result columns");
        }
        match &query.limit_clause {
            None => {}
            Some(LimitClause::LimitOffset { limit: Some(limit), offset: None, limit_by })
                if limit_by.is_empty() && order.is_some() =>
            {
                let is_number =
                    matches!(limit, Expr::Value(ValueWithSpan { value: Value::Number(..), .. }));
                if !is_number && statement::placeholder(limit).is_none() {
                    self.found("LIMIT with something other than a number or a parameter");
                }
            }
            Some(_) => self.found("LIMIT without ORDER BY, or with an offset"),
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        if !select.named_window.is_empty() {
            self.found("WINDOW: repeat the window in each OVER clause");
        }
        self.having(select);
        if select.qualify.is_some() {
            self.found("QUALIFY");
        }
        if matches!(select.distinct, Some(Distinct::On(_))) {
            self.found("DISTINCT ON");
        }
        for item in &select.projection {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                self.name(alias);
            }
        }
        self.group(select);
        for join in select.from.iter().flat_map(|from| &from.joins) {
            self.join(&join.join_operator);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { alias, args: None, .. } => {
                if let Some(alias) = alias {
                    self.name(&alias.name);
                }
            }
            TableFactor::Derived { lateral: false, alias: Some(alias), .. } => {
                self.name(&alias.name);
            }
            TableFactor::Derived { alias: None, .. } => self.found("a subquery without a name"),
            TableFactor::NestedJoin { .. } => {}
            _ => self.found("a table that is not a plain table name"),
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::Identifier(name) => self.name(name),
            Expr::CompoundIdentifier(names) => names.iter().for_each(|name| self.name(name)),
            Expr::Cast { kind, expr, data_type, .. } => {
                self.cast(kind, data_type);
                self.found_if(meaning::of_cast(expr, data_type));
            }
            Expr::ILike { .. } => self.found("ILIKE instead of lower(…) LIKE"),
            Expr::SimilarTo { .. } | Expr::RLike { .. } => self.found("a pattern that is not LIKE"),
            Expr::Interval(_) => self.found("an interval"),
            Expr::Function(function) => self.function(function),
            Expr::Extract { field, .. }
                if !matches!(field, DateTimeField::Hour | DateTimeField::Isodow) =>
            {
                self.found(format!("EXTRACT({field}): use HOUR or ISODOW"));
            }
            Expr::Value(ValueWithSpan { value, .. }) => self.value(value),
            Expr::BinaryOp { left, op, right } => self.operation(left, op, right),
            Expr::Between { expr, low, high, .. } => self.compare_date(expr, &[low, high]),
            Expr::InList { expr, list, .. } => {
                self.compare_date(expr, &list.iter().collect::<Vec<_>>());
            }
            Expr::Like { pattern, escape_char, .. }
                if escape_char.is_some() || !is_text(pattern) =>
            {
                self.found("LIKE with ESCAPE, or with a pattern that is not a string literal");
            }
            Expr::Substring { substring_from: Some(start), .. } => {
                self.found_if(meaning::of_call("substr", &[start]));
            }
            Expr::Like { .. }
            | Expr::Extract { .. }
            | Expr::Trim { trim_where: None, trim_what: None, trim_characters: None, .. }
            | Expr::Position { .. }
            | Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::Minus, .. }
            | Expr::Nested(_)
            | Expr::Case { .. }
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::InSubquery { .. }
            | Expr::Exists { .. }
            | Expr::Subquery(_) => {}
            _ => self.found(format!("{expression}")),
        }
        ControlFlow::Continue(())
    }
}

impl Linter {
    fn found(&mut self, problem: impl Into<String>) {
        let problem = problem.into();
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn found_if(&mut self, problem: Option<&str>) {
        if let Some(problem) = problem {
            self.found(problem);
        }
    }

    fn name(&mut self, name: &Ident) {
        let text = name.value.as_str();
        if name.quote_style.is_some() {
            self.found(format!("the quoted name {name}: engines quote names differently"));
        } else if text.chars().any(char::is_uppercase) {
            self.found(format!("the name {text}, which is not in lowercase"));
        } else if RESERVED.contains(&text) {
            self.found(format!("the name {text}, which is a reserved word in another engine"));
        }
    }

    fn cast(&mut self, kind: &CastKind, data_type: &DataType) {
        match kind {
            CastKind::Cast => {}
            CastKind::DoubleColon => self.found(":: instead of CAST"),
            _ => self.found("a CAST that returns NULL instead of failing"),
        }
        if !matches!(
            data_type,
            DataType::Varchar(None)
                | DataType::BigInt(None)
                | DataType::Integer(None)
                | DataType::Double(_)
                | DataType::Date
                | DataType::Boolean
        ) {
            self.found(format!("the type {data_type}"));
        }
    }

    fn function(&mut self, function: &Function) {
        let name = function.name.to_string();
        let arguments = arguments(function);
        match functions::mapped(&name) {
            Some(mapped) if mapped.arguments != arguments.len() => {
                self.found(format!("{name} with {} arguments", arguments.len()));
            }
            None if !functions::SHARED.contains(&name.as_str()) => {
                self.found(format!("the function {name}"));
            }
            _ => {}
        }
        // Spark takes the separator for a regular expression.
        if name == "string_to_array"
            && arguments.get(1).is_none_or(|text| text.to_string() != "','")
        {
            self.found("string_to_array with a separator other than ','");
        }
        if name == "string_agg" {
            self.string_agg(function, &arguments);
            let text = arguments.first();
            self.found_if(text.and_then(|text| meaning::of_cast(text, &DataType::Varchar(None))));
        }
        self.found_if(meaning::of_call(&name, arguments.get(1..).unwrap_or_default()));
        self.found_if(meaning::of_days(&name, &arguments));
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::SingleQuotedString(text) if text.contains(['\\', '\u{1}']) => {
                self.found("a backslash in a string");
            }
            Value::SingleQuotedString(_)
            | Value::Number(..)
            | Value::Boolean(_)
            | Value::Null
            | Value::Placeholder(_) => {}
            other => self.found(format!("the value {other}")),
        }
    }

    fn operation(&mut self, left: &Expr, operator: &BinaryOperator, right: &Expr) {
        use BinaryOperator as Op;
        match operator {
            comparison if is_comparison(comparison) => {
                self.compare_date(left, &[right]);
                self.compare_date(right, &[left]);
            }
            Op::Divide => {
                let is_double =
                    |side: &Expr| matches!(side, Expr::Cast { data_type: DataType::Double(_), .. });
                if !is_double(left) && !is_double(right) {
                    self.found(
                        "a division without CAST(… AS DOUBLE): some engines drop the fraction",
                    );
                }
                self.found_if(meaning::of_divisor(operator, right));
            }
            Op::Plus | Op::Minus if meaning::is_day(left) || meaning::is_day(right) => {
                self.found("date arithmetic: engines return different results");
            }
            Op::Modulo => self.found_if(meaning::of_divisor(operator, right)),
            Op::StringConcat => {
                for side in [left, right] {
                    self.found_if(meaning::of_cast(side, &DataType::Varchar(None)));
                }
            }
            Op::And | Op::Or | Op::Plus | Op::Minus | Op::Multiply => {}
            other => self.found(format!("the operator {other}")),
        }
    }

    fn compare_date(&mut self, column: &Expr, others: &[&Expr]) {
        if is_date(column) && !others.iter().all(|other| is_date_operand(other)) {
            self.found("date is compared with something other than a string or a parameter");
        }
    }

    fn join(&mut self, operator: &JoinOperator) {
        match operator {
            JoinOperator::Join(JoinConstraint::On(_))
            | JoinOperator::Inner(JoinConstraint::On(_))
            | JoinOperator::Left(JoinConstraint::On(_))
            | JoinOperator::LeftOuter(JoinConstraint::On(_))
            | JoinOperator::FullOuter(JoinConstraint::On(_))
            | JoinOperator::CrossJoin(JoinConstraint::None) => {}
            _ => self.found("a join other than JOIN, LEFT JOIN, FULL JOIN ON … and CROSS JOIN"),
        }
    }
}

fn is_date_operand(expression: &Expr) -> bool {
    is_text(expression) || statement::placeholder(expression).is_some() || is_date(expression)
}
