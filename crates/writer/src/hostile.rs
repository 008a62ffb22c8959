//! Datasets from somebody else, with one thing in them that is not as we write it: whatever is done
//! with them, nothing outside of their home is touched, nothing panics and nothing waits.
#![cfg(unix)]

use std::{
    fs,
    panic::AssertUnwindSafe,
    path::{Path as DiskPath, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{
    compact::{CompactOptions, plan_compaction},
    convert::{ConvertOptions, preview},
    dataset::Dataset,
    error::Result,
    log::{History, Snapshot, checkpoint::CheckpointRule},
    progress::Progress,
    storage::{DiskStore, LocalStaging, Objects},
    testing::{put_log_file, record, source, stride},
    vacuum::{VacuumOptions, plan_vacuum},
};
use chrono::TimeDelta;
use ecstrail_converter::{Selection, instant_of};
use futures::FutureExt;
use object_store::{memory::InMemory, path::Path};

#[path = "../../../tests/hostile/files.rs"]
mod files;
#[path = "../../../tests/hostile/seal.rs"]
mod seal;
#[path = "../../../tests/hostile/surroundings.rs"]
mod surroundings;
#[path = "../../../tests/hostile/values.rs"]
mod values;

use surroundings::WholeFile;

/// What is done with a dataset.
const OPERATIONS: [&str; 5] = ["read", "recover", "compact", "vacuum", "convert"];
/// Longer takes nothing that ends.
const MOST: Duration = Duration::from_mins(1);

/// Every Nth case is tried; 1 tries all, which takes minutes.
const STRIDE: &str = "ECSTRAIL_HOSTILE_STRIDE";

const CHECKPOINTS: CheckpointRule =
    CheckpointRule { commits: 2, inputs: u64::MAX, segment_keys: 2, segment_files: 1 };

/// A trail of a few events, of which one is a reject.
async fn trail(first: u64) -> Arc<InMemory> {
    let store = Arc::new(InMemory::new());
    for number in 0..2 {
        let first = usize::try_from(first).unwrap() * 2 + number;
        let mut records: Vec<_> =
            (0..8).map(|event| record((first as u64 * 8 + event) * 10)).collect();
        records.push(r#"{"eventVersion":"1.08","eventSource":"ecs.amazonaws.com","eventTime":"x","eventName":"RunTask","awsRegion":"us-east-1","eventID":"x"}"#.to_owned());
        put_log_file(&*store, "a", first, &records).await;
    }
    store
}

async fn open(home: &DiskPath) -> Result<Dataset> {
    let staging = Arc::new(LocalStaging::open(home)?);
    let path = Path::from_absolute_path(home).unwrap();
    let (dataset, _) =
        Dataset::open(Objects::new(Arc::new(DiskStore::new()), path), staging).await?;
    Ok(Dataset { checkpoints: CHECKPOINTS, ..dataset })
}

fn options(home: &DiskPath) -> ConvertOptions {
    let options = ConvertOptions::new(home.join(crate::storage::TMP));
    let selection = Selection { regions: ["us-east-1".to_owned()].into(), ..Selection::default() };
    ConvertOptions { selection, threads: 1, late_days: 31, row_group_rows: 100, ..options }
}

async fn convert(home: &DiskPath, first: u64) -> Result<()> {
    let from = source(trail(first).await, "a");
    let dataset = open(home).await?;
    dataset.convert(&[from], &options(home), &Arc::new(Progress::default())).await.map(drop)
}

async fn compact(home: &DiskPath) -> Result<()> {
    let options = CompactOptions { threads: 1, row_group_rows: 100, ..CompactOptions::default() };
    open(home).await?.compact(&options, &Arc::new(Progress::default())).await.map(drop)
}

/// A moment at which everything is old.
fn later() -> chrono::DateTime<chrono::Utc> {
    instant_of(SystemTime::now()) + TimeDelta::hours(1)
}

async fn vacuum(home: &DiskPath) -> Result<()> {
    let dataset = open(home).await?;
    let options = VacuumOptions { older_than: Duration::ZERO };
    let plan = dataset.vacuum_plan(&options, later()).await?;
    dataset.vacuum(&plan).await.map(drop)
}

/// All that reads a dataset and opens it for nothing else.
async fn read(home: &DiskPath) -> Result<()> {
    let path = Path::from_absolute_path(home).unwrap();
    let objects = Objects::new(Arc::new(DiskStore::new()), path);
    let vacuumed = plan_vacuum(&objects, &VacuumOptions::default(), later()).await.map(drop);
    let history = History::read(&objects).await.map(drop);
    let snapshot = Snapshot::open(&objects).await;
    let planned = snapshot.map(|snapshot| {
        snapshot.rows();
        plan_compaction(&snapshot.files, &CompactOptions::default()).map(drop)
    });
    let from = source(trail(9).await, "a");
    let progress = Arc::new(Progress::default());
    let previewed = preview(&[from], &options(home), Some(&objects), &progress).await.map(drop);
    vacuumed.and(history).and(planned.flatten()).and(previewed)
}

/// Does one thing with a dataset; an error is an answer.
async fn operate(home: &DiskPath, operation: usize) -> Result<()> {
    match OPERATIONS[operation] {
        "read" => read(home).await,
        "recover" => open(home).await.map(drop),
        "compact" => compact(home).await,
        "vacuum" => vacuum(home).await,
        _ => convert(home, 9).await,
    }
}

/// A dataset of several commits, a checkpoint and a Delta log, and with an interrupted run.
struct Base {
    folder: tempfile::TempDir,
}

impl Base {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        convert(&home, 0).await.unwrap();
        convert(&home, 1).await.unwrap();
        compact(&home).await.unwrap();
        convert(&home, 2).await.unwrap();
        open(&home).await.unwrap().add_delta_log().await.unwrap();
        let staged = home.join(crate::storage::TMP).join("00000009-0123456789abcdef");
        fs::create_dir_all(&staged).unwrap();
        fs::write(staged.join("0.parquet"), "x").unwrap();
        Self { folder }
    }
}

/// A copy of the dataset in which something is changed.
struct Case {
    parent: tempfile::TempDir,
    home: PathBuf,
    victim: PathBuf,
}

impl Case {
    fn new(base: &Base) -> Self {
        let parent = tempfile::tempdir().unwrap();
        let victim = surroundings::victim(parent.path());
        let home = parent.path().join("home");
        surroundings::copy(&base.folder.path().join("home"), &home);
        Self { parent, home, victim }
    }

    /// Makes the commits look as if nothing of them had been published or deleted yet.
    fn unsettle(&self, file: &DiskPath) {
        let Some(version) =
            file.file_stem().filter(|_| file.starts_with(crate::storage::layout::LOG))
        else {
            return;
        };
        let marker = self.home.join(crate::storage::layout::DONE).join(version);
        drop(fs::remove_file(marker.with_extension("removed")));
        drop(fs::remove_file(marker));
    }

    /// Does one thing with the dataset and says what went wrong.
    async fn run(&self, operation: usize) -> Option<String> {
        let before = surroundings::snapshot(self.parent.path(), &["home"]);
        let done = AssertUnwindSafe(operate(&self.home, operation)).catch_unwind();
        let problem = match tokio::time::timeout(MOST, done).await {
            Err(_) => Some("it does not end".to_owned()),
            Ok(Err(_)) => Some("it panics".to_owned()),
            Ok(Ok(Err(error))) if error.to_string().chars().any(char::is_control) => {
                Some(format!("the error has control characters: {error:?}"))
            }
            Ok(Ok(_)) => None,
        };
        let after = surroundings::snapshot(self.parent.path(), &["home"]);
        problem.or_else(|| (before != after).then(|| format!("{before:?} became {after:?}")))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_member_of_every_file_with_odd_values() {
    let base = Base::new().await;
    let mut problems = Vec::new();
    let (mut number, mut run) = (0_usize, 0);
    let stride = std::env::var(STRIDE).map_or(31 * stride(), |text| text.parse().unwrap());
    for file in files::of_each_kind(&base.folder.path().join("home")) {
        let from = base.folder.path().join("home").join(&file);
        let Ok(text) = fs::read_to_string(&from) else { continue };
        for pointer in files::pointers(&text) {
            for (name, change) in values::changes() {
                number += 1;
                if !number.is_multiple_of(stride) {
                    continue;
                }
                run += 1;
                let operation = run % OPERATIONS.len();
                let case = Case::new(&base);
                let victim = case.victim.join("file");
                let Some(text) = files::changed(&file, &text, &pointer, &change, &victim) else {
                    continue;
                };
                let at = case.home.join(&file);
                seal::replace(&at, text.as_bytes());
                seal::seal(&case.home, &at);
                if (run / OPERATIONS.len()).is_multiple_of(2) {
                    case.unsettle(&file);
                }
                if let Some(problem) = case.run(operation).await {
                    let what = OPERATIONS[operation];
                    problems.push(format!("{what} {} {pointer} {name}: {problem}", file.display()));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_file_as_something_else() {
    let base = Base::new().await;
    let mut problems = Vec::new();
    let mut run = 0_usize;
    let home = base.folder.path().join("home");
    for file in files::of_each_kind(&home).into_iter().chain([files::data_file(&home)]) {
        for whole in WholeFile::ALL {
            run += 1;
            if !run.is_multiple_of(stride()) {
                continue;
            }
            for operation in [run % OPERATIONS.len(), (run + 2) % OPERATIONS.len()] {
                let case = Case::new(&base);
                let at = case.home.join(&file);
                whole.put(&at, &case.victim);
                if let Some(problem) = case.run(operation).await {
                    let what = OPERATIONS[operation];
                    problems.push(format!("{what} {} {whole:?}: {problem}", file.display()));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}
