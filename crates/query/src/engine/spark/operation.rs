//! One operation at the server, and the rows that it answers with. To drop it before its end is to
//! interrupt it there.

use std::{io::Cursor, sync::Arc};

use datafusion::{
    arrow::{
        array::RecordBatch, datatypes::SchemaRef, error::ArrowError, ipc::reader::StreamReader,
    },
    error::DataFusionError,
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::runtime::Handle;
use tonic::Streaming;
use uuid::Uuid;

use super::{
    client::Client,
    messages::{ArrowBatch, ExecutePlanResponse, ExecutionProgress, Plan, Response},
    problem::Problem,
};
use crate::{
    engine::{Listener, Told},
    session::Rows,
};

/// An operation that may still run.
pub(super) struct Running {
    client: Client,
    id: String,
    responses: Option<Streaming<ExecutePlanResponse>>,
    listener: Listener,
    /// Rows that have come.
    rows: u64,
    told: String,
    is_over: bool,
}

/// The rows of one message.
struct Part {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Running {
    pub(super) async fn begin(
        client: &Client,
        plan: Plan,
        listener: &Listener,
    ) -> Result<Self, Problem> {
        let mut running = Self {
            client: client.clone(),
            id: Uuid::new_v4().to_string(),
            responses: None,
            listener: Arc::clone(listener),
            rows: 0,
            told: String::new(),
            is_over: false,
        };
        // Its beginning is its own already: it can be given up while this waits.
        let responses = client.execute(plan, running.id.clone()).await;
        running.is_over = responses.is_err();
        if running.is_over && client.has_left().await {
            return Err(canceled());
        }
        running.responses = Some(responses?);
        Ok(running)
    }

    /// Waits for the end, and returns how many rows there were.
    pub(super) async fn finish(mut self) -> Result<u64, Problem> {
        while self.part().await?.is_some() {}
        Ok(self.rows)
    }

    /// Waits for the first rows.
    pub(super) async fn rows(mut self) -> Result<Rows, Problem> {
        let first = self.part().await?;
        // Without rows, their columns come all the same.
        let Some(Part { schema, batches: first }) = first else {
            let text = "the server ended the query before its answer came: rerun the command";
            return Err(Problem::without_class(text));
        };
        let server = self.client.address.clone();
        let rest = stream::try_unfold(self, |mut running| async {
            Ok(running.part().await?.map(|part| (part.batches, running)))
        });
        let failed =
            move |problem: Problem| DataFusionError::External(Box::new(problem.error(&server)));
        let parts = stream::iter([Ok(first)]).chain(rest).map_err(failed);
        let batches = parts.map_ok(|batches| stream::iter(batches.into_iter().map(Ok)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches.try_flatten())))
    }

    /// Returns the next rows; nothing once all of them have come.
    async fn part(&mut self) -> Result<Option<Part>, Problem> {
        while !self.is_over {
            let Some(responses) = &mut self.responses else { break };
            let response = responses.next().await;
            if self.client.has_left().await {
                self.is_over = true;
                return Err(canceled());
            }
            self.is_over = !matches!(response, Some(Ok(_)));
            let Some(response) = response else { break };
            let response = response.map_err(|status| {
                let mut problem = self.client.problem(&status);
                if problem.is_of_connection && self.rows > 0 {
                    problem.text = format!("after {} rows, {}", self.rows, problem.text);
                }
                problem
            })?;
            match response.response {
                Some(Response::Progress(progress)) => self.tell(&progress),
                Some(Response::ArrowBatch(batch)) => return self.taken(batch).map(Some),
                None => {}
            }
        }
        Ok(None)
    }

    fn taken(&mut self, batch: ArrowBatch) -> Result<Part, Problem> {
        let before = batch.start_offset.and_then(|rows| u64::try_from(rows).ok());
        let promised = u64::try_from(batch.row_count).unwrap_or_default();
        let part = decoded(batch).map_err(|error| {
            Problem::without_class(format!("the server's rows cannot be read ({error})"))
        })?;
        let found: u64 = part.batches.iter().map(|batch| batch.num_rows() as u64).sum();
        if found != promised || before.is_some_and(|before| before != self.rows) {
            return Err(Problem::without_class(format!(
                "the server's rows are not complete after {}: rerun the command",
                self.rows
            )));
        }
        self.rows += found;
        Ok(part)
    }

    fn tell(&mut self, progress: &ExecutionProgress) {
        let tasks: i64 = progress.stages.iter().map(|stage| stage.tasks).sum();
        let completed: i64 = progress.stages.iter().map(|stage| stage.completed_tasks).sum();
        if tasks == 0 {
            return;
        }
        let text = format!("{completed} of {tasks} tasks");
        if text != self.told {
            (self.listener)(Told::Progress(text.clone()));
            self.told = text;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            let (client, id) = (self.client.clone(), std::mem::take(&mut self.id));
            // Nobody is there any more to be told that it failed.
            runtime.spawn(async move { drop(client.interrupt(id).await) });
        }
    }
}

fn canceled() -> Problem {
    Problem::without_class("the query was canceled")
}

fn decoded(batch: ArrowBatch) -> Result<Part, ArrowError> {
    let reader = StreamReader::try_new(Cursor::new(batch.data), None)?;
    let schema = reader.schema();
    Ok(Part { schema, batches: reader.collect::<Result<_, _>>()? })
}
