//! Reads a selection back from its text, as logs of datasets have it.

use std::{collections::BTreeSet, str::FromStr};

use super::{ACCOUNT, ALL, EVENT_NAME, EVENT_SOURCE, EXCLUDE_READ_ONLY, FROM, REGION, UNTIL};
use crate::trail::{EventSources, Selection};

/// The text is not that of a selection of this version.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a selection: expected one such as event-source=ecs.amazonaws.com")]
pub struct ParseSelectionError(String);

impl FromStr for Selection {
    type Err = ParseSelectionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| ParseSelectionError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Selection> {
    let (sources, rest) = text.split_once(' ').unwrap_or((text, ""));
    let event_sources = match sources.strip_prefix(EVENT_SOURCE)? {
        ALL => EventSources::All,
        sources => EventSources::Only(list(sources)),
    };
    let mut selection = Selection { event_sources, ..Selection::default() };
    for part in rest.split(' ').filter(|part| !part.is_empty()) {
        if part == EXCLUDE_READ_ONLY {
            selection.exclude_read_only = true;
        } else if let Some(names) = part.strip_prefix(EVENT_NAME) {
            selection.event_names = list(names);
        } else if let Some(day) = part.strip_prefix(FROM) {
            selection.from = Some(day.parse().ok()?);
        } else if let Some(day) = part.strip_prefix(UNTIL) {
            selection.until = Some(day.parse().ok()?);
        } else if let Some(regions) = part.strip_prefix(REGION) {
            selection.regions = list(regions);
        } else {
            selection.accounts = list(part.strip_prefix(ACCOUNT)?);
        }
    }
    Some(selection)
}

fn list(text: &str) -> BTreeSet<String> {
    text.split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_and_its_selection_are_inverse() {
        for text in [
            "event-source=ecs.amazonaws.com",
            "event-source=all",
            "event-source=ecs.amazonaws.com,s3.amazonaws.com event-name=RunTask,StopTask \
             exclude-read-only from=2026-04-01 until=2026-04-30 region=eu-west-1,us-east-1 \
             account=111122223333",
            "event-source=all until=2026-04-30",
        ] {
            assert_eq!(text.parse::<Selection>().unwrap().to_string(), text);
        }
        assert_eq!(
            "event-source=ecs.amazonaws.com".parse::<Selection>().unwrap(),
            Selection::default()
        );
        for text in ["", "all", "event-source=all color=red", "event-source=all from=soon"] {
            assert!(text.parse::<Selection>().is_err(), "{text}");
        }
    }
}
