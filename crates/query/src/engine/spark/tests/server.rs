//! A server that is called without sockets.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use datafusion::arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, StringArray},
    ipc::writer::StreamWriter,
};
use futures::{Stream, StreamExt, stream};
use prost::Message;
use tonic::{
    Status, Streaming,
    codec::{Codec, EncodeBody, SingleMessageCompressionOverride},
};
use tonic_prost::ProstCodec;

use crate::engine::spark::{
    SparkBody, SparkTransport,
    messages::{
        AnalyzePlanResponse, ArrowBatch, ConfigRequest, CreateView, ErrorDetail, ErrorInfo,
        ErrorStatus, ExecutePlanRequest, ExecutePlanResponse, ExecutionProgress, InterruptRequest,
        Interrupted, Nothing, Operation, Response, Rows, SparkVersion, Sql, StageInfo, Value,
    },
};

/// What the server says to an operation.
pub(super) type Answer = Vec<Result<ExecutePlanResponse, Status>>;
pub(super) type Answers = fn(&str) -> Answer;

/// What the server was asked, one line a call.
pub(super) type Calls = Arc<Mutex<Vec<String>>>;

/// A server that says it has a version, and that never ends what says `forever`.
pub(super) fn server(version: &'static str, answers: Answers, calls: &Calls) -> SparkTransport {
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
            let pairs = request.operation.set.pairs;
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
            match request.plan.operation.unwrap() {
                Operation::Command(command) => {
                    let CreateView { name, input, .. } = command.create_view;
                    let kind = match input.rows.unwrap() {
                        Rows::Read(read) => read.data_source.format,
                        Rows::Sql(_) => "sql".to_owned(),
                        Rows::Local(_) => "nothing".to_owned(),
                    };
                    note(format!("view {name} over {kind}"));
                    all(stream::iter(Answer::new()))
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

pub(super) fn answers(sql: &str) -> Answer {
    let parse = "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'. SQLSTATE: 42601 (line 1, pos 9)\n\n\
                 == SQL ==\n";
    let (messages, end) = match sql.rsplit(' ').next().unwrap() {
        "nothing" => (vec![numbers(&[], 0)], None),
        "some" => (
            vec![
                progress(0, 3),
                progress(0, 3),
                progress(2, 3),
                numbers(&[1, 2], 0),
                numbers(&[3], 2),
            ],
            None,
        ),
        "wrong" => (Vec::new(), Some(refusal("PARSE_SYNTAX_ERROR", parse))),
        "broken" => (vec![numbers(&[1], 0)], Some(refusal("DIVIDE_BY_ZERO", "Division by zero."))),
        "lost" => (vec![numbers(&[1, 2], 0)], Some(Status::unavailable("going away"))),
        "missing" => (vec![numbers(&[1, 2], 0), numbers(&[5], 4)], None),
        "damaged" => {
            let batch = ArrowBatch { row_count: 1, data: vec![1, 2, 3].into(), start_offset: None };
            (vec![ExecutePlanResponse { response: Some(Response::ArrowBatch(batch)) }], None)
        }
        "forever" => (vec![numbers(&[1], 0)], None),
        "waiting-forever" => (Vec::new(), None),
        name => {
            let column: ArrayRef = Arc::new(StringArray::from(vec![name]));
            (vec![rows(&RecordBatch::try_from_iter([("name", column)]).unwrap(), 0)], None)
        }
    };
    messages.into_iter().map(Ok).chain(end.map(Err)).collect()
}

pub(super) fn numbers(numbers: &[i64], before: i64) -> ExecutePlanResponse {
    let column: ArrayRef = Arc::new(Int64Array::from(numbers.to_vec()));
    rows(&RecordBatch::try_from_iter([("n", column)]).unwrap(), before)
}

fn rows(batch: &RecordBatch, before: i64) -> ExecutePlanResponse {
    let mut data = Vec::new();
    let mut writer = StreamWriter::try_new(&mut data, &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    let row_count = i64::try_from(batch.num_rows()).unwrap();
    let batch = ArrowBatch { row_count, data: data.into(), start_offset: Some(before) };
    ExecutePlanResponse { response: Some(Response::ArrowBatch(batch)) }
}

fn progress(completed_tasks: i64, tasks: i64) -> ExecutePlanResponse {
    let stages =
        vec![StageInfo { tasks, completed_tasks }, StageInfo { tasks: 1, completed_tasks: 0 }];
    let progress = ExecutionProgress { stages };
    ExecutePlanResponse { response: Some(Response::Progress(progress)) }
}

/// An error as Spark tells one.
pub(super) fn refusal(class: &str, text: &str) -> Status {
    let metadata = [("errorClass".to_owned(), class.to_owned())].into_iter().collect();
    let message = ErrorInfo { metadata }.encode_to_vec().into();
    let kind = "type.googleapis.com/google.rpc.ErrorInfo".to_owned();
    let details = ErrorStatus { details: vec![ErrorDetail { kind, message }] };
    Status::with_details(tonic::Code::Internal, text, details.encode_to_vec().into())
}
