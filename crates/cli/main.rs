//! The program `ecstrail`: arguments in, exit code out. All work is done by the library crates.

mod args;
mod bucket;
mod commands;
mod console;
mod credentials;
mod exit;
mod location;
mod stop;
mod trail;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// Queries allocate much and small, and free it on other threads: with the allocator of glibc that
/// takes a third of their time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(commands::run(arguments.command)),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) if console::is_broken_pipe(&error) => exit::Exit::Done.into(),
        Err(error) => {
            console::error(&error);
            exit::Exit::of(&error).into()
        }
    }
}
