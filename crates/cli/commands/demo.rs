//! x
use crate::{args::DemoArguments, exit::Exit};
use anyhow::Result;
pub(crate) async fn run(_arguments: DemoArguments) -> Result<Exit> {
    anyhow::bail!("demo")
}
