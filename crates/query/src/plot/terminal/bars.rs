//! Lying bars, one line each.

use std::fmt::Write as _;

use super::{
    super::{bars::Bars, number},
    Page, fitted,
};

/// The characters of the series.
const FILLS: [&str; 8] = ["█", "▓", "▒", "░", "#", "=", "+", "·"];

pub(in super::super) fn draw(bars: &Bars, page: &Page) -> String {
    let names = page.gutter(bars.list.iter().map(|bar| bar.name.as_str()));
    let numbers: Vec<_> = bars.list.iter().map(|bar| number::text(bar.total())).collect();
    let widest = numbers.iter().map(|number| number.chars().count()).max().unwrap_or_default();
    let room = page.width.saturating_sub(names + widest + 4).max(1);
    let largest = bars.largest();
    let mut text = String::new();
    for (bar, total) in bars.list.iter().zip(numbers) {
        let _ = write!(text, "{} │", fitted(&bar.name, names));
        let (mut sum, mut drawn) = (0.0, 0);
        for (series, part) in bar.parts.iter().enumerate() {
            sum += part;
            // Rounding the sums leaves the length of the whole bar right.
            let mut end = if largest > 0.0 { number::portion(sum / largest, room) } else { 0 };
            if *part > 0.0 && end == 0 {
                end = 1;
            }
            let length = end.saturating_sub(drawn);
            text.push_str(&page.paint(series, &FILLS[series % FILLS.len()].repeat(length)));
            drawn = drawn.max(end);
        }
        let _ = writeln!(text, " {total}");
    }
    if bars.series.len() > 1 {
        let legend =
            bars.series.iter().enumerate().map(|(series, name)| {
                (page.paint(series, FILLS[series % FILLS.len()]), name.clone())
            });
        let _ = writeln!(text, "\n{}", page.legend(legend));
    }
    text
}
