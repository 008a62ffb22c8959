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
        Interrupted, Nothing, Operation, ReattachExecuteRequest, Response, Rows, SparkVersion, Sql,
        StageInfo, Value,
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
        "ReattachExecute" => {
            let ReattachExecuteRequest { last_response_id, .. } = read(body).await;
            let asked = calls.lock().unwrap().last().cloned().unwrap_or_default();
            note(format!("again after {}", last_response_id.unwrap_or_default()));
            all(stream::iter(answers(&format!("AGAIN {asked}"))))
        }
        _ => {
            let request: ExecutePlanRequest = read(body).await;
            assert!(request.options[0].reattach.is_reattachable);
            match request.plan.operation.unwrap() {
                Operation::Command(command) => {
                    let CreateView { name, input, .. } = command.create_view;
                    let kind = match input.rows.unwrap() {
                        Rows::Read(read) => read.data_source.format,
                        Rows::Sql(_) => "sql".to_owned(),
                        Rows::Local(_) => "nothing".to_owned(),
                    };
                    note(format!("view {name} over {kind}"));
                    one(complete())
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

/// How an answer ends.
enum End {
    Complete,
    Cut,
    Refused(Status),
}

pub(super) fn answers(sql: &str) -> Answer {
    let parse = "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'. SQLSTATE: 42601 (line 1, pos 9)\n\n\
                 == SQL ==\n";
    let first = numbers(&[1, 2], 0);
    let (messages, end) = match (sql.rsplit(' ').next().unwrap(), sql.starts_with("AGAIN")) {
        ("nothing", _) => (vec![numbers(&[], 0)], End::Complete),
        ("some", _) => {
            let rows = [numbers(&[1, 2], 0), numbers(&[3], 2)];
            (
                [progress(0, 3), progress(0, 3), progress(2, 3)].into_iter().chain(rows).collect(),
                End::Complete,
            )
        }
        ("wrong", _) => (Vec::new(), End::Refused(refusal("PARSE_SYNTAX_ERROR", parse))),
        ("broken", _) => {
            (vec![first], End::Refused(refusal("DIVIDE_BY_ZERO", "Division by zero.")))
        }
        ("cut" | "stopped", false) => (vec![first], End::Cut),
        ("shaken" | "lost", false) => {
            (vec![first], End::Refused(Status::unavailable("going away")))
        }
        ("cut" | "shaken", true) => (vec![numbers(&[3], 2)], End::Complete),
        ("lost", true) => {
            (Vec::new(), End::Refused(refusal("INVALID_HANDLE.OPERATION_NOT_FOUND", "Unknown.")))
        }
        ("stopped", true) => {
            (Vec::new(), End::Refused(Status::internal("invalid argument: operation not found: x")))
        }
        ("missing", _) => (vec![first, numbers(&[5], 4)], End::Complete),
        ("damaged", _) => {
            let batch = ArrowBatch { row_count: 1, data: vec![1, 2, 3].into(), start_offset: None };
            (vec![message(Response::ArrowBatch(batch))], End::Complete)
        }
        ("forever", _) => (vec![numbers(&[1], 0)], End::Cut),
        ("waiting-forever", _) => (Vec::new(), End::Cut),
        (name, _) => {
            let column: ArrayRef = Arc::new(StringArray::from(vec![name]));
            let batch = RecordBatch::try_from_iter([("name", column)]).unwrap();
            (vec![rows(&batch, 0)], End::Complete)
        }
    };
    let end = match end {
        End::Complete => Some(Ok(complete())),
        End::Cut => None,
        End::Refused(status) => Some(Err(status)),
    };
    let numbered = messages.into_iter().zip(1..).map(|(message, number)| {
        Ok(ExecutePlanResponse { response_id: number.to_string(), ..message })
    });
    numbered.chain(end).collect()
}

fn message(response: Response) -> ExecutePlanResponse {
    ExecutePlanResponse { response: Some(response), response_id: String::new() }
}

pub(super) fn complete() -> ExecutePlanResponse {
    message(Response::Complete(Nothing {}))
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
    message(Response::ArrowBatch(batch))
}

fn progress(completed_tasks: i64, tasks: i64) -> ExecutePlanResponse {
    let stages =
        vec![StageInfo { tasks, completed_tasks }, StageInfo { tasks: 1, completed_tasks: 0 }];
    let progress = ExecutionProgress { stages };
    message(Response::Progress(progress))
}

/// An error as Spark tells one.
pub(super) fn refusal(class: &str, text: &str) -> Status {
    let metadata = [("errorClass".to_owned(), class.to_owned())].into_iter().collect();
    let message = ErrorInfo { metadata }.encode_to_vec().into();
    let kind = "type.googleapis.com/google.rpc.ErrorInfo".to_owned();
    let details = ErrorStatus { details: vec![ErrorDetail { kind, message }] };
    Status::with_details(tonic::Code::Internal, text, details.encode_to_vec().into())
}
