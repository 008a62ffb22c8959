//! Writes a CloudTrail trail of Amazon ECS and its neighbours that looks like life: a plan of
//! stories, everyday traffic around them, log files as CloudTrail delivers them, and a manifest of
//! what has to be found.
//!
//! Nothing of this workspace is used here, so that what the trail should hold is known
//! independently of how it is read.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the path of a method that borrows is not general enough where closures are asked for"
)]

mod calendar;
mod callers;
mod delivery;
mod json;
mod manifest;
mod model;
mod neighbours;
mod options;
mod payload;
mod places;
mod plan;
mod random;
mod record;
mod stories;
mod traffic;
mod trail;
mod world;

use std::fs;
use std::io::Write;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use model::Model;
use options::Options;
use plan::Plan;

fn main() -> Result<()> {
    let options = Options::parse();
    options.check()?;
    let model = Model::read()?;
    let plan = Plan::new(&options, &model);
    let mut messages = std::io::stderr();
    if !plan.untold.is_empty() {
        writeln!(
            messages,
            "too few records for these stories: {}; {} of ECS and {} of its neighbours hold each \
             story once",
            plan.untold.join(", "),
            plan.least.ecs,
            plan.least.other
        )?;
    }
    let counts = trail::write(&options, &plan, &model)?;
    ensure!(
        counts.unique == options.events,
        "the stories came to more than was asked: {} records",
        counts.unique
    );
    let manifest = options.to.join("manifest.json");
    fs::write(&manifest, counts.manifest(&options))
        .with_context(|| format!("cannot write {}", manifest.display()))?;
    writeln!(messages, "{}", counts.summary())?;
    Ok(())
}
