//! The address of a Spark Connect server, as Spark writes it: `sc://HOST:PORT/;key=value;…`
//! (<https://github.com/apache/spark/blob/master/sql/connect/docs/client-connection-string.md>).

use std::{collections::BTreeSet, fmt, str::FromStr};

use percent_encoding::percent_decode_str;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Where a Spark Connect server is, and how it is asked.
#[derive(Clone, PartialEq, Eq)]
pub struct SparkAddress {
    /// A name, or the number of a machine: that of IP version 6 in brackets.
    pub(super) host: String,
    pub(super) port: u16,
    use_ssl: Option<bool>,
    pub(super) token: Option<String>,
    pub(super) user_id: String,
    /// What the server's log calls the program.
    pub(super) user_agent: String,
    /// The session to work in, if it is one that others use as well.
    pub(super) session_id: Option<String>,
    pub(super) most_message_bytes: usize,
    /// What every request says besides, such as the cluster that a gateway is to ask.
    pub(super) metadata: Vec<(String, String)>,
}

/// The text is not the address of a Spark Connect server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseSparkAddressError(String);

const SCHEME: &str = "sc://";
const FORM: &str = "write sc://HOST:PORT, or sc://HOST:PORT/;token=TOKEN";
const DEFAULT_PORT: u16 = 15002;
/// What other clients take.
const DEFAULT_MESSAGE_BYTES: usize = 128 << 20;
const PROGRAM: &str = concat!("ecstrail/", env!("CARGO_PKG_VERSION"));

impl SparkAddress {
    /// Whether the connection is encrypted. A token asks for it.
    pub fn uses_tls(&self) -> bool {
        self.use_ssl.unwrap_or(self.token.is_some())
    }

    /// Whether the address has a token.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Gives it a token that should not stand in a command line.
    ///
    /// # Errors
    /// If the token cannot be sent, or would be sent without encryption to another machine.
    pub fn with_token(mut self, token: String) -> Result<Self, ParseSparkAddressError> {
        self.token = Some(token);
        self.checked()
    }

    /// The server, for messages: nothing that is secret.
    pub(super) fn server(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The server as a URL, without anything secret.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme(), self.server())
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.uses_tls() { "https" } else { "http" }
    }

    fn set(&mut self, key: &str, value: String) -> Result<(), ParseSparkAddressError> {
        match key {
            "use_ssl" => self.use_ssl = Some(boolean(key, &value)?),
            "token" => self.token = Some(value),
            "user_id" => self.user_id = value,
            "user_agent" => self.user_agent = format!("{value} {PROGRAM}"),
            "session_id" => {
                let is_uuid = value.len() == 36 && Uuid::parse_str(&value).is_ok();
                if !is_uuid {
                    return problem(format!(
                        "{value:?} is not a session_id: write a UUID, such as \
                         550e8400-e29b-41d4-a716-446655440000"
                    ));
                }
                self.session_id = Some(value.to_ascii_lowercase());
            }
            "grpc_max_message_size" => {
                let number = value.parse().ok().filter(|number| *number > 0);
                let wrong = || format!("{value:?} is not a grpc_max_message_size in bytes");
                self.most_message_bytes = number.ok_or_else(|| ParseSparkAddressError(wrong()))?;
            }
            // How other clients look after their connection; ours has no such settings.
            "grpc_keepalive_enabled"
            | "grpc_keepalive_time_ms"
            | "grpc_keepalive_timeout_ms"
            | "grpc_keepalive_without_calls" => {}
            _ => self.metadata.push((header(key)?, value)),
        }
        Ok(())
    }

    fn checked(self) -> Result<Self, ParseSparkAddressError> {
        let values = self.metadata.iter().map(|(key, value)| (key.as_str(), value));
        let token = self.token.iter().map(|token| ("token", token));
        let agent = [("user_agent", &self.user_agent)];
        for (key, value) in values.chain(token).chain(agent) {
            let is_sound = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
            if value.trim().is_empty() || !is_sound {
                return problem(format!(
                    "the value of {key} is empty, or has a character that cannot be sent"
                ));
            }
        }
        if self.token.is_some() && self.use_ssl == Some(false) && !self.is_loopback() {
            return problem(format!(
                "the token would go to {} without encryption: leave use_ssl=false out",
                self.server()
            ));
        }
        Ok(self)
    }

    fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.starts_with("127.") || self.host == "[::1]"
    }
}

impl FromStr for SparkAddress {
    type Err = ParseSparkAddressError;

    fn from_str(text: &str) -> Result<Self, ParseSparkAddressError> {
        let Some(rest) = text.strip_prefix(SCHEME) else {
            return problem(format!("the address does not begin with {SCHEME}: {FORM}"));
        };
        // What stands behind the first `;` can be secret, and is not shown.
        let (server, parameters) = rest.split_once(';').unwrap_or((rest, ""));
        let (server, path) = server.split_once('/').unwrap_or((server, ""));
        if !path.is_empty() {
            return problem(format!("the address has the path {path:?}: {FORM}"));
        }
        if !parameters.is_empty() && !rest.starts_with(&format!("{server}/;")) {
            return problem(format!("the address needs a / before the first ;: {FORM}"));
        }
        let (host, port) = host_and_port(server)?;
        let mut address = Self {
            host,
            port,
            use_ssl: None,
            token: None,
            user_id: "ecstrail".to_owned(),
            user_agent: PROGRAM.to_owned(),
            session_id: None,
            most_message_bytes: DEFAULT_MESSAGE_BYTES,
            metadata: Vec::new(),
        };
        let mut known = BTreeSet::new();
        for parameter in parameters.split(';').filter(|parameter| !parameter.is_empty()) {
            let Some((key, value)) = parameter.split_once('=') else {
                return problem("the address has a parameter without =: write ;key=value");
            };
            if !known.insert(key) {
                return problem(format!("the address has {key:?} twice: write it once"));
            }
            if value.contains(['?', '#']) {
                return problem(format!("the value of {key} has ? or #: write %3F and %23"));
            }
            let Ok(value) = percent_decode_str(value).decode_utf8() else {
                return problem(format!("the value of {key} is not UTF-8 behind its %"));
            };
            address.set(key, value.into_owned())?;
        }
        address.checked()
    }
}

impl fmt::Debug for SparkAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SparkAddress")
            .field("server", &self.server())
            .field("uses_tls", &self.uses_tls())
            .field("has_token", &self.has_token())
            .finish_non_exhaustive()
    }
}

fn problem<T>(text: impl Into<String>) -> Result<T, ParseSparkAddressError> {
    Err(ParseSparkAddressError(text.into()))
}

fn host_and_port(server: &str) -> Result<(String, u16), ParseSparkAddressError> {
    let (host, port) = match server.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((number, rest)) if number.parse::<std::net::Ipv6Addr>().is_ok() => {
            (format!("[{number}]"), rest)
        }
        Some((number, _)) => return problem(format!("[{number}] is not an IPv6 address: {FORM}")),
        None if server.matches(':').count() > 1 => {
            return problem("an IPv6 address needs brackets: write sc://[ADDRESS]:PORT");
        }
        None => {
            let end = server.find(':').unwrap_or(server.len());
            (server[..end].to_owned(), &server[end..])
        }
    };
    let is_sign = |letter: char| !(letter.is_alphanumeric() || ".-_[]:".contains(letter));
    if host.is_empty() || host.contains(is_sign) {
        return problem(format!("{host:?} is not the name of a server: {FORM}"));
    }
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => Some(DEFAULT_PORT),
        None => None,
        Some(number) => number.parse().ok().filter(|number| *number > 0),
    };
    match port {
        Some(port) => Ok((host, port)),
        None => problem(format!("the port of {server:?} is not a number from 1 to 65535: {FORM}")),
    }
}

fn boolean(key: &str, value: &str) -> Result<bool, ParseSparkAddressError> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => problem(format!("{key} is neither true nor false")),
    }
}

fn header(key: &str) -> Result<String, ParseSparkAddressError> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_ours = ["content-type", "te", "user-agent"].contains(&key) || key.starts_with("grpc-");
    if key.is_empty() || !key.bytes().all(is_letter) || key.ends_with("-bin") || is_ours {
        return problem(format!(
            "the address has the parameter {key:?}, which cannot be sent: use token, use_ssl, user_id, \
             user_agent, session_id, or the name of a header"
        ));
    }
    Ok(key.to_ascii_lowercase())
}
