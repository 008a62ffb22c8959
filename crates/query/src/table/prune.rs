//! Decides which files a query has to read, before any is opened.

use arrow::{
    array::{Array, AsArray},
    datatypes::SchemaRef,
};
use datafusion::{
    catalog::Session,
    common::{DFSchema, Result, tree_node::TreeNode},
    logical_expr::{Expr, Volatility, utils::conjunction},
    physical_expr,
    physical_optimizer::pruning::PruningPredicateBuilder,
};

use super::{DATE, REGION, bounds::FileBounds};

/// Returns whether the partition alone decides a filter: then no row has to be looked at.
pub(super) fn is_decided_by_partition(filter: &Expr) -> bool {
    let columns = filter.column_refs();
    let needs_a_row_or_a_clock = |part: &Expr| match part {
        Expr::ScalarFunction(function) => {
            function.func.signature().volatility != Volatility::Immutable
        }
        Expr::Column(_)
        | Expr::Literal(..)
        | Expr::Not(_)
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsNotUnknown(_)
        | Expr::Negative(_)
        | Expr::Cast(_)
        | Expr::TryCast(_)
        | Expr::BinaryExpr(_)
        | Expr::Between(_)
        | Expr::Like(_)
        | Expr::InList(_)
        | Expr::Case(_) => false,
        _ => true,
    };
    !columns.is_empty()
        && columns.iter().all(|column| [DATE, REGION].contains(&column.name.as_str()))
        && !filter.exists(|part| Ok(needs_a_row_or_a_clock(part))).unwrap_or(true)
}

/// Returns the numbers of the files that can hold rows that pass every filter. `exact` filters
/// are [decided by the partition](is_decided_by_partition); nobody looks at them again.
pub(super) fn files(
    state: &dyn Session,
    bounds: &FileBounds,
    schema: &SchemaRef,
    exact: &[Expr],
    inexact: &[Expr],
) -> Result<Vec<usize>> {
    let mut kept = vec![true; bounds.files()];
    if let Some(filter) = conjunction(exact.iter().cloned()) {
        let partition_schema = DFSchema::try_from(FileBounds::partition_schema())?;
        let filter = state.create_physical_expr(filter, &partition_schema)?;
        let passes = filter.evaluate(&bounds.partitions()?)?.into_array(bounds.files())?;
        let passes = passes.as_boolean();
        for (number, kept) in kept.iter_mut().enumerate() {
            *kept = passes.is_valid(number) && passes.value(number);
        }
    }
    let table_schema = DFSchema::try_from(SchemaRef::clone(schema))?;
    // A filter that cannot be judged here, such as a subquery, only prunes nothing.
    let judged = inexact
        .iter()
        .filter_map(|filter| state.create_physical_expr(filter.clone(), &table_schema).ok());
    let predicate = PruningPredicateBuilder::new()
        .with_file_schema(SchemaRef::clone(schema))
        .build(physical_expr::conjunction(judged));
    if let Some(predicate) = predicate {
        for (kept, may_match) in kept.iter_mut().zip(predicate.prune(bounds)?) {
            *kept &= may_match;
        }
    }
    Ok(kept.iter().enumerate().filter(|(_, kept)| **kept).map(|(number, _)| number).collect())
}
