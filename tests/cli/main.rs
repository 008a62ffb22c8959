//! The program from the outside: every command as a user gives it.

mod convert;
mod docs;
mod kill;
mod query;
mod reports;
mod sandbox;
