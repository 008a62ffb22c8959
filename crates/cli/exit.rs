//! The exit codes; the README documents them.

use std::process::ExitCode;

/// How the program ends. Wrong usage ends with 2, from clap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is done.
    Done,
    /// It could not be done.
    Failed,
    /// Done, but some of the input was refused.
    Refused,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Refused => Self::from(3),
        }
    }
}
