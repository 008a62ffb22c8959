//! A heatmap: a number by two columns, as shades.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    collect::{Points, Value},
    number, time,
};
use crate::report::Chart;

/// Rows and columns of the map.
const MOST_CELLS: usize = 60;
/// Shades besides that of nothing.
pub(super) const SHADES: usize = 4;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A number by two columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heatmap {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<String>,
    /// Sums, by row and column.
    pub(super) cells: Vec<Vec<f64>>,
}

/// A value on an axis, in the order of the axis.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Name(String),
}

impl Heatmap {
    pub(super) fn of(
        points: &Points,
        chart: &Chart,
        notes: &mut Vec<String>,
    ) -> Result<Self, String> {
        let key = |value: Value| match value {
            Value::Number(number) => {
                whole(number).map_or_else(|| Key::Name(number::text(number)), Key::Number)
            }
            Value::Time(time) => Key::Name(time::moment(time)),
            Value::Name(id) => Key::Name(points.names.name(id).to_owned()),
        };
        let mut sums: BTreeMap<(Key, Key), f64> = BTreeMap::new();
        for point in &points.list {
            let shade = match point.series {
                None => 1.0,
                Some(Value::Number(number)) if number >= 0.0 => number,
                Some(_) => {
                    return Err(
                        "a heatmap needs numbers that are not negative for its shades".to_owned()
                    );
                }
            };
            *sums.entry((key(point.x), key(point.y))).or_default() += shade;
        }
        let columns = axis(&chart.x, sums.keys().map(|(x, _)| x.clone()).collect());
        let rows = axis(&chart.y, sums.keys().map(|(_, y)| y.clone()).collect());
        let shown = |keys: &[Key]| keys.len().min(MOST_CELLS);
        if columns.len() > MOST_CELLS || rows.len() > MOST_CELLS {
            notes.push(format!(
                "The chart shows {} of {} columns and {} of {} rows.",
                shown(&columns),
                columns.len(),
                shown(&rows),
                rows.len()
            ));
        }
        let sum = |x: &Key, y: &Key| sums.get(&(x.clone(), y.clone())).copied().unwrap_or_default();
        let row = |y: &Key| columns.iter().take(MOST_CELLS).map(|x| sum(x, y)).collect();
        let named = |column: &str, keys: &[Key]| {
            keys.iter().take(MOST_CELLS).map(|key| name(column, key)).collect()
        };
        Ok(Self {
            cells: rows.iter().take(MOST_CELLS).map(row).collect(),
            columns: named(&chart.x, &columns),
            rows: named(&chart.y, &rows),
        })
    }

    pub(super) fn largest(&self) -> f64 {
        self.cells.iter().flatten().copied().fold(0.0, f64::max)
    }

    /// The shade of a number, from 0 for nothing to [`SHADES`].
    pub(super) fn shade(&self, number: f64) -> usize {
        let largest = self.largest();
        if number <= 0.0 || largest <= 0.0 {
            0
        } else {
            number::part(number / largest * 0.9999, SHADES) + 1
        }
    }

    /// What each shade besides nothing means.
    pub(super) fn legend(&self) -> Vec<(usize, String)> {
        let mut ranges: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for number in self.cells.iter().flatten().filter(|number| **number > 0.0) {
            let range = ranges.entry(self.shade(*number)).or_insert((*number, *number));
            *range = (range.0.min(*number), range.1.max(*number));
        }
        let text = |(least, most): (f64, f64)| {
            let (least, most) = (number::text(least), number::text(most));
            if least == most { least } else { format!("{least}–{most}") }
        };
        ranges.into_iter().map(|(shade, range)| (shade, text(range))).collect()
    }

    pub(super) fn description(&self) -> String {
        let mut largest = (0.0, "", "");
        for (row, cells) in self.rows.iter().zip(&self.cells) {
            for (column, number) in self.columns.iter().zip(cells) {
                if *number > largest.0 {
                    largest = (*number, row, column);
                }
            }
        }
        let (number, row, column) = largest;
        format!(
            "{} rows and {} columns. The largest number is {} in row {row}, column {column}.",
            self.rows.len(),
            self.columns.len(),
            number::text(number)
        )
    }
}

/// The values on an axis. Whole numbers, weekdays and hours are complete, also where there are no
/// rows.
fn axis(column: &str, keys: BTreeSet<Key>) -> Vec<Key> {
    let numbers: Option<Vec<_>> = keys
        .iter()
        .map(|key| match key {
            Key::Number(number) => Some(*number),
            Key::Name(_) => None,
        })
        .collect();
    let Some((first, last)) =
        numbers.and_then(|numbers| Some((*numbers.first()?, *numbers.last()?)))
    else {
        return keys.into_iter().collect();
    };
    let (least, most) = match column {
        "weekday" => (1, 7),
        "hour" => (0, 23),
        _ => (first, last),
    };
    let (first, last) = (first.min(least), last.max(most));
    let is_short = last
        .checked_sub(first)
        .and_then(|span| usize::try_from(span).ok())
        .is_some_and(|span| span < MOST_CELLS);
    if is_short { (first..=last).map(Key::Number).collect() } else { keys.into_iter().collect() }
}

fn name(column: &str, key: &Key) -> String {
    match key {
        Key::Name(name) => name.clone(),
        Key::Number(day @ 1..=7) if column == "weekday" => {
            usize::try_from(day - 1).map(|day| WEEKDAYS[day].to_owned()).unwrap_or_default()
        }
        Key::Number(number) => number.to_string(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the number is whole and small")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
}
