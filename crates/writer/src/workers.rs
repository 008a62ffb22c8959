//! Threads that work beside the runtime's, and what their tasks give.

use std::{path::PathBuf, sync::Arc};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result};

/// Starts worker threads with this name; 0 takes one a core.
pub(crate) fn thread_pool(threads: usize, name: &'static str) -> Result<Arc<ThreadPool>> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |number| format!("{name}-{number}"))
        .build()
        .map(Arc::new)
        .map_err(|error| Error::Disk {
            action: "start threads to",
            path: PathBuf::from(name),
            source: std::io::Error::other(error),
        })
}

/// Returns what a blocking task gave, passing its panic on.
pub(crate) fn joined<T>(result: Result<T, tokio::task::JoinError>) -> Result<T> {
    result.map_err(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Error::Interrupted,
    })
}
