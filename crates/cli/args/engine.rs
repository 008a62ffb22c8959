//! Which engine runs the queries.

use clap::Args;

use crate::engine::EngineName;

/// Which engine runs the queries.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct EngineArguments {
    /// Engine that runs the queries: local, which is this program, `sc://HOST:PORT` for Spark Connect
    /// (Spark, EMR, Databricks, Sail), or `athena:WORKGROUP[/DATABASE]`. SQL that you write is in the
    /// engine's dialect; reports are translated.
    #[arg(long, value_name = "ENGINE", env = "ECSTRAIL_ENGINE", default_value = "local")]
    pub(crate) engine: EngineName,
    /// Where the engine finds the dataset, if it is not at HOME for it: `s3a://BUCKET/PREFIX`, another
    /// folder, or a copy.
    #[arg(long, value_name = "LOCATION")]
    pub(crate) location: Option<String>,
}
