//! Collects the points of a chart while rows pass by: three values of a row, and not more rows than
//! a chart can show.

use arrow::{
    array::{Array, AsArray, RecordBatch},
    compute::cast,
    datatypes::{DataType, Float64Type, SchemaRef, TimeUnit, TimestampMicrosecondType},
    error::ArrowError,
};

use super::{
    names::{NameId, Names},
    time::{self, Step},
};
use crate::{
    format::readable,
    report::{Chart, ChartKind},
};

/// Rows that a chart is drawn from.
pub(super) const MOST_POINTS: usize = 50_000;
/// The name of what has no value.
const NO_NAME: &str = "(none)";

/// Collects the points of a chart while rows pass by.
#[derive(Debug)]
pub struct Collector {
    chart: Chart,
    x: Column,
    y: Column,
    series: Option<Column>,
    points: Points,
}

#[derive(Debug, Clone, Copy)]
struct Column {
    index: usize,
    kind: Kind,
}

/// The kind of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Date,
    Time,
    Number,
    Name,
}

/// A value on an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    /// Microseconds since 1970 in UTC.
    Time(i64),
    Number(f64),
    Name(NameId),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) x: Value,
    pub(super) y: Value,
    /// `None` if the chart has no series.
    pub(super) series: Option<Value>,
}

/// What was collected.
#[derive(Debug)]
pub(super) struct Points {
    pub(super) list: Vec<Point>,
    pub(super) names: Names,
    /// The steps that times on the x axis are given in, if they are times.
    pub(super) step: Option<Step>,
    /// Whether lines stay at a value until the next one.
    pub(super) is_stepped: bool,
    rows: u64,
    /// Rows that lack the value of an axis.
    without_place: u64,
    /// Rows whose time is far from all others, and the first and the last of these times.
    far: usize,
    far_days: Option<(i64, i64)>,
}

impl Kind {
    fn of(kind: &DataType) -> Self {
        match kind {
            DataType::Date32 | DataType::Date64 => Self::Date,
            DataType::Timestamp(..) => Self::Time,
            kind if kind.is_numeric() => Self::Number,
            _ => Self::Name,
        }
    }
}

impl Collector {
    /// Begins to collect the points of a chart from rows with these columns.
    ///
    /// # Errors
    /// The column that the rows do not have.
    pub fn new(chart: &Chart, schema: &SchemaRef) -> Result<Self, String> {
        let column = |name: &str| {
            let (index, field) = schema
                .column_with_name(name)
                .ok_or_else(|| format!("the rows have no column {name:?}"))?;
            Ok::<_, String>(Column { index, kind: Kind::of(field.data_type()) })
        };
        let x = column(&chart.x)?;
        Ok(Self {
            x,
            y: column(&chart.y)?,
            series: chart.series.as_deref().map(column).transpose()?,
            points: Points {
                list: Vec::new(),
                names: Names::default(),
                step: match x.kind {
                    Kind::Date if chart.x.contains("week") => Some(Step::Week),
                    Kind::Date => Some(Step::Day),
                    Kind::Time => Some(Step::Hours(1)),
                    Kind::Number | Kind::Name => None,
                },
                is_stepped: x.kind == Kind::Time,
                rows: 0,
                without_place: 0,
                far: 0,
                far_days: None,
            },
            chart: chart.clone(),
        })
    }

    /// Adds the rows of a batch, as far as there is room.
    ///
    /// # Errors
    /// Values that the engine cannot convert.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let room = MOST_POINTS - self.points.list.len();
        self.points.rows += batch.num_rows() as u64;
        let batch = batch.slice(0, batch.num_rows().min(room));
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let names_numbers = self.chart.kind == ChartKind::Timeline;
        let x = self.values(&batch, self.x, false)?;
        let y = self.values(&batch, self.y, names_numbers)?;
        let is_shade = self.chart.kind == ChartKind::Heatmap;
        let series =
            self.series.map(|column| self.values(&batch, column, !is_shade)).transpose()?;
        for row in 0..batch.num_rows() {
            let y = if names_numbers { y[row].or_else(|| Some(self.none())) } else { y[row] };
            let series = series.as_ref().map(|values| match values[row] {
                None if !is_shade => self.none(),
                None => Value::Number(0.0),
                Some(value) => value,
            });
            match (x[row], y) {
                (Some(x), Some(y)) => self.points.list.push(Point { x, y, series }),
                _ => self.points.without_place += 1,
            }
        }
        Ok(())
    }

    pub(super) fn into_parts(self) -> (Chart, Points) {
        (self.chart, self.points)
    }

    fn none(&mut self) -> Value {
        Value::Name(self.points.names.id(NO_NAME))
    }

    fn values(
        &mut self,
        batch: &RecordBatch,
        column: Column,
        is_named: bool,
    ) -> Result<Vec<Option<Value>>, ArrowError> {
        let array = batch.column(column.index);
        Ok(match column.kind {
            Kind::Date | Kind::Time => {
                let zone = match array.data_type() {
                    DataType::Timestamp(_, zone) => zone.clone(),
                    _ => None,
                };
                let times = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, zone))?;
                let times = times.as_primitive::<TimestampMicrosecondType>();
                times.iter().map(|time| time.map(Value::Time)).collect()
            }
            Kind::Number if !is_named => {
                let numbers = cast(array, &DataType::Float64)?;
                let numbers = numbers.as_primitive::<Float64Type>().iter();
                numbers
                    .map(|number| number.filter(|number| number.is_finite()).map(Value::Number))
                    .collect()
            }
            Kind::Number | Kind::Name => {
                let texts = readable(array.as_ref())?;
                let name = |(row, text): (usize, &String)| {
                    array.is_valid(row).then(|| Value::Name(self.points.names.id(text)))
                };
                texts.iter().enumerate().map(name).collect()
            }
        })
    }
}

impl Points {
    /// Leaves out points whose time is far from all others.
    pub(super) fn leave_out_far(&mut self) {
        let time = |point: &Point| match point.x {
            Value::Time(time) => Some(time),
            Value::Number(_) | Value::Name(_) => None,
        };
        let Some((first, last)) = time::shown(self.list.iter().filter_map(time)) else { return };
        let before = self.list.len();
        let mut far: Vec<i64> = Vec::new();
        self.list.retain(|point| {
            let is_far = time(point).filter(|time| *time < first || *time > last);
            far.extend(is_far);
            is_far.is_none()
        });
        self.far = before - self.list.len();
        self.far_days = (far.iter().min().copied()).zip(far.iter().max().copied());
    }

    /// What the points do not show of the rows.
    pub(super) fn notes(&self, x: &str, y: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if self.rows > MOST_POINTS as u64 {
            notes.push(format!(
                "The chart is drawn from the first {} of {} rows.",
                super::number::text(super::number::drawn(MOST_POINTS)),
                super::number::text(super::number::drawn(
                    usize::try_from(self.rows).unwrap_or(usize::MAX)
                ))
            ));
        }
        if let Some((first, last)) = self.far_days {
            let when = match (time::day(first), time::day(last)) {
                (first, last) if first == last => first,
                (first, last) => format!("{first} to {last}"),
            };
            notes.push(match self.far {
                1 => {
                    format!("1 row of {when} is far from all others in time, and not in the chart.")
                }
                rows => format!(
                    "{rows} rows of {when} are far from all others in time, and not in the chart."
                ),
            });
        }
        if self.without_place > 0 {
            let (x, y) = (x.replace('_', " "), y.replace('_', " "));
            let rows = match self.without_place {
                1 => "1 row has".to_owned(),
                rows => format!("{rows} rows have"),
            };
            notes.push(format!("{rows} no {x} or no {y}, and no place in the chart."));
        }
        notes
    }
}
