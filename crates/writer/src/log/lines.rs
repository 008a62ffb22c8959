//! Files of lines of JSON beside a log entry: the ledger and the quarantine, written whole and read line
//! by line.

use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    log::entry::SideFile,
    storage::{
        Objects,
        digest::{hex, sha256_hex},
    },
};

/// Bytes of a line that is read: one has a URL and what is wrong with the file, or a rejected record.
const LONGEST_LINE: usize = 16 << 20;

/// Reads a file line by line. What `take` was given counts only if this succeeds.
pub(crate) async fn for_each_line(
    objects: &Objects,
    file: &SideFile,
    mut take: impl FnMut(&[u8]) -> serde_json::Result<()>,
) -> Result<()> {
    let path = &file.path;
    let damaged = |reason: String| Error::Damaged { path: path.clone(), reason };
    let failed = |source| Error::Store { action: "read", path: path.clone(), source };
    let mut take_line = |line: &[u8]| {
        if line.is_empty() {
            return Ok(());
        }
        take(line).map_err(|error| damaged(error.to_string()))
    };
    let mut pieces = match objects.store.get(&objects.at(path)).await {
        Ok(found) => found.into_stream(),
        Err(object_store::Error::NotFound { .. }) => {
            return Err(damaged("it is missing".to_owned()));
        }
        Err(error) => return Err(failed(error)),
    };
    let mut hash = Sha256::new();
    let mut rest: Vec<u8> = Vec::new();
    while let Some(piece) = pieces.try_next().await.map_err(failed)? {
        hash.update(&piece);
        let Some(end) = piece.iter().rposition(|byte| *byte == b'\n') else {
            rest.extend_from_slice(&piece);
            if rest.len() > LONGEST_LINE {
                return Err(damaged(format!("a line has more than {LONGEST_LINE} bytes")));
            }
            continue;
        };
        let mut lines = piece[..end].split(|byte| *byte == b'\n');
        rest.extend_from_slice(lines.next().unwrap_or_default());
        take_line(&rest)?;
        lines.try_for_each(&mut take_line)?;
        rest.clear();
        rest.extend_from_slice(&piece[end + 1..]);
    }
    take_line(&rest)?;
    if hex(&hash.finalize()) != file.sha256 {
        return Err(damaged("its hash does not match the log".to_owned()));
    }
    Ok(())
}

/// Lines of JSON that become a file.
#[derive(Debug)]
pub(crate) struct JsonLines {
    path: String,
    bytes: Vec<u8>,
    lines: u64,
}

impl JsonLines {
    pub(crate) fn new(path: String) -> Self {
        Self { path, bytes: Vec::new(), lines: 0 }
    }

    pub(crate) fn push<T: Serialize>(&mut self, line: &T) -> Result<()> {
        serde_json::to_writer(&mut self.bytes, line).map_err(|error| Error::Damaged {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        self.bytes.push(b'\n');
        self.lines += 1;
        Ok(())
    }

    /// Takes the file's bytes, and what a log entry says of them; `None` if there are no lines.
    pub(crate) fn take(&mut self) -> Option<(SideFile, Vec<u8>)> {
        let bytes = std::mem::take(&mut self.bytes);
        let lines = std::mem::take(&mut self.lines);
        let sha256 = sha256_hex(&bytes);
        (lines > 0).then(|| (SideFile { lines, sha256, path: self.path.clone() }, bytes))
    }
}
