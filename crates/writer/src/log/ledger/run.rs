//! Sorted runs of keys, in segments that fit into memory one by one.

use std::{cmp::Ordering, collections::HashSet};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Key;
use crate::{
    error::{Error, Result},
    log::{
        entry::SideFile,
        segment::{SegmentWriter, read_whole},
    },
    storage::Objects,
};

const KEY_BYTES: usize = size_of::<Key>();

/// Keys in ascending order, none twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run(pub(crate) Vec<SideFile>);

impl Run {
    pub(crate) fn keys(&self) -> u64 {
        self.0.iter().map(|segment| segment.lines).sum()
    }
}

/// The keys of one segment.
#[derive(Debug)]
pub(crate) struct Segment(Bytes);

impl Segment {
    pub(crate) async fn read(objects: &Objects, segment: &SideFile) -> Result<Self> {
        let bytes = read_whole(objects, segment).await?;
        if bytes.len() as u64 == segment.lines * KEY_BYTES as u64 {
            Ok(Self(bytes))
        } else {
            let reason = format!("it has {} bytes for {} keys", bytes.len(), segment.lines);
            Err(Error::Damaged { path: segment.path.clone(), reason })
        }
    }

    pub(crate) fn keys(&self) -> &[Key] {
        self.0.as_chunks().0
    }
}

/// Goes through a run's keys, holding one segment.
struct Cursor<'a> {
    segments: std::slice::Iter<'a, SideFile>,
    open: Option<Segment>,
    at: usize,
}

impl Cursor<'_> {
    fn key(&self) -> Option<&Key> {
        self.open.as_ref()?.keys().get(self.at)
    }

    /// Opens the next segment if this one is over; returns false after the last.
    async fn refill(&mut self, objects: &Objects) -> Result<bool> {
        while self.key().is_none() {
            let Some(segment) = self.segments.next() else { return Ok(false) };
            self.open = None;
            self.open = Some(Segment::read(objects, segment).await?);
            self.at = 0;
        }
        Ok(true)
    }
}

/// Merges runs and keys, which are sorted, into one run, leaving out some.
pub(crate) async fn merge(
    objects: &Objects,
    runs: &[Run],
    keys: &[Key],
    without: &HashSet<Key>,
    writer: &mut SegmentWriter<'_>,
    segment_keys: usize,
) -> Result<Run> {
    let mut cursors: Vec<_> =
        runs.iter().map(|run| Cursor { segments: run.0.iter(), open: None, at: 0 }).collect();
    let mut keys = keys.iter().peekable();
    let mut merged = Run(Vec::new());
    let mut segment: Vec<u8> = Vec::new();
    let mut last: Option<Key> = None;
    loop {
        let mut index = 0;
        while index < cursors.len() {
            if cursors[index].refill(objects).await? {
                index += 1;
            } else {
                cursors.swap_remove(index);
            }
        }
        // Until a segment is over or one is full.
        loop {
            let least = cursors.iter_mut().min_by(|a, b| a.key().cmp(&b.key()));
            let from_runs = least.as_ref().and_then(|cursor| cursor.key());
            let key = match (from_runs, keys.peek()) {
                (None, None) => {
                    if !segment.is_empty() {
                        merged.0.push(write(writer, std::mem::take(&mut segment)).await?);
                    }
                    return Ok(merged);
                }
                (Some(key), None) => *key,
                (None, Some(key)) => **key,
                (Some(key), Some(other)) => *key.min(other),
            };
            if keys.peek() == Some(&&key) {
                keys.next();
            }
            let is_over = least.is_some_and(|cursor| {
                let is_taken = cursor.key().map(|least| least.cmp(&key)) == Some(Ordering::Equal);
                cursor.at += usize::from(is_taken);
                cursor.key().is_none()
            });
            if last != Some(key) && !without.contains(&key) {
                last = Some(key);
                segment.extend_from_slice(&key);
            }
            if segment.len() >= segment_keys * KEY_BYTES {
                merged.0.push(write(writer, std::mem::take(&mut segment)).await?);
            }
            if is_over {
                break;
            }
        }
    }
}

/// Counts the distinct keys of runs and of keys, which are sorted.
pub(crate) async fn count_distinct(objects: &Objects, runs: &[Run], keys: &[Key]) -> Result<u64> {
    let mut cursors: Vec<_> =
        runs.iter().map(|run| Cursor { segments: run.0.iter(), open: None, at: 0 }).collect();
    let mut keys = keys.iter().peekable();
    let mut count = 0;
    let mut last: Option<Key> = None;
    loop {
        let mut index = 0;
        while index < cursors.len() {
            if cursors[index].refill(objects).await? {
                index += 1;
            } else {
                cursors.swap_remove(index);
            }
        }
        // Until a segment is over.
        let mut is_over = false;
        while !is_over {
            let from_runs = cursors.iter().filter_map(Cursor::key);
            let Some(key) = from_runs.chain(keys.peek().copied()).min().copied() else {
                return Ok(count);
            };
            count += u64::from(last != Some(key));
            last = Some(key);
            while keys.next_if_eq(&&key).is_some() {}
            for cursor in &mut cursors {
                cursor.at += usize::from(cursor.key() == Some(&key));
                is_over |= cursor.key().is_none();
            }
        }
    }
}

async fn write(writer: &mut SegmentWriter<'_>, bytes: Vec<u8>) -> Result<SideFile> {
    writer.write("keys", (bytes.len() / KEY_BYTES) as u64, bytes).await
}
