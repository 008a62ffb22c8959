//! The program `ecstrail`: arguments in, exit code out. All work is done by the library crates.

mod args;
mod bucket;
mod clock;
mod commands;
mod config;
mod console;
mod credentials;
mod destination;
mod endpoint;
mod engine;
mod exit;
mod http;
mod leaving;
mod location;
mod not_a_dataset;
mod overlap;
mod process;
mod scratch;
mod state_folder;
mod stop;
mod table_source;
mod trail;

use std::{
    env,
    ffi::OsString,
    panic::resume_unwind,
    process::ExitCode,
    thread::{self, JoinHandle},
    time::Duration,
};

use ecstrail_writer::thread_count;
use mimalloc::MiMalloc;

/// Queries allocate much and small, and free it on other threads: with the allocator of glibc that
/// takes a third of their time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Bytes of the stack of threads that plan queries: the largest statements that are allowed need it. The
/// first thread of a process has less on Windows.
const STACK: usize = 8 << 20;

/// How long to wait at the end for what still runs.
const TIME_TO_STOP: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    match thread::Builder::new().stack_size(STACK).spawn(begin).map(JoinHandle::join) {
        Ok(Ok(code)) => code,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(error) => {
            console::error(&error.into());
            exit::Exit::Failed.into()
        }
    }
}

fn begin() -> ExitCode {
    let words: Vec<OsString> = env::args_os().collect();
    if let Some(answered) = commands::complete(&words) {
        return answered;
    }
    if words.len() <= 1 {
        return console::first_steps();
    }
    let arguments = match commands::parse(&words).map_err(anyhow::Error::downcast) {
        Ok(arguments) => Ok(arguments),
        Err(Ok(error)) => return console::usage(&error),
        Err(Err(error)) => Err(error),
    };
    // A merge has some 260 files open; macOS allows as many, unless a process asks for more.
    #[cfg(unix)]
    drop(rlimit::increase_nofile_limit(u64::MAX));
    // Not left to `TOKIO_WORKER_THREADS`: the runtime panics at a value that is no number.
    let workers = thread_count(0);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_stack_size(STACK)
        .enable_all()
        .build();
    let result = arguments.and_then(|arguments| {
        let runtime = runtime?;
        let result = runtime.block_on(commands::run(arguments));
        // A query that was given up on may still compute.
        runtime.shutdown_timeout(TIME_TO_STOP);
        result
    });
    match result {
        Ok(exit) => exit.into(),
        Err(error) if console::is_broken_pipe(&error) => exit::Exit::Done.into(),
        Err(error) => {
            console::error(&error);
            exit::Exit::of(&error).into()
        }
    }
}
