//! How buckets are asked: requests go to the server that was named, and nowhere else; keys are read
//! as it lists them.

mod response;

use std::time::Duration;

use async_trait::async_trait;
use object_store::{
    ClientOptions,
    client::{HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService},
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
        let client = client.map_err(failed)?;
        let bounded = HttpClient::new(Bounded(HttpClient::new(client)));
        Ok(HttpClient::new(LineSeparators(bounded)))
    }
}

/// Characters that stand for themselves in XML 1.0, which S3 answers with, and that the store's
/// reader of XML takes for line feeds, as XML 1.1 has it; and a reference to each.
/// <https://www.w3.org/TR/xml11/#sec-line-ends>
const LINE_SEPARATORS: [(char, &str); 2] = [('\u{85}', "&#x85;"), ('\u{2028}', "&#x2028;")];

/// Keeps the line separators of keys in listings. The store's client does not ask for keys in
/// percent encoding (`encoding-type=url`), and what it has signed cannot be changed here.
#[derive(Debug)]
struct LineSeparators(HttpClient);

#[async_trait]
impl HttpService for LineSeparators {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let is_listing = request.uri().query().is_some_and(|query| query.contains("list-type=2"));
        let response = self.0.execute(request).await?;
        if !is_listing {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body = body.bytes().await?;
        let kept = match std::str::from_utf8(&body) {
            Ok(text) if LINE_SEPARATORS.iter().any(|(separator, _)| text.contains(*separator)) => {
                let keep = |text: String, (separator, reference): &(char, &str)| {
                    text.replace(*separator, reference)
                };
                LINE_SEPARATORS.iter().fold(text.to_owned(), keep).into()
            }
            _ => body.into(),
        };
        Ok(HttpResponse::from_parts(parts, kept))
    }
}
