//! Runs in memory and on disk hold the same rows in the same order.

use ecstrail_converter::{Converter, LogBytes, LogFile, Selection};
use tempfile::tempdir;

use super::*;
use crate::testing::record;

fn batch(events: Range<u64>) -> SelectedBatch {
    let meta = object_store::ObjectMeta {
        location: "a.json".into(),
        last_modified: chrono::DateTime::default(),
        size: 1,
        e_tag: None,
        version: None,
    };
    let file = LogFile::new(meta, &"file:///".into(), "a.json".to_owned());
    let records: Vec<String> = events.map(|event| record(event * 10)).collect();
    let mut converter = Converter::new(Arc::new(Selection::default()));
    let bytes = LogBytes::Whole(records.join("\n").into());
    converter.convert(&file, 0, &bytes, &mut |_| unreachable!()).unwrap();
    converter.take()
}

/// Merges all partitions; returns the rows as texts.
fn merged(runs: &[SortedRun]) -> Vec<String> {
    let mut keys: Vec<_> =
        runs.iter().flat_map(SortedRun::partitions).map(|(key, _)| key.clone()).collect();
    keys.sort();
    keys.dedup();
    let (mut rows, withdrawn) = (Vec::new(), std::collections::BTreeSet::new());
    for key in keys {
        let cursors = runs.iter().filter_map(|run| Cursor::of_run(run, &key)).collect();
        let mut merge = Merge::new(cursors, &withdrawn).unwrap();
        while let Some(merged) = merge.next().unwrap() {
            rows.push(match merged {
                Merged::Row(row) => format!("{key} {:?} {}", row.event_time, row.record),
                Merged::Duplicate(_) => "duplicate".to_owned(),
            });
        }
    }
    rows
}

#[test]
fn spilled_and_held_runs_merge_alike() {
    let folder = tempdir().unwrap();
    let expected = merged(&[SortedRun::sort(vec![batch(0..5_000)])]);
    assert_eq!(expected.len(), 5_000);
    let sorted = |rows: &[String]| rows.iter().zip(&rows[1..]).all(|(a, b)| a[..60] <= b[..60]);
    assert!(sorted(&expected));

    let mut collector = RunCollector::new(folder.path(), 0, 200_000);
    for start in (0..5_000).step_by(250) {
        collector.push(batch(start..start + 250)).unwrap();
    }
    let runs = collector.finish();
    let spilled = std::fs::read_dir(folder.path()).unwrap().count();
    assert!(spilled > 3 && runs.len() >= spilled, "{spilled} of {} runs", runs.len());
    assert_eq!(merged(&runs), expected);
    drop(runs);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_repeated_event_is_a_duplicate_in_whatever_run() {
    let folder = tempdir().unwrap();
    let spilled = SortedRun::sort(vec![batch(0..10)]).spill(&folder.path().join("run")).unwrap();
    let rows = merged(&[SortedRun::sort(vec![batch(5..15), batch(0..3)]), spilled]);
    assert_eq!(rows.iter().filter(|row| *row == "duplicate").count(), 8);
    assert_eq!(rows.len(), 23);
}
