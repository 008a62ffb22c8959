//! The ledger's runs against plain sets, and its files.

use std::collections::{BTreeSet, HashSet};

use proptest::prelude::*;

use super::{
    run::{count_distinct, merge},
    tiers::swallowed,
    *,
};
use crate::{
    log::segment::SegmentWriter,
    storage::StoreOptions,
    testing::{TestHome, commit, log_file},
};

const SELECTION: &str = "event-source=all";

fn key_of(number: u64) -> Key {
    Sha256::digest(number.to_le_bytes())[..16].try_into().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn runs_are_merged_like_sets(
        runs in proptest::collection::vec(proptest::collection::btree_set(0_u64..60, 0..30), 0..5),
        new in proptest::collection::btree_set(0_u64..60, 0..30),
        forgotten in proptest::collection::btree_set(0_u64..60, 0..9),
        segment_keys in 1_usize..7,
    ) {
        let home = TestHome::memory();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let staging = home.store_staging(StoreOptions::default());
            let mut writer = SegmentWriter::new(&staging, 1);
            let keys = |numbers: &BTreeSet<u64>| {
                numbers.iter().map(|number| key_of(*number)).collect::<BTreeSet<Key>>()
            };
            let sorted = |numbers: &BTreeSet<u64>| keys(numbers).into_iter().collect::<Vec<_>>();
            let none = HashSet::new();
            let without: HashSet<Key> = keys(&forgotten).into_iter().collect();
            let mut written = Vec::new();
            for run in &runs {
                written.push(
                    merge(&home.objects, &[], &sorted(run), &none, &mut writer, segment_keys)
                        .await
                        .unwrap(),
                );
            }
            let merged =
                merge(&home.objects, &written, &sorted(&new), &without, &mut writer, segment_keys)
                    .await
                    .unwrap();
            let mut found = Vec::new();
            for segment in &merged.0 {
                assert!(segment.lines <= segment_keys as u64);
                let bytes = home.read(&segment.path).await;
                found.extend(bytes.as_chunks::<16>().0.iter().copied());
            }
            let mut expected = keys(&runs.iter().flatten().chain(&new).copied().collect());
            expected.retain(|key| !without.contains(key));
            let all = keys(&runs.iter().flatten().chain(&new).copied().collect());
            let counted = count_distinct(&home.objects, &written, &sorted(&new)).await.unwrap();
            assert_eq!(counted, all.len() as u64);
            let expected: Vec<Key> = expected.into_iter().collect();
            assert_eq!(found, expected);
        });
    }

    /// Whatever the sizes of what is added: few runs, and no key written often.
    #[test]
    fn runs_grow_geometrically(added in proptest::collection::vec(1_u64..2000, 1..400)) {
        let (mut runs, mut written): (Vec<u64>, u64) = (Vec::new(), 0);
        for new in &added {
            let kept = runs.len() - swallowed(&runs, *new);
            let merged = runs.drain(kept..).sum::<u64>() + new;
            runs.push(merged);
            written += merged;
        }
        let keys: u64 = added.iter().sum();
        prop_assert_eq!(runs.iter().sum::<u64>(), keys);
        prop_assert!(runs.len() <= keys.ilog2() as usize + 1, "{:?}", runs);
        // Each time it is written, a key's run grows by half: by a factor of 3 within three times.
        let often = 3 * u64::from(keys.ilog(3) + 1) + 1;
        prop_assert!(written <= often * keys, "{} of {}", written, keys);
    }
}

#[test]
fn which_runs_are_swallowed() {
    for (runs, new, expected) in [
        (&[][..], 5, 0),
        (&[100], 5, 0),
        (&[10], 5, 1),
        (&[11], 5, 0),
        (&[100, 30, 10], 5, 3 - 1),
        (&[90, 30, 10], 5, 3),
        (&[1000, 100, 10], 1, 0),
    ] {
        assert_eq!(swallowed(runs, new), expected, "{runs:?} {new}");
    }
}

#[tokio::test]
async fn a_ledger_file_is_read_whatever_the_pieces() {
    let home = TestHome::disk();
    let dataset = home.open().await.unwrap();
    // More than the store of the local disk gives at once.
    let inputs: Vec<(u64, bool)> = (0..2_000).map(|number| (number, number % 3 == 0)).collect();
    let entry = commit(&dataset, SELECTION, &inputs).await;
    let file = entry.ledger.unwrap();
    let read = async || {
        let mut keys = Vec::new();
        let take = |key, is_damaged| keys.push((key, is_damaged));
        for_each_key(&home.objects, &file, SELECTION, take).await.map(|()| keys)
    };
    let expected: Vec<_> = inputs
        .iter()
        .map(|(number, is_damaged)| (input_key(&log_file(*number), SELECTION), *is_damaged))
        .collect();
    assert_eq!(read().await.unwrap(), expected);
    let path = home.path().join(&file.path);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("/a/77.json", "/a/78.json")).unwrap();
    assert!(read().await.unwrap_err().to_string().contains("its hash does not match the log"));
    std::fs::write(&path, &text[..text.len() / 2]).unwrap();
    assert!(read().await.is_err());
    std::fs::remove_file(&path).unwrap();
    assert!(read().await.unwrap_err().to_string().contains("it is missing"));
}
