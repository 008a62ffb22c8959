//! What carries requests: somebody else opens it.

use std::fmt;

use bytes::Bytes;
use tonic::{
    body::Body,
    codegen::{self, Service, StdError},
};
use tower::{ServiceExt, util::BoxCloneSyncService};

/// The body of a request to a Spark Connect server.
pub type SparkBody = Body;

/// What carries requests to a Spark Connect server, and the answers: HTTP/2, opened by the caller.
#[derive(Clone)]
pub struct SparkTransport(pub(super) Transport);

pub(super) type Transport =
    BoxCloneSyncService<http::Request<Body>, http::Response<Body>, TransportError>;

/// Why the transport failed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct TransportError(StdError);

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
