//! The reports of the program, held against the samples and the near misses in `tests/reports`:
//! what each of them shows and leaves out, and that each of its conditions is needed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use arrow::{
    array::{AsArray, BooleanArray, RecordBatch},
    compute::{concat_batches, filter_record_batch},
    datatypes::{Schema, SchemaRef},
    util::display::{ArrayFormatter, FormatOptions},
};
use chrono::NaiveDate;
use datafusion::{
    datasource::MemTable, error::DataFusionError, prelude::SessionContext, sql::parser::Statement,
};
use ecstrail_converter::{EventSources, Selection};
use ecstrail_writer::{
    ConvertOptions, Dataset, LocalStaging, Objects, Progress, Source, TrailStore,
};
use futures::TryStreamExt;
use object_store::{ObjectStore, local::LocalFileSystem, path::Path};
use serde::Deserialize;
use serde_json::Value;
use tokio::runtime::Runtime;
use url::Url;

use crate::{
    parameter::{Arguments, Bindings},
    portable::{self, View, statement},
    report::{Catalog, Report},
    session::{self, Session, SessionOptions},
};

mod attacks;
mod mutation;
mod rules;
mod scenarios;
mod threads;

/// What the tests of reports share: made once, since converting takes a moment.
struct Pack {
    catalog: Catalog,
    events: RecordBatch,
    scenarios: Vec<Scenario>,
    stories: Vec<Story>,
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static PACK: LazyLock<Pack> = LazyLock::new(|| RUNTIME.block_on(Pack::open()));

/// Of what is tried of every report under `ECSTRAIL_TEST_ALL=1`, as in CI, one in this many is by
/// default. Scenarios are not among it: all of them always hold.
fn stride() -> usize {
    if std::env::var("ECSTRAIL_TEST_ALL").is_ok_and(|all| all == "1") { 1 } else { 7 }
}

fn options() -> SessionOptions {
    SessionOptions {
        threads: 1,
        batch_rows: session::DEFAULT_BATCH_ROWS,
        memory_bytes: 1 << 30,
        scratch: std::env::temp_dir(),
        held_bytes: None,
    }
}

/// Values that the parameters which most reports have are tried with, until one matters.
const PROBES: &[(&str, &[&str])] = &[
    ("from", &["2026-04-28", "2026-04-27", "2026-04-29", "2026-04-26"]),
    ("until", &["2026-04-26", "2026-04-27", "2026-04-25", "2026-04-28"]),
    ("region", &["eu-west-1", "us-east-1", "ap-southeast-3", "af-south-1"]),
    ("account", &["444455556666", "111122223333"]),
    ("cluster", &["production", "batch", "staging", "default"]),
    ("service", &["checkout", "search", "billing", "exports"]),
    ("task_definition", &["checkout", "search", "billing", "checkout:28", "node-monitor"]),
];

/// One line of `scenarios.jsonl`: a run of a report, and what must be true of its answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    report: String,
    #[serde(default)]
    set: Arguments,
    /// Events that must be in the answer, or that it must depend on.
    #[serde(default)]
    must: Vec<Event>,
    /// Events that must not.
    #[serde(default)]
    must_not: Vec<Event>,
    /// The event whose rows are looked at.
    event: Option<Event>,
    /// How many rows that event has.
    rows: Option<usize>,
    /// Values in the first of them, by column.
    #[serde(default)]
    cells: BTreeMap<String, Value>,
}

/// Events of the samples: one by its id, or those of a story by what it says of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Event {
    Id(String),
    Told(String, String),
    ToldAt(String, String, String),
}

/// A line of `stories.jsonl`.
#[derive(Debug, Deserialize)]
struct Story {
    #[serde(rename = "story")]
    name: String,
    account: String,
    region: String,
    events: Vec<StoryEvent>,
}

#[derive(Debug, Deserialize)]
struct StoryEvent {
    event_id: String,
    says: String,
}

/// An answer: the names of its columns, and its rows as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Pack {
    async fn open() -> Self {
        let mut catalog = Catalog::default();
        catalog.add_folder(&root().join("queries")).unwrap();
        Self {
            catalog,
            events: events().await,
            scenarios: lines("tests/reports/scenarios.jsonl"),
            stories: lines("data-samples/stories.jsonl"),
        }
    }

    fn event_ids(&self, event: &Event) -> Vec<String> {
        let (story, says, account_and_region) = match event {
            Event::Id(id) => return vec![id.clone()],
            Event::Told(story, says) => (story, says, None),
            Event::ToldAt(story, says, account_and_region) => {
                (story, says, Some(account_and_region))
            }
        };
        let told = self.stories.iter().filter(|one| {
            one.name == *story
                && account_and_region.is_none_or(|account_and_region| {
                    *account_and_region == format!("{}/{}", one.account, one.region)
                })
        });
        let ids: Vec<_> = told
            .flat_map(|story| &story.events)
            .filter(|event| event.says.starts_with(says))
            .map(|event| event.event_id.clone())
            .collect();
        assert!(!ids.is_empty(), "no story tells of {event:?}");
        ids
    }

    /// The events, without one.
    fn events_without(&self, event_id: &str) -> RecordBatch {
        let kept = self.events["event_id"].as_string::<i32>().iter().map(|id| id != Some(event_id));
        let kept: BooleanArray = kept.map(Some).collect();
        assert!(kept.false_count() > 0, "there is no event {event_id}");
        filter_record_batch(&self.events, &kept).unwrap()
    }
}

/// Answers one report over events in memory. Only the columns that it can need are there: plans
/// over all of them take many times as long to make.
struct Asker<'a> {
    report: &'a Report,
    context: SessionContext,
}

impl<'a> Asker<'a> {
    fn new(report: &'a Report, events: &RecordBatch) -> Self {
        let asker =
            Self { report, context: SessionContext::new_with_config(session::config(&options())) };
        asker.use_events(events);
        asker
    }

    fn use_events(&self, events: &RecordBatch) {
        let (views, needed) = needed_columns(self.report, &events.schema());
        let events = events.project(&needed).unwrap();
        let table = MemTable::try_new(events.schema(), vec![vec![events]]).unwrap();
        let config = self.context.copied_config();
        session::Tables { events: Arc::new(table), views, config }.register(&self.context).unwrap();
    }

    fn statement(&self) -> Statement {
        let mut statement = self.report.statement().clone();
        portable::prepare(&mut statement).unwrap();
        statement
    }

    fn bind(&self, arguments: &Arguments) -> Bindings {
        let bound = self.report.bind(arguments, NaiveDate::MIN);
        bound.unwrap_or_else(|error| panic!("{}: {error}", self.report.name))
    }

    async fn ask(
        &self,
        mut statement: Statement,
        bindings: &Bindings,
    ) -> Result<Answer, DataFusionError> {
        statement::declare_types(&mut statement, bindings).unwrap();
        let plan = self.context.state().statement_to_plan(statement).await?;
        let plan = plan.with_param_values(bindings.values())?;
        let frame = self.context.execute_logical_plan(plan).await?;
        let schema = Arc::clone(frame.schema().inner());
        let batches: Vec<_> = frame.execute_stream().await?.try_collect().await?;
        Ok(Answer::of(&schema, &batches))
    }

    async fn answer(&self, arguments: &Arguments) -> Answer {
        let answer = self.ask(self.statement(), &self.bind(arguments)).await;
        answer.unwrap_or_else(|error| panic!("{} {arguments:?}: {error}", self.report.name))
    }
}

impl Answer {
    fn of(schema: &SchemaRef, batches: &[RecordBatch]) -> Self {
        let batch = concat_batches(schema, batches).unwrap();
        let options = FormatOptions::new();
        let columns = batch.columns().iter();
        let formatters: Vec<_> =
            columns.map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
        Self {
            columns: schema.fields().iter().map(|field| field.name().clone()).collect(),
            rows: (0..batch.num_rows())
                .map(|row| formatters.iter().map(|one| one.value(row).to_string()).collect())
                .collect(),
        }
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The values of the column that names events, if there is one.
    fn event_ids(&self) -> Option<Vec<&str>> {
        let column = self.column("event_id")?;
        Some(self.rows.iter().map(|row| row[column].as_str()).collect())
    }
}

/// The views, and the numbers of the columns, that a report can need.
fn needed_columns(report: &Report, schema: &Schema) -> (Vec<View>, Vec<usize>) {
    let mut words = words(&report.sql);
    let mut views = portable::VIEWS.to_vec();
    views.retain(|view| words.contains(view.name));
    for view in &views {
        let lists = view.columns().into_iter().filter_map(|(_, list)| list);
        words.extend(lists.chain(view.portable_query()).flat_map(self::words));
    }
    let fields = schema.fields().iter().enumerate();
    let needed = fields.filter(|(_, field)| words.contains(field.name().as_str()));
    (views, needed.map(|(number, _)| number).collect())
}

fn words(sql: &str) -> BTreeSet<&str> {
    sql.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn lines<T: serde::de::DeserializeOwned>(path: &str) -> Vec<T> {
    let text = fs::read_to_string(root().join(path)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

/// A dataset of files in the repository, gone with the value.
struct Converted {
    store: Arc<dyn ObjectStore>,
    home: Path,
    _folder: tempfile::TempDir,
}

impl Converted {
    async fn open(paths: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new());
        let home = Path::from_absolute_path(folder.path()).unwrap();
        let staging = Arc::new(LocalStaging::open(folder.path()).unwrap());
        let (dataset, _) =
            Dataset::open(Objects::new(Arc::clone(&store), home.clone()), staging).await.unwrap();
        let sources: Vec<_> = paths
            .iter()
            .map(|path| Source {
                store: TrailStore::Objects(Arc::clone(&store)),
                path: Path::from_absolute_path(root().join(path).canonicalize().unwrap()).unwrap(),
                base_url: format!("file:///{path}"),
                pattern: None,
            })
            .collect();
        let selection = Selection { event_sources: EventSources::All, ..Selection::default() };
        let scratch = tempfile::tempdir().unwrap();
        let mut options = ConvertOptions::new(scratch.path().to_owned());
        options.selection = selection;
        dataset.convert(&sources, &options, &Arc::new(Progress::default())).await.unwrap();
        Self { store, home, _folder: folder }
    }

    async fn session(&self, options: SessionOptions) -> Session {
        let url = Url::parse("file:///").unwrap();
        Session::open(Arc::clone(&self.store), &url, self.home.clone(), options).await.unwrap()
    }
}

/// Converts the samples and the near misses and returns all their events.
async fn events() -> RecordBatch {
    let converted =
        Converted::open(&["data-samples/trail", "tests/reports/near-misses.jsonl"]).await;
    let session = converted.session(options()).await;
    let sql = "SELECT * FROM events ORDER BY event_time, event_id, record_hash";
    let rows = session.sql(sql, &Bindings::default()).await.unwrap();
    let schema = rows.schema();
    let batches: Vec<_> = rows.try_collect().await.unwrap();
    concat_batches(&schema, &batches).unwrap()
}
