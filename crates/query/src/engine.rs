//! Engines that answer questions over a dataset. A [`Session`] is the one within this program; others are
//! asked over the network, in their own SQL.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use futures::TryStreamExt;

use crate::{
    error::{Error, Result},
    parameter::Bindings,
    portable::Dialect,
    report::Report,
    session::{Rows, Session},
};

#[cfg(feature = "athena")]
mod athena;
#[cfg(any(feature = "athena", feature = "spark", test))]
mod elsewhere;
#[cfg(any(feature = "athena", feature = "spark", test))]
mod fitted;
#[cfg(feature = "spark")]
mod spark;

#[cfg(feature = "athena")]
pub use athena::{AthenaOptions, athena};
#[cfg(feature = "spark")]
pub use spark::{ParseSparkAddressError, SparkAddress, SparkBody, SparkTransport, spark_connect};

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

    /// Runs a query in portable SQL whose rows are few, and as those of a [`Session`]. An engine elsewhere
    /// is not asked twice: the reports of a book have such questions in common.
    async fn ask(&self, sql: &str, bindings: &Bindings) -> Result<Vec<RecordBatch>>;

    /// Gives up on all that runs, and waits until the engine was told.
    async fn cancel(&self);
}

async fn collected(rows: Rows) -> Result<Vec<RecordBatch>> {
    rows.try_collect().await.map_err(|error| Error::query(&error))
}

/// What an engine elsewhere says of its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// How far the query is; replaces what was said before.
    Progress(String),
    /// Something to keep, such as what the query cost.
    Note(String),
}

/// Whom an engine elsewhere tells of its work.
pub type Listener = Arc<dyn Fn(Told) + Send + Sync>;

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

    async fn ask(&self, sql: &str, bindings: &Bindings) -> Result<Vec<RecordBatch>> {
        collected(self.portable(sql, bindings).await?).await
    }

    async fn cancel(&self) {}
}
