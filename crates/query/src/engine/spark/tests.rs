//! Against a server within the test.

use std::{sync::Mutex, time::Duration};

use datafusion::arrow::array::Int64Array;
use futures::{StreamExt, TryStreamExt};

use super::*;
use crate::{
    parameter::Arguments,
    testing::{Dataset, record},
};

mod server;

use server::{Answers, Calls, answers, numbers, refusal, server};

struct Opened {
    engine: Result<Arc<dyn Engine>>,
    calls: Calls,
    told: Arc<Mutex<Vec<Told>>>,
    _dataset: Dataset,
}

async fn opened(
    address: &str,
    version: &'static str,
    answers: Answers,
    change: fn(&mut TableSource),
) -> Opened {
    let called =
        record("2026-04-27T02:00:00Z", "us-east-1", "UpdateService", serde_json::json!({}));
    let dataset = Dataset::of(&[("date=2026-04-27/region=us-east-1", vec![called])]);
    let session = Arc::new(dataset.session().await);
    let (calls, told) = (Calls::default(), Arc::new(Mutex::new(Vec::new())));
    let heard = Arc::clone(&told);
    let listener: Listener = Arc::new(move |one| heard.lock().unwrap().push(one));
    let mut source = TableSource {
        home: "/data".to_owned(),
        has_delta_log: false,
        has_older_files: false,
        endpoint: None,
        first_day: chrono::NaiveDate::from_ymd_opt(2026, 4, 27),
        regions: BTreeSet::new(),
        database: String::new(),
    };
    change(&mut source);
    let transport = server(version, answers, &calls);
    let address = address.parse().unwrap();
    let engine = spark_connect(session, transport, address, &source, listener).await;
    Opened { engine, calls, told, _dataset: dataset }
}

async fn usual() -> Opened {
    opened("sc://spark", "4.1.0", answers, |_| {}).await
}

impl Opened {
    fn engine(&self) -> &dyn Engine {
        self.engine.as_ref().unwrap().as_ref()
    }

    /// The rows of a query, or what is said of it.
    async fn ask(&self, sql: &str) -> Result<Vec<i64>, String> {
        let rows = self.engine().sql(sql, &Bindings::default()).await;
        let rows = rows.map_err(|error| error.to_string())?;
        let batches = rows.try_collect::<Vec<_>>().await;
        let batches = batches.map_err(|error| Error::query(&error).to_string())?;
        let numbers = batches.iter().flat_map(|batch| {
            let column = batch.column(0).as_any().downcast_ref::<Int64Array>();
            column.unwrap().values().to_vec()
        });
        Ok(numbers.collect())
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

#[tokio::test]
async fn a_session_begins_with_the_dataset() {
    for (change, kind) in [
        ((|_| {}) as fn(&mut TableSource), "parquet"),
        (|source| source.has_delta_log = true, "delta"),
        (|source| source.first_day = None, "nothing"),
    ] {
        let opened = opened("sc://spark/;token=abc", "4.1.0-SNAPSHOT", answers, change).await;
        opened.engine.as_ref().unwrap();
        let events = format!("view events over {kind}");
        let one = "SELECT 1 AS one FROM events LIMIT 1";
        assert_eq!(opened.calls(), ["version, true", "set 3", &events, one]);
    }
    let old = opened("sc://spark:7", "3.4.4", answers, |_| {}).await;
    assert_eq!(
        old.engine.unwrap_err().to_string(),
        "Spark at spark:7: version 3.4.4 is too old: Spark 3.5 or newer is needed"
    );
}

#[tokio::test]
async fn a_dataset_that_the_server_does_not_find_is_not_an_empty_one() {
    let nothing: Answers = |_| vec![Ok(numbers(&[], 0))];
    let unread: Answers = |_| vec![Err(refusal("PATH_NOT_FOUND", "Path does not exist: x."))];
    for answers in [nothing, unread] {
        let opened = opened("sc://spark", "4.1.0", answers, |source| {
            source.home = "s3://bucket/prefix".to_owned();
        });
        assert_eq!(
            opened.await.engine.unwrap_err().to_string(),
            "Spark at spark:15002: the server does not find the dataset at s3://bucket/prefix: say where the \
             server sees it with --location s3a://bucket/prefix"
        );
    }
    let empty = opened("sc://spark", "4.1.0", nothing, |source| source.first_day = None).await;
    empty.engine.unwrap();
}

#[tokio::test]
async fn rows_come_in_order_and_progress_is_told() {
    let opened = usual().await;
    assert_eq!(opened.ask("SELECT some").await.unwrap(), [1, 2, 3]);
    assert_eq!(opened.ask("SELECT nothing").await.unwrap(), [0; 0]);
    let told = std::mem::take(&mut *opened.told.lock().unwrap());
    let tasks: Vec<_> = told.into_iter().skip(2).collect();
    let told = |text: &str| Told::Progress(text.to_owned());
    assert_eq!(tasks, [told("0 of 4 tasks"), told("2 of 4 tasks")]);
}

#[tokio::test]
async fn values_go_beside_the_sql_and_views_are_made_once() {
    let opened = usual().await;
    opened.calls();
    let given = [("who".to_owned(), "it's".to_owned()), ("other".to_owned(), "x".to_owned())];
    let bindings = Bindings::texts(&Arguments::from(given));
    for _ in 0..2 {
        let sql = "SELECT * FROM Containers, `tags` WHERE $who = some";
        let rows = opened.engine().sql(sql, &bindings).await.unwrap();
        assert_eq!(rows.count().await, 2);
    }
    let asked = "SELECT * FROM Containers, `tags` WHERE :who = some, who = it's";
    let views = ["view containers over sql", "view tags over sql"];
    assert_eq!(opened.calls(), [views[0], views[1], asked, asked]);
    let few = opened.engine().ask("SELECT event_name FROM tasks", &bindings).await.unwrap();
    assert_eq!(few[0].schema().field(0).name(), "event_name");
}

#[tokio::test]
async fn errors_are_one_line() {
    let opened = usual().await;
    for (sql, problem) in [
        (
            "SELECT wrong",
            "[PARSE_SYNTAX_ERROR] Syntax error at or near 'FORM'. SQLSTATE: 42601 (line 1, pos 9)",
        ),
        ("SELECT broken", "[DIVIDE_BY_ZERO] Division by zero."),
        (
            "SELECT lost",
            "after 2 rows, the connection was lost (going away): check that the server still runs",
        ),
        ("SELECT missing", "the server's rows are not complete after 2: rerun the command"),
    ] {
        assert_eq!(opened.ask(sql).await.unwrap_err(), format!("Spark at spark:15002: {problem}"));
    }
    assert!(opened.ask("SELECT damaged").await.unwrap_err().contains("rows cannot be read"));
    let error = opened.engine().sql("DROP TABLE events", &Bindings::default()).await.err().unwrap();
    assert!(matches!(error, Error::NotAQuery { statement } if statement == "DROP"));
}

/// A server may end the answers of what was given up as if they were complete.
#[tokio::test]
async fn what_was_given_up_is_not_complete() {
    let opened = usual().await;
    let rows = opened.engine().sql("SELECT some", &Bindings::default()).await.unwrap();
    opened.engine().cancel().await;
    let error = rows.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(Error::query(&error).to_string(), "Spark at spark:15002: the query was canceled");
}

/// Waits until the server was asked something.
async fn waited(opened: &Opened, call: &str) {
    for _ in 0..1000 {
        if opened.calls.lock().unwrap().iter().any(|one| one.contains(call)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?}", opened.calls());
}

#[tokio::test]
async fn who_drops_the_rows_interrupts_the_operation() {
    let opened = usual().await;
    let nothing = Bindings::default();
    let mut rows = opened.engine().sql("SELECT forever", &nothing).await.unwrap();
    assert_eq!(rows.next().await.unwrap().unwrap().num_rows(), 1);
    drop(rows);
    waited(&opened, "interrupt one").await;
    opened.calls();
    // Before the first row, too.
    let asked = opened.engine().sql("SELECT waiting-forever", &nothing);
    assert!(tokio::time::timeout(Duration::from_millis(50), asked).await.is_err());
    waited(&opened, "interrupt one").await;
    opened.calls();
    // What has ended is not.
    opened.ask("SELECT some").await.unwrap();
    opened.ask("SELECT wrong").await.unwrap_err();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(opened.calls(), ["SELECT some", "SELECT wrong"]);
}

#[tokio::test]
async fn all_is_given_up_before_the_session_ends() {
    let own = usual().await;
    own.calls();
    own.engine().cancel().await;
    assert_eq!(own.calls(), ["interrupt all", "release"]);
    let address = "sc://spark/;session_id=550e8400-e29b-41d4-a716-446655440000";
    let shared = opened(address, "4.1.0", answers, |_| {}).await;
    shared.calls();
    // As from the thread that waits for signals.
    let engine = Arc::clone(shared.engine.as_ref().unwrap());
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(engine.cancel());
    });
    thread.join().unwrap();
    assert_eq!(shared.calls(), ["interrupt tagged"]);
}
