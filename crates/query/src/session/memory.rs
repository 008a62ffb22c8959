//! How much memory a query takes: who may reserve how much of it, and how many rows are handled at
//! once.

use std::{fmt, sync::Arc};

use datafusion::{
    arrow::datatypes::DataType,
    error::DataFusionError,
    execution::{
        disk_manager::DiskManagerBuilder,
        memory_pool::{
            FairSpillPool, GreedyMemoryPool, MemoryConsumer, MemoryLimit, MemoryPool,
            MemoryReservation,
        },
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    physical_plan::ExecutionPlan,
};
use ecstrail_converter::{COLUMNS, Kind};

use super::{SessionOptions, spill::SpillFolder};

/// How a query is run: at first with all threads; if that takes too much memory, once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// As fast as it can be.
    Usual,
    /// In one partition, and with few rows at once.
    Frugal,
}

impl Effort {
    /// Operators that can write to disk share one part in this many of what is reserved.
    fn spillable(self) -> usize {
        match self {
            Self::Usual => 2,
            Self::Frugal => 8,
        }
    }
}

/// What files take that are being read, whatever is done with their rows: at most half of the
/// memory is set aside for it.
const READING_BYTES: usize = 128 << 20;

/// What a partition takes that reads files: pages of all columns that are wanted, of the file that
/// is read and of the next one, measured with all columns and with a few.
const OPEN_FILE_BYTES: usize = 4 << 20;
const ROWS_IN_READING: usize = 7000;

/// Facts of files that are kept for the next scan of the same query: one part in this many of the
/// memory, and not more than the engine's own limit.
const FILE_FACTS: usize = 32;
const MOST_FILE_FACTS: usize = 50 << 20;

/// One batch of rows may take one part in this many of a thread's memory. Small batches also let a
/// sort merge many files at once.
const BATCHES: usize = 128;

/// Fewer rows are not handled at once, however wide they seem to be; and not more, once they proved
/// to be wider.
const LEAST_ROWS: usize = 64;

/// A sort reserves this for merging, if a thread's memory is not small.
const MOST_TO_MERGE: usize = 10 << 20;

/// One sorted file may be merged with others for this many bytes of memory: each is open, and has
/// rows in memory.
const BYTES_FOR_A_FILE: usize = 16 << 20;

/// Maximum number of files that are merged at once.
const MOST_MERGED: usize = 64;

/// Hands out memory to operators. Those that can write to disk share a part of it fairly, so that
/// something is left for those that cannot.
#[derive(Debug)]
pub(super) struct Pool {
    whole: GreedyMemoryPool,
    spillable: FairSpillPool,
}

impl Pool {
    pub(super) fn new(options: &SessionOptions, effort: Effort) -> Self {
        let bytes = options.memory_bytes;
        // Rows on their way from one operator to the next, and copies, take half as much again.
        let reserved = (bytes - READING_BYTES.min(bytes / 2)) / 3 * 2;
        Self {
            whole: GreedyMemoryPool::new(reserved),
            spillable: FairSpillPool::new(reserved / effort.spillable()),
        }
    }

    fn is_spillable(reservation: &MemoryReservation) -> bool {
        reservation.consumer().can_spill()
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.whole)
    }
}

impl MemoryPool for Pool {
    fn name(&self) -> &'static str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.spillable.register(consumer);
        self.whole.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.spillable.unregister(consumer);
        self.whole.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        if Self::is_spillable(reservation) {
            self.spillable.grow(reservation, additional);
        }
        self.whole.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        if Self::is_spillable(reservation) {
            self.spillable.shrink(reservation, shrink);
        }
        self.whole.shrink(reservation, shrink);
    }

    fn try_grow(
        &self,
        reservation: &MemoryReservation,
        additional: usize,
    ) -> Result<(), DataFusionError> {
        if !Self::is_spillable(reservation) {
            return self.whole.try_grow(reservation, additional);
        }
        self.spillable.try_grow(reservation, additional)?;
        self.whole
            .try_grow(reservation, additional)
            .inspect_err(|_| self.spillable.shrink(reservation, additional))
    }

    fn reserved(&self) -> usize {
        self.whole.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.whole.memory_limit()
    }
}

/// Sets up what queries share: their memory, and where they write what does not fit.
pub(super) fn runtime(options: &SessionOptions) -> Result<Arc<RuntimeEnv>, DataFusionError> {
    let merged = (options.memory_bytes / BYTES_FOR_A_FILE).clamp(2, MOST_MERGED);
    let spilled = DiskManagerBuilder::default()
        .with_temp_file_factory(Arc::new(SpillFolder::new(&options.scratch)))
        .with_max_spill_merge_fan_in(merged);
    RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(Pool::new(options, Effort::Usual)))
        .with_disk_manager_builder(spilled)
        .with_metadata_cache_limit((options.memory_bytes / FILE_FACTS).min(MOST_FILE_FACTS))
        .build_arc()
}

/// Returns how much a sort sets aside for merging what it wrote to disk.
pub(super) fn bytes_to_merge(options: &SessionOptions) -> usize {
    (options.memory_bytes / options.threads.max(1) / 32).min(MOST_TO_MERGE)
}

/// How a plan is spread over threads and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spread {
    /// Partitions, which run at the same time.
    pub(super) partitions: usize,
    /// Rows that are handled at once.
    pub(super) batch_rows: usize,
}

/// Spreads a plan so that files being read, and batches of its widest rows, fit into memory.
pub(super) fn spread(
    plan: &Arc<dyn ExecutionPlan>,
    options: &SessionOptions,
    effort: Effort,
) -> Spread {
    let most = options.batch_rows.max(1);
    let least = LEAST_ROWS.min(most);
    if effort == Effort::Frugal {
        return Spread { partitions: 1, batch_rows: least };
    }
    let (threads, width) = (options.threads.max(1), widest(plan));
    let reading = OPEN_FILE_BYTES + ROWS_IN_READING * width;
    let partitions = (options.memory_bytes / 2 / reading).clamp(1, threads);
    let batch_bytes = options.memory_bytes / partitions / BATCHES;
    Spread { partitions, batch_rows: (batch_bytes / width).clamp(least, most) }
}

/// Returns the bytes of a row of the operator whose rows are widest.
fn widest(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let below = plan.children().into_iter().map(widest);
    let schema = plan.schema();
    let fields = schema.fields().iter();
    let own = fields.map(|field| width(field.name(), field.data_type())).sum();
    below.fold(own, usize::max).max(1)
}

/// Guesses how many bytes a value takes in memory. Of JSON only the column's name tells.
fn width(name: &str, kind: &DataType) -> usize {
    let is_json = || COLUMNS.iter().any(|column| column.name == name && column.kind == Kind::Json);
    match kind {
        DataType::List(item) | DataType::LargeList(item) => 2 * width(name, item.data_type()),
        DataType::Struct(fields) => {
            fields.iter().map(|field| width(field.name(), field.data_type())).sum()
        }
        kind => match kind.primitive_width() {
            Some(bytes) => bytes,
            None if *kind == DataType::Boolean => 1,
            None if is_json() => 256,
            None => 32,
        },
    }
}

#[cfg(test)]
mod tests {
    use datafusion::{
        arrow::datatypes::{Field, Schema},
        physical_plan::empty::EmptyExec,
    };
    use ecstrail_converter::arrow_schema;

    use super::*;

    fn options(memory_bytes: usize, threads: usize) -> SessionOptions {
        let scratch = std::env::temp_dir();
        SessionOptions { threads, batch_rows: 8192, memory_bytes, scratch, held_bytes: None }
    }

    #[test]
    fn wide_rows_take_few_threads_and_few_rows_at_once() {
        let wide = arrow_schema();
        let fields = ["event_name", "actor", "region"];
        let narrow =
            Schema::new(fields.map(|name| Field::new(name, DataType::Utf8, true)).to_vec());
        let spread = |schema: &Schema, megabytes: usize, threads| {
            let plan: Arc<dyn ExecutionPlan> = Arc::new(EmptyExec::new(Arc::new(schema.clone())));
            let Spread { partitions, batch_rows } =
                spread(&plan, &options(megabytes << 20, threads), Effort::Usual);
            (partitions, batch_rows)
        };
        assert_eq!(spread(&narrow, 1024, 16), (16, 5461));
        assert_eq!(spread(&narrow, 1024, 2), (2, 8192));
        assert_eq!(spread(&narrow, 128, 2), (2, 5461));
        let (partitions, rows) = spread(&wide, 1024, 16);
        assert!((4..12).contains(&partitions) && rows < 1000, "{partitions} of {rows}");
        let (partitions, rows) = spread(&wide, 128, 2);
        assert!(partitions == 1 && (64..1000).contains(&rows), "{partitions} of {rows}");
        assert_eq!(spread(&wide, 1, 2), (1, 64));
    }

    #[test]
    fn what_can_spill_leaves_something_for_what_cannot() {
        let pool: Arc<dyn MemoryPool> = Arc::new(Pool::new(&options(128 << 20, 2), Effort::Usual));
        let reserve = |name: &str, spills, megabytes: usize| {
            let reservation = MemoryConsumer::new(name).with_can_spill(spills).register(&pool);
            reservation.try_grow(megabytes << 20).map(|()| reservation)
        };
        assert!(reserve("sort", true, 22).is_err());
        let sort = reserve("sort", true, 21).unwrap();
        assert!(reserve("another sort", true, 21).is_err(), "they share");
        let join = reserve("join", false, 21).unwrap();
        assert!(reserve("another join", false, 1).is_err());
        assert!(sort.try_grow(1 << 20).is_err());
        drop(join);
        assert_eq!(pool.reserved(), 21 << 20);
        drop(sort);
        assert_eq!(pool.reserved(), 0);
        assert!(reserve("join", false, 42).is_ok());
    }
}
