//! Shaded cells.

use super::{
    super::{heatmap::Heatmap, number},
    Anchor, CHARACTER, Drawing, RIGHT, WIDTH, gutter,
};

const ROW: f64 = 30.0;
const WIDEST: f64 = 64.0;
const GAP: f64 = 2.0;

pub(in super::super) fn draw(map: &Heatmap) -> Drawing {
    let height = ROW * number::drawn(map.rows.len());
    let mut drawing = Drawing::new(height + 26.0);
    let left = gutter(map.rows.iter().map(String::as_str));
    let column = ((WIDTH - RIGHT - left) / number::drawn(map.columns.len().max(1))).min(WIDEST);
    let longest = map.columns.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let label = number::drawn(longest) * CHARACTER + 8.0;
    let every = (1..=map.columns.len()).find(|every| column * number::drawn(*every) >= label);
    let every = every.unwrap_or(map.columns.len()).max(1);
    for (index, (row, cells)) in map.rows.iter().zip(&map.cells).enumerate() {
        let top = ROW * number::drawn(index);
        drawing.label((left - 8.0, top + ROW / 2.0 + 4.0), row);
        for (place, (name, number)) in map.columns.iter().zip(cells).enumerate() {
            let x = left + column * number::drawn(place);
            let class = format!("h{}", map.shade(*number));
            let title = format!("{row}, {name}: {}", number::text(*number));
            drawing.bar(&class, (x, top), (column - GAP, ROW - GAP), &title);
        }
    }
    for (place, name) in
        map.columns.iter().enumerate().filter(|(place, _)| place.is_multiple_of(every))
    {
        let x = left + column * (number::drawn(place) + 0.5);
        drawing.text((x, height + 16.0), Anchor::Middle, name);
    }
    for (shade, meaning) in std::iter::once((0, "0".to_owned())).chain(map.legend()) {
        drawing.explain(
            format!("<rect class=\"h{shade}\" x=\"2\" width=\"12\" height=\"12\"/>"),
            &meaning,
        );
    }
    drawing
}
