//! Mutates log files and converts them: bits are flipped, pieces cut out, doubled and spliced in from
//! others. Whatever comes, nothing panics, nothing hangs, and every record is accounted for.
//!
//! `cargo run --release -p ecstrail-converter --example mutate -- --files 1000000 [--seed N]`
//!
//! Each file follows from the seed and its number alone, so that one that fails can be made again:
//! `--seed N --only NUMBER --keep FILE`.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::{
    fs,
    io::{Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Parser;
use ecstrail_converter::Limits;
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

mod law;

/// A file that takes longer than this hangs.
const HANGS_MILLIS: u64 = 10_000;
/// Larger files would say nothing more, and take longer.
const MOST_SEED_BYTES: usize = 32 << 10;

/// Mutates log files and converts them.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many files.
    #[arg(long, default_value_t = 20_000)]
    files: u64,
    /// What the mutations follow from [default: another one each time].
    #[arg(long)]
    seed: Option<u64>,
    /// Folder with log files to begin with.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data-samples/trail"))]
    seeds: PathBuf,
    /// Convert this file alone.
    #[arg(long)]
    only: Option<u64>,
    /// Write the file that is converted alone here.
    #[arg(long, requires = "only")]
    keep: Option<PathBuf>,
    #[arg(long, default_value_t = thread::available_parallelism().map_or(1, usize::from))]
    threads: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(0, |now| u64::try_from(now.as_nanos() % 1_000_000_007).unwrap_or_default())
    });
    let mut seeds = Vec::new();
    read_seeds(&arguments.seeds, &mut seeds);
    println!("seed {seed}, {} files to begin with", seeds.len());
    if let Some(number) = arguments.only {
        let bytes = mutated(&seeds, seed, number);
        if let Some(path) = &arguments.keep {
            fs::write(path, &bytes).expect("the file can be written");
        }
        check(&bytes);
        return ExitCode::SUCCESS;
    }
    let (next, failed) = (AtomicU64::new(0), AtomicU64::new(0));
    let sums: [AtomicU64; 4] = Default::default();
    let slowest = AtomicU64::new(0);
    let current: Vec<[AtomicU64; 2]> = (0..arguments.threads).map(|_| Default::default()).collect();
    let started = Instant::now();
    let millis = || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    thread::scope(|scope| {
        let workers: Vec<_> = current
            .iter()
            .map(|[number, since]| {
                scope.spawn(|| {
                    loop {
                        let file = next.fetch_add(1, Ordering::Relaxed);
                        if file >= arguments.files {
                            since.store(u64::MAX, Ordering::Relaxed);
                            return;
                        }
                        number.store(file, Ordering::Relaxed);
                        since.store(millis(), Ordering::Relaxed);
                        let bytes = mutated(&seeds, seed, file);
                        if let Ok(found) = catch_unwind(AssertUnwindSafe(|| check(&bytes))) {
                            for (sum, found) in sums.iter().zip(found) {
                                sum.fetch_add(found, Ordering::Relaxed);
                            }
                        } else {
                            println!("file {file} of seed {seed} failed");
                            failed.fetch_add(1, Ordering::Relaxed);
                        }
                        let took = millis() - since.load(Ordering::Relaxed);
                        slowest.fetch_max(took, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        while !workers.iter().all(thread::ScopedJoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(20));
            for [number, since] in &current {
                let since = since.load(Ordering::Relaxed);
                if millis().saturating_sub(since) > HANGS_MILLIS {
                    println!("file {} of seed {seed} hangs", number.load(Ordering::Relaxed));
                    std::process::exit(1);
                }
            }
        }
    });
    let [unreadable, records, rows, rejects] = sums.map(AtomicU64::into_inner);
    let failed = failed.into_inner();
    println!(
        "{} files, {unreadable} unreadable as a whole; {records} records = {rows} rows + {} \
         filtered + {rejects} rejects; {failed} failed; the slowest took {} ms; {} s in all",
        arguments.files,
        records - rows - rejects,
        slowest.into_inner(),
        started.elapsed().as_secs(),
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Converts a file in both ways and makes rows of it. Returns whether it is unreadable, and its
/// records, rows and rejects.
fn check(bytes: &[u8]) -> [u64; 4] {
    let limits = Limits { file_bytes: 64 << 20, record_bytes: 1 << 20, ..Limits::default() };
    let (whole, pieces) = (law::convert(bytes, limits, false), law::convert(bytes, limits, true));
    law::agree(&whole, &pieces);
    let salvaging = Limits { salvage: true, ..limits };
    let Ok(converted) = whole else {
        drop(law::convert(bytes, salvaging, false));
        return [1, 0, 0, 0];
    };
    law::flatten(&converted.batches);
    let tally = converted.tally;
    [0, tally.records, tally.selected, tally.rejected]
}

fn read_seeds(folder: &Path, seeds: &mut Vec<Vec<u8>>) {
    let mut entries: Vec<_> = fs::read_dir(folder).expect("a folder").flatten().collect();
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        if entry.path().is_dir() {
            read_seeds(&entry.path(), seeds);
        } else {
            let bytes = fs::read(entry.path()).expect("a file");
            let mut text = Vec::new();
            if MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text).is_err() {
                text = bytes;
            }
            if text.len() <= MOST_SEED_BYTES {
                seeds.push(text);
            }
        }
    }
}

struct Chance(ChaCha8Rng);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.0.next_u64() % (most.max(1) as u64)).unwrap_or_default()
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        start..(start + self.below(200)).min(length)
    }
}

/// Makes a file: a seed in some container, mutated before or after it is compressed, or both.
fn mutated(seeds: &[Vec<u8>], seed: u64, number: u64) -> Vec<u8> {
    let mut chance = Chance(ChaCha8Rng::seed_from_u64(seed ^ number.wrapping_mul(0x9e37_79b9)));
    let mut bytes = seeds[chance.below(seeds.len())].clone();
    if chance.below(4) > 0 {
        mutate(&mut bytes, seeds, &mut chance);
    }
    bytes = wrapped(bytes, &mut chance);
    if chance.below(4) == 0 {
        mutate(&mut bytes, seeds, &mut chance);
    }
    bytes = stored(bytes, &mut chance);
    if chance.below(4) == 0 {
        mutate(&mut bytes, seeds, &mut chance);
    }
    bytes
}

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], chance: &mut Chance) {
    for _ in 0..=chance.below(4) {
        let range = chance.range(bytes.len());
        match chance.below(7) {
            0 => {
                for _ in 0..=chance.below(8) {
                    let index = chance.below(bytes.len());
                    if let Some(byte) = bytes.get_mut(index) {
                        *byte ^= 1 << chance.below(8);
                    }
                }
            }
            1 => bytes.truncate(range.start),
            2 => drop(bytes.drain(..range.start)),
            3 => drop(bytes.drain(range)),
            4 => {
                let piece = bytes[range.clone()].to_vec();
                drop(bytes.splice(range.start..range.start, piece));
            }
            5 => {
                let other = &seeds[chance.below(seeds.len())];
                let piece = other[chance.range(other.len())].to_vec();
                drop(bytes.splice(range, piece));
            }
            _ => {
                const TOKENS: [&[u8]; 12] = [
                    b"{",
                    b"}",
                    b"[",
                    b"]",
                    b"\"",
                    b"\\",
                    b",",
                    b":",
                    b"\0",
                    b"\xff",
                    b"\\ud800",
                    b"{\"Records\":[",
                ];
                let token = TOKENS[chance.below(TOKENS.len())].to_vec();
                drop(bytes.splice(range.start..range.start, token));
            }
        }
    }
}

/// Puts a text into another.
fn wrapped(text: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let Ok(text) = String::from_utf8(text.clone()) else { return text };
    let quoted = || serde_json::to_string(&text).expect("text is JSON");
    match chance.below(10) {
        0 => format!("{{\"message\":{}}}", quoted()),
        1 => format!("{{\"Events\":[{{\"CloudTrailEvent\":{}}}]}}", quoted()),
        2 => format!("{{\"logEvents\":[{{\"id\":\"1\",\"message\":{}}}]}}", quoted()),
        3 => format!("{{\"detail-type\":\"x\",\"source\":\"y\",\"detail\":{text}}}"),
        4 => {
            format!("{{\"awslogs\":{{\"data\":\"{}\"}}}}", STANDARD.encode(gzip(text.as_bytes())))
        }
        _ => text,
    }
    .into_bytes()
}

/// Stores a text in some way.
fn stored(text: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    match chance.below(10) {
        0..4 => gzip(&text),
        4 => text.chunks(text.len() / 2 + 1).flat_map(gzip).collect(),
        5 => zstd::encode_all(&text[..], 1).expect("memory takes it"),
        6 => {
            let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            let options = zip::write::SimpleFileOptions::default();
            for (name, part) in
                ["a.json", "b.json"].into_iter().zip(text.chunks(text.len() / 2 + 1))
            {
                writer.start_file(name, options).expect("a name");
                writer.write_all(part).expect("memory takes it");
            }
            writer.finish().expect("memory takes it").into_inner()
        }
        7 => {
            let text = String::from_utf8_lossy(&text);
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        }
        _ => text,
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}
