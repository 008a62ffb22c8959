//! The section of one chapter.

use std::{collections::BTreeMap, fmt::Write as _};

use arrow::error::ArrowError;

use super::{
    super::{Chapter, Outcome},
    push_prose, table,
};
use crate::{caveat::grouped, format::markup, report::Severity};

/// Appends a chapter.
pub(super) fn push(html: &mut String, chapter: &Chapter, id: &str) -> Result<(), ArrowError> {
    let _ = write!(
        html,
        "<section class=\"chapter\" id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<header><h2 id=\"{id}-heading\">"
    );
    markup::push_line(html, &chapter.title);
    html.push_str("</h2>");
    push_count(html, chapter);
    html.push_str("</header>\n");
    if !chapter.description.is_empty() || chapter.reference.is_some() {
        html.push_str("<p class=\"description\">");
        push_prose(html, &chapter.description);
        push_reference(html, chapter);
        html.push_str("</p>\n");
    }
    push_parameters(html, chapter);
    if let Some(sql) = &chapter.sql {
        html.push_str("<details class=\"sql\"><summary>SQL</summary><pre>");
        markup::push_text(html, sql);
        html.push_str("</pre></details>\n");
    }
    push_caveats(html, &chapter.caveats);
    match &chapter.outcome {
        Outcome::NotRun(reason) => push_problem(html, "Not run", reason),
        Outcome::Failed(reason) => push_problem(html, "Failed", reason),
        Outcome::Rows(answer) => {
            if let Some(plot) = &answer.plot {
                html.push_str("<figure class=\"plot\"><figcaption>");
                markup::push_line(html, plot.heading());
                html.push_str("</figcaption>\n");
                html.push_str(&plot.svg(&format!("{id}-chart")));
                for note in plot.notes() {
                    html.push_str("<p class=\"note\">");
                    markup::push_line(html, note);
                    html.push_str("</p>");
                }
                html.push_str("</figure>\n");
            }
            table::push(html, chapter, answer, id)?;
        }
    }
    html.push_str("</section>\n");
    Ok(())
}

/// Appends how many rows a chapter has, and as what they count.
fn push_count(html: &mut String, chapter: &Chapter) {
    html.push_str("<p class=\"count\">");
    if let Some((severity, _)) = chapter.findings().and_then(BTreeMap::last_key_value) {
        push_badge(html, *severity);
        html.push(' ');
    }
    let _ = match &chapter.outcome {
        Outcome::Rows(answer) => write!(html, "{}", rows(answer.found)),
        Outcome::NotRun(_) => write!(html, "not run"),
        Outcome::Failed(_) => write!(html, "failed"),
    };
    html.push_str("</p>");
}

/// Appends the badge of a severity.
pub(super) fn push_badge(html: &mut String, severity: Severity) {
    let _ = write!(html, "<span class=\"badge {severity}\">{severity}</span>");
}

/// Writes a number of rows.
pub(super) fn rows(rows: u64) -> String {
    match rows {
        0 => "no rows".to_owned(),
        1 => "1 row".to_owned(),
        rows => format!("{} rows", grouped(rows)),
    }
}

fn push_parameters(html: &mut String, chapter: &Chapter) {
    if chapter.name.is_none() && chapter.parameters.is_empty() {
        return;
    }
    html.push_str("<dl class=\"pairs\" aria-label=\"Parameters\">");
    if let Some(name) = &chapter.name {
        html.push_str("<div><dt>report</dt><dd><code>");
        markup::push_line(html, name);
        html.push_str("</code></dd></div>");
    }
    for (name, value) in
        chapter.parameters.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)))
    {
        html.push_str("<div><dt>");
        markup::push_line(html, name);
        html.push_str("</dt><dd><bdi>");
        super::cell::push_value(html, value);
        html.push_str("</bdi></dd></div>");
    }
    let unset: Vec<_> = chapter
        .parameters
        .iter()
        .filter(|(_, value)| value.is_none())
        .map(|(name, _)| markup::line(name))
        .collect();
    if !unset.is_empty() {
        let _ = write!(html, "<div><dt>not set</dt><dd>{}</dd></div>", unset.join(", "));
    }
    html.push_str("</dl>\n");
}

/// Appends a link to the documentation that the report names.
fn push_reference(html: &mut String, chapter: &Chapter) {
    if let Some(reference) = chapter.reference.as_ref().filter(|url| url.starts_with("https://")) {
        html.push_str(" <a class=\"reference\" rel=\"noreferrer\" href=\"");
        markup::push_line(html, reference);
        html.push_str("\">Documentation<span class=\"hidden\"> of ");
        markup::push_line(html, &chapter.title);
        html.push_str("</span></a>");
    }
}

fn push_caveats(html: &mut String, caveats: &[String]) {
    if caveats.is_empty() {
        return;
    }
    html.push_str("<ul class=\"caveats\">");
    for caveat in caveats {
        html.push_str("<li>");
        push_prose(html, caveat);
        html.push_str("</li>");
    }
    html.push_str("</ul>\n");
}

fn push_problem(html: &mut String, what: &str, reason: &str) {
    let _ = write!(html, "<p class=\"problem\"><strong>{what}:</strong> ");
    push_prose(html, reason);
    html.push_str("</p>\n");
}
