//! Looks at what the process really holds while a query runs. Operators reserve what they know of;
//! decoded files, copies and what the allocator keeps are seen here alone.

use std::{thread, time::Duration};

use datafusion::{error::DataFusionError, execution::SendableRecordBatchStream};
use futures::{StreamExt, stream};
use tokio::sync::watch;

use super::{Rows, SessionOptions, adapt};

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// How often the memory of a query that was ended is looked at until it is given back.
const LOOKS_FOR_RETURN: u32 = 300;

/// Ends the rows with an error once the process holds more memory than the query is allowed to use.
pub(super) fn guarded(rows: Rows, options: &SessionOptions) -> Result<Rows, DataFusionError> {
    let Some(held_bytes) = options.held_bytes else { return Ok(rows) };
    let most = options.memory_bytes;
    let (sender, receiver) = watch::channel(false);
    // A thread of its own: those of the runtime are busy, just when it matters.
    let watching = move || {
        while !sender.is_closed() {
            if held_bytes().is_some_and(|held| held > most) {
                sender.send_replace(true);
                return;
            }
            thread::sleep(LOOK);
        }
    };
    thread::Builder::new().name("memory".to_owned()).spawn(watching)?;
    let schema = rows.schema();
    let rows = stream::unfold(Some((rows, receiver)), |state| async move {
        let (mut rows, mut receiver): (SendableRecordBatchStream, watch::Receiver<bool>) = state?;
        let batch = tokio::select! {
            biased;
            Ok(_) = receiver.wait_for(|is_too_much| *is_too_much) => None,
            batch = rows.next() => Some(batch),
        };
        let Some(batch) = batch else {
            let problem =
                "the process holds more memory than the query is allowed to use".to_owned();
            return Some((Err(DataFusionError::ResourcesExhausted(problem)), None));
        };
        batch.map(|batch| (batch, Some((rows, receiver))))
    });
    Ok(adapt(schema, rows))
}

/// Waits until the memory of a query that was ended is given back, or for some seconds.
pub(super) async fn memory_given_back(options: &SessionOptions) {
    let Some(held_bytes) = options.held_bytes else { return };
    for _ in 0..LOOKS_FOR_RETURN {
        if held_bytes().is_none_or(|held| held < options.memory_bytes / 2) {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}
