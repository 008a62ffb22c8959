//! Records that go to log files come back from them, whatever the limits.

use std::{collections::BTreeSet, fmt, io::Read, sync::Mutex};

use datafusion::{
    arrow::{
        array::{ArrayRef, Date32Array, StringArray},
        datatypes::{Field, Schema},
    },
    error::DataFusionError,
    physical_plan::stream::RecordBatchStreamAdapter,
};
use ecstrail_converter::{
    Converter, EventSources, Flattener, LogBytes, LogFile as SourceFile, Provenance, Selection,
    arrow_schema,
};
use flate2::read::GzDecoder;
use futures::stream::{self, BoxStream};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, memory::InMemory,
};

use super::*;

const ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", "not an account"];

/// A record of each account, and one that names none and has no time.
fn records(number: usize) -> Vec<String> {
    let named = ACCOUNTS.iter().map(|account| {
        format!(
            r#"{{"eventVersion":"1.11","eventTime":"2026-04-27T02:{:02}:03Z","eventID":"{account}-{number}","eventName":"ListClusters","recipientAccountId":"{account}","requestParameters":{{"n":{number}.0}},"responseElements":null}}"#,
            number % 60
        )
    });
    let nameless = format!(r#"{{"eventVersion":"1.11","eventID":"nameless-{number}"}}"#);
    named.chain([nameless]).collect()
}

/// Converts a log file's bytes into rows.
fn rows_of(name: &str, json: &str) -> RecordBatch {
    let selection = Selection { event_sources: EventSources::All, ..Selection::default() };
    let mut converter = Converter::new(Arc::new(selection), ecstrail_converter::Limits::default());
    let meta = ObjectMeta {
        location: "a.json".into(),
        last_modified: DateTime::default(),
        size: json.len() as u64,
        e_tag: None,
        version: None,
    };
    let file = SourceFile::new(meta, &"file:///".into(), name.to_owned());
    let bytes = LogBytes::Whole(json.to_owned().into());
    let tally = converter.convert(&file, 0, &bytes, &mut |_| unreachable!()).unwrap();
    assert_eq!(tally.rejects, []);
    let selected = converter.take();
    let mut flattener = Flattener::new();
    for row in 0..selected.rows() {
        flattener.push(&selected.row(row), Provenance { source_file: name });
    }
    flattener.finish().unwrap()
}

/// Rows as the table has them: of two days and, on the second, of no region.
fn batches(records_each: usize) -> Vec<RecordBatch> {
    let mut batches = Vec::new();
    for (day, region) in [("27", "us-east-1"), ("27", "us-east-1"), ("28", "unknown")] {
        let texts: Vec<_> = (0..records_each).flat_map(records).collect();
        let name = format!("111122223333_CloudTrail_us-east-1_202604{day}T0000Z_x.json.gz");
        let rows = rows_of(&name, &format!("{{\"Records\":[{}]}}", texts.join(",")));
        let date = 20_570 + day.parse::<i32>().unwrap() - 27;
        let mut fields: Vec<_> = arrow_schema().fields().iter().cloned().collect();
        let mut columns = rows.columns().to_vec();
        let count = rows.num_rows();
        let dates: ArrayRef = Arc::new(Date32Array::from(vec![date; count]));
        let regions: ArrayRef = Arc::new(StringArray::from(vec![region; count]));
        for (name, values) in [(DATE, dates), (REGION, regions)] {
            fields.push(Arc::new(Field::new(name, values.data_type().clone(), false)));
            columns.push(values);
        }
        batches.push(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap());
    }
    batches
}

fn rows(batches: Vec<Result<RecordBatch, DataFusionError>>) -> Rows {
    let schema = batches.iter().flatten().next().unwrap().schema();
    Box::pin(RecordBatchStreamAdapter::new(schema, stream::iter(batches)))
}

/// What stands in a store: the records of each log file, by path.
async fn read(store: &dyn ObjectStore) -> BTreeMap<String, Vec<String>> {
    let mut files = BTreeMap::new();
    for meta in store.list(None).map(Result::unwrap).collect::<Vec<_>>().await {
        let bytes = store.get(&meta.location).await.unwrap().bytes().await.unwrap();
        let mut json = String::new();
        GzDecoder::new(&bytes[..]).read_to_string(&mut json).unwrap();
        let path = meta.location.to_string();
        let rows = rows_of(&path, &json);
        let mut ids = Vec::new();
        let id = rows["event_id"].as_string::<i32>();
        ids.extend(id.iter().map(|id| id.unwrap().to_owned()));
        files.insert(path, ids);
    }
    files
}

#[tokio::test]
async fn every_record_lands_in_one_log_file_whatever_the_limits() {
    for (limits, fewest) in [
        (LIMITS, 6),
        (Limits { log_file_bytes: 2000, ..LIMITS }, 100),
        (Limits { open_bytes: 3000, ..LIMITS }, 100),
        (Limits { open_files: 2, ..LIMITS }, 100),
    ] {
        let store = Arc::new(InMemory::new());
        let files = LogFiles::new(Arc::clone(&store) as _, "out".into(), 3, limits);
        let mut seen = 0;
        let batches = batches(200);
        let written = write(rows(batches.into_iter().map(Ok).collect()), files, &mut |records| {
            seen = records;
        })
        .await
        .unwrap();
        let found = read(store.as_ref()).await;
        assert_eq!((written.records, seen), (2400, 2400));
        assert_eq!(written.files, found.len() as u64);
        assert!(found.len() >= fewest, "{limits:?} gives {} files", found.len());
        let all: Vec<_> = found.values().flatten().collect();
        let distinct: BTreeSet<_> = all.iter().collect();
        // Each event stands once a batch: the batches hold the same events.
        assert_eq!((all.len(), distinct.len()), (2400, 800));
        for (path, ids) in &found {
            let account = path.split('/').nth(2).unwrap();
            let is_of_account = |id: &String| match account {
                UNKNOWN_ACCOUNT => id.starts_with("not an account") || id.starts_with("nameless"),
                account => id.starts_with(account),
            };
            assert!(ids.iter().all(is_of_account), "{path}");
        }
    }
}

#[tokio::test]
async fn names_are_those_of_cloudtrail_and_follow_from_the_content() {
    let export = async || {
        let store = Arc::new(InMemory::new());
        let all = rows(batches(3).into_iter().map(Ok).collect());
        write_log_files(all, Arc::clone(&store) as _, &Path::default(), 2, |_| {}).await.unwrap();
        read(store.as_ref()).await.into_keys().collect::<Vec<_>>()
    };
    let names = export().await;
    assert_eq!(names, export().await);
    let of = |account: &str, region: &str, day: &str, time: &str| {
        format!(
            "AWSLogs/{account}/CloudTrail/{region}/2026/04/{day}/{account}_CloudTrail_{region}_202604{day}T{time}Z_"
        )
    };
    let beginnings: Vec<_> =
        names.iter().map(|name| name.rsplit_once('_').unwrap().0.to_owned() + "_").collect();
    let expected: Vec<_> = ["000000000000", "111122223333", "444455556666"]
        .into_iter()
        .flat_map(|account| {
            [("unknown", "28"), ("us-east-1", "27")]
                .map(|(region, day)| of(account, region, day, "0202"))
        })
        .collect();
    assert_eq!(beginnings, expected);
}

#[tokio::test]
async fn what_fails_is_no_finished_export() {
    let broken = DataFusionError::Execution("a broken file".to_owned());
    let mut all: Vec<_> = batches(2).into_iter().map(Ok).collect();
    all.insert(1, Err(broken));
    let store = Arc::new(InMemory::new());
    let failed = write_log_files(rows(all), store, &Path::default(), 2, |_| {}).await;
    assert_eq!(failed.unwrap_err().to_string(), "cannot run the query");

    for nth in 0..7 {
        let store = Arc::new(Failing { inner: InMemory::new(), puts_left: Mutex::new(nth) });
        let all = rows(batches(2).into_iter().map(Ok).collect());
        let failed = write_log_files(all, Arc::clone(&store) as _, &"out".into(), 2, |_| {}).await;
        let error = failed.unwrap_err().to_string();
        let mark = Path::from("out/EXPORT-UNFINISHED");
        let (at, is_marked) =
            if nth == 0 { (mark.as_ref(), false) } else { ("out/AWSLogs/", true) };
        assert!(error.starts_with(&format!("cannot write {at}")), "{error}");
        assert_eq!(store.head(&mark).await.is_ok(), is_marked);
    }

    let store = Arc::new(InMemory::new());
    store.put(&"out/here".into(), "x".into()).await.unwrap();
    let all = rows(batches(2).into_iter().map(Ok).collect());
    let failed = write_log_files(all, store, &"out".into(), 2, |_| {}).await;
    assert!(matches!(failed, Err(Error::NotEmpty { found }) if found == "here"));
}

/// A store that takes this many objects and then no more.
#[derive(Debug)]
struct Failing {
    inner: InMemory,
    puts_left: Mutex<usize>,
}

impl fmt::Display for Failing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Failing")
    }
}

#[async_trait::async_trait]
impl ObjectStore for Failing {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        {
            let mut left = self.puts_left.lock().unwrap();
            let Some(fewer) = left.checked_sub(1) else {
                let source = "no space left".into();
                return Err(object_store::Error::Generic { store: "Failing", source });
            };
            *left = fewer;
        }
        self.inner.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> object_store::Result<GetResult> {
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &Path,
        to: &Path,
        options: CopyOptions,
    ) -> object_store::Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
