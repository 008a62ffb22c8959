//! The translation of a report's syntax tree into an engine's SQL.

use std::ops::ControlFlow;

use datafusion::sql::{
    parser::Statement,
    sqlparser::{
        ast::{
            self, CastKind, DataType, DateTimeField, DuplicateTreatment, Expr, Function,
            FunctionArgumentClause, FunctionArguments, Ident, LimitClause, ObjectName,
            ObjectNamePart, OrderByExpr, OrderByKind, Query, TimezoneInfo, Value, VisitMut,
            VisitorMut, WindowType,
        },
        dialect::GenericDialect,
        parser::Parser,
    },
};

use super::{
    functions::mapped,
    literal::literal,
    macro_parameters,
    syntax::{is_comparison, is_date, is_instant, is_text, may_be_instant},
};
use crate::{
    error::Result,
    parameter::{Bindings, ParameterType},
    portable::{Dialect, statement},
};

/// A report translated for another engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Translation {
    /// The SQL.
    pub(crate) sql: String,
    /// The parameter behind each `?`, in their order; empty where parameters have names.
    pub(crate) positions: Vec<String>,
}

/// What stands in the SQL where a report has a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    /// The parameter, as the engine names it.
    Named,
    /// The parameter of a macro: its name after [`MACRO_PREFIX`](macro_parameters::MACRO_PREFIX), since a name alone would be taken for
    /// a column's.
    Macro,
    /// The value that it is bound to.
    Written,
}

/// Stands around the name of a parameter whose place is all that the engine knows of it.
const MARK: char = '\u{1}';

/// Brings a report into the form that is planned here: its functions mapped, and NULL behind
/// every value in every order, as in the other engines.
pub(crate) fn prepare(statement: &mut Statement) -> Result<()> {
    if let Statement::Statement(statement) = statement {
        run(
            statement,
            Translator {
                dialect: Dialect::DataFusion,
                values: Values::Named,
                bindings: &Bindings::default(),
            },
        )?;
    }
    Ok(())
}

/// Translates one query. The types of its parameters come from `bindings`, and so do their values if
/// they are to be written.
pub(crate) fn translate(
    mut statement: Statement,
    bindings: &Bindings,
    values: Values,
    dialect: Dialect,
) -> Result<Translation> {
    statement::declare_types(&mut statement, bindings)?;
    let Statement::Statement(mut statement) = statement else {
        return Ok(Translation { sql: statement.to_string(), positions: Vec::new() });
    };
    run(&mut statement, Translator { dialect, values, bindings })?;
    if let (Values::Macro, ast::Statement::Query(query)) = (values, &mut *statement) {
        macro_parameters::read_from_table(query)?;
    }
    let text = format!("{statement:#}");
    if values != Values::Named {
        return Ok(Translation { sql: text, positions: Vec::new() });
    }
    let mut translation = Translation { sql: String::new(), positions: Vec::new() };
    for (number, part) in text.split(MARK).enumerate() {
        if number % 2 == 0 {
            translation.sql.push_str(part);
        } else {
            translation.sql.push('?');
            translation.positions.push(part.to_owned());
        }
    }
    Ok(translation)
}

fn run(statement: &mut ast::Statement, mut translator: Translator<'_>) -> Result<()> {
    match statement.visit(&mut translator) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Translator<'a> {
    dialect: Dialect,
    values: Values,
    bindings: &'a Bindings,
}

impl VisitorMut for Translator<'_> {
    type Break = crate::error::Error;

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<Self::Break> {
        if let Some(order) = &mut query.order_by
            && let OrderByKind::Expressions(expressions) = &mut order.kind
        {
            nulls_last(expressions);
        }
        if let Some(LimitClause::LimitOffset { limit: Some(limit), .. }) = &mut query.limit_clause {
            self.limit(limit);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Self::Break> {
        if self.dialect != Dialect::DuckDb {
            return ControlFlow::Continue(());
        }
        let other = match expression {
            Expr::Cast { kind: CastKind::Cast, data_type: DataType::Date, expr, .. }
                if is_instant(expr) =>
            {
                format!("CAST({} AS DATE)", in_utc(&expr.to_string()))
            }
            // A name may stand for an instant, a day or a text.
            Expr::Cast { kind: CastKind::Cast, data_type: DataType::Date, expr, .. }
                if may_be_instant(expr) =>
            {
                let instant = in_utc(&format!("TRY_CAST({expr} AS TIMESTAMPTZ)"));
                format!(
                    "CASE typeof({expr}) WHEN 'TIMESTAMP WITH TIME ZONE' \
                     THEN {instant}::DATE ELSE {expr}::DATE END"
                )
            }
            _ => return ControlFlow::Continue(()),
        };
        match self::expression(&other) {
            Ok(other) => *expression = other,
            Err(error) => return ControlFlow::Break(error),
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Self::Break> {
        match expression {
            Expr::Value(value) => {
                if let Value::Placeholder(text) = &mut value.value {
                    *text = self.placeholder(text);
                }
            }
            Expr::Cast { data_type, .. } => {
                if let Some(other) = self.data_type(data_type) {
                    *data_type = other;
                }
            }
            // Sail lacks DOW_ISO, and its weekday of a Sunday is -1.
            Expr::Extract { field: DateTimeField::Isodow, expr, .. }
                if self.dialect == Dialect::Spark =>
            {
                *expression = verbatim(format!("((dayofweek({expr}) + 5) % 7 + 1)"));
            }
            Expr::Extract { field, expr, .. } => {
                if *field == DateTimeField::Isodow {
                    *field = match self.dialect {
                        Dialect::DataFusion | Dialect::DuckDb | Dialect::Spark => {
                            DateTimeField::Isodow
                        }
                        Dialect::Athena => DateTimeField::Dow,
                    };
                }
                if self.dialect == Dialect::DuckDb {
                    **expr = verbatim(in_utc(&expr.to_string()));
                }
            }
            Expr::BinaryOp { left, op, right }
                if is_comparison(op) && (is_date(left) || is_date(right)) =>
            {
                self.date_literal(left);
                self.date_literal(right);
            }
            Expr::Between { expr, low, high, .. } if is_date(expr) => {
                self.date_literal(low);
                self.date_literal(high);
            }
            Expr::InList { expr, list, .. } if is_date(expr) => {
                for literal in list {
                    self.date_literal(literal);
                }
            }
            Expr::Function(function) => {
                order_nulls_last(function);
                self.null_treatment(function);
                match self.other_call(function) {
                    Some(Ok(other)) => *expression = other,
                    Some(Err(error)) => return ControlFlow::Break(error),
                    None => {}
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Translator<'_> {
    fn placeholder(&self, text: &str) -> String {
        let name = text.strip_prefix('$').unwrap_or(text);
        match (self.values, self.bindings.value(name), self.dialect) {
            (Values::Written, Some(value), dialect) => literal(value, dialect),
            (Values::Macro, ..) => format!("{}{name}", macro_parameters::MACRO_PREFIX),
            (_, _, Dialect::DataFusion | Dialect::DuckDb) => text.to_owned(),
            (_, _, Dialect::Spark) => format!(":{name}"),
            (_, _, Dialect::Athena) => format!("{MARK}{name}{MARK}"),
        }
    }

    fn data_type(&self, data_type: &DataType) -> Option<DataType> {
        let named = |name: &str| {
            let part = ObjectNamePart::Identifier(Ident::new(name));
            DataType::Custom(ObjectName(vec![part]), Vec::new())
        };
        match (data_type, self.dialect) {
            (DataType::Varchar(None), Dialect::Spark) => Some(named("STRING")),
            (DataType::Timestamp(_, TimezoneInfo::WithTimeZone), Dialect::DuckDb) => {
                Some(named("TIMESTAMPTZ"))
            }
            (DataType::Timestamp(..), Dialect::Spark) => Some(named("TIMESTAMP")),
            (DataType::Timestamp(..), Dialect::Athena) => {
                Some(DataType::Timestamp(Some(3), TimezoneInfo::None))
            }
            _ => None,
        }
    }

    /// Spark wants an INT, Athena the bare parameter.
    fn limit(&self, limit: &mut Expr) {
        let Expr::Cast { expr, data_type, .. } = limit else { return };
        match self.dialect {
            Dialect::DataFusion | Dialect::DuckDb => {}
            Dialect::Spark => *data_type = DataType::Int(None),
            Dialect::Athena => *limit = (**expr).clone(),
        }
    }

    /// Athena compares a date with nothing but a date.
    fn date_literal(&self, literal: &mut Expr) {
        if is_text(literal) && self.dialect != Dialect::DataFusion {
            *literal = Expr::Cast {
                kind: CastKind::Cast,
                expr: Box::new(literal.clone()),
                data_type: statement::sql_type(ParameterType::Date),
                array: false,
                format: None,
            };
        }
    }

    /// Returns the call as the engine has it, if it is another one.
    fn other_call(&self, function: &mut Function) -> Option<Result<Expr>> {
        let FunctionArguments::List(list) = &mut function.args else { return None };
        let arguments: Vec<_> = list.args.iter().map(ToString::to_string).collect();
        let name = function.name.to_string();
        if let Some(mapped) = mapped(&name) {
            let call = mapped.call(self.dialect, &arguments);
            return Some(match self.dialect {
                Dialect::DataFusion => expression(&call),
                _ => Ok(verbatim(call)),
            });
        }
        if let (Dialect::DuckDb, "date_trunc", [unit, instant]) =
            (self.dialect, name.as_str(), &*arguments)
        {
            let truncated = format!("date_trunc({unit}, {})", in_utc(instant));
            return Some(Ok(verbatim(format!("timezone('UTC', {truncated})"))));
        }
        if name != "string_agg" {
            return None;
        }
        let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        match (self.dialect, &*arguments) {
            (Dialect::DataFusion, [text, separator]) if is_distinct => {
                // With an order, the engine sorts the whole input of the grouping by it.
                let set = format!("array_sort(array_agg(DISTINCT {text}))");
                return Some(expression(&format!(
                    "CASE WHEN count({text}) > 0 THEN array_to_string({set}, {separator}) END"
                )));
            }
            (Dialect::Spark, [text, separator]) if is_distinct => {
                // Spark 4 fails on a distinct LISTAGG beside another distinct aggregate.
                let set = format!("array_sort(collect_set({text}))");
                return Some(Ok(verbatim(format!(
                    "CASE WHEN count({text}) > 0 THEN array_join({set}, {separator}) END"
                ))));
            }
            (Dialect::DataFusion | Dialect::DuckDb, _) => return None,
            _ => {}
        }
        for clause in std::mem::take(&mut list.clauses) {
            match clause {
                FunctionArgumentClause::OrderBy(order) => function.within_group = order,
                other => list.clauses.push(other),
            }
        }
        function.name = ObjectName(vec![ObjectNamePart::Identifier(Ident::new("listagg"))]);
        None
    }

    /// Only `DuckDB` has it among the arguments.
    fn null_treatment(&self, function: &mut Function) {
        let FunctionArguments::List(list) = &mut function.args else { return };
        if self.dialect == Dialect::DuckDb
            && let Some(treatment) = function.null_treatment.take()
        {
            list.clauses.push(FunctionArgumentClause::IgnoreOrRespectNulls(treatment));
        }
    }
}

/// In a window's order, and in that of an aggregate's arguments.
fn order_nulls_last(function: &mut Function) {
    if let Some(WindowType::WindowSpec(window)) = &mut function.over {
        nulls_last(&mut window.order_by);
    }
    if let FunctionArguments::List(list) = &mut function.args {
        for clause in &mut list.clauses {
            if let FunctionArgumentClause::OrderBy(order) = clause {
                nulls_last(order);
            }
        }
    }
}

/// An instant or a day as `DuckDB`'s TIMESTAMP, in UTC whatever the time zone of the session.
fn in_utc(text: &str) -> String {
    format!("make_timestamp(epoch_us({text}))")
}

/// An expression that is written out as it is.
fn verbatim(text: String) -> Expr {
    Expr::value(Value::Placeholder(text))
}

fn nulls_last(order: &mut [OrderByExpr]) {
    for expression in order {
        expression.options.nulls_first.get_or_insert(false);
    }
}

fn expression(text: &str) -> Result<Expr> {
    let parsed = Parser::new(&GenericDialect {})
        .try_with_sql(text)
        .and_then(|mut parser| parser.parse_expr());
    parsed.map_err(|error| crate::error::Error::Query {
        source: crate::error::Cause::from(error.to_string().as_str()),
    })
}

#[cfg(test)]
mod tests;
