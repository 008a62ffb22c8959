//! The SQL functions that this program adds to those of the engine: JSON, and the names that people
//! bring from Athena (Trino) and CloudTrail Lake, with the meaning that they have there.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    arrow::datatypes::DataType,
    common::Column,
    error::DataFusionError,
    execution::{FunctionRegistry, SessionState, SessionStateBuilder},
    functions_aggregate::{any_value::any_value_udaf, string_agg::string_agg_udaf},
    logical_expr::{
        AggregateUDF, DocSection, Documentation, Expr, LogicalPlan, LogicalPlanBuilder, ScalarUDF,
        cast,
    },
};
use datafusion_functions_json::{JSON_UNION_DATA_TYPE, functions::json_union_to_text};

/// What the engine asks of a function whose fields are `name`, `signature` and `documentation`.
macro_rules! described {
    () => {
        fn name(&self) -> &str {
            self.name
        }

        fn signature(&self) -> &Signature {
            &self.signature
        }

        fn documentation(&self) -> Option<&Documentation> {
            Some(&self.documentation)
        }
    };
}

mod aggregates;
mod choice;
mod date_format;
mod elements;
mod instants;
mod json;
mod json_path;
mod operators;
mod parts;
mod texts;

/// What a function returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FunctionKind {
    /// One value per row.
    Scalar,
    /// One value per group.
    Aggregate,
    /// One value per row, from the rows around it.
    Window,
}

/// A function that SQL may call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function {
    /// Name in SQL; an alias is a function of its own.
    pub name: String,
    /// What it returns.
    pub kind: FunctionKind,
    /// How it is called, such as `date_diff(unit, from, until)`; empty if that is not documented.
    pub syntax: String,
    /// A sentence on what it returns; empty if that is not documented.
    pub description: String,
}

/// Adds our operators to what a session is built from, before those of the engine.
pub(crate) fn add_operators(builder: &mut SessionStateBuilder) {
    let planners = builder.expr_planners().get_or_insert_with(Vec::new);
    planners.insert(0, Arc::new(operators::Operators));
}

/// Registers our functions; those that have the name of one of the engine's take its place.
pub(crate) fn register(registry: &mut dyn FunctionRegistry) -> Result<(), DataFusionError> {
    datafusion_functions_json::register_all(registry)?;
    for function in scalars() {
        registry.register_udf(Arc::new(function))?;
    }
    let named = |function: &AggregateUDF, alias| Arc::new(function.clone().with_aliases([alias]));
    registry.register_udaf(named(&any_value_udaf(), "arbitrary"))?;
    registry.register_udaf(named(&string_agg_udaf(), "listagg"))?;
    for function in aggregates::functions() {
        registry.register_udaf(Arc::new(function))?;
    }
    Ok(())
}

fn scalars() -> impl Iterator<Item = ScalarUDF> {
    parts::functions()
        .into_iter()
        .chain(instants::functions())
        .chain(date_format::functions())
        .chain(json::functions())
        .chain(elements::functions())
        .chain(texts::functions())
        .chain([choice::function()])
}

/// Returns a plan whose columns can be written: values of any type, as `json_get` returns, as JSON text.
pub(crate) fn written_as_text(plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
    let is_any = |kind: &DataType| *kind == *JSON_UNION_DATA_TYPE;
    if !plan.schema().fields().iter().any(|field| is_any(field.data_type())) {
        return Ok(plan);
    }
    let columns = plan.schema().iter().map(|(table, field)| {
        let column = Expr::Column(Column::new(table.cloned(), field.name()));
        if is_any(field.data_type()) {
            cast(json_union_to_text(column), DataType::Utf8)
                .alias_qualified(table.cloned(), field.name())
        } else {
            column
        }
    });
    let columns: Vec<_> = columns.collect();
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}

/// Every function that a session has, by name.
pub(crate) fn of_session(state: &SessionState) -> Vec<Function> {
    let mut functions = BTreeMap::new();
    let mut add = |name: &str, kind, documentation: Option<&Documentation>| {
        let (syntax, description) = documentation.map_or_else(Default::default, |it| {
            let description = it.description.lines().next().unwrap_or_default();
            (it.syntax_example.clone(), description.trim().to_owned())
        });
        let name = name.to_owned();
        let function = Function { name: name.clone(), kind, syntax, description };
        functions.entry((name, kind)).or_insert(function);
    };
    for (name, function) in state.scalar_functions() {
        add(name, FunctionKind::Scalar, function.documentation());
    }
    for (name, function) in state.aggregate_functions() {
        add(name, FunctionKind::Aggregate, function.documentation());
    }
    for (name, function) in state.window_functions() {
        add(name, FunctionKind::Window, function.documentation());
    }
    functions.into_values().collect()
}

/// What our functions say of themselves.
fn documented(syntax: &str, description: &str) -> Documentation {
    const OURS: DocSection = DocSection { include: true, label: "Athena", description: None };
    Documentation::builder(OURS, description, syntax).build()
}
