//! How large a response may be that is read whole, so that no server keeps the program busy or fills
//! its memory.
//!
//! The store parses responses as XML with quick-xml, which compares each attribute of a tag with all
//! others and looks up each in all namespaces declared around it (RUSTSEC-2026-0194 and 0195). A page
//! of a listing has up to 1,000 keys of up to 1,024 bytes:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>.

use async_trait::async_trait;
use futures::TryStreamExt;
use object_store::client::{
    HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use quick_xml::{Reader, events::Event};

/// Ten times the largest page that S3 can answer with.
const RESPONSE: usize = 64 << 20;
/// S3's responses have a namespace at the root, and hardly another attribute.
const ATTRIBUTES: usize = 128 << 10;

/// A client whose responses are bounded, unless they are the content of an object.
#[derive(Debug)]
pub(super) struct Bounded(pub(super) HttpClient);

#[derive(Debug, thiserror::Error)]
enum Excess {
    #[error("the server's response is larger than {} MiB, more than any response of S3", RESPONSE >> 20)]
    Bytes,
    #[error("the server's response has more than {} KiB of XML attributes, more than any response \
             of S3", ATTRIBUTES >> 10)]
    Attributes,
}

#[async_trait]
impl HttpService for Bounded {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let is_listing = request.uri().query().is_some_and(|query| query.contains("list-type="));
        let is_object = request.method().as_str() == "GET" && !is_listing;
        let response = self.0.execute(request).await?;
        if is_object && response.status().is_success() {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let mut content = Vec::new();
        let mut chunks = body.bytes_stream();
        while let Some(chunk) = chunks.try_next().await? {
            if content.len() + chunk.len() > RESPONSE {
                return Err(HttpError::new(HttpErrorKind::Decode, Excess::Bytes));
            }
            content.extend_from_slice(&chunk);
        }
        if exceeds_attributes(&content) {
            return Err(HttpError::new(HttpErrorKind::Decode, Excess::Attributes));
        }
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::from(content)))
    }
}

/// Whether the tags have more attributes than can be compared quickly. What is not XML has none.
fn exceeds_attributes(content: &[u8]) -> bool {
    let mut reader = Reader::from_reader(content);
    reader.config_mut().check_end_names = false;
    let mut attributes = 0;
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) | Event::Empty(tag) => attributes += tag.attributes_raw().len(),
            Event::Eof => break,
            _ => {}
        }
        if attributes > ATTRIBUTES {
            return true;
        }
    }
    false
}
