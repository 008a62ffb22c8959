//! The calls to a Spark Connect server, over a transport that somebody else opened.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Uri, uri::PathAndQuery};
use prost::Message;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tonic::{
    Code, Request, Status, Streaming,
    body::Body,
    client::Grpc,
    codegen::{self, Service, StdError},
    metadata::{Ascii, MetadataKey, MetadataMap, MetadataValue},
};
use tonic_prost::ProstCodec;
use tower::{ServiceExt, util::BoxCloneSyncService};
use uuid::Uuid;

use super::{
    address::SparkAddress,
    messages::{
        AnalyzePlanRequest, AnalyzePlanResponse, ConfigOperation, ConfigRequest,
        ExecutePlanRequest, ExecutePlanResponse, InterruptRequest, InterruptType, Interrupted,
        KeyValue, Nothing, Plan, ReleaseSessionRequest, Settings, UserContext,
    },
    problem::Problem,
};

/// The body of a request to a Spark Connect server.
pub type SparkBody = Body;

/// What carries requests to a Spark Connect server, and the answers: HTTP/2, opened by the caller.
#[derive(Clone)]
pub struct SparkTransport(Transport);

type Transport = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, TransportError>;

/// Why the transport failed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct TransportError(StdError);

impl SparkTransport {
    /// Wraps a client of HTTP/2.
    pub fn new<S, B>(service: S) -> Self
    where
        S: Service<http::Request<SparkBody>, Response = http::Response<B>>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<StdError>,
        B: codegen::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<StdError>,
    {
        let service = service.map_response(|response: http::Response<B>| response.map(Body::new));
        Self(BoxCloneSyncService::new(service.map_err(|error| TransportError(error.into()))))
    }
}

impl fmt::Debug for SparkTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SparkTransport")
    }
}

/// How long calls take at most that do not run queries. A server may have to start first.
const CALL: Duration = Duration::from_mins(2);
/// How long the server has to answer when something is given up.
const GOODBYE: Duration = Duration::from_secs(5);
/// How long who gave up has time to leave, before the queries end with an error.
const TIME_TO_LEAVE: Duration = Duration::from_secs(1);

/// The path of a method.
macro_rules! method {
    ($name:literal) => {
        concat!("/spark.connect.SparkConnectService/", $name)
    };
}

/// A session at a server.
#[derive(Clone)]
pub(super) struct Client {
    grpc: Grpc<Transport>,
    pub(super) address: SparkAddress,
    metadata: MetadataMap,
    session_id: String,
    /// What all operations of this client have in common.
    tag: String,
    has_answered: Arc<AtomicBool>,
    departure: Arc<watch::Sender<Departure>>,
}

/// Whether all was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Departure {
    No,
    Begun,
    Done,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Client {
    pub(super) fn new(transport: SparkTransport, address: SparkAddress) -> Result<Self, Problem> {
        let origin = format!("{}://{}", address.scheme(), address.server());
        let origin: Uri = origin.parse().map_err(|_| {
            Problem::without_class(format!("{} is not the name of a server", address.host))
        })?;
        let grpc = Grpc::with_origin(transport.0, origin)
            .max_decoding_message_size(address.most_message_bytes);
        let unique = Uuid::new_v4().to_string();
        Ok(Self {
            grpc,
            metadata: metadata(&address)?,
            tag: format!("ecstrail-{unique}"),
            has_answered: Arc::default(),
            departure: Arc::new(watch::Sender::new(Departure::No)),
            session_id: address.session_id.clone().unwrap_or(unique),
            address,
        })
    }

    pub(super) async fn version(&self) -> Result<String, Problem> {
        let request = AnalyzePlanRequest {
            session_id: self.session_id.clone(),
            user_context: self.user(),
            client_type: self.agent(),
            spark_version: Nothing {},
        };
        let answer: AnalyzePlanResponse = self.call(method!("AnalyzePlan"), request, CALL).await?;
        Ok(answer.spark_version.unwrap_or_default().version)
    }

    pub(super) async fn set(&self, settings: &[(&str, &str)]) -> Result<(), Problem> {
        let pairs = settings
            .iter()
            .map(|(key, value)| KeyValue { key: (*key).to_owned(), value: (*value).to_owned() });
        let pairs = pairs.collect();
        let request = ConfigRequest {
            session_id: self.session_id.clone(),
            user_context: self.user(),
            operation: ConfigOperation { set: Settings { pairs } },
            client_type: self.agent(),
        };
        let _: Nothing = self.call(method!("Config"), request, CALL).await?;
        Ok(())
    }

    /// Begins an operation. Its answers are read until they end, however long that takes.
    pub(super) async fn execute(
        &self,
        plan: Plan,
        operation_id: String,
    ) -> Result<Streaming<ExecutePlanResponse>, Problem> {
        let request = ExecutePlanRequest {
            session_id: self.session_id.clone(),
            user_context: self.user(),
            plan,
            client_type: self.agent(),
            operation_id,
            tags: vec![self.tag.clone()],
        };
        let mut grpc = self.grpc.clone();
        let begun = async {
            grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
            let path = PathAndQuery::from_static(method!("ExecutePlan"));
            grpc.server_streaming(self.request(request), path, ProstCodec::default()).await
        };
        let responses = begun.await.map_err(|status| self.problem(&status))?;
        Ok(responses.into_inner())
    }

    pub(super) async fn interrupt(&self, operation_id: String) -> Result<(), Problem> {
        let operation = Interrupted::Operation(operation_id);
        self.end(InterruptType::Operation, Some(operation)).await
    }

    /// Ends all that runs, and the session if nobody else uses it.
    pub(super) async fn leave(&self) {
        self.departure.send_replace(Departure::Begun);
        // What cannot be told any more ends when the server misses the connection.
        drop(self.take_leave().await);
        self.departure.send_replace(Departure::Done);
    }

    /// Whether all was given up. Then no operation has come to its end, whatever the server says: Sail
    /// ends the answers of one that was interrupted as if they were complete.
    pub(super) async fn has_left(&self) -> bool {
        let mut departure = self.departure.subscribe();
        if *departure.borrow() == Departure::No {
            return false;
        }
        let done = departure.wait_for(|departure| *departure == Departure::Done);
        drop(timeout(2 * GOODBYE, done).await);
        sleep(TIME_TO_LEAVE).await;
        true
    }

    async fn take_leave(&self) -> Result<(), Problem> {
        if self.address.session_id.is_some() {
            let tag = Interrupted::Tag(self.tag.clone());
            return self.end(InterruptType::Tag, Some(tag)).await;
        }
        let interrupted = self.end(InterruptType::All, None).await;
        let request = ReleaseSessionRequest {
            session_id: self.session_id.clone(),
            user_context: self.user(),
            client_type: self.agent(),
        };
        let released: Result<Nothing, Problem> =
            self.call(method!("ReleaseSession"), request, GOODBYE).await;
        interrupted.and(released.map(|_| ()))
    }

    async fn end(
        &self,
        interrupt_type: InterruptType,
        interrupted: Option<Interrupted>,
    ) -> Result<(), Problem> {
        let request = InterruptRequest {
            session_id: self.session_id.clone(),
            user_context: self.user(),
            client_type: self.agent(),
            interrupt_type: interrupt_type.into(),
            interrupted,
        };
        let _: Nothing = self.call(method!("Interrupt"), request, GOODBYE).await?;
        Ok(())
    }

    pub(super) fn problem(&self, status: &Status) -> Problem {
        Problem::of(status, &self.address, self.has_answered.load(Ordering::Relaxed))
    }

    /// Makes a call that has one answer.
    async fn call<Q, A>(&self, path: &'static str, request: Q, most: Duration) -> Result<A, Problem>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let mut grpc = self.grpc.clone();
        let called = async {
            grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
            let path = PathAndQuery::from_static(path);
            grpc.unary(self.request(request), path, ProstCodec::default()).await
        };
        let late = || Status::new(Code::DeadlineExceeded, "");
        let answered = timeout(most, called).await.unwrap_or_else(|_| Err(late()));
        let answered = answered.map_err(|status| self.problem(&status))?;
        self.has_answered.store(true, Ordering::Relaxed);
        Ok(answered.into_inner())
    }

    fn request<Q>(&self, message: Q) -> Request<Q> {
        Request::from_parts(self.metadata.clone(), tonic::Extensions::default(), message)
    }

    fn user(&self) -> UserContext {
        UserContext { user_id: self.address.user_id.clone() }
    }

    fn agent(&self) -> String {
        self.address.user_agent.clone()
    }
}

fn metadata(address: &SparkAddress) -> Result<MetadataMap, Problem> {
    let mut metadata = MetadataMap::new();
    let token = address.token.as_ref().map(|token| format!("Bearer {token}"));
    let all = address.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let all = all.chain(token.iter().map(|token| ("authorization", token.as_str())));
    for (key, value) in all.chain([("user-agent", address.user_agent.as_str())]) {
        let wrong = || Problem::without_class(format!("the value of {key} cannot be sent"));
        let name: MetadataKey<Ascii> = key.parse().map_err(|_| wrong())?;
        let mut value: MetadataValue<Ascii> = value.parse().map_err(|_| wrong())?;
        value.set_sensitive(true);
        metadata.insert(name, value);
    }
    Ok(metadata)
}
