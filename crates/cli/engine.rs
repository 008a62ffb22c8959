//! Engines that run queries: which one `--engine` names, and opening it.

use std::{str::FromStr, sync::Arc};

use anyhow::Result;
#[cfg(any(feature = "athena", feature = "spark"))]
use ecstrail_query::TableSource;
use ecstrail_query::{Engine, Session};

#[cfg(any(feature = "athena", feature = "spark"))]
use crate::{args::DEFAULT_DATABASE, bucket::S3, location::Location, table_source};
use crate::{
    args::{DatasetArguments, EngineArguments},
    console::EngineView,
    exit::UsageError,
    leaving,
};

#[cfg(feature = "athena")]
mod athena;
#[cfg(feature = "spark")]
mod spark;

/// An engine, as `--engine` names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum EngineName {
    /// This program.
    #[default]
    Local,
    /// Spark Connect, by its connection string.
    Spark(String),
    /// Athena, by its workgroup and database.
    Athena(String),
}

impl FromStr for EngineName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "local" => Ok(Self::Local),
            Some(("sc", _)) => Ok(Self::Spark(text.to_owned())),
            Some(("athena", name)) => Ok(Self::Athena(name.to_owned())),
            _ => Err("give local, sc://HOST:PORT, or athena:WORKGROUP[/DATABASE]".to_owned()),
        }
    }
}

/// An open engine. What it says is shown while this value lives.
#[derive(Debug)]
pub(crate) struct OpenEngine {
    engine: Arc<dyn Engine>,
    view: Option<EngineView>,
}

impl OpenEngine {
    /// Opens the engine that the arguments name.
    pub(crate) async fn open(
        session: &Arc<Session>,
        arguments: &EngineArguments,
        dataset: &DatasetArguments,
    ) -> Result<Self> {
        if arguments.engine == EngineName::Local {
            return Ok(Self { engine: Arc::<Session>::clone(session), view: None });
        }
        let view = EngineView::begin();
        let engine = elsewhere(session, arguments, dataset, &view).await?;
        leaving::cancels_engine(Arc::clone(&engine));
        Ok(Self { engine, view: Some(view) })
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// Gives up on what still runs, and lets the engine say what it has to say at the end.
    pub(crate) async fn close(self) {
        if self.view.is_some() {
            self.engine.cancel().await;
        }
    }
}

/// Checks that options which only apply to queries of this program are not given with another engine.
///
/// # Errors
/// [`UsageError`] if one is, or if `--location` is given without an engine.
pub(crate) fn check(arguments: &EngineArguments, explains: bool) -> Result<(), UsageError> {
    let problem = match arguments.engine {
        EngineName::Local if arguments.location.is_some() => {
            "--location applies to other engines only: leave it out, or give --engine"
        }
        EngineName::Spark(_) | EngineName::Athena(_) if explains => {
            "--explain applies to --engine local only: leave it out"
        }
        _ => return Ok(()),
    };
    Err(UsageError(problem.to_owned()))
}

/// Opens an engine elsewhere.
#[cfg_attr(
    not(any(feature = "athena", feature = "spark")),
    expect(
        unused_variables,
        clippy::unused_async,
        reason = "an engine that is not built in needs nothing"
    )
)]
async fn elsewhere(
    session: &Arc<Session>,
    arguments: &EngineArguments,
    dataset: &DatasetArguments,
    view: &EngineView,
) -> Result<Arc<dyn Engine>> {
    match &arguments.engine {
        EngineName::Local => Ok(Arc::<Session>::clone(session)),
        #[cfg(feature = "spark")]
        EngineName::Spark(address) => {
            let source = source(arguments, dataset).await?;
            spark::open(session, address, &source, view.listener()).await
        }
        #[cfg(feature = "athena")]
        EngineName::Athena(name) => {
            let source = source(arguments, dataset).await?;
            let profile = dataset.s3.profile.as_deref();
            athena::open(session, name, &source, profile, view.listener()).await
        }
        #[cfg(not(feature = "spark"))]
        EngineName::Spark(address) => Err(not_built_in(address, "Spark Connect", "spark").into()),
        #[cfg(not(feature = "athena"))]
        EngineName::Athena(name) => Err(not_built_in(name, "Athena", "athena").into()),
    }
}

#[cfg(not(all(feature = "athena", feature = "spark")))]
fn not_built_in(named: &str, engine: &str, feature: &str) -> UsageError {
    // A token may stand behind the host.
    let named = named.split(';').next().unwrap_or_default();
    UsageError(format!(
        "--engine {named:?} needs {engine}, which this program was built without: use one that was \
         released, or build it with `cargo build --release --features {feature}`"
    ))
}

/// Reads what the engine has to know of the dataset. Where it is for the engine is not ours to check.
#[cfg(any(feature = "athena", feature = "spark"))]
async fn source(arguments: &EngineArguments, dataset: &DatasetArguments) -> Result<TableSource> {
    // The session was opened.
    let home = dataset.dataset.as_deref().unwrap_or_default();
    let s3 = S3::new(dataset.s3.clone());
    let there = match &arguments.location {
        Some(location) => location.clone(),
        None => Location::parse(home)?.whole()?,
    };
    table_source::read(home, there, &s3, DEFAULT_DATABASE).await
}
