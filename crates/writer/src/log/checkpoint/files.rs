//! The list of data files in a checkpoint: segments of JSON lines.
//!
//! Where a segment ends is decided by the hashes of the files in it, not by counting from the
//! start. So a file more or less changes one segment, and the next checkpoint names the others
//! again instead of writing them.

use std::collections::{BTreeMap, HashMap};

use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    error::{Error, Result},
    log::{
        DataFile,
        entry::SideFile,
        segment::{SegmentWriter, read_whole},
    },
    storage::{Objects, digest::sha256_hex},
};

/// Segments that are fetched at once.
const CONCURRENT_READS: usize = 8;

/// Writes the list, except for segments that `before` has.
pub(crate) async fn write(
    writer: &mut SegmentWriter<'_>,
    files: impl Iterator<Item = &DataFile>,
    before: &[SideFile],
    segment_files: usize,
) -> Result<Vec<SideFile>> {
    let before: HashMap<&str, &SideFile> =
        before.iter().map(|segment| (segment.sha256.as_str(), segment)).collect();
    let mut segments = Vec::new();
    let (mut bytes, mut lines) = (Vec::new(), 0);
    let mut files = files.peekable();
    while let Some(file) = files.next() {
        // What was prepared is published.
        let line = DataFile { prepared: String::new(), ..file.clone() };
        serde_json::to_writer(&mut bytes, &line).map_err(|error| Error::Damaged {
            path: file.path.clone(),
            reason: error.to_string(),
        })?;
        bytes.push(b'\n');
        lines += 1;
        if files.peek().is_some() && !ends_segment(file, lines, segment_files) {
            continue;
        }
        segments.push(match before.get(sha256_hex(&bytes).as_str()) {
            Some(segment) => (*segment).clone(),
            None => writer.write("jsonl", lines, std::mem::take(&mut bytes)).await?,
        });
        bytes.clear();
        lines = 0;
    }
    Ok(segments)
}

/// Returns whether a segment ends with this file, its `lines`th: one in `segment_files` does.
fn ends_segment(file: &DataFile, lines: u64, segment_files: usize) -> bool {
    let hash = file.sha256.get(..8).and_then(|start| u32::from_str_radix(start, 16).ok());
    let is_boundary = hash.is_none_or(|hash| (hash as usize).is_multiple_of(segment_files));
    is_boundary || lines >= 4 * segment_files as u64
}

/// Reads the list.
pub(crate) async fn read(
    objects: &Objects,
    segments: &[SideFile],
) -> Result<BTreeMap<String, DataFile>> {
    let reads: Vec<_> = segments.iter().map(|segment| read_whole(objects, segment)).collect();
    let mut bodies = stream::iter(reads).buffered(CONCURRENT_READS);
    let mut segments = segments.iter();
    let mut files = BTreeMap::new();
    while let Some(bytes) = bodies.try_next().await?
        && let Some(segment) = segments.next()
    {
        let damaged = |reason: String| Error::Damaged { path: segment.path.clone(), reason };
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let file: DataFile =
                serde_json::from_slice(line).map_err(|error| damaged(error.to_string()))?;
            files.insert(file.path.clone(), file);
        }
    }
    Ok(files)
}
