//! What a query has read, what it could leave unread, and where its time went.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use datafusion::{
    datasource::{
        physical_plan::{FileGroup, FileScanConfig},
        source::DataSourceExec,
    },
    execution::SessionState,
    physical_plan::{ExecutionPlan, metrics::MetricValue},
};

/// Watches the queries of a session from now on.
#[derive(Clone)]
pub struct Watch(Arc<Watched>);

struct Watched {
    began: Instant,
    plans: Mutex<Plans>,
}

#[derive(Default)]
struct Plans {
    /// Those that have been started: that of the query, and those of what it uses more than once.
    started: Vec<Arc<dyn ExecutionPlan>>,
    last_started: Option<Instant>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Watch").finish_non_exhaustive()
    }
}

impl Watch {
    pub(super) fn begin() -> Self {
        Self(Arc::new(Watched { began: Instant::now(), plans: Mutex::default() }))
    }

    /// Notes a plan that is started, if its session is watched.
    pub(super) fn note(state: &SessionState, plan: &Arc<dyn ExecutionPlan>) {
        if let Some(watch) = state.config().get_extension::<Self>() {
            let mut plans = watch.0.plans.lock().unwrap_or_else(PoisonError::into_inner);
            plans.started.push(Arc::clone(plan));
            plans.last_started = Some(Instant::now());
        }
    }

    /// Forgets what was started: it did not answer, and holds memory.
    pub(super) fn forget(state: &SessionState) {
        if let Some(watch) = state.config().get_extension::<Self>() {
            watch.0.plans.lock().unwrap_or_else(PoisonError::into_inner).started.clear();
        }
    }

    /// Returns what was done until now; whole once the last row has come.
    pub fn work(&self) -> Work {
        let plans = self.0.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let planned = plans.last_started.unwrap_or_else(Instant::now);
        let mut work = Work {
            until_started: planned.duration_since(self.0.began),
            total: self.0.began.elapsed(),
            ..Work::default()
        };
        let mut files = BTreeSet::new();
        for plan in &plans.started {
            work.add(&**plan, &mut files);
        }
        work.files = files.len() as u64;
        work.file_bytes = files.iter().map(|(_, bytes)| bytes).sum();
        work
    }
}

/// Parts of data files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// Those that were read.
    pub read: u64,
    /// Those that the query could leave unread.
    pub pruned: u64,
}

/// What a query has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// Scans of data files: one for each use of a table, but for those that no file can answer.
    pub scans: u64,
    /// Data files that were planned to be read: those that the log's days, Regions, times and names did
    /// not rule out. A file counts once.
    pub files: u64,
    /// Their size in bytes.
    pub file_bytes: u64,
    /// Parts of data files, which were ruled out by what was found while the query ran.
    pub file_parts: Parts,
    /// Row groups, ruled out by their bounds.
    pub row_groups: Parts,
    /// Row groups that their bounds did not rule out, ruled out by bloom filters.
    pub filtered_row_groups: Parts,
    /// Pages, ruled out by page indexes.
    pub pages: Parts,
    /// Bytes that were read from data files.
    pub bytes: u64,
    /// Rows of which columns were read to see whether they are wanted, and were not.
    pub rows_left_out: u64,
    /// Rows that the scans returned.
    pub rows: u64,
    /// Bytes that were written to disk, since they did not fit into memory.
    pub spilled_bytes: u64,
    /// Time until the query was planned, and what it uses more than once had run.
    pub until_started: Duration,
    /// Time until the last row.
    pub total: Duration,
    /// Time of processors by stage; threads add up.
    pub stages: BTreeMap<Stage, Duration>,
}

/// What operators of a plan do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading and decoding data files.
    Reading,
    /// Conditions on rows, and expressions.
    Filtering,
    /// Joins.
    Joining,
    /// Groups and aggregates.
    Grouping,
    /// Sorts and merges of sorted rows.
    Sorting,
    /// Window functions.
    Windows,
    /// Passing rows between threads, and all else.
    Other,
}

impl Stage {
    /// The stage of an operator, by the engine's name for it.
    fn of(operator: &str) -> Self {
        match operator {
            "DataSourceExec" => Self::Reading,
            "FilterExec" | "ProjectionExec" | "UnnestExec" => Self::Filtering,
            "AggregateExec" => Self::Grouping,
            "SortExec" | "SortPreservingMergeExec" | "PartialSortExec" => Self::Sorting,
            "WindowAggExec" | "BoundedWindowAggExec" => Self::Windows,
            name if name.ends_with("JoinExec") => Self::Joining,
            _ => Self::Other,
        }
    }
}

impl Work {
    fn add(&mut self, plan: &dyn ExecutionPlan, files: &mut BTreeSet<(String, u64)>) {
        for child in plan.children() {
            self.add(&**child, files);
        }
        let scan = plan.downcast_ref::<DataSourceExec>();
        let scan = scan.and_then(|source| source.data_source().downcast_ref::<FileScanConfig>());
        if let Some(scan) = scan {
            self.scans += 1;
            let planned = scan.file_groups.iter().flat_map(FileGroup::iter);
            files.extend(planned.map(|file| (file.path().to_string(), file.object_meta.size)));
        }
        let stage = self.stages.entry(Stage::of(plan.name())).or_default();
        let Some(metrics) = plan.metrics() else { return };
        for metric in metrics.iter() {
            let count = |count: usize| count as u64;
            match metric.value() {
                MetricValue::ElapsedCompute(time) => *stage += nanos(time.value()),
                MetricValue::Time { name, time } if name == "time_elapsed_processing" => {
                    *stage += nanos(time.value());
                }
                MetricValue::SpilledBytes(bytes) => self.spilled_bytes += count(bytes.value()),
                MetricValue::OutputRows(rows) if scan.is_some() => self.rows += count(rows.value()),
                MetricValue::Count { name, count: value } => match name.as_ref() {
                    "bytes_scanned" => self.bytes += count(value.value()),
                    "pushdown_rows_pruned" => self.rows_left_out += count(value.value()),
                    _ => {}
                },
                MetricValue::PruningMetrics { name, pruning_metrics } => {
                    let parts = match name.as_ref() {
                        "files_ranges_pruned_statistics" => &mut self.file_parts,
                        "row_groups_pruned_statistics" => &mut self.row_groups,
                        "row_groups_pruned_bloom_filter" => &mut self.filtered_row_groups,
                        "page_index_pages_pruned" => &mut self.pages,
                        _ => continue,
                    };
                    parts.pruned += count(pruning_metrics.pruned());
                    parts.read += count(pruning_metrics.matched());
                }
                _ => {}
            }
        }
    }
}

fn nanos(nanos: usize) -> Duration {
    Duration::from_nanos(nanos as u64)
}
