//! An engine elsewhere: questions are translated into its SQL, and its rows get the columns and types
//! that they would have here. What differs between engines is their [`Remote`].

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use datafusion::{
    arrow::{array::RecordBatch, datatypes::SchemaRef},
    sql::parser::Statement,
};

use crate::{
    engine::{Engine, collected, fitted::fitted},
    error::{Error, Result},
    parameter::Bindings,
    portable::{Dialect, SqlTokenKind, Values, literal, sql_tokens, statement, translate},
    report::Report,
    session::{Rows, Session},
};

/// How one kind of engine is asked.
#[async_trait]
pub(crate) trait Remote: fmt::Debug + Send + Sync {
    /// Its SQL.
    const DIALECT: Dialect;
    /// What stands in its SQL for a parameter.
    const VALUES: Values;

    /// Runs a query over the table `events` and the views. Returns once the first rows arrive, with
    /// the columns and types that the engine gives them, unless it needs to know those `expected`.
    async fn run(
        &self,
        sql: &str,
        bindings: &Bindings,
        expected: Option<&SchemaRef>,
    ) -> Result<Rows>;

    /// Gives up on all that runs, and waits until the engine was told.
    async fn cancel(&self);
}

/// An engine elsewhere. The dataset's session knows what the log says, and which columns an answer has.
#[derive(Debug)]
pub(crate) struct Elsewhere<R> {
    session: Arc<Session>,
    remote: R,
    /// By the question, with its values.
    answers: Mutex<HashMap<String, Vec<RecordBatch>>>,
}

impl<R: Remote> Elsewhere<R> {
    pub(crate) fn new(session: Arc<Session>, remote: R) -> Self {
        Self { session, remote, answers: Mutex::default() }
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<String, Vec<RecordBatch>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&self, asked: Statement, bindings: &Bindings) -> Result<Rows> {
        let expected = self.session.schema_of(asked.clone(), bindings).await?;
        let sql = translate(asked, bindings, R::VALUES, R::DIALECT)?.sql;
        let rows = self.remote.run(&sql, bindings, Some(&expected)).await?;
        fitted(rows, expected)
    }
}

#[async_trait]
impl<R: Remote> Engine for Elsewhere<R> {
    fn dialect(&self) -> Dialect {
        R::DIALECT
    }

    async fn sql(&self, sql: &str, bindings: &Bindings) -> Result<Rows> {
        let sql = with_parameters::<R>(sql, bindings)?;
        self.remote.run(&sql, bindings, None).await
    }

    async fn report(&self, report: &Report, bindings: &Bindings) -> Result<Rows> {
        self.session.check_answerable(report)?;
        report.portable()?;
        self.run(report.statement().clone(), bindings).await
    }

    async fn ask(&self, sql: &str, bindings: &Bindings) -> Result<Vec<RecordBatch>> {
        let asked = statement::parse(sql)?;
        let question = translate(asked.clone(), bindings, Values::Written, R::DIALECT)?.sql;
        if let Some(answer) = self.answers().get(&question) {
            return Ok(answer.clone());
        }
        let answer = collected(self.run(asked, bindings).await?).await?;
        self.answers().insert(question, answer.clone());
        Ok(answer)
    }

    async fn cancel(&self) {
        self.remote.cancel().await;
    }
}

/// Returns a query of the user's with each `$name` as the engine has parameters.
fn with_parameters<R: Remote>(sql: &str, bindings: &Bindings) -> Result<String> {
    let mut text = String::with_capacity(sql.len());
    let mut end = 0;
    for token in sql_tokens(sql) {
        let Some(name) = sql[token.range.clone()].strip_prefix('$') else { continue };
        if token.kind != SqlTokenKind::Parameter {
            continue;
        }
        let value = bindings.value(name);
        let value = value.ok_or_else(|| Error::NoValue { name: name.to_owned() })?;
        text.push_str(&sql[end..token.range.start]);
        match R::VALUES {
            Values::Written => text.push_str(&literal(value, R::DIALECT)),
            Values::Named | Values::Macro => text.extend([":", name]),
        }
        end = token.range.end;
    }
    text.push_str(&sql[end..]);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, TimeZone, Utc};
    use futures::TryStreamExt;
    use serde_json::json;

    use super::*;
    use crate::{
        caveat::Scope,
        parameter::Arguments,
        testing::{Dataset, record},
    };

    /// Runs what it is asked here, and remembers it.
    #[derive(Debug)]
    struct Here(Arc<Session>, Mutex<Vec<String>>);

    #[async_trait]
    impl Remote for Here {
        const DIALECT: Dialect = Dialect::DataFusion;
        const VALUES: Values = Values::Written;

        async fn run(&self, sql: &str, _: &Bindings, _: Option<&SchemaRef>) -> Result<Rows> {
            self.1.lock().unwrap().push(sql.to_owned());
            self.0.sql(sql, &Bindings::default()).await
        }

        async fn cancel(&self) {}
    }

    async fn opened() -> (Dataset, Arc<Session>, Elsewhere<Here>) {
        let members = json!({"requestParameters": {"cluster": "production", "service": "it's"}});
        let updated = record("2026-04-27T02:00:00Z", "us-east-1", "UpdateService", members);
        let dataset = Dataset::of(&[("date=2026-04-27/region=us-east-1", vec![updated])]);
        let session = Arc::new(dataset.session().await);
        let here = Here(Arc::clone(&session), Mutex::default());
        let elsewhere = Elsewhere::new(Arc::clone(&session), here);
        (dataset, session, elsewhere)
    }

    async fn rows(rows: Result<Rows>) -> Vec<RecordBatch> {
        rows.unwrap().try_collect().await.unwrap()
    }

    #[tokio::test]
    async fn reports_and_questions_have_the_rows_of_a_session() {
        let (_dataset, session, elsewhere) = opened().await;
        let report = Report::parse(
            "r",
            "-- title: t\n-- param service text: Service\n-- param from date default null: Day\n\
             SELECT event_time, service_name, count(*) AS calls, array_length(task_ids) FROM events \
             WHERE service_name = $service AND ($from IS NULL OR date >= $from) GROUP BY 1, 2, 4 ORDER BY 1",
        );
        let report = report.unwrap();
        let today = NaiveDate::from_ymd_opt(2026, 4, 30).unwrap();
        for service in ["it's", "x"] {
            let given = Arguments::from([("service".to_owned(), service.to_owned())]);
            let bindings = report.bind(&given, today).unwrap();
            let here = rows(session.report(&report, &bindings).await).await;
            let there = rows(elsewhere.report(&report, &bindings).await).await;
            assert_eq!(here, there);
            let caveats = session.caveats(&elsewhere, &report, &bindings).await.unwrap();
            assert_eq!(caveats, session.caveats(&*session, &report, &bindings).await.unwrap());
            assert_eq!(caveats.len(), usize::from(service == "x"));
        }
        let asked = elsewhere.remote.1.lock().unwrap().join("\n");
        assert!(asked.contains("'it''s'") && !asked.contains('$'), "{asked}");
        let now = Utc.with_ymd_and_hms(2026, 4, 30, 0, 0, 0).unwrap();
        let newest = session.newest_event(&elsewhere, &Scope::default(), now).await.unwrap();
        assert_eq!(newest, session.newest_event(&*session, &Scope::default(), now).await.unwrap());
    }

    #[tokio::test]
    async fn a_question_with_the_same_values_is_asked_once() {
        let (_dataset, _session, elsewhere) = opened().await;
        let sql = "SELECT event_name FROM events WHERE service_name = $value";
        for (value, rows, asked) in [("it's", 1, 1), ("x", 0, 2), ("it's", 1, 2), ("x", 0, 2)] {
            let given = Arguments::from([("value".to_owned(), value.to_owned())]);
            let batches = elsewhere.ask(sql, &Bindings::texts(&given)).await.unwrap();
            assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), rows);
            assert_eq!(elsewhere.remote.1.lock().unwrap().len(), asked);
        }
    }

    #[tokio::test]
    async fn parameters_of_own_sql_are_the_engines() {
        let (_dataset, _session, elsewhere) = opened().await;
        let given = Arguments::from([("service".to_owned(), "it's".to_owned())]);
        let bindings = Bindings::texts(&given);
        for (sql, expected) in [
            ("SELECT $service", "SELECT 'it''s'"),
            ("SELECT '$service', $service -- $service", "SELECT '$service', 'it''s' -- $service"),
            ("SELECT 1", "SELECT 1"),
        ] {
            assert_eq!(with_parameters::<Here>(sql, &bindings).unwrap(), expected);
            assert_eq!(rows(elsewhere.sql(sql, &bindings).await).await.len(), 1);
        }
        let error = elsewhere.sql("SELECT $other", &bindings).await.err().unwrap();
        assert!(matches!(error, Error::NoValue { name } if name == "other"));
    }
}
