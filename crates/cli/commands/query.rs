//! x
use crate::{args::QueryArguments, exit::Exit};
use anyhow::Result;
pub(crate) async fn run(_arguments: QueryArguments) -> Result<Exit> {
    anyhow::bail!("query")
}
