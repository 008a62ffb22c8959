//! Charts as SVG in a page. Colors, fonts and dashes are up to the classes of the page's style sheet,
//! so that a chart is readable in light and dark, and needs no style of its own.

use std::fmt::Write as _;

use super::number;
use crate::format::{cut, markup, width};

pub(super) mod bars;
pub(super) mod heatmap;
pub(super) mod lines;
pub(super) mod timeline;

/// Width of every chart; the page scales it.
const WIDTH: f64 = 960.0;
/// Width of a character of a label, and height of its line.
const CHARACTER: f64 = 7.4;
/// Columns of the longest label beside a row.
const LONGEST_LABEL: usize = 32;
/// Room right of the chart.
const RIGHT: f64 = 24.0;
/// Room above it.
const TOP: f64 = 12.0;
/// Room below it, for the names of the x axis.
const BOTTOM: f64 = 26.0;

/// A chart that is drawn.
#[derive(Debug)]
pub(super) struct Drawing {
    height: f64,
    body: String,
    legend: Vec<(String, String)>,
}

/// Which end of a text is at its position.
#[derive(Debug, Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

impl Drawing {
    fn new(height: f64) -> Self {
        Self { height, body: String::new(), legend: Vec::new() }
    }

    fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " class=\"middle\"",
            Anchor::End => " class=\"end\"",
        };
        let _ = write!(self.body, "<text x=\"{}\" y=\"{}\"{anchor}>", at(x), at(y));
        markup::push_line(&mut self.body, text);
        self.body.push_str("</text>");
    }

    /// A label beside a row: cut, with all of it in a title.
    fn label(&mut self, (x, y): (f64, f64), label: &str) {
        let shown = cut(label, LONGEST_LABEL);
        let _ = write!(self.body, "<text x=\"{}\" y=\"{}\" class=\"end\">", at(x), at(y));
        if shown != label {
            self.title(label);
        }
        markup::push_line(&mut self.body, &shown);
        self.body.push_str("</text>");
    }

    fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let _ = write!(
            self.body,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            at(from.0),
            at(from.1),
            at(to.0),
            at(to.1)
        );
    }

    fn bar(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), title: &str) {
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">",
            at(x),
            at(y),
            at(width),
            at(height)
        );
        self.title(title);
        self.body.push_str("</rect>");
    }

    /// A path with a title, or without one if that is empty.
    fn path(&mut self, class: &str, path: &str, title: &str) {
        let _ = write!(self.body, "<path class=\"{class}\" d=\"{path}\"");
        if title.is_empty() {
            self.body.push_str("/>");
        } else {
            self.body.push('>');
            self.title(title);
            self.body.push_str("</path>");
        }
    }

    fn title(&mut self, title: &str) {
        self.body.push_str("<title>");
        markup::push_line(&mut self.body, title);
        self.body.push_str("</title>");
    }

    /// Adds a line to the legend: a drawing of 16 by 12, and what it stands for.
    fn explain(&mut self, swatch: String, meaning: &str) {
        self.legend.push((swatch, meaning.to_owned()));
    }

    /// Returns the chart as HTML. Its elements have ids that begin with `id`.
    pub(super) fn finish(self, id: &str, heading: &str, description: &str) -> String {
        let (heading, description) = (markup::line(heading), markup::line(description));
        let mut html = format!(
            "<div class=\"canvas\" tabindex=\"0\" role=\"group\" aria-label=\"Chart: {heading}\">\
             <svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{id}-title {id}-description\">\
             <title id=\"{id}-title\">{heading}</title><desc id=\"{id}-description\">{description}</desc>\n",
            at(WIDTH),
            at(self.height)
        );
        html.push_str(&self.body);
        html.push_str("\n</svg></div>");
        if !self.legend.is_empty() {
            html.push_str("\n<ul class=\"legend\">");
            for (swatch, meaning) in self.legend {
                let _ = write!(
                    html,
                    "<li><svg class=\"swatch\" viewBox=\"0 0 16 12\" aria-hidden=\"true\">{swatch}</svg><bdi>{}</bdi></li>",
                    markup::line(&meaning)
                );
            }
            html.push_str("</ul>");
        }
        html
    }
}

/// Writes a coordinate.
fn at(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Returns the room that the longest of the labels needs left of the chart.
fn gutter<'a>(labels: impl Iterator<Item = &'a str>) -> f64 {
    let longest = labels.map(width).max().unwrap_or_default().min(LONGEST_LABEL);
    (number::drawn(longest) * CHARACTER + 14.0).max(48.0)
}

/// Returns the path of a mark around a point. Each of the eight series has its own.
fn shape(series: usize, (x, y): (f64, f64), radius: f64) -> String {
    let corners = |corners: &[(f64, f64)]| {
        let mut path = String::new();
        for (index, (right, down)) in corners.iter().enumerate() {
            let letter = if index == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{} {}", at(x + right * radius), at(y + down * radius));
        }
        path + "Z"
    };
    match series % 8 {
        1 => corners(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        2 => corners(&[(0.0, -1.2), (1.1, 0.9), (-1.1, 0.9)]),
        3 => corners(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
        4 => corners(&[(-1.1, -0.9), (1.1, -0.9), (0.0, 1.2)]),
        5 => corners(&[(-1.2, -0.5), (1.2, -0.5), (1.2, 0.5), (-1.2, 0.5)]),
        6 => corners(&[(-0.5, -1.2), (0.5, -1.2), (0.5, 1.2), (-0.5, 1.2)]),
        7 => corners(&[(0.0, -1.2), (1.1, -0.4), (0.7, 1.0), (-0.7, 1.0), (-1.1, -0.4)]),
        _ => {
            let (left, radius, across) = (at(x - radius), at(radius), at(2.0 * radius));
            format!(
                "M{left} {}a{radius} {radius} 0 1 0 {across} 0a{radius} {radius} 0 1 0 -{across} 0Z",
                at(y)
            )
        }
    }
}
