//! Queries that Athena runs for us: what was started is followed to its end, or stopped. Athena goes
//! on with, and charges, what nobody tells it to stop.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_sdk_athena::{Client, types::QueryExecutionContext};
use futures::future::join_all;
use tokio::{sync::watch, time::timeout};

use super::{
    AthenaOptions, CATALOG,
    cost::{Ended, Spent},
    failure::{Request, problem},
};
use crate::{
    engine::{Listener, Told},
    error::Result,
};

mod query;

pub(super) use query::Query;

/// How long to try to stop what runs.
const TIME_TO_STOP: Duration = Duration::from_secs(4);

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
            started.map(|id| Query::new(queries, id, canceled))
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
        if timeout(TIME_TO_STOP, stopped).await.is_err() {
            let ids: Vec<_> = self.state.borrow().running.keys().cloned().collect();
            self.tell(Told::Note(format!(
                "Athena was not told in time to stop what it runs, which goes on: {}",
                ids.join(", ")
            )));
        }
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
            let told = self.client.stop_query_execution().query_execution_id(id).send().await;
            if let Err(error) = told {
                let error = self.request("athena:StopQueryExecution").failed(&error);
                self.tell(Told::Note(format!(
                    "query {id} could not be stopped and goes on: {error}"
                )));
            }
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
