//! Records as CloudTrail delivers them: gzipped `{"Records":[…]}` below keys that every reader of
//! a trail knows. A key's day is the day of the events in it.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::Arc,
};

use chrono::{DateTime, Datelike, NaiveDate, Timelike};
use datafusion::arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Date32Type, TimestampMillisecondType},
};
use ecstrail_converter::Rebuilder;
use flate2::{Compression, write::GzEncoder};
use futures::StreamExt;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::{ahead, rebuild};
use crate::{
    Error, Result, Rows,
    table::{DATE, REGION},
};

/// A log file is ended when it holds this many bytes of JSON.
const LOG_FILE_BYTES: usize = 4 << 20;
/// When all open log files hold this many bytes together, they are ended.
const OPEN_BYTES: usize = 64 << 20;
/// The account of records that name none, or name one that is no account.
const UNKNOWN_ACCOUNT: &str = "000000000000";

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// Records.
    pub records: u64,
    /// Log files.
    pub files: u64,
    /// Bytes of these, gzipped.
    pub bytes: u64,
}

/// Writes the records as log files below `home`, which must hold nothing yet. `on_progress` is
/// told how many records there are so far; up to `writers` files are compressed and written at
/// once.
///
/// # Errors
/// [`Error::NotEmpty`] if there is something at `home`.
pub async fn write_log_files(
    rows: Rows,
    store: Arc<dyn ObjectStore>,
    home: &Path,
    writers: usize,
    mut on_progress: impl FnMut(u64),
) -> Result<Exported> {
    let cannot = |source: object_store::Error| Error::Write { source: io::Error::other(source) };
    if let Some(found) = store.list(Some(home)).next().await {
        let found = found.map_err(cannot)?.location;
        let below = found.prefix_match(home).map(|parts| parts.collect::<Path>().to_string());
        return Err(Error::NotEmpty { found: below.unwrap_or_else(|| found.to_string()) });
    }
    let mut files = LogFiles {
        store,
        home: home.clone(),
        writers: writers.max(1),
        open: BTreeMap::new(),
        partition: None,
        writing: JoinSet::new(),
        written: Exported::default(),
    };
    let mut rebuilder = Rebuilder::new();
    let mut batches = ahead(rows);
    let mut records = 0;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let keys = Keys::of(&batch)?;
        let mut texts = Vec::with_capacity(batch.num_rows());
        rebuild(&mut rebuilder, &batch, |_, record| texts.push(record.to_owned()))?;
        for (row, record) in texts.iter().enumerate() {
            files.push(&keys, row, record).await?;
        }
        records += texts.len() as u64;
        on_progress(records);
    }
    let written = files.finish().await?;
    if written.records != records {
        let source = io::Error::other(format!("{records} records became {}", written.records));
        return Err(Error::Write { source });
    }
    Ok(written)
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

    /// Milliseconds since 1970.
    fn time(&self, row: usize) -> Option<i64> {
        let times = self.batch["event_time"].as_primitive::<TimestampMillisecondType>();
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
    writers: usize,
    open: BTreeMap<String, LogFile>,
    partition: Option<(NaiveDate, String)>,
    writing: JoinSet<Result<Exported>>,
    written: Exported,
}

impl LogFiles {
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
        if file.json.len() >= LOG_FILE_BYTES {
            let file = std::mem::take(file);
            self.open.remove(account);
            self.end(account, file).await?;
        } else if self.open.values().map(|file| file.json.len()).sum::<usize>() >= OPEN_BYTES {
            self.end_all().await?;
        }
        Ok(())
    }

    async fn end_all(&mut self) -> Result<()> {
        for (account, file) in std::mem::take(&mut self.open) {
            self.end(&account, file).await?;
        }
        Ok(())
    }

    /// Ends a log file: it is compressed and written while others are filled.
    async fn end(&mut self, account: &str, mut file: LogFile) -> Result<()> {
        let Some((date, region)) = &self.partition else { return Ok(()) };
        file.json.extend_from_slice(b"]}");
        let path = path(&self.home, account, region, *date, &file);
        let store = Arc::clone(&self.store);
        while self.writing.len() >= self.writers {
            self.join().await?;
        }
        self.writing.spawn(async move {
            let records = file.records;
            let stored = tokio::task::spawn_blocking(move || gzip(&file.json))
                .await
                .map_err(io::Error::other)
                .and_then(|stored| stored)
                .map_err(|source| Error::Write { source })?;
            let bytes = stored.len() as u64;
            let written = store.put(&path, stored.into()).await;
            written.map_err(|source| Error::Write { source: io::Error::other(source) })?;
            Ok(Exported { records, files: 1, bytes })
        });
        Ok(())
    }

    async fn join(&mut self) -> Result<()> {
        let Some(written) = self.writing.join_next().await else { return Ok(()) };
        let written =
            written.map_err(|error| Error::Write { source: io::Error::other(error) })??;
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

/// Names a log file as CloudTrail would; what CloudTrail draws by lot follows from the content, so
/// that the same records give the same names.
fn path(home: &Path, account: &str, region: &str, date: NaiveDate, file: &LogFile) -> Path {
    let (hour, minute) = file
        .latest
        .and_then(DateTime::from_timestamp_millis)
        .map_or((0, 0), |latest| (latest.hour(), latest.minute()));
    let mut unique = [0; 8];
    unique.copy_from_slice(&Sha256::digest(&file.json)[..8]);
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
