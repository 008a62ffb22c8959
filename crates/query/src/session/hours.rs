//! The hours with events in a dataset, by account and Region.

use std::collections::BTreeMap;

use arrow::{array::AsArray, datatypes::Int64Type};
use futures::StreamExt;

use crate::{
    error::{Error, Result},
    parameter::Bindings,
    session::Session,
};

/// Files of an older column table lack `account_id`. Seconds are rounded down also before 1970.
const QUERY: &str = "SELECT coalesce(account_id, recipient_account_id, ''), region, \
                     CAST(floor(CAST(date_part('epoch', event_time) AS DOUBLE) / 3600) AS BIGINT), \
                     count(*) FROM events WHERE event_time IS NOT NULL GROUP BY 1, 2, 3";

/// The number of events, by account (empty where none is named) and region, by hours since
/// 1970-01-01T00:00:00Z.
pub type EventHours = BTreeMap<(String, String), BTreeMap<i64, u64>>;

impl Session {
    /// Returns the hours with events, by account and region.
    pub async fn event_hours(&self) -> Result<EventHours> {
        let mut rows = self.sql(QUERY, &Bindings::default()).await?;
        let mut found = EventHours::new();
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(|error| Error::query(&error))?;
            let accounts = batch.column(0).as_string::<i32>();
            let regions = batch.column(1).as_string::<i32>();
            let hours = batch.column(2).as_primitive::<Int64Type>();
            let counts = batch.column(3).as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                let scope = (accounts.value(row).to_owned(), regions.value(row).to_owned());
                let count = u64::try_from(counts.value(row)).unwrap_or_default();
                found.entry(scope).or_default().insert(hours.value(row), count);
            }
        }
        Ok(found)
    }
}
