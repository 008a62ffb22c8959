//! Charts of each kind: as they are drawn, with hostile names, and with more than fits.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::SchemaRef,
};
use insta::assert_snapshot;

use super::*;

/// Names that would be markup, script, escapes or a change of direction.
const HOSTILE: [&str; 7] = [
    "</text></svg><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "&lt;b&gt;]]><!--",
    "\u{202e}\u{2066}evil\u{200b}\0\u{1b}[31m\u{9b}31m",
    "line\nbreak\r\ttab",
    "",
];

const HOUR: i64 = 3_600_000_000;

fn times(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter_values(values).with_timezone("UTC"))
}

fn days(values: impl IntoIterator<Item = i32>) -> ArrayRef {
    Arc::new(Date32Array::from_iter_values(values))
}

fn integers(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn collector(chart: &str, batch: &RecordBatch) -> Collector {
    let schema: SchemaRef = batch.schema();
    let mut collector = Collector::new(&chart.parse().unwrap(), &schema).unwrap();
    collector.add(batch).unwrap();
    collector
}

fn plot(chart: &str, columns: Vec<(&str, ArrayRef)>) -> Plot {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    collector(chart, &batch).finish().unwrap().unwrap()
}

/// 2026-04-27.
const MONDAY: i32 = 20_570;
const MIDNIGHT: i64 = MONDAY as i64 * 24 * HOUR;

fn bars_over_time() -> Plot {
    plot(
        "bar x=day y=events series=region",
        vec![
            ("day", days([0, 0, 1, 4].map(|day| MONDAY + day))),
            ("events", integers([12, 3, 7, 1200])),
            ("region", texts(["eu-west-1", "us-east-1", "eu-west-1", "us-east-1"])),
        ],
    )
}

fn bars_by_name() -> Plot {
    plot(
        "bar x=error_code y=calls series=event_name",
        vec![
            ("error_code", texts(["AccessDenied", "Throttling", "AccessDenied"])),
            ("calls", integers([4, 9, 1])),
            ("event_name", texts(["RunTask", "RunTask", "StopTask"])),
        ],
    )
}

fn lines() -> Plot {
    plot(
        "line x=event_time y=count series=service",
        vec![
            ("event_time", times([0, 2, 5, 9, 4].map(|hour| MIDNIGHT + hour * HOUR))),
            ("count", integers([2, 4, 0, 3, 8])),
            ("service", texts(["checkout", "checkout", "checkout", "checkout", "search"])),
        ],
    )
}

fn heatmap() -> Plot {
    plot(
        "heatmap x=hour y=weekday series=calls",
        vec![
            ("hour", integers([0, 9, 9, 23])),
            ("weekday", integers([1, 1, 5, 7])),
            ("calls", integers([1, 40, 100, 7])),
        ],
    )
}

fn timeline() -> Plot {
    plot(
        "timeline x=event_time y=event_name series=channel",
        vec![
            ("event_time", times([0, 1, 2, 2, 30, 30].map(|hour| MIDNIGHT + hour * HOUR))),
            (
                "event_name",
                texts(["RunTask", "StopTask", "RunTask", "RunTask", "RunTask", "RunTask"]),
            ),
            ("channel", texts(["cli", "cli", "cli", "cli", "console", "cli"])),
        ],
    )
}

#[test]
fn charts_of_each_kind() {
    for (name, plot) in [
        ("bars_over_time", bars_over_time()),
        ("bars_by_name", bars_by_name()),
        ("lines", lines()),
        ("heatmap", heatmap()),
        ("timeline", timeline()),
    ] {
        assert_snapshot!(format!("svg_{name}"), plot.svg("chart"));
        assert_snapshot!(format!("text_{name}"), plot.text(80, false));
    }
}

#[test]
fn names_stay_names() {
    let numbers = || integers((1..).take(HOSTILE.len()));
    let hostile = || texts(HOSTILE);
    let at = || times((0..).map(|hour| MIDNIGHT + hour * HOUR).take(HOSTILE.len()));
    for plot in [
        plot("bar x=a y=n series=b", vec![("a", hostile()), ("n", numbers()), ("b", hostile())]),
        plot("line x=t y=n series=a", vec![("t", at()), ("n", numbers()), ("a", hostile())]),
        plot(
            "heatmap x=a y=b series=n",
            vec![("a", hostile()), ("b", hostile()), ("n", numbers())],
        ),
        plot("timeline x=t y=a series=b", vec![("t", at()), ("a", hostile()), ("b", hostile())]),
    ] {
        let svg = plot.svg("chart");
        for tag in ["<script", "<img", "<b>", "</text></svg><", "style", "<!--"] {
            assert!(!svg.contains(tag), "{tag} in {svg}");
        }
        // Quotes within attributes are escaped: what is left of them pairs up.
        assert_eq!(svg.matches('"').count() % 2, 0);
        assert!(!svg.contains("onerror=alert(1)>") && !svg.contains('\''), "{svg}");
        let text = plot.text(80, false);
        let is_shown = |character: char| character == '\n' || !character.is_control();
        assert!(text.chars().all(is_shown) && !text.contains('\u{202e}'), "{text:?}");
        assert!(svg.contains("\\u{202e}"), "{svg}");
    }
}

#[test]
fn what_does_not_fit_is_summed_up_or_told() {
    let many = 300;
    let names: Vec<_> = (0..many).map(|number| format!("name-{number}")).collect();
    let names = || texts(names.iter().map(String::as_str));
    let bars = plot("bar x=a y=n series=a", vec![("a", names()), ("n", integers(0..many))]);
    let svg = bars.svg("chart");
    assert!(svg.contains("281 others") && svg.contains("293 others"), "{svg}");
    assert!(svg.matches("<rect").count() < 40);
    let lines = plot(
        "line x=t y=n series=a",
        vec![
            ("t", times((0..many).map(|hour| MIDNIGHT + hour * HOUR))),
            ("n", integers(0..many)),
            ("a", names()),
        ],
    );
    assert!(lines.notes().concat().contains("and not 292 more"));
    let rows = 60_000;
    let timeline = plot(
        "timeline x=t y=a",
        vec![
            ("t", times((0..rows).map(|second| MIDNIGHT + second * 1_000_000))),
            ("a", texts((0..rows).map(|_| "one"))),
        ],
    );
    assert!(timeline.notes().concat().contains("the first 50,000 of 60,000 rows"));
    assert!(timeline.svg("chart").len() < 60_000, "marks that are close are one");
}

#[test]
fn rows_that_cannot_be_drawn_are_told() {
    let batch = RecordBatch::try_from_iter([
        ("name", texts(["a"])),
        ("negative", integers([-1])),
        ("number", Arc::new(Float64Array::from(vec![f64::NAN])) as ArrayRef),
    ])
    .unwrap();
    for (chart, expected) in [
        ("bar x=name y=name", "bars need numbers"),
        ("bar x=name y=negative", "bars need numbers that are not negative"),
        ("line x=name y=negative", "lines need times"),
        ("timeline x=name y=name", "a timeline needs times"),
        ("heatmap x=name y=name series=negative", "a heatmap needs numbers that are not negative"),
    ] {
        let problem = collector(chart, &batch).finish().unwrap_err();
        assert!(problem.starts_with(expected), "{chart}: {problem}");
    }
    assert_eq!(collector("bar x=name y=number", &batch).finish(), Ok(None), "no row has a number");
    let missing = Collector::new(&"bar x=none y=name".parse().unwrap(), &batch.schema());
    assert_eq!(missing.unwrap_err(), "the rows have no column \"none\"");
}

#[test]
fn text_has_colors_only_where_they_are_wanted() {
    for plot in [bars_over_time(), bars_by_name(), lines(), timeline()] {
        assert!(!plot.text(80, false).contains('\u{1b}'));
        assert!(plot.text(80, true).contains("\u{1b}[34m"));
    }
    for plot in [bars_over_time(), bars_by_name(), lines(), heatmap(), timeline()] {
        for width in [40, 80, 200] {
            let text = plot.text(width, false);
            // Sentences may be longer.
            let widest =
                text.lines().filter(|line| !line.ends_with('.')).map(crate::format::width).max();
            assert!(widest.unwrap() <= width, "{width}\n{text}");
        }
    }
}
