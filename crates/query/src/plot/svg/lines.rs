//! Lines over time.

use std::fmt::Write as _;

use super::{
    super::{
        lines::{Line, Lines},
        number, time,
    },
    Anchor, BOTTOM, CHARACTER, Drawing, RIGHT, TOP, WIDTH, at, gutter, shape,
};

const HEIGHT: f64 = 260.0;
/// Points of a line that are marked; more would hide it.
const MOST_MARKS: usize = 60;
const MOST_TICKS: usize = 8;

/// Where times and values are.
struct Area<'a> {
    lines: &'a Lines,
    left: f64,
    least: f64,
    most: f64,
}

impl Area<'_> {
    fn x(&self, time: i64) -> f64 {
        let (first, last) = self.lines.span;
        let room = WIDTH - RIGHT - self.left;
        if first == last {
            return self.left + room / 2.0;
        }
        let since = number::drawn_time(time.saturating_sub(first));
        self.left + room * since / number::drawn_time(last.saturating_sub(first))
    }

    fn y(&self, value: f64) -> f64 {
        TOP + HEIGHT * (1.0 - (value - self.least) / (self.most - self.least))
    }
}

pub(in super::super) fn draw(lines: &Lines) -> Drawing {
    let mut drawing = Drawing::new(TOP + HEIGHT + BOTTOM);
    let ticks = number::ticks(lines.range.0, lines.range.1, lines.is_whole);
    let names: Vec<_> = ticks.iter().map(|tick| number::text(*tick)).collect();
    let area = Area {
        lines,
        left: gutter(names.iter().map(String::as_str)),
        least: ticks.first().copied().unwrap_or(0.0),
        most: ticks.last().copied().unwrap_or(1.0),
    };
    for (tick, name) in ticks.iter().zip(&names) {
        let class = if *tick == 0.0 { "axis" } else { "grid" };
        drawing.line(class, (area.left, area.y(*tick)), (WIDTH - RIGHT, area.y(*tick)));
        drawing.text((area.left - 8.0, area.y(*tick) + 4.0), Anchor::End, name);
    }
    draw_times(&mut drawing, lines.span, TOP + HEIGHT, |time| area.x(time));
    for (series, line) in lines.list.iter().enumerate() {
        drawing.path(&format!("line s{series}"), &path(&area, line), &line.name);
        if line.points.len() <= MOST_MARKS {
            for (time, value) in &line.points {
                let (x, y) = (area.x(*time), area.y(*value));
                let title =
                    format!("{} {}: {}", line.name, time::moment(*time), number::text(*value));
                drawing.path(&format!("mark s{series}"), &shape(series, (x, y), 3.5), title.trim());
            }
        }
        if lines.list.len() > 1 {
            let mark = shape(series, (8.0, 6.0), 3.5);
            let swatch = format!(
                "<path class=\"line s{series}\" d=\"M0 6L16 6\"/><path class=\"mark s{series}\" d=\"{mark}\"/>"
            );
            drawing.explain(swatch, &line.name);
        }
    }
    drawing
}

/// Draws the names of times below a chart, and a line down to each.
pub(super) fn draw_times(
    drawing: &mut Drawing,
    (first, last): (i64, i64),
    bottom: f64,
    x: impl Fn(i64) -> f64,
) {
    for (tick, name) in time::ticks(first, last, MOST_TICKS) {
        let half = number::drawn(name.len()) * CHARACTER / 2.0;
        drawing.line("grid", (x(tick), 2.0), (x(tick), bottom));
        drawing.text((x(tick).clamp(half, WIDTH - half), bottom + 18.0), Anchor::Middle, &name);
    }
}

/// The path of a line. Of points that are less than a pixel apart, the first, the last, the least and
/// the largest are drawn.
fn path(area: &Area<'_>, line: &Line) -> String {
    let mut path = String::new();
    let mut from: Option<f64> = None;
    let mut add = |(time, value): (i64, f64)| {
        let (x, y) = (area.x(time), area.y(value));
        let _ = match from {
            None => write!(path, "M{} {}", at(x), at(y)),
            Some(before) if area.lines.is_stepped && (before - y).abs() > 0.01 => {
                write!(path, "H{}V{}", at(x), at(y))
            }
            Some(_) => write!(path, "L{} {}", at(x), at(y)),
        };
        from = Some(y);
    };
    let mut rest = line.points.as_slice();
    while let Some((time, _)) = rest.first() {
        let pixel = area.x(*time).floor();
        let count =
            rest.iter().take_while(|(time, _)| area.x(*time).floor() <= pixel).count().max(1);
        let (together, after) = rest.split_at(count);
        if let ([first, .., last], true) = (together, count > 4) {
            let by_value = |one: &&(i64, f64), other: &&(i64, f64)| one.1.total_cmp(&other.1);
            let least = together.iter().min_by(by_value).unwrap_or(first);
            let most = together.iter().max_by(by_value).unwrap_or(last);
            for point in [first, least, most, last] {
                add(*point);
            }
        } else {
            for point in together {
                add(*point);
            }
        }
        rest = after;
    }
    if area.lines.is_stepped {
        let _ = write!(path, "H{}", at(area.x(area.lines.span.1)));
    }
    path
}
