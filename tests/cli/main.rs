//! The program from the outside: every command as a user gives it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod caveats;
mod convert;
mod corpus;
mod docs;
mod export;
mod hostile;
mod inputs;
mod kill;
mod listings;
mod maintain;
mod network;
mod options;
mod output;
mod partitions;
mod places;
mod process;
mod query;
mod reports;
mod samples;
mod sandbox;
mod scratch;
mod selections;
mod status;
#[path = "../../crates/cli/stop.rs"]
mod stop;
mod terminal;
