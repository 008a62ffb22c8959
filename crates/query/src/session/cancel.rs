//! Rows that can be given up on at any time.

use std::time::Duration;

use datafusion::{arrow::array::RecordBatch, error::DataFusionError};
use futures::{StreamExt, stream};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use super::{Rows, adapt};

/// How long to wait until the engine gives back what it holds.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ends rows with an error once `canceled` is done. The engine works on a task of its own: it may
/// compute for long without a pause, and the caller need not wait for one.
pub fn rows_until(mut rows: Rows, canceled: impl Future<Output = ()> + Send + 'static) -> Rows {
    let schema = rows.schema();
    let (sender, receiver) = mpsc::channel(1);
    let engine = tokio::spawn(async move {
        while let Some(batch) = rows.next().await {
            if sender.send(batch).await.is_err() {
                break;
            }
        }
    });
    let state = Some((receiver, Engine(engine), Box::pin(canceled)));
    let rows = stream::unfold(state, |state| async move {
        let (mut receiver, mut engine, mut canceled) = state?;
        let batch: Option<Result<RecordBatch, DataFusionError>> = tokio::select! {
            biased;
            () = &mut canceled => {
                engine.end().await;
                let problem = "the query was canceled".to_owned();
                return Some((Err(DataFusionError::Execution(problem)), None));
            }
            batch = receiver.recv() => batch,
        };
        match batch {
            Some(batch) => Some((batch, Some((receiver, engine, canceled)))),
            // Without this, rows would end early and look complete.
            None => match (&mut engine.0).await {
                Ok(()) => None,
                Err(error) => Some((Err(DataFusionError::External(Box::new(error))), None)),
            },
        }
    });
    adapt(schema, rows)
}

/// The task that the engine works on; it ends with this value.
struct Engine(JoinHandle<()>);

impl Engine {
    async fn end(&mut self) {
        self.0.abort();
        // How it ended does not matter.
        drop(timeout(PATIENCE, &mut self.0).await);
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.0.abort();
    }
}
