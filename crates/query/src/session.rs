//! An open dataset: the snapshot that queries read, and the engine that runs SQL on it.

use std::{
    collections::BTreeSet,
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use datafusion::{
    arrow::{array::RecordBatch, datatypes::SchemaRef},
    error::DataFusionError,
    execution::{SendableRecordBatchStream, SessionStateBuilder, object_store::ObjectStoreUrl},
    logical_expr::LogicalPlan,
    physical_plan::stream::RecordBatchStreamAdapter,
    prelude::{SQLOptions, SessionConfig, SessionContext},
    sql::parser::Statement,
};
use ecstrail_writer::{Objects, Snapshot};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, path::Path};
use url::{Position, Url};

use crate::{
    error::{Error, Result, is_exhausted},
    functions::{self, Function},
    parameter::Bindings,
    portable::{
        VIEWS, prepare,
        statement::{self, TypedNames},
    },
    report::Report,
    table::EventsTable,
};

mod advice;
mod cancel;
mod coverage;
mod event;
mod explain;
mod guard;
mod hours;
mod local_time;
mod memory;
mod named;
mod physical;
mod shared;
mod spill;
mod tables;
#[cfg(test)]
mod tests;
mod versions;
mod vocabulary;
mod work;

pub use cancel::rows_until;
pub use coverage::Coverage;
pub use event::{EventRow, EventRows};
pub use hours::EventHours;
use memory::Effort;
use named::named_as_typed;
use shared::share;
pub(crate) use tables::Tables;
pub use versions::OldFiles;
pub use vocabulary::{Table, TableColumn, tables};
pub use work::{Parts, Stage, Watch, Work};

/// The rows of a result, as a stream. An error ends it.
pub type Rows = SendableRecordBatchStream;

/// The engine's default number of rows per batch.
pub const DEFAULT_BATCH_ROWS: usize = 8192;

/// How much of the machine a session uses.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Threads that one query uses.
    pub threads: usize,
    /// Rows per batch; fewer if they are wide.
    pub batch_rows: usize,
    /// Bytes that a query may hold in memory; sorts, groups, and joins spill the rest to disk.
    pub memory_bytes: usize,
    /// Folder for spill files, which are unnamed.
    pub scratch: PathBuf,
    /// Returns how many bytes of memory the process holds now, if the system reports it. If set, a
    /// query that exceeds its limit is ended.
    pub held_bytes: Option<fn() -> Option<usize>>,
}

/// An open dataset.
pub struct Session {
    context: SessionContext,
    options: SessionOptions,
    store: Arc<dyn ObjectStore>,
    store_url: ObjectStoreUrl,
    home: Path,
    snapshot: RwLock<Arc<Snapshot>>,
    /// Held while the tables are exchanged, so that no query is planned on two snapshots.
    exchange: tokio::sync::RwLock<()>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("store_url", &self.store_url)
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Opens the dataset at `home` in `store`. Only the scheme and host of `url` are used: they
    /// name the store within the session, such as `file:///` or `s3://bucket`.
    pub async fn open(
        store: Arc<dyn ObjectStore>,
        url: &Url,
        home: Path,
        options: SessionOptions,
    ) -> Result<Self> {
        let engine = |error| Error::engine(&error);
        let snapshot = open_snapshot(&store, &home).await?;
        let store_url = ObjectStoreUrl::parse(&url[..Position::BeforePath]).map_err(engine)?;
        let runtime = memory::runtime(&options).map_err(engine)?;
        let mut state = SessionStateBuilder::new()
            .with_config(config(&options))
            .with_runtime_env(runtime)
            .with_default_features();
        functions::add_operators(&mut state);
        let mut state = state.build();
        functions::register(&mut state).map_err(engine)?;
        let context = SessionContext::new_with_state(state);
        context.register_object_store(store_url.as_ref(), Arc::clone(&store));
        let session = Self {
            context,
            options,
            store,
            store_url,
            home,
            snapshot: RwLock::new(Arc::clone(&snapshot)),
            exchange: tokio::sync::RwLock::default(),
        };
        session.use_snapshot(snapshot).await?;
        Ok(session)
    }

    /// The snapshot that queries see.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The store that holds the dataset.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// The dataset's home in the store.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Runs one query, whose `$parameters` are bound to values. Returns once the first rows
    /// arrive. If a file that it reads was compacted away before, the query is run again on the
    /// current snapshot.
    ///
    /// # Errors
    /// [`Error::NotAQuery`] for a statement that would change something, [`Error::NoValue`] for a
    /// parameter without a value.
    pub async fn sql(&self, sql: &str, bindings: &Bindings) -> Result<Rows> {
        let mut statement = statement::parse(sql)?;
        let names = TypedNames::of(&statement);
        statement::order_within_parentheses(&mut statement);
        statement::unnest_in_select(&mut statement);
        Ok(named_as_typed(self.answer(statement, bindings).await?, &names))
    }

    /// Runs a query in portable SQL.
    ///
    /// # Errors
    /// Those of [`sql`](Self::sql).
    pub async fn portable(&self, sql: &str, bindings: &Bindings) -> Result<Rows> {
        let mut statement = statement::parse(sql)?;
        prepare(&mut statement)?;
        self.answer(statement, bindings).await
    }

    /// Runs a query whose rows are few.
    pub(crate) async fn batches(&self, sql: &str, bindings: &Bindings) -> Result<Vec<RecordBatch>> {
        let rows = self.sql(sql, bindings).await?;
        rows.try_collect().await.map_err(|error| Error::query(&error))
    }

    /// As [`sql`](Self::sql), for a parsed statement.
    pub(crate) async fn answer(
        &self,
        mut statement: Statement,
        bindings: &Bindings,
    ) -> Result<Rows> {
        statement::declare_types(&mut statement, bindings)?;
        let explains = matches!(statement, Statement::Explain(_));
        let asked = statement.clone();
        let query = |error| advice::explained(&error, &asked, &self.context.state());
        let plan = self.plan(statement.clone(), bindings).await.map_err(query)?;
        let outcome = match self.run(plan.clone(), Effort::Usual).await {
            Err(error) if is_exhausted(&error) => {
                Watch::forget(&self.context.state());
                guard::memory_given_back(&self.options).await;
                self.run(plan, Effort::Frugal).await
            }
            // The engine does not always say that a file is missing, the log does.
            Err(_) if self.has_lost_files().await => {
                Watch::forget(&self.context.state());
                self.refresh().await?;
                let plan = self.plan(statement, bindings).await.map_err(query)?;
                self.run(plan, Effort::Usual).await
            }
            outcome => outcome,
        };
        let rows = outcome.map_err(query)?;
        Ok(if explains { explain::by_line(rows) } else { rows })
    }

    /// Runs a saved report, bound by [`Report::bind`].
    ///
    /// # Errors
    /// [`Error::NotConverted`] if no conversion kept the event sources that the report needs,
    /// [`Error::OldFiles`] if an older version of the program wrote data files that it reads.
    pub async fn report(&self, report: &Report, bindings: &Bindings) -> Result<Rows> {
        self.check_answerable(report)?;
        let mut statement = report.statement().clone();
        prepare(&mut statement)?;
        self.answer(statement, bindings).await
    }

    /// Returns the columns that the answer to a report, or to a query in portable SQL, has.
    #[cfg(any(feature = "athena", feature = "spark", test))]
    pub(crate) async fn schema_of(
        &self,
        mut statement: Statement,
        bindings: &Bindings,
    ) -> Result<SchemaRef> {
        prepare(&mut statement)?;
        statement::declare_types(&mut statement, bindings)?;
        let asked = statement.clone();
        let plan = self.plan(statement, bindings).await;
        let plan =
            plan.map_err(|error| advice::explained(&error, &asked, &self.context.state()))?;
        Ok(Arc::clone(plan.schema().inner()))
    }

    /// Checks that conversions kept the event sources that a report needs, and that its columns are
    /// filled.
    pub(crate) fn check_answerable(&self, report: &Report) -> Result<()> {
        let snapshot = self.snapshot();
        let missing = report.needs.iter().filter(|needed| !snapshot.holds(needed));
        let event_sources: Vec<_> = missing.cloned().collect();
        if !event_sources.is_empty() {
            return Err(Error::NotConverted { report: report.name.clone(), event_sources });
        }
        if let Some(old_files) = OldFiles::of(&snapshot.files, &report.sql) {
            let OldFiles { old, files, columns } = old_files;
            return Err(Error::OldFiles { report: report.name.clone(), old, files, columns });
        }
        Ok(())
    }

    /// Returns which data files lack columns that an SQL text uses, because an older version of the
    /// program wrote them. For a report this is an error; SQL gets NULL.
    pub fn old_files(&self, sql: &str) -> Option<OldFiles> {
        OldFiles::of(&self.snapshot().files, sql)
    }

    /// Every function that SQL may call here, by name.
    pub fn functions(&self) -> Vec<Function> {
        functions::of_session(&self.context.state())
    }

    /// Reads the dataset's log again, so that later queries see what was committed since.
    pub async fn refresh(&self) -> Result<()> {
        self.use_snapshot(open_snapshot(&self.store, &self.home).await?).await
    }

    /// Watches what is run from now on, in place of an earlier watch.
    pub fn watch(&self) -> Watch {
        let watch = Watch::begin();
        let state = self.context.state_ref();
        state.write().config_mut().set_extension(Arc::new(watch.clone()));
        watch
    }

    #[cfg(test)]
    pub(crate) fn context(&self) -> &SessionContext {
        &self.context
    }

    async fn use_snapshot(&self, snapshot: Arc<Snapshot>) -> Result<()> {
        let files = snapshot.files.clone();
        let table = EventsTable::try_new(self.store_url.clone(), self.home.clone(), files)?;
        let tables = Tables {
            events: Arc::new(table),
            views: VIEWS.to_vec(),
            config: self.context.copied_config(),
        };
        let _exchanging = self.exchange.write().await;
        tables.register(&self.context).map_err(|error| Error::engine(&error))?;
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
        Ok(())
    }

    async fn plan(
        &self,
        statement: Statement,
        bindings: &Bindings,
    ) -> Result<LogicalPlan, DataFusionError> {
        let planning = self.exchange.read().await;
        let plan = self.context.state().statement_to_plan(statement).await?;
        drop(planning);
        SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false)
            .verify_plan(&plan)?;
        functions::written_as_text(plan.with_param_values(bindings.values())?)
    }

    async fn run(&self, plan: LogicalPlan, effort: Effort) -> Result<Rows, DataFusionError> {
        let (plan, held) = match effort {
            Effort::Usual => {
                let shared = share(&self.context.state(), plan, &self.options).await?;
                (shared.plan, Some(shared.memory))
            }
            Effort::Frugal => (plan, None),
        };
        let frame = self.context.execute_logical_plan(plan).await?;
        let rows = physical::start(frame, &self.options, effort).await?;
        let rows = begin(guard::guarded(without_panics(rows), &self.options)?).await?;
        let schema = rows.schema();
        let rows = rows.inspect(move |_| {
            let _ = &held;
        });
        Ok(adapt(schema, rows))
    }

    /// Returns whether files of the snapshot have been removed from the dataset since.
    async fn has_lost_files(&self) -> bool {
        let Ok(now) = open_snapshot(&self.store, &self.home).await else { return false };
        let now: BTreeSet<_> = now.files.iter().map(|file| &file.path).collect();
        self.snapshot().files.iter().any(|file| !now.contains(&file.path))
    }
}

async fn open_snapshot(store: &Arc<dyn ObjectStore>, home: &Path) -> Result<Arc<Snapshot>> {
    let snapshot = Snapshot::open(&Objects::new(Arc::clone(store), home.clone())).await;
    snapshot.map(Arc::new).map_err(|source| Error::Dataset { source })
}

pub(crate) fn config(options: &SessionOptions) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(options.threads.max(1))
        .with_batch_size(options.batch_rows.max(1))
        .with_sort_spill_reservation_bytes(memory::bytes_to_merge(options))
        .with_information_schema(true);
    let options = config.options_mut();
    // The column's own zone: instants are then compared without a cast that would hide them from
    // the files' bounds. The same goes for texts.
    options.execution.time_zone = Some("UTC".to_owned());
    options.sql_parser.map_string_types_to_utf8view = false;
    config
}

/// Waits for the first rows, so that what fails before them is an error and not half an answer.
async fn begin(mut rows: Rows) -> Result<Rows, DataFusionError> {
    let schema = rows.schema();
    let first = rows.next().await.transpose()?;
    Ok(adapt(schema, stream::iter(first.map(Ok)).chain(rows)))
}

/// Turns a panic of the engine into an error: damaged or hostile Parquet is known to cause them.
fn without_panics(rows: Rows) -> Rows {
    let schema = rows.schema();
    let rows = AssertUnwindSafe(rows).catch_unwind().map(|outcome| {
        outcome.unwrap_or_else(|panic| {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no reason given");
            let text = format!("the query engine failed, and a data file may be damaged: {text}");
            Err(DataFusionError::Execution(text))
        })
    });
    adapt(schema, rows)
}

fn adapt(
    schema: SchemaRef,
    rows: impl Stream<Item = Result<RecordBatch, DataFusionError>> + Send + 'static,
) -> Rows {
    Box::pin(RecordBatchStreamAdapter::new(schema, rows))
}
