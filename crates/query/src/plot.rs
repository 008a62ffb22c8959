//! Charts of a report's rows: as SVG for pages, and as text for terminals.
//!
//! Rows pass by a [`Collector`], which keeps a bounded number of points. What is drawn of them is
//! decided once, for both: slots of time without rows, the largest names and series, and what is
//! summed up as others.

use std::fmt::Write as _;

use crate::report::ChartKind;

mod bars;
mod collect;
mod heatmap;
mod lines;
mod names;
mod number;
mod ranking;
mod svg;
mod terminal;
#[cfg(test)]
mod tests;
mod time;
mod timeline;

use bars::Bars;
pub use collect::Collector;
use heatmap::Heatmap;
use lines::Lines;
use timeline::Timeline;

/// A chart that can be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    shape: Shape,
    /// What the axes and the series are, in words.
    heading: String,
    /// What the chart does not show, a sentence each.
    notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Bars(Bars),
    Lines(Lines),
    Heatmap(Heatmap),
    Timeline(Timeline),
}

impl Collector {
    /// Returns the chart; `None` if no row has a place in it.
    ///
    /// # Errors
    /// The reason why these rows cannot be drawn in this kind of chart.
    pub fn finish(self) -> Result<Option<Plot>, String> {
        let (chart, mut points) = self.into_parts();
        points.leave_out_far();
        if points.list.is_empty() {
            return Ok(None);
        }
        let mut notes = points.notes(&chart.x, &chart.y);
        let shape = match chart.kind {
            ChartKind::Bar => Shape::Bars(Bars::of(&points, &mut notes)?),
            ChartKind::Line => Shape::Lines(Lines::of(&points, &mut notes)?),
            ChartKind::Heatmap => Shape::Heatmap(Heatmap::of(&points, &chart, &mut notes)?),
            ChartKind::Timeline => Shape::Timeline(Timeline::of(&points)?),
        };
        Ok(Some(Plot { heading: heading(&shape, &chart), shape, notes }))
    }
}

impl Plot {
    /// What the axes and the series are, in words.
    pub fn heading(&self) -> &str {
        &self.heading
    }

    /// What the chart does not show, a sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// A description for those who do not see the chart.
    pub fn description(&self) -> String {
        let mut text = format!("{}. ", self.heading);
        let _ = match &self.shape {
            Shape::Bars(bars) => write!(text, "{}", bars.description()),
            Shape::Lines(lines) => write!(text, "{}", lines.description()),
            Shape::Heatmap(heatmap) => write!(text, "{}", heatmap.description()),
            Shape::Timeline(timeline) => write!(text, "{}", timeline.description()),
        };
        text
    }

    /// Draws the chart as SVG and its legend as HTML, without style or script: colors are up to
    /// classes. `id` begins the ids of its elements.
    pub(crate) fn svg(&self, id: &str) -> String {
        let drawing = match &self.shape {
            Shape::Bars(bars) => svg::bars::draw(bars),
            Shape::Lines(lines) => svg::lines::draw(lines),
            Shape::Heatmap(heatmap) => svg::heatmap::draw(heatmap),
            Shape::Timeline(timeline) => svg::timeline::draw(timeline),
        };
        drawing.finish(id, &self.heading, &self.description())
    }

    /// Draws the chart with characters, in lines of up to `width` columns, with escapes for colors
    /// if `has_color`.
    pub fn text(&self, width: usize, has_color: bool) -> String {
        let page = terminal::Page { width: width.max(terminal::NARROWEST), has_color };
        let mut text = match &self.shape {
            Shape::Bars(bars) => terminal::bars::draw(bars, &page),
            Shape::Lines(lines) => terminal::lines::draw(lines, &page),
            Shape::Heatmap(heatmap) => terminal::heatmap::draw(heatmap, &page),
            Shape::Timeline(timeline) => terminal::timeline::draw(timeline, &page),
        };
        text.insert_str(0, &format!("{}\n\n", self.heading));
        for note in &self.notes {
            let _ = write!(text, "\n{note}");
        }
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }
}

fn heading(shape: &Shape, chart: &crate::report::Chart) -> String {
    let words = |column: &str| column.replace('_', " ");
    let (x, y) = (words(&chart.x), words(&chart.y));
    let series = chart.series.as_deref().map(words);
    let by = |series: Option<String>| series.map(|series| format!(" and {series}"));
    let heading = match shape {
        Shape::Bars(bars) => {
            let x = bars.unit().map_or(x, str::to_owned);
            format!("{y} by {x}{}", by(series).unwrap_or_default())
        }
        Shape::Lines(_) => {
            format!("{y} over time{}", series.map(|one| format!(", by {one}")).unwrap_or_default())
        }
        Shape::Heatmap(_) => {
            format!("{} by {y} and {x}", series.unwrap_or_else(|| "rows".to_owned()))
        }
        Shape::Timeline(_) => {
            format!("{y} over time{}", series.map(|one| format!(", by {one}")).unwrap_or_default())
        }
    };
    let mut letters = heading.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
