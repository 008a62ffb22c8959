//! Bars: upright over time, lying by name.

use super::{
    super::{
        bars::{Bar, Bars},
        number,
    },
    Anchor, BOTTOM, CHARACTER, Drawing, RIGHT, TOP, WIDTH, gutter,
};

const HEIGHT: f64 = 250.0;
/// Height of a lying bar with the room around it.
const ROW: f64 = 26.0;
/// Widest upright bar.
const WIDEST: f64 = 64.0;
/// Room for the number beside a lying bar.
const NUMBER: f64 = 64.0;

pub(in super::super) fn draw(bars: &Bars) -> Drawing {
    let mut drawing = if bars.is_time() { upright(bars) } else { lying(bars) };
    if bars.series.len() > 1 {
        for (series, name) in bars.series.iter().enumerate() {
            let swatch = format!("<rect class=\"s{series}\" x=\"2\" width=\"12\" height=\"12\"/>");
            drawing.explain(swatch, name);
        }
    }
    drawing
}

fn upright(bars: &Bars) -> Drawing {
    let mut drawing = Drawing::new(TOP + HEIGHT + BOTTOM);
    let ticks = number::ticks(0.0, bars.largest(), true);
    let names: Vec<_> = ticks.iter().map(|tick| number::text(*tick)).collect();
    let left = gutter(names.iter().map(String::as_str));
    let top_tick = ticks.last().copied().unwrap_or(1.0);
    let y = |value: f64| TOP + HEIGHT * (1.0 - value / top_tick);
    for (tick, name) in ticks.iter().zip(&names) {
        drawing.line("grid", (left, y(*tick)), (WIDTH - RIGHT, y(*tick)));
        drawing.text((left - 8.0, y(*tick) + 4.0), Anchor::End, name);
    }
    let slot = (WIDTH - RIGHT - left) / number::drawn(bars.list.len().max(1));
    let thick = (slot * 0.8).min(WIDEST);
    let longest = bars.list.iter().map(|bar| bar.name.len()).max().unwrap_or_default();
    let label_width = number::drawn(longest) * CHARACTER + 16.0;
    let every = (1..=bars.list.len()).find(|every| slot * number::drawn(*every) >= label_width);
    let every = every.unwrap_or(bars.list.len()).max(1);
    for (index, bar) in bars.list.iter().enumerate() {
        let middle = left + slot * (number::drawn(index) + 0.5);
        let mut base = 0.0;
        for (series, part) in bar.parts.iter().enumerate().filter(|(_, part)| **part > 0.0) {
            let (low, high) = (y(base), y(base + part));
            let title = title(bars, bar, series);
            // An edge would hide what is this low.
            let edge = if low - high < 3.0 { " thin" } else { "" };
            let class = format!("s{series}{edge}");
            drawing.bar(&class, (middle - thick / 2.0, high), (thick, low - high), &title);
            base += part;
        }
        if index.is_multiple_of(every) {
            let half = number::drawn(bar.name.len()) * CHARACTER / 2.0;
            let x = middle.clamp(half, WIDTH - half);
            drawing.text((x, TOP + HEIGHT + 18.0), Anchor::Middle, &bar.name);
        }
    }
    drawing.line("axis", (left, y(0.0)), (WIDTH - RIGHT, y(0.0)));
    drawing
}

fn lying(bars: &Bars) -> Drawing {
    let rows = number::drawn(bars.list.len());
    let mut drawing = Drawing::new(ROW.mul_add(rows, 8.0));
    let left = gutter(bars.list.iter().map(|bar| bar.name.as_str()));
    let length = WIDTH - left - NUMBER;
    let largest = bars.largest().max(f64::MIN_POSITIVE);
    drawing.line("axis", (left, 2.0), (left, ROW.mul_add(rows, 6.0)));
    for (index, bar) in bars.list.iter().enumerate() {
        let top = ROW.mul_add(number::drawn(index), 6.0);
        drawing.label((left - 8.0, top + 15.0), &bar.name);
        let mut x = left;
        for (series, part) in bar.parts.iter().enumerate().filter(|(_, part)| **part > 0.0) {
            let wide = part / largest * length;
            drawing.bar(
                &format!("s{series}"),
                (x, top),
                (wide, ROW - 6.0),
                &title(bars, bar, series),
            );
            x += wide;
        }
        drawing.text((x + 6.0, top + 15.0), Anchor::Start, &number::text(bar.total()));
    }
    drawing
}

fn title(bars: &Bars, bar: &Bar, series: usize) -> String {
    let (name, part) = (&bars.series[series], number::text(bar.parts[series]));
    if bars.series.len() < 2 {
        format!("{}: {part}", bar.name)
    } else {
        format!("{}, {name}: {part}", bar.name)
    }
}
