//! The top of the page: what the dataset has, findings by severity, and the contents.

use std::fmt::Write as _;

use chrono::TimeDelta;

use super::{
    super::{Book, Chapter, Outcome, Place},
    chapter::{push_badge, rows},
    dataset, id, instant, push_prose,
};
use crate::{
    caveat::{days_in_words, grouped},
    format::markup,
    report::Severity,
};

/// Appends the top of the page and begins its main part.
pub(super) fn push(html: &mut String, book: &Book) {
    html.push_str("<header class=\"top\">\n<p class=\"brand\">ecstrail</p>\n<h1>");
    markup::push_line(html, &book.title);
    html.push_str("</h1>\n<p class=\"scope\"><bdi>");
    markup::push_line(html, &scope(book));
    let _ = writeln!(html, "</bdi> · made {}</p>", instant(book.made_at));
    push_figures(html, book);
    html.push_str("</header>\n<main id=\"content\">\n");
    push_warnings(html, book);
    if book.chapters.len() > 1 {
        push_findings(html, book);
        push_contents(html, book);
    }
    if book.chapters.len() > 1 {
        dataset::push(html, &book.dataset);
    }
}

fn scope(book: &Book) -> String {
    let mut letters = book.scope.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => book.dataset.days.map_or_else(
            || "The whole dataset".to_owned(),
            |days| format!("The whole dataset, {}", days_in_words(days)),
        ),
    }
}

fn push_figures(html: &mut String, book: &Book) {
    let dataset = &book.dataset;
    html.push_str("<dl class=\"figures\">");
    let mut figure = |name: &str, number: &str, note: &str| {
        let _ = write!(html, "<div><dt>{name}</dt><dd>{number}<small>{note}</small></dd></div>");
    };
    let newest = dataset.newest_event.map_or_else(
        || ("none".to_owned(), String::new()),
        |newest| {
            (
                newest.format("%Y-%m-%d").to_string(),
                format!("{}, {}", newest.format("%H:%M"), age(book.made_at - newest)),
            )
        },
    );
    let findings = book.findings();
    let found: u64 = findings.iter().map(|(_, rows, _)| rows).sum();
    let worst = findings.first().map(|(severity, ..)| *severity);
    let answered =
        book.chapters.iter().filter(|chapter| matches!(chapter.outcome, Outcome::Rows(_)));
    let (answered, chapters) = (answered.count(), book.chapters.len());
    let of = format!("of {} in the dataset", grouped(dataset.events));
    figure(
        "Events",
        &grouped(dataset.events_in_scope),
        if dataset.events == dataset.events_in_scope { "all of the dataset" } else { &of },
    );
    figure("Newest event", &newest.0, &newest.1);
    if chapters > 1 {
        let not_run = chapters - answered;
        let note = match not_run {
            0 => "all were run".to_owned(),
            1 => "1 was not run".to_owned(),
            not_run => format!("{not_run} were not run"),
        };
        figure("Reports", &chapters.to_string(), &note);
    }
    if !findings.is_empty() {
        let note =
            worst.map_or_else(|| "nothing found".to_owned(), |worst| format!("worst: {worst}"));
        figure("Findings", &grouped(found), &note);
    }
    let gaps: u64 = dataset.places.iter().map(Place::days_without_events).sum();
    let places = dataset.places.len();
    let note = if places == 1 {
        "in 1 account and Region".to_owned()
    } else {
        format!("in {places} accounts and Regions")
    };
    figure("Days without events", &grouped(gaps), &note);
    html.push_str("</dl>\n");
}

fn age(age: TimeDelta) -> String {
    let (days, hours, minutes) = (age.num_days(), age.num_hours(), age.num_minutes());
    let (number, unit) = match () {
        () if days > 2 => (days, "day"),
        () if hours > 0 => (hours, "hour"),
        () => (minutes.max(0), "minute"),
    };
    format!(
        "{} {unit}{} before this page",
        grouped(number.unsigned_abs()),
        if number == 1 { "" } else { "s" }
    )
}

fn push_warnings(html: &mut String, book: &Book) {
    let dataset = &book.dataset;
    let mut warnings = Vec::new();
    if dataset.events == 0 {
        warnings.push("The dataset has no events: nothing was converted yet.".to_owned());
    } else if dataset.events_in_scope == 0 {
        let days = dataset.days.map(days_in_words).unwrap_or_default();
        warnings.push(format!(
            "There are no events in this part of the dataset, which has events {days}."
        ));
    }
    let age = dataset.newest_event.map(|newest| book.made_at - newest);
    if let Some(age) = age.filter(|age| age.num_hours() >= 48) {
        warnings.push(format!(
            "The newest event is {} old. If the trail is still logging, newer log files were not converted.",
            match age.num_days() {
                days @ ..=2 => format!("{} hours", days.max(2) * 24),
                days => format!("{} days", grouped(days.unsigned_abs())),
            }
        ));
    }
    let without_rows = book.without_rows();
    if let ([_, ..], [_, _, ..]) = (without_rows.as_slice(), book.chapters.as_slice()) {
        let names: Vec<_> = without_rows.iter().map(|(chapter, _)| chapter.title.clone()).collect();
        warnings.push(format!("Not answered: {}. Each of them says why.", names.join(", ")));
    }
    if warnings.is_empty() {
        return;
    }
    html.push_str("<section class=\"warnings\" aria-label=\"What to know first\"><ul>");
    for warning in warnings {
        html.push_str("<li>");
        push_prose(html, &warning);
        html.push_str("</li>");
    }
    html.push_str("</ul></section>\n");
}

fn push_findings(html: &mut String, book: &Book) {
    let (found, clean) = (book.findings(), book.without_findings());
    if found.is_empty() && clean.is_empty() {
        return;
    }
    html.push_str("<section aria-labelledby=\"findings\"><h2 id=\"findings\">Findings</h2>\n");
    if !found.is_empty() {
        html.push_str("<table class=\"findings\"><caption class=\"hidden\">Findings by severity</caption><thead><tr><th scope=\"col\">Severity</th><th scope=\"col\" class=\"n\">Findings</th><th scope=\"col\">Reports</th></tr></thead><tbody>");
        let mut severities: Vec<Severity> = found.iter().map(|(severity, ..)| *severity).collect();
        severities.dedup();
        for severity in severities {
            let of_severity = || found.iter().filter(|(one, ..)| *one == severity);
            html.push_str("<tr><th scope=\"row\">");
            push_badge(html, severity);
            let total: u64 = of_severity().map(|(_, rows, _)| rows).sum();
            let _ = write!(html, "</th><td class=\"n\">{}</td><td><ul>", grouped(total));
            for (_, rows, index) in of_severity() {
                html.push_str("<li>");
                push_link(html, &book.chapters[*index], *index);
                let _ = write!(html, " <span class=\"number\">{}</span></li>", grouped(*rows));
            }
            html.push_str("</ul></td></tr>");
        }
        html.push_str("</tbody></table>\n");
    }
    if !clean.is_empty() {
        html.push_str("<p class=\"note\">Nothing found by: ");
        for (place, index) in clean.iter().enumerate() {
            html.push_str(if place > 0 { ", " } else { "" });
            push_link(html, &book.chapters[*index], *index);
        }
        html.push_str(".</p>\n");
    }
    html.push_str("</section>\n");
}

fn push_contents(html: &mut String, book: &Book) {
    html.push_str("<nav aria-labelledby=\"contents\"><h2 id=\"contents\">Contents</h2>\n<ol class=\"contents\">");
    for (index, chapter) in book.chapters.iter().enumerate() {
        html.push_str("<li>");
        push_link(html, chapter, index);
        let number = match &chapter.outcome {
            Outcome::Rows(answer) => rows(answer.found),
            Outcome::NotRun(_) => "not run".to_owned(),
            Outcome::Failed(_) => "failed".to_owned(),
        };
        let _ = write!(html, "<span class=\"number\">{number}</span></li>");
    }
    html.push_str("</ol></nav>\n");
}

fn push_link(html: &mut String, chapter: &Chapter, index: usize) {
    let _ =
        write!(html, "<a href=\"#{}\">{}</a>", id(chapter, index), markup::line(&chapter.title));
}
