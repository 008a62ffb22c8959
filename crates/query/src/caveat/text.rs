//! The texts of caveats.

use std::fmt;

use chrono::NaiveDate;
use ecstrail_converter::EventSources;

use super::{Caveat, Scope, Seen, converted::listed};

/// Maximum number of accounts or Regions to name, of those in which a name was seen.
const PLACES_NAMED: usize = 3;

impl fmt::Display for Caveat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownName { parameter, value, nearest, known } => {
                write!(formatter, "{} {value:?} is not in the dataset", words(parameter))?;
                if !nearest.is_empty() {
                    let nearest: Vec<_> = nearest.iter().map(|name| format!("{name:?}")).collect();
                    write!(formatter, ": did you mean {}?", nearest.join(" or "))
                } else if known.is_empty() {
                    formatter.write_str(".")
                } else {
                    write!(formatter, ", which has {}.", listed(known))
                }
            }
            Self::OutOfScope { parameter, value, scope, seen } => {
                write!(formatter, "{} {value:?} has no events {scope}; ", words(parameter))?;
                write!(formatter, "it has events {seen}.")
            }
            Self::NotConverted { event_sources: EventSources::All, kept } => write!(
                formatter,
                "Only events of {} were converted: columns that depend on other event sources are \
                 empty. To fill them, convert the trail again with --event-source all.",
                listed(kept)
            ),
            Self::NotConverted { event_sources: EventSources::Only(missing), .. } => write!(
                formatter,
                "Events of {} were not converted: columns that depend on them are empty. To fill \
                 them, convert the trail again with --event-source {}.",
                listed(missing),
                missing.iter().cloned().collect::<Vec<_>>().join(",")
            ),
            Self::PartlyConverted { event_source, narrow, days, all_days } => {
                let source = event_source.as_deref().unwrap_or("other event sources");
                let narrow = narrow.join("; or ");
                write!(formatter, "Some conversions kept no events of {source}, only {narrow}. ")?;
                let Some(days) = days else {
                    return write!(formatter, "The dataset has no events of {source}.");
                };
                let (days, all_days) = (days_in_words(*days), days_in_words(*all_days));
                write!(
                    formatter,
                    "The dataset has events of {source} {days}, and others {all_days}."
                )
            }
            Self::CallsLeftOut { kept, always } => {
                let who = if *always {
                    "Not all calls were converted"
                } else {
                    "Some conversions did not keep all calls"
                };
                write!(formatter, "{who}: {}.", kept.join("; or "))
            }
            Self::DaysLeftOut { first, last } => {
                let before = first.map(|first| format!("before {first}"));
                let after = last.map(|last| format!("after {last}"));
                let when: Vec<_> = [before, after].into_iter().flatten().collect();
                write!(formatter, "Events {} were not converted.", when.join(" and "))
            }
            Self::PlaceLeftOut { what, asked, kept } => {
                let what = words(what);
                write!(formatter, "{what} {asked} was not converted, only {}.", listed(kept))
            }
            Self::EmptyDataset { converted } if converted.is_empty() => {
                formatter.write_str("The dataset is empty: nothing was converted.")
            }
            Self::EmptyDataset { converted } => {
                write!(
                    formatter,
                    "The dataset is empty: no {} were found.",
                    converted.join("; or ")
                )
            }
            Self::DaysOutside { scope, days } => {
                let asked = Scope { region: None, account: None, ..scope.clone() };
                let days = days_in_words(*days);
                write!(formatter, "The dataset has no events {asked}: it has events {days}.")
            }
            Self::NoEvents { scope, days } => write!(
                formatter,
                "The dataset has no events {scope}; it has events {}.",
                days_in_words(*days)
            ),
            Self::NoMatch { scope, events, days, converted } => {
                let within = Scope { from: None, until: None, ..scope.clone() }.to_string();
                let within = if within.is_empty() { within } else { format!(" {within}") };
                let when = days_in_words(*days);
                if *events == 1 {
                    write!(formatter, "The only event{within} {when} does not match.")?;
                } else {
                    let events = grouped(*events);
                    write!(formatter, "None of the {events} events{within} {when} match.")?;
                }
                if converted.is_empty() {
                    return Ok(());
                }
                write!(formatter, " Converted: {}.", converted.join("; "))
            }
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |names: &std::collections::BTreeSet<String>| {
            (1..=PLACES_NAMED).contains(&names.len()).then(|| listed(names))
        };
        if let Some(accounts) = named(&self.accounts) {
            write!(formatter, "of account {accounts} ")?;
        }
        if let Some(regions) = named(&self.regions) {
            write!(formatter, "in {regions} ")?;
        }
        formatter.write_str(&days_in_words((self.first, self.last)))
    }
}

pub(crate) fn days_in_words((first, last): (NaiveDate, NaiveDate)) -> String {
    if first == last { format!("on {first}") } else { format!("from {first} to {last}") }
}

/// A parameter's name, capitalized to begin a sentence.
fn words(parameter: &str) -> String {
    let words = parameter.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or(words.clone(), |first| first.to_uppercase().chain(letters).collect())
}

/// Writes a number with commas between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
