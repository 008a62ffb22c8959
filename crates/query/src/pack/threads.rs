//! No report fails and none gives another answer, however many threads run it: with every
//! parameter, over the samples, the near misses, and records that are old, odd or hostile.
//!
//! Reading files takes most of the time in a debug build. So every parameter is asked over events
//! in memory, in several partitions that plans have to merge, and the defaults over files.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use arrow::{
    array::{RecordBatch, UInt32Array},
    compute::{concat_batches, take_record_batch},
    datatypes::{Schema, SchemaRef},
};
use async_trait::async_trait;
use chrono::NaiveDate;
use datafusion::{
    catalog::{Session as Planner, TableProvider},
    datasource::MemTable,
    error::DataFusionError,
    execution::object_store::ObjectStoreUrl,
    logical_expr::{Expr, TableProviderFilterPushDown, TableType},
    physical_plan::ExecutionPlan,
};
use futures::TryStreamExt;

use super::{Answer, Converted, PACK, PROBES, RUNTIME, needed_columns, options, stride};
use crate::{
    error::Result,
    parameter::{Arguments, Bindings, ParameterType},
    report::Report,
    session::{self, Session, SessionOptions},
    table::EventsTable,
};

const THREADS: [usize; 3] = [1, 2, 4];
/// Partitions of the events in memory.
const PARTITIONS: u32 = 4;
/// Sets of arguments over all reports: fewer would leave out parameters.
const FEWEST_SETS: usize = 500;

static DATASET: LazyLock<Converted> = LazyLock::new(|| {
    RUNTIME.block_on(Converted::open(&[
        "data-samples/trail",
        "tests/reports/near-misses.jsonl",
        "tests/reports/old-and-odd.jsonl",
    ]))
});

#[test]
fn every_parameter_gives_the_same_answer_on_any_number_of_threads() {
    LazyLock::force(&DATASET);
    let partitions = RUNTIME.block_on(partitions());
    let sets = each_report(&|sessions, report| {
        let wanted: Vec<_> = arguments(report);
        let first = report.name.len() % stride();
        let wanted: Vec<_> = wanted.into_iter().skip(first).step_by(stride()).collect();
        let (_, columns) = needed_columns(report, &partitions[0].schema());
        let narrow = |batch: &RecordBatch| vec![batch.project(&columns).unwrap()];
        let partitions: Vec<_> = partitions.iter().map(narrow).collect();
        let table = MemTable::try_new(partitions[0][0].schema(), partitions).unwrap();
        check(sessions, report, &(Arc::new(table) as _), &wanted);
        wanted.len()
    });
    assert!(sets >= FEWEST_SETS / (2 * stride()), "{sets}");
}

#[test]
fn every_report_gives_the_same_answer_from_files_on_any_number_of_threads() {
    let sets = each_report(&|sessions, report| {
        let snapshot = sessions[0].snapshot();
        let store = ObjectStoreUrl::parse("file:///").unwrap();
        let home = sessions[0].home().clone();
        let table = Arc::new(EventsTable::try_new(store, home, snapshot.files.clone()).unwrap());
        let (_, columns) = needed_columns(report, &table.schema());
        let schema = Arc::new(table.schema().project(&columns).unwrap());
        let table = Arc::new(Narrow { table, columns, schema }) as _;
        let is_taken = report.name.len().is_multiple_of(stride());
        if is_taken {
            check(sessions, report, &table, &arguments(report)[..1]);
        }
        usize::from(is_taken)
    });
    let reports = PACK.catalog.reports().unwrap().len();
    assert!(sets <= reports && sets >= reports / (2 * stride()), "{sets}");
    assert!(sets == reports || stride() > 1, "{sets}");
}

/// Does something with each report, with a session for each number of threads, and adds up what
/// comes out.
fn each_report(work: &(impl Fn(&[Session], &Report) -> usize + Sync)) -> usize {
    LazyLock::force(&DATASET);
    let reports: Vec<&Report> = PACK.catalog.reports().unwrap();
    std::thread::scope(|scope| {
        let halves = reports.chunks(reports.len().div_ceil(2)).map(|reports| {
            scope.spawn(move || {
                let open = |threads| DATASET.session(SessionOptions { threads, ..options() });
                let sessions = THREADS.map(|threads| RUNTIME.block_on(open(threads)));
                reports.iter().map(|report| work(&sessions, report)).sum::<usize>()
            })
        });
        let threads: Vec<_> = halves.collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

fn check(
    sessions: &[Session],
    report: &Report,
    table: &Arc<dyn TableProvider>,
    wanted: &[Arguments],
) {
    let (views, _) = needed_columns(report, &table.schema());
    RUNTIME.block_on(async {
        let mut expected: Vec<Answer> = Vec::new();
        for (session, threads) in sessions.iter().zip(THREADS) {
            let (events, views) = (Arc::clone(table), views.clone());
            let config = session.context().copied_config();
            session::Tables { events, views, config }.register(session.context()).unwrap();
            for (number, arguments) in wanted.iter().enumerate() {
                let about = format!("{} {arguments:?} with {threads} threads", report.name);
                let answer = ask(session, report, arguments).await;
                let answer = answer.unwrap_or_else(|error| panic!("{about}: {error:?}"));
                match expected.get(number) {
                    None => expected.push(answer),
                    Some(expected) => assert_eq!(answer, *expected, "{about}"),
                }
            }
        }
    });
}

/// All events, dealt out.
async fn partitions() -> Vec<RecordBatch> {
    let session = DATASET.session(options()).await;
    let rows = session.sql("SELECT * FROM events", &Bindings::default()).await.unwrap();
    let schema = rows.schema();
    let batches: Vec<_> = rows.try_collect().await.unwrap();
    let events = concat_batches(&schema, &batches).unwrap();
    let count = u32::try_from(events.num_rows()).unwrap();
    (0..PARTITIONS)
        .map(|partition| {
            let rows = (partition..count).step_by(PARTITIONS as usize);
            take_record_batch(&events, &UInt32Array::from_iter_values(rows)).unwrap()
        })
        .collect()
}

async fn ask(session: &Session, report: &Report, arguments: &Arguments) -> Result<Answer> {
    let rows = session.report(report, &report.bind(arguments, NaiveDate::MIN)?).await?;
    let schema = rows.schema();
    let batches: Vec<_> =
        rows.try_collect().await.map_err(|error| crate::error::Error::query(&error))?;
    Ok(Answer::of(&schema, &batches))
}

/// The defaults, and each parameter alone with a value that occurs; flags both ways.
fn arguments(report: &Report) -> Vec<Arguments> {
    let told: BTreeMap<&str, &str> = PACK
        .scenarios
        .iter()
        .filter(|scenario| scenario.report == report.name)
        .flat_map(|scenario| &scenario.set)
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let values = |name: &str, kind: ParameterType| -> Vec<String> {
        let probe = PROBES.iter().find(|(probe, _)| *probe == name).map(|(_, values)| values[0]);
        if kind == ParameterType::Boolean {
            return vec!["true".to_owned(), "false".to_owned()];
        }
        let value = told.get(name).copied().or(probe);
        let value = value
            .unwrap_or_else(|| panic!("no scenario of {} has a value for {name}", report.name));
        vec![value.to_owned()]
    };
    let required: Arguments = report
        .parameters
        .iter()
        .filter(|one| one.default.is_none())
        .map(|one| (one.name.clone(), values(&one.name, one.kind).remove(0)))
        .collect();
    let mut all = vec![required.clone()];
    for parameter in report.parameters.iter().filter(|one| one.default.is_some()) {
        for value in values(&parameter.name, parameter.kind) {
            let mut arguments = required.clone();
            arguments.insert(parameter.name.clone(), value);
            all.push(arguments);
        }
    }
    all
}

/// The table, with some of its columns.
#[derive(Debug)]
struct Narrow {
    table: Arc<EventsTable>,
    columns: Vec<usize>,
    schema: Arc<Schema>,
}

#[async_trait]
impl TableProvider for Narrow {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Planner,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let projection = match projection {
            Some(projection) => projection.iter().map(|&number| self.columns[number]).collect(),
            None => self.columns.clone(),
        };
        self.table.scan(state, Some(&projection), filters, limit).await
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>, DataFusionError> {
        self.table.supports_filters_pushdown(filters)
    }
}
