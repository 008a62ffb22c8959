//! Marks on a time axis.

use std::fmt::Write as _;

use super::{
    super::{time, timeline::Timeline},
    Page, axis_names, column, fitted,
};

/// The marks of the series.
const MARKS: [&str; 8] = ["●", "■", "▲", "◆", "▼", "○", "□", "◇"];
/// Marks of several series in one place.
const SEVERAL: &str = "*";

pub(in super::super) fn draw(timeline: &Timeline, page: &Page) -> String {
    let names = page.gutter(timeline.rows.iter().map(String::as_str));
    let room = page.width.saturating_sub(names + 3).max(8);
    let mut cells: Vec<Vec<Option<Result<usize, ()>>>> =
        vec![vec![None; room]; timeline.rows.len()];
    let mut has_several = false;
    for mark in &timeline.marks {
        let cell = &mut cells[mark.row][column(timeline.position(mark.time), room)];
        *cell = match cell {
            Some(Err(())) => Some(Err(())),
            Some(Ok(series)) if *series != mark.series => {
                has_several = true;
                Some(Err(()))
            }
            _ => Some(Ok(mark.series)),
        };
    }
    let mut text = String::new();
    for (name, cells) in timeline.rows.iter().zip(cells) {
        let _ = write!(text, "{} │", fitted(name, names));
        for cell in cells {
            match cell {
                None => text.push(' '),
                Some(Ok(series)) => text.push_str(&page.paint(series, MARKS[series % MARKS.len()])),
                Some(Err(())) => text.push_str(SEVERAL),
            }
        }
        text.push('\n');
    }
    let (first, last) = timeline.span;
    let axis: Vec<_> = time::ticks(first, last, (room / 14).max(1))
        .into_iter()
        .map(|(tick, name)| (column(timeline.position(tick), room), name))
        .collect();
    let _ = writeln!(text, "{}  {}", " ".repeat(names), axis_names(&axis, room));
    if timeline.series.len() > 1 {
        let legend =
            timeline.series.iter().enumerate().map(|(series, name)| {
                (page.paint(series, MARKS[series % MARKS.len()]), name.clone())
            });
        let several = has_several.then(|| (SEVERAL.to_owned(), "several of them".to_owned()));
        let _ = writeln!(text, "\n{}", page.legend(legend.chain(several)));
    }
    text
}
