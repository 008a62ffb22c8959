//! Staging in an object store: uploads, every answer of a store, faults and rivals at every call.

use std::io::Write as _;

use futures::FutureExt;
use object_store::{ObjectStoreExt, PutPayload};

use super::*;
use crate::{
    dataset::Recovery,
    error::Error,
    progress::Progress,
    testing::{Conditions, Fault, TestHome, assert_tried, stride, three_partitions, trail},
};

const PATH: &str = "events/date=2026-04-27/region=us-east-1/part-00000000-a-0.parquet";
const TRANSACTION: &str = "00000000-0123456789abcdef";

/// Writes a file as an encoder does, on a thread of its own.
async fn stage(staging: StoreStaging, bytes: Vec<u8>) -> Result<PreparedFile> {
    let staged = tokio::task::spawn_blocking(move || {
        let mut file = staging.stage(TRANSACTION, "000000-0000", PATH)?;
        for chunk in bytes.chunks(3_000_000) {
            file.write_all(chunk).unwrap();
        }
        Ok(PreparedFile {
            path: PATH.to_owned(),
            bytes: bytes.len() as u64,
            prepared: file.prepare()?,
        })
    });
    staged.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_sent_in_parts_and_appears_when_it_is_published() {
    let home = TestHome::memory();
    let bytes: Vec<u8> = (0..43_000_000_u32).map(|home| home.to_le_bytes()[1]).collect();
    let file = stage(home.store_staging(StoreOptions::default()), bytes.clone()).await.unwrap();
    let parts = home.memory_store().parts();
    let (last, others) = parts.split_last().unwrap();
    assert_eq!((others, *last), (&[8 << 20; 5][..], 43_000_000 - 5 * (8 << 20)));
    assert!(home.data_files().await.is_empty());
    // Another process completes it; twice.
    let staging = home.staging().unwrap();
    for _ in 0..2 {
        staging.publish(std::slice::from_ref(&file)).await.unwrap();
        assert_eq!(home.read(PATH).await, bytes);
    }
    assert_eq!(staging.transactions().await.unwrap(), [TRANSACTION]);
    staging.forget(TRANSACTION).await.unwrap();
    assert!(staging.transactions().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_discarded_is_gone() {
    let home = TestHome::memory();
    let file = stage(home.store_staging(StoreOptions::default()), vec![7; 10]).await.unwrap();
    let staging = home.staging().unwrap();
    assert_eq!(home.memory_store().open_uploads().len(), 1);
    for _ in 0..2 {
        staging.discard(TRANSACTION).await.unwrap();
        home.assert_tidy().await;
    }
    let error = staging.publish(std::slice::from_ref(&file)).await.unwrap_err();
    assert!(matches!(&error, Error::Lost { path } if path == PATH), "{error}");
    home.memory_store().put(&home.objects.at(PATH), PutPayload::from("short")).await.unwrap();
    let error = staging.publish(&[file]).await.unwrap_err().to_string();
    assert_eq!(error, format!("{PATH} is damaged: it has 5 bytes, but 10 were committed"));
}

#[tokio::test]
async fn an_upload_that_was_published_is_not_harmed_by_discarding() {
    let home = TestHome::memory();
    let file = stage(home.store_staging(StoreOptions::default()), vec![7; 10]).await.unwrap();
    let staging = home.staging().unwrap();
    staging.publish(&[file]).await.unwrap();
    staging.discard(TRANSACTION).await.unwrap();
    assert_eq!(home.read(PATH).await, vec![7; 10]);
    home.assert_tidy().await;
}

#[tokio::test]
async fn a_file_whose_parts_cannot_be_sent_names_itself() {
    let home = TestHome::memory();
    for (call, message) in [
        (1, format!("cannot write _ecstrail/txn/{TRANSACTION}/000000-0000.json")),
        (2, format!("cannot upload a part of {PATH}")),
    ] {
        let faulty = home.through(home.memory_store().with_fault(call, Fault::Before));
        let staged = stage(faulty.store_staging(StoreOptions::default()), vec![7; 10]).await;
        assert_eq!(staged.unwrap_err().to_string(), message);
        home.staging().unwrap().discard(TRANSACTION).await.unwrap();
        assert!(home.memory_store().open_uploads().is_empty());
    }
}

#[test]
fn ten_thousand_parts_are_hundreds_of_gigabytes() {
    let sizes = (0..upload::MAX_PARTS).map(upload::part_bytes);
    assert!(sizes.clone().all(|size| (5 << 20..=80 << 20).contains(&size)));
    assert_eq!(sizes.sum::<usize>() >> 20, 440_000);
}

#[tokio::test]
async fn a_creation_that_fails_once_is_asked_again_or_found() {
    for fault in [Fault::Before, Fault::After] {
        for call in 0..4 {
            let home = TestHome::memory();
            let faulty = home.through(home.memory_store().with_fault(call, fault));
            let staging = faulty.staging().unwrap();
            let created = staging.create("a", b"mine".to_vec()).await.unwrap();
            assert_eq!(created, Creation::Created, "{fault:?} {call}");
            assert_eq!(home.read("a").await, "mine");
            let rival = home.staging().unwrap();
            assert_eq!(rival.create("a", b"mine, too".to_vec()).await.unwrap(), Creation::Lost);
        }
    }
}

#[tokio::test]
async fn a_store_without_conditional_creates_needs_a_single_writer() {
    for conditions in [Conditions::Refused, Conditions::Ignored] {
        let home = TestHome::memory();
        let weak = || home.through(home.memory_store().with_conditions(conditions));
        let many = weak().store_staging(StoreOptions::default());
        let error = many.create("a", b"1".to_vec()).await.unwrap_err();
        assert!(matches!(error, Error::NoConditionalCreate { .. }), "{error}");
        assert!(error.to_string().contains("--single-writer"), "{error}");
        let one = weak().store_staging(StoreOptions { single_writer: true });
        assert_eq!(one.create("b", b"1".to_vec()).await.unwrap(), Creation::Created);
        if conditions == Conditions::Refused {
            assert_eq!(one.create("b", b"1".to_vec()).await.unwrap(), Creation::Created);
            assert_eq!(one.create("b", b"2".to_vec()).await.unwrap(), Creation::Lost);
        }
    }
}

#[tokio::test]
async fn a_fault_at_any_call_costs_no_row_and_doubles_none() {
    let (source, options) = three_partitions().await;
    let undisturbed = TestHome::memory();
    undisturbed.convert(&source, &options(&undisturbed)).await.unwrap();
    let expected = undisturbed.ordered_hash().await;
    let mut points = 0;
    for fault in [Fault::Before, Fault::After] {
        for call in (0..).step_by(stride()) {
            let home = TestHome::memory().checkpointed_after(1);
            let faulty = home.through(home.memory_store().with_fault(call, fault));
            let first = faulty.convert(&source, &options(&faulty)).await;
            let struck = faulty.memory_store().struck();
            let Some(kind) = struck else {
                first.unwrap();
                break;
            };
            // Every other time, a fault while the first is mended.
            let again = home.through(home.memory_store().with_fault(call / 2, fault));
            if call % 2 == 0 {
                drop(again.convert(&source, &options(&again)).await);
            }
            home.convert(&source, &options(&home)).await.unwrap();
            assert_eq!(home.ordered_hash().await, expected, "{fault:?} {kind}, call {call}");
            // Nobody can know of an upload whose beginning was not answered.
            let unanswered = [struck, again.memory_store().struck()];
            let unknown = unanswered.iter().filter(|kind| **kind == Some("begin an upload"));
            let unknown = if fault == Fault::After { unknown.count() } else { 0 };
            assert!(home.open().await.unwrap().staging.transactions().await.unwrap().is_empty());
            let open = home.memory_store().open_uploads();
            assert_eq!(open.len(), unknown, "{fault:?} {kind}, call {call}: {open:?}");
            points += 1;
        }
    }
    assert_tried(points, 100);
}

#[tokio::test]
async fn a_killed_run_whose_last_request_arrives_late_costs_no_row_and_doubles_none() {
    let (source, options) = three_partitions().await;
    let undisturbed = TestHome::memory();
    undisturbed.convert(&source, &options(&undisturbed)).await.unwrap();
    let expected = undisturbed.event_ids().await;
    let mut points = 0;
    for calls in [1, 12, 50] {
        for call in (0..).step_by(stride()) {
            let home = TestHome::memory().checkpointed_after(1);
            let killed = home.through(home.memory_store().with_death(call, calls));
            let result = killed.convert(&source, &options(&killed)).await;
            let Some(kind) = killed.memory_store().struck() else {
                result.unwrap();
                break;
            };
            // Reads change nothing, however late.
            if !["put", "complete"].contains(&kind) {
                continue;
            }
            for _ in 0..2 {
                home.convert(&source, &options(&home)).await.unwrap();
                home.ordered_hash().await;
            }
            assert_eq!(home.event_ids().await, expected, "{kind}, call {call}, {calls} later");
            points += 1;
        }
    }
    assert_tried(points, 50);
}

#[tokio::test]
async fn a_rival_that_goes_first_at_any_call_costs_no_row_and_doubles_none() {
    let (source, options) = three_partitions().await;
    // The rival reads the same log files, or other files with the same records.
    let copy = crate::testing::source(trail("b", 250, 20).await, "b");
    let undisturbed = TestHome::memory();
    undisturbed.convert(&source, &options(&undisturbed)).await.unwrap();
    let expected = undisturbed.event_ids().await;
    let (mut points, mut races) = (0, 0);
    for (rival_source, is_killed, step) in
        [(&source, false, 1), (&copy, false, 3), (&copy, true, 2)]
    {
        for call in (0..).step_by(step * stride()) {
            let home = TestHome::memory().checkpointed_after(1);
            // A killed one has committed and not published.
            let store = home.memory_store();
            let store = if is_killed { store.with_death_at("complete") } else { store.steady() };
            let rival = home.through(store);
            let (rival_source, rival_options) = (rival_source.clone(), options(&rival));
            let action = async move {
                let converted = rival.convert(&rival_source, &rival_options).await;
                if !is_killed {
                    converted.unwrap();
                    // Its next command drops what cannot be committed any more.
                    rival.open().await.unwrap();
                }
            };
            let ours = home.through(home.memory_store().letting_first(call, action.boxed()));
            let outcome = ours.convert(&source, &options(&ours)).await.unwrap();
            if ours.memory_store().struck().is_none() {
                break;
            }
            assert_eq!(home.event_ids().await, expected, "call {call}");
            assert_eq!(outcome.counts.files + outcome.counts.known_files, 2, "call {call}");
            home.ordered_hash().await;
            home.assert_tidy().await;
            points += 1;
            races += usize::from(outcome.counts.known_files > 0);
        }
    }
    assert_tried(points, 100);
    assert_tried(races, 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_at_the_same_time_add_every_event_once() {
    let (source, options) = three_partitions().await;
    let undisturbed = TestHome::memory();
    undisturbed.convert(&source, &options(&undisturbed)).await.unwrap();
    let expected = undisturbed.event_ids().await;
    for _ in 0..10 {
        let home = TestHome::memory().checkpointed_after(1);
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let writer = home.through(home.memory_store().steady());
                let (source, options) = (source.clone(), options(&writer));
                tokio::spawn(async move { writer.convert(&source, &options).await.unwrap() })
            })
            .collect();
        let mut rows = 0;
        for writer in writers {
            let outcome = writer.await.unwrap();
            assert_eq!(outcome.counts.files + outcome.counts.known_files, 2);
            rows += outcome.counts.totals.rows;
        }
        assert_eq!(rows, expected.len() as u64);
        assert_eq!(home.event_ids().await, expected);
        home.ordered_hash().await;
        home.assert_tidy().await;
    }
}

#[tokio::test]
async fn recovery_leaves_alone_what_another_run_is_preparing() {
    let home = TestHome::memory();
    let (source, options) = three_partitions().await;
    home.open().await.unwrap();
    // The version that the transaction wants is still free.
    let file = stage(home.store_staging(StoreOptions::default()), vec![7; 10]).await.unwrap();
    let single = Arc::new(home.store_staging(StoreOptions { single_writer: true }));
    for staging in [home.staging().unwrap(), single] {
        let (_, recovery) = home.open_with(staging).await.unwrap();
        assert_eq!(recovery, Recovery::default());
        assert_eq!(home.memory_store().open_uploads().len(), 1);
    }
    // Now it is taken.
    let dataset = home.open().await.unwrap();
    dataset.convert(&[source], &options(&home), &Arc::new(Progress::default())).await.unwrap();
    let recovery = dataset.recover().await.unwrap();
    assert_eq!(recovery, Recovery { published: 0, dropped: 1, delta_commits: 0 });
    assert!(home.staging().unwrap().publish(&[file]).await.is_err());
    home.assert_tidy().await;
}
