//! Lines: each in a row of its own, as bars of an eighth of a line.

use std::fmt::Write as _;

use super::{
    super::{
        lines::{Line, Lines},
        number, time,
    },
    Page, axis_names, column, fitted,
};

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

pub(in super::super) fn draw(lines: &Lines, page: &Page) -> String {
    let names = page.gutter(lines.list.iter().map(|line| line.name.as_str()));
    let ends: Vec<_> = lines.list.iter().map(ends).collect();
    let widest = ends.iter().map(|end| end.chars().count()).max().unwrap_or_default();
    let room = page.width.saturating_sub(names + widest + 4).max(8);
    let mut text = String::new();
    for (series, (line, end)) in lines.list.iter().zip(&ends).enumerate() {
        let picture = page.paint(series, &picture(lines, line, room));
        let _ = writeln!(text, "{}  {picture}  {end}", fitted(&line.name, names));
    }
    let (first, last) = lines.span;
    let axis: Vec<_> = time::ticks(first, last, (room / 14).max(1))
        .into_iter()
        .map(|(tick, name)| (column(position(lines, tick), room), name))
        .collect();
    let _ = writeln!(text, "{}  {}", " ".repeat(names), axis_names(&axis, room));
    let _ = writeln!(
        text,
        "\nEach row goes from {} to {}; beside it, its least and largest value, and its last.",
        number::text(lines.range.0),
        number::text(lines.range.1)
    );
    text
}

fn ends(line: &Line) -> String {
    let values = || line.points.iter().map(|point| point.1);
    let (least, most) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
    let last = line.points.last().map_or(0.0, |point| point.1);
    format!("{}–{}, last {}", number::text(least), number::text(most), number::text(last))
}

fn position(lines: &Lines, time: i64) -> f64 {
    let (first, last) = lines.span;
    if first == last {
        return 0.5;
    }
    number::drawn_time(time.saturating_sub(first)) / number::drawn_time(last.saturating_sub(first))
}

/// The largest value of each column. A value that holds is drawn until the next one.
fn picture(lines: &Lines, line: &Line, room: usize) -> String {
    let mut columns: Vec<Option<f64>> = vec![None; room];
    for (time, value) in &line.points {
        let cell = &mut columns[column(position(lines, *time), room)];
        *cell = Some(cell.map_or(*value, |known| known.max(*value)));
    }
    let (least, most) = lines.range;
    let mut held = None;
    let mut picture = String::new();
    let mut last_values = line
        .points
        .iter()
        .map(|(time, value)| (column(position(lines, *time), room), *value))
        .peekable();
    for (index, value) in columns.iter().enumerate() {
        let shown = value.or(if lines.is_stepped { held } else { None });
        while let Some((_, last)) = last_values.next_if(|(at, _)| *at <= index) {
            held = Some(last);
        }
        picture.push(shown.map_or(' ', |value| {
            let share = if most > least { (value - least) / (most - least) } else { 1.0 };
            LEVELS[number::part(share, LEVELS.len())]
        }));
    }
    picture
}
