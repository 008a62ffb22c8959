//! The exit codes; the README documents them.

use std::process::ExitCode;

use ecstrail_query::ParseFormatError;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was done.
    Done,
    /// It could not be done.
    Failed,
    /// The command line is wrong; clap uses the same code.
    Usage,
    /// Done, but some input was rejected.
    Rejects,
    /// Done, and a check found something: as many rows as `--fail-if-rows` says, or a file that is
    /// not what was committed.
    Threshold,
}

/// The command line asks for something that cannot be done.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

impl Exit {
    /// Returns whether an error is one of usage or a failure.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        use ecstrail_converter::Error as Trail;
        use ecstrail_query::Error as Query;
        let is_usage = error.chain().any(|cause| {
            cause.is::<UsageError>()
                || cause.is::<ParseFormatError>()
                || matches!(cause.downcast_ref::<Trail>(), Some(Trail::Pattern { .. }))
                || cause.downcast_ref::<Query>().is_some_and(|error| {
                    matches!(
                        error,
                        Query::UnknownReport { .. }
                            | Query::UnknownInBook { .. }
                            | Query::NoReportHas { .. }
                            | Query::UnknownParameter { .. }
                            | Query::WrongValue { .. }
                            | Query::Contradiction { .. }
                            | Query::NoDays { .. }
                            | Query::MissingArgument { .. }
                            | Query::NoValue { .. }
                            | Query::NotAQuery { .. }
                            | Query::WrongOption { .. }
                            | Query::NotACondition { .. }
                    )
                })
        });
        if is_usage { Self::Usage } else { Self::Failed }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Usage => Self::from(2),
            Exit::Rejects => Self::from(3),
            Exit::Threshold => Self::from(4),
        }
    }
}
