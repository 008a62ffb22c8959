//! Each report shows the events that it must, and none that only look alike.

use std::collections::BTreeSet;

use arrow::{
    array::{AsArray, BooleanArray},
    compute::filter_record_batch,
};
use sha2::{Digest, Sha256};

use super::{Answer, Asker, Event, PACK, Pack, RUNTIME, Scenario};
use crate::{parameter::Arguments, portable::portability_problems};

/// Rows of an answer that are written down; the hash stands for the rest.
const ROWS_SHOWN: usize = 30;

#[test]
fn every_report_is_whole() {
    for report in PACK.catalog.reports().unwrap() {
        let name = &report.name;
        assert_eq!(portability_problems(&report.sql), Vec::<String>::new(), "{name}");
        assert!(!report.description.is_empty(), "{name} has no description");
        assert!(report.group.is_some(), "{name} has no group");
        assert!(!report.title.ends_with('.'), "{name}: {}", report.title);
        assert!(
            report.reference.as_ref().is_some_and(|page| page.contains("aws.amazon.com/")),
            "{name} names no page of AWS"
        );
        for parameter in &report.parameters {
            assert!(!parameter.description.is_empty(), "{name}: {}", parameter.name);
        }
    }
    let known: Vec<_> =
        PACK.catalog.groups().unwrap().iter().map(|(title, _)| (*title).to_owned()).collect();
    assert_eq!(known.len(), 10, "{known:?}");
    assert!(PACK.catalog.reports().unwrap().len() >= 45);
}

#[test]
fn every_scenario_holds() {
    let mut told = BTreeSet::new();
    for report in PACK.catalog.reports().unwrap() {
        let scenarios: Vec<_> =
            PACK.scenarios.iter().filter(|one| one.report == report.name).collect();
        assert!(!scenarios.is_empty(), "{} has no scenario", report.name);
        told.insert(report.name.clone());
        RUNTIME.block_on(async {
            let asker = Asker::new(report, &PACK.events);
            let mut asked: Vec<&Arguments> = Vec::new();
            let mut told = Vec::new();
            for scenario in scenarios {
                let answer = asker.answer(&scenario.set).await;
                hold(&asker, scenario, &answer).await;
                if !asked.contains(&&scenario.set) {
                    asked.push(&scenario.set);
                    tell(&scenario.set, &answer, &mut told);
                }
            }
            insta::assert_snapshot!(report.name.as_str(), told.join("\n"));
            let has_rows = PACK.scenarios.iter().any(|one| {
                one.report == report.name && !(one.must.is_empty() && one.cells.is_empty())
            });
            assert!(has_rows, "no scenario of {} expects a row", report.name);
        });
    }
    let unknown = PACK.scenarios.iter().find(|scenario| !told.contains(&scenario.report));
    assert!(unknown.is_none(), "{unknown:?} is about no report");
}

/// Writes down a run: its first rows, and a hash of all.
fn tell(arguments: &Arguments, answer: &Answer, text: &mut Vec<String>) {
    let settings: Vec<_> =
        arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let rows: Vec<String> = answer.rows.iter().map(|row| row.join(" | ")).collect();
    let hash = Sha256::digest(rows.join("\n"));
    let [a, b, c, d] = [hash[0], hash[1], hash[2], hash[3]];
    let hash = u32::from_be_bytes([a, b, c, d]);
    text.push(format!("== {} rows ({hash:08x}) {}", rows.len(), settings.join(" ")));
    text.push(answer.columns.join(" | "));
    text.extend(rows.into_iter().take(ROWS_SHOWN));
}

async fn hold(asker: &Asker<'_>, scenario: &Scenario, answer: &Answer) {
    let pack: &Pack = &PACK;
    let about = format!("{} {:?}", scenario.report, scenario.set);
    if let Some(chart) = &asker.report.chart {
        for column in chart.columns() {
            assert!(answer.column(column).is_some(), "{about}: the chart draws {column}");
        }
    }
    for (events, expected) in [(&scenario.must, true), (&scenario.must_not, false)] {
        for event in events {
            for id in pack.event_ids(event) {
                let is_there = if let Some(ids) = answer.event_ids() {
                    ids.contains(&id.as_str())
                } else {
                    asker.use_events(&pack.events_without(&id));
                    let changed = asker.answer(&scenario.set).await != *answer;
                    asker.use_events(&pack.events);
                    changed
                };
                assert_eq!(is_there, expected, "{about}: {event:?} {id}");
            }
        }
    }
    if let Some(event) = &scenario.event {
        for id in pack.event_ids(event) {
            let ids = answer.event_ids().unwrap_or_default();
            let rows: Vec<_> =
                answer.rows.iter().zip(&ids).filter(|(_, found)| **found == id).collect();
            assert_eq!(rows.len(), scenario.rows.unwrap_or(1), "{about}: rows of {event:?}");
            for (column, expected) in &scenario.cells {
                let number = answer.column(column).unwrap_or_else(|| panic!("{about}: {column}"));
                let expected = match expected {
                    serde_json::Value::Null => String::new(),
                    serde_json::Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                assert_eq!(rows[0].0[number], expected, "{about}: {column} of {event:?}");
            }
        }
    }
}

#[test]
fn events_are_found_in_their_stories() {
    let everywhere = Event::Told("rollback".to_owned(), "returns to".to_owned());
    assert_eq!(PACK.event_ids(&everywhere).len(), 1);
    let account_and_region = "111122223333/us-east-1".to_owned();
    let story = ("deployment".to_owned(), "deploys revision".to_owned());
    let one = Event::ToldAt(story.0.clone(), story.1.clone(), account_and_region);
    assert_eq!(PACK.event_ids(&one).len(), 1);
    assert!(PACK.event_ids(&Event::Told(story.0, story.1)).len() > 1);
}

#[test]
fn what_rests_on_other_services_is_unknown_without_them() {
    let report = PACK.catalog.get("exec-sessions").unwrap();
    let sources = PACK.events["event_source"].as_string::<i32>();
    let own: BooleanArray =
        sources.iter().map(|one| Some(one == Some("ecs.amazonaws.com"))).collect();
    let own = filter_record_batch(&PACK.events, &own).unwrap();
    let calls = |answer: &Answer| -> BTreeSet<String> {
        let column = answer.column("role_calls").unwrap();
        answer.rows.iter().map(|row| row[column].clone()).collect()
    };
    RUNTIME.block_on(async {
        let asker = Asker::new(report, &PACK.events);
        assert!(calls(&asker.answer(&Arguments::default()).await).contains("0"));
        asker.use_events(&own);
        let without = calls(&asker.answer(&Arguments::default()).await);
        assert!(without.contains("") && !without.contains("0"), "{without:?}");
    });
}
