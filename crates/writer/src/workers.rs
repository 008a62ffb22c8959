//! Threads that work beside the runtime's, and what their tasks give.

use std::{path::PathBuf, sync::Arc, thread};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result};

/// Returns how many threads an option stands for: 0 is one a core.
#[must_use]
pub fn thread_count(threads: usize) -> usize {
    match threads {
        0 => thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}

/// Starts worker threads with this name; 0 takes one a core.
pub(crate) fn thread_pool(threads: usize, name: &'static str) -> Result<Arc<ThreadPool>> {
    ThreadPoolBuilder::new()
        // Not left to `RAYON_NUM_THREADS`: some 65,000 threads would be started at a large value.
        .num_threads(thread_count(threads))
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
