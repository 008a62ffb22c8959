//! An engine elsewhere: questions are translated into its SQL, and its rows get the columns and types
//! that they would have here. What differs between engines is their [`Remote`].

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use datafusion::{arrow::datatypes::SchemaRef, sql::parser::Statement};

use crate::{
    engine::{Engine, fitted::fitted},
    error::{Error, Result},
    parameter::Bindings,
    portable::{
        Dialect, SqlTokenKind, Values, literal, sql_tokens,
        statement, translate,
    },
    report::Report,
    session::{Rows, Session},
};

/// How one kind of engine is asked.
#[async_trait]
pub(crate) trait Remote: fmt::Debug + Send + Sync {
    /// Its SQL.
    const DIALECT: Dialect;
    /// What stands in its SQL for a parameter.
    const VALUES: Values;

    /// Runs a query over the table `events` and the views. Returns once the first rows arrive, with
    /// the columns and types that the engine gives them, unless it needs to know those `expected`.
    async fn run(
        &self,
        sql: &str,
        bindings: &Bindings,
        expected: Option<&SchemaRef>,
    ) -> Result<Rows>;

    /// Gives up on all that runs, and waits until the engine was told.
    async fn cancel(&self);
}

/// An engine elsewhere. The dataset's session knows what the log says, and which columns an answer has.
#[derive(Debug)]
pub(crate) struct Elsewhere<R> {
    session: Arc<Session>,
    remote: R,
}

impl<R: Remote> Elsewhere<R> {
    pub(crate) fn new(session: Arc<Session>, remote: R) -> Self {
        Self { session, remote }
    }

    async fn ask(&self, asked: Statement, bindings: &Bindings) -> Result<Rows> {
        let expected = self.session.schema_of(asked.clone(), bindings).await?;
        let sql = translate(asked, bindings, R::VALUES, R::DIALECT)?.sql;
        let rows = self.remote.run(&sql, bindings, Some(&expected)).await?;
        fitted(rows, expected)
    }
}

#[async_trait]
impl<R: Remote> Engine for Elsewhere<R> {
    fn dialect(&self) -> Dialect {
        R::DIALECT
    }

    async fn sql(&self, sql: &str, bindings: &Bindings) -> Result<Rows> {
        let sql = with_parameters::<R>(sql, bindings)?;
        self.remote.run(&sql, bindings, None).await
    }

    async fn report(&self, report: &Report, bindings: &Bindings) -> Result<Rows> {
        self.session.check_answerable(report)?;
        report.portable()?;
        self.ask(report.statement().clone(), bindings).await
    }

    async fn portable(&self, sql: &str, bindings: &Bindings) -> Result<Rows> {
        self.ask(statement::parse(sql)?, bindings).await
    }

    async fn cancel(&self) {
        self.remote.cancel().await;
    }
}

/// Returns a query of the user's with each `$name` as the engine has parameters.
fn with_parameters<R: Remote>(sql: &str, bindings: &Bindings) -> Result<String> {
    let mut text = String::with_capacity(sql.len());
    let mut end = 0;
    for token in sql_tokens(sql) {
        let Some(name) = sql[token.range.clone()].strip_prefix('$') else { continue };
        if token.kind != SqlTokenKind::Parameter {
            continue;
        }
        let value = bindings.value(name);
        let value = value.ok_or_else(|| Error::NoValue { name: name.to_owned() })?;
        text.push_str(&sql[end..token.range.start]);
        match R::VALUES {
            Values::Written => text.push_str(&literal(value, R::DIALECT)),
            Values::Named | Values::Macro => text.extend([":", name]),
        }
        end = token.range.end;
    }
    text.push_str(&sql[end..]);
    Ok(text)
}
