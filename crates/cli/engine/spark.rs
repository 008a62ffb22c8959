//! Opens a Spark Connect server as the engine: HTTP/2, with TLS if the address asks for it.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use ecstrail_query::{
    Engine, Listener, Session, SparkAddress, SparkBody, SparkTransport, TableSource, spark_connect,
};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{Builder, Client, connect::HttpConnector},
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
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .context("cannot read the certificates that this system trusts")?
        .https_only()
        .enable_http2()
        .wrap_connector(connector);
    Ok(SparkTransport::new(client().build::<_, SparkBody>(connector)))
}

fn client() -> Builder {
    let mut client = Client::builder(TokioExecutor::new());
    client.timer(TokioTimer::new()).http2_only(true);
    client.http2_keep_alive_interval(PING).http2_keep_alive_timeout(PONG);
    client
}
