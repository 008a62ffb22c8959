//! A Spark Connect server as an engine: queries go there as Spark's SQL, with their values beside them,
//! and Arrow comes back.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use tokio::sync::Mutex;

use crate::{
    engine::{
        Engine, Listener, Told,
        elsewhere::{Elsewhere, Remote},
    },
    error::{Error, Result},
    hand_off::TableSource,
    parameter::Bindings,
    portable::{Dialect, SPARK_SETTINGS, Values, changing_word},
    session::{self, Session},
};

mod address;
mod client;
mod dataset;
mod literals;
mod messages;
mod operation;
mod problem;
#[cfg(test)]
mod tests;

pub use address::{ParseSparkAddressError, SparkAddress};
pub use client::{SparkBody, SparkTransport};

use client::Client;
use literals::literal;
use messages::{Plan, Sql};
use operation::Running;
use problem::Problem;

/// The oldest version that is asked.
const OLDEST: (u32, u32) = (3, 5);

/// A session at a Spark Connect server, in which the dataset is a table.
struct Spark {
    client: Client,
    listener: Listener,
    /// The views that the session has.
    views: Mutex<BTreeSet<&'static str>>,
}

impl std::fmt::Debug for Spark {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Spark").field("client", &self.client).finish_non_exhaustive()
    }
}

/// Begins a session at a Spark Connect server, and opens a dataset there as the table `events`.
/// Nothing is written.
///
/// # Errors
/// [`Error::Elsewhere`] if the server cannot be reached, is too old, or cannot read the dataset.
pub async fn spark_connect(
    session: Arc<Session>,
    transport: SparkTransport,
    address: SparkAddress,
    source: &TableSource,
    listener: Listener,
) -> Result<Arc<dyn Engine>> {
    let failed = |problem: Problem| problem.error(&address);
    let client = Client::new(transport, address.clone()).map_err(failed)?;
    listener(Told::Progress(format!("connecting to Spark at {}", address.server())));
    let spark = Spark { client, listener, views: Mutex::default() };
    let (version, configured) = futures::join!(spark.client.version(), spark.configure());
    let version = version.map_err(failed)?;
    if is_too_old(&version) {
        let (major, minor) = OLDEST;
        let text =
            format!("version {version} is too old: Spark {major}.{minor} or newer is needed");
        return Err(failed(Problem::without_class(text)));
    }
    configured.map_err(failed)?;
    (spark.listener)(Told::Progress(format!("opening the dataset at {}", source.home)));
    spark.open(source).await.map_err(failed)?;
    Ok(Arc::new(Elsewhere::new(session, spark)))
}

impl Spark {
    /// A server that does not know a setting does not depend on it.
    async fn configure(&self) -> Result<(), Problem> {
        let mut set = self.client.set(&SPARK_SETTINGS).await;
        if matches!(&set, Err(problem) if !problem.is_of_connection) {
            for setting in SPARK_SETTINGS {
                set = self.client.set(&[setting]).await;
            }
        }
        set.or_else(|problem| if problem.is_of_connection { Err(problem) } else { Ok(()) })
    }

    /// Makes the table `events`, and looks for an event: a server that does not find the dataset may
    /// take it for an empty one.
    async fn open(&self, source: &TableSource) -> Result<(), Problem> {
        let opened = async {
            self.finish(dataset::events(source)).await?;
            self.finish(dataset::one_event()).await
        };
        match opened.await {
            Ok(0) if source.first_day.is_some() => Err(dataset::not_found(source)),
            Ok(_) => Ok(()),
            Err(problem) => Err(dataset::explained(problem, source)),
        }
    }

    /// Runs an operation, and returns its number of rows.
    async fn finish(&self, plan: Plan) -> Result<u64, Problem> {
        Running::begin(&self.client, plan, &self.listener).await?.finish().await
    }

    /// Makes the views that a query names and that the session does not have yet.
    async fn make_views(&self, sql: &str) -> Result<()> {
        let mut made = self.views.lock().await;
        for view in dataset::views_of(sql) {
            if !made.contains(view.name) {
                let plan = dataset::view(view)?;
                self.finish(plan).await.map_err(|problem| self.error(problem))?;
                made.insert(view.name);
            }
        }
        Ok(())
    }

    fn error(&self, problem: Problem) -> Error {
        problem.error(&self.client.address)
    }
}

#[async_trait]
impl Remote for Spark {
    const DIALECT: Dialect = Dialect::Spark;
    const VALUES: Values = Values::Named;

    async fn run(
        &self,
        sql: &str,
        bindings: &Bindings,
        expected: Option<&SchemaRef>,
    ) -> Result<session::Rows> {
        // What was translated here was parsed here.
        if expected.is_none()
            && let Some(statement) = changing_word(sql)
        {
            return Err(Error::NotAQuery { statement });
        }
        self.make_views(sql).await?;
        let values = bindings.values().into_iter();
        let named = values.filter(|(name, _)| sql.contains(&format!(":{name}")));
        let arguments: BTreeMap<_, _> =
            named.map(|(name, value)| (name, literal(&value))).collect();
        let plan = Plan::of(Sql { query: sql.to_owned(), arguments });
        let rows = async {
            let running = Running::begin(&self.client, plan, &self.listener).await?;
            running.rows().await
        };
        rows.await.map_err(|problem| self.error(problem))
    }

    async fn cancel(&self) {
        self.client.leave().await;
    }
}

fn is_too_old(version: &str) -> bool {
    let mut numbers = version.split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < OLDEST,
        _ => false,
    }
}
