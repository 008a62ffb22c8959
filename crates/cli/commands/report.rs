//! x
use crate::{args::ReportArguments, exit::Exit};
use anyhow::Result;
pub(crate) async fn run(_arguments: ReportArguments) -> Result<Exit> {
    anyhow::bail!("report")
}
