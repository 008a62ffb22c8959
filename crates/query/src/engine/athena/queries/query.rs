//! One query, followed to its end.

use std::{sync::Arc, time::Duration};

use aws_sdk_athena::types::{
    QueryExecution, QueryExecutionState, QueryExecutionStatistics, QueryExecutionStatus,
    ResultReuseInformation, StatementType,
};
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

use super::{Queries, State, TIME_TO_STOP};
use crate::{
    engine::{
        Told,
        athena::{
            cost::{Ended, in_bytes},
            failure::{self, problem},
        },
    },
    error::{Error, Result},
};

/// How long to wait before a query is asked for again: at first, and later.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// How long who gave up has time to leave, before the query ends with an error.
const TIME_TO_LEAVE: Duration = Duration::from_secs(1);

/// A query that runs. If it is dropped before its end, Athena is told to stop it.
pub(in crate::engine::athena) struct Query {
    queries: Arc<Queries>,
    id: String,
    /// [`State::canceled`] when it was started.
    canceled: u64,
}

impl Query {
    pub(super) fn new(queries: Arc<Queries>, id: String, canceled: u64) -> Self {
        Self { queries, id, canceled }
    }

    pub(in crate::engine::athena) fn id(&self) -> &str {
        &self.id
    }

    /// Waits until Athena has the whole answer.
    pub(in crate::engine::athena) async fn finish(&self) -> Result<()> {
        let (mut pause, longest) = PAUSES;
        let mut told = String::new();
        let is_canceled = |state: &State| state.canceled != self.canceled;
        let mut state = self.queries.state.subscribe();
        loop {
            if is_canceled(&state.borrow()) {
                let is_over = |state: &State| !state.running.contains_key(&self.id);
                drop(timeout(TIME_TO_STOP, state.wait_for(is_over)).await);
                sleep(TIME_TO_LEAVE).await;
                return Err(problem("the query was canceled"));
            }
            let execution = self.execution().await;
            if is_canceled(&state.borrow()) {
                continue;
            }
            let execution = execution?;
            let status =
                execution.status.clone().unwrap_or_else(|| QueryExecutionStatus::builder().build());
            let scanned = scanned(&execution);
            self.queries.note_scanned(&self.id, scanned);
            let progress = match status.state() {
                Some(QueryExecutionState::Succeeded) => {
                    self.queries.end(&self.id, ended(&execution));
                    return Ok(());
                }
                Some(QueryExecutionState::Failed | QueryExecutionState::Cancelled) => {
                    return Err(self.failed(&status).await);
                }
                Some(QueryExecutionState::Queued) => "Athena: queued".to_owned(),
                _ if scanned == 0 => "Athena: running".to_owned(),
                _ => format!("Athena: running, {} scanned", in_bytes(scanned)),
            };
            if progress != told {
                self.queries.tell(Told::Progress(progress.clone()));
                told = progress;
            }
            tokio::select! {
                () = sleep(pause) => pause = longest.min(pause * 2),
                _ = state.wait_for(is_canceled) => {}
            }
        }
    }

    async fn execution(&self) -> Result<QueryExecution> {
        let request = self.queries.client.get_query_execution().query_execution_id(&self.id);
        let answer = request.send().await;
        let request = self.queries.request("athena:GetQueryExecution");
        let answer = answer.map_err(|error| request.failed(&error))?;
        let execution = answer.query_execution;
        let execution =
            execution.ok_or_else(|| problem(format!("nothing is known of query {}", self.id)))?;
        let version = execution.engine_version.as_ref();
        let version = version.and_then(|version| version.effective_engine_version());
        if let Some(version) = version.filter(|version| is_old(version)) {
            return Err(problem(format!(
                "workgroup {} runs {version}, and reports need version 3: choose it with `aws athena \
                 update-work-group` or in the console",
                self.queries.options.workgroup
            )));
        }
        Ok(execution)
    }

    async fn failed(&self, status: &QueryExecutionStatus) -> Error {
        let is_beyond_limit = failure::is_beyond_limit(status);
        let is_canceled = status.state() == Some(&QueryExecutionState::Cancelled);
        let ended = if is_beyond_limit || is_canceled { Ended::Run } else { Ended::Failed };
        self.queries.end(&self.id, ended);
        let limit = if is_beyond_limit { self.queries.limit().await } else { None };
        failure::of_query(&self.id, status, &self.queries.options, limit)
    }
}

impl Drop for Query {
    fn drop(&mut self) {
        let Ok(runtime) = Handle::try_current() else { return };
        if self.queries.state.borrow().running.contains_key(&self.id) {
            let (queries, id) = (Arc::clone(&self.queries), std::mem::take(&mut self.id));
            drop(runtime.spawn(async move { queries.stop(&id).await }));
        }
    }
}

/// Whether the name is that of a version before 3, whose SQL is another one.
fn is_old(version: &str) -> bool {
    let number = version.strip_prefix("Athena engine version ").and_then(|text| text.parse().ok());
    number.is_some_and(|number: u32| number < 3)
}

fn scanned(execution: &QueryExecution) -> u64 {
    let statistics = execution.statistics();
    let bytes = statistics.and_then(QueryExecutionStatistics::data_scanned_in_bytes);
    bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default()
}

fn ended(execution: &QueryExecution) -> Ended {
    let statistics = execution.statistics();
    let reuse = statistics.and_then(|statistics| statistics.result_reuse_information());
    let reads_data = execution.statement_type().is_none_or(|kind| *kind == StatementType::Dml);
    match reuse.is_some_and(ResultReuseInformation::reused_previous_result) {
        true => Ended::Reused,
        false if reads_data => Ended::Run,
        false => Ended::Free,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_before_the_third_are_old() {
        for (version, expected) in [
            ("Athena engine version 2", true),
            ("Athena engine version 3", false),
            ("Athena engine version 10", false),
            ("PySpark engine version 3", false),
            ("AUTO", false),
        ] {
            assert_eq!(is_old(version), expected, "{version}");
        }
    }

    #[test]
    fn what_reads_no_data_has_no_price() {
        let of = |reused: bool, kind: Option<StatementType>| {
            let reuse = ResultReuseInformation::builder().reused_previous_result(reused).build();
            let statistics =
                QueryExecutionStatistics::builder().result_reuse_information(reuse).build();
            ended(
                &QueryExecution::builder().statistics(statistics).set_statement_type(kind).build(),
            )
        };
        assert_eq!(of(false, Some(StatementType::Dml)), Ended::Run);
        assert_eq!(of(false, None), Ended::Run);
        assert_eq!(of(true, Some(StatementType::Dml)), Ended::Reused);
        assert_eq!(of(false, Some(StatementType::Utility)), Ended::Free);
    }
}
