//! What conversions kept, from the selections in a dataset's log, and what a question asks beyond.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use ecstrail_converter::{EventSources, Selection};

use super::{Caveat, Scope};

/// The selections of all conversions into a dataset.
#[derive(Debug, Clone)]
pub(super) struct Converted(Vec<Selection>);

impl Converted {
    /// Reads the texts of a log. `None` if one of them is of a version that says more.
    pub(super) fn read(texts: &[String]) -> Option<Self> {
        let selections = texts.iter().map(|text| text.parse().ok());
        selections.collect::<Option<_>>().map(Self)
    }

    /// The event sources of which nothing was converted.
    pub(super) fn missing(&self, wanted: &EventSources) -> Option<Caveat> {
        let kept = || match self.kept() {
            EventSources::All => BTreeSet::new(),
            EventSources::Only(kept) => kept,
        };
        match (wanted, self.kept()) {
            (_, EventSources::All) => None,
            (EventSources::All, EventSources::Only(kept)) => {
                Some(Caveat::NotConverted { event_sources: EventSources::All, kept })
            }
            (EventSources::Only(wanted), EventSources::Only(has)) => {
                let missing: BTreeSet<_> = wanted.difference(&has).cloned().collect();
                let event_sources = EventSources::Only(missing);
                (event_sources != EventSources::Only(BTreeSet::new()))
                    .then(|| Caveat::NotConverted { event_sources, kept: kept() })
            }
        }
    }

    /// The event sources that some conversions kept and others did not, of those wanted.
    pub(super) fn partly(&self, wanted: &EventSources) -> Vec<Partly> {
        let narrow = |keeps: &dyn Fn(&Selection) -> bool| {
            let (kept, narrow): (Vec<_>, Vec<_>) =
                self.0.iter().partition(|selection| keeps(selection));
            (!kept.is_empty() && !narrow.is_empty())
                .then(|| narrow.into_iter().cloned().collect::<Vec<_>>())
        };
        match wanted {
            EventSources::All => {
                let narrow = narrow(&|one| one.event_sources == EventSources::All);
                let partly = |narrow: Vec<Selection>| Partly {
                    event_source: None,
                    others: Self(narrow.clone()).kept_only(),
                    narrow: narrow.iter().map(in_words).collect(),
                };
                narrow.map(partly).into_iter().collect()
            }
            EventSources::Only(wanted) => {
                let partly = |source: &String| {
                    let narrow = narrow(&|one| one.keeps_event_source(Some(source)))?;
                    Some(Partly {
                        event_source: Some(source.clone()),
                        others: BTreeSet::new(),
                        narrow: narrow.iter().map(in_words).collect(),
                    })
                };
                wanted.iter().filter_map(partly).collect()
            }
        }
    }

    /// What was left out otherwise, of the events of `needs`, or of all if nothing is needed.
    pub(super) fn left_out(&self, needs: &BTreeSet<String>, scope: &Scope) -> Vec<Caveat> {
        let is_relevant = |selection: &&Selection| {
            needs.is_empty() || needs.iter().any(|one| selection.keeps_event_source(Some(one)))
        };
        let relevant: Vec<_> = self.0.iter().filter(is_relevant).collect();
        if relevant.is_empty() {
            return Vec::new();
        }
        let mut caveats = Vec::new();
        let limits_calls = |one: &Selection| one.exclude_read_only || !one.event_names.is_empty();
        let limited: Vec<_> = relevant.iter().filter(|one| limits_calls(one)).collect();
        if !limited.is_empty() {
            let limited_words: BTreeSet<_> =
                limited.iter().map(|one| calls_in_words(one)).collect();
            caveats.push(Caveat::CallsLeftOut {
                kept: limited_words.into_iter().collect(),
                always: limited.len() == relevant.len(),
            });
        }
        let days = (
            relevant.iter().map(|one| one.from).min().flatten(),
            relevant.iter().map(|one| one.until.unwrap_or(NaiveDate::MAX)).max(),
        );
        let from_is_limited = relevant.iter().all(|one| one.from.is_some());
        let first = days.0.filter(|_| from_is_limited);
        let last = days.1.filter(|last| *last != NaiveDate::MAX);
        let begins_before = scope.from.zip(first).is_some_and(|(asked, first)| asked < first);
        let ends_after = scope.until.zip(last).is_some_and(|(asked, last)| asked > last);
        if begins_before || ends_after {
            let first = first.filter(|_| begins_before);
            let last = last.filter(|_| ends_after);
            caveats.push(Caveat::DaysLeftOut { first, last });
        }
        for (asked, kept, what) in [
            (&scope.region, relevant.iter().map(|one| &one.regions).collect::<Vec<_>>(), "region"),
            (&scope.account, relevant.iter().map(|one| &one.accounts).collect(), "account"),
        ] {
            let Some(asked) = asked else { continue };
            if kept.iter().all(|kept| !kept.is_empty() && !kept.contains(asked)) {
                let kept = kept.into_iter().flatten().cloned().collect();
                caveats.push(Caveat::PlaceLeftOut { what, asked: asked.clone(), kept });
            }
        }
        caveats
    }

    /// What was converted, for people.
    pub(super) fn in_words(&self) -> Vec<String> {
        self.0.iter().map(in_words).collect()
    }

    fn kept(&self) -> EventSources {
        if self.0.iter().any(|one| one.event_sources == EventSources::All) {
            return EventSources::All;
        }
        EventSources::Only(self.kept_only())
    }

    fn kept_only(&self) -> BTreeSet<String> {
        let kept = self.0.iter().filter_map(|one| match &one.event_sources {
            EventSources::All => None,
            EventSources::Only(kept) => Some(kept),
        });
        kept.flatten().cloned().collect()
    }
}

/// Event sources that only some conversions kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partly {
    /// The source; `None`: all but `others`.
    pub(super) event_source: Option<String>,
    /// The sources that the narrow conversions kept.
    pub(super) others: BTreeSet<String>,
    /// The conversions that did not keep it, in words.
    pub(super) narrow: Vec<String>,
}

pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<_> = names.into_iter().map(String::as_str).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn in_words(selection: &Selection) -> String {
    let mut words = match &selection.event_sources {
        EventSources::All => "events of all event sources".to_owned(),
        EventSources::Only(kept) => format!("events of {}", listed(kept)),
    };
    if !selection.event_names.is_empty() || selection.exclude_read_only {
        words = format!("{words} ({})", calls_in_words(selection));
    }
    for (word, day) in [("from", selection.from), ("until", selection.until)] {
        if let Some(day) = day {
            words = format!("{words} {word} {day}");
        }
    }
    for (word, names) in [("in", &selection.regions), ("of account", &selection.accounts)] {
        if !names.is_empty() {
            words = format!("{words} {word} {}", listed(names));
        }
    }
    words
}

fn calls_in_words(selection: &Selection) -> String {
    let names = (!selection.event_names.is_empty())
        .then(|| format!("only {}", listed(&selection.event_names)));
    let reads = selection.exclude_read_only.then(|| "no read-only calls".to_owned());
    [names, reads].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(texts: &[&str]) -> Converted {
        let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
        Converted::read(&texts).unwrap()
    }

    fn only(sources: &[&str]) -> EventSources {
        EventSources::Only(sources.iter().map(|source| (*source).to_owned()).collect())
    }

    const ECS: &str = "event-source=ecs.amazonaws.com";
    const S3: &str = "event-source=s3.amazonaws.com";
    const ALL: &str = "event-source=all";

    #[test]
    fn event_sources_that_were_not_converted() {
        let cases = [
            (&[ECS][..], only(&[]), None),
            (&[ECS], only(&["ecs.amazonaws.com"]), None),
            (&[ECS], only(&["s3.amazonaws.com"]), Some(only(&["s3.amazonaws.com"]))),
            (&[ECS, S3], only(&["s3.amazonaws.com"]), None),
            (&[ECS, ALL], only(&["sts.amazonaws.com"]), None),
            (&[ECS, S3], EventSources::All, Some(EventSources::All)),
            (&[ECS, ALL], EventSources::All, None),
        ];
        for (texts, wanted, expected) in cases {
            let found = match converted(texts).missing(&wanted) {
                Some(Caveat::NotConverted { event_sources, .. }) => Some(event_sources),
                _ => None,
            };
            assert_eq!(found, expected, "{texts:?} {wanted:?}");
        }
    }

    #[test]
    fn event_sources_that_some_conversions_kept() {
        let partly = |texts: &[&str], wanted| converted(texts).partly(&wanted).len();
        assert_eq!(partly(&[ECS], only(&["s3.amazonaws.com"])), 0);
        assert_eq!(partly(&[ALL], only(&["s3.amazonaws.com"])), 0);
        assert_eq!(partly(&[ECS, ALL], only(&["s3.amazonaws.com"])), 1);
        assert_eq!(partly(&[ECS, ALL], only(&["ecs.amazonaws.com"])), 0);
        assert_eq!(partly(&[ECS, S3], only(&["ecs.amazonaws.com", "s3.amazonaws.com"])), 2);
        assert_eq!(partly(&[ECS, S3], EventSources::All), 0);
        let all = converted(&[ECS, S3, ALL]).partly(&EventSources::All);
        let others = ["ecs.amazonaws.com", "s3.amazonaws.com"].map(str::to_owned);
        assert_eq!(all[0].others, BTreeSet::from(others));
    }

    #[test]
    fn what_else_was_left_out() {
        let day = |text: &str| text.parse().ok();
        let asked = Scope {
            from: day("2026-04-01"),
            until: day("2026-04-30"),
            region: Some("eu-west-1".to_owned()),
            account: Some("111122223333".to_owned()),
        };
        let left_out = |texts: &[&str]| {
            let needs = BTreeSet::from(["ecs.amazonaws.com".to_owned()]);
            let caveats = converted(texts).left_out(&needs, &asked);
            caveats.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        let with = |more: &str| format!("{ECS} {more}");
        for (texts, expected) in [
            (vec![ECS.to_owned()], ""),
            (vec![with("from=2026-04-01 until=2026-04-30 region=eu-west-1,us-east-1")], ""),
            (vec![with("from=2026-04-10")], "Events before 2026-04-10 were not converted."),
            (vec![with("from=2026-04-10"), with("from=2026-03-01 until=2026-04-09")], ""),
            (vec![with("from=2026-04-10"), ECS.to_owned()], ""),
            (vec![with("until=2026-04-20")], "Events after 2026-04-20 were not converted."),
            (vec![with("region=us-east-1")], "Region eu-west-1 was not converted, only us-east-1."),
            (vec![with("region=us-east-1"), with("region=eu-west-1")], ""),
            (
                vec![with("account=444455556666")],
                "Account 111122223333 was not converted, only 444455556666.",
            ),
            (vec![with("exclude-read-only")], "Not all calls were converted: no read-only calls."),
            (
                vec![with("event-name=RunTask,StopTask"), ECS.to_owned()],
                "Some conversions did not keep all calls: only RunTask and StopTask.",
            ),
            (vec![format!("{S3} exclude-read-only"), ECS.to_owned()], ""),
        ] {
            let texts: Vec<_> = texts.iter().map(String::as_str).collect();
            assert_eq!(left_out(&texts), expected, "{texts:?}");
        }
    }
}
