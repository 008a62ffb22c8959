//! The program from the outside: every command as a user gives it. The tests assume a Unix: its signals,
//! shells, modes of files and spelling of paths.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod athena;
#[cfg(feature = "athena")]
mod athena_engine;
mod book;
mod caveats;
#[path = "../../crates/cli/clock.rs"]
#[expect(dead_code, reason = "the program asks it for more")]
mod clock;
mod completions;
mod config;
mod connect;
mod convert;
mod corpus;
mod destination;
mod digests;
mod docs;
mod explain;
mod explain_event;
mod export;
mod foreign;
mod hostile;
mod inputs;
mod kill;
mod listings;
mod maintain;
mod man;
mod markdown;
mod network;
mod options;
mod output;
mod partitions;
mod places;
mod process;
mod query;
mod regular;
mod reports;
mod samples;
mod sandbox;
mod scratch;
mod selections;
mod shards;
mod shell;
#[path = "../../crates/cli/state_folder.rs"]
#[expect(dead_code, reason = "the program replaces files, no test does")]
mod state_folder;
mod status;
#[path = "../../crates/cli/stop.rs"]
#[expect(dead_code, reason = "only the shell takes Ctrl-C")]
mod stop;
mod table;
mod terminal;
mod typing;
mod verify;
