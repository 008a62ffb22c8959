//! How a logical plan becomes one that runs, also where the engine refuses its own.

use datafusion::{
    dataframe::DataFrame,
    error::DataFusionError,
    execution::{SendableRecordBatchStream, SessionState},
    physical_plan::execute_stream,
};

/// The rule at the end of planning that holds a plan against what its operators ask for.
const CHECK: &str = "SanityCheckPlan";

/// Plans a query and starts it.
///
/// The engine loses track of columns that are constant (a literal in a cross join, a column that a
/// filter fixes): it sorts below a join or a union without them, and its own check then misses
/// them in the order. Such a query is planned anew with sorts over whole inputs, which need no
/// order to be merged by, and as the last resort in one partition.
pub(super) async fn start(frame: DataFrame) -> Result<SendableRecordBatchStream, DataFusionError> {
    let (state, plan) = frame.into_parts();
    let attempts: [fn(&mut SessionState); 3] = [
        |_| {},
        |state| state.config_mut().options_mut().optimizer.repartition_sorts = false,
        |state| state.config_mut().options_mut().execution.target_partitions = 1,
    ];
    let mut last = None;
    for adapt in attempts {
        let mut state = state.clone();
        adapt(&mut state);
        match state.create_physical_plan(&plan).await {
            Ok(physical) => return execute_stream(physical, state.task_ctx()),
            Err(error) if is_refused(&error) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| DataFusionError::Internal("no plan was made".to_owned())))
}

fn is_refused(error: &DataFusionError) -> bool {
    matches!(error, DataFusionError::Context(rule, _) if rule == CHECK)
}
