//! Records as CloudTrail delivers them: gzipped `{"Records":[…]}` under keys in CloudTrail's
//! layout. The day in a key is the day of its events.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::Arc,
};

use chrono::{DateTime, Datelike, NaiveDate, Timelike};
use datafusion::arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Date32Type, TimestampMicrosecondType},
};
use ecstrail_converter::{Rebuilder, UNKNOWN_ACCOUNT};
use flate2::{Compression, write::GzEncoder};
use futures::StreamExt;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::{ahead, rebuild};
use crate::{
    error::{Error, Result},
    session::Rows,
    table::{DATE, REGION},
};

/// When log files that are being filled are ended.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Bytes of JSON in one.
    log_file_bytes: usize,
    /// Bytes of JSON in all.
    open_bytes: usize,
    /// How many there are.
    open_files: usize,
}

const LIMITS: Limits = Limits { log_file_bytes: 4 << 20, open_bytes: 64 << 20, open_files: 1000 };

/// Rows whose records are rebuilt at once.
const ROWS_AT_ONCE: usize = 64;

/// The result of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// Records.
    pub records: u64,
    /// Log files.
    pub files: u64,
    /// Bytes of these, gzipped.
    pub bytes: u64,
}

/// Name of the marker that exists until all log files are written, so that a partial export is not
/// taken for a complete one. A conversion of the folder rejects it by this name.
const UNFINISHED: &str = "EXPORT-UNFINISHED";

/// Contents of the marker.
const WHY_UNFINISHED: &[u8] =
    b"This export is still running or was interrupted, so records are missing. Remove the folder and export again.\n";

/// Writes the records as log files below `home`, which must be empty. Calls `on_progress` with the
/// number of records so far. Compresses and writes up to `writers` files at once.
///
/// # Errors
/// [`Error::NotEmpty`] if `home` is not empty.
pub async fn write_log_files(
    rows: Rows,
    store: Arc<dyn ObjectStore>,
    home: &Path,
    writers: usize,
    mut on_progress: impl FnMut(u64) + Send,
) -> Result<Exported> {
    if let Some(found) = store.list(Some(home)).next().await {
        let found = found.map_err(|source| cannot_write(home, source))?.location;
        let below = found.prefix_match(home).map(|parts| parts.collect::<Path>().to_string());
        return Err(Error::NotEmpty { found: below.unwrap_or_else(|| found.to_string()) });
    }
    let mark = home.clone().join(UNFINISHED);
    let marked = store.put(&mark, WHY_UNFINISHED.into()).await;
    marked.map_err(|source| cannot_write(&mark, source))?;
    let files = LogFiles::new(Arc::clone(&store), home.clone(), writers, LIMITS);
    let exported = write(rows, files, &mut on_progress).await?;
    store.delete(&mark).await.map_err(|source| cannot_write(&mark, source))?;
    Ok(exported)
}

async fn write(
    rows: Rows,
    mut files: LogFiles,
    on_progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Exported> {
    let mut rebuilder = Rebuilder::new();
    let mut batches = ahead(rows);
    let mut records = 0;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        for first in (0..batch.num_rows()).step_by(ROWS_AT_ONCE) {
            let rows = batch.slice(first, ROWS_AT_ONCE.min(batch.num_rows() - first));
            let keys = Keys::of(&rows)?;
            let mut texts = Vec::with_capacity(rows.num_rows());
            rebuild(&mut rebuilder, &rows, |_, record| texts.push(record.to_owned()))?;
            for (row, record) in texts.iter().enumerate() {
                files.push(&keys, row, record).await?;
            }
        }
        records += batch.num_rows() as u64;
        on_progress(records);
    }
    let home = files.home.clone();
    let written = files.finish().await?;
    if written.records != records {
        return Err(cannot_write(
            &home,
            format!("{records} records were read, but {} were written", written.records),
        ));
    }
    Ok(written)
}

fn cannot_write(path: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::WriteLogFile { path: path.to_string(), source: source.into() }
}

/// What decides into which log file the records of a batch go.
struct Keys<'a> {
    batch: &'a RecordBatch,
}

impl<'a> Keys<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self> {
        let missing = [DATE, REGION, "recipient_account_id", "event_time"]
            .into_iter()
            .find(|name| batch.column_by_name(name).is_none());
        match missing {
            None => Ok(Self { batch }),
            Some(column) => {
                let source = ecstrail_converter::Error::NotRows { column };
                Err(Error::Rebuild { source })
            }
        }
    }

    fn date(&self, row: usize) -> NaiveDate {
        let days = self.batch[DATE].as_primitive::<Date32Type>();
        Date32Type::to_naive_date_opt(days.value(row)).unwrap_or_default()
    }

    fn region(&self, row: usize) -> &'a str {
        self.batch[REGION].as_string::<i32>().value(row)
    }

    fn account(&self, row: usize) -> &'a str {
        let accounts = self.batch["recipient_account_id"].as_string::<i32>();
        let is_account =
            |text: &&str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let account = accounts.is_valid(row).then(|| accounts.value(row));
        account.filter(is_account).unwrap_or(UNKNOWN_ACCOUNT)
    }

    /// Microseconds since 1970.
    fn time(&self, row: usize) -> Option<i64> {
        let times = self.batch["event_time"].as_primitive::<TimestampMicrosecondType>();
        times.is_valid(row).then(|| times.value(row))
    }
}

/// A log file whose records are still being collected.
#[derive(Debug, Default)]
struct LogFile {
    json: Vec<u8>,
    records: u64,
    latest: Option<i64>,
}

/// The log files of one partition, by account.
struct LogFiles {
    store: Arc<dyn ObjectStore>,
    home: Path,
    /// How many are compressed and written at once.
    writers: usize,
    limits: Limits,
    open: BTreeMap<String, LogFile>,
    /// Bytes of JSON in the open ones.
    open_bytes: usize,
    partition: Option<(NaiveDate, String)>,
    /// How many were ended so far.
    ended: u64,
    writing: JoinSet<Result<Exported>>,
    written: Exported,
}

impl LogFiles {
    fn new(store: Arc<dyn ObjectStore>, home: Path, writers: usize, limits: Limits) -> Self {
        Self {
            store,
            home,
            writers: writers.max(1),
            limits,
            open: BTreeMap::new(),
            open_bytes: 0,
            partition: None,
            ended: 0,
            writing: JoinSet::new(),
            written: Exported::default(),
        }
    }

    async fn push(&mut self, keys: &Keys<'_>, row: usize, record: &str) -> Result<()> {
        let (date, region) = (keys.date(row), keys.region(row));
        let is_same = |(of, at): &(NaiveDate, String)| *of == date && at == region;
        if !self.partition.as_ref().is_some_and(is_same) {
            self.end_all().await?;
            self.partition = Some((date, region.to_owned()));
        }
        let account = keys.account(row);
        let file = self.open.entry(account.to_owned()).or_default();
        file.json.extend_from_slice(if file.records == 0 { b"{\"Records\":[" } else { b"," });
        file.json.extend_from_slice(record.as_bytes());
        file.records += 1;
        file.latest = file.latest.max(keys.time(row));
        self.open_bytes += record.len();
        if file.json.len() >= self.limits.log_file_bytes {
            self.end(account).await?;
        } else if self.open_bytes >= self.limits.open_bytes
            || self.open.len() >= self.limits.open_files
        {
            self.end_all().await?;
        }
        Ok(())
    }

    async fn end_all(&mut self) -> Result<()> {
        while let Some(account) = self.open.keys().next().cloned() {
            self.end(&account).await?;
        }
        self.open_bytes = 0;
        Ok(())
    }

    /// Ends a log file: it is compressed and written while others are filled.
    async fn end(&mut self, account: &str) -> Result<()> {
        let Some(partition) = &self.partition else { return Ok(()) };
        let Some(mut file) = self.open.remove(account) else { return Ok(()) };
        self.open_bytes = self.open_bytes.saturating_sub(file.json.len());
        file.json.extend_from_slice(b"]}");
        let path = path(&self.home, account, partition, self.ended, &file);
        self.ended += 1;
        let store = Arc::clone(&self.store);
        while self.writing.len() >= self.writers {
            self.join().await?;
        }
        self.writing.spawn(async move {
            let records = file.records;
            let zipped = tokio::task::spawn_blocking(move || gzip(&file.json)).await;
            let zipped = zipped.map_err(|error| cannot_write(&path, error))?;
            let zipped = zipped.map_err(|error| cannot_write(&path, error))?;
            let bytes = zipped.len() as u64;
            let written = store.put(&path, zipped.into()).await;
            written.map_err(|error| cannot_write(&path, error))?;
            Ok(Exported { records, files: 1, bytes })
        });
        Ok(())
    }

    async fn join(&mut self) -> Result<()> {
        let Some(written) = self.writing.join_next().await else { return Ok(()) };
        let written = written.map_err(|error| cannot_write(&self.home, error))??;
        self.written.records += written.records;
        self.written.files += written.files;
        self.written.bytes += written.bytes;
        Ok(())
    }

    async fn finish(mut self) -> Result<Exported> {
        self.end_all().await?;
        while !self.writing.is_empty() {
            self.join().await?;
        }
        Ok(self.written)
    }
}

/// Names a log file as CloudTrail would; what CloudTrail draws by lot follows from the content and
/// the file's number, so that the same export gives the same names and none of them twice.
fn path(
    home: &Path,
    account: &str,
    (date, region): &(NaiveDate, String),
    number: u64,
    file: &LogFile,
) -> Path {
    let (hour, minute) = file
        .latest
        .and_then(DateTime::from_timestamp_micros)
        .map_or((0, 0), |latest| (latest.hour(), latest.minute()));
    let mut unique = [0; 8];
    let digest = Sha256::new().chain_update(number.to_be_bytes()).chain_update(&file.json);
    unique.copy_from_slice(&digest.finalize()[..8]);
    let unique = u64::from_be_bytes(unique);
    let (year, month, day) = (date.year(), date.month(), date.day());
    let name = format!(
        "{account}_CloudTrail_{region}_{year:04}{month:02}{day:02}T{hour:02}{minute:02}Z_{unique:016x}.json.gz"
    );
    let folder = format!("{year:04}/{month:02}/{day:02}");
    ["AWSLogs", account, "CloudTrail", region]
        .into_iter()
        .chain(folder.split('/'))
        .chain([name.as_str()])
        .fold(home.clone(), Path::join)
}

fn gzip(json: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(json)?;
    encoder.finish()
}

#[cfg(test)]
mod tests;
