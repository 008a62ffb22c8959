//! Log files: which records share one, when it is delivered, and what it is called.
//!
//! Only the files that are being filled are held, with the few records that arrive late or twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use libdeflater::{CompressionLvl, Compressor};

use crate::calendar::{DAY, HOUR, MINUTE, SLOT, iso, stamp};
use crate::manifest::Counts;
use crate::options::{MILLION, Options};
use crate::random::Random;
use crate::record::Record;

/// How many records a file waits for: mostly few, at times hundreds; weight, from, to.
const CAPACITIES: [(u64, (i64, i64)); 9] = [
    (150, (1, 1)),
    (165, (2, 2)),
    (150, (3, 3)),
    (160, (4, 5)),
    (140, (6, 9)),
    (115, (10, 17)),
    (68, (18, 50)),
    (32, (51, 120)),
    (10, (121, 400)),
];
/// How long a file waits at most.
const PATIENCE: i64 = 10 * MINUTE;
/// From so many records a day of an account and region on, two files are filled at a time.
const BUSY: u64 = 3000;
/// How many in a thousand arrive hours late.
const LATE: u64 = 2;

/// A file that is being filled.
struct Lane {
    opened: i64,
    capacity: usize,
    texts: Vec<String>,
}

/// The deliveries of one account and region.
pub(crate) struct Delivery {
    folder: PathBuf,
    account: String,
    region: String,
    duplicates: u64,
    lanes: Vec<Lane>,
    /// What arrives later, by the time when it does.
    later: BTreeMap<i64, Vec<String>>,
    random: Random,
    compressor: Compressor,
    made: String,
}

impl Delivery {
    pub(crate) fn new(options: &Options, account: &str, region: &str) -> Self {
        let mut folder = options.to.join("AWSLogs");
        folder.extend(&options.organization);
        let mut random = Random::new(options.seed, &["delivery", account, region]);
        let worlds = options.accounts as u64 * options.regions as u64;
        let busy = options.events / worlds / options.days.unsigned_abs() >= BUSY;
        let lanes = (0..if busy { 2 } else { 1 }).map(|_| Lane::new(0, &mut random)).collect();
        Self {
            folder: folder.join(account).join("CloudTrail").join(region),
            account: account.to_owned(),
            region: region.to_owned(),
            duplicates: options.duplicates,
            lanes,
            later: BTreeMap::new(),
            random,
            compressor: Compressor::new(CompressionLvl::new(6).unwrap_or_default()),
            made: String::new(),
        }
    }

    /// Takes a record; records come in the order of time.
    pub(crate) fn take(&mut self, record: Record, counts: &mut Counts) -> Result<()> {
        counts.add(&record, &self.account, &self.region);
        let now = record.time;
        self.advance(now, counts)?;
        if self.random.chance(LATE) {
            counts.late += 1;
            let mut text = record.text;
            text.pop();
            text.push_str(",\"addendum\":{\"reason\":\"DELIVERY_DELAY\"}}");
            let at = now + self.random.between(2 * HOUR, 30 * HOUR);
            self.later.entry(at).or_default().push(text);
            return Ok(());
        }
        if self.random.below(MILLION) < self.duplicates {
            counts.add_duplicate(&record);
            // By then the file of the first delivery is closed.
            let at = now + self.random.between(PATIENCE + SLOT, 3 * HOUR);
            self.later.entry(at).or_default().push(record.text.clone());
        }
        self.put(record.text, now, counts)
    }

    /// Delivers what is left.
    pub(crate) fn finish(mut self, counts: &mut Counts) -> Result<()> {
        for lane in 0..self.lanes.len() {
            self.close(lane, self.lanes[lane].opened + PATIENCE, counts)?;
        }
        while let Some((at, texts)) = self.later.pop_first() {
            self.advance(at, counts)?;
            for text in texts {
                self.put(text, at, counts)?;
            }
        }
        for lane in 0..self.lanes.len() {
            self.close(lane, self.lanes[lane].opened + PATIENCE, counts)?;
        }
        Ok(())
    }

    fn advance(&mut self, now: i64, counts: &mut Counts) -> Result<()> {
        for lane in 0..self.lanes.len() {
            if self.lanes[lane].opened + PATIENCE <= now {
                self.close(lane, self.lanes[lane].opened + PATIENCE, counts)?;
            }
        }
        while let Some(entry) = self.later.first_entry().filter(|entry| *entry.key() <= now) {
            for text in entry.remove() {
                self.put(text, now, counts)?;
            }
        }
        Ok(())
    }

    fn put(&mut self, text: String, now: i64, counts: &mut Counts) -> Result<()> {
        let chosen = self.random.position(self.lanes.len());
        let lane = &mut self.lanes[chosen];
        if lane.texts.is_empty() {
            lane.opened = now;
        }
        lane.texts.push(text);
        if lane.texts.len() >= lane.capacity {
            self.close(chosen, now, counts)?;
        }
        Ok(())
    }

    fn close(&mut self, lane: usize, now: i64, counts: &mut Counts) -> Result<()> {
        let next = Lane::new(now, &mut self.random);
        let mut texts = std::mem::replace(&mut self.lanes[lane], next).texts;
        if texts.is_empty() {
            return Ok(());
        }
        self.random.shuffle(&mut texts);
        let length: usize = texts.iter().map(|text| text.len() + 1).sum();
        let mut body = String::with_capacity(length + 16);
        body.push_str("{\"Records\":[");
        for (position, text) in texts.iter().enumerate() {
            if position > 0 {
                body.push(',');
            }
            body.push_str(text);
        }
        body.push_str("]}");
        let mut compressed = vec![0; self.compressor.gzip_compress_bound(body.len())];
        let size = self
            .compressor
            .gzip_compress(body.as_bytes(), &mut compressed)
            .context("cannot compress a log file")?;
        let delay = self.random.between(MINUTE, 4 * MINUTE);
        let at = (now + delay + SLOT - 1).div_euclid(SLOT) * SLOT;
        self.write(at, &compressed[..size])?;
        counts.add_file(texts.len(), body.len(), size);
        Ok(())
    }

    fn write(&mut self, at: i64, bytes: &[u8]) -> Result<()> {
        debug_assert!(at % DAY % SLOT == 0);
        let day = iso(at)[..10].replace('-', "/");
        let folder = self.folder.join(&day);
        if self.made != day {
            fs::create_dir_all(&folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
            self.made = day;
        }
        let name = format!(
            "{}_CloudTrail_{}_{}_{}.json.gz",
            self.account,
            self.region,
            stamp(at),
            self.random.alphanumeric(16)
        );
        let file = folder.join(name);
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))
    }
}

impl Lane {
    fn new(opened: i64, random: &mut Random) -> Self {
        let (low, high) = *random.weighted(&CAPACITIES);
        let capacity = usize::try_from(random.between(low, high)).unwrap_or(1);
        Self { opened, capacity, texts: Vec::new() }
    }
}
