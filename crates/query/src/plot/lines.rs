//! Lines: a number over time, a line for each series.

use std::collections::BTreeMap;

use super::{
    collect::{Points, Value},
    names::NameId,
    number,
    ranking::MOST_SERIES,
    time,
};

/// Lines over time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lines {
    pub(super) list: Vec<Line>,
    /// First and last time, in microseconds.
    pub(super) span: (i64, i64),
    /// Least and largest value; the least is not above 0.
    pub(super) range: (f64, f64),
    /// Whether all values are whole numbers.
    pub(super) is_whole: bool,
    /// Whether a value holds until the next one.
    pub(super) is_stepped: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) name: String,
    /// Times and values, by time.
    pub(super) points: Vec<(i64, f64)>,
}

impl Lines {
    pub(super) fn of(points: &Points, notes: &mut Vec<String>) -> Result<Self, String> {
        let mut lines: BTreeMap<Option<NameId>, Vec<(i64, f64)>> = BTreeMap::new();
        for point in &points.list {
            let (Value::Time(time), Value::Number(value)) = (point.x, point.y) else {
                return Err("lines need times on the x axis and numbers on the y axis".to_owned());
            };
            let series = match point.series {
                Some(Value::Name(id)) => Some(id),
                _ => None,
            };
            lines.entry(series).or_default().push((time, value));
        }
        let mut lines: Vec<_> = lines
            .into_iter()
            .map(|(id, mut points_of_line)| {
                points_of_line.sort_by_key(|(time, _)| *time);
                let name = id.map_or("", |id| points.names.name(id)).to_owned();
                Line { name, points: points_of_line }
            })
            .collect();
        lines.sort_by(|one, other| {
            other.points.len().cmp(&one.points.len()).then_with(|| one.name.cmp(&other.name))
        });
        if lines.len() > MOST_SERIES {
            notes.push(format!(
                "The chart shows the {MOST_SERIES} lines with the most points, and not {} more.",
                lines.len() - MOST_SERIES
            ));
            lines.truncate(MOST_SERIES);
        }
        let all = || lines.iter().flat_map(|line| &line.points);
        let times = || all().map(|(time, _)| *time);
        let values = || all().map(|(_, value)| *value);
        Ok(Self {
            span: times().min().zip(times().max()).unwrap_or_default(),
            range: (values().fold(0.0, f64::min), values().fold(0.0, f64::max)),
            is_whole: values().all(|value| value.fract() == 0.0),
            is_stepped: points.is_stepped,
            list: lines,
        })
    }

    pub(super) fn description(&self) -> String {
        let (first, last) = self.span;
        let lines = if self.list.len() == 1 {
            "1 line".to_owned()
        } else {
            format!("{} lines", self.list.len())
        };
        format!(
            "{lines} from {} to {}, with values from {} to {}.",
            time::moment(first),
            time::moment(last),
            number::text(
                self.list
                    .iter()
                    .flat_map(|line| &line.points)
                    .map(|point| point.1)
                    .fold(f64::MAX, f64::min)
            ),
            number::text(self.range.1)
        )
    }
}
