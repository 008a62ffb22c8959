//! How a logical plan becomes one that runs, also where the engine refuses its own.

use std::sync::Arc;

use datafusion::{
    common::tree_node::{Transformed, TreeNode},
    dataframe::DataFrame,
    error::DataFusionError,
    execution::{
        SendableRecordBatchStream, SessionState, TaskContext, runtime_env::RuntimeEnvBuilder,
    },
    logical_expr::LogicalPlan,
    physical_plan::{
        ExecutionPlan,
        coop::CooperativeExec,
        execute_stream,
        execution_plan::{CardinalityEffect, SchedulingType},
    },
};

use super::{
    SessionOptions,
    memory::{self, Effort, Spread},
    work::Watch,
};

/// The rule at the end of planning that holds a plan against what its operators ask for.
const CHECK: &str = "SanityCheckPlan";

/// Plans a query and starts it.
///
/// The engine loses track of columns that are constant (a literal in a cross join, a column that a
/// filter fixes): it sorts below a join or a union without them, and its own check then misses
/// them in the order. Such a query is planned anew with sorts over whole inputs, which need no
/// order to be merged by, and as the last resort in one partition.
pub(super) async fn start(
    frame: DataFrame,
    options: &SessionOptions,
    effort: Effort,
) -> Result<SendableRecordBatchStream, DataFusionError> {
    let (mut state, plan) = frame.into_parts();
    let mut task = TaskContext::from(&state);
    if effort == Effort::Frugal {
        let runtime = RuntimeEnvBuilder::from_runtime_env(state.runtime_env());
        let pool = Arc::new(memory::Pool::new(options, effort));
        task = task.with_runtime(runtime.with_memory_pool(pool).build_arc()?);
    }
    let mut physical = physical_plan(&state, &plan).await?;
    let Spread { partitions, batch_rows } = memory::spread(&physical, options, effort);
    let config = state.config();
    if (partitions, batch_rows) != (config.target_partitions(), config.batch_size()) {
        let config = config.clone().with_target_partitions(partitions);
        *state.config_mut() = config.with_batch_size(batch_rows);
        physical = physical_plan(&state, &plan).await?;
    }
    let physical = interruptible(physical)?;
    Watch::note(&state, &physical);
    execute_stream(physical, Arc::new(task.with_session_config(state.config().clone())))
}

/// Lets whatever makes more rows than it gets give way now and then. By itself the engine does so only
/// where rows are read, and a join of few rows can make billions: nobody could end it.
fn interruptible(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let wrapped = plan.transform_up(|plan| {
        let may_multiply = matches!(
            plan.cardinality_effect(),
            CardinalityEffect::Unknown | CardinalityEffect::GreaterEqual
        );
        let gives_way = plan.properties().scheduling_type == SchedulingType::Cooperative;
        if plan.children().is_empty() || !may_multiply || gives_way {
            return Ok(Transformed::no(plan));
        }
        Ok(Transformed::yes(Arc::new(CooperativeExec::new(plan)) as Arc<dyn ExecutionPlan>))
    });
    Ok(wrapped?.data)
}

async fn physical_plan(
    state: &SessionState,
    plan: &LogicalPlan,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let attempts: [fn(&mut SessionState); 3] = [
        |_| {},
        |state| state.config_mut().options_mut().optimizer.repartition_sorts = false,
        |state| state.config_mut().options_mut().execution.target_partitions = 1,
    ];
    let mut last = None;
    for adapt in attempts {
        let mut state = state.clone();
        adapt(&mut state);
        match state.create_physical_plan(plan).await {
            Ok(physical) => return Ok(physical),
            Err(error) if is_rejected(&error) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| DataFusionError::Internal("no plan was made".to_owned())))
}

fn is_rejected(error: &DataFusionError) -> bool {
    matches!(error, DataFusionError::Context(rule, _) if rule == CHECK)
}
