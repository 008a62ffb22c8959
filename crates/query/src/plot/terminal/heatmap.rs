//! Shaded cells.

use std::fmt::Write as _;

use super::{super::heatmap::Heatmap, Page, axis_names, fitted};

const SHADES: [char; 5] = ['·', '░', '▒', '▓', '█'];

pub(in super::super) fn draw(map: &Heatmap, page: &Page) -> String {
    let names = page.gutter(map.rows.iter().map(String::as_str));
    let room = page.width.saturating_sub(names + 2);
    let wide = (room / map.columns.len().max(1)).clamp(1, 3);
    let shown = map.columns.len().min(room / wide);
    let cell = |shade: usize| -> String {
        let fill = SHADES[shade].to_string();
        let gap = usize::from(wide > 1);
        match shade {
            0 => format!("{fill}{}", " ".repeat(wide - 1)),
            _ => format!("{}{}", fill.repeat(wide - gap), " ".repeat(gap)),
        }
    };
    let mut text = String::new();
    for (row, cells) in map.rows.iter().zip(&map.cells) {
        let _ = write!(text, "{}  ", fitted(row, names));
        for number in cells.iter().take(shown) {
            text.push_str(&cell(map.shade(*number)));
        }
        text.push('\n');
    }
    let columns: Vec<_> = map
        .columns
        .iter()
        .take(shown)
        .enumerate()
        .map(|(index, name)| (index * wide, name.clone()))
        .collect();
    let _ = writeln!(text, "{}  {}", " ".repeat(names), axis_names(&columns, shown * wide));
    let legend = std::iter::once((0, "0".to_owned())).chain(map.legend());
    let legend = legend.map(|(shade, meaning)| (SHADES[shade].to_string(), meaning));
    let _ = writeln!(text, "\n{}", page.legend(legend));
    if shown < map.columns.len() {
        let _ = writeln!(text, "The first {shown} of {} columns are shown.", map.columns.len());
    }
    text
}
