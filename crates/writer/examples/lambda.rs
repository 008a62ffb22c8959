//! A function for AWS Lambda: the log files of a trail become rows soon after CloudTrail has delivered
//! them. The bucket of the trail notifies an SQS queue of new objects
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>), and the
//! queue invokes the function with up to some hundred messages at once.
//!
//! `DATASET` is the URL of the dataset, `s3://BUCKET/PREFIX`; `EVENT_SOURCES` are the event sources to
//! keep, ECS alone by default, or `all`. `data-samples/aws/conversion-on-delivery.md` says how to deploy
//! it, what it costs, and how it lives with compaction.

use std::{collections::BTreeMap, env, io::Write, sync::Arc};

use ecstrail_converter::EventSources;
use ecstrail_writer::{
    ConvertOptions, ConvertOutcome, Dataset, Objects, Source, StoreOptions, StoreStaging,
    TrailStore,
};
use object_store::{
    ObjectStore,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path,
};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use url::Url;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The header with the name of an invocation.
const REQUEST_ID: &str = "lambda-runtime-aws-request-id";

/// A batch of messages from a queue.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    body: String,
}

/// What S3 says of new objects. Its first message, a test, has none.
#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Records", default)]
    objects: Vec<Notice>,
}

#[derive(Deserialize)]
struct Notice {
    s3: Place,
}

#[derive(Deserialize)]
struct Place {
    bucket: Named,
    object: Keyed,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Keyed {
    /// As in a form: `+` is a space.
    key: String,
}

/// Asks Lambda for one invocation after the other
/// (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>). The crate `lambda_runtime` does so
/// too, and more.
#[tokio::main]
async fn main() -> Result<(), Error> {
    let invocations =
        format!("http://{}/2018-06-01/runtime/invocation", variable("AWS_LAMBDA_RUNTIME_API")?);
    // Without a timeout: the next invocation comes when it comes.
    let client = reqwest::Client::builder().no_proxy().build()?;
    loop {
        let next = client.get(format!("{invocations}/next")).send().await?.error_for_status()?;
        let id =
            next.headers().get(REQUEST_ID).ok_or("an invocation has no ID")?.to_str()?.to_owned();
        let (outcome, said) = match converted(&next.bytes().await?).await {
            Ok(counts) => ("response", counts),
            Err(error) => {
                ("error", json!({ "errorType": "convert", "errorMessage": error.to_string() }))
            }
        };
        let answer = client.post(format!("{invocations}/{id}/{outcome}")).body(said.to_string());
        answer.send().await?.error_for_status()?;
    }
}

/// An error brings all messages back to the queue. That doubles nothing: a log file that was converted is
/// known.
async fn converted(event: &[u8]) -> Result<Value, Error> {
    let keys = keys(&serde_json::from_slice(event)?)?;
    if keys.is_empty() {
        return Ok(json!({ "log_files": 0 }));
    }
    let mut sources = Vec::new();
    for (bucket, keys) in keys {
        let store: Arc<dyn ObjectStore> = Arc::new(bucket_named(&bucket)?);
        sources.extend(keys.iter().map(|key| source(&store, &bucket, key)));
    }
    let dataset = opened(&Url::parse(&variable("DATASET")?)?).await?;
    let outcome = dataset.convert(&sources, &options()?, &Arc::default()).await?;
    told(&sources, &outcome)
}

/// The keys of the log files that are new, by their bucket.
fn keys(event: &Event) -> Result<BTreeMap<String, Vec<Path>>, Error> {
    let mut keys: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for message in &event.messages {
        let notification: Notification = serde_json::from_str(&message.body)?;
        for Notice { s3: Place { bucket, object } } in notification.objects {
            let spaced = object.key.replace('+', " ");
            let key = percent_decode_str(&spaced).decode_utf8()?;
            keys.entry(bucket.name).or_default().push(Path::parse(key)?);
        }
    }
    for keys in keys.values_mut() {
        keys.sort();
        keys.dedup();
    }
    Ok(keys)
}

/// The environment of a function has the credentials of its role.
fn bucket_named(name: &str) -> Result<AmazonS3, Error> {
    Ok(AmazonS3Builder::from_env().with_bucket_name(name).build()?)
}

fn source(store: &Arc<dyn ObjectStore>, bucket: &str, key: &Path) -> Source {
    let folder =
        key.as_ref().rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    Source {
        store: TrailStore::Objects(Arc::clone(store)),
        path: key.clone(),
        base_url: format!("s3://{bucket}/{folder}"),
        pattern: None,
    }
}

async fn opened(url: &Url) -> Result<Dataset, Error> {
    let store =
        Arc::new(bucket_named(url.host_str().ok_or("DATASET must be s3://BUCKET/PREFIX")?)?);
    let home = Path::from_url_path(url.path())?;
    let staging = StoreStaging::new(
        Arc::clone(&store),
        home.clone(),
        StoreOptions::default(),
        Handle::current(),
    );
    let (dataset, _) = Dataset::open(Objects::new(store, home), Arc::new(staging)).await?;
    Ok(dataset)
}

fn options() -> Result<ConvertOptions, Error> {
    let mut options = ConvertOptions::new(env::temp_dir());
    let megabytes: usize = variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")?.parse()?;
    options.memory_bytes = (megabytes << 20) / 3;
    options.selection.event_sources = match env::var("EVENT_SOURCES").as_deref() {
        Err(_) => EventSources::default(),
        Ok("all") => EventSources::All,
        Ok(sources) => EventSources::Only(sources.split(',').map(str::to_owned).collect()),
    };
    Ok(options)
}

/// What was done, as the summary that `ecstrail convert` writes has it, in the log as well.
fn told(sources: &[Source], outcome: &ConvertOutcome) -> Result<Value, Error> {
    let problems: Vec<_> = sources
        .iter()
        .zip(&outcome.sources)
        .filter_map(|(source, outcome)| match outcome.failures.first() {
            Some(failure) => Some(failure.to_string()),
            None if outcome.found.listed() == 0 => Some(format!("{} does not exist", source.path)),
            None => None,
        })
        .collect();
    if let Some(first) = problems.first() {
        return Err(
            format!("{} log files cannot be read; the first: {first}", problems.len()).into()
        );
    }
    let counts = serde_json::to_value(&outcome.counts)?;
    writeln!(std::io::stdout(), "{counts}")?;
    Ok(counts)
}

fn variable(name: &str) -> Result<String, Error> {
    env::var(name).map_err(|_| format!("{name} is not set").into())
}
