//! Which parts of a data file can hold a row that equals a new one: by `event_time`, and by
//! `event_id` if the new rows are few.

use ecstrail_converter::{MICROS_PER_MILLI, SelectedRow};
use parquet::{
    basic::{LogicalType, TimeUnit},
    file::{
        metadata::{ColumnChunkMetaData, RowGroupMetaData},
        statistics::Statistics,
    },
};

use crate::log::DataFile;

/// New rows of a partition that are looked up one by one.
pub(crate) const FEW_ROWS: u64 = 1000;
/// Ids that are looked up in a bloom filter: one of a hundred that it lacks seems to be in it, so
/// that with more it hardly ever says no.
const FILTERED_IDS: usize = 256;

/// The new rows of one partition, as far as it is known.
#[derive(Debug)]
pub(crate) enum NewRows {
    /// Smallest and largest `event_time`; `None` if a row may have none.
    Many(Option<(i64, i64)>),
    /// All of them.
    Few(Vec<NewRow>),
}

/// A new row that is looked up.
#[derive(Debug)]
pub(crate) struct NewRow {
    event_time: Option<i64>,
    event_id: Option<String>,
}

impl NewRow {
    pub(crate) fn of(event_time: Option<i64>, event_id: Option<String>) -> Self {
        Self { event_time, event_id }
    }

    pub(crate) fn new(row: &SelectedRow<'_>) -> Self {
        Self::of(row.event_time, row.event_id.map(str::to_owned))
    }
}

/// The `event_time`s of committed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    /// Smallest and largest, or beyond them; `None` if no row has one.
    range: Option<(i64, i64)>,
    /// Whether a row may have none.
    has_nulls: bool,
}

/// What to look for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Search<'a> {
    /// Nothing: no row can equal a new one.
    Needless,
    /// Rows with one of these `event_id`s.
    Ids(Vec<&'a str>),
    /// Any row.
    Rows,
}

impl Times {
    const UNKNOWN: Self = Self { range: Some((i64::MIN, i64::MAX)), has_nulls: true };

    fn of_file(file: &DataFile) -> Self {
        if file.event_time.is_none() && file.rows_without_time < file.rows {
            return Self::UNKNOWN;
        }
        Self { range: file.event_time, has_nulls: file.rows_without_time > 0 }
    }

    pub(super) fn of_row_group(row_group: &RowGroupMetaData) -> Self {
        let mut columns = row_group.columns().iter();
        let column = columns.find(|column| column.column_path().string() == "event_time");
        let Some(Statistics::Int64(statistics)) = column.and_then(|column| column.statistics())
        else {
            return Self::UNKNOWN;
        };
        let Some(millis) = column.and_then(milliseconds) else { return Self::UNKNOWN };
        let bounds = statistics.min_opt().copied().zip(statistics.max_opt().copied());
        let range = bounds.map(|(low, high)| (millis(low), millis(high)));
        match (range, statistics.null_count_opt()) {
            (Some(range), nulls) => Self { range: Some(range), has_nulls: nulls != Some(0) },
            (None, Some(nulls)) if i64::try_from(nulls) == Ok(row_group.num_rows()) => {
                Self { range: None, has_nulls: true }
            }
            (None, _) => Self::UNKNOWN,
        }
    }

    fn may_hold(&self, event_time: Option<i64>) -> bool {
        let Some(time) = event_time else { return self.has_nulls };
        self.range.is_some_and(|(low, high)| low <= time && time <= high)
    }
}

/// Returns what makes milliseconds of a column's values: until version 3 of the column table they
/// were milliseconds themselves.
fn milliseconds(column: &ColumnChunkMetaData) -> Option<fn(i64) -> i64> {
    let Some(LogicalType::Timestamp(kind)) = column.column_descr().logical_type_ref() else {
        return None;
    };
    match kind.unit {
        TimeUnit::MILLIS => Some(|millis| millis),
        TimeUnit::MICROS => Some(|micros| micros.div_euclid(MICROS_PER_MILLI)),
        TimeUnit::NANOS => None,
    }
}

impl NewRows {
    /// Returns whether a committed file can hold one of the rows.
    pub(crate) fn may_be_in(&self, file: &DataFile) -> bool {
        self.search(&Times::of_file(file)) != Search::Needless
    }

    /// Says what to look for among rows with such times.
    pub(super) fn search(&self, times: &Times) -> Search<'_> {
        match self {
            Self::Many(None) => Search::Rows,
            Self::Many(Some((low, high))) => match times.range {
                Some((first, last)) if *low <= last && first <= *high => Search::Rows,
                _ => Search::Needless,
            },
            Self::Few(rows) => {
                let mut rows = rows.iter().filter(|row| times.may_hold(row.event_time)).peekable();
                if rows.peek().is_none() {
                    return Search::Needless;
                }
                let ids: Option<Vec<&str>> = rows.map(|row| row.event_id.as_deref()).collect();
                ids.filter(|ids| ids.len() <= FILTERED_IDS).map_or(Search::Rows, Search::Ids)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(range: Option<(i64, i64)>, has_nulls: bool) -> Times {
        Times { range, has_nulls }
    }

    #[test]
    fn what_is_looked_for() {
        let row = |event_time, event_id: Option<&str>| NewRow {
            event_time,
            event_id: event_id.map(str::to_owned),
        };
        let few = NewRows::Few(vec![row(Some(10), Some("a")), row(Some(20), Some("b"))]);
        for (range, ids) in [
            ((0, 9), &[][..]),
            ((0, 10), &["a"]),
            ((10, 20), &["a", "b"]),
            ((11, 19), &[]),
            ((20, 30), &["b"]),
            ((21, 30), &[]),
        ] {
            let expected =
                if ids.is_empty() { Search::Needless } else { Search::Ids(ids.to_vec()) };
            assert_eq!(few.search(&times(Some(range), true)), expected, "{range:?}");
        }
        assert_eq!(few.search(&times(None, true)), Search::Needless);

        let odd = NewRows::Few(vec![row(None, Some("a")), row(Some(20), None)]);
        for (range, has_nulls, expected) in [
            (None, true, Search::Ids(vec!["a"])),
            (Some((0, 9)), true, Search::Ids(vec!["a"])),
            (Some((0, 9)), false, Search::Needless),
            (Some((0, 20)), false, Search::Rows),
            (Some((0, 20)), true, Search::Rows),
        ] {
            assert_eq!(odd.search(&times(range, has_nulls)), expected);
        }
        assert_eq!(odd.search(&Times::UNKNOWN), Search::Rows);

        let rows = (0..).take(FILTERED_IDS + 1).map(|time| row(Some(time), Some("a")));
        let full = NewRows::Few(rows.collect());
        assert_eq!(full.search(&times(Some((0, 1000)), false)), Search::Rows);
        assert_eq!(full.search(&times(Some((7, 7)), false)), Search::Ids(vec!["a"]));

        let many = NewRows::Many(Some((10, 20)));
        for (range, expected) in [
            (Some((0, 9)), Search::Needless),
            (Some((0, 10)), Search::Rows),
            (Some((12, 13)), Search::Rows),
            (Some((20, 30)), Search::Rows),
            (Some((21, 30)), Search::Needless),
            (None, Search::Needless),
        ] {
            assert_eq!(many.search(&times(range, true)), expected, "{range:?}");
        }
        assert_eq!(NewRows::Many(None).search(&times(Some((0, 9)), false)), Search::Rows);
        assert_eq!(NewRows::Few(Vec::new()).search(&Times::UNKNOWN), Search::Needless);
    }
}
