//! The days with events in a dataset by account and Region, and the gaps between them.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Date32Type, Int64Type},
};
use chrono::NaiveDate;

use crate::{error::Result, parameter::Bindings, session::Session};

/// The days with events of one account in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Account of the events; `None` where neither the records nor their log files name one.
    pub account: Option<String>,
    /// Region of the partition.
    pub region: String,
    /// Rows of each UTC day that has any.
    pub days: BTreeMap<NaiveDate, u64>,
}

impl Coverage {
    /// The query in portable SQL that [`of`](Self::of) reads the rows of. Files of an older column
    /// table lack `account_id`.
    pub(crate) const QUERY: &str = "SELECT coalesce(account_id, recipient_account_id), region, date, \
                                    count(*) FROM events GROUP BY 1, 2, 3";

    /// Reads the days with events, by account and Region.
    pub(crate) fn of(batches: &[RecordBatch]) -> Vec<Self> {
        let mut found = BTreeMap::<_, BTreeMap<_, _>>::new();
        for (account_and_region, day, count) in batches.iter().flat_map(days_of) {
            found.entry(account_and_region).or_default().insert(day, count);
        }
        let found = found.into_iter();
        found.map(|((account, region), days)| Self { account, region, days }).collect()
    }

    /// Rows of all days.
    pub fn rows(&self) -> u64 {
        self.days.values().sum()
    }

    /// First and last day; `None` if there are no days.
    pub fn bounds(&self) -> Option<(NaiveDate, NaiveDate)> {
        Some((*self.days.first_key_value()?.0, *self.days.last_key_value()?.0))
    }

    /// The first and last day of every gap between two days with events.
    pub fn gaps(&self) -> Vec<(NaiveDate, NaiveDate)> {
        let days: Vec<_> = self.days.keys().collect();
        let stretches = days.windows(2).filter_map(|pair| {
            let (first, last) = (pair[0].succ_opt()?, pair[1].pred_opt()?);
            (first <= last).then_some((first, last))
        });
        stretches.collect()
    }
}

impl Session {
    /// Returns the days with events, by account and region.
    pub async fn coverage(&self) -> Result<Vec<Coverage>> {
        Ok(Coverage::of(&self.batches(Coverage::QUERY, &Bindings::default()).await?))
    }
}

type AccountAndRegion = (Option<String>, String);

fn days_of(batch: &RecordBatch) -> Vec<(AccountAndRegion, NaiveDate, u64)> {
    let accounts = batch.column(0).as_string::<i32>();
    let regions = batch.column(1).as_string::<i32>();
    let dates = batch.column(2).as_primitive::<Date32Type>();
    let counts = batch.column(3).as_primitive::<Int64Type>();
    let day = |row| {
        let account = accounts.is_valid(row).then(|| accounts.value(row).to_owned());
        let date = Date32Type::to_naive_date_opt(dates.value(row)).unwrap_or_default();
        let count = u64::try_from(counts.value(row)).unwrap_or_default();
        ((account, regions.value(row).to_owned()), date, count)
    };
    (0..batch.num_rows()).map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_without_events() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 4, day).unwrap();
        let coverage = |days: &[u32]| Coverage {
            account: None,
            region: "us-east-1".to_owned(),
            days: days.iter().map(|number| (day(*number), 2)).collect(),
        };
        for (days, gaps) in [
            (&[][..], vec![]),
            (&[7], vec![]),
            (&[7, 8, 9], vec![]),
            (&[7, 9], vec![(day(8), day(8))]),
            (&[1, 2, 6, 7, 10], vec![(day(3), day(5)), (day(8), day(9))]),
        ] {
            assert_eq!(coverage(days).gaps(), gaps, "{days:?}");
            assert_eq!(coverage(days).rows(), days.len() as u64 * 2);
        }
        assert_eq!(coverage(&[3, 9]).bounds(), Some((day(3), day(9))));
        assert_eq!(coverage(&[]).bounds(), None);
    }
}
