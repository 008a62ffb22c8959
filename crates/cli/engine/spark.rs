//! Opens a Spark Connect server as the engine: HTTP/2, with TLS if the address asks for it.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use ecstrail_query::{
    Engine, Listener, Session, SparkAddress, SparkBody, SparkTransport, TableSource, spark_connect,
};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::{
        legacy::{
            Builder, Client,
            connect::{HttpConnector, proxy::Tunnel},
        },
        proxy::matcher::{Intercept, Matcher},
    },
    rt::{TokioExecutor, TokioTimer},
};

use crate::{config, exit::UsageError};

/// The token, for those who do not want it on a command line.
const TOKEN: &str = "ECSTRAIL_SPARK_TOKEN";

const CONNECT: Duration = Duration::from_secs(10);
/// How often the system asks whether the other machine is still there.
const ALIVE: Duration = Duration::from_secs(30);
/// How often the server is asked. Many servers drop clients that ask more often.
const PING: Duration = Duration::from_mins(5);
const PONG: Duration = Duration::from_secs(20);

/// Opens the dataset at the server of an address.
pub(super) async fn open(
    session: &Arc<Session>,
    address: &str,
    source: &TableSource,
    listener: Listener,
) -> Result<Arc<dyn Engine>> {
    let address = read(address)?;
    let transport = transport(&address)?;
    Ok(spark_connect(Arc::clone(session), transport, address, source, listener).await?)
}

fn read(text: &str) -> Result<SparkAddress, UsageError> {
    let wrong = |problem: &dyn std::fmt::Display| UsageError(format!("--engine: {problem}"));
    let address: SparkAddress = text.parse().map_err(|problem| wrong(&problem))?;
    let Some(token) = config::variable(TOKEN).filter(|_| !address.has_token()) else {
        return Ok(address);
    };
    let token = token.into_string().map_err(|_| wrong(&format!("{TOKEN} is not UTF-8")))?;
    address.with_token(token).map_err(|problem| wrong(&problem))
}

/// The connection is made with the first request.
fn transport(address: &SparkAddress) -> Result<SparkTransport> {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT));
    connector.set_keepalive(Some(ALIVE));
    connector.set_nodelay(true);
    if !address.uses_tls() {
        return Ok(SparkTransport::new(client().build::<_, SparkBody>(connector)));
    }
    connector.enforce_http(false);
    let tls = HttpsConnectorBuilder::new()
        .with_native_roots()
        .context("cannot read the certificates that this system trusts")?
        .https_only()
        .enable_http2();
    let Some(proxy) = Matcher::from_env().intercept(&address.url().parse()?) else {
        let connector = tls.wrap_connector(connector);
        return Ok(SparkTransport::new(client().build::<_, SparkBody>(connector)));
    };
    let connector = tls.wrap_connector(tunnel(&proxy, connector)?);
    Ok(SparkTransport::new(client().build::<_, SparkBody>(connector)))
}

/// Connects through a proxy, which sees no more than the name of the server.
fn tunnel(
    proxy: &Intercept,
    connector: HttpConnector,
) -> Result<Tunnel<HttpConnector>, UsageError> {
    if proxy.uri().scheme_str() != Some("http") {
        return Err(UsageError(format!(
            "--engine: HTTPS_PROXY or ALL_PROXY names the proxy {}, but only http:// proxies can be used here",
            proxy.uri()
        )));
    }
    let tunnel = Tunnel::new(proxy.uri().clone(), connector);
    Ok(match proxy.basic_auth() {
        Some(auth) => tunnel.with_auth(auth.clone()),
        None => tunnel,
    })
}

fn client() -> Builder {
    let mut client = Client::builder(TokioExecutor::new());
    client.timer(TokioTimer::new()).http2_only(true);
    client.http2_keep_alive_interval(PING).http2_keep_alive_timeout(PONG);
    client
}
