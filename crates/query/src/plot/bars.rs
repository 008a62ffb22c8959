//! Bars: sums of numbers by slots of time or by names, stacked by series.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    collect::{Point, Points, Value},
    names::NameId,
    number,
    ranking::{MOST_SERIES, Ranking},
    time::{self, Step},
};

/// Slots of time that bars can stand for.
const MOST_SLOTS: usize = 62;
/// Bars of names.
const MOST_NAMES: usize = 20;

/// Bars, stacked by series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bars {
    pub(super) list: Vec<Bar>,
    /// Names of the series; one without a name if the chart has none.
    pub(super) series: Vec<String>,
    step: Option<Step>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bar {
    pub(super) name: String,
    /// Sum of each series.
    pub(super) parts: Vec<f64>,
}

impl Bar {
    pub(super) fn total(&self) -> f64 {
        self.parts.iter().sum()
    }
}

impl Bars {
    pub(super) fn of(points: &Points, notes: &mut Vec<String>) -> Result<Self, String> {
        let numbers: Option<Vec<_>> = points.list.iter().map(height).collect();
        let numbers = numbers.ok_or("bars need numbers that are not negative on the y axis")?;
        let series = series(points, &numbers);
        let place = |point: &Point| match (&series, point.series) {
            (Some(series), Some(Value::Name(id))) => series.place(id),
            _ => 0,
        };
        let names = series.as_ref().map_or_else(|| vec![String::new()], |one| one.shown.clone());
        let empty = |name: String| Bar { name, parts: vec![0.0; names.len()] };
        let placed: Vec<_> = points
            .list
            .iter()
            .zip(numbers)
            .map(|(point, number)| (point, place(point), number))
            .collect();
        let (bars, step) = match points.step {
            Some(step) => by_time(&placed, step, empty)?,
            None => (by_name(points, &placed, empty, notes), None),
        };
        Ok(Self { list: bars, series: names, step })
    }

    /// The slots of time that the bars stand for.
    pub(super) fn unit(&self) -> Option<&'static str> {
        self.step.map(Step::name)
    }

    pub(super) fn is_time(&self) -> bool {
        self.step.is_some()
    }

    pub(super) fn largest(&self) -> f64 {
        self.list.iter().map(Bar::total).fold(0.0, f64::max)
    }

    pub(super) fn description(&self) -> String {
        let largest = self.list.iter().max_by(|one, other| one.total().total_cmp(&other.total()));
        let mut text = match (self.list.first(), self.list.last()) {
            (Some(first), Some(last)) if self.is_time() && self.list.len() > 1 => {
                format!("{} bars from {} to {}.", self.list.len(), first.name, last.name)
            }
            _ if self.list.len() == 1 => "1 bar.".to_owned(),
            _ => format!("{} bars.", self.list.len()),
        };
        if let Some(bar) = largest {
            let _ = write!(text, " The largest is {} for {}.", number::text(bar.total()), bar.name);
        }
        text
    }
}

fn height(point: &Point) -> Option<f64> {
    match point.y {
        Value::Number(number) if number >= 0.0 => Some(number),
        _ => None,
    }
}

fn series(points: &Points, numbers: &[f64]) -> Option<Ranking> {
    let mut totals: BTreeMap<NameId, f64> = BTreeMap::new();
    for (point, number) in points.list.iter().zip(numbers) {
        if let Value::Name(id) = point.series? {
            *totals.entry(id).or_default() += number;
        }
    }
    Some(Ranking::of(&totals, &points.names, MOST_SERIES))
}

type Placed<'a> = (&'a Point, usize, f64);

fn by_time(
    placed: &[Placed<'_>],
    step: Step,
    empty: impl Fn(String) -> Bar,
) -> Result<(Vec<Bar>, Option<Step>), String> {
    let time = |(point, _, _): &Placed<'_>| match point.x {
        Value::Time(time) => time,
        Value::Number(_) | Value::Name(_) => 0,
    };
    let times: Vec<_> = placed.iter().map(time).collect();
    let (step, slots) = time::slots(&times, step, MOST_SLOTS)
        .ok_or("the times on the x axis are not ones that a calendar has")?;
    let mut bars: Vec<_> = slots.iter().map(|slot| empty(time::slot_name(*slot, step))).collect();
    for (time, (_, series, number)) in times.into_iter().zip(placed) {
        let slot = slots.partition_point(|slot| *slot <= time).saturating_sub(1);
        bars[slot].parts[*series] += number;
    }
    Ok((bars, Some(step)))
}

fn by_name(
    points: &Points,
    placed: &[Placed<'_>],
    empty: impl Fn(String) -> Bar,
    notes: &mut Vec<String>,
) -> Vec<Bar> {
    let mut bars: BTreeMap<String, Bar> = BTreeMap::new();
    for (point, series, number) in placed {
        let name = match point.x {
            Value::Name(id) => points.names.name(id).to_owned(),
            Value::Number(number) => number::text(number),
            Value::Time(time) => time::moment(time),
        };
        let bar = bars.entry(name.clone()).or_insert_with(|| empty(name));
        bar.parts[*series] += number;
    }
    let mut bars: Vec<_> = bars.into_values().collect();
    bars.sort_by(|one, other| other.total().total_cmp(&one.total()));
    if bars.len() > MOST_NAMES {
        let others = bars.split_off(MOST_NAMES - 1);
        let mut rest = empty(format!("{} others", others.len()));
        for other in &others {
            rest.parts.iter_mut().zip(&other.parts).for_each(|(sum, part)| *sum += part);
        }
        notes.push(format!(
            "The chart shows the {} largest by name, and {} others as one.",
            MOST_NAMES - 1,
            others.len()
        ));
        bars.push(rest);
    }
    bars
}
