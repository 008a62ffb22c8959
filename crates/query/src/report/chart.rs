//! The chart of a report's rows: `line x=day y=events series=channel`.

use std::{fmt, str::FromStr};

/// A chart of a report's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The kind of chart.
    pub kind: ChartKind,
    /// Column on the x axis.
    pub x: String,
    /// Column on the y axis.
    pub y: String,
    /// Column that distinguishes lines, bars, or marks; in a heatmap, the shade.
    pub series: Option<String>,
}

/// A kind of chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartKind {
    /// Bars.
    Bar,
    /// Lines.
    Line,
    /// Shaded cells.
    Heatmap,
    /// Marks on a time axis.
    Timeline,
}

impl ChartKind {
    const ALL: [Self; 4] = [Self::Bar, Self::Line, Self::Heatmap, Self::Timeline];

    /// The name, as in a report's text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bar => "bar",
            Self::Line => "line",
            Self::Heatmap => "heatmap",
            Self::Timeline => "timeline",
        }
    }
}

impl Chart {
    /// The columns that the chart uses.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        [Some(&self.x), Some(&self.y), self.series.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

impl fmt::Display for Chart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} x={} y={}", self.kind.name(), self.x, self.y)?;
        match &self.series {
            Some(series) => write!(formatter, " series={series}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Chart {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || {
            let kinds = ChartKind::ALL.map(ChartKind::name).join(", ");
            format!(
                "{text:?} is not a chart: write `kind x=column y=column [series=column]`, where kind is one of {kinds}"
            )
        };
        let mut words = text.split_whitespace();
        let kind = words
            .next()
            .and_then(|word| ChartKind::ALL.into_iter().find(|kind| kind.name() == word))
            .ok_or_else(form)?;
        let (mut x, mut y, mut series) = (None, None, None);
        for word in words {
            let (axis, column) = word.split_once('=').ok_or_else(form)?;
            let slot = match axis {
                "x" => &mut x,
                "y" => &mut y,
                "series" => &mut series,
                _ => return Err(form()),
            };
            if column.is_empty() || slot.replace(column.to_owned()).is_some() {
                return Err(form());
            }
        }
        Ok(Self { kind, x: x.ok_or_else(form)?, y: y.ok_or_else(form)?, series })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_are_read_as_they_are_written() {
        for text in ["bar x=day y=events", "heatmap x=hour y=weekday series=events"] {
            assert_eq!(text.parse::<Chart>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "bar",
            "pie x=a y=b",
            "bar x=a",
            "bar x=a y=b z=c",
            "bar x=a x=b y=c",
            "bar x= y=b",
            "bar x y",
        ] {
            assert!(text.parse::<Chart>().is_err(), "{text}");
        }
    }
}
