//! Against a server within the test, which is called without sockets.

use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use datafusion::arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, StringArray},
    datatypes::Schema,
    ipc::writer::StreamWriter,
};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use prost::Message;
use tonic::{
    Status, Streaming,
    codec::{Codec, EncodeBody, SingleMessageCompressionOverride},
};
use tonic_prost::ProstCodec;

use super::{
    messages::{
        AnalyzePlanResponse, ArrowBatch, ConfigRequest, CreateView, ErrorDetail, ErrorInfo,
        ErrorStatus, ExecutePlanRequest, ExecutePlanResponse, ExecutionProgress, InterruptRequest,
        Interrupted, Nothing, Operation, Relation, Response, Rows, SparkVersion, StageInfo, Value,
    },
    *,
};
use crate::{
    parameter::Arguments,
    testing::{Dataset, record},
};

/// How the server answers an operation.
type Answers = fn(&str) -> Vec<Result<ExecutePlanResponse, Status>>;

/// What the server was asked, one line a call.
type Calls = Arc<Mutex<Vec<String>>>;

/// A server that says it has a version, and that never ends what says `forever`.
fn server(version: &'static str, answers: Answers, calls: &Calls) -> SparkTransport {
    let calls = Arc::clone(calls);
    SparkTransport::new(tower::service_fn(move |request: http::Request<SparkBody>| {
        let calls = Arc::clone(&calls);
        async move { Ok::<_, Infallible>(answered(request, version, answers, &calls).await) }
    }))
}

async fn answered(
    request: http::Request<SparkBody>,
    version: &str,
    answers: Answers,
    calls: &Calls,
) -> http::Response<SparkBody> {
    let note = |call: String| calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    let (parts, body) = request.into_parts();
    match parts.uri.path().rsplit('/').next().unwrap() {
        "AnalyzePlan" => {
            let version = SparkVersion { version: version.to_owned() };
            note(format!("version, {:?}", parts.headers.get("authorization").is_some()));
            one(AnalyzePlanResponse { spark_version: Some(version) })
        }
        "Config" => {
            let request: ConfigRequest = read(body).await;
            let pairs = request.operation.unwrap().set.unwrap().pairs;
            note(format!("set {}", pairs.len()));
            one(Nothing {})
        }
        "Interrupt" => {
            let request: InterruptRequest = read(body).await;
            note(match request.interrupted {
                Some(Interrupted::Operation(_)) => "interrupt one".to_owned(),
                Some(Interrupted::Tag(_)) => "interrupt tagged".to_owned(),
                None => "interrupt all".to_owned(),
            });
            one(Nothing {})
        }
        "ReleaseSession" => {
            note("release".to_owned());
            one(Nothing {})
        }
        _ => {
            let request: ExecutePlanRequest = read(body).await;
            match request.plan.unwrap().operation.unwrap() {
                Operation::Command(command) => {
                    let CreateView { name, input, .. } = command.create_view.unwrap();
                    let Relation { rows } = input.unwrap();
                    let kind = match rows.unwrap() {
                        Rows::Read(read) => read.data_source.unwrap().format.unwrap(),
                        Rows::Sql(_) => "sql".to_owned(),
                        Rows::Local(_) => "nothing".to_owned(),
                    };
                    note(format!("view {name} over {kind}"));
                    all(stream::iter(Vec::<Result<ExecutePlanResponse, Status>>::new()))
                }
                Operation::Root(root) => {
                    let Some(Rows::Sql(Sql { query, arguments })) = root.rows else { panic!() };
                    let given = arguments.into_iter().map(|(name, literal)| {
                        let Some(Value::Text(text)) = literal.value else { panic!() };
                        format!(", {name} = {text}")
                    });
                    note(format!("{query}{}", given.collect::<String>()));
                    let answers = stream::iter(answers(&query));
                    if query.contains("forever") {
                        all(answers.chain(stream::pending()))
                    } else {
                        all(answers)
                    }
                }
            }
        }
    }
}

async fn read<M: Message + Default + 'static>(body: SparkBody) -> M {
    let decoder = ProstCodec::<M, M>::default().decoder();
    let mut messages = Streaming::new_request(decoder, body, None, None);
    messages.message().await.unwrap().unwrap()
}

fn one<M: Message + 'static>(message: M) -> http::Response<SparkBody> {
    all(stream::iter([Ok(message)]))
}

fn all<M: Message + 'static>(
    messages: impl Stream<Item = Result<M, Status>> + Send + 'static,
) -> http::Response<SparkBody> {
    let encoder = ProstCodec::<M, Nothing>::default().encoder();
    let body = EncodeBody::new_server(
        encoder,
        messages,
        None,
        SingleMessageCompressionOverride::default(),
        None,
    );
    let response = http::Response::builder().header("content-type", "application/grpc");
    response.body(SparkBody::new(body)).unwrap()
}

fn numbers(numbers: &[i64], before: i64) -> Result<ExecutePlanResponse, Status> {
    let column: ArrayRef = Arc::new(Int64Array::from(numbers.to_vec()));
    let batch = RecordBatch::try_from_iter([("n", column)]).unwrap();
    arrow(&batch.schema(), &[batch], before)
}

fn arrow(
    schema: &Schema,
    batches: &[RecordBatch],
    before: i64,
) -> Result<ExecutePlanResponse, Status> {
    let mut data = Vec::new();
    let mut writer = StreamWriter::try_new(&mut data, schema).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.finish().unwrap();
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let row_count = i64::try_from(rows).unwrap();
    let batch = ArrowBatch { row_count, data: data.into(), start_offset: Some(before) };
    Ok(ExecutePlanResponse { response: Some(Response::ArrowBatch(batch)) })
}

fn progress(completed_tasks: i64, tasks: i64) -> Result<ExecutePlanResponse, Status> {
    let stages =
        vec![StageInfo { tasks, completed_tasks }, StageInfo { tasks: 1, completed_tasks: 0 }];
    let progress = ExecutionProgress { stages };
    Ok(ExecutePlanResponse { response: Some(Response::Progress(progress)) })
}

/// An error as Spark tells one.
fn refusal(class: &str, text: &str) -> Status {
    let metadata = [("errorClass".to_owned(), class.to_owned())].into_iter().collect();
    let message = ErrorInfo { metadata }.encode_to_vec().into();
    let kind = "type.googleapis.com/google.rpc.ErrorInfo".to_owned();
    let details = ErrorStatus { details: vec![ErrorDetail { kind, message }] };
    Status::with_details(tonic::Code::Internal, text, details.encode_to_vec().into())
}

fn answers(sql: &str) -> Vec<Result<ExecutePlanResponse, Status>> {
    match sql.rsplit(' ').next().unwrap() {
        "nothing" => vec![numbers(&[], 0)],
        "some" => vec![
            progress(0, 3),
            progress(0, 3),
            progress(2, 3),
            numbers(&[1, 2], 0),
            numbers(&[3], 2),
        ],
        "wrong" => vec![Err(refusal(
            "PARSE_SYNTAX_ERROR",
            "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'. SQLSTATE: 42601 (line 1, pos 9)\n\n== SQL ==\n",
        ))],
        "broken" => vec![numbers(&[1], 0), Err(refusal("DIVIDE_BY_ZERO", "Division by zero."))],
        "lost" => vec![numbers(&[1, 2], 0), Err(Status::unavailable("going away"))],
        "missing" => vec![numbers(&[1, 2], 0), numbers(&[5], 4)],
        "damaged" => {
            let batch = ArrowBatch { row_count: 1, data: vec![1, 2, 3].into(), start_offset: None };
            vec![Ok(ExecutePlanResponse { response: Some(Response::ArrowBatch(batch)) })]
        }
        "forever" => vec![numbers(&[1], 0)],
        "waiting-forever" => Vec::new(),
        name => {
            let column: ArrayRef = Arc::new(StringArray::from(vec![name]));
            let batch = RecordBatch::try_from_iter([("name", column)]).unwrap();
            vec![arrow(&batch.schema(), &[batch], 0)]
        }
    }
}

struct Opened {
    engine: Result<Arc<dyn Engine>>,
    calls: Calls,
    told: Arc<Mutex<Vec<Told>>>,
    _dataset: Dataset,
}

async fn opened(
    address: &str,
    version: &'static str,
    answers: Answers,
    change: fn(&mut TableSource),
) -> Opened {
    let called =
        record("2026-04-27T02:00:00Z", "us-east-1", "UpdateService", serde_json::json!({}));
    let dataset = Dataset::of(&[("date=2026-04-27/region=us-east-1", vec![called])]);
    let session = Arc::new(dataset.session().await);
    let (calls, told) = (Calls::default(), Arc::new(Mutex::new(Vec::new())));
    let heard = Arc::clone(&told);
    let listener: Listener = Arc::new(move |one| heard.lock().unwrap().push(one));
    let mut source = TableSource {
        home: "/data".to_owned(),
        has_delta_log: false,
        has_older_files: false,
        endpoint: None,
        first_day: chrono::NaiveDate::from_ymd_opt(2026, 4, 27),
        regions: BTreeSet::new(),
        database: String::new(),
    };
    change(&mut source);
    let transport = server(version, answers, &calls);
    let address = address.parse().unwrap();
    let engine = spark_connect(session, transport, address, &source, listener).await;
    Opened { engine, calls, told, _dataset: dataset }
}

async fn usual() -> Opened {
    opened("sc://spark", "4.1.0", answers, |_| {}).await
}

impl Opened {
    fn engine(&self) -> &dyn Engine {
        self.engine.as_ref().unwrap().as_ref()
    }

    /// The rows of a query, or what is said of it.
    async fn ask(&self, sql: &str) -> Result<Vec<i64>, String> {
        let rows = self.engine().sql(sql, &Bindings::default()).await;
        let rows = rows.map_err(|error| error.to_string())?;
        let batches = rows.try_collect::<Vec<_>>().await;
        let batches = batches.map_err(|error| Error::query(&error).to_string())?;
        let numbers = batches.iter().flat_map(|batch| {
            let column = batch.column(0).as_any().downcast_ref::<Int64Array>();
            column.unwrap().values().to_vec()
        });
        Ok(numbers.collect())
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

#[tokio::test]
async fn a_session_begins_with_the_dataset() {
    for (change, kind) in [
        ((|_| {}) as fn(&mut TableSource), "parquet"),
        (|source| source.has_delta_log = true, "delta"),
        (|source| source.first_day = None, "nothing"),
    ] {
        let opened = opened("sc://spark/;token=abc", "4.1.0-SNAPSHOT", answers, change).await;
        opened.engine.as_ref().unwrap();
        let events = format!("view events over {kind}");
        let one = "SELECT 1 AS one FROM events LIMIT 1";
        assert_eq!(opened.calls(), ["version, true", "set 3", &events, one]);
    }
    let old = opened("sc://spark:7", "3.4.4", answers, |_| {}).await;
    assert_eq!(
        old.engine.unwrap_err().to_string(),
        "Spark at spark:7: version 3.4.4 is too old: Spark 3.5 or newer is needed"
    );
}

#[tokio::test]
async fn a_dataset_that_the_server_does_not_find_is_not_an_empty_one() {
    let nothing: Answers = |_| vec![numbers(&[], 0)];
    let unread: Answers = |_| vec![Err(refusal("PATH_NOT_FOUND", "Path does not exist: x."))];
    for answers in [nothing, unread] {
        let opened = opened("sc://spark", "4.1.0", answers, |source| {
            source.home = "s3://bucket/prefix".to_owned();
        });
        assert_eq!(
            opened.await.engine.unwrap_err().to_string(),
            "Spark at spark:15002: the server does not find the dataset at s3://bucket/prefix: say where the \
             server sees it with --location s3a://bucket/prefix"
        );
    }
    let empty = opened("sc://spark", "4.1.0", nothing, |source| source.first_day = None).await;
    empty.engine.unwrap();
}

#[tokio::test]
async fn rows_come_in_order_and_progress_is_told() {
    let opened = usual().await;
    assert_eq!(opened.ask("SELECT some").await.unwrap(), [1, 2, 3]);
    assert_eq!(opened.ask("SELECT nothing").await.unwrap(), [0; 0]);
    let told = std::mem::take(&mut *opened.told.lock().unwrap());
    let tasks: Vec<_> = told.into_iter().skip(2).collect();
    let told = |text: &str| Told::Progress(text.to_owned());
    assert_eq!(tasks, [told("0 of 4 tasks"), told("2 of 4 tasks")]);
}

#[tokio::test]
async fn values_go_beside_the_sql_and_views_are_made_once() {
    let opened = usual().await;
    opened.calls();
    let given = [("who".to_owned(), "it's".to_owned()), ("other".to_owned(), "x".to_owned())];
    let bindings = Bindings::texts(&Arguments::from(given));
    for _ in 0..2 {
        let sql = "SELECT * FROM Containers, `tags` WHERE $who = some";
        let rows = opened.engine().sql(sql, &bindings).await.unwrap();
        assert_eq!(rows.count().await, 2);
    }
    let asked = "SELECT * FROM Containers, `tags` WHERE :who = some, who = it's";
    let views = ["view containers over sql", "view tags over sql"];
    assert_eq!(opened.calls(), [views[0], views[1], asked, asked]);
    let portable = opened.engine().portable("SELECT event_name FROM tasks", &bindings).await;
    assert_eq!(portable.unwrap().schema().field(0).name(), "event_name");
}

#[tokio::test]
async fn errors_are_one_line() {
    let opened = usual().await;
    for (sql, problem) in [
        (
            "SELECT wrong",
            "[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'. SQLSTATE: 42601 (line 1, pos 9)",
        ),
        ("SELECT broken", "[DIVIDE_BY_ZERO] Division by zero."),
        (
            "SELECT lost",
            "after 2 rows, the connection was lost (going away): check that the server still runs",
        ),
        ("SELECT missing", "the server's rows are not complete after 2: rerun the command"),
    ] {
        assert_eq!(opened.ask(sql).await.unwrap_err(), format!("Spark at spark:15002: {problem}"));
    }
    assert!(opened.ask("SELECT damaged").await.unwrap_err().contains("rows cannot be read"));
    let error = opened.engine().sql("DROP TABLE events", &Bindings::default()).await.err().unwrap();
    assert!(matches!(error, Error::NotAQuery { statement } if statement == "DROP"));
}

/// Waits until the server was asked something.
async fn waited(opened: &Opened, call: &str) {
    for _ in 0..1000 {
        if opened.calls.lock().unwrap().iter().any(|one| one.contains(call)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?}", opened.calls());
}

#[tokio::test]
async fn who_drops_the_rows_interrupts_the_operation() {
    let opened = usual().await;
    let nothing = Bindings::default();
    let mut rows = opened.engine().sql("SELECT forever", &nothing).await.unwrap();
    assert_eq!(rows.next().await.unwrap().unwrap().num_rows(), 1);
    drop(rows);
    waited(&opened, "interrupt one").await;
    opened.calls();
    // Before the first row, too.
    let asked = opened.engine().sql("SELECT waiting-forever", &nothing);
    assert!(tokio::time::timeout(Duration::from_millis(50), asked).await.is_err());
    waited(&opened, "interrupt one").await;
    opened.calls();
    // What has ended is not.
    opened.ask("SELECT some").await.unwrap();
    opened.ask("SELECT wrong").await.unwrap_err();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(opened.calls(), ["SELECT some", "SELECT wrong"]);
}

#[tokio::test]
async fn all_is_given_up_before_the_session_ends() {
    let own = usual().await;
    own.calls();
    own.engine().cancel().await;
    assert_eq!(own.calls(), ["interrupt all", "release"]);
    let address = "sc://spark/;session_id=550e8400-e29b-41d4-a716-446655440000";
    let shared = opened(address, "4.1.0", answers, |_| {}).await;
    shared.calls();
    // As from the thread that waits for signals.
    let engine = Arc::clone(shared.engine.as_ref().unwrap());
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(engine.cancel());
    });
    thread.join().unwrap();
    assert_eq!(shared.calls(), ["interrupt tagged"]);
}
