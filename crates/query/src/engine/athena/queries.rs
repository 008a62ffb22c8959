//! Queries that Athena runs for us: what was started is followed to its end, or stopped. Athena goes
//! on with, and charges, what nobody tells it to stop.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_sdk_athena::{
    Client,
    types::{
        QueryExecution, QueryExecutionContext, QueryExecutionState, QueryExecutionStatus,
        StatementType,
    },
};
use futures::future::join_all;
use tokio::{
    runtime::Handle,
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    AthenaOptions, CATALOG,
    cost::{Ended, Spent, in_bytes},
    failure::{self, Request, problem},
};
use crate::{
    engine::{Listener, Told},
    error::Result,
};

/// How long to wait before a query is asked for again: at first, and later.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// How long to try to stop what runs.
const TIME_TO_STOP: Duration = Duration::from_secs(4);
/// How long who gave up has time to leave, before the query ends with an error.
const TIME_TO_LEAVE: Duration = Duration::from_secs(1);

/// The queries of one engine.
pub(super) struct Queries {
    pub(super) client: Client,
    pub(super) options: AthenaOptions,
    listener: Listener,
    state: watch::Sender<State>,
}

/// What runs, and what it has cost.
#[derive(Debug, Default)]
struct State {
    /// Queries that Athena was asked to run, and has not named yet.
    starting: usize,
    /// Queries that run, by their ids.
    running: BTreeMap<String, Running>,
    /// How often all queries were given up on.
    canceled: u64,
    spent: Spent,
}

#[derive(Debug, Clone, Copy, Default)]
struct Running {
    scanned: u64,
    is_being_stopped: bool,
}

impl State {
    fn is_idle(&self) -> bool {
        self.starting == 0 && self.running.is_empty()
    }
}

/// A query that runs. If it is dropped before its end, Athena is told to stop it.
pub(super) struct Query {
    queries: Arc<Queries>,
    id: String,
    /// [`State::canceled`] when it was started.
    canceled: u64,
}

impl Queries {
    pub(super) fn new(client: Client, options: AthenaOptions, listener: Listener) -> Self {
        Self { client, options, listener, state: watch::Sender::default() }
    }

    pub(super) fn tell(&self, told: Told) {
        (self.listener)(told);
    }

    pub(super) fn request(&self, action: &'static str) -> Request<'_> {
        let region = self.client.config().region().map_or("no Region", |region| region.as_ref());
        Request { action, options: &self.options, region }
    }

    /// Starts a query. The request is a task of its own: if it is given up on, its query is stopped
    /// as soon as it has a name.
    pub(super) async fn start(self: &Arc<Self>, sql: String) -> Result<Query> {
        let queries = Arc::clone(self);
        let mut canceled = 0;
        self.state.send_modify(|state| {
            state.starting += 1;
            canceled = state.canceled;
        });
        let task = tokio::spawn(async move {
            let started = queries.ask_to_run(sql).await;
            queries.state.send_modify(|state| {
                state.starting -= 1;
                if let Ok(id) = &started {
                    state.running.insert(id.clone(), Running::default());
                }
            });
            started.map(|id| Query { queries, id, canceled })
        });
        task.await.map_err(|error| problem(format!("the request was ended: {error}")))?
    }

    /// The client makes a token for each request, so that a request that is repeated starts one query.
    async fn ask_to_run(&self, sql: String) -> Result<String> {
        let AthenaOptions { workgroup, database, .. } = &self.options;
        let context = QueryExecutionContext::builder().catalog(CATALOG).database(database).build();
        let request = self.client.start_query_execution().query_string(sql);
        let answer = request.work_group(workgroup).query_execution_context(context).send().await;
        let request = self.request("athena:StartQueryExecution");
        let answer = answer.map_err(|error| request.failed(&error))?;
        answer.query_execution_id.ok_or_else(|| problem("a query was started and has no id"))
    }

    /// Gives up on all queries, and waits for a while until Athena was told.
    pub(super) async fn stop_all(&self) {
        self.state.send_modify(|state| state.canceled += 1);
        let stopped = async {
            let mut changes = self.state.subscribe();
            loop {
                let ids: Vec<_> = changes.borrow_and_update().running.keys().cloned().collect();
                join_all(ids.iter().map(|id| self.stop(id))).await;
                // Others may have got a name since, or are being stopped elsewhere.
                let is_idle = changes.borrow().is_idle();
                if is_idle || changes.changed().await.is_err() {
                    break;
                }
            }
        };
        // What Athena could not be told in time, it is not told.
        let _: Result<(), _> = timeout(TIME_TO_STOP, stopped).await;
    }

    /// Returns what the queries since the last time have cost.
    pub(super) fn take_spent(&self) -> Spent {
        let mut spent = Spent::default();
        self.state.send_modify(|state| spent = std::mem::take(&mut state.spent));
        spent
    }

    /// Tells Athena to stop a query, unless it is being told.
    async fn stop(&self, id: &str) {
        let mut is_ours = false;
        self.state.send_if_modified(|state| {
            if let Some(running) = state.running.get_mut(id) {
                is_ours = !std::mem::replace(&mut running.is_being_stopped, true);
            }
            false
        });
        if is_ours {
            // If that fails, nobody can do more.
            let told = self.client.stop_query_execution().query_execution_id(id).send().await;
            drop(told);
            self.end(id, Ended::Run);
        }
    }

    fn end(&self, id: &str, ended: Ended) {
        self.state.send_modify(|state| {
            if let Some(Running { scanned, .. }) = state.running.remove(id) {
                state.spent.add(scanned, ended);
            }
        });
    }

    fn note_scanned(&self, id: &str, bytes: u64) {
        self.state.send_if_modified(|state| {
            if let Some(running) = state.running.get_mut(id) {
                running.scanned = bytes;
            }
            false
        });
    }

    /// What a workgroup lets a query read, if there is a limit and we may know.
    async fn limit(&self) -> Option<u64> {
        let answer = self.client.get_work_group().work_group(&self.options.workgroup).send().await;
        let limit = answer.ok()?.work_group?.configuration?.bytes_scanned_cutoff_per_query?;
        u64::try_from(limit).ok()
    }
}

impl Query {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Waits until Athena has the whole answer.
    pub(super) async fn finish(&self) -> Result<()> {
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
            let execution = self.execution().await?;
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

    async fn failed(&self, status: &QueryExecutionStatus) -> crate::error::Error {
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
    let bytes = statistics.and_then(|statistics| statistics.data_scanned_in_bytes());
    bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default()
}

fn ended(execution: &QueryExecution) -> Ended {
    let statistics = execution.statistics();
    let reuse = statistics.and_then(|statistics| statistics.result_reuse_information());
    let reads_data = execution.statement_type().is_none_or(|kind| *kind == StatementType::Dml);
    match reuse.is_some_and(|reuse| reuse.reused_previous_result()) {
        true => Ended::Reused,
        false if reads_data => Ended::Run,
        false => Ended::Free,
    }
}
