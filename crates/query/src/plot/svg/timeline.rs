//! Marks on a time axis.

use super::{
    super::{
        number, time,
        timeline::{Cluster, Timeline},
    },
    Drawing, RIGHT, WIDTH, gutter,
    lines::draw_times,
    shape,
};

const ROW: f64 = 28.0;
/// Parts of the axis; marks of a row and series in the same one become one.
const COLUMNS: usize = 160;

pub(in super::super) fn draw(timeline: &Timeline) -> Drawing {
    let height = ROW.mul_add(number::drawn(timeline.rows.len()), 8.0);
    let mut drawing = Drawing::new(height + 26.0);
    let left = gutter(timeline.rows.iter().map(String::as_str));
    let first = left + 14.0;
    let room = WIDTH - RIGHT - first;
    let x = |time: i64| first + room * timeline.position(time);
    let y = |row: usize| ROW * (number::drawn(row) + 0.5) + 4.0;
    draw_times(&mut drawing, timeline.span, height, x);
    for (row, name) in timeline.rows.iter().enumerate() {
        drawing.line("grid", (left, y(row)), (WIDTH - RIGHT, y(row)));
        drawing.label((left - 8.0, y(row) + 4.0), name);
    }
    for cluster in timeline.clusters(COLUMNS) {
        let Cluster { row, series, first, last, count } = cluster;
        let radius = match count {
            1 => 4.0,
            2..=9 => 5.0,
            10..=99 => 6.5,
            _ => 8.0,
        };
        let middle = x(first).midpoint(x(last));
        let title = title(timeline, &cluster);
        drawing.path(&format!("mark s{series}"), &shape(series, (middle, y(row)), radius), &title);
    }
    if timeline.series.len() > 1 {
        for (series, name) in timeline.series.iter().enumerate() {
            let mark = shape(series, (8.0, 6.0), 4.5);
            drawing.explain(format!("<path class=\"mark s{series}\" d=\"{mark}\"/>"), name);
        }
    }
    drawing
}

fn title(timeline: &Timeline, cluster: &Cluster) -> String {
    let (row, series) = (&timeline.rows[cluster.row], &timeline.series[cluster.series]);
    let series = if timeline.series.len() > 1 { format!(", {series}") } else { String::new() };
    let (first, last) = (time::moment(cluster.first), time::moment(cluster.last));
    match cluster.count {
        1 => format!("{first}: {row}{series}"),
        count => format!("{first} to {last}: {row}{series}, {count} times"),
    }
}
