//! What Athena refuses and what fails there, in one line that says what to do. AWS repeats parts of
//! a request in some errors; what can be a session token is not shown.

use std::error::Error as _;

use aws_sdk_athena::{
    error::{ProvideErrorMetadata, SdkError},
    types::{AthenaError, QueryExecutionState, QueryExecutionStatus},
};

use super::{AthenaOptions, cost::in_bytes};
use crate::error::Error;

/// Characters of a message that are shown.
const SHOWN: usize = 1000;
/// Letters and digits without a sign between them that can be of a secret, and those with signs.
const LONG: [usize; 2] = [64, 200];

/// An error of this engine, in one line.
pub(super) fn problem(text: impl AsRef<str>) -> Error {
    let words: Vec<_> = text.as_ref().split_whitespace().collect();
    let mut line = words.join(" ");
    if let Some((end, _)) = line.char_indices().nth(SHOWN) {
        line.truncate(end);
        line.push('…');
    }
    Error::Elsewhere { engine: "Athena".to_owned(), problem: line }
}

/// A message from AWS without what can be a session token.
fn without_secrets(message: &str) -> String {
    message.split_inclusive(char::is_whitespace).map(without_secret).collect()
}

fn without_secret(word: &str) -> String {
    let is_of_token = |letter: char| letter.is_ascii_alphanumeric() || "+/=_-".contains(letter);
    let mut shown = String::new();
    for part in word.split_inclusive(|letter| !is_of_token(letter)) {
        let run = part.trim_end_matches(|letter| !is_of_token(letter));
        let [piece, all] = LONG;
        let is_plain = run.len() < all && run.split(['/', '-', '_']).all(|one| one.len() < piece);
        shown.push_str(if is_plain { part } else { "…" });
    }
    shown
}

/// A request that was made, for what is said of its failure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    /// The right that it takes, such as `athena:StartQueryExecution`.
    pub(super) action: &'static str,
    pub(super) options: &'a AthenaOptions,
    pub(super) region: &'a str,
}

/// Whether the request was refused for want of a right. Athena asks AWS Glue on the way.
pub(super) fn is_denied<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    let names = |text: Option<&str>| text.is_some_and(|text| text.contains("AccessDenied"));
    names(error.code()) || names(error.message())
}

impl Request<'_> {
    /// Returns the failure of the request.
    pub(super) fn failed<E, R>(&self, error: &SdkError<E, R>) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        let Self { action, region, .. } = self;
        let (code, message) = match (error, error.code()) {
            (SdkError::ServiceError(_), Some(code)) => {
                (without_secrets(code), without_secrets(error.message().unwrap_or_default()))
            }
            (SdkError::ServiceError(_) | SdkError::ResponseError(_), _) => {
                return problem(format!(
                    "the answer to {action} in {region} is not one of Athena's: check the endpoint, if one is set"
                ));
            }
            (SdkError::TimeoutError(_), _) => {
                return problem(format!("no answer to {action} in time: rerun the command"));
            }
            (other, _) => {
                return problem(format!("cannot ask for {action} in {region}: {}", causes(other)));
            }
        };
        if is_denied(error) {
            return problem(format!(
                "access was denied: allow {action} on workgroup {} in {region}, and what it needs in AWS Glue \
                 and S3: {message}",
                self.options.workgroup
            ));
        }
        if code.starts_with("ExpiredToken") || code == "RequestExpired" {
            return problem(
                "the credentials have expired: renew them, for example with `aws sso login`, then rerun the command",
            );
        }
        let is_about_credentials =
            ["UnrecognizedClient", "InvalidClientTokenId", "Signature", "Token"];
        if is_about_credentials.iter().any(|part| code.contains(part)) {
            return problem(format!(
                "the credentials are not valid in {region} ({code}): make `aws sts get-caller-identity` work"
            ));
        }
        if code.contains("TooManyRequests") || code.contains("Throttl") {
            return problem(format!(
                "too many requests or queries at once, also after several tries: rerun the command later: {message}"
            ));
        }
        problem(self.about_workgroup(&message).unwrap_or_else(|| {
            let message = if message.is_empty() { "no reason given" } else { &message };
            format!("{message} ({code} of {action})")
        }))
    }

    /// What is wrong with the workgroup, if the message says that something is.
    fn about_workgroup(&self, message: &str) -> Option<String> {
        let Self { options: AthenaOptions { workgroup, .. }, region, .. } = self;
        let lower = message.to_lowercase();
        let says = |words: &str| lower.contains(words);
        if says("output location") {
            return Some(format!(
                "workgroup {workgroup} in {region} has no place for results: set the location of its query \
                 results, or let Athena manage them, with `aws athena update-work-group` or in the console: {message}"
            ));
        }
        if !says("workgroup") {
            return None;
        }
        if says("not found") || says("does not exist") {
            return Some(format!(
                "workgroup {workgroup} does not exist in {region}: check its name (`aws athena \
                 list-work-groups`) and the Region"
            ));
        }
        says("disabled").then(|| {
            format!("workgroup {workgroup} in {region} is disabled: enable it, or use another one")
        })
    }
}

/// The messages of an error and of what caused it, without what programs alone need.
fn causes<E: std::error::Error + 'static, R: std::fmt::Debug + 'static>(
    error: &SdkError<E, R>,
) -> String {
    let mut messages = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(known) = cause {
        let message = known.to_string();
        if !messages.iter().any(|before| before.contains(&message)) {
            messages.push(message);
        }
        cause = known.source();
    }
    messages.join(": ")
}

/// Whether a query ended because it would have read more than the workgroup allows.
pub(super) fn is_beyond_limit(status: &QueryExecutionStatus) -> bool {
    let reason = status.state_change_reason().unwrap_or_default().to_lowercase();
    reason.contains("bytes scanned") && (reason.contains("limit") || reason.contains("exceed"))
}

/// Returns why a query ended without an answer. `limit` is what the workgroup lets a query read, if
/// that is why and it is known.
pub(super) fn of_query(
    id: &str,
    status: &QueryExecutionStatus,
    options: &AthenaOptions,
    limit: Option<u64>,
) -> Error {
    let AthenaOptions { workgroup, .. } = options;
    let error = status.athena_error();
    let reason = status.state_change_reason().or(error.and_then(|error| error.error_message()));
    let reason = without_secrets(reason.unwrap_or("no reason given"));
    if is_beyond_limit(status) {
        let limit = limit.map_or_else(
            || "fewer bytes".to_owned(),
            |bytes| format!("at most {}", in_bytes(bytes)),
        );
        return problem(format!(
            "the workgroup allows {limit} per query, and this one would read more: narrow it, for example by \
             days, or raise the limit of {workgroup}: {reason} (query {id})"
        ));
    }
    if status.state() == Some(&QueryExecutionState::Cancelled) {
        return problem(format!("the query was canceled in Athena: {reason} (query {id})"));
    }
    let category = match error.and_then(AthenaError::error_category) {
        Some(1) => "a failure of Athena's: rerun the command, ",
        Some(2) => "a mistake in the query or its table, ",
        _ => "",
    };
    problem(format!("the query failed: {reason} ({category}query {id})"))
}

#[cfg(test)]
mod tests;
