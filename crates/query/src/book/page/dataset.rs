//! What was converted: accounts and Regions, their days, and the days without events.

use std::fmt::Write as _;

use super::super::{DatasetSummary, Place};
use crate::{caveat::grouped, format::markup};

/// Accounts and Regions that are listed.
const MOST_PLACES: usize = 100;
/// Accounts and Regions beyond which their list is folded.
const FEW_PLACES: usize = 8;
/// Gaps of an account and Region that are listed.
const MOST_GAPS: usize = 12;

/// Appends what the dataset has.
pub(super) fn push(html: &mut String, dataset: &DatasetSummary) {
    html.push_str("<section aria-labelledby=\"dataset\"><h2 id=\"dataset\">What was converted</h2>\n<p class=\"note\">");
    let _ = write!(
        html,
        "{} events of {} log files",
        grouped(dataset.events),
        grouped(dataset.log_files)
    );
    if let Some(at) = &dataset.last_commit_at {
        html.push_str(", the last of them converted at ");
        markup::push_line(html, &at.replacen('T', " ", 1).chars().take(16).collect::<String>());
    }
    html.push_str(". ");
    match dataset.rejects {
        0 => html.push_str("No record was rejected."),
        1 => html.push_str("1 record was rejected and is not in the dataset."),
        rejects => {
            let _ = write!(
                html,
                "{} records were rejected and are not in the dataset.",
                grouped(rejects)
            );
        }
    }
    html.push_str("</p>\n");
    if !dataset.filters.is_empty() {
        html.push_str("<p class=\"note\">Filters of the conversions: ");
        for (place, filter) in dataset.filters.iter().enumerate() {
            html.push_str(if place > 0 { "; " } else { "" });
            html.push_str("<code>");
            markup::push_line(html, filter);
            html.push_str("</code>");
        }
        html.push_str("</p>\n");
    }
    if !dataset.places.is_empty() {
        push_places(html, &dataset.places);
    }
    html.push_str("</section>\n");
}

fn push_places(html: &mut String, places: &[Place]) {
    let open = if places.len() > FEW_PLACES { "" } else { " open" };
    let _ = writeln!(
        html,
        "<details{open}><summary>{}</summary>",
        match places.len() {
            1 => "1 account and Region".to_owned(),
            places => format!("{} accounts and Regions", grouped(places as u64)),
        }
    );
    html.push_str("<div class=\"scroll\" role=\"region\" aria-labelledby=\"places\" tabindex=\"0\"><table class=\"places\"><caption id=\"places\" class=\"hidden\">Accounts and Regions</caption><thead><tr><th scope=\"col\">Account</th><th scope=\"col\">Region</th><th scope=\"col\" class=\"n\">Events here</th><th scope=\"col\">First day</th><th scope=\"col\">Last day</th><th scope=\"col\">Days without events</th></tr></thead><tbody>");
    for place in places.iter().take(MOST_PLACES) {
        html.push_str("<tr><td class=\"t\">");
        markup::push_line(html, place.account.as_deref().unwrap_or("no account"));
        html.push_str("</td><td class=\"t\">");
        markup::push_line(html, &place.region);
        let _ = write!(
            html,
            "</td><td class=\"n\">{}</td><td class=\"t\">{}</td><td class=\"t\">{}</td><td>{}",
            grouped(place.events),
            place.days.0,
            place.days.1,
            match place.days_without_events() {
                0 => "none".to_owned(),
                days => format!("{}: ", grouped(days)),
            }
        );
        let gaps = place.gaps.iter().take(MOST_GAPS).map(|(first, last)| {
            if first == last { first.to_string() } else { format!("{first} to {last}") }
        });
        let mut gaps: Vec<_> = gaps.collect();
        if place.gaps.len() > MOST_GAPS {
            gaps.push(format!("{} more", place.gaps.len() - MOST_GAPS));
        }
        let _ = write!(html, "{}</td></tr>", gaps.join(", "));
    }
    html.push_str("</tbody></table></div>");
    if places.len() > MOST_PLACES {
        let _ = write!(
            html,
            "<p class=\"note\">{} more are not listed: <code>ecstrail status</code> lists all.</p>",
            grouped((places.len() - MOST_PLACES) as u64)
        );
    }
    html.push_str("</details>\n");
}
