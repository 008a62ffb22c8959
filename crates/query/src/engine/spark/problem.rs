//! What an error of a Spark Connect server, or of the way to it, means: one line, and what to do.

use std::{error::Error as StdError, io};

use prost::Message;
use tonic::{Code, Status};

use super::{
    address::SparkAddress,
    messages::{ErrorInfo, ErrorStatus},
};
use crate::error::Error;

/// Characters that a message has at most.
const MOST: usize = 500;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Spark's name for it, such as `TABLE_OR_VIEW_NOT_FOUND`; empty if there is none.
    pub(super) class: String,
    /// One line.
    pub(super) text: String,
    /// Whether the server was not reached, or answered as no such server does.
    pub(super) is_of_connection: bool,
}

impl Problem {
    /// Reads an error. Before the server `has_answered`, it may be another kind of server.
    pub(super) fn of(status: &Status, address: &SparkAddress, has_answered: bool) -> Self {
        if let Some(text) = connection(status, address, has_answered) {
            return Self { class: String::new(), text, is_of_connection: true };
        }
        let class = class(status);
        let line = status.message().lines().map(str::trim).find(|line| !line.is_empty());
        let line = line.unwrap_or("no reason given").trim_end_matches(';');
        let text = match status.code() {
            Code::PermissionDenied => format!("permission denied: {line}"),
            _ if class.is_empty() || line.starts_with('[') => line.to_owned(),
            _ => format!("[{class}] {line}"),
        };
        Self { class, text: bounded(text), is_of_connection: false }
    }

    pub(super) fn without_class(text: impl Into<String>) -> Self {
        Self { class: String::new(), text: text.into(), is_of_connection: false }
    }

    pub(super) fn error(self, address: &SparkAddress) -> Error {
        Error::Elsewhere { engine: format!("Spark at {}", address.server()), problem: self.text }
    }
}

/// What is wrong with the way to the server, if that is what is wrong.
fn connection(status: &Status, address: &SparkAddress, has_answered: bool) -> Option<String> {
    let text = match status.code() {
        Code::Unauthenticated if address.has_token() => format!(
            "the server refused the token ({}): give a valid one in ECSTRAIL_SPARK_TOKEN, or as \
             ;token=TOKEN in the address",
            status.message()
        ),
        Code::Unauthenticated => format!(
            "the server asks for a token ({}): give it in ECSTRAIL_SPARK_TOKEN, or as ;token=TOKEN in the \
             address",
            status.message()
        ),
        Code::Unimplemented => format!(
            "this is not a Spark Connect server ({}): check the host and the port",
            status.message()
        ),
        Code::OutOfRange if status.message().contains("message length") => format!(
            "a message of the server is larger than {} bytes: give ;grpc_max_message_size=BYTES in the \
             address",
            address.most_message_bytes
        ),
        Code::DeadlineExceeded => {
            "no answer: check the host and the port, and whether the server is overloaded"
                .to_owned()
        }
        _ => lost(status, address, has_answered)?,
    };
    Some(text)
}

/// What is wrong with the connection, as the layers below say it.
fn lost(status: &Status, address: &SparkAddress, has_answered: bool) -> Option<String> {
    let causes: Vec<_> = causes(status).collect();
    let is_cut = status.message().contains("missing grpc-status trailer");
    if causes.is_empty() && status.code() != Code::Unavailable && !is_cut {
        return None;
    }
    let kind = causes.iter().find_map(|cause| Some(cause.downcast_ref::<io::Error>()?.kind()));
    let said: Vec<_> = causes.iter().map(ToString::to_string).collect();
    let says = |words: &[&str]| {
        said.iter().find(|text| words.iter().any(|word| text.contains(word))).map(String::as_str)
    };
    let last = said.last().map_or_else(|| status.message(), String::as_str);
    if says(&["tunnel error"]).is_some() {
        return Some(format!(
            "no connection through the proxy that HTTPS_PROXY or ALL_PROXY names ({last}): check the proxy, \
             or list the host in NO_PROXY"
        ));
    }
    if kind == Some(io::ErrorKind::ConnectionRefused) {
        return Some(
            "nothing listens there: check the host and the port, and that the server runs"
                .to_owned(),
        );
    }
    if says(&["lookup address", "dns error"]).is_some() {
        return Some("the name of the host is not known: check the address".to_owned());
    }
    if kind == Some(io::ErrorKind::TimedOut) || says(&["deadline has elapsed"]).is_some() {
        return Some(
            "no connection in time: check the address, and whether a firewall is in the way"
                .to_owned(),
        );
    }
    if let Some(refusal) = says(&["certificate"]) {
        return Some(format!(
            "its certificate is not trusted ({refusal}): add its issuer to the system's certificates"
        ));
    }
    if address.uses_tls() && says(&["corrupt message", "handshake", "InvalidContentType"]).is_some()
    {
        return Some(format!(
            "the server does not speak TLS ({last}): give ;use_ssl=false if it is on this machine, and \
             otherwise set TLS up there"
        ));
    }
    if !has_answered {
        let tls = if address.uses_tls() { "" } else { ", and add ;use_ssl=true if it expects TLS" };
        return Some(format!(
            "the answer is not that of a Spark Connect server ({last}): check the host and the port{tls}"
        ));
    }
    Some(format!("the connection was lost ({last}): check that the server still runs"))
}

fn causes(status: &Status) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(status.source(), |cause: &&(dyn StdError + 'static)| (*cause).source())
}

/// Spark's name for the error: of the details, or as the text begins with it.
fn class(status: &Status) -> String {
    let details = ErrorStatus::decode(status.details()).unwrap_or_default().details;
    let infos = details.into_iter().filter(|detail| detail.kind.ends_with("google.rpc.ErrorInfo"));
    let infos = infos.filter_map(|detail| ErrorInfo::decode(detail.message).ok());
    let mut classes = infos.filter_map(|mut info| info.metadata.remove("errorClass"));
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let named = || {
        let (name, _) = status.message().trim_start().strip_prefix('[')?.split_once(']')?;
        (!name.is_empty() && name.chars().all(is_letter)).then(|| name.to_owned())
    };
    classes.next().or_else(named).unwrap_or_default()
}

/// Some servers quote their whole plan.
fn bounded(text: String) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A failure of the connection, as the layers below tell it.
    fn broken(kind: io::ErrorKind, text: &str) -> Status {
        Status::from_error(Box::new(io::Error::new(kind, text.to_owned())))
    }

    #[test]
    fn errors_say_what_to_do() {
        let (plain, tls) = ("sc://spark", "sc://spark/;token=abc");
        for (address, status, text) in [
            (
                plain,
                broken(io::ErrorKind::ConnectionRefused, "refused"),
                "nothing listens there: check",
            ),
            (plain, broken(io::ErrorKind::TimedOut, "timed out"), "no connection in time: check"),
            (
                plain,
                broken(io::ErrorKind::Other, "failed to lookup address information: unknown"),
                "the name of the host is not known: check the address",
            ),
            (
                tls,
                broken(io::ErrorKind::InvalidData, "invalid peer certificate: UnknownIssuer"),
                "its certificate is not trusted (invalid peer certificate: UnknownIssuer): add",
            ),
            (
                tls,
                broken(
                    io::ErrorKind::InvalidData,
                    "received corrupt message of type InvalidContentType",
                ),
                "the server does not speak TLS (received corrupt message",
            ),
            (
                plain,
                Status::unauthenticated("no header"),
                "the server asks for a token (no header): give",
            ),
            (
                tls,
                Status::unauthenticated("expired"),
                "the server refused the token (expired): give",
            ),
            (
                plain,
                Status::unimplemented("unknown service"),
                "this is not a Spark Connect server (",
            ),
            (
                plain,
                Status::out_of_range(
                    "Error, decoded message length too large: found 2 bytes, the limit is: 1",
                ),
                "a message of the server is larger than 134217728 bytes: give ;grpc_max_message_size",
            ),
            (plain, Status::deadline_exceeded(""), "no answer: check the host and the port"),
            (
                plain,
                Status::unknown(
                    "protocol error: missing grpc-status trailer, stream was terminated",
                ),
                "the connection was lost (protocol error",
            ),
        ] {
            let problem = Problem::of(&status, &address.parse().unwrap(), true);
            assert!(problem.is_of_connection && problem.text.starts_with(text), "{}", problem.text);
        }
        let reset = broken(io::ErrorKind::ConnectionReset, "reset");
        for (address, text) in [
            (
                plain,
                "(reset): check the host and the port, and add ;use_ssl=true if it expects TLS",
            ),
            (tls, "(reset): check the host and the port"),
        ] {
            let problem = Problem::of(&reset, &address.parse().unwrap(), false);
            assert_eq!(
                problem.text,
                format!("the answer is not that of a Spark Connect server {text}")
            );
        }
    }

    #[test]
    fn words_of_the_server_are_one_line() {
        for (text, class, line) in [
            (
                "[A_B.C] Wrong. SQLSTATE: 42000; line 1 pos 7;\n'Project",
                "A_B.C",
                "[A_B.C] Wrong. SQLSTATE: 42000; line 1 pos 7",
            ),
            ("\n\n  plain words  \nmore", "", "plain words"),
            ("[not a class] x", "", "[not a class] x"),
            ("", "", "no reason given"),
        ] {
            let problem =
                Problem::of(&Status::internal(text), &"sc://spark".parse().unwrap(), true);
            let expected = Problem { class: class.to_owned(), ..Problem::without_class(line) };
            assert_eq!(problem, expected);
        }
        let long =
            Problem::of(&Status::internal("é".repeat(501)), &"sc://spark".parse().unwrap(), true);
        assert_eq!(long.text, format!("{}…", "é".repeat(500)));
    }
}
