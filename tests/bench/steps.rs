//! How fast the steps of a conversion are, on the sample trail: `just bench`. Bytes are those of the
//! records as text, items are records or rows.

use std::{ops::ControlFlow, path::Path, sync::Arc};

use arrow::array::RecordBatch;
use divan::{
    Bencher, black_box,
    counter::{BytesCount, ItemsCount},
};
use ecstrail_converter::{
    Converter, DiscoverOptions, EventSources, Flattener, FolderStore, Limits, LogBytes, LogFile,
    Provenance, SCHEMA_VERSION, SelectedBatch, Selection, discover,
};
use ecstrail_writer::{
    ConvertOptions, Dataset, DiskStore, LocalStaging, Objects, Progress, Source, TrailStore,
    writer_properties,
};
use parquet::arrow::ArrowWriter;
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

/// The sample trail, in memory.
struct Sample {
    runtime: Runtime,
    source: Source,
    log_files: Vec<(LogFile, LogBytes)>,
}

impl Sample {
    fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data-samples/trail/AWSLogs");
        let folder = folder.canonicalize().expect("the samples");
        let store = Arc::new(FolderStore::open(&folder).expect("a folder"));
        let source = Source {
            store: TrailStore::Folder(store),
            path: object_store::path::Path::default(),
            base_url: format!("file://{}/", folder.display()),
            pattern: None,
        };
        let runtime = Runtime::new().expect("threads");
        let log_files = runtime.block_on(async {
            let store = source.store.objects();
            let options = DiscoverOptions::default();
            let mut discovery = discover(&store, &source.path, &source.base_url, &options).await;
            let mut log_files = Vec::new();
            while let Some(log_file) = discovery.next().await {
                let path = folder.join(log_file.path.as_ref());
                let bytes = LogBytes::Whole(std::fs::read(path).expect("a log file").into());
                log_files.push((log_file, bytes));
            }
            log_files
        });
        assert!(!log_files.is_empty());
        Self { runtime, source, log_files }
    }

    /// Reads all log files; returns what was selected, with the records and bytes that were read.
    fn select(&self, event_sources: EventSources) -> (SelectedBatch, u64, u64) {
        let selection = Selection { event_sources, ..Selection::default() };
        let mut converter = Converter::new(Arc::new(selection), Limits::default());
        let (mut records, mut bytes) = (0, 0);
        for (number, (log_file, stored)) in (0..).zip(&self.log_files) {
            let sink = &mut |_| ControlFlow::Continue(());
            let tally = converter.convert(log_file, number, stored, sink).expect("a sound file");
            records += tally.records;
            bytes += tally.decompressed_bytes;
        }
        (converter.take(), records, bytes)
    }
}

/// Inflating, splitting, judging and hashing, of the records of Amazon ECS and of all services.
#[divan::bench(args = ["ecs", "all"])]
fn read(bencher: Bencher<'_, '_>, services: &str) {
    let sample = Sample::read();
    let event_sources = || match services {
        "all" => EventSources::All,
        _ => EventSources::default(),
    };
    let (_, records, bytes) = sample.select(event_sources());
    bencher
        .counter(ItemsCount::new(records))
        .counter(BytesCount::new(bytes))
        .bench_local(|| sample.select(event_sources()));
}

fn flattened(selected: &SelectedBatch) -> RecordBatch {
    let mut flattener = Flattener::new();
    for row in 0..selected.rows() {
        flattener.push(&selected.row(row), Provenance { source_file: "AWSLogs" });
    }
    flattener.finish().expect("rows of the column table")
}

fn text_bytes(selected: &SelectedBatch) -> usize {
    (0..selected.rows()).map(|row| selected.row(row).record.len()).sum()
}

/// From records to rows.
#[divan::bench]
fn flatten(bencher: Bencher<'_, '_>) {
    let (selected, ..) = Sample::read().select(EventSources::default());
    bencher
        .counter(ItemsCount::new(selected.rows()))
        .counter(BytesCount::new(text_bytes(&selected)))
        .bench_local(|| flattened(black_box(&selected)));
}

/// From rows to Parquet.
#[divan::bench]
fn encode(bencher: Bencher<'_, '_>) {
    let (selected, ..) = Sample::read().select(EventSources::default());
    let rows = flattened(&selected);
    let properties = writer_properties(selected.rows(), SCHEMA_VERSION);
    let properties = properties.expect("properties that Parquet has");
    bencher
        .counter(ItemsCount::new(rows.num_rows()))
        .counter(BytesCount::new(text_bytes(&selected)))
        .bench_local(|| {
            let properties = Some(properties.clone());
            let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), properties)?;
            writer.write(&rows)?;
            writer.into_inner()
        });
}

/// Everything, from a folder to a dataset on the disk.
#[divan::bench]
fn convert(bencher: Bencher<'_, '_>) {
    let sample = Sample::read();
    let (_, records, bytes) = sample.select(EventSources::default());
    bencher
        .counter(ItemsCount::new(records))
        .counter(BytesCount::new(bytes))
        .with_inputs(|| tempfile::tempdir().expect("a folder"))
        .bench_local_values(|home| {
            sample.runtime.block_on(async {
                let options = ConvertOptions::new(home.path().join("scratch"));
                let staging = Arc::new(LocalStaging::open(home.path())?);
                let path = object_store::path::Path::from_absolute_path(home.path());
                let objects = Objects::new(Arc::new(DiskStore::new()), path.expect("a path"));
                let (dataset, _) = Dataset::open(objects, staging).await?;
                let sources = std::slice::from_ref(&sample.source);
                dataset.convert(sources, &options, &Arc::new(Progress::default())).await
            })
        });
}
