//! Engines that answer questions over a dataset. A [`Session`] is the one within this program.

use std::fmt;

use async_trait::async_trait;

use crate::{
    error::Result,
    parameter::Bindings,
    portable::Dialect,
    report::Report,
    session::{Rows, Session},
};

/// What runs queries over a dataset. To drop the rows is to give up on the query.
#[async_trait]
pub trait Engine: fmt::Debug + Send + Sync {
    /// The SQL that [`sql`](Self::sql) takes.
    fn dialect(&self) -> Dialect;

    /// Runs one query, whose parameters are bound to values. Returns once the first rows arrive.
    async fn sql(&self, sql: &str, bindings: &Bindings) -> Result<Rows>;

    /// Runs a saved report, bound by [`Report::bind`]. The rows have the order, the columns and the types
    /// that a [`Session`] gives them.
    async fn report(&self, report: &Report, bindings: &Bindings) -> Result<Rows>;
}

#[async_trait]
impl Engine for Session {
    fn dialect(&self) -> Dialect {
        Dialect::DataFusion
    }

    async fn sql(&self, sql: &str, bindings: &Bindings) -> Result<Rows> {
        Self::sql(self, sql, bindings).await
    }

    async fn report(&self, report: &Report, bindings: &Bindings) -> Result<Rows> {
        Self::report(self, report, bindings).await
    }
}
