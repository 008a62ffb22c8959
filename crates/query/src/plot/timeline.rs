//! A timeline: marks on a time axis, in a row for each name.

use std::collections::BTreeMap;

use super::{
    collect::{Points, Value},
    names::NameId,
    number,
    ranking::{MOST_SERIES, Ranking},
    time,
};

/// Rows of the chart.
const MOST_ROWS: usize = 20;

/// Marks on a time axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Timeline {
    /// Names of the rows.
    pub(super) rows: Vec<String>,
    /// Names of the series; one without a name if the chart has none.
    pub(super) series: Vec<String>,
    pub(super) marks: Vec<Mark>,
    /// First and last time, in microseconds.
    pub(super) span: (i64, i64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) time: i64,
    pub(super) row: usize,
    pub(super) series: usize,
}

/// Marks of one row and series that are too close to each other to be drawn apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cluster {
    pub(super) row: usize,
    pub(super) series: usize,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) count: usize,
}

impl Timeline {
    pub(super) fn of(points: &Points) -> Result<Self, String> {
        let (mut rows, mut series) =
            (BTreeMap::<NameId, f64>::new(), BTreeMap::<NameId, f64>::new());
        let mut read = Vec::with_capacity(points.list.len());
        for point in &points.list {
            let (Value::Time(time), Value::Name(row)) = (point.x, point.y) else {
                return Err("a timeline needs times on the x axis".to_owned());
            };
            let of_series = match point.series {
                Some(Value::Name(id)) => Some(id),
                _ => None,
            };
            *rows.entry(row).or_default() += 1.0;
            if let Some(id) = of_series {
                *series.entry(id).or_default() += 1.0;
            }
            read.push((time, row, of_series));
        }
        let rows = Ranking::of(&rows, &points.names, MOST_ROWS);
        let series = Ranking::of(&series, &points.names, MOST_SERIES);
        let times = || read.iter().map(|(time, ..)| *time);
        Ok(Self {
            span: times().min().zip(times().max()).unwrap_or_default(),
            marks: read
                .iter()
                .map(|(time, row, id)| Mark {
                    time: *time,
                    row: rows.place(*row),
                    series: id.map_or(0, |id| series.place(id)),
                })
                .collect(),
            rows: rows.shown,
            series: if series.shown.is_empty() { vec![String::new()] } else { series.shown },
        })
    }

    /// Where a time is on the axis, from 0 to 1.
    pub(super) fn position(&self, time: i64) -> f64 {
        let (first, last) = self.span;
        if first == last {
            return 0.5;
        }
        number::drawn_time(time.saturating_sub(first))
            / number::drawn_time(last.saturating_sub(first))
    }

    /// The marks, with those together that are in the same one of `columns` parts of the axis.
    pub(super) fn clusters(&self, columns: usize) -> Vec<Cluster> {
        let mut clusters: BTreeMap<(usize, usize, usize), Cluster> = BTreeMap::new();
        for Mark { time, row, series } in &self.marks {
            let column = number::part(self.position(*time), columns);
            let cluster = clusters.entry((*row, column, *series)).or_insert(Cluster {
                row: *row,
                series: *series,
                first: *time,
                last: *time,
                count: 0,
            });
            cluster.first = cluster.first.min(*time);
            cluster.last = cluster.last.max(*time);
            cluster.count += 1;
        }
        clusters.into_values().collect()
    }

    pub(super) fn description(&self) -> String {
        let (first, last) = self.span;
        let marks = if self.marks.len() == 1 {
            "1 mark".to_owned()
        } else {
            format!("{} marks", self.marks.len())
        };
        format!("{marks} from {} to {}.", time::moment(first), time::moment(last))
    }
}
