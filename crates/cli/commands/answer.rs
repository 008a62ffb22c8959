//! One question from the SQL or the report to its rows, and what is reported about them: the same on
//! the command line and in the shell.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use ecstrail_query::{Bindings, Engine, Report, RowCount, Rows, Scope, Session, rows_until, sift};
use indicatif::HumanCount;
use tokio::{sync::watch, time::timeout};

use super::{
    caveats::{self, UnknownNames},
    rows::Output,
    work,
};
use crate::console;

/// How long to wait until the engine gives back what it holds.
const TIME_TO_STOP: Duration = Duration::from_secs(1);

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) enum Question {
    /// Any SQL.
    Sql(String),
    /// A saved report.
    Report(Box<Report>, UnknownNames),
}

/// How long an answer may take.
#[derive(Debug, Clone)]
pub(crate) enum Patience {
    /// As long as it takes.
    Endless,
    /// Until this says that it is given up on.
    UntilCanceled(watch::Receiver<bool>),
}

/// The question was given up on.
#[derive(Debug, thiserror::Error)]
#[error("canceled")]
pub(crate) struct Canceled;

/// Asks an engine a question, writes the rows, and reports what they do not show, which the session
/// knows.
///
/// # Errors
/// [`Canceled`] if patience ended; those of [`Engine::sql`] and [`Engine::report`].
pub(crate) async fn answer(
    session: &Arc<Session>,
    engine: &Arc<dyn Engine>,
    question: Question,
    bindings: Bindings,
    max_age: Option<Duration>,
    output: &Output,
    patience: &Patience,
) -> Result<RowCount> {
    let scope = match &question {
        Question::Sql(_) => Scope::default(),
        Question::Report(..) => Scope::of(&bindings),
    };
    let (asked, asks, scope_of_age) = (Arc::clone(session), Arc::clone(engine), scope.clone());
    let explains = output.explains();
    let rows = patience.wait(Box::pin(async move {
        let engine = asks.as_ref();
        caveats_of(&asked, engine, &question, &bindings).await?;
        caveats::check_age(&asked, engine, &scope_of_age, max_age).await?;
        let watch = explains.then(|| asked.watch());
        Ok((rows_of(engine, &question, &bindings).await?, watch))
    }));
    let (rows, watch) = rows.await?;
    let rows = patience.rows(rows);
    let (rows, shown) = match output.shown() {
        Some(memory) => {
            let (rows, sifting) = sift(rows, memory.take_before(), output.limit());
            (rows, Some((memory, sifting)))
        }
        None => (rows, None),
    };
    let count = match output.write(rows).await {
        Err(_) if patience.is_over() => return Err(Canceled.into()),
        count => count?,
    };
    output.tell(count);
    if let Some(watch) = watch {
        work::in_words(&watch.work(), session).into_iter().for_each(console::note);
    }
    if let Some((memory, sifting)) = shown {
        if output.reader_left() {
            console::note("nothing is remembered, since the reader left before the last row");
            return Ok(count);
        }
        let known = memory.remember(sifting)?;
        if known > 0 {
            console::note(format!("{} shown before are left out", rows_in_words(known)));
            return Ok(count);
        }
    }
    if count.found == 0 {
        let (asked, asks) = (Arc::clone(session), Arc::clone(engine));
        let reasons =
            Box::pin(
                async move { caveats::explain_no_rows(&asked, asks.as_ref(), &scope, 0).await },
            );
        patience.wait(reasons).await?;
    }
    Ok(count)
}

fn rows_in_words(rows: u64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{} rows", HumanCount(rows)) }
}

async fn caveats_of(
    session: &Session,
    engine: &dyn Engine,
    question: &Question,
    bindings: &Bindings,
) -> Result<()> {
    match question {
        Question::Sql(sql) => caveats::report_old_files(session, sql),
        Question::Report(report, unknown_names) => {
            caveats::report(session, engine, report, bindings, *unknown_names).await?;
        }
    }
    Ok(())
}

async fn rows_of(engine: &dyn Engine, question: &Question, bindings: &Bindings) -> Result<Rows> {
    Ok(match question {
        Question::Sql(sql) => engine.sql(sql, bindings).await?,
        Question::Report(report, _) => engine.report(report, bindings).await?,
    })
}

impl Patience {
    /// Does something, on a task of its own if it may be given up on: the engine may compute for long
    /// without a pause in which it could be told.
    ///
    /// # Errors
    /// [`Canceled`] if it was given up on.
    pub(crate) async fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        if matches!(self, Self::Endless) {
            return work.await;
        }
        let mut work = tokio::spawn(work);
        tokio::select! {
            biased;
            () = self.end() => {
                work.abort();
                // How it ended does not matter.
                drop(timeout(TIME_TO_STOP, work).await);
                Err(Canceled.into())
            }
            outcome = &mut work => outcome?,
        }
    }

    fn rows(&self, rows: Rows) -> Rows {
        match self {
            Self::Endless => rows,
            Self::UntilCanceled(_) => rows_until(rows, self.end()),
        }
    }

    fn end(&self) -> impl Future<Output = ()> + Send + 'static {
        let patience = self.clone();
        async move {
            if let Self::UntilCanceled(mut canceled) = patience
                && canceled.wait_for(|is_canceled| *is_canceled).await.is_ok()
            {
                return;
            }
            std::future::pending::<()>().await;
        }
    }

    fn is_over(&self) -> bool {
        matches!(self, Self::UntilCanceled(canceled) if *canceled.borrow())
    }
}
