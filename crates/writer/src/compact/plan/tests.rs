//! Plans from made-up data files.

use ecstrail_converter::SCHEMA_VERSION;
use proptest::prelude::*;

use super::*;

const TARGET: u64 = 1000;

fn file(day: u32, region: &str, number: u32, bytes: u64) -> DataFile {
    DataFile {
        path: format!(
            "events/date=2026-04-{day:02}/region={region}/part-00000000-0123456789abcdef-{number}.parquet"
        ),
        schema_version: SCHEMA_VERSION,
        bytes,
        rows: bytes / 10,
        rows_without_time: 0,
        event_time: Some((i64::from(number), 1_000_000)),
        event_name: None,
        cluster_name: None,
        sha256: String::new(),
        checked: Vec::new(),
        prepared: String::new(),
    }
}

fn options() -> CompactOptions {
    CompactOptions { target_file_bytes: TARGET, ..CompactOptions::default() }
}

fn planned(files: &[DataFile], options: &CompactOptions) -> Vec<String> {
    let plan = plan_compaction(files, options).unwrap();
    let number = |file: &DataFile| file.path.rsplit(['-', '.']).nth(1).unwrap().to_owned();
    let commits = plan.commits.iter().map(|merges| {
        let merges = merges.iter().map(|merge| {
            let files: Vec<String> = merge.files.iter().map(number).collect();
            format!("{}:{}", &merge.key.date.to_string()[8..], files.join("+"))
        });
        merges.collect::<Vec<_>>().join(" ")
    });
    commits.collect()
}

#[test]
fn small_files_of_a_partition_are_merged_and_large_or_single_ones_are_not() {
    let region = "us-east-1";
    let sizes = |sizes: &[u64]| -> Vec<DataFile> {
        (0..).zip(sizes).map(|(number, bytes)| file(1, region, number, *bytes)).collect()
    };
    for (files, expected) in [
        (sizes(&[]), vec![]),
        (sizes(&[1]), vec![]),
        (sizes(&[499, 499]), vec!["01:0+1"]),
        (sizes(&[499, 500, 2000]), vec![]),
        (sizes(&[1, 500, 499, 2000, 7]), vec!["01:0+2+4"]),
    ] {
        assert_eq!(planned(&files, &options()), expected);
    }
    // Others are others' matter.
    let apart = [file(1, region, 0, 1), file(2, region, 1, 1), file(1, "eu-west-1", 2, 1)];
    assert!(planned(&apart, &options()).is_empty());
}

#[test]
fn files_are_merged_in_the_order_of_their_first_events() {
    let mut files = vec![file(1, "us-east-1", 2, 1), file(1, "us-east-1", 1, 1)];
    files.push(DataFile { event_time: None, ..file(1, "us-east-1", 9, 1) });
    assert_eq!(planned(&files, &options()), ["01:9+1+2"]);
}

#[test]
fn days_and_regions_limit_a_plan() {
    let mut files = Vec::new();
    for day in 1..=4 {
        for region in ["us-east-1", "eu-west-1"] {
            files.extend([file(day, region, 0, 1), file(day, region, 1, 1)]);
        }
    }
    let day = |day: &str| format!("2026-04-{day}").parse().ok();
    let some = CompactOptions {
        from: day("02"),
        until: day("03"),
        regions: ["us-east-1".to_owned()].into(),
        ..options()
    };
    assert_eq!(planned(&files, &some), ["02:0+1 03:0+1"]);
    let plan = plan_compaction(&files, &some).unwrap();
    assert_eq!(
        (plan.partitions(), plan.files(), plan.bytes(), plan.upgraded_files()),
        (2, 4, 4, 0)
    );
    assert_eq!(plan_compaction(&files, &options()).unwrap().partitions(), 8);
}

#[test]
fn a_commit_ends_at_its_bytes_and_never_within_a_merge() {
    let files: Vec<DataFile> = (1..=5)
        .flat_map(|day| [file(day, "us-east-1", 0, 100), file(day, "us-east-1", 1, 100)])
        .collect();
    let commit_bytes = |commit_bytes| CompactOptions { commit_bytes, ..options() };
    assert_eq!(planned(&files, &commit_bytes(201)), ["01:0+1 02:0+1", "03:0+1 04:0+1", "05:0+1"]);
    assert_eq!(planned(&files, &commit_bytes(1)).len(), 5);
    assert_eq!(planned(&files, &commit_bytes(0)).len(), 5);
    assert_eq!(planned(&files, &commit_bytes(1 << 30)).len(), 1);
}

#[test]
fn only_so_many_files_are_merged_at_once() {
    let files: Vec<DataFile> = (0..7).map(|number| file(1, "us-east-1", number, 10)).collect();
    let most = |max_merged_files| CompactOptions { max_merged_files, ..options() };
    assert_eq!(planned(&files, &most(4)), ["01:0+1+2+3 01:4+5+6"]);
    // What is left alone waits for the results.
    assert_eq!(planned(&files, &most(3)), ["01:0+1+2 01:3+4+5"]);
    assert_eq!(planned(&files, &most(0)), ["01:0+1 01:2+3 01:4+5"]);
    let little = CompactOptions { memory_bytes: 1, ..options() };
    assert_eq!(planned(&files, &little), planned(&files, &most(2)));
}

#[test]
fn an_upgrade_takes_old_files_of_any_size() {
    let old = |number, bytes| DataFile {
        schema_version: SCHEMA_VERSION - 1,
        ..file(1, "us-east-1", number, bytes)
    };
    let current = |number, bytes| file(1, "us-east-1", number, bytes);
    let upgrade = CompactOptions { upgrade: true, ..options() };
    for (files, merged, upgraded, upgraded_files) in [
        (vec![old(0, 5000)], vec![], vec!["01:0"], 1),
        (vec![old(0, 1)], vec![], vec!["01:0"], 1),
        (vec![old(0, 5000), current(1, 1), current(2, 5000)], vec![], vec!["01:0+1"], 1),
        (vec![old(0, 1), old(1, 1), current(2, 1)], vec!["01:0+1+2"], vec!["01:0+1+2"], 2),
    ] {
        assert_eq!(planned(&files, &options()), merged);
        assert_eq!(planned(&files, &upgrade), upgraded);
        let plan = plan_compaction(&files, &upgrade).unwrap();
        assert_eq!(plan.upgraded_files(), upgraded_files);
        assert_eq!(plan_compaction(&files, &options()).unwrap().upgraded_files(), 0);
    }
}

#[test]
fn a_path_that_is_none_is_told() {
    let odd = DataFile { path: "events/x.parquet".to_owned(), ..file(1, "us-east-1", 0, 1) };
    assert!(plan_compaction([&odd], &options()).is_err());
}

/// What merging gives: files of the target's size, and what is left.
fn merge(merge: &PlannedMerge, number: &mut u32) -> Vec<DataFile> {
    let mut rest = merge.bytes();
    let mut files = Vec::new();
    while rest > 0 {
        let bytes = rest.min(TARGET);
        rest -= bytes;
        *number += 1;
        let key = &merge.key;
        let day = key.date.to_string()[8..].parse().unwrap();
        files.push(file(day, &key.region, *number, bytes));
    }
    files
}

proptest! {
    #[test]
    fn planning_comes_to_an_end(
        sizes in proptest::collection::vec((1_u32..4, 1_u64..1500), 0..60),
        max_merged_files in 0_usize..9,
        commit_bytes in 0_u64..3000,
    ) {
        let options = CompactOptions { commit_bytes, max_merged_files, ..options() };
        let mut number = 0;
        let mut files: Vec<DataFile> = Vec::new();
        for (day, bytes) in sizes {
            number += 1;
            files.push(file(day, "us-east-1", number, bytes));
        }
        let bytes = |files: &[DataFile]| files.iter().map(|file| file.bytes).sum::<u64>();
        let all_bytes = bytes(&files);
        let mut passes = 0;
        loop {
            let plan = plan_compaction(&files, &options).unwrap();
            if plan.is_empty() {
                break;
            }
            let planned: BTreeSet<&str> =
                plan.merges().flat_map(|merge| &merge.files).map(|file| &*file.path).collect();
            // Nothing is planned twice.
            prop_assert_eq!(planned.len() as u64, plan.files());
            files.retain(|file| !planned.contains(&*file.path));
            for planned in plan.merges() {
                files.extend(merge(planned, &mut number));
            }
            passes += 1;
            prop_assert_eq!(bytes(&files), all_bytes);
            // Two at a time take the most.
            prop_assert!(passes <= 8, "{} passes", passes);
            if max_merged_files == 8 && passes == 3 {
                prop_assert!(plan_compaction(&files, &options).unwrap().is_empty());
            }
        }
        for day in 1..4 {
            let key = file(day, "us-east-1", 0, 0).key().unwrap();
            let small = files.iter().filter(|file| file.bytes < TARGET / 2);
            prop_assert!(small.filter(|file| file.key().unwrap() == key).count() <= 1);
        }
    }
}
