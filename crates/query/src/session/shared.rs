//! Common table expressions that a query uses more than once. The engine would run each use by
//! itself; here each runs once, and its rows are held until the query ends.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_trait::async_trait;
use datafusion::{
    arrow::{
        array::{RecordBatch, RecordBatchOptions},
        datatypes::SchemaRef,
    },
    catalog::{Session, TableProvider},
    common::{
        Column, TableReference,
        tree_node::{Transformed, TreeNodeRecursion, TreeNodeVisitor},
    },
    dataframe::DataFrame,
    datasource::{MemTable, provider_as_source, source_as_provider},
    error::DataFusionError,
    execution::{
        SessionState,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
    logical_expr::{
        Expr, LogicalPlan, LogicalPlanBuilder, SubqueryAlias, TableProviderFilterPushDown,
        TableSource, TableType,
    },
    physical_plan::ExecutionPlan,
};
use futures::StreamExt;

use super::{SessionOptions, guard::guarded, memory::Effort, physical, without_panics};

/// The rows may take one part in this many of the memory. What takes more runs for each use by itself.
const MEMORY_PART: usize = 8;

/// A plan in which rows stand for expressions that are used more than once.
pub(super) struct SharedPlan {
    pub(super) plan: LogicalPlan,
    /// What the rows take, to be held until the plan has run.
    pub(super) memory: MemoryReservation,
}

/// Runs the expressions that a plan uses more than once, and puts their rows in their place.
pub(super) async fn share(
    state: &SessionState,
    plan: LogicalPlan,
    options: &SessionOptions,
) -> Result<SharedPlan, DataFusionError> {
    let memory = MemoryConsumer::new("shared rows").register(&state.runtime_env().memory_pool);
    let mut sharing = Sharing { state, options, plan, shared: 0, memory };
    let mut passed = 0;
    while let Some(expression) = Expressions::of(&sharing.plan)?.used_again(passed) {
        match sharing.rows(expression).await? {
            Some(kept) => {
                sharing.plan = sharing.replaced(expression, Some(kept))?;
                sharing.shared += 1;
            }
            None => passed += 1,
        }
    }
    let Sharing { plan, memory, .. } = sharing;
    Ok(SharedPlan { plan, memory })
}

/// Counts how often each expression is used, those within one that is used again only once.
#[derive(Default)]
struct Expressions {
    uses: HashMap<SubqueryAlias, usize>,
    /// What an expression uses stands before it.
    order: Vec<SubqueryAlias>,
    cannot_be_shared: bool,
}

impl Expressions {
    fn of(plan: &LogicalPlan) -> Result<Self, DataFusionError> {
        let mut expressions = Self::default();
        plan.visit_with_subqueries(&mut expressions)?;
        Ok(expressions)
    }

    /// Returns the first expression that is worth sharing, after some that were passed over.
    fn used_again(&self, passed: usize) -> Option<&SubqueryAlias> {
        let order = self.order.iter().filter(|_| !self.cannot_be_shared);
        order.filter(|expression| self.uses[*expression] > 1 && selects(expression)).nth(passed)
    }
}

impl TreeNodeVisitor<'_> for Expressions {
    type Node = LogicalPlan;

    fn f_down(&mut self, node: &LogicalPlan) -> Result<TreeNodeRecursion, DataFusionError> {
        match node {
            LogicalPlan::SubqueryAlias(expression) => {
                let uses = self.uses.entry(expression.clone()).or_default();
                *uses += 1;
                let is_new = *uses == 1;
                Ok(if is_new { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Jump })
            }
            LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::RecursiveQuery(_) => {
                self.cannot_be_shared = true;
                Ok(TreeNodeRecursion::Stop)
            }
            _ => Ok(TreeNodeRecursion::Continue),
        }
    }

    fn f_up(&mut self, node: &LogicalPlan) -> Result<TreeNodeRecursion, DataFusionError> {
        if let LogicalPlan::SubqueryAlias(expression) = node
            && !self.order.contains(expression)
        {
            self.order.push(expression.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    }
}

/// Whether an expression reads a table, and does more than that, by itself and with the same rows each
/// time. Only then are its rows fewer.
fn selects(expression: &SubqueryAlias) -> bool {
    let (mut reads, mut selects) = (false, false);
    let mut is_volatile = false;
    let walked = expression.input.apply_with_subqueries(|node| {
        is_volatile |= node.expressions().iter().any(Expr::is_volatile);
        match node {
            LogicalPlan::TableScan(_) => reads = true,
            LogicalPlan::Projection(_) | LogicalPlan::SubqueryAlias(_) => {}
            _ => selects = true,
        }
        Ok(TreeNodeRecursion::Continue)
    });
    let is_whole =
        walked.is_ok() && !is_volatile && expression.input.all_out_ref_exprs().is_empty();
    is_whole && reads && selects
}

/// Rows in the place of an expression.
#[derive(Debug)]
struct SharedRows {
    schema: SchemaRef,
    /// None while it is looked at what is used of them.
    kept: Option<KeptRows>,
}

#[derive(Debug)]
struct KeptRows {
    /// Columns of the expression that the table has, in order.
    columns: Vec<usize>,
    table: MemTable,
}

#[async_trait]
impl TableProvider for SharedRows {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    /// Filters stay above the rows, but a use is known by them.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>, DataFusionError> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let missing = || DataFusionError::Internal("shared rows lack a column".to_owned());
        let kept = self.kept.as_ref().ok_or_else(missing)?;
        let every: Vec<_> = (0..self.schema.fields().len()).collect();
        let wanted = projection.unwrap_or(&every).iter();
        let places = wanted.map(|column| kept.columns.binary_search(column));
        let places = places.collect::<Result<Vec<_>, _>>().map_err(|_| missing())?;
        kept.table.scan(session, Some(&places), &[], None).await
    }
}

/// Whether a table is rows that are not there yet.
fn is_looked_at(source: &Arc<dyn TableSource>) -> bool {
    source_as_provider(source).is_ok_and(|provider| {
        provider.downcast_ref().is_some_and(|rows: &SharedRows| rows.kept.is_none())
    })
}

struct Sharing<'a> {
    state: &'a SessionState,
    options: &'a SessionOptions,
    plan: LogicalPlan,
    /// Expressions that rows have taken the place of.
    shared: usize,
    memory: MemoryReservation,
}

impl Sharing<'_> {
    /// Returns the plan with rows in the place of an expression.
    fn replaced(
        &self,
        expression: &SubqueryAlias,
        kept: Option<KeptRows>,
    ) -> Result<LogicalPlan, DataFusionError> {
        let rows = SharedRows { schema: Arc::clone(expression.schema.inner()), kept };
        // The engine takes two scans for one if they have the same name.
        let name = TableReference::bare(format!("shared rows {}", self.shared));
        let scan = LogicalPlanBuilder::scan(name, provider_as_source(Arc::new(rows)), None)?;
        let scan = scan.alias(expression.alias.clone())?.build()?;
        let replaced = self.plan.clone().transform_down_with_subqueries(|node| match node {
            LogicalPlan::SubqueryAlias(alias) if alias == *expression => {
                Ok(Transformed::yes(scan.clone()))
            }
            node => Ok(Transformed::no(node)),
        });
        replaced.map(|replaced| replaced.data)
    }

    /// Runs an expression for the columns that are used of it. None if each use selects rows of its
    /// own, or if the rows would take too much memory.
    async fn rows(&self, expression: &SubqueryAlias) -> Result<Option<KeptRows>, DataFusionError> {
        let Self { state, options, .. } = self;
        let Some(columns) = self.used_columns(expression)? else { return Ok(None) };
        let fields =
            columns.iter().map(|column| expression.input.schema().qualified_field(*column));
        let fields = fields.map(|field| Expr::Column(Column::from(field)));
        let input = LogicalPlanBuilder::from(Arc::clone(&expression.input));
        let frame = DataFrame::new((*state).clone(), input.project(fields)?.build()?);
        let batches = physical::start(frame, options, Effort::Usual).await?;
        let mut batches = guarded(without_panics(batches), options)?;
        let (memory, before) = (&self.memory, self.memory.size());
        let schema = Arc::new(expression.schema.inner().project(&columns)?);
        let mut partitions = vec![Vec::new(); options.threads.max(1)];
        for partition in (0..partitions.len()).cycle() {
            let Some(batch) = batches.next().await.transpose()? else { break };
            let is_much = memory.try_grow(batch.get_array_memory_size()).is_err()
                || memory.size() > options.memory_bytes / MEMORY_PART;
            let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let (schema, columns) = (Arc::clone(&schema), batch.columns().to_vec());
            match RecordBatch::try_new_with_options(schema, columns, &rows) {
                Ok(batch) if !is_much => partitions[partition].push(batch),
                _ => {
                    memory.shrink(memory.size() - before);
                    return Ok(None);
                }
            }
        }
        let table = MemTable::try_new(schema, partitions)?;
        Ok(Some(KeptRows { columns, table }))
    }

    /// Returns the columns of an expression that are used anywhere; none for what only counts rows.
    /// `None` if each use selects rows of its own, which the engine then reads less for.
    fn used_columns(
        &self,
        expression: &SubqueryAlias,
    ) -> Result<Option<Vec<usize>>, DataFusionError> {
        let every = 0..expression.schema.fields().len();
        let (mut columns, mut uses, mut selective) = (BTreeSet::new(), 0, 0);
        self.state.optimize(&self.replaced(expression, None)?)?.apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node
                && is_looked_at(&scan.source)
            {
                uses += 1;
                selective += usize::from(!scan.filters.is_empty());
                columns.extend(scan.projection.clone().unwrap_or_else(|| every.clone().collect()));
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok((uses > 1 && selective < uses).then(|| columns.into_iter().collect()))
    }
}
