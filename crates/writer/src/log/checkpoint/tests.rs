//! Checkpoints say what the log says, and are done without when they do not.

use futures::FutureExt;
use object_store::ObjectStoreExt;
use proptest::prelude::*;

use super::*;
use crate::{
    convert::{
        ConvertOptions,
        lookup::{Candidates, LedgerStatus, look_up},
    },
    dataset::{Dataset, old_checkpoints::removable},
    log::{History, Snapshot, commit_log::Log, segment::SegmentWriter},
    storage::StoreOptions,
    testing::{
        Fault, TestHome, assert_tried, commit, data_file, entry, log_file, source, stride, trail,
    },
};

const SELECTION: &str = "event-source=all";

/// Makes this many commits of two inputs each, one of them damaged, and checkpoints as they are due.
async fn make_commits(home: &TestHome, commits: u64) {
    let dataset = home.open().await.unwrap();
    let mut log = dataset.log().await.unwrap();
    for version in log.next_version()..log.next_version() + commits {
        commit(&dataset, SELECTION, &[(2 * version, false), (2 * version + 1, true)]).await;
        dataset.catch_up(&mut log).await.unwrap();
        dataset.checkpoint_if_due(&mut log).await.unwrap();
    }
}

/// Asserts that exactly the inputs of this many commits are known.
async fn assert_knows(home: &TestHome, commits: u64) {
    let dataset = home.open().await.unwrap();
    let mut log = dataset.log().await.unwrap();
    let files: Vec<_> = (0..2 * commits + 4).map(log_file).collect();
    let mut candidates = Candidates::new(&files, SELECTION);
    look_up(&dataset.objects, &mut candidates, &mut log, SELECTION).await.unwrap();
    for (number, status) in (0..).zip(candidates.statuses()) {
        let known = match number % 2 {
            _ if number >= 2 * commits => LedgerStatus::New,
            0 => LedgerStatus::Converted,
            _ => LedgerStatus::Damaged,
        };
        assert_eq!(status.ledger, known, "{number}");
    }
}

async fn checkpoints(home: &TestHome) -> Vec<u64> {
    home.objects.versions(layout::CHECKPOINT, None).await.unwrap()
}

/// What a dataset looks like, read from its newest checkpoint and from its beginning.
async fn assert_same_without_checkpoints(home: &TestHome) {
    let mut log = Log::read(&home.objects).await.unwrap();
    let of = |log: &Log| {
        let files: Vec<DataFile> = log.files().values().cloned().collect();
        let files = files.into_iter().map(|file| DataFile { prepared: String::new(), ..file });
        let files: Vec<DataFile> = files.collect();
        (log.head_sha256.clone(), log.next_version(), files, log.summary())
    };
    let found = of(&log);
    while log.distrust(&home.objects).await.unwrap() {
        assert_eq!(of(&log), found);
    }
    assert_eq!(log.checkpoint_version(), None);
    assert_eq!(of(&log), found);
}

async fn replace(home: &TestHome, path: &str, bytes: Vec<u8>) {
    home.objects.store.put(&home.objects.at(path), bytes.into()).await.unwrap();
}

#[tokio::test]
async fn a_checkpoint_says_what_the_log_says() {
    for home in TestHome::all() {
        let home = home.checkpointed_after(2);
        for commits in 1..=9 {
            make_commits(&home, 1).await;
            assert_same_without_checkpoints(&home).await;
            assert_knows(&home, commits).await;
        }
        // The newest two stay, and their segments.
        assert_eq!(checkpoints(&home).await, [5, 7]);
        let mut named = BTreeSet::new();
        for version in [5, 7] {
            let manifest = Manifest::read(&home.objects, version).await.unwrap();
            named.extend(manifest.segments().into_iter().map(str::to_owned));
        }
        let left = home.paths(layout::SEGMENT).await;
        assert!(named.is_subset(&left));
        let mut others = left.difference(&named);
        assert!(others.all(|path| layout::segment_version(path) >= Some(5)), "{left:?}");
    }
}

#[tokio::test]
async fn conversions_write_checkpoints_and_go_on_from_them() {
    for home in TestHome::all() {
        let home = home.checkpointed_after(2);
        let list = source(trail("a", 1_000, 0).await, "a");
        let options = ConvertOptions { commit_bytes: 1, threads: 1, ..home.options() };
        let outcome = home.convert(&list, &options).await.unwrap();
        assert!(outcome.checkpoint_failure.is_none(), "{:?}", outcome.checkpoint_failure);
        assert_eq!((outcome.counts.commits.len(), checkpoints(&home).await), (5, vec![1, 3]));
        assert_same_without_checkpoints(&home).await;
        let history = History::read(&home.objects).await.unwrap();
        assert_eq!(
            (history.commits, history.log_files, history.totals),
            (5, 5, outcome.counts.totals)
        );
        assert!(history.first_commit_at.unwrap() <= history.last_commit_at.unwrap());
        let snapshot = home.snapshot().await;
        assert_eq!((snapshot.version, snapshot.rows()), (Some(4), 100));
        assert_eq!(snapshot.selections, ["event-source=ecs.amazonaws.com"]);
        home.ordered_hash().await;
        let again = home.convert(&list, &options).await.unwrap();
        assert_eq!((again.counts.files, again.counts.known_files), (0, 5));
        // One commit is not due, but another copy of the trail is.
        assert_eq!(checkpoints(&home).await, [1, 3]);
        let copy = source(trail("b", 400, 0).await, "b");
        assert_eq!(home.convert(&copy, &options).await.unwrap().counts.commits, [5, 6]);
        assert_eq!(checkpoints(&home).await, [3, 5]);
        assert_same_without_checkpoints(&home).await;
    }
}

#[tokio::test]
async fn a_dataset_without_checkpoints_gets_one_at_the_next_conversion() {
    for home in TestHome::all() {
        let home = home.checkpointed_after(usize::MAX);
        make_commits(&home, 7).await;
        assert!(checkpoints(&home).await.is_empty());
        assert_knows(&home, 7).await;
        let home = home.checkpointed_after(3);
        let nothing = source(trail("a", 0, 0).await, "a");
        home.convert(&nothing, &home.options()).await.unwrap();
        assert_eq!(checkpoints(&home).await, [6]);
        assert_same_without_checkpoints(&home).await;
        assert_knows(&home, 7).await;
    }
}

#[tokio::test]
async fn many_inputs_make_a_checkpoint_due_too() {
    let mut home = TestHome::memory().checkpointed_after(usize::MAX);
    home.checkpoints.inputs = 5;
    make_commits(&home, 7).await;
    assert_eq!(checkpoints(&home).await, [2, 5]);
}

#[tokio::test]
async fn whatever_of_a_checkpoint_is_damaged_or_gone_the_log_has_it() {
    let whole = TestHome::memory().checkpointed_after(2);
    make_commits(&whole, 8).await;
    let mut paths = whole.paths(layout::CHECKPOINT).await;
    paths.extend(whole.paths(layout::SEGMENT).await);
    assert!(paths.len() > 8, "{paths:?}");
    let files = whole.snapshot().await.files;
    for path in &paths {
        for damage in ["changed", "cut", "gone"] {
            let home = whole.another();
            for path in whole.paths("_ecstrail").await {
                replace(&home, &path, whole.read(&path).await.to_vec()).await;
            }
            let mut bytes = home.read(path).await.to_vec();
            let middle = bytes.len() / 2;
            match damage {
                "changed" => bytes[middle] ^= 1,
                "cut" => bytes.truncate(middle),
                _ => home.objects.store.delete(&home.objects.at(path)).await.unwrap(),
            }
            if damage != "gone" {
                replace(&home, path, bytes).await;
            }
            assert_eq!(home.snapshot().await.files.len(), files.len(), "{damage} {path}");
            assert_same_without_checkpoints(&home).await;
            assert_knows(&home, 8).await;
            // Later commits make a sound one.
            make_commits(&home, 3).await;
            assert_knows(&home, 11).await;
            let log = Log::read(&home.objects).await.unwrap();
            assert!(log.checkpoint_version() >= Some(9), "{damage} {path}");
        }
    }
}

#[tokio::test]
async fn a_checkpoint_of_a_newer_program_is_told() {
    let home = TestHome::memory();
    make_commits(&home, 2).await;
    let path = layout::checkpoint(1);
    let text = String::from_utf8(home.read(&path).await.to_vec()).unwrap();
    let newer = text.replace("\"format_version\":1", "\"format_version\":2");
    replace(&home, &path, newer.into()).await;
    let error = Snapshot::open(&home.objects).await.unwrap_err().to_string();
    assert!(
        error.contains(&format!("{path} has version 2, but this program supports only up to 1")),
        "{error}"
    );
}

#[tokio::test]
async fn a_checkpoint_ahead_of_the_log_does_not_count() {
    for home in TestHome::all() {
        let home = home.checkpointed_after(2);
        make_commits(&home, 6).await;
        // The log as it was before, restored from a copy.
        let gone = [layout::log_entry(5), layout::done_marker(5), layout::removed_marker(5)];
        home.staging().unwrap().remove(&gone).await.unwrap();
        let log = Log::read(&home.objects).await.unwrap();
        assert_eq!((log.next_version(), log.checkpoint_version()), (5, Some(3)));
        assert_eq!(home.snapshot().await.version, Some(4));
        // Another history.
        commit(&home.open().await.unwrap(), SELECTION, &[(50, false)]).await;
        assert_eq!(home.snapshot().await.version, Some(5));
        let log = Log::read(&home.objects).await.unwrap();
        assert_eq!(log.checkpoint_version(), Some(3));
    }
}

#[tokio::test]
async fn what_is_missing_after_a_checkpoint_is_told() {
    for home in TestHome::all() {
        let home = home.checkpointed_after(4);
        make_commits(&home, 7).await;
        let open = async || Snapshot::open(&home.objects).await;
        assert_eq!(open().await.unwrap().version, Some(6));
        let (second, third) = (layout::log_entry(5), layout::log_entry(6));
        let bytes = home.read(&second).await.to_vec();
        home.staging().unwrap().remove(std::slice::from_ref(&second)).await.unwrap();
        let error = open().await.unwrap_err().to_string();
        assert!(
            error.contains(&third) && error.contains("the entry before it is missing"),
            "{error}"
        );
        let text = String::from_utf8(bytes).unwrap().replace("a test", "no test");
        replace(&home, &second, text.into()).await;
        let error = open().await.unwrap_err().to_string();
        assert!(error.contains("its hash of the previous entry does not match"), "{error}");
    }
}

#[tokio::test]
async fn unpublished_commits_are_in_no_checkpoint() {
    for home in TestHome::all() {
        let home = home.checkpointed_after(1);
        let dataset = home.open().await.unwrap();
        let mut log = dataset.log().await.unwrap();
        let mut committed = entry(&log, SELECTION);
        committed.adds = vec![data_file(7)];
        let path = layout::log_entry(0);
        dataset.staging.create(&path, committed.to_bytes().unwrap()).await.unwrap();
        log.advance(&home.objects).await.unwrap();
        dataset.checkpoint_if_due(&mut log).await.unwrap();
        assert!(checkpoints(&home).await.is_empty());
        // The writer sees the files, queries do not.
        assert_eq!((log.next_version(), log.files().len()), (1, 1));
        let snapshot = home.snapshot().await;
        assert_eq!((snapshot.version, snapshot.files.len()), (None, 0));
        let history = History::read(&home.objects).await.unwrap();
        assert_eq!((history.commits, history.unpublished), (0, 1));
    }
}

#[tokio::test]
async fn a_fault_while_a_checkpoint_is_written_costs_nothing() {
    let mut points = 0;
    for fault in [Fault::Before, Fault::After] {
        for call in (0..).step_by(stride()) {
            let home = TestHome::memory().checkpointed_after(2);
            make_commits(&home, 6).await;
            let dataset = home.open().await.unwrap();
            for number in [100, 101] {
                commit(&dataset, SELECTION, &[(number, false)]).await;
            }
            let faulty = home.through(home.memory_store().with_fault(call, fault));
            let (objects, staging) = (faulty.objects.clone(), faulty.staging().unwrap());
            let mut log = dataset.log().await.unwrap();
            let disturbed = Dataset { objects, staging, ..dataset.clone() };
            let written = disturbed.checkpoint_if_due(&mut log).await;
            let struck = faulty.memory_store().struck();
            assert_same_without_checkpoints(&home).await;
            // The next commit tries again, from what the run has in memory.
            commit(&dataset, SELECTION, &[(102, false)]).await;
            dataset.catch_up(&mut log).await.unwrap();
            dataset.checkpoint_if_due(&mut log).await.unwrap();
            let newest = checkpoints(&home).await.pop();
            assert!(newest == Some(8) || newest == Some(7), "{newest:?} {struck:?} {call}");
            assert_same_without_checkpoints(&home).await;
            make_commits(&home, 3).await;
            assert_same_without_checkpoints(&home).await;
            assert!(checkpoints(&home).await.len() <= 2, "{struck:?} {call}");
            if struck.is_none() {
                written.unwrap();
                break;
            }
            points += 1;
        }
    }
    assert_tried(points, 20);
}

#[tokio::test]
async fn a_reader_whose_checkpoint_is_replaced_meanwhile_sees_one_moment() {
    let mut moments = BTreeSet::new();
    for call in 0.. {
        let home = TestHome::memory().checkpointed_after(2);
        make_commits(&home, 6).await;
        let rival = home.through(home.memory_store().steady());
        let action = async move { make_commits(&rival, 7).await };
        let reader = home.through(home.memory_store().letting_first(call, action.boxed()));
        let snapshot = reader.snapshot().await;
        let (version, added) = (snapshot.version.unwrap(), snapshot.version.unwrap() + 1);
        assert!((5..=12).contains(&version), "{version}");
        // One of three commits removes a file.
        assert_eq!(snapshot.files.len() as u64, added - added / 3, "call {call}");
        moments.insert(version);
        if reader.memory_store().struck().is_none() {
            break;
        }
    }
    assert!(moments.len() > 1, "{moments:?}");
}

#[tokio::test]
async fn a_writer_whose_checkpoint_is_replaced_meanwhile_goes_on_from_the_newest() {
    let home = TestHome::memory().checkpointed_after(2);
    make_commits(&home, 6).await;
    let dataset = home.open().await.unwrap();
    let mut log = dataset.log().await.unwrap();
    assert_eq!(log.checkpoint_version(), Some(5));
    make_commits(&home, 7).await;
    // The ledger that the log knows is gone.
    let files = [log_file(0), log_file(25), log_file(26)];
    let mut candidates = Candidates::new(&files, SELECTION);
    look_up(&dataset.objects, &mut candidates, &mut log, SELECTION).await.unwrap();
    let known: Vec<LedgerStatus> =
        candidates.statuses().iter().map(|status| status.ledger).collect();
    assert_eq!(known, [LedgerStatus::Converted, LedgerStatus::Damaged, LedgerStatus::New]);
    assert_eq!((log.checkpoint_version(), log.next_version()), (Some(11), 13));
}

#[tokio::test]
async fn two_writers_of_the_same_checkpoint_agree() {
    let home = TestHome::memory().checkpointed_after(usize::MAX);
    make_commits(&home, 6).await;
    let home = home.checkpointed_after(2);
    let (one, other) = (home.open().await.unwrap(), home.open().await.unwrap());
    let (mut log, mut other_log) = (one.log().await.unwrap(), other.log().await.unwrap());
    let (written, also) =
        tokio::join!(one.checkpoint_if_due(&mut log), other.checkpoint_if_due(&mut other_log));
    written.and(also).unwrap();
    assert_eq!(checkpoints(&home).await, [5]);
    assert_same_without_checkpoints(&home).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn lists_of_files_are_read_back_and_mostly_kept(
        numbers in proptest::collection::btree_set(0_u64..500, 0..60),
        added in 0_u64..500,
    ) {
        let home = TestHome::memory();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let staging = home.store_staging(StoreOptions::default());
            let list = |numbers: &BTreeSet<u64>| -> BTreeMap<String, DataFile> {
                let files = numbers.iter().map(|number| data_file(*number));
                files.map(|file| (file.path.clone(), DataFile { prepared: String::new(), ..file })).collect()
            };
            let mut writer = SegmentWriter::new(&staging, 1);
            let before = list(&numbers);
            let first = files::write(&mut writer, before.values(), &[], 4).await.unwrap();
            assert_eq!(files::read(&home.objects, &first).await.unwrap(), before);
            let mut numbers = numbers.clone();
            numbers.insert(added);
            let after = list(&numbers);
            let second = files::write(&mut writer, after.values(), &first, 4).await.unwrap();
            assert_eq!(files::read(&home.objects, &second).await.unwrap(), after);
            let new = second.iter().filter(|segment| !first.contains(segment)).count();
            // The segment that the file is in, cut in two perhaps, and one more if it was too long.
            assert!(new <= 3, "{new} of {} segments are new", second.len());
        });
    }
}

#[test]
fn what_can_be_removed() {
    let side = |path: &str| SideFile { path: path.to_owned(), lines: 1, sha256: String::new() };
    let manifest = |version, files: &[&str]| Manifest {
        version,
        head_sha256: String::new(),
        files: files.iter().map(|path| side(path)).collect(),
        ledger: Tiers::default(),
        summary: LogSummary::default(),
    };
    let segment = |version: u64| format!("_ecstrail/segment/{version:08}-0123456789abcdef-0.jsonl");
    let (one, two, three, four) = (segment(1), segment(2), segment(3), segment(4));
    let all = vec![
        one.clone(),
        two.clone(),
        three.clone(),
        four.clone(),
        "_ecstrail/segment/x".to_owned(),
    ];
    let kept = [manifest(3, &[&one]), manifest(4, &[&one, &four])];
    assert_eq!(
        removable(&[1, 2, 3, 4], &kept, all.clone()),
        [layout::checkpoint(1), layout::checkpoint(2), two.clone()]
    );
    // A single one may be followed by one that was begun before it.
    assert!(removable(&[4], &kept[1..], all.clone()).is_empty());
    assert!(removable(&[], &[], all).is_empty());
}

#[test]
fn manifests_as_stored() {
    let manifest = Manifest {
        version: 7,
        head_sha256: "ab".to_owned(),
        files: Vec::new(),
        ledger: Tiers::default(),
        summary: LogSummary::default(),
    };
    let bytes = manifest.to_bytes().unwrap();
    assert_eq!(Manifest::parse(7, &bytes).unwrap(), manifest);
    let text = String::from_utf8(bytes).unwrap();
    for (changed, message) in [
        (text.replace("\"ab\"", "\"ac\""), "its hash does not match its content"),
        (text.replace(r#""format_version":1"#, r#""format_version":2"#), "has version 2"),
        (text[..text.len() - 1].to_owned(), "EOF"),
    ] {
        let error = Manifest::parse(7, changed.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    assert!(
        Manifest::parse(8, text.as_bytes()).unwrap_err().to_string().contains("another version")
    );
}
