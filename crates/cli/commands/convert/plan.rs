//! The plan of a conversion (`--dry-run`), for people.

use anyhow::Result;
use ecstrail_query::printable_line;
use ecstrail_writer::Preview;
use indicatif::{HumanBytes, HumanCount};

use crate::console::{self, count};

/// Shows the plan by account, region and month, then its sums and what it would cost.
pub(super) fn print(preview: &Preview) -> Result<()> {
    let mut lines = vec![["account", "region", "month", "files", "bytes"].map(str::to_owned)];
    for group in &preview.groups {
        let or_other = |value: &Option<String>| printable_line(value.as_deref().unwrap_or("-"));
        lines.push([
            or_other(&group.account),
            or_other(&group.region),
            or_other(&group.month),
            HumanCount(group.files).to_string(),
            HumanBytes(group.bytes).to_string(),
        ]);
    }
    for [account, region, month, files, bytes] in lines {
        console::result(format!(
            "{account:<12}  {region:<16}  {month:<7}  {files:>10}  {bytes:>12}"
        ))?;
    }
    let Preview { found, to_read, known, known_damaged, other_shards, estimate, .. } = preview;
    console::result(format!(
        "Would read {} ({}) of {} listed:",
        count(to_read.files, "log file"),
        HumanBytes(to_read.bytes),
        HumanCount(found.listed()),
    ))?;
    for (number, why) in [
        (known.files, "already in the dataset"),
        (known_damaged.files, "rejected before and unchanged"),
        (other_shards.files, "left to other shards"),
        (found.passed_over(), "skipped by name"),
    ] {
        if number > 0 {
            console::result(format!("{:>14}  {why}", HumanCount(number).to_string()))?;
        }
    }
    console::result(format!(
        "Listing took {}; reading would take {}.",
        count(found.list_requests, "LIST request"),
        count(preview.get_requests, "GET request"),
    ))?;
    console::result(format!(
        "Estimate: {} records, {:.0} s, and {} of Parquet if all records are ECS events and kept.",
        HumanCount(estimate.records),
        estimate.seconds.ceil(),
        HumanBytes(estimate.output_bytes_if_all_kept),
    ))?;
    Ok(())
}
