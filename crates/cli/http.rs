//! How buckets are asked: requests go to the server that was named, and nowhere else.

mod response;

use std::time::Duration;

use object_store::{
    ClientOptions,
    client::{HttpClient, HttpConnector},
};
use reqwest::redirect::Policy;

use response::Bounded;

const CONNECT: Duration = Duration::from_secs(10);
/// A part of 8 MiB must pass within it, however slow the line.
const REQUEST: Duration = Duration::from_mins(3);

/// Options for requests that the store itself makes.
pub(crate) fn client_options() -> ClientOptions {
    ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(REQUEST)
}

/// Makes clients that follow no redirect, since a server must not send credentials on to another one,
/// and that bound what they read.
#[derive(Debug)]
pub(crate) struct WithoutRedirects {
    /// Whether the server may be asked without encryption.
    pub(crate) allow_http: bool,
}

impl HttpConnector for WithoutRedirects {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder()
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(REQUEST)
            .https_only(!self.allow_http)
            .redirect(Policy::none())
            .build();
        let failed = |error: reqwest::Error| object_store::Error::Generic {
            store: "HTTP client",
            source: Box::new(error),
        };
        client.map(|client| HttpClient::new(Bounded(HttpClient::new(client)))).map_err(failed)
    }
}
