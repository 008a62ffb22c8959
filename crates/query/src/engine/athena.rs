//! Amazon Athena as an engine: queries run in a workgroup, over the table that `describe table --engine
//! athena` makes, and their rows are read from its results.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use aws_sdk_athena::Client;
use datafusion::arrow::datatypes::SchemaRef;

use crate::{
    engine::{
        Engine, Listener, Told,
        elsewhere::{Elsewhere, Remote},
    },
    error::Result,
    parameter::Bindings,
    portable::{Dialect, Values},
    session::{Rows, Session},
};

mod answer;
mod cells;
mod cost;
mod failure;
mod queries;
mod statement;
mod table;

use queries::Queries;

/// Athena's name of the account's AWS Glue catalog.
const CATALOG: &str = "AwsDataCatalog";

/// Where in Athena a dataset is queried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AthenaOptions {
    /// The workgroup, which has a place for results and may limit what a query reads.
    pub workgroup: String,
    /// The database with the table `events`.
    pub database: String,
    /// The home of the dataset that the table is to read: `s3://BUCKET/PREFIX`.
    pub home: String,
}

/// Returns Athena as an engine over a dataset, once it has the table. The client tries requests again
/// as it is configured to. [`Engine::cancel`] also tells what the queries have cost since the last time.
///
/// # Errors
/// [`Error::NotInS3`](crate::Error::NotInS3) if the dataset is on a disk,
/// [`Error::Elsewhere`](crate::Error::Elsewhere) if Athena cannot be asked, or has no such table.
pub async fn athena(
    session: Arc<Session>,
    client: Client,
    options: AthenaOptions,
    listener: Listener,
) -> Result<Arc<dyn Engine>> {
    let queries = Queries::new(client, options, listener);
    table::check(&queries).await?;
    Ok(Arc::new(Elsewhere::new(session, Athena { queries: Arc::new(queries) })))
}

struct Athena {
    queries: Arc<Queries>,
}

impl fmt::Debug for Athena {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Athena")
            .field("options", &self.queries.options)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Remote for Athena {
    const DIALECT: Dialect = Dialect::Athena;
    // It takes parameters only in some places.
    const VALUES: Values = Values::Written;

    async fn run(&self, sql: &str, _: &Bindings, expected: Option<&SchemaRef>) -> Result<Rows> {
        let query = self.queries.start(statement::asked(sql)?).await?;
        query.finish().await?;
        answer::rows(Arc::clone(&self.queries), query.id().to_owned(), expected).await
    }

    async fn cancel(&self) {
        self.queries.stop_all().await;
        if let Some(spent) = self.queries.take_spent().in_words() {
            self.queries.tell(Told::Note(spent));
        }
    }
}

#[cfg(test)]
mod tests;
