//! The rows of one event, by its `event_id`, with what tells where they come from.

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Date32Type, Int64Type, TimestampMicrosecondType},
};
use chrono::{DateTime, NaiveDate, SecondsFormat};
use ecstrail_converter::{MICROS_PER_MILLI, PartitionKey};
use ecstrail_writer::RowFacts;

use crate::{
    error::Result,
    parameter::{Bindings, ParameterType},
    session::Session,
};

/// Rows that are returned of an event. It has one, or a few if copies of it differ.
const MOST_ROWS: usize = 100;

/// The names of a row's values, in the order of the query.
const VALUES: [&str; 13] = [
    "date",
    "region",
    "event_time",
    "event_id",
    "record_hash",
    "recipient_account_id",
    "event_source",
    "event_name",
    "read_only",
    "actor",
    "source_file",
    "source_record_index",
    "source_byte_offset",
];

/// Files of an older column table lack `account_id`.
const ACCOUNT: &str = "coalesce(account_id, recipient_account_id) AS account";

/// A row of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// What places it in the dataset.
    pub facts: RowFacts,
    /// When the event happened, such as `2026-04-27T02:18:03Z`.
    pub event_time: Option<String>,
    /// Who called.
    pub actor: Option<String>,
    /// 0-based position of its record in the log file.
    pub record_index: Option<i64>,
    /// Offset of its record in the decompressed log file.
    pub byte_offset: Option<i64>,
}

/// The rows of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventRows {
    /// The rows, in the order of the dataset, up to 100.
    pub rows: Vec<EventRow>,
    /// Whether there are more.
    pub has_more: bool,
}

impl Session {
    /// Returns the rows of an event.
    pub async fn event_rows(&self, event_id: &str) -> Result<EventRows> {
        let mut bindings = Bindings::default();
        bindings.bind_some("event_id", ParameterType::Text, Some(event_id));
        let sql = format!(
            "SELECT {}, {ACCOUNT} FROM events WHERE event_id = $event_id \
             ORDER BY date, region, event_time, record_hash LIMIT {}",
            VALUES.join(", "),
            MOST_ROWS + 1
        );
        let batches = self.batches(&sql, &bindings).await?;
        let mut rows: Vec<_> = batches.iter().flat_map(rows_of).collect();
        let has_more = rows.len() > MOST_ROWS;
        rows.truncate(MOST_ROWS);
        Ok(EventRows { rows, has_more })
    }
}

fn rows_of(batch: &RecordBatch) -> Vec<EventRow> {
    let text = |name: &str, row: usize| {
        let column = batch[name].as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let number = |name: &str, row: usize| {
        let column = batch[name].as_primitive::<Int64Type>();
        column.is_valid(row).then(|| column.value(row))
    };
    let dates = batch["date"].as_primitive::<Date32Type>();
    let times = batch["event_time"].as_primitive::<TimestampMicrosecondType>();
    let read_only = batch["read_only"].as_boolean();
    let row = |row| {
        let micros = times.is_valid(row).then(|| times.value(row));
        let date: Option<NaiveDate> = Date32Type::to_naive_date_opt(dates.value(row));
        let facts = RowFacts {
            partition: PartitionKey {
                date: date.unwrap_or_default(),
                region: text("region", row).unwrap_or_default(),
            },
            event_time: micros.map(|micros| micros.div_euclid(MICROS_PER_MILLI)),
            event_id: text("event_id", row),
            record_hash: number("record_hash", row).unwrap_or_default(),
            recipient_account_id: text("recipient_account_id", row),
            source_file: text("source_file", row).unwrap_or_default(),
            event_source: text("event_source", row),
            event_name: text("event_name", row),
            read_only: read_only.is_valid(row).then(|| read_only.value(row)),
            account: text("account", row),
        };
        let time = micros.and_then(DateTime::from_timestamp_micros);
        EventRow {
            event_time: time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            actor: text("actor", row),
            record_index: number("source_record_index", row),
            byte_offset: number("source_byte_offset", row),
            facts,
        }
    };
    (0..batch.num_rows()).map(row).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Dataset, OLD, record};

    #[tokio::test]
    async fn rows_of_an_event_in_new_and_old_files() {
        let of = |time: &str, region: &str, id: &str| {
            record(time, region, "RunTask", json!({ "eventID": id }))
        };
        let (home, abroad) = ("us-east-1", "eu-west-1");
        let dataset = Dataset::of(&[]);
        let mut new = vec![of("2026-04-27T10:00:00Z", home, "e-1")];
        new.extend((0..=MOST_ROWS).map(|_| of("2026-04-27T11:00:00Z", home, "often")));
        let partitions = [("date=2026-04-27/region=us-east-1", new)];
        let old =
            [("date=2026-04-28/region=eu-west-1", vec![of("2026-04-28T10:00:00Z", abroad, "e-1")])];
        for (name, partitions) in [("new", &partitions), (OLD, &old)] {
            dataset.replace(name, partitions);
            let session = dataset.session().await;
            let EventRows { rows, has_more } = session.event_rows("e-1").await.unwrap();
            let [row] = &*rows else { panic!("{rows:?}") };
            let key = partitions[0].0;
            assert_eq!((row.facts.partition.to_string().as_str(), has_more), (key, false));
            let day = &key[5..15];
            assert_eq!(row.event_time.as_deref(), Some(format!("{day}T10:00:00Z").as_str()));
            assert_eq!(row.facts.account.as_deref(), Some("111122223333"));
            assert_eq!((row.facts.source_file.as_str(), row.record_index), ("log.json", Some(0)));
            for other in ["e-2", "", "' OR '' = '", "e-%"] {
                let none = session.event_rows(other).await.unwrap();
                assert_eq!(none, EventRows::default(), "{other}");
            }
        }
        dataset.replace("new", &partitions);
        let often = dataset.session().await.event_rows("often").await.unwrap();
        assert_eq!((often.rows.len(), often.has_more), (MOST_ROWS, true));
    }
}
