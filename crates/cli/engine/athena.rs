//! Opens Athena: its workgroup and database, and the client, with the credentials and the Region that
//! buckets are read with.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use aws_sdk_athena::{
    Client,
    config::{Builder, retry::RetryConfig, timeout::TimeoutConfig},
};
use ecstrail_query::{AthenaOptions, Engine, Listener, Session, TableSource, athena};

use crate::{credentials, endpoint, exit::UsageError};

/// How often a request is made that Athena does not take at the moment: accounts have few of a kind
/// in a second (<https://docs.aws.amazon.com/athena/latest/ug/service-limits.html>).
const TRIES: u32 = 8;
/// The pause before the second try, at most; those before later ones are twice as long each.
const PAUSE: Duration = Duration::from_millis(200);
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_mins(1);
/// Letters of a workgroup's name, at most.
const LONGEST: usize = 128;

/// Opens Athena by `WORKGROUP[/DATABASE]`.
pub(super) async fn open(
    session: &Arc<Session>,
    name: &str,
    source: &TableSource,
    profile: Option<&str>,
    listener: Listener,
) -> Result<Arc<dyn Engine>> {
    let (workgroup, database) = parse(name)?;
    let config = credentials::load_config(profile).await?;
    config.region().context(
        "Athena needs the Region of its workgroup: set AWS_REGION, or region in the AWS profile",
    )?;
    let found = credentials::find(&config, profile).await?;
    let retries = RetryConfig::standard().with_max_attempts(TRIES).with_initial_backoff(PAUSE);
    let times = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ANSWER);
    let mut builder = Builder::from(&config)
        .credentials_provider(found.provider())
        .retry_config(retries)
        .timeout_config(times.build());
    if let Some(url) = endpoint::of_athena(&config)? {
        builder = builder.endpoint_url(url);
    }
    let options = AthenaOptions {
        workgroup: workgroup.to_owned(),
        database: database.unwrap_or(&source.database).to_owned(),
        home: source.home.clone(),
    };
    let client = Client::from_conf(builder.build());
    Ok(athena(Arc::clone(session), client, options, listener).await?)
}

/// Reads `WORKGROUP[/DATABASE]`.
fn parse(name: &str) -> Result<(&str, Option<&str>), UsageError> {
    let (workgroup, database) = match name.split_once('/') {
        Some((workgroup, database)) => (workgroup, Some(database)),
        None => (name, None),
    };
    let is_of_workgroup = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !(1..=LONGEST).contains(&workgroup.len()) || !workgroup.bytes().all(is_of_workgroup) {
        return Err(UsageError(format!(
            "--engine athena:{name}: {workgroup:?} is not the name of a workgroup, which has up to \
             {LONGEST} letters, digits, dots, hyphens and underscores: give athena:WORKGROUP or \
             athena:WORKGROUP/DATABASE"
        )));
    }
    let is_of_database =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    match database {
        Some(database) if database.is_empty() || !database.bytes().all(is_of_database) => {
            Err(UsageError(format!(
                "--engine athena:{name}: {database:?} is not the name of a database, which has \
                 lower-case letters, digits and underscores"
            )))
        }
        database => Ok((workgroup, database)),
    }
}
