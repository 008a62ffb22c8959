//! The public keys of CloudTrail that a user gives, to verify digest files with.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use ecstrail_converter::PublicKeys;

/// Bytes of a file of public keys at most.
const MOST_BYTES: u64 = 16 << 20;

/// Reads the keys that signatures are verified with; `None` if they are not to be verified.
pub(crate) fn read(paths: &[PathBuf], no_signatures: bool) -> Result<Option<PublicKeys>> {
    if no_signatures {
        return Ok(None);
    }
    if paths.is_empty() {
        bail!(
            "the signatures of digest files are verified with CloudTrail's public keys: give \
             --public-keys keys.json, made by `aws cloudtrail list-public-keys --start-time \
             2025-01-01T00:00:00Z --region REGION >> keys.json` for each Region, or --no-signatures"
        );
    }
    let mut keys = PublicKeys::default();
    for path in paths {
        let text = ecstrail_writer::read_regular_file(path, MOST_BYTES)
            .with_context(|| format!("cannot read {}", path.display()))?;
        keys.add(&String::from_utf8_lossy(&text)).map_err(|reason| {
            anyhow!(
                "{} is not the output of `aws cloudtrail list-public-keys`: {reason}",
                path.display()
            )
        })?;
    }
    Ok(Some(keys))
}
