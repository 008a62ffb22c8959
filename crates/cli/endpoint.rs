//! The server that buckets are on, where it is not AWS: given, or named by the environment as the
//! AWS CLI reads it.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>

use anyhow::Result;
use aws_config::SdkConfig;
use url::Url;

use crate::exit::UsageError;

/// Variables that name the server, the first that is set counts.
const VARIABLES: [&str; 2] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];
#[cfg(feature = "athena")]
const VARIABLES_OF_ATHENA: [&str; 2] = ["AWS_ENDPOINT_URL_ATHENA", "AWS_ENDPOINT_URL"];
const IGNORED: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

/// Returns the URL of the server, `None` for AWS.
///
/// # Errors
/// If what is given or named is not the URL of a server: AWS must not be asked instead.
pub(crate) fn find(given: Option<&str>, config: &SdkConfig) -> Result<Option<String>> {
    if let Some(text) = given {
        return parse("--endpoint", text).map(Some);
    }
    named(VARIABLES, config)
}

/// Returns the URL of the server that is Athena, `None` for AWS.
///
/// # Errors
/// If what is named is not the URL of a server.
#[cfg(feature = "athena")]
pub(crate) fn of_athena(config: &SdkConfig) -> Result<Option<String>> {
    named(VARIABLES_OF_ATHENA, config)
}

fn named(variables: [&str; 2], config: &SdkConfig) -> Result<Option<String>> {
    let set = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    if set(IGNORED).is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    for name in variables {
        if let Some(text) = set(name) {
            return parse(name, &text).map(Some);
        }
    }
    config.endpoint_url().map(|text| parse("endpoint_url of the AWS profile", text)).transpose()
}

fn parse(origin: &str, text: &str) -> Result<String> {
    let is_server = Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.port() != Some(0)
    });
    if is_server && !text.contains(char::is_whitespace) {
        return Ok(text.trim_end_matches('/').to_owned());
    }
    let problem = format!(
        "{origin} is {text:?}, which is not the URL of a server: give http:// or https://, a host \
         and an optional port, such as http://localhost:9000"
    );
    Err(UsageError(problem).into())
}
